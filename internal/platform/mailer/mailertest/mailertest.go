// Package mailertest has the other side of mail for tests: a DNS server on
// loopback that knows only what a test tells it, and an SMTP server that writes
// what it gets into a Maildir.
//
// Not in here: real mail programs (swaks, postfix), which tests start themselves.
package mailertest

import (
	"context"
	"fmt"
	"io"
	"net"
	"os"
	"path/filepath"
	"sync/atomic"
	"testing"

	"golang.org/x/net/dns/dnsmessage"

	"github.com/tocsin-sec/tocsin/internal/platform/mailer"
)

// Zone is what the DNS server knows. Names are without the dot at the end, in
// lower case. What is not in it does not exist; a name in Broken gets SERVFAIL.
type Zone struct {
	TXT    map[string][]string
	A      map[string][]string // IPv4 and IPv6 addresses
	MX     map[string][]string // host names, all with preference 10
	Broken map[string]bool
}

// DNS serves the zone on a loopback address, over UDP and TCP at the same port,
// until the test ends, and returns "127.0.0.1:port" for --dns.
func DNS(t testing.TB, z Zone) string {
	t.Helper()
	pc, tl := dnsSockets(t)
	done := make(chan struct{}, 2)
	go func() { defer func() { done <- struct{}{} }(); serveUDP(pc, z) }()
	go func() { defer func() { done <- struct{}{} }(); serveTCP(tl, z) }()
	t.Cleanup(func() {
		pc.Close()
		tl.Close()
		<-done
		<-done
	})
	return pc.LocalAddr().String()
}

// dnsSockets finds a port that is free for both protocols.
func dnsSockets(t testing.TB) (net.PacketConn, net.Listener) {
	t.Helper()
	var last error
	for range 20 {
		pc, err := net.ListenPacket("udp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		tl, err := net.Listen("tcp", pc.LocalAddr().String())
		if err == nil {
			return pc, tl
		}
		last = err
		pc.Close()
	}
	t.Fatal("no port for DNS:", last)
	return nil, nil
}

func serveUDP(pc net.PacketConn, z Zone) {
	buf := make([]byte, 4096)
	for {
		n, from, err := pc.ReadFrom(buf)
		if err != nil {
			return
		}
		if out := z.answer(buf[:n], 1232); out != nil {
			_, _ = pc.WriteTo(out, from)
		}
	}
}

func serveTCP(l net.Listener, z Zone) {
	for {
		c, err := l.Accept()
		if err != nil {
			return
		}
		go func() {
			defer c.Close()
			var size [2]byte
			for {
				if _, err := io.ReadFull(c, size[:]); err != nil {
					return
				}
				q := make([]byte, int(size[0])<<8|int(size[1]))
				if _, err := io.ReadFull(c, q); err != nil {
					return
				}
				out := z.answer(q, 65535)
				if _, err := c.Write(append([]byte{byte(len(out) >> 8), byte(len(out))}, out...)); err != nil {
					return
				}
			}
		}()
	}
}

// answer builds the reply to one query; above limit it is marked as truncated.
func (z Zone) answer(query []byte, limit int) []byte {
	var m dnsmessage.Message
	if err := m.Unpack(query); err != nil || len(m.Questions) != 1 {
		return nil
	}
	q := m.Questions[0]
	m.Response, m.RecursionAvailable, m.Additionals = true, true, nil
	m.RCode = z.fill(&m, q)
	out, err := m.Pack()
	if err != nil {
		return nil
	}
	if len(out) > limit {
		m.Answers, m.Truncated = nil, true
		out, _ = m.Pack()
	}
	return out
}

func (z Zone) fill(m *dnsmessage.Message, q dnsmessage.Question) dnsmessage.RCode {
	name := canonical(q.Name.String())
	if z.Broken[name] {
		return dnsmessage.RCodeServerFailure
	}
	add := func(b dnsmessage.ResourceBody) {
		m.Answers = append(m.Answers, dnsmessage.Resource{
			Header: dnsmessage.ResourceHeader{Name: q.Name, Type: q.Type, Class: q.Class, TTL: 60}, Body: b})
	}
	switch q.Type {
	case dnsmessage.TypeTXT:
		for _, s := range z.TXT[name] {
			add(&dnsmessage.TXTResource{TXT: pieces(s)})
		}
	case dnsmessage.TypeMX:
		for _, h := range z.MX[name] {
			add(&dnsmessage.MXResource{Pref: 10, MX: dnsmessage.MustNewName(h + ".")})
		}
	case dnsmessage.TypeA, dnsmessage.TypeAAAA:
		for _, a := range z.A[name] {
			ip := net.ParseIP(a)
			if v4 := ip.To4(); v4 != nil && q.Type == dnsmessage.TypeA {
				add(&dnsmessage.AResource{A: [4]byte(v4)})
			} else if v4 == nil && q.Type == dnsmessage.TypeAAAA {
				add(&dnsmessage.AAAAResource{AAAA: [16]byte(ip)})
			}
		}
	}
	if len(m.Answers) > 0 || z.TXT[name] != nil || z.A[name] != nil || z.MX[name] != nil {
		return dnsmessage.RCodeSuccess
	}
	return dnsmessage.RCodeNameError
}

func canonical(s string) string {
	b := []byte(s)
	for i, c := range b {
		if 'A' <= c && c <= 'Z' {
			b[i] = c + 'a' - 'A'
		}
	}
	if n := len(b); n > 0 && b[n-1] == '.' {
		b = b[:n-1]
	}
	return string(b)
}

// pieces cuts a TXT value into strings of at most 255 bytes (RFC 1035 3.3).
func pieces(s string) []string {
	var out []string
	for len(s) > 255 {
		out, s = append(out, s[:255]), s[255:]
	}
	return append(out, s)
}

// Maildir starts an SMTP server on loopback that takes any mail and writes it to
// dir/new, one file each with the envelope in X-Envelope-From and X-Envelope-To
// in front; it returns its address. It ends with the test.
func Maildir(t testing.TB, dir string) string {
	t.Helper()
	for _, d := range []string{"tmp", "new", "cur"} {
		if err := os.MkdirAll(filepath.Join(dir, d), 0o700); err != nil {
			t.Fatal(err)
		}
	}
	var count atomic.Int64
	return Serve(t, &mailer.Server{
		Domain:         "sink.test",
		KnownRecipient: func(context.Context, string) error { return nil },
		Accept: func(_ context.Context, in mailer.Incoming) error {
			name := fmt.Sprintf("%06d.sink", count.Add(1))
			f, err := os.Create(filepath.Join(dir, "tmp", name))
			if err != nil {
				return err
			}
			defer f.Close()
			fmt.Fprintf(f, "X-Envelope-From: %s\r\nX-Envelope-To: %q\r\n", in.From, in.To)
			if _, err := io.Copy(f, in.Body); err != nil {
				return err
			}
			return os.Rename(f.Name(), filepath.Join(dir, "new", name))
		},
	})
}

// Serve runs s on a loopback port until the test ends and returns its address.
func Serve(t testing.TB, s *mailer.Server) string {
	t.Helper()
	s.Addr = "127.0.0.1:0"
	ctx, cancel := context.WithCancel(context.Background())
	l, err := s.Listen(ctx)
	if err != nil {
		cancel()
		t.Fatal(err)
	}
	done := make(chan error, 1)
	go func() { done <- s.Serve(ctx, l) }()
	t.Cleanup(func() {
		cancel()
		if err := <-done; err != nil {
			t.Error("smtp server:", err)
		}
	})
	return l.Addr().String()
}
