package mailer_test

import (
	"bufio"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"strings"
	"testing"
	"time"

	"github.com/emersion/go-smtp"

	"github.com/tocsin-sec/tocsin/internal/base/fault"
	"github.com/tocsin-sec/tocsin/internal/base/secret"
	"github.com/tocsin-sec/tocsin/internal/platform/mailer"
)

// smarthost is go-smtp's server, which nobody here wrote.
type smarthost struct {
	rcpt func(to string) error
	data func(string) error
	from string
	utf8 bool
	got  []string
	to   []string
}

func (h *smarthost) NewSession(*smtp.Conn) (smtp.Session, error) { return h, nil }
func (h *smarthost) Reset()                                      {}
func (h *smarthost) Logout() error                               { return nil }
func (h *smarthost) Mail(from string, o *smtp.MailOptions) error {
	h.from, h.utf8 = from, o.UTF8
	return nil
}
func (h *smarthost) Rcpt(to string, _ *smtp.RcptOptions) error {
	if h.rcpt != nil {
		if err := h.rcpt(to); err != nil {
			return err
		}
	}
	h.to = append(h.to, to)
	return nil
}
func (h *smarthost) Data(r io.Reader) error {
	b, err := io.ReadAll(r)
	if err != nil {
		return err
	}
	if h.data != nil {
		if err := h.data(string(b)); err != nil {
			return err
		}
	}
	h.got = append(h.got, string(b))
	return nil
}

