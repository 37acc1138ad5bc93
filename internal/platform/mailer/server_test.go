package mailer_test

import (
	"bufio"
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/tocsin-sec/tocsin/internal/base/fault"
	"github.com/tocsin-sec/tocsin/internal/platform/mailer"
	"github.com/tocsin-sec/tocsin/internal/platform/mailer/mailertest"
	"github.com/tocsin-sec/tocsin/internal/platform/tlsconf"
)

// inbox is the accepting side of a server under test.
type inbox struct {
	mu    sync.Mutex
	mails []mailed
	fail  error
	hook  func(context.Context, mailer.Incoming) error
}

type mailed struct {
	mailer.Incoming
	raw string
}

func (b *inbox) accept(ctx context.Context, in mailer.Incoming) error {
	if b.hook != nil {
		if err := b.hook(ctx, in); err != nil {
			return err
		}
	}
	raw, err := io.ReadAll(in.Body)
	if err != nil {
		return err
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.fail == nil {
		b.mails = append(b.mails, mailed{in, string(raw)})
	}
	return b.fail
}

func (b *inbox) all() []mailed {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.mails
}

func known(_ context.Context, a string) error {
	switch a {
	case "team@here.test", "postmaster@here.test", "tëam@here.test":
		return nil
	case "broken@here.test":
		return errors.New("the database is away")
	}
	return fault.Missing()
}

func (b *inbox) server(limits mailer.Limits) *mailer.Server {
	return &mailer.Server{Domain: "here.test", Limits: limits, Accept: b.accept, KnownRecipient: known}
}

// talk is a raw client.
type talk struct {
	t *testing.T
	c net.Conn
	r *bufio.Reader
}

func dial(t *testing.T, addr string) *talk {
	t.Helper()
	c, err := net.Dial("tcp", addr)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	_ = c.SetDeadline(time.Now().Add(30 * time.Second))
	k := &talk{t, c, bufio.NewReader(c)}
	k.want("220")
	return k
}

func (k *talk) send(s string) {
	k.t.Helper()
	if _, err := io.WriteString(k.c, s); err != nil {
		k.t.Fatalf("send %.60q: %v", s, err)
	}
}

// read returns one reply, all its lines, or "" at the end of the connection.
func (k *talk) read() string {
	all := ""
	for {
		line, err := k.r.ReadString('\n')
		if err != nil {
			return all
		}
		all += line
		if len(line) < 4 || line[3] != '-' {
			return all
		}
	}
}

func (k *talk) want(prefix string) string {
	k.t.Helper()
	got := k.read()
	if !strings.HasPrefix(got, prefix) {
		k.t.Fatalf("reply %q, want %s...", got, prefix)
	}
	return got
}

func (k *talk) cmd(line, prefix string) string {
	k.t.Helper()
	k.send(line + "\r\n")
	return k.want(prefix)
}

func (k *talk) toData() {
	k.t.Helper()
	k.cmd("EHLO client.test", "250")
	k.cmd("MAIL FROM:<a@b.test>", "250")
	k.cmd("RCPT TO:<team@here.test>", "250")
	k.cmd("DATA", "354")
}

// TestSmuggling: whatever another server might take for the end of a mail, only
// CR LF . CR LF is one, nothing sent behind it runs, and nothing is accepted.
func TestSmuggling(t *testing.T) {
	const second = "MAIL FROM:<evil@b.test>\r\nRCPT TO:<team@here.test>\r\nDATA\r\nsmuggled\r\n.\r\n"
	for name, mail := range map[string]string{
		"bare LF in a line":            "a: b\r\n\r\nx\ny\r\n.\r\n",
		"LF . LF":                      "a: b\r\n\r\nx\n.\n" + second,
		"LF . CRLF":                    "a: b\r\n\r\nx\n.\r\n" + second,
		"CRLF . LF":                    "a: b\r\n\r\nx\r\n.\n" + second,
		"CR . CR":                      "a: b\r\n\r\nx\r.\r" + second,
		"CR . CRLF":                    "a: b\r\n\r\nx\r.\r\n" + second,
		"CRLF . CR":                    "a: b\r\n\r\nx\r\n.\r" + second,
		"CR LF NUL . CRLF":             "a: b\r\n\r\nx\r\n\x00.\r\n" + second,
		"CRLF . NUL CRLF":              "a: b\r\n\r\nx\r\n.\x00\r\n" + second,
		"CR CR LF . CR LF":             "a: b\r\n\r\nx\r\r\n.\r\n" + second,
		"LF CR . LF CR":                "a: b\r\n\r\nx\n\r.\n\r" + second,
		"bare CR in the header":        "a: b\rBcc: c\r\n\r\nx\r\n.\r\n",
		"NUL in the body":              "a: b\r\n\r\nx\x00y\r\n.\r\n",
		"bare LF at once":              "\n.\r\n.\r\n",
		"bare LF beyond the buffer":    "a: " + strings.Repeat("b", 8191) + "\n.\r\n" + second,
		"CR at the end of the buffer":  "a: " + strings.Repeat("b", 8190) + "\r.\r\n" + second,
		"LF alone in the next buffer":  strings.Repeat("b", 8194) + "\n.\r\n" + second,
		"CRLF parted by a full buffer": strings.Repeat("b", 8193) + "\r\r\n.\r\n" + second,
	} {
		t.Run(name, func(t *testing.T) {
			var in inbox
			k := dial(t, mailertest.Serve(t, in.server(mailer.Limits{})))
			k.toData()
			k.send(mail)
			if !strings.HasSuffix(mail, "\r\n.\r\n") {
				k.send("\r\n.\r\n")
			}
			k.want("550")
			if rest, _ := io.ReadAll(k.r); len(rest) > 0 {
				t.Errorf("something ran behind the mail: %q", rest)
			}
			if len(in.all()) > 0 {
				t.Errorf("accepted %q", in.all()[0].raw)
			}
		})
	}
}

func TestCommandsWithWrongLineEndsHangUp(t *testing.T) {
	for name, line := range map[string]string{
		"bare LF":      "NOOP\n",
		"bare CR":      "NOOP\rRSET\r\n",
		"NUL":          "NO\x00OP\r\n",
		"too long":     "NOOP " + strings.Repeat("x", 3000) + "\r\n",
		"endless":      "NOOP " + strings.Repeat("x", 30000),
		"not UTF-8":    "NOOP \xff\r\n",
		"LF then CRLF": "NOOP\nMAIL FROM:<a@b.test>\r\n",
	} {
		t.Run(name, func(t *testing.T) {
			var in inbox
			k := dial(t, mailertest.Serve(t, in.server(mailer.Limits{})))
			k.send(line)
			k.want("5")
			if rest, _ := io.ReadAll(k.r); len(rest) > 0 {
				t.Errorf("still talking: %q", rest)
			}
		})
	}
}

func TestMailArrivesAsItWasSent(t *testing.T) {
	long := strings.Repeat("z", 8192)
	for name, c := range map[string]struct{ wire, want string }{
		"plain":                     {"A: b\r\n\r\nhello\r\n.\r\n", "A: b\r\n\r\nhello\r\n"},
		"dots":                      {"A: b\r\n\r\n..\r\n..x\r\n.y\r\n.\r\n", "A: b\r\n\r\n.\r\n.x\r\ny\r\n"},
		"empty":                     {".\r\n", ""},
		"eight bit":                 {"A: b\r\n\r\n\xc3\xa4\xff\r\n.\r\n", "A: b\r\n\r\n\xc3\xa4\xff\r\n"},
		"the longest line":          {long + "\r\n.\r\n", long + "\r\n"},
		"the longest line of dots":  {".." + long[1:] + "\r\n.\r\n", "." + long[1:] + "\r\n"},
		"a dot alone is data in it": {"x\r\n.x\r\n..\r\n.\r\n", "x\r\nx\r\n.\r\n"},
	} {
		t.Run(name, func(t *testing.T) {
			var in inbox
			k := dial(t, mailertest.Serve(t, in.server(mailer.Limits{})))
			k.toData()
			k.send(c.wire)
			k.want("250")
			if got := in.all(); len(got) != 1 || got[0].raw != c.want {
				t.Errorf("got %+v, want %q", got, c.want)
			}
			k.cmd("QUIT", "221")
		})
	}
}

func TestChunks(t *testing.T) {
	const to = "EHLO c\r\nMAIL FROM:<a@b.test>\r\nRCPT TO:<team@here.test>\r\n"
	for name, c := range map[string]struct {
		wire    string
		replies string // first digits-of-code, in order
		want    []string
	}{
		"one chunk":                        {"BDAT 6 LAST\r\nhello\n", "550", nil},
		"one good chunk":                   {"BDAT 7 LAST\r\nhello\r\nQUIT\r\n", "250 221", []string{"hello\r\n"}},
		"parted within CRLF":               {"BDAT 6\r\nhello\rBDAT 1 LAST\r\n\nQUIT\r\n", "250 250 221", []string{"hello\r\n"}},
		"an empty last chunk":              {"BDAT 7\r\nhello\r\nBDAT 0 LAST\r\nQUIT\r\n", "250 250 221", []string{"hello\r\n"}},
		"commands in a chunk do not run":   {"BDAT 18 LAST\r\n.\r\nMAIL FROM:<x>\r\nQUIT\r\n", "250 221", []string{".\r\nMAIL FROM:<x>\r\n"}},
		"RSET in between drops it":         {"BDAT 7\r\nhello\r\nRSET\r\nQUIT\r\n", "250 250 221", nil},
		"NOOP in between is fine":          {"BDAT 7\r\nhello\r\nNOOP\r\nBDAT 0 LAST\r\nQUIT\r\n", "250 250 250 221", []string{"hello\r\n"}},
		"a cut chunk is not a mail":        {"BDAT 70 LAST\r\nhello\r\n", "", nil},
		"a wrong first chunk, then more":   {"BDAT 2\r\n\n\nBDAT 7 LAST\r\nhello\r\nQUIT\r\n", "550", nil},
		"a size that is none":              {"BDAT x LAST\r\nhello\r\n", "501", nil},
		"a negative size":                  {"BDAT -1 LAST\r\n", "501", nil},
		"too large, its chunk swallowed":   {"BDAT 2001 LAST\r\n" + strings.Repeat("x\r\n", 667) + "QUIT\r\n", "552 221", nil},
		"chunk without recipient":          {"RSET\r\nBDAT 6 LAST\r\nQUIT\r\nQUIT\r\n", "250 503 221", nil},
		"a lone CR at the end":             {"BDAT 6 LAST\r\nhello\r", "550", nil},
		"DATA within chunks drops the lot": {"BDAT 7\r\nhello\r\nDATA\r\nQUIT\r\n", "250 503 221", nil},
	} {
		t.Run(name, func(t *testing.T) {
			var in inbox
			k := dial(t, mailertest.Serve(t, in.server(mailer.Limits{MaxBytes: 2000})))
			k.send(to)
			k.want("250")
			k.want("250")
			k.want("250")
			k.send(c.wire)
			_ = k.c.(*net.TCPConn).CloseWrite()
			var codes []string
			for r := k.read(); r != ""; r = k.read() {
				codes = append(codes, r[:3])
			}
			if got := strings.Join(codes, " "); got != c.replies {
				t.Errorf("replies %q, want %q", got, c.replies)
			}
			var raws []string
			for _, m := range in.all() {
				raws = append(raws, m.raw)
			}
			if fmt.Sprint(raws) != fmt.Sprint(c.want) {
				t.Errorf("accepted %q, want %q", raws, c.want)
			}
		})
	}
}

func TestConversation(t *testing.T) {
	for name, c := range map[string]struct{ lines, replies string }{
		"MAIL needs EHLO":                          {"MAIL FROM:<a@b.test>", "503"},
		"RCPT needs MAIL":                          {"EHLO c|RCPT TO:<team@here.test>", "250 503"},
		"DATA needs RCPT":                          {"EHLO c|MAIL FROM:<>|DATA", "250 250 554"},
		"a bounce is taken":                        {"EHLO c|MAIL FROM:<>|RCPT TO:<team@here.test>", "250 250 250"},
		"an unknown recipient":                     {"EHLO c|MAIL FROM:<>|RCPT TO:<who@here.test>", "250 250 550"},
		"relaying is refused":                      {"EHLO c|MAIL FROM:<>|RCPT TO:<x@elsewhere.test>", "250 250 550"},
		"percent and route relaying":               {"EHLO c|MAIL FROM:<>|RCPT TO:<x%e.test@here.test>|RCPT TO:<@e.test:x@f.test>", "250 250 550 550"},
		"a recipient we cannot check":              {"EHLO c|MAIL FROM:<>|RCPT TO:<broken@here.test>", "250 250 451"},
		"postmaster without a domain":              {"EHLO c|MAIL FROM:<>|RCPT TO:<Postmaster>", "250 250 250"},
		"needless quotes come off":                 {"EHLO c|MAIL FROM:<>|RCPT TO:<\"team\"@here.test>", "250 250 250"},
		"two mails at once":                        {"EHLO c|MAIL FROM:<>|MAIL FROM:<>", "250 250 503"},
		"EHLO resets":                              {"EHLO c|MAIL FROM:<>|EHLO c|MAIL FROM:<>", "250 250 250 250"},
		"SIZE above the limit":                     {"EHLO c|MAIL FROM:<> SIZE=50000001", "250 552"},
		"SIZE that is none":                        {"EHLO c|MAIL FROM:<> SIZE=-1", "250 501"},
		"a parameter twice":                        {"EHLO c|MAIL FROM:<> SIZE=1 SIZE=2", "250 501"},
		"an unknown parameter":                     {"EHLO c|MAIL FROM:<> AUTH=<>", "250 555"},
		"BODY":                                     {"EHLO c|MAIL FROM:<> BODY=8BITMIME|RSET|MAIL FROM:<> BODY=BINARYMIME", "250 250 250 501"},
		"UTF-8 needs SMTPUTF8":                     {"EHLO c|MAIL FROM:<ä@b.test>", "250 553"},
		"UTF-8 with SMTPUTF8":                      {"EHLO c|MAIL FROM:<ä@b.test> SMTPUTF8|RCPT TO:<tëam@here.test>", "250 250 250"},
		"an address without brackets":              {"EHLO c|MAIL FROM:a@b.test", "250 501"},
		"an address with a bracket within":         {"EHLO c|MAIL FROM:<a>b@c.test>", "250 501"},
		"an address with a space":                  {"EHLO c|MAIL FROM:<a b@c.test>", "250 553"},
		"an address without a domain":              {"EHLO c|MAIL FROM:<a@>", "250 553"},
		"AUTH is not offered":                      {"EHLO c|AUTH PLAIN AGEAYg==", "250 502"},
		"STARTTLS without a certificate":           {"EHLO c|STARTTLS", "250 502"},
		"VRFY says the same for all":               {"VRFY team@here.test|VRFY nobody", "252 252"},
		"EHLO without a name":                      {"EHLO", "501"},
		"an unknown command":                       {"FOO|", "500 500"},
		"DATA with an argument":                    {"EHLO c|MAIL FROM:<>|RCPT TO:<team@here.test>|DATA x", "250 250 250 501"},
		"a lower-case command":                     {"ehlo c|mail from:<> size=10", "250 250"},
		"a space after the colon, as many send it": {"EHLO c|MAIL FROM: <a@b.test>", "250 250"},
	} {
		t.Run(name, func(t *testing.T) {
			var in inbox
			k := dial(t, mailertest.Serve(t, in.server(mailer.Limits{})))
			var codes []string
			for _, l := range strings.Split(c.lines, "|") {
				codes = append(codes, k.cmd(l, "")[:3])
			}
			if got := strings.Join(codes, " "); got != c.replies {
				t.Errorf("replies %q, want %q", got, c.replies)
			}
		})
	}
}

func TestUnknownRecipientsGetOneText(t *testing.T) {
	var in inbox
	k := dial(t, mailertest.Serve(t, in.server(mailer.Limits{})))
	k.cmd("EHLO c", "250")
	k.cmd("MAIL FROM:<>", "250")
	one := k.cmd("RCPT TO:<who@here.test>", "550")
	two := k.cmd("RCPT TO:<x@elsewhere.test>", "550")
	if one != two {
		t.Errorf("%q and %q differ", one, two)
	}
}

func TestAcceptDecidesTheAnswer(t *testing.T) {
	for name, c := range map[string]struct {
		err  error
		code string
	}{
		"a full disk is temporary":      {fault.New(fault.Unavailable, "store.full"), "451 4.3.1"},
		"an unexpected error is too":    {errors.New("secret words of the case"), "451"},
		"a full backlog is temporary":   {fault.New(fault.TooMany, "x"), "451 4.3.2"},
		"a limit of size is permanent":  {fault.New(fault.TooLarge, "x"), "552"},
		"a wrong mail is permanent":     {fault.New(fault.Invalid, "x"), "554"},
		"a conflict is tried again":     {fault.New(fault.Conflict, "x"), "451"},
		"a refused sender is permanent": {fault.New(fault.Denied, "x"), "550"},
	} {
		t.Run(name, func(t *testing.T) {
			in := inbox{fail: c.err}
			k := dial(t, mailertest.Serve(t, in.server(mailer.Limits{})))
			k.toData()
			k.send("x\r\n.\r\n")
			if got := k.want(c.code); strings.Contains(got, "secret") {
				t.Errorf("the reply tells: %q", got)
			}
			k.cmd("NOOP", "250") // and nothing else stops
		})
	}
}

func TestAcceptThatPanicsOrReadsNothing(t *testing.T) {
	var in inbox
	in.hook = func(context.Context, mailer.Incoming) error { panic("boom") }
	addr := mailertest.Serve(t, in.server(mailer.Limits{}))
	k := dial(t, addr)
	k.toData()
	k.send("x\r\n.\r\n")
	k.want("421")

	lazy := &mailer.Server{Domain: "here.test", KnownRecipient: known,
		Accept: func(context.Context, mailer.Incoming) error { return nil }}
	k = dial(t, mailertest.Serve(t, lazy))
	k.toData()
	k.send("x\r\n.\r\n")
	k.want("451")
}

func TestLimits(t *testing.T) {
	t.Run("a mail above the size is refused at its end and the session goes on", func(t *testing.T) {
		var in inbox
		k := dial(t, mailertest.Serve(t, in.server(mailer.Limits{MaxBytes: 1000})))
		k.toData()
		k.send(strings.Repeat("x\r\n", 400) + ".\r\n")
		k.want("552")
		k.cmd("NOOP", "250")
	})
	t.Run("one that never ends is cut off", func(t *testing.T) {
		var in inbox
		k := dial(t, mailertest.Serve(t, in.server(mailer.Limits{MaxBytes: 1000})))
		k.toData()
		k.send(strings.Repeat("x\r\n", 1000))
		k.want("552")
	})
	t.Run("a line above the limit", func(t *testing.T) {
		var in inbox
		k := dial(t, mailertest.Serve(t, in.server(mailer.Limits{})))
		k.toData()
		k.send(strings.Repeat("x", 8193) + "\r\n.\r\n")
		k.want("550")
	})
	t.Run("recipients", func(t *testing.T) {
		var in inbox
		k := dial(t, mailertest.Serve(t, in.server(mailer.Limits{Recipients: 1})))
		k.cmd("EHLO c", "250")
		k.cmd("MAIL FROM:<>", "250")
		k.cmd("RCPT TO:<team@here.test>", "250")
		k.cmd("RCPT TO:<team@here.test>", "452")
	})
	t.Run("bad commands", func(t *testing.T) {
		var in inbox
		k := dial(t, mailertest.Serve(t, in.server(mailer.Limits{BadCommands: 2})))
		k.cmd("FOO", "500")
		k.cmd("FOO", "500")
		k.cmd("FOO", "500")
		k.want("421")
	})
	t.Run("connections", func(t *testing.T) {
		var in inbox
		addr := mailertest.Serve(t, in.server(mailer.Limits{Connections: 1}))
		dial(t, addr)
		c, err := net.Dial("tcp", addr)
		if err != nil {
			t.Fatal(err)
		}
		defer c.Close()
		if all, _ := io.ReadAll(c); !bytes.HasPrefix(all, []byte("421")) {
			t.Errorf("second connection: %q", all)
		}
	})
	t.Run("mail sent before 354 is refused", func(t *testing.T) {
		var in inbox
		k := dial(t, mailertest.Serve(t, in.server(mailer.Limits{})))
		k.send("EHLO c\r\nMAIL FROM:<>\r\nRCPT TO:<team@here.test>\r\nDATA\r\nx\r\n.\r\n")
		for _, p := range []string{"250", "250", "250", "554"} {
			k.want(p)
		}
		if len(in.all()) > 0 {
			t.Error("accepted")
		}
	})
}

func selfSigned(t *testing.T) (*tls.Config, *x509.CertPool) {
	t.Helper()
	cert, err := tlsconf.SelfSigned("localhost", time.Now())
	if err != nil {
		t.Fatal(err)
	}
	conf := tlsconf.Base()
	conf.Certificates = []tls.Certificate{cert}
	pool := x509.NewCertPool()
	pool.AddCert(cert.Leaf)
	return conf, pool
}

func TestSTARTTLS(t *testing.T) {
	conf, pool := selfSigned(t)
	var in inbox
	s := in.server(mailer.Limits{})
	s.TLS = conf
	addr := mailertest.Serve(t, s)

	k := dial(t, addr)
	if caps := k.cmd("EHLO c", "250"); !strings.Contains(caps, "STARTTLS") {
		t.Fatalf("not offered: %q", caps)
	}
	k.cmd("MAIL FROM:<a@b.test>", "250")
	k.cmd("STARTTLS", "220")
	tc := tls.Client(k.c, &tls.Config{RootCAs: pool, ServerName: "localhost"})
	k.c, k.r = tc, bufio.NewReader(tc)
	k.cmd("RCPT TO:<team@here.test>", "503") // what was said in clear is forgotten
	if caps := k.cmd("EHLO c", "250"); strings.Contains(caps, "STARTTLS") {
		t.Errorf("offered twice: %q", caps)
	}
	k.cmd("MAIL FROM:<a@b.test>", "250")
	k.cmd("RCPT TO:<team@here.test>", "250")
	k.cmd("DATA", "354")
	k.send("x\r\n.\r\n")
	k.want("250")
	if got := in.all(); len(got) != 1 || !got[0].TLS || !got[0].Remote.IsLoopback() || got[0].HELO != "c" {
		t.Errorf("got %+v", got)
	}

	t.Run("commands injected before the handshake do not run", func(t *testing.T) {
		k := dial(t, addr)
		k.cmd("EHLO c", "250")
		k.send("STARTTLS\r\nMAIL FROM:<evil@b.test>\r\n")
		k.want("554")
		if rest, _ := io.ReadAll(k.r); len(rest) > 0 {
			t.Errorf("still talking: %q", rest)
		}
	})
	t.Run("after a failed handshake nothing goes on in clear", func(t *testing.T) {
		k := dial(t, addr)
		k.cmd("EHLO c", "250")
		k.cmd("STARTTLS", "220")
		k.send("EHLO c\r\nMAIL FROM:<a@b.test>\r\n")
		if rest, _ := io.ReadAll(k.r); bytes.Contains(rest, []byte("250")) {
			t.Errorf("still talking: %q", rest)
		}
	})
}

func TestShutdownFinishesARunningMail(t *testing.T) {
	var in inbox
	s := in.server(mailer.Limits{})
	ctx, cancel := context.WithCancel(t.Context())
	s.Addr = "127.0.0.1:0"
	l, err := s.Listen(ctx)
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan error, 1)
	go func() { done <- s.Serve(ctx, l) }()
	idle, busy := dial(t, l.Addr().String()), dial(t, l.Addr().String())
	idle.cmd("EHLO c", "250")
	busy.toData()
	busy.send("half a mail\r\n")
	cancel()
	idle.want("421") // the idle one is sent home at once
	busy.send("the other half\r\n.\r\n")
	busy.want("250")
	busy.want("421")
	if err := <-done; err != nil {
		t.Error(err)
	}
	if got := in.all(); len(got) != 1 || got[0].raw != "half a mail\r\nthe other half\r\n" {
		t.Errorf("got %+v", got)
	}
}

