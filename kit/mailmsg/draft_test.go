package mailmsg

import (
	"bytes"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"net/mail"
	"strings"
	"testing"
	"time"
)

func write(t *testing.T, d Draft) string {
	t.Helper()
	var b bytes.Buffer
	if err := d.Write(&b); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func draft() Draft {
	return Draft{From: Address{"Security Team", "security@example.net"}, To: []Address{{"Ann Ö", "ann@example.org"}}, Subject: "Re: käse",
		Date: time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC), Text: "Hello\nünd\n", MessageID: "1@example.net"}
}

func TestWhatWeWriteWeReadAgain(t *testing.T) {
	d := draft()
	d.InReplyTo, d.References = "<0@example.org>", []string{"a@b", "<0@example.org>"}
	d.AutoSubmitted, d.Extra = "auto-replied", []Field{{"List-Id", "<dev.example.org>"}}
	d.Cc, d.ReplyTo = []Address{{"", "c@example.org"}}, []Address{{"", "security+tag@example.net"}}
	data := bytes.Repeat([]byte{0, 255, '\n'}, 1000)
	d.Files = []File{{"poc ü.zip", "application/zip", bytes.NewReader(data)}, {"fwd.eml", "message/rfc822", strings.NewReader("From: x\n")}, {"", "", strings.NewReader("")}}
	raw := write(t, d)
	var files [][]byte
	m, err := Read(strings.NewReader(raw), Limits{}, func(p *Part, r io.Reader) error {
		b, err := io.ReadAll(r)
		if p.Role == Attachment {
			files = append(files, b)
		}
		return err
	})
	if err != nil || len(m.Problems) > 0 {
		t.Fatalf("%v %v\n%s", err, m.Problems, raw)
	}
	if m.Body() != "Hello\nünd" || m.Subject != d.Subject || m.To[0] != d.To[0] || m.From[0] != d.From || !m.Date.Equal(d.Date) || m.MessageID != d.MessageID ||
		fmt.Sprint(m.References, m.InReplyTo) != "[a@b 0@example.org] [0@example.org]" || m.Automatic() != "auto-submitted" || m.ListID != "dev.example.org" {
		t.Errorf("%+v", m)
	}
	if f := m.Files(); len(f) != 3 || f[0].Name != "poc ü.zip" || f[1].Type != "application/octet-stream" || f[2].Name != "attachment" || !bytes.Equal(files[0], data) {
		t.Errorf("files %v", shape(m))
	}
	if i := strings.Index(strings.ReplaceAll(raw, "\r\n", ""), "\n"); i >= 0 || strings.Contains(strings.ReplaceAll(raw, "\r\n", ""), "\r") {
		t.Errorf("a bare line break in\n%q", raw)
	}
	for line := range strings.SplitSeq(raw, "\r\n") {
		if len(line) > 78 {
			t.Errorf("a long line %q", line)
		}
	}
	if _, err := mail.ReadMessage(strings.NewReader(raw)); err != nil {
		t.Errorf("the standard library does not read it: %v", err)
	}
}

func TestHeaderInjectionIsImpossible(t *testing.T) {
	evil := "x\r\nBcc: all@example.org"
	for _, c := range []struct {
		name   string
		change func(d *Draft)
		field  string // "" when it is written harmlessly
	}{
		{"line breaks in a subject become spaces", func(d *Draft) { d.Subject = evil }, ""},
		{"a NUL in a subject goes", func(d *Draft) { d.Subject = "a\x00b" }, ""},
		{"invalid UTF-8 in a subject is replaced", func(d *Draft) { d.Subject = "a\xffb" }, ""},
		{"line breaks in a name become spaces", func(d *Draft) { d.To[0].Name = evil }, ""},
		{"line breaks in an address are refused", func(d *Draft) { d.To[0].Addr = "a@b.c\r\nBcc: all@example.org" }, "To"},
		{"two addresses in one are refused", func(d *Draft) { d.To[0].Addr = "a@b.c, d@e.f" }, "To"},
		{"an address that is not ASCII is refused", func(d *Draft) { d.To[0].Addr = "ü@example.org" }, "To"},
		{"line breaks in a message id are refused", func(d *Draft) { d.MessageID = "1@x\r\nBcc: a" }, "Message-ID"},
		{"no message id is refused", func(d *Draft) { d.MessageID = "" }, "Message-ID"},
		{"line breaks in a reference are refused", func(d *Draft) { d.References = []string{"1@x>\r\nBcc: <a"} }, "References"},
		{"line breaks in Auto-Submitted are refused", func(d *Draft) { d.AutoSubmitted = evil }, "Auto-Submitted"},
		{"line breaks in a further field are refused", func(d *Draft) { d.Extra = []Field{{"X-A", evil}} }, "X-A"},
		{"a further field must not be one of ours", func(d *Draft) { d.Extra = []Field{{"Bcc", "a@b.c"}} }, "Bcc"},
		{"a further field must not be a MIME field", func(d *Draft) { d.Extra = []Field{{"Content-Type", "text/html"}} }, "Content-Type"},
		{"a field name with a colon is refused", func(d *Draft) { d.Extra = []Field{{"X: y\r\nZ", "a"}} }, "X: y\r\nZ"},
		{"line breaks in a file name go", func(d *Draft) { d.Files = []File{{Name: evil, Body: strings.NewReader("x")}} }, ""},
		{"line breaks in a file type are not written", func(d *Draft) { d.Files = []File{{Name: "a", Type: "text/" + evil, Body: strings.NewReader("x")}} }, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			d := draft()
			c.change(&d)
			var b bytes.Buffer
			err := d.Write(&b)
			var de *DraftError
			if errors.As(err, &de) != (c.field != "") || c.field != "" && (de.Field != c.field || b.Len() > 0) {
				t.Fatalf("error %v, %d bytes", err, b.Len())
			}
			if c.field != "" {
				return
			}
			m := read(t, b.String())
			for _, p := range m.Parts {
				if p.Header.Has("Bcc") {
					t.Errorf("a field was injected:\n%s", b.String())
				}
			}
			if strings.Contains(b.String(), "\x00") {
				t.Error("a NUL was written")
			}
		})
	}
}

