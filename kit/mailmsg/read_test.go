package mailmsg

import (
	"bytes"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"
)

// crlf turns the LF of a test's mail into CRLF.
func crlf(s string) string {
	return strings.ReplaceAll(strings.TrimPrefix(s, "\n"), "\n", "\r\n")
}

func read(t *testing.T, mail string) *Message {
	t.Helper()
	m, err := Read(strings.NewReader(mail), Limits{}, nil)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func (m *Message) has(code string) bool {
	for _, p := range m.Problems {
		if p.Code == code {
			return true
		}
	}
	return false
}

const head = "From: Ann <ann@example.org>\nTo: sec@example.net\nSubject: s\nMessage-ID: <1@example.org>\n"

func TestBodyOfOnePart(t *testing.T) {
	for _, c := range []struct{ name, header, body, want, problem string }{
		{"plain text is read as it is", "", "one\ntwo\n", "one\ntwo", ""},
		{"quoted-printable is decoded", "Content-Transfer-Encoding: quoted-printable\nContent-Type: text/plain; charset=utf-8\n", "caf=C3=A9 =\nau lait  \nx=3D1\n", "café au lait\nx=1", ""},
		{"a malformed escape of quoted-printable stands and is noted", "Content-Transfer-Encoding: quoted-printable\n", "a =zz b =4\n", "a =zz b =4", ProblemEncodingDamaged},
		{"base64 is decoded", "Content-Transfer-Encoding: base64\n", "aGVs\nbG8=\n", "hello", ""},
		{"foreign characters in base64 are skipped and noted", "Content-Transfer-Encoding: base64\n", "aG!Vs*bG8=\n", "hello", ProblemEncodingDamaged},
		{"base64 after padding is a further run", "Content-Transfer-Encoding: base64\n", "aGVsbG8=\nIHdvcmxk\n", "hello world", ""},
		{"an unknown transfer encoding is read as it is", "Content-Transfer-Encoding: x-uuencode\n", "hello\n", "hello", ProblemEncodingUnknown},
		{"latin-1 is converted", "Content-Type: text/plain; charset=iso-8859-1\n", "caf\xe9\n", "café", ""},
		{"an unknown charset falls back to UTF-8", "Content-Type: text/plain; charset=klingon\n", "café\n", "café", ProblemCharsetUnknown},
		{"bytes that are not UTF-8 fall back to Windows-1252", "Content-Type: text/plain; charset=klingon\n", "caf\xe9\n", "café", ProblemCharsetUnknown},
		{"8-bit text declared as ASCII is guessed and noted", "Content-Type: text/plain; charset=us-ascii\n", "café\n", "café", ProblemCharsetWrong},
		{"broken UTF-8 shows replacement characters", "Content-Type: text/plain; charset=utf-8\n", "a\xffb\n", "a\uFFFDb", ProblemCharsetWrong},
		{"GB18030 is converted", "Content-Type: text/plain; charset=gb18030\n", "\xc4\xe3\xba\xc3\n", "你好", ""},
		{"ISO-2022-JP is converted", "Content-Type: text/plain; charset=iso-2022-jp\n", "\x1b$B$3\x1b(B\n", "こ", ""},
		{"UTF-7 is not decoded, as no browser does", "Content-Type: text/plain; charset=utf-7\n", "+ADw-script+AD4-\n", "+ADw-script+AD4-", ProblemCharsetUnknown},
		{"control characters do not reach the reader", "", "a\x1b[31mb\x00c\n", "a[31mbc", ""},
		{"HTML is rendered as text", "Content-Type: text/html; charset=utf-8\n", "<p>Hello <b>you</b><script>alert(1)</script></p><p>2 &lt; 3</p>\n", "Hello you\n\n2 < 3", ""},
		{"a multipart without boundary is read as text", "Content-Type: multipart/mixed\n", "hello\n", "hello", ProblemBoundary},
		{"an unreadable content type is a file", "Content-Type: text\n", "hello\n", "", ProblemTypeSyntax},
	} {
		t.Run(c.name, func(t *testing.T) {
			m := read(t, crlf(head+c.header+"\n"+c.body))
			if got := strings.TrimRight(m.Body(), "\n"); got != c.want {
				t.Errorf("body %q, want %q", got, c.want)
			}
			if c.problem != "" && !m.has(c.problem) || c.problem == "" && len(m.Problems) > 0 {
				t.Errorf("problems %v, want %q", m.Problems, c.problem)
			}
		})
	}
}

func TestHeaderFields(t *testing.T) {
	for _, c := range []struct {
		name, mail string
		check      func(m *Message) bool
		problem    string
	}{
		{"an encoded word is decoded", "From: =?utf-8?q?J=C3=B6rg?= <j@example.org>\nMessage-ID: <1@x>\nSubject: =?iso-8859-1?q?caf=e9?= =?utf-8?b?IMO8?=\n\nx\n",
			func(m *Message) bool { return m.From[0].Name == "Jörg" && m.Subject == "café ü" }, ""},
		{"a folded subject is one line", "From: a@b.c\nMessage-ID: <1@x>\nSubject: one\n two\n\tthree\n\nx\n",
			func(m *Message) bool { return m.Subject == "one two three" }, ""},
		{"raw UTF-8 in a subject is kept", "From: a@b.c\nMessage-ID: <1@x>\nSubject: naïve\n\nx\n",
			func(m *Message) bool { return m.Subject == "naïve" }, ""},
		{"bidi overrides in a subject are removed and noted", "From: a@b.c\nMessage-ID: <1@x>\nSubject: =?utf-8?q?ab=E2=80=AEcd?=\n\nx\n",
			func(m *Message) bool { return m.Subject == "abcd" }, ProblemHiddenText},
		{"the first of two From fields counts and both are noted", "From: a@b.c\nFrom: d@e.f\nMessage-ID: <1@x>\n\nx\n",
			func(m *Message) bool { return len(m.From) == 1 && m.From[0].Addr == "a@b.c" }, ProblemFromSeveral},
		{"two addresses in From are noted", "From: a@b.c, d@e.f\nMessage-ID: <1@x>\n\nx\n",
			func(m *Message) bool { return len(m.From) == 2 }, ProblemFromSeveral},
		{"a display name with another address is noted", "From: \"boss@example.org\" <evil@example.com>\nMessage-ID: <1@x>\n\nx\n",
			func(m *Message) bool { return m.From[0].Addr == "evil@example.com" }, ProblemFromSpoof},
		{"a display name with the same address is fine", "From: \"a@b.c\" <a@b.c>\nMessage-ID: <1@x>\n\nx\n",
			func(m *Message) bool { return len(m.Problems) == 0 }, ""},
		{"a missing From is noted", "To: a@b.c\nMessage-ID: <1@x>\n\nx\n", func(m *Message) bool { return m.From == nil }, ProblemFromMissing},
		{"a malformed address list gives what looks like addresses", "From: Dr. Who. [x] <who@example.org>\nMessage-ID: <1@x>\n\nx\n",
			func(m *Message) bool { return len(m.From) == 1 && m.From[0].Addr == "who@example.org" }, ProblemAddressSyntax},
		{"references are kept in order", "From: a@b.c\nMessage-ID: <3@x>\nReferences: <1@x>\n <2@x>\nIn-Reply-To: <2@x>\n\nx\n",
			func(m *Message) bool { return fmt.Sprint(m.References, m.InReplyTo) == "[1@x 2@x] [2@x]" }, ""},
		{"a message id without brackets is taken", "From: a@b.c\nMessage-ID: 1@x\n\nx\n", func(m *Message) bool { return m.MessageID == "1@x" }, ""},
		{"a missing message id is noted", "From: a@b.c\n\nx\n", func(m *Message) bool { return m.MessageID == "" }, ProblemMessageIDSyntax},
		{"white space before the colon is obsolete and read", "From : a@b.c\nMessage-ID: <1@x>\n\nx\n", func(m *Message) bool { return m.From[0].Addr == "a@b.c" }, ""},
		{"a line without colon is skipped and noted", "From a@b Sat Jan 1\nFrom: a@b.c\nMessage-ID: <1@x>\n\nx\n", func(m *Message) bool { return m.From[0].Addr == "a@b.c" }, ProblemHeaderSyntax},
		{"the null return path marks a bounce", "Return-Path: <>\nFrom: a@b.c\nMessage-ID: <1@x>\n\nx\n", func(m *Message) bool { return m.Bounce() && m.Automatic() == "bounce" }, ""},
		{"list mail is automatic", "From: a@b.c\nMessage-ID: <1@x>\nList-Id: Dev <dev.example.org>\n\nx\n", func(m *Message) bool { return m.Automatic() == "list" && m.ListID == "dev.example.org" }, ""},
		{"auto-submitted mail is automatic", "From: a@b.c\nMessage-ID: <1@x>\nAuto-Submitted: auto-replied; x=y\n\nx\n", func(m *Message) bool { return m.Automatic() == "auto-submitted" }, ""},
		{"auto-submitted no is a person", "From: a@b.c\nMessage-ID: <1@x>\nAuto-Submitted: no (really)\n\nx\n", func(m *Message) bool { return m.Automatic() == "" }, ""},
		{"bulk precedence is automatic", "From: a@b.c\nMessage-ID: <1@x>\nPrecedence: Bulk\n\nx\n", func(m *Message) bool { return m.Automatic() == "bulk" }, ""},
		{"an unreadable date is noted", "From: a@b.c\nMessage-ID: <1@x>\nDate: yesterday\n\nx\n", func(m *Message) bool { return m.Date.IsZero() }, ProblemDateSyntax},
		{"a date is read with its zone", "From: a@b.c\nMessage-ID: <1@x>\nDate: Mon, 21 Oct 2019 07:30:00 -0700\n\nx\n", func(m *Message) bool { return m.Date.UTC().Hour() == 14 }, ""},
		{"Autocrypt is kept", "From: a@b.c\nMessage-ID: <1@x>\nAutocrypt: addr=a@b.c; keydata=AAAA\n\nx\n", func(m *Message) bool { return len(m.Autocrypt) == 1 }, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			m := read(t, crlf(c.mail))
			if !c.check(m) {
				t.Errorf("message %+v", m)
			}
			if c.problem != "" && !m.has(c.problem) || c.problem == "" && len(m.Problems) > 0 {
				t.Errorf("problems %v, want %q", m.Problems, c.problem)
			}
		})
	}
}

