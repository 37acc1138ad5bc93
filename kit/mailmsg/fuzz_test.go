package mailmsg

import (
	"bytes"
	"errors"
	"io"
	"strings"
	"testing"
	"time"
	"unicode/utf8"
)

// FuzzRead holds what Read promises for all bytes: no panic, no error but a
// LimitError, valid UTF-8, ranges within the input, the same result when the
// input comes byte by byte.
func FuzzRead(f *testing.F) {
	for _, seed := range []string{
		head + "\nhello\n",
		head + encrypted,
		head + "\n" + signedBlock,
		head + "Content-Type: multipart/alternative; boundary=b\n\n--b\n\nx\n--b\nContent-Type: text/html; charset=utf-8\n\n<p>x<a href='y'>z</a><script>\n--b--\n",
		head + "Content-Type: multipart/report; report-type=delivery-status; boundary=b\n\n--b\nContent-Type: message/delivery-status\n\nFinal-Recipient: rfc822;a@b\nAction: failed\n--b\nContent-Type: message/rfc822\n\nMessage-ID: <x@y>\n\n--b--\n",
		head + "Content-Type: text/plain; charset*0*=iso-8859-1''x; charset*1=y; name=\"a\\\"b\"\nContent-Transfer-Encoding: quoted-printable\n\n=C3=\n=A9 = \n=",
		head + "Content-Transfer-Encoding: base64\n\nYWJj=ZGVm!\n",
	} {
		f.Add([]byte(seed))
		f.Add([]byte(crlf(seed)))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		m, err := Read(bytes.NewReader(data), Limits{}, nil)
		if m == nil {
			t.Fatal("no message")
		}
		var le *LimitError
		if err != nil && !errors.As(err, &le) {
			t.Fatal(err)
		}
		for _, p := range m.Parts {
			if p.Role == 0 || !utf8.ValidString(p.Text) || !utf8.ValidString(p.Name) || strings.ContainsAny(p.Name, "/\\\r\n\x00") {
				t.Fatalf("part %+v", p)
			}
			if p.Entity.Start > p.Entity.End || p.Entity.End > int64(len(data)) || p.Body.Start > p.Body.End || p.Body.End > p.Entity.End {
				if err == nil {
					t.Fatalf("ranges %+v %+v of %d", p.Entity, p.Body, len(data))
				}
			}
		}
		for _, b := range m.PGP {
			if _, err := io.Copy(io.Discard, SignedBytes(bytes.NewReader(data), b.Signed)); err != nil {
				t.Fatal(err)
			}
		}
		if !utf8.ValidString(m.Subject) || strings.ContainsAny(m.Subject, "\r\n\x00") {
			t.Fatalf("subject %q", m.Subject)
		}
		slow, err2 := Read(oneByte{bytes.NewReader(data)}, Limits{}, func(p *Part, r io.Reader) error {
			_, err := io.Copy(io.Discard, r)
			return err
		})
		if (err == nil) != (err2 == nil) || shape(slow) != shape(m) || slow.Body() != m.Body() {
			t.Fatalf("byte by byte: %v %s\nat once: %v %s", err2, shape(slow), err, shape(m))
		}
	})
}

type oneByte struct{ r io.Reader }

func (o oneByte) Read(b []byte) (int, error) { return o.r.Read(b[:min(1, len(b))]) }

// FuzzDraft holds that no text in a draft makes a field that was not asked for,
// and that what is written can be read again.
func FuzzDraft(f *testing.F) {
	f.Add("subject", "name", "a@b.c", "text\n", "file.txt", "x")
	f.Add("a\r\nBcc: x", "\"", "a@b.c", "From \n.\n", "../ü", "\x00")
	f.Fuzz(func(t *testing.T, subject, name, addr, text, file, extra string) {
		d := Draft{From: Address{name, addr}, Subject: subject, Text: text, MessageID: "1@x.y",
			Extra: []Field{{"X-Extra", extra}}, Files: []File{{Name: file, Type: file, Body: strings.NewReader(text)}}}
		var b bytes.Buffer
		if err := d.Write(&b); err != nil {
			var de *DraftError
			if !errors.As(err, &de) || b.Len() > 0 {
				t.Fatal(err)
			}
			return
		}
		m, err := Read(&b, Limits{}, nil)
		if err != nil || len(m.Parts) != 3 || m.From[0].Addr != addr {
			t.Fatalf("%v %s %+v", err, shape(m), m.From)
		}
		allowed := " From Subject Message-ID X-Extra MIME-Version Content-Type "
		for _, field := range m.Header {
			if !strings.Contains(allowed, " "+field.Name+" ") {
				t.Fatalf("field %q", field.Name)
			}
		}
	})
}