// rot is an Encrypter and Signer for tests: it shows what it was given.
type rot struct{ w io.Writer }

func (rot) Micalg() string { return "pgp-sha512" }
func (rot) EncryptTo(w io.Writer) (io.WriteCloser, error) {
	io.WriteString(w, "-----BEGIN PGP MESSAGE-----\n\n")
	return rot{w}, nil
}
func (rot) SignTo(w io.Writer) (io.WriteCloser, error) { return &signRot{w: w}, nil }
func (r rot) Write(b []byte) (int, error) {
	_, err := fmt.Fprintf(r.w, "%x\n", b)
	return len(b), err
}
func (r rot) Close() error { _, err := io.WriteString(r.w, "-----END PGP MESSAGE-----\n"); return err }

type signRot struct {
	w io.Writer
	b bytes.Buffer
}

func (s *signRot) Write(b []byte) (int, error) { return s.b.Write(b) }
func (s *signRot) Close() error {
	_, err := fmt.Fprintf(s.w, "%x\n", sha256.Sum256(s.b.Bytes()))
	return err
}

func TestEncryptedDraftsHideTheSubject(t *testing.T) {
	d := draft()
	d.Encrypt = rot{}
	raw := write(t, d)
	m := read(t, raw)
	if m.Subject != "..." || len(m.PGP) != 1 || m.PGP[0].Kind != MIMEEncrypted || !m.PGP[0].Whole || len(m.Problems) > 0 {
		t.Errorf("%q %+v %v", m.Subject, m.PGP, m.Problems)
	}
	if strings.Contains(raw, "Hello") || strings.Contains(raw, "=?utf-8?q?Re") {
		t.Errorf("content is readable:\n%s", raw)
	}
	d.Sign = rot{}
	if err := d.Write(io.Discard); err == nil {
		t.Error("Sign with Encrypt was taken")
	}
}

func TestSignedDraftsSignExactlyTheFirstPart(t *testing.T) {
	d := draft()
	d.Text, d.Sign = "From me  \n-- \nü\n", rot{}
	d.Files = []File{{"a", "", strings.NewReader("x")}}
	raw := write(t, d)
	m := read(t, raw)
	if len(m.PGP) != 1 || !m.PGP[0].Whole || len(m.Problems) > 0 {
		t.Fatalf("%+v %v", m.PGP, m.Problems)
	}
	signed, err := io.ReadAll(SignedBytes(strings.NewReader(raw), m.PGP[0].Signed))
	if err != nil || fmt.Sprintf("%x", sha256.Sum256(signed)) != strings.TrimSpace(m.PGP[0].Signature) {
		t.Errorf("signed\n%q\nof\n%q", signed, raw)
	}
	if got, _ := m.Protected.Raw("Subject"); !strings.HasPrefix(got, "=?utf-8?q?") {
		t.Errorf("protected header %v", m.Protected)
	}
	for line := range strings.SplitSeq(string(signed), "\r\n") {
		if strings.HasPrefix(line, "From ") || strings.HasSuffix(line, " ") {
			t.Errorf("a mail server may change %q", line)
		}
	}
	if m.Body() != "From me  \n-- \nü" {
		t.Errorf("body %q", m.Body())
	}
}