func shape(m *Message) string {
	var b strings.Builder
	for _, p := range m.Parts {
		fmt.Fprintf(&b, "%s %s %s %d;", p.Path, p.Type, roleNames[p.Role], p.Size)
	}
	return b.String()
}

var roleNames = map[Role]string{Container: "container", Text: "text", Alternative: "alternative", Attachment: "file", Control: "control",
	Ciphertext: "ciphertext", Signature: "signature", Keys: "keys", Delivery: "delivery", Legacy: "legacy"}

func TestStructure(t *testing.T) {
	for _, c := range []struct{ name, mail, want, problem string }{
		{"text and a file", "Content-Type: multipart/mixed; boundary=b\n\npre\n--b\n\nhello\n--b\nContent-Type: application/zip\nContent-Disposition: attachment; filename=\"../../poc.zip\"\nContent-Transfer-Encoding: base64\n\nAAEC\n--b--\nepilogue\n",
			"1 multipart/mixed container 0;1.1 text/plain text 5;1.2 application/zip file 3;", ""},
		{"HTML beside plain text is an alternative", "Content-Type: multipart/alternative; boundary=b\n\n--b\n\nhello\n--b\nContent-Type: text/html\n\n<b>hello</b>\n--b--\n",
			"1 multipart/alternative container 0;1.1 text/plain text 5;1.2 text/html alternative 12;", ""},
		{"HTML within related beside plain text is an alternative", "Content-Type: multipart/alternative; boundary=b\n\n--b\n\nhello\n--b\nContent-Type: multipart/related; boundary=c\n\n--c\nContent-Type: text/html\n\n<b>hello</b>\n--c--\n--b--\n",
			"1 multipart/alternative container 0;1.1 text/plain text 5;1.2 multipart/related container 0;1.2.1 text/html alternative 12;", ""},
		{"an outer boundary ends an inner part", "Content-Type: multipart/mixed; boundary=b\n\n--b\nContent-Type: multipart/mixed; boundary=c\n\n--c\n\nin\n--b\n\nout\n--b--\n",
			"1 multipart/mixed container 0;1.1 multipart/mixed container 0;1.1.1 text/plain text 2;1.2 text/plain text 3;", ProblemUnclosed},
		{"a boundary that is the beginning of another is not taken for it", "Content-Type: multipart/mixed; boundary=b\n\n--b\nContent-Type: multipart/mixed; boundary=bb\n\n--bb\n\nin\n--bb--\n--b\n\nout\n--b--\n",
			"1 multipart/mixed container 0;1.1 multipart/mixed container 0;1.1.1 text/plain text 2;1.2 text/plain text 3;", ""},
		{"a multipart that does not end is noted", "Content-Type: multipart/mixed; boundary=b\n\n--b\n\nhello\n",
			"1 multipart/mixed container 0;1.1 text/plain text 7;", ProblemUnclosed},
		{"a header that runs into a boundary has no body", "Content-Type: multipart/mixed; boundary=b\n\n--b\nContent-Type: text/plain\n--b\n\nx\n--b--\n",
			"1 multipart/mixed container 0;1.1 text/plain text 0;1.2 text/plain text 1;", ""},
		{"a forwarded mail is one file", "Content-Type: multipart/mixed; boundary=b\n\n--b\n\nsee\n--b\nContent-Type: message/rfc822\n\nFrom: x@y.z\nContent-Type: multipart/mixed; boundary=q\n\n--q\n\n--q--\n--b--\n",
			"1 multipart/mixed container 0;1.1 text/plain text 3;1.2 message/rfc822 file 70;", ""},
		{"a text file is not body text", "Content-Type: multipart/mixed; boundary=b\n\n--b\n\nsee\n--b\nContent-Type: text/plain; name=log.txt\n\nlog\n--b--\n",
			"1 multipart/mixed container 0;1.1 text/plain text 3;1.2 text/plain file 3;", ""},
		{"attached keys are known as keys", "Content-Type: multipart/mixed; boundary=b\n\n--b\n\nsee\n--b\nContent-Type: application/pgp-keys\n\nk\n--b--\n",
			"1 multipart/mixed container 0;1.1 text/plain text 3;1.2 application/pgp-keys keys 1;", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			m := read(t, crlf(head+c.mail))
			if got := shape(m); got != c.want {
				t.Errorf("got  %s\nwant %s", got, c.want)
			}
			if c.problem != "" && !m.has(c.problem) || c.problem == "" && len(m.Problems) > 0 {
				t.Errorf("problems %v, want %q", m.Problems, c.problem)
			}
		})
	}
}

