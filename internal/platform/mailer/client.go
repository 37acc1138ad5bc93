package mailer

import (
	"context"
	"crypto/tls"
	"errors"
	"io"
	"net"
	"time"
)

// Envelope is who a mail is from and for, on the wire.
type Envelope struct {
	From string // "" for a mail that must never be answered (RFC 5321 4.5.5)
	To   []string
	Size int64 // bytes, when known: lets the smarthost refuse early
}

// Result is what the smarthost said about one recipient.
type Result struct {
	Address  string
	Code     int    // SMTP reply code, 0 when the mail did not get that far
	Enhanced string // "5.1.1" (RFC 3463), "" when it gave none
	Text     string // the smarthost's words, one line, cut at 300 bytes; may repeat addresses, never content
}

// Delivered reports whether the smarthost took the mail for this recipient.
func (r Result) Delivered() bool { return r.Code/100 == 2 }

// Permanent reports whether trying again is of no use.
func (r Result) Permanent() bool { return r.Code/100 == 5 }

// Client hands mail to a smarthost. It is safe for concurrent use.
type Client struct {
	Smarthost Smarthost
	Name      string      // for EHLO; default "localhost"
	TLS       *tls.Config // roots for verification; nil means the system's
	Dial      func(ctx context.Context, network, address string) (net.Conn, error)
	Timeout   time.Duration // for one step; default 2 minutes
	MaxTime   time.Duration // for the whole mail; default 15 minutes
}

// Send hands over one mail and returns one Result for each recipient, in order.
// The error is nil when every recipient got an answer, good or bad. Otherwise
// nobody got the mail and the error is fault.Unavailable (try again later:
// smarthost down, 4yz, TLS not as required) or fault.Invalid (5yz for the whole
// mail, an address that cannot be written in SMTP).
func (c *Client) Send(ctx context.Context, env Envelope, msg io.Reader) ([]Result, error) {
	return nil, errors.New("mailer: landing in minutes")
}
