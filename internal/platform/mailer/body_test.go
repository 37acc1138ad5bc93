package mailer

import (
	"bufio"
	"bytes"
	"errors"
	"io"
	"strings"
	"testing"
	"testing/iotest"
)

// readMail runs the DATA reader of a server with small limits over wire.
func readMail(wire io.Reader, limits Limits) (mail []byte, rest []byte, err error) {
	limits = limits.withDefaults()
	in := bufio.NewReaderSize(wire, limits.MaxLine+2)
	b := &body{frame: &dotFrame{r: in}, check: checker{limits: limits}}
	mail, err = io.ReadAll(b)
	b.drain()
	rest, _ = io.ReadAll(in)
	return mail, rest, err
}

// FuzzData holds the reader against a plain statement of RFC 5321 4.5.2: the mail
// ends at the first CR LF . CR LF (the first CR LF may be the one of DATA), dots
// at the begin of lines come off, and a mail with a bare CR, bare LF or NUL, too
// long a line or too many bytes is not read to an end.
func FuzzData(f *testing.F) {
	for _, s := range []string{"a\r\n.\r\n", ".\r\nQUIT\r\n", "a\n.\r\nb\r\n.\r\n", "..\r\n.x\r\n.\r\nrest", "a\r.\r\n.\r\n",
		"a\r\r\n.\r\n", "\x00\r\n.\r\n", strings.Repeat("x", 40) + "\r\n.\r\n", strings.Repeat("x", 17) + "\r\n.\r\n",
		".\r", "\r\n.", "x\r\n.\r\n.\r\n", strings.Repeat("y", 18) + "\n.\r\n.\r\n", strings.Repeat("x\r\n", 50) + ".\r\n"} {
		f.Add([]byte(s), true)
	}
	limits := Limits{MaxLine: 16, MaxBytes: 100}
	f.Fuzz(func(t *testing.T, wire []byte, slow bool) {
		wire = wire[:min(len(wire), 150)]
		var r io.Reader = bytes.NewReader(wire)
		if slow {
			r = iotest.OneByteReader(r)
		}
		mail, rest, err := readMail(r, limits)
		want, wantRest, good := stated(wire, 16, 100)
		if good != (err == nil) {
			t.Fatalf("wire %q: error %v, want good %v", wire, err, good)
		}
		if good && !bytes.Equal(mail, want) {
			t.Errorf("wire %q: mail %q, want %q", wire, mail, want)
		}
		// A longer refused mail may be given up before its end: then we hang up.
		if len(wire) <= int(limits.MaxBytes) && !bytes.Equal(rest, wantRest) {
			t.Errorf("wire %q: left %q, want %q", wire, rest, wantRest)
		}
		if bytes.Contains(bytes.ReplaceAll(mail, []byte("\r\n"), nil), []byte("\n")) || bytes.IndexByte(mail, 0) >= 0 {
			t.Errorf("wire %q gave %q", wire, mail)
		}
	})
}

// stated is the slow and simple form of the same.
func stated(wire []byte, line, size int) (mail, rest []byte, good bool) {
	s := "\r\n" + string(wire)
	at := strings.Index(s, "\r\n.\r\n")
	if at < 0 {
		return nil, nil, false
	}
	rest = []byte(s[at+5:])
	s = s[:at+2]
	for _, l := range strings.SplitAfter(s, "\r\n")[1:] {
		l = strings.TrimPrefix(l, ".")
		text := strings.TrimSuffix(l, "\r\n")
		if strings.ContainsAny(text, "\r\n\x00") || len(text) > line {
			return nil, rest, false
		}
		mail = append(mail, l...)
	}
	return mail, rest, len(mail) <= size
}

func TestDataThatBreaksOffIsNoMail(t *testing.T) {
	for _, wire := range []string{"", "a", "a\r\n", "a\r\n.", "a\r\n.\r"} {
		if _, _, err := readMail(strings.NewReader(wire), Limits{}); !errors.Is(err, errAborted) {
			t.Errorf("%q: error %v", wire, err)
		}
	}
	broken := errors.New("network")
	if _, _, err := readMail(iotest.ErrReader(broken), Limits{}); !errors.Is(err, broken) {
		t.Errorf("error %v", err)
	}
}

func FuzzPath(f *testing.F) {
	for _, s := range []string{"FROM:<a@b>", "FROM:<>", "FROM:<\"a>b\"@c> SIZE=1", "FROM:<@x:a@b>", "FROM:<postmaster>", `FROM:<"\"@b>`} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, arg string) {
		p, r := parsePath(arg, "FROM:")
		if r != nil {
			return
		}
		if strings.ContainsAny(p.address, "\r\n\x00") || len(p.address) > maxAddress {
			t.Errorf("%q gave %q", arg, p.address)
		}
		again, r := parsePath("FROM:<"+p.address+">", "FROM:")
		if r != nil || again.address != p.address {
			t.Errorf("%q gave %q, which reads as %q", arg, p.address, again.address)
		}
	})
}