func TestFileNames(t *testing.T) {
	for _, c := range []struct{ name, disposition, want string }{
		{"folders are cut off", `attachment; filename="..\\..\\etc/passwd"`, "passwd"},
		{"RFC 2231 charset is decoded", `attachment; filename*=utf-8''na%C3%AFve.txt`, "naïve.txt"},
		{"RFC 2231 pieces are joined in order", `attachment; filename*1="b.txt"; filename*0*=iso-8859-1''%e9a`, "éab.txt"},
		{"the extended form wins", `attachment; filename="x"; filename*=utf-8''y`, "y"},
		{"encoded words are decoded though forbidden", `attachment; filename="=?utf-8?q?=C3=A9.txt?="`, "é.txt"},
		{"bidi overrides are removed", `attachment; filename*=utf-8''a%E2%80%AEfdp.exe`, "afdp.exe"},
		{"leading dots are removed", `attachment; filename=".htaccess"`, "htaccess"},
		{"dots alone are no name", `attachment; filename=".."`, ""},
		{"a quote that does not end is read to the end", `attachment; filename="poc.c`, "poc.c"},
		{"semicolons in quotes belong to the name", `attachment; filename="a;b.txt"; size=1`, "a;b.txt"},
		{"a long name is cut", `attachment; filename="` + strings.Repeat("é", 300) + `"`, strings.Repeat("é", 100)},
	} {
		t.Run(c.name, func(t *testing.T) {
			m := read(t, crlf(head+"Content-Type: application/x-poc\nContent-Disposition: "+c.disposition+"\n\nx\n"))
			if got := m.Parts[0].Name; got != c.want {
				t.Errorf("got %q want %q", got, c.want)
			}
		})
	}
}

