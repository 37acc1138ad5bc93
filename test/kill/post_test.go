package kill

import (
	"errors"
	"fmt"
	"io"
	"mime"
	"net"
	netmail "net/mail"
	"net/smtp"
	"net/textproto"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"
)

// mail is one mail and what its sender was told.
type mail struct {
	subject, from string
	acknowledged  bool // the sender got a 250
	refused       bool // the sender got another answer
}

// post is every mail that was sent.
type post struct {
	mu    sync.Mutex
	count int
	mails map[string]*mail // by subject
}

// next makes a new mail.
func (p *post) next() (*mail, int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.count++
	m := &mail{subject: fmt.Sprintf("report %d of the kill test", p.count), from: fmt.Sprintf("r%d@reporter.example", p.count)}
	p.mails[m.subject] = m
	return m, p.count
}

// all returns copies of the mails.
func (p *post) all() []mail {
	p.mu.Lock()
	defer p.mu.Unlock()
	var out []mail
	for _, m := range p.mails {
		out = append(out, *m)
	}
	return out
}

func (p *post) heard(m *mail, err error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	var answer *textproto.Error
	m.acknowledged = err == nil
	m.refused = errors.As(err, &answer)
}

// send sends one new mail to the server at the address; every third is too large
// for a row and goes to the store of files first.
func (p *post) send(address string) (*mail, error) {
	m, n := p.next()
	filler := 1 << 10
	if n%3 == 0 {
		filler = 100 << 10
	}
	body := fmt.Sprintf("From: Reporter <%s>\r\nTo: %s\r\nSubject: %s\r\nDate: %s\r\nMessage-ID: <%d.%d@reporter.example>\r\nMIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\n\r\nThe parser reads beyond its buffer.\r\n%s\r\n",
		m.from, role, m.subject, time.Now().Format(time.RFC1123Z), n, os.Getpid(), strings.Repeat("0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcd\r\n", filler/64))
	err := deliver(address, m.from, body)
	p.heard(m, err)
	return m, err
}

// deliver speaks SMTP; nil is the server's 250 to the end of DATA.
func deliver(address, from, body string) error {
	conn, err := net.DialTimeout("tcp", address, 5*time.Second)
	if err != nil {
		return err
	}
	defer conn.Close()
	conn.SetDeadline(time.Now().Add(150 * time.Second)) // behind a locked database others wait too
	c, err := smtp.NewClient(conn, "localhost")
	if err != nil {
		return err
	}
	if err := c.Mail(from); err != nil {
		return err
	}
	if err := c.Rcpt(role); err != nil {
		return err
	}
	data, err := c.Data()
	if err != nil {
		return err
	}
	if _, err := io.WriteString(data, body); err != nil {
		return err
	}
	if err := data.Close(); err != nil {
		return err
	}
	c.Quit()
	return nil
}

// letter is one mail in the sink.
type letter struct{ to, id, subject string }

// sent reads the sink.
func sent(dir string) ([]letter, error) {
	names, err := filepath.Glob(filepath.Join(dir, "new", "*"))
	if err != nil {
		return nil, err
	}
	var out []letter
	for _, name := range names {
		f, err := os.Open(name)
		if err != nil {
			return nil, err
		}
		m, err := netmail.ReadMessage(f)
		f.Close()
		if err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
		subject, _ := new(mime.WordDecoder).DecodeHeader(m.Header.Get("Subject"))
		to := strings.Trim(m.Header.Get("X-Envelope-To"), `["]`)
		out = append(out, letter{to: to, id: m.Header.Get("Message-ID"), subject: subject})
	}
	return out, nil
}
