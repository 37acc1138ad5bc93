package mailmsg

import (
	"crypto/rand"
	"encoding/base64"
	"io"
	"mime"
	"mime/quotedprintable"
	"strings"
)

// writer writes and keeps the first error.
type writer struct {
	w   io.Writer
	err error
	// strict makes text quoted-printable always, since signed lines must survive
	// every mail server (RFC 3156 section 3).
	strict bool
}

// Write implements io.Writer.
func (o *writer) Write(b []byte) (int, error) {
	if o.err != nil {
		return 0, o.err
	}
	n, err := o.w.Write(b)
	o.err = err
	return n, err
}

func (o *writer) print(s string) { io.WriteString(o, s) }

func (o *writer) newBoundary() string { return "=_" + rand.Text() }

func (o *writer) fields(fields []Field) {
	for _, f := range fields {
		o.field(f.Name, f.Value)
	}
}

// field writes one field, folded at spaces so that lines stay below 78
// characters where words allow it (RFC 5322 section 2.1.1). Line breaks cannot
// be in value: fields and parameters were checked, here they would become spaces.
func (o *writer) field(name, value string) {
	value = strings.Map(func(r rune) rune {
		if r == '\r' || r == '\n' || r == 0 {
			return ' '
		}
		return r
	}, value)
	var b strings.Builder
	b.WriteString(name + ":")
	length := len(name) + 1
	for i, w := range strings.Split(value, " ") {
		if i > 0 && w != "" && length+1+len(w) > 76 {
			b.WriteString("\r\n")
			length = 0
		}
		b.WriteString(" " + w)
		length += 1 + len(w)
	}
	b.WriteString("\r\n")
	o.print(b.String())
}

// text writes a text/plain part. more is appended to its Content-Type.
func (o *writer) text(s, more string) {
	s = strings.ReplaceAll(strings.ToValidUTF8(s, "\uFFFD"), "\r\n", "\n")
	s = strings.ReplaceAll(strings.ReplaceAll(s, "\r", "\n"), "\x00", "")
	o.field("Content-Type", "text/plain; charset=utf-8"+more)
	if !o.strict && isMailSafe(s) {
		o.print("Content-Transfer-Encoding: 7bit\r\n\r\n")
		o.print(strings.ReplaceAll(s, "\n", "\r\n"))
	} else {
		o.print("Content-Transfer-Encoding: quoted-printable\r\n\r\n")
		qp := quotedprintable.NewWriter(&fromGuard{w: o, start: true})
		io.WriteString(qp, strings.ReplaceAll(s, "\n", "\r\n"))
		qp.Close()
	}
	if !strings.HasSuffix(s, "\n") {
		o.print("\r\n")
	}
}

// isMailSafe reports whether text survives mail servers as it is.
func isMailSafe(s string) bool {
	for line := range strings.SplitSeq(s, "\n") {
		if len(line) > 78 || strings.HasPrefix(line, "From ") || strings.HasSuffix(line, " ") || strings.HasSuffix(line, "\t") {
			return false
		}
		for i := range len(line) {
			if c := line[i]; c > '~' || c < ' ' && c != '\t' {
				return false
			}
		}
	}
	return true
}

// fromGuard writes "From " at a line's start as "=46rom ", which old mail
// programs would change (RFC 3156 section 3).
type fromGuard struct {
	w     io.Writer
	start bool
}

// Write implements io.Writer. The quoted-printable writer hands over whole lines
// or their beginnings.
func (g *fromGuard) Write(b []byte) (int, error) {
	n := len(b)
	for len(b) > 0 {
		if g.start && len(b) >= 5 && string(b[:5]) == "From " {
			if _, err := io.WriteString(g.w, "=46"); err != nil {
				return 0, err
			}
			b = b[1:]
		}
		end := len(b)
		for i, c := range b {
			if c == '\n' {
				end = i + 1
				break
			}
		}
		if _, err := g.w.Write(b[:end]); err != nil {
			return 0, err
		}
		g.start = b[end-1] == '\n'
		b = b[end:]
	}
	return n, nil
}

// file writes an attachment in base64.
func (o *writer) file(f File) {
	kind := strings.ToLower(strings.TrimSpace(f.Type))
	main, sub, ok := strings.Cut(kind, "/")
	if !ok || !isToken(main) || !isToken(sub) || main == "message" || main == "multipart" {
		kind = "application/octet-stream" // message/* must not be in base64 (RFC 2046 section 5.2.1)
	}
	name := safeName(strings.ToValidUTF8(f.Name, "_"))
	if name == "" {
		name = "attachment"
	}
	o.field("Content-Type", fold(mime.FormatMediaType(kind, map[string]string{"name": name}), kind))
	o.field("Content-Disposition", fold(mime.FormatMediaType("attachment", map[string]string{"filename": name}), "attachment"))
	o.print("Content-Transfer-Encoding: base64\r\n\r\n")
	lines := &lineWriter{w: o}
	enc := base64.NewEncoder(base64.StdEncoding, lines)
	if f.Body != nil && o.err == nil {
		if _, err := io.Copy(enc, f.Body); err != nil && o.err == nil {
			o.err = err
		}
	}
	enc.Close()
	if lines.n > 0 {
		o.print("\r\n")
	}
}

// fold returns formatted, or instead when formatting failed.
func fold(formatted, instead string) string {
	if formatted == "" {
		return instead
	}
	return formatted
}

func isToken(s string) bool {
	return s != "" && len(s) < 80 && strings.Trim(s, "abcdefghijklmnopqrstuvwxyz0123456789.+-_") == ""
}

// lineWriter breaks base64 into lines of 76 characters.
type lineWriter struct {
	w io.Writer
	n int
}

// Write implements io.Writer.
func (l *lineWriter) Write(b []byte) (int, error) {
	total := len(b)
	for len(b) > 0 {
		if l.n == 76 {
			if _, err := io.WriteString(l.w, "\r\n"); err != nil {
				return 0, err
			}
			l.n = 0
		}
		m := min(len(b), 76-l.n)
		if _, err := l.w.Write(b[:m]); err != nil {
			return 0, err
		}
		l.n += m
		b = b[m:]
	}
	return total, nil
}

// crlfWriter turns the LF of armor into CRLF.
type crlfWriter struct {
	w    io.Writer
	last byte
}

// Write implements io.Writer.
func (c *crlfWriter) Write(b []byte) (int, error) {
	buf := make([]byte, 0, len(b)+len(b)/32+2)
	for _, x := range b {
		if x == '\n' && c.last != '\r' {
			buf = append(buf, '\r')
		}
		buf = append(buf, x)
		c.last = x
	}
	if _, err := c.w.Write(buf); err != nil {
		return 0, err
	}
	return len(b), nil
}

// collector collects bytes.
type collector []byte

// Write implements io.Writer.
func (s *collector) Write(b []byte) (int, error) {
	*s = append(*s, b...)
	return len(b), nil
}