func TestLimits(t *testing.T) {
	nested := func(n int) string {
		var b strings.Builder
		for i := range n {
			fmt.Fprintf(&b, "Content-Type: multipart/mixed; boundary=b%d\n\n--b%d\n", i, i)
		}
		return b.String()
	}
	for _, c := range []struct {
		name, mail string
		limits     Limits
		want       string
	}{
		{"nesting over the depth is refused", nested(30) + "\nx\n", Limits{}, "depth"},
		{"nesting up to the depth is read", nested(16) + "\nx\n", Limits{}, ""},
		{"thousands of parts are refused", "Content-Type: multipart/mixed; boundary=b\n\n" + strings.Repeat("--b\n\nx\n", 5000), Limits{}, "parts"},
		{"thousands of header fields are refused", strings.Repeat("X: y\n", 5000) + "\nx\n", Limits{}, "header_fields"},
		{"an endless header field is refused", "X: " + strings.Repeat("y", 1<<20) + "\n\nx\n", Limits{}, "header_bytes"},
		{"an endless folded field is refused", "X: y\n" + strings.Repeat(" y\n", 1<<18) + "\nx\n", Limits{}, "header_bytes"},
		{"a mail over the size is refused", "\n" + strings.Repeat("x\n", 1000), Limits{Size: 1000}, "size"},
		{"a part over its size is refused", "\n" + strings.Repeat("x\n", 1000), Limits{PartSize: 1000}, "part_size"},
	} {
		t.Run(c.name, func(t *testing.T) {
			m, err := Read(strings.NewReader(crlf(head+c.mail)), c.limits, nil)
			var le *LimitError
			got := ""
			if errors.As(err, &le) {
				got = le.What
			} else if err != nil {
				t.Fatal(err)
			}
			if got != c.want {
				t.Errorf("refused for %q, want %q", got, c.want)
			}
			if m == nil || m.Subject != "s" {
				t.Errorf("the header was lost")
			}
		})
	}
}