// client starts h and returns a client for it.
func (h *smarthost) client(t *testing.T, change func(*smtp.Server)) *mailer.Client {
	t.Helper()
	s := smtp.NewServer(h)
	s.EnableSMTPUTF8 = true
	if change != nil {
		change(s)
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan error, 1)
	go func() { done <- s.Serve(l) }()
	t.Cleanup(func() { s.Close(); <-done })
	sh, err := mailer.ParseSmarthost("smtp://" + l.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	return &mailer.Client{Smarthost: sh, Name: "here.test", Timeout: 10 * time.Second}
}

const letter = "From: a@here.test\r\nSubject: x\r\n\r\n.dot\r\n..\r\nend\r\n"

func TestClientDelivers(t *testing.T) {
	var h smarthost
	c := h.client(t, nil)
	res, err := c.Send(t.Context(), mailer.Envelope{From: "bounce+1@here.test", To: []string{"b@x.test", "c@x.test"}, Size: int64(len(letter))}, strings.NewReader(letter))
	if err != nil || len(res) != 2 || !res[0].Delivered() || !res[1].Delivered() || res[1].Address != "c@x.test" {
		t.Fatalf("%+v, %v", res, err)
	}
	if h.from != "bounce+1@here.test" || len(h.got) != 1 || h.got[0] != letter || h.utf8 {
		t.Errorf("from %q got %q utf8 %v", h.from, h.got, h.utf8)
	}
	if err := c.Probe(t.Context()); err != nil {
		t.Error(err)
	}
}

func TestClientKeepsAnswersApart(t *testing.T) {
	h := smarthost{rcpt: func(to string) error {
		switch to {
		case "gone@x.test":
			return &smtp.SMTPError{Code: 550, EnhancedCode: smtp.EnhancedCode{5, 1, 1}, Message: "no such user"}
		case "full@x.test":
			return &smtp.SMTPError{Code: 452, EnhancedCode: smtp.EnhancedCode{4, 2, 2}, Message: "over quota"}
		}
		return nil
	}}
	res, err := h.client(t, nil).Send(t.Context(), mailer.Envelope{To: []string{"gone@x.test", "b@x.test", "full@x.test"}}, strings.NewReader(letter))
	if err != nil {
		t.Fatal(err)
	}
	got := fmt.Sprint(res[0].Permanent(), res[1].Delivered(), res[2].Delivered(), res[2].Permanent(), res[0].Enhanced, "-", res[2].Code)
	if got != "true true false false5.1.1-452" {
		t.Errorf("%s: %+v", got, res)
	}
	if len(h.got) != 1 || fmt.Sprint(h.to) != "[b@x.test]" {
		t.Errorf("delivered to %v", h.to)
	}
}

func TestClientAnswerToTheMailStandsWithEveryRecipient(t *testing.T) {
	h := smarthost{data: func(string) error { return &smtp.SMTPError{Code: 554, Message: "looks like spam"} }}
	res, err := h.client(t, nil).Send(t.Context(), mailer.Envelope{To: []string{"b@x.test", "c@x.test"}}, strings.NewReader(letter))
	if err != nil || !res[0].Permanent() || !res[1].Permanent() {
		t.Errorf("%+v, %v", res, err)
	}
}

func TestClientRefusesWhatCouldBeReadTwoWays(t *testing.T) {
	for name, msg := range map[string]string{
		"bare CR":     "a: b\r\n\r\nx\ry\r\n",
		"NUL":         "a: b\r\n\r\nx\x00\r\n",
		"a long line": "a: b\r\n\r\n" + strings.Repeat("x", 999) + "\r\n",
	} {
		t.Run(name, func(t *testing.T) {
			var h smarthost
			_, err := h.client(t, nil).Send(t.Context(), mailer.Envelope{To: []string{"b@x.test"}}, strings.NewReader(msg))
			if !fault.Is(err, fault.Invalid) || len(h.got) > 0 {
				t.Errorf("error %v, got %q", err, h.got)
			}
		})
	}
	t.Run("a reader that fails sends no half mail", func(t *testing.T) {
		var h smarthost
		broken := io.MultiReader(strings.NewReader(letter), errReader{})
		_, err := h.client(t, nil).Send(t.Context(), mailer.Envelope{To: []string{"b@x.test"}}, broken)
		if !errors.Is(err, errBroken) || len(h.got) > 0 {
			t.Errorf("error %v, got %q", err, h.got)
		}
	})
	for name, a := range map[string]string{"a line break": "b@x.test>\r\nRCPT TO:<evil@x.test", "a parameter": "b@x.test> SIZE=1",
		"nothing in it": "", "no domain": "b", "a space": "b c@x.test"} {
		t.Run("an address with "+name, func(t *testing.T) {
			var h smarthost
			c := h.client(t, nil)
			res, err := c.Send(t.Context(), mailer.Envelope{To: []string{a}}, strings.NewReader(letter))
			if err != nil || !res[0].Permanent() || len(h.to) > 0 {
				t.Errorf("%+v %v, sent to %q", res, err, h.to)
			}
			if a == "" {
				return
			}
			res, err = c.Send(t.Context(), mailer.Envelope{From: a, To: []string{"b@x.test"}}, strings.NewReader(letter))
			if err != nil || !res[0].Permanent() || len(h.got) > 0 {
				t.Errorf("as sender: %+v %v", res, err)
			}
		})
	}
}

var errBroken = errors.New("disk is gone")

type errReader struct{}

func (errReader) Read([]byte) (int, error) { return 0, errBroken }

func TestClientTLS(t *testing.T) {
	conf, pool := selfSigned(t)
	withTLS := func(s *smtp.Server) { s.TLSConfig = conf }
	required := func(c *mailer.Client) { c.Smarthost.Policy = mailer.StartTLS; c.Smarthost.Host = "localhost" }
	send := func(c *mailer.Client) error {
		_, err := c.Send(t.Context(), mailer.Envelope{To: []string{"b@x.test"}}, strings.NewReader(letter))
		return err
	}
	t.Run("required and there", func(t *testing.T) {
		var h smarthost
		c := h.client(t, withTLS)
		required(c)
		c.TLS = &tls.Config{RootCAs: pool}
		if err := send(c); err != nil || len(h.got) != 1 {
			t.Error(err)
		}
	})
	t.Run("a certificate nobody vouches for stops the mail", func(t *testing.T) {
		var h smarthost
		c := h.client(t, withTLS)
		required(c)
		if err := send(c); !fault.Is(err, fault.Unavailable) || len(h.got) > 0 {
			t.Error(err)
		}
	})
	t.Run("a certificate for another name stops the mail", func(t *testing.T) {
		var h smarthost
		c := h.client(t, withTLS)
		required(c)
		c.TLS = &tls.Config{RootCAs: pool}
		c.Smarthost.Host = "127.0.0.1"
		if err := send(c); !fault.Is(err, fault.Unavailable) || len(h.got) > 0 {
			t.Error(err)
		}
	})
	t.Run("STARTTLS stripped on the way stops the mail", func(t *testing.T) {
		var h smarthost
		c := h.client(t, nil)
		required(c)
		if err := send(c); !fault.Is(err, fault.Unavailable) || len(h.got) > 0 {
			t.Error(err)
		}
	})
}

func TestClientInternationalAddresses(t *testing.T) {
	var h smarthost
	c := h.client(t, nil)
	env := mailer.Envelope{From: "a@here.test", To: []string{"b@bücher.test"}}
	if _, err := c.Send(t.Context(), env, strings.NewReader(letter)); err != nil {
		t.Fatal(err)
	}
	if h.utf8 || h.to[0] != "b@xn--bcher-kva.test" {
		t.Errorf("utf8 %v to %q: a domain alone needs no SMTPUTF8", h.utf8, h.to)
	}
	env.To = []string{"bü@x.test"}
	if _, err := c.Send(t.Context(), env, strings.NewReader(letter)); err != nil || !h.utf8 {
		t.Errorf("utf8 %v, %v", h.utf8, err)
	}
	var old smarthost
	res, err := old.client(t, func(s *smtp.Server) { s.EnableSMTPUTF8 = false }).Send(t.Context(), env, strings.NewReader(letter))
	if err != nil || !res[0].Permanent() {
		t.Errorf("%+v, %v", res, err)
	}
}

// TestClientBrokenSmarthosts plays scripts of servers that fail.
func TestClientBrokenSmarthosts(t *testing.T) {
	for name, script := range map[string]string{
		"nobody home":               "",
		"421 in the greeting":       "421 go away\r\n",
		"garbage":                   "\x00\x01\x02\r\n",
		"an endless line":           strings.Repeat("2", 100_000),
		"closed after EHLO":         "220 x\r\n|250 x\r\n",
		"421 to RCPT":               "220 x\r\n|250 x\r\n|250 x\r\n|421 x\r\n",
		"closed after the last dot": "220 x\r\n|250 x\r\n|250 x\r\n|250 x\r\n|354 x\r\n",
		"354 to MAIL":               "220 x\r\n|250 x\r\n|354 x\r\n",
	} {
		t.Run(name, func(t *testing.T) {
			c := scripted(t, script)
			_, err := c.Send(t.Context(), mailer.Envelope{To: []string{"b@x.test"}}, strings.NewReader(letter))
			if !fault.Is(err, fault.Unavailable) {
				t.Errorf("error %v", err)
			}
		})
	}
	t.Run("one that says nothing is given up when the context ends", func(t *testing.T) {
		c := scripted(t, "wait")
		ctx, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
		defer cancel()
		if err := c.Probe(ctx); !fault.Is(err, fault.Unavailable) {
			t.Errorf("error %v", err)
		}
	})
}

func scripted(t *testing.T, script string) *mailer.Client {
	t.Helper()
	ours, theirs := net.Pipe()
	go func() {
		defer theirs.Close()
		in := bufio.NewReader(theirs)
		for i, step := range strings.Split(script, "|") {
			if i > 0 {
				if _, err := in.ReadString('\n'); err != nil {
					return
				}
			}
			if step == "wait" {
				_, _ = in.ReadString('\n')
				return
			}
			if _, err := io.WriteString(theirs, step); err != nil {
				return
			}
			if strings.HasPrefix(step, "354 ") && i == 5 {
				_, _ = in.ReadString('\x00')
			}
		}
	}()
	t.Cleanup(func() { ours.Close(); theirs.Close() })
	return &mailer.Client{Smarthost: mailer.Smarthost{Host: "x.test", Port: "25", Policy: mailer.Plain}, Timeout: time.Second,
		Dial: func(context.Context, string, string) (net.Conn, error) { return ours, nil }}
}

func TestParseSmarthost(t *testing.T) {
	for in, want := range map[string]string{
		"smtp://mail.test":                            "mail.test 25 1 ",
		"smtp://u:p@mail.test":                        "mail.test 587 1 u",
		"smtps://u:p@mail.test":                       "mail.test 465 2 u",
		"smtp://127.0.0.1:2526":                       "127.0.0.1 2526 3 ",
		"smtp://localhost":                            "localhost 25 3 ",
		"smtp://[::1]:25":                             "::1 25 3 ",
		"smtp://127.0.0.1?tls=required":               "127.0.0.1 25 1 ",
		"smtp://mail.test?tls=off":                    "mail.test 25 3 ",
		"smtp://u:geheim@mail.test?tls=off":           "error",
		"smtp://mail.test?tls=maybe":                  "error",
		"smtp://mail.test?x=y":                        "error",
		"smtp://mail.test/path":                       "error",
		"mail.test:25":                                "error",
		"http://mail.test":                            "error",
		"smtp://u:geheim@mail.test:port":              "error",
		"":                                            "error",
		"smtp://":                                     "error",
		"smtps://u:geheim%zz@mail.test":               "error",
		"smtps://mail.test?tls=off":                   "error",
		"smtp://u%40d.test:p%2F@mail.test:25?tls=off": "error",
	} {
		h, err := mailer.ParseSmarthost(in)
		got := fmt.Sprint(h.Host, " ", h.Port, " ", int(h.Policy), " ", h.User)
		if err != nil {
			got = "error"
			if !fault.Is(err, fault.Invalid) || strings.Contains(err.Error(), "geheim") {
				t.Errorf("%q: %v", in, err)
			}
		}
		if got != want {
			t.Errorf("%q: %s, want %s", in, got, want)
		}
	}
	h := mailer.Smarthost{Host: "h", Port: "1", User: "u", Password: secret.New("geheim")}
	if s := fmt.Sprintf("%v %+v %#v", h, h, h); strings.Contains(s, "geheim") {
		t.Error(s)
	}
}
