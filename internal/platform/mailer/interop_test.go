package mailer_test

import (
	"bufio"
	"context"
	"crypto/tls"
	"io"
	"strings"
	"testing"

	gosmtp "github.com/emersion/go-smtp"

	"github.com/tocsin-sec/tocsin/internal/platform/mailer"
	"github.com/tocsin-sec/tocsin/internal/platform/mailer/mailertest"
)

// TestClientOfGoSMTP: a client that nobody here wrote gets through, over TLS, with
// several mails on one connection and dots in the text.
func TestClientOfGoSMTP(t *testing.T) {
	conf, pool := selfSigned(t)
	var in inbox
	s := in.server(mailer.Limits{})
	s.TLS = conf
	addr := mailertest.Serve(t, s)
	c, err := gosmtp.DialStartTLS(addr, &tls.Config{RootCAs: pool, ServerName: "localhost"})
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	for range 3 {
		if err := c.SendMail("a@b.test", []string{"team@here.test", "team@here.test"}, strings.NewReader(letter)); err != nil {
			t.Fatal(err)
		}
	}
	if err := c.Quit(); err != nil {
		t.Error(err)
	}
	got := in.all()
	if len(got) != 3 || got[2].raw != letter || len(got[2].To) != 1 {
		t.Errorf("%d mails, %+v", len(got), got)
	}
}

// TestBodyIsReadWhileItArrives: the second half is sent only when the first was
// read, so that a server which gathers the mail first would wait for ever.
func TestBodyIsReadWhileItArrives(t *testing.T) {
	half := make(chan struct{})
	s := &mailer.Server{Domain: "here.test", KnownRecipient: known, Accept: func(_ context.Context, m mailer.Incoming) error {
		r := bufio.NewReader(m.Body)
		if _, err := r.ReadString('\n'); err != nil {
			return err
		}
		close(half)
		_, err := io.Copy(io.Discard, r)
		return err
	}}
	k := dial(t, mailertest.Serve(t, s))
	k.toData()
	k.send("first\r\n")
	<-half
	k.send("second\r\n.\r\n")
	k.want("250")
}

func BenchmarkReceive(b *testing.B) {
	s := &mailer.Server{Domain: "here.test", Limits: mailer.Limits{Mails: 1 << 30}, KnownRecipient: known,
		Accept: func(_ context.Context, m mailer.Incoming) error {
			_, err := io.Copy(io.Discard, m.Body)
			return err
		}}
	c, err := gosmtp.Dial(mailertest.Serve(b, s))
	if err != nil {
		b.Fatal(err)
	}
	defer c.Close()
	mail := strings.Repeat(strings.Repeat("x", 76)+"\r\n", 1<<20/78)
	b.SetBytes(int64(len(mail)))
	if err := c.Hello("b"); err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		if err := c.SendMail("a@b.test", []string{"team@here.test"}, strings.NewReader(mail)); err != nil {
			b.Fatal(err)
		}
	}
}
