package pgp

import (
	"bufio"
	"bytes"
	"crypto"
	"fmt"
	"io"
	"slices"

	"github.com/ProtonMail/go-crypto/openpgp/armor"
	"github.com/ProtonMail/go-crypto/openpgp/packet"

	"github.com/tocsin-sec/tocsin/internal/base/fault"
)

// JoinSignatures puts the packets of several detached signatures, armored or binary,
// into one armored block: GnuPG and the CSAF tools verify every one of them. It fails
// with fault.Invalid (pgp.not_signature) for what is none, and above eight signatures,
// which no reader here takes.
func JoinSignatures(parts ...[]byte) ([]byte, error) {
	if len(parts) == 0 {
		return nil, fault.New(fault.Invalid, "pgp.not_signature")
	}
	var packets bytes.Buffer
	n := 0
	for _, p := range parts {
		body, sigs, err := detachedPackets(p)
		if err != nil {
			return nil, err
		}
		n += len(sigs)
		packets.Write(body)
	}
	if n > maxSignatures {
		return nil, fault.New(fault.Invalid, "pgp.not_signature").Because(errLong)
	}
	var out bytes.Buffer
	w, err := armor.Encode(&out, armorSignature, nil)
	if err != nil {
		return nil, err
	}
	if _, err := w.Write(packets.Bytes()); err != nil {
		return nil, err
	}
	if err := w.Close(); err != nil {
		return nil, err
	}
	out.WriteByte('\n')
	return out.Bytes(), nil
}

// detachedPackets returns the binary form of a detached signature and its packets.
func detachedPackets(signature []byte) ([]byte, []*packet.Signature, error) {
	bad := func(err error) error { return fault.New(fault.Invalid, "pgp.not_signature").Because(err) }
	if len(signature) > maxSigBytes {
		return nil, nil, bad(errLong)
	}
	r, err := dearmor(bufio.NewReader(bytes.NewReader(signature)), armorSignature)
	if err != nil {
		return nil, nil, bad(err)
	}
	body, err := io.ReadAll(io.LimitReader(r, maxSigBytes))
	if err != nil {
		return nil, nil, bad(err)
	}
	var sigs []*packet.Signature
	for packets := packet.NewReader(bytes.NewReader(body)); ; {
		p, err := packets.Next()
		if err == io.EOF {
			break
		}
		sig, ok := p.(*packet.Signature)
		if err != nil || !ok {
			return nil, nil, bad(orPacket(err))
		}
		sigs = append(sigs, sig)
	}
	if len(sigs) == 0 {
		return nil, nil, bad(io.ErrUnexpectedEOF)
	}
	return body, sigs, nil
}

// hashName is the name of a hash in the header of a clearsigned text (RFC 9580
// section 9.5).
func hashName(h crypto.Hash) string {
	switch h {
	case crypto.SHA224:
		return "SHA224"
	case crypto.SHA256:
		return "SHA256"
	case crypto.SHA384:
		return "SHA384"
	default:
		return "SHA512"
	}
}

// ClearsignWith is Clearsign with a signature that somebody else makes: sign gets the
// text with CRLF line ends and returns a detached signature over these bytes.
func ClearsignWith(text []byte, sign func([]byte) ([]byte, error)) ([]byte, error) {
	text = bytes.TrimSuffix(bytes.ReplaceAll(text, []byte("\r\n"), []byte("\n")), []byte("\n"))
	lines := bytes.Split(text, []byte("\n"))
	var body []byte
	for i, line := range lines {
		lines[i] = bytes.TrimRight(line, " \t\r")
		if bytes.HasPrefix(line, []byte("-")) || bytes.HasPrefix(line, []byte("From ")) {
			body = append(body, "- "...)
		}
		body = append(append(body, lines[i]...), '\n')
	}
	signature, err := sign(bytes.Join(lines, []byte("\r\n")))
	if err != nil {
		return nil, err
	}
	_, sigs, err := detachedPackets(signature)
	if err != nil {
		return nil, err
	}
	var names []string
	for _, s := range sigs {
		if n := hashName(s.Hash); !slices.Contains(names, n) {
			names = append(names, n)
		}
	}
	out := []byte("-----BEGIN PGP SIGNED MESSAGE-----\n")
	for _, n := range names {
		out = fmt.Appendf(out, "Hash: %s\n", n)
	}
	out = append(append(out, '\n'), body...)
	return append(out, signature...), nil
}
