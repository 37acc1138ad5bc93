package mailer

import (
	"bufio"
	"context"
	"io"
	"net"
	"net/netip"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// pipes is a listener over net.Pipe, so that time in these tests is synctest's.
type pipes struct {
	conns  chan net.Conn
	closed chan struct{}
}

type from struct {
	net.Conn
	addr net.Addr
}

func (f from) RemoteAddr() net.Addr { return f.addr }

func (p *pipes) Accept() (net.Conn, error) {
	select {
	case c := <-p.conns:
		return c, nil
	case <-p.closed:
		return nil, net.ErrClosed
	}
}
func (p *pipes) Close() error {
	select {
	case <-p.closed:
	default:
		close(p.closed)
	}
	return nil
}
func (p *pipes) Addr() net.Addr { return &net.TCPAddr{} }

func (p *pipes) dial(ip string) *bufio.ReadWriter {
	ours, theirs := net.Pipe()
	p.conns <- from{theirs, net.TCPAddrFromAddrPort(netip.AddrPortFrom(netip.MustParseAddr(ip), 1))}
	return bufio.NewReadWriter(bufio.NewReader(ours), bufio.NewWriterSize(ours, 0))
}

// serve runs s in a bubble and returns its listener; it ends before the bubble.
func serve(t *testing.T, s *Server) (*pipes, func()) {
	t.Helper()
	l := &pipes{make(chan net.Conn), make(chan struct{})}
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- s.Serve(ctx, l) }()
	return l, func() {
		cancel()
		if err := <-done; err != nil {
			t.Error(err)
		}
	}
}

func say(t *testing.T, c *bufio.ReadWriter, s string) {
	t.Helper()
	if _, err := c.WriteString(s); err != nil {
		t.Fatal(err)
	}
	c.Flush()
}

func hear(t *testing.T, c *bufio.ReadWriter, code string) {
	t.Helper()
	for {
		line, err := c.ReadString('\n')
		if err != nil || !strings.HasPrefix(line, code) {
			t.Fatalf("heard %q, %v, want %s", line, err, code)
		}
		if line[3] == ' ' {
			return
		}
	}
}

func anyServer() *Server {
	return &Server{Domain: "here.test", KnownRecipient: func(context.Context, string) error { return nil },
		Accept: func(_ context.Context, in Incoming) error { _, err := io.Copy(io.Discard, in.Body); return err }}
}

func toData(t *testing.T, c *bufio.ReadWriter) {
	t.Helper()
	hear(t, c, "220")
	for _, l := range []string{"EHLO c", "MAIL FROM:<>", "RCPT TO:<a@b>"} {
		say(t, c, l+"\r\n")
		hear(t, c, "250")
	}
	say(t, c, "DATA\r\n")
	hear(t, c, "354")
}

func TestSilentClientIsSentHome(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l, stop := serve(t, anyServer())
		defer stop()
		c := l.dial("192.0.2.1")
		hear(t, c, "220")
		begin := time.Now()
		hear(t, c, "421")
		if waited := time.Since(begin); waited != 2*time.Minute {
			t.Errorf("after %s", waited)
		}
	})
}

func TestMailInDripsIsCutOff(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l, stop := serve(t, anyServer())
		defer stop()
		c := l.dial("192.0.2.1")
		toData(t, c)
		begin := time.Now()
		dripped := make(chan struct{})
		go func() {
			defer close(dripped)
			for { // a line each minute never meets the time for one piece
				if _, err := c.WriteString("x\r\n"); err != nil || c.Flush() != nil {
					return
				}
				time.Sleep(time.Minute)
			}
		}()
		hear(t, c, "421")
		if waited := time.Since(begin); waited != 10*time.Minute {
			t.Errorf("after %s", waited)
		}
		<-dripped
	})
}

func TestCommandsInDripsEndWithTheSession(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l, stop := serve(t, anyServer())
		defer stop()
		c := l.dial("192.0.2.1")
		hear(t, c, "220")
		begin := time.Now()
		for time.Since(begin) < 29*time.Minute {
			say(t, c, "NOOP\r\n")
			hear(t, c, "250")
			time.Sleep(time.Minute)
		}
		hear(t, c, "421")
		if waited := time.Since(begin); waited != 30*time.Minute {
			t.Errorf("after %s", waited)
		}
	})
}

func TestAcceptThatHangsIsCancelled(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := anyServer()
		s.Accept = func(ctx context.Context, in Incoming) error {
			if _, err := io.Copy(io.Discard, in.Body); err != nil {
				return err
			}
			<-ctx.Done()
			return ctx.Err()
		}
		l, stop := serve(t, s)
		defer stop()
		c := l.dial("192.0.2.1")
		toData(t, c)
		say(t, c, ".\r\n")
		begin := time.Now()
		hear(t, c, "451")
		if waited := time.Since(begin); waited != 2*time.Minute {
			t.Errorf("after %s", waited)
		}
	})
}

func TestStopWaitsForAMailOnlySoLong(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l, stop := serve(t, anyServer())
		c := l.dial("192.0.2.1")
		toData(t, c)
		begin := time.Now()
		go func() { _, _ = io.Copy(io.Discard, c) }()
		stop()
		if waited := time.Since(begin); waited != 20*time.Second {
			t.Errorf("after %s", waited)
		}
	})
}

func TestMailsPerMinute(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := anyServer()
		s.Limits = Limits{MailsPerMin: 2, PerAddress: 2, Trusted: []netip.Prefix{netip.MustParsePrefix("198.51.100.0/24")}}
		l, stop := serve(t, s)
		defer stop()
		mail := func(c *bufio.ReadWriter, code string) {
			t.Helper()
			say(t, c, "MAIL FROM:<>\r\n")
			hear(t, c, code)
			say(t, c, "RSET\r\n")
			hear(t, c, "250")
		}
		open := func(ip string) *bufio.ReadWriter {
			c := l.dial(ip)
			hear(t, c, "220")
			say(t, c, "EHLO c\r\n")
			hear(t, c, "250")
			return c
		}
		a, b := open("2001:db8::1"), open("2001:db8::2")
		mail(a, "250")
		mail(b, "250")
		mail(b, "451") // one /64 is one peer
		mail(open("2001:db8:0:1::1"), "250")
		relay := open("198.51.100.1")
		for range 5 {
			mail(relay, "250")
		}
		hear(t, l.dial("2001:db8::3"), "421") // a third connection of the /64
		time.Sleep(time.Minute)
		mail(a, "250")
	})
}