// Hostile mails whose time would be quadratic or worse in a careless reader. The
// bound is generous: at this size quadratic work takes minutes.
func TestHostileMailsTakeLinearTime(t *testing.T) {
	const n = 4 << 20
	fill := func(s string) string { return strings.Repeat(s, n/len(s)) }
	many := "Content-Type: multipart/mixed; boundary=a\n\n"
	for i := range 15 {
		b := strings.Repeat("a", i+2)
		many += "--" + strings.Repeat("a", i+1) + "\nContent-Type: multipart/mixed; boundary=" + b + "\n\n"
	}
	for name, mail := range map[string]string{
		"lines that look like boundaries of 15 levels": head + many + fill("--aaaaaaaaaaaaaaaaaaaaaaa\n"),
		"one line without end":                         head + "\n" + fill("x"),
		"a line of hyphens":                            head + "\n" + fill("-"),
		"spaces in quoted-printable":                   head + "Content-Transfer-Encoding: quoted-printable\n\n" + fill(" "),
		"encoded words that do not end":                "From: a@b.c\nSubject: " + strings.Repeat("=?a?q?", 40000) + "\x01?=\n\nx\n",
		"addresses that are comments":                  "From: " + strings.Repeat("(", 100000) + "\nMessage-ID: <1@x>\n\nx\n",
		"parameters without end":                       head + "Content-Type: text/plain; " + strings.Repeat("a*0*=x;", 30000) + "\n\nx\n",
		"HTML tags that do not end":                    head + "Content-Type: text/html\n\n" + fill("<a href='"),
		"HTML comments that do not end":                head + "Content-Type: text/html\n\n" + fill("<!--"),
		"HTML scripts that do not end":                 head + "Content-Type: text/html\n\n" + fill("<script><style>"),
		"HTML quotations":                              head + "Content-Type: text/html\n\n" + fill("<blockquote>x"),
		"HTML links":                                   head + "Content-Type: text/html\n\n" + fill("<a href=x>") + fill("</a>"),
		"PGP blocks that do not end":                   head + "\n" + fill("-----BEGIN PGP MESSAGE-----\n"),
		"message ids":                                  head + "References: " + strings.Repeat("<a@b>", 40000) + "\n\nx\n",
	} {
		t.Run(name, func(t *testing.T) {
			start := time.Now()
			m, _ := Read(strings.NewReader(mail), Limits{}, nil)
			if d := time.Since(start); d > 10*time.Second {
				t.Errorf("took %s", d)
			} else if testing.Verbose() {
				t.Logf("%s, %d problems", d, len(m.Problems))
			}
			if len(m.Problems) > maxProblems {
				t.Errorf("%d problems", len(m.Problems))
			}
		})
	}
}

// BenchmarkRead reads a plain mail of 20 kB and one with a file of 5 MB.
func BenchmarkRead(b *testing.B) {
	for _, c := range []struct{ name, mail string }{
		{"text 20kB", crlf(head + "\n" + strings.Repeat("A line of the report, seventy characters or so, as people write.\n", 310))},
		{"base64 5MB", crlf(head + "Content-Type: application/zip\nContent-Transfer-Encoding: base64\n\n" + strings.Repeat(strings.Repeat("QUJD", 19)+"\n", 65000))},
	} {
		b.Run(c.name, func(b *testing.B) {
			b.SetBytes(int64(len(c.mail)))
			b.ReportAllocs()
			for b.Loop() {
				if _, err := Read(strings.NewReader(c.mail), Limits{}, nil); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