func TestSwaks(t *testing.T) {
	swaks, err := exec.LookPath("swaks")
	if err != nil {
		if os.Getenv("CI") == "true" {
			t.Fatal("swaks is missing")
		}
		t.Skip("SKIPPED: swaks is not installed, so no real client was tried")
	}
	conf, _ := selfSigned(t)
	var in inbox
	s := in.server(mailer.Limits{})
	s.TLS = conf
	addr := mailertest.Serve(t, s)
	host, port, _ := net.SplitHostPort(addr)
	sent := 0
	for name, args := range map[string][]string{
		"in clear":   nil,
		"over TLS":   {"--tls"},
		"pipelined":  {"--pipeline"},
		"attachment": {"--attach", "/etc/hostname"},
	} {
		args = append([]string{"--server", host, "--port", port, "--from", "a@b.test", "--to", "team@here.test"}, args...)
		out, err := exec.Command(swaks, args...).CombinedOutput()
		if strings.Contains(string(out), "requires Net::SSLeay") && os.Getenv("CI") != "true" {
			t.Logf("SKIPPED %s: swaks needs libnet-ssleay-perl", name)
			continue
		}
		sent++
		if err != nil {
			t.Errorf("%s: %v\n%s", name, err, out)
		}
	}
	out, err := exec.Command(swaks, "--server", host, "--port", port, "--from", "a@b.test", "--to", "x@there.test").CombinedOutput()
	if err == nil || !strings.Contains(string(out), "550") {
		t.Errorf("an unknown recipient: %v\n%s", err, out)
	}
	if n := len(in.all()); n != sent {
		t.Errorf("%d mails, want %d", n, sent)
	}
}
