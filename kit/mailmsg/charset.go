package mailmsg

import (
	"bytes"
	"io"
	"mime"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/htmlindex"
	"golang.org/x/text/encoding/ianaindex"
	"golang.org/x/text/encoding/unicode"
)

// maxWords bounds the text in which encoded words are looked for: the standard
// decoder is quadratic on words that do not end.
const maxWords = 16 << 10

// lookup returns the encoding of that name, nil when there is none.
func lookup(name string) encoding.Encoding {
	switch name {
	case "utf-16", "utf16":
		return unicode.UTF16(unicode.BigEndian, unicode.UseBOM)
	case "utf-7", "unicode-1-1-utf-7":
		return nil
	}
	if e, err := htmlindex.Get(name); err == nil && e != encoding.Replacement {
		return e
	}
	if e, err := ianaindex.MIME.Encoding(name); err == nil && e != nil {
		return e
	}
	return nil
}

// toUTF8 reads raw in the declared charset. used is the one it was read in and
// problem a code when that is not what was declared or bytes did not fit.
func toUTF8(raw []byte, declared string) (text, used, problem string) {
	name := strings.ToLower(strings.TrimSpace(declared))
	switch name {
	case "", "us-ascii", "ascii", "ansi_x3.4-1968":
		if isASCII(raw) {
			return string(raw), "us-ascii", ""
		}
		text, used = guess(raw)
		return text, used, ProblemCharsetWrong
	case "utf-8", "utf8":
		if utf8.Valid(raw) {
			return string(raw), "utf-8", ""
		}
		return strings.ToValidUTF8(string(raw), "\uFFFD"), "utf-8", ProblemCharsetWrong
	}
	e := lookup(name)
	if e == nil {
		text, used = guess(raw)
		return text, used, ProblemCharsetUnknown
	}
	out, err := e.NewDecoder().Bytes(raw)
	if err != nil || bytes.Contains(out, []byte("\uFFFD")) {
		problem = ProblemCharsetWrong
	}
	return string(out), name, problem
}

// guess reads bytes of an unknown charset: UTF-8 when they are that, else
// Windows-1252, in which every byte is something.
func guess(raw []byte) (text, used string) {
	if utf8.Valid(raw) {
		return string(raw), "utf-8"
	}
	out, _ := charmap.Windows1252.NewDecoder().Bytes(raw)
	return string(out), "windows-1252"
}

func isASCII(b []byte) bool {
	for _, c := range b {
		if c >= 0x80 {
			return false
		}
	}
	return true
}

func wordDecoder() *mime.WordDecoder {
	return &mime.WordDecoder{CharsetReader: func(name string, r io.Reader) (io.Reader, error) {
		raw, err := io.ReadAll(io.LimitReader(r, maxWords))
		if err != nil {
			return nil, err
		}
		text, _, _ := toUTF8(raw, name)
		return strings.NewReader(text), nil
	}}
}

// decodeWords decodes RFC 2047 words and raw 8-bit text into one clean line.
func decodeWords(raw string) string {
	s, _ := cleanLine(rawWords(raw))
	return s
}

func rawWords(raw string) string {
	if len(raw) > maxWords {
		raw = raw[:maxWords]
	}
	if !utf8.ValidString(raw) {
		raw, _ = guess([]byte(raw))
	}
	if out, err := wordDecoder().DecodeHeader(raw); err == nil {
		return out
	}
	return raw
}

// cleanLine makes one line of s: control characters become spaces, bidi
// overrides and other invisible directions go. changed tells that something was
// taken away that could have deceived.
func cleanLine(s string) (out string, changed bool) {
	var b strings.Builder
	for _, r := range s {
		switch {
		case r == '\t' || r == '\n' || r == '\r':
			b.WriteByte(' ')
		case r < ' ' || r == 0x7f || r >= 0x80 && r < 0xa0 || isBidi(r):
			changed = true
		default:
			b.WriteRune(r)
		}
	}
	return strings.TrimSpace(b.String()), changed
}

// isBidi reports the characters that change the direction of text and the
// zero-width ones that hide in names (Unicode TR 36 section 2.5).
func isBidi(r rune) bool {
	return r >= 0x202a && r <= 0x202e || r >= 0x2066 && r <= 0x2069 || r == 0x200e || r == 0x200f || r == 0x061c || r == 0xfeff || r == 0x2028 || r == 0x2029
}

// cleanText gives text LF line ends and drops control characters other than
// line feed and tab.
func cleanText(s string) string {
	s = strings.ReplaceAll(s, "\r\n", "\n")
	return strings.Map(func(r rune) rune {
		switch {
		case r == '\r':
			return '\n'
		case r == '\n' || r == '\t':
			return r
		case r < ' ' || r == 0x7f || r >= 0x80 && r < 0xa0:
			return -1
		}
		return r
	}, s)
}

// cutRune drops the bytes of a rune that a limit has cut in two.
func cutRune(b []byte) []byte {
	for i := 1; i <= 3 && i <= len(b); i++ {
		if c := b[len(b)-i]; utf8.RuneStart(c) {
			if c >= 0xc0 && !utf8.FullRune(b[len(b)-i:]) {
				return b[:len(b)-i]
			}
			break
		}
	}
	return b
}
