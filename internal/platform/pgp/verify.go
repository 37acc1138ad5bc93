package pgp

import (
	"bufio"
	"bytes"
	"context"
	"io"
	"time"

	"github.com/ProtonMail/go-crypto/openpgp/packet"

	"github.com/tocsin-sec/tocsin/internal/base/fault"
)

// VerifyDetached verifies an armored or binary detached signature over signed,
// which it reads as a stream. Bad signatures are not errors but verdicts; a
// signature that cannot be read is fault.Invalid (pgp.not_signature). Errors of
// signed and ctx come as they are.
func VerifyDetached(ctx context.Context, signed io.Reader, signature []byte, known []Key, now time.Time) (Verdict, error) {
	sigs, err := readSignatures(signature, known)
	if err != nil {
		return Verdict{}, err
	}
	buf := make([]byte, 32<<10)
	for {
		if err := ctx.Err(); err != nil {
			return Verdict{}, err
		}
		n, err := signed.Read(buf)
		for _, c := range sigs {
			c.write(buf[:n])
		}
		if err == io.EOF {
			break
		}
		if err != nil {
			return Verdict{}, err
		}
	}
	var out []Signature
	for _, c := range sigs {
		out = append(out, c.judge(now, nil))
	}
	return verdict(out), nil
}

func readSignatures(signature []byte, known []Key) ([]*candidate, error) {
	bad := func(err error) error { return fault.New(fault.Invalid, "pgp.not_signature").Because(err) }
	if len(signature) > maxSigBytes {
		return nil, bad(errLong)
	}
	body, err := dearmor(bufio.NewReader(bytes.NewReader(signature)), armorSignature)
	if err != nil {
		return nil, bad(err)
	}
	var sigs []*candidate
	for l := newLayer(body); ; {
		next, err := l.next()
		if err == io.EOF {
			break
		}
		sig, ok := next.(*packet.Signature)
		if err != nil && !isUnsupported(err) || !ok || len(sigs) == maxSignatures {
			return nil, bad(orPacket(err))
		}
		sigs = append(sigs, fromSignature(sig, err, known))
	}
	if len(sigs) == 0 {
		return nil, bad(io.ErrUnexpectedEOF)
	}
	return sigs, nil
}

// VerifyClearsigned verifies the first clearsigned text in text (RFC 9580
// section 7) and returns what was signed: dash escapes and white space at the
// ends of lines removed, LF line ends. Verdict.WholeBody is false when there is
// anything but white space before or after the block. It fails with
// fault.Invalid (pgp.not_clearsigned) when there is none or it is malformed, with
// fault.TooLarge (pgp.too_large) above 8 MiB.
func VerifyClearsigned(ctx context.Context, text []byte, known []Key, now time.Time) (signed []byte, v Verdict, err error) {
	if len(text) > maxClearText {
		return nil, Verdict{}, fault.New(fault.TooLarge, "pgp.too_large")
	}
	c, ok := splitClear(text)
	if !ok {
		return nil, Verdict{}, fault.New(fault.Invalid, "pgp.not_clearsigned")
	}
	v, err = VerifyDetached(ctx, bytes.NewReader(bytes.Join(c.lines, []byte("\r\n"))), c.signature, known, now)
	if err != nil {
		return nil, Verdict{}, err
	}
	v.WholeBody = v.WholeBody && !c.outside
	return bytes.Join(c.lines, []byte("\n")), v, nil
}

// cleartext is a clearsigned text taken apart.
type cleartext struct {
	lines     [][]byte
	signature []byte
	outside   bool
}

// splitClear takes the first clearsigned text apart. Only Hash headers may stand
// in front of the text (RFC 9580 section 7): anything else would be read as
// signed by people though it is not.
func splitClear(text []byte) (c cleartext, ok bool) {
	const beginText, beginSig, endSig = "-----BEGIN PGP SIGNED MESSAGE-----", "-----BEGIN PGP SIGNATURE-----", "-----END PGP SIGNATURE-----"
	state := "before"
	rest := text
	var sigStart int
	for len(rest) > 0 {
		at := len(text) - len(rest)
		var raw []byte
		raw, rest, _ = bytes.Cut(rest, []byte("\n"))
		line := bytes.TrimRight(raw, " \t\r")
		switch state {
		case "before":
			if string(line) == beginText {
				state = "headers"
			} else {
				c.outside = c.outside || len(bytes.TrimSpace(line)) > 0
			}
		case "headers":
			if len(line) == 0 {
				state = "text"
			} else if !bytes.HasPrefix(line, []byte("Hash:")) || len(line) > 200 {
				return cleartext{}, false
			}
		case "text":
			switch {
			case string(line) == beginSig:
				state, sigStart = "signature", at
			case bytes.HasPrefix(line, []byte("- ")):
				c.lines = append(c.lines, line[2:])
			case string(line) == "-": // "- " in front of an empty line
				c.lines = append(c.lines, nil)
			case bytes.HasPrefix(line, []byte("-----")):
				return cleartext{}, false
			default:
				c.lines = append(c.lines, line)
			}
		case "signature":
			if string(line) == endSig {
				state = "after"
				c.signature = text[sigStart : len(text)-len(rest)]
			}
		case "after":
			c.outside = c.outside || len(bytes.TrimSpace(line)) > 0
		}
	}
	return c, state == "after"
}
