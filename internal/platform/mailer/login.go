package mailer

import (
	"errors"
	"strings"

	"github.com/emersion/go-smtp"
)

// login picks how to sign in. Both ways send the password itself, which is why
// ParseSmarthost allows a user only over TLS or to this machine.
func (c *Client) login(sc *smtp.Client) interface {
	Start() (mech string, ir []byte, err error)
	Next(challenge []byte) (response []byte, err error)
} {
	if !sc.SupportsAuth("PLAIN") && sc.SupportsAuth("LOGIN") {
		return loginAuth{c}
	}
	return plainAuth{c}
}

// plainAuth is SASL PLAIN (RFC 4616).
type plainAuth struct{ c *Client }

// Start implements sasl.Client.
func (a plainAuth) Start() (string, []byte, error) {
	h := a.c.Smarthost
	return "PLAIN", []byte("\x00" + h.User + "\x00" + h.Password.Reveal()), nil
}

// Next implements sasl.Client.
func (plainAuth) Next([]byte) ([]byte, error) {
	return nil, errors.New("unexpected question of the server")
}

// loginAuth is the older LOGIN, which some large mail services have instead.
type loginAuth struct{ c *Client }

// Start implements sasl.Client.
func (loginAuth) Start() (string, []byte, error) { return "LOGIN", nil, nil }

// Next implements sasl.Client.
func (a loginAuth) Next(question []byte) ([]byte, error) {
	if strings.HasPrefix(strings.ToLower(string(question)), "pass") {
		return []byte(a.c.Smarthost.Password.Reveal()), nil
	}
	return []byte(a.c.Smarthost.User), nil
}

// cutLast splits an address at its last @.
func cutLast(a string) (local, domain string, ok bool) {
	i := strings.LastIndexByte(a, '@')
	if i < 0 {
		return a, "", false
	}
	return a[:i], a[i+1:], true
}