func TestTextOverTheLimitIsCutAndStillGivenToTheSink(t *testing.T) {
	mail := crlf(head+"Content-Type: text/plain; charset=utf-8\n\n") + strings.Repeat("é", 100)
	var n int64
	m, err := Read(strings.NewReader(mail), Limits{Text: 51}, func(p *Part, r io.Reader) error {
		n, _ = io.Copy(io.Discard, r)
		return nil
	})
	if err != nil || n != 200 || !m.Parts[0].Truncated || m.Parts[0].Text != strings.Repeat("é", 25) || !m.has(ProblemTextTruncated) {
		t.Errorf("err %v, sink got %d, part %+v", err, n, m.Parts[0])
	}
}

func TestSinkGetsDecodedFilesAndMayLeaveThem(t *testing.T) {
	data := bytes.Repeat([]byte{0, 1, 2, 255}, 50000)
	mail := crlf(head+"Content-Type: multipart/mixed; boundary=b\n\n--b\n\nhi\n--b\nContent-Type: application/x\nContent-Transfer-Encoding: base64\n\n") +
		base64.StdEncoding.EncodeToString(data) + "\r\n" + crlf("--b\nContent-Type: application/y\n\nyy\n--b--\n")
	got := map[string][]byte{}
	m, err := Read(strings.NewReader(mail), Limits{}, func(p *Part, r io.Reader) error {
		if p.Type == "application/y" {
			return nil // not read
		}
		b, err := io.ReadAll(r)
		got[p.Path], p.Ref = b, "ref:"+p.Path
		return err
	})
	if err != nil || !bytes.Equal(got["1.2"], data) || string(got["1.1"]) != "hi" || m.Parts[2].Ref != "ref:1.2" || m.Parts[3].Size != 2 {
		t.Errorf("err %v, %d bytes, parts %s", err, len(got["1.2"]), shape(m))
	}
	stop := errors.New("stop")
	if _, err := Read(strings.NewReader(mail), Limits{}, func(*Part, io.Reader) error { return stop }); err != stop {
		t.Errorf("the sink's error was lost: %v", err)
	}
}
