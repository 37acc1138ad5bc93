package mailer

import (
	"bytes"
	"fmt"
	"io"
	"strings"

	"golang.org/x/net/idna"

	"github.com/tocsin-sec/tocsin/internal/base/fault"
)

// writable reports whether an address can stand between < and > without becoming
// something else: another command, a parameter.
func writable(a string) bool {
	_, ok := cleanMailbox(a)
	return ok && a != ""
}

// oneLine makes foreign text fit for logs and pages.
func oneLine(s string) string {
	s = strings.ToValidUTF8(strings.Join(strings.Fields(s), " "), "?")
	s = strings.Map(func(r rune) rune {
		if r < ' ' || r == 0x7f {
			return -1
		}
		return r
	}, s)
	return strings.ToValidUTF8(s[:min(len(s), 300)], "")
}

// wireAddresses returns the addresses as they go out: a domain in its ASCII form
// where that is enough, so that SMTPUTF8 is asked for only when a local part
// needs it.
func wireAddresses(env Envelope) (from string, to []string, utf8 bool) {
	one := func(a string) string {
		local, domain, _ := cutLast(a)
		if ascii(a) || !ascii(local) {
			utf8 = utf8 || !ascii(a)
			return a
		}
		d, err := idna.Lookup.ToASCII(domain)
		if err != nil {
			utf8 = true
			return a
		}
		return local + "@" + d
	}
	from = one(env.From)
	for _, a := range env.To {
		to = append(to, one(a))
	}
	return from, to, utf8
}

// outgoing refuses what would be read differently by different servers.
type outgoing struct {
	r    io.Reader
	line int
	cr   bool
	err  error
}

// Read implements io.Reader.
func (o *outgoing) Read(p []byte) (int, error) {
	if o.err != nil {
		return 0, o.err
	}
	n, err := o.r.Read(p)
	if key := o.check(p[:n]); key != "" {
		o.err = fault.New(fault.Invalid, key)
		return 0, o.err
	}
	if err != nil && err != io.EOF {
		o.err = fmt.Errorf("read outgoing mail: %w", err)
		return n, o.err
	}
	return n, err
}

func (o *outgoing) check(p []byte) (key string) {
	if bytes.IndexByte(p, 0) >= 0 {
		return "mailer.send.nul"
	}
	for _, b := range p {
		switch {
		case b == '\n':
			o.line, o.cr = 0, false
		case o.cr:
			return "mailer.send.bare_cr"
		case b == '\r':
			o.cr = true
		default:
			// RFC 5321 4.5.3.1.6; a relay that breaks the line breaks its signature.
			if o.line++; o.line > 998 {
				return "mailer.send.long_line"
			}
		}
	}
	return ""
}
