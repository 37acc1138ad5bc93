package pgp

import (
	"bufio"
	"bytes"
	"encoding/base64"
	"errors"
	"io"
	"strings"
)

// The kinds of armor that are read (RFC 9580 section 6.2.1).
const (
	armorMessage   = "PGP MESSAGE"
	armorSignature = "PGP SIGNATURE"
	armorPublic    = "PGP PUBLIC KEY BLOCK"
	armorPrivate   = "PGP PRIVATE KEY BLOCK"
)

var errArmor = errors.New("malformed armor")

// maxArmorHeaders bounds the "Version:" and "Comment:" lines.
const maxArmorHeaders = 64

// openArmor looks for the next armor block in br and returns its kind and
// decoded body. The library's decoder is not used: its time is quadratic in the
// length of a header line. io.EOF means that there is no block.
func openArmor(br *bufio.Reader) (kind string, body io.Reader, err error) {
	for skipped := 0; ; {
		line, whole, err := armorLine(br)
		if err != nil {
			return "", nil, err
		}
		if skipped += len(line); skipped > maxPreface {
			return "", nil, errArmor
		}
		text := strings.TrimSpace(string(line))
		if whole && strings.HasPrefix(text, "-----BEGIN PGP ") && strings.HasSuffix(text, "-----") && len(text) < 80 {
			kind = text[len("-----BEGIN ") : len(text)-len("-----")]
			break
		}
	}
	a := &armored{br: br}
	for n := 0; ; n++ {
		line, whole, err := armorLine(br)
		if err != nil || n > maxArmorHeaders {
			return "", nil, errArmor
		}
		text := bytes.TrimSpace(line)
		if len(text) == 0 {
			break
		}
		if bytes.IndexByte(text, ':') < 0 || !whole {
			// No empty line after BEGIN: the data begins at once.
			a.line = append(a.line, text...)
			break
		}
	}
	return kind, base64.NewDecoder(base64.StdEncoding, a), nil
}

// armorLine returns the next line, at most a buffer of it: whole is false then.
func armorLine(br *bufio.Reader) (line []byte, whole bool, err error) {
	line, err = br.ReadSlice('\n')
	if err == bufio.ErrBufferFull {
		return line, false, nil
	}
	if len(line) > 0 {
		return line, true, nil
	}
	return nil, false, err
}

// armored gives the base64 text of a block up to its checksum or end. The
// checksum is not looked at (RFC 9580 section 6.1).
type armored struct {
	br   *bufio.Reader
	line []byte
	err  error
}

// Read implements io.Reader.
func (a *armored) Read(b []byte) (int, error) {
	for len(a.line) == 0 {
		if a.err != nil {
			return 0, a.err
		}
		line, whole, err := armorLine(a.br)
		text := bytes.TrimSpace(line)
		switch {
		case err != nil:
			a.err = io.ErrUnexpectedEOF
		case !whole:
			a.err = errArmor
		case len(text) == 5 && text[0] == '=', bytes.HasPrefix(text, []byte("-----END ")):
			a.err = io.EOF
		default:
			a.line = text // valid until the next line is read
		}
	}
	n := copy(b, a.line)
	a.line = a.line[n:]
	return n, nil
}

// dearmor returns the binary form of r: r itself when it is binary, else the
// body of the first block of the wanted kind.
func dearmor(br *bufio.Reader, want ...string) (io.Reader, error) {
	first, err := br.Peek(1)
	if err != nil {
		return nil, err
	}
	if first[0]&0x80 != 0 { // every packet begins so (RFC 9580 section 4.2)
		return br, nil
	}
	kind, body, err := openArmor(br)
	if err != nil {
		return nil, err
	}
	for _, w := range want {
		if kind == w {
			return body, nil
		}
	}
	return nil, errArmor
}
