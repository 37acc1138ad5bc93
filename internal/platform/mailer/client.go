package mailer

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"time"

	"github.com/emersion/go-smtp"

	"github.com/tocsin-sec/tocsin/internal/base/fault"
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
	Code     int    // SMTP reply code
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

// Send hands over one mail and returns one Result for each recipient, in order;
// a reply to the whole mail stands with every recipient it concerns. The error is
// nil when every recipient has an answer, good or bad. Otherwise it is
// fault.Unavailable when the mail should be tried again (no smarthost, no TLS
// where it is required, refused sign-in, broken connection: somebody may have got
// the mail, which is why Message-IDs are stable) and fault.Invalid when it can
// never be sent (bare CR, NUL, a line above 998 bytes). Bare LF becomes CR LF.
func (c *Client) Send(ctx context.Context, env Envelope, msg io.Reader) ([]Result, error) {
	maxTime := c.MaxTime
	or(&maxTime, 15*time.Minute)
	ctx, cancel := context.WithTimeout(ctx, maxTime)
	defer cancel()
	conn, err := c.connect(ctx)
	if err != nil {
		return nil, unavailable(err)
	}
	// Closing is what wakes a read or write that waits.
	defer context.AfterFunc(ctx, func() { conn.Close() })()
	defer conn.Close()
	sc, err := c.greet(conn)
	if err != nil {
		return nil, unavailable(err)
	}
	results, err := transmit(sc, env, msg)
	if err != nil {
		return nil, err
	}
	_ = sc.Quit() // the answers are in: how the peer says goodbye changes nothing
	return results, nil
}

// Probe signs in to the smarthost and leaves; the doctor asks it. The error is
// fault.Unavailable.
func (c *Client) Probe(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, time.Minute)
	defer cancel()
	conn, err := c.connect(ctx)
	if err != nil {
		return unavailable(err)
	}
	defer context.AfterFunc(ctx, func() { conn.Close() })()
	defer conn.Close()
	sc, err := c.greet(conn)
	if err != nil {
		return unavailable(err)
	}
	_ = sc.Quit()
	return nil
}

func unavailable(err error) error {
	return fault.New(fault.Unavailable, "mailer.smarthost.down").Because(err)
}

func (c *Client) connect(ctx context.Context) (net.Conn, error) {
	step := c.Timeout
	or(&step, 2*time.Minute)
	dial := c.Dial
	if dial == nil {
		dial = (&net.Dialer{Timeout: min(step, 30*time.Second)}).DialContext
	}
	conn, err := dial(ctx, "tcp", net.JoinHostPort(c.Smarthost.Host, c.Smarthost.Port))
	if err != nil {
		return nil, fmt.Errorf("dial %s: %w", c.Smarthost, err)
	}
	// go-smtp takes its deadlines off while it writes a mail; this puts one on
	// every read and write.
	end, _ := ctx.Deadline()
	return &timedConn{Conn: conn, piece: step, session: end}, nil
}

// greet brings the connection to where MAIL may be said, over TLS unless the
// policy is Plain.
func (c *Client) greet(conn net.Conn) (*smtp.Client, error) {
	conf := &tls.Config{}
	if c.TLS != nil {
		conf = c.TLS.Clone()
	}
	conf.ServerName = c.Smarthost.Host
	conf.MinVersion = max(conf.MinVersion, tls.VersionTLS12)
	var sc *smtp.Client
	var err error
	switch c.Smarthost.Policy {
	case StartTLS:
		sc, err = smtp.NewClientStartTLS(conn, conf)
	case ImplicitTLS:
		sc = smtp.NewClient(tls.Client(conn, conf))
	case Plain:
		sc = smtp.NewClient(conn)
	default:
		err = errors.New("no smarthost")
	}
	if err != nil {
		return nil, fmt.Errorf("greet %s: %w", c.Smarthost, err)
	}
	name := c.Name
	if name == "" {
		name = "localhost"
	}
	if err := sc.Hello(name); err != nil {
		return nil, fmt.Errorf("greet %s: %w", c.Smarthost, err)
	}
	if c.Smarthost.User == "" {
		return sc, nil
	}
	if err := sc.Auth(c.login(sc)); err != nil {
		return nil, fmt.Errorf("sign in to %s: %w", c.Smarthost, err)
	}
	return sc, nil
}

// transmit says MAIL, RCPT and DATA and gathers the answers.
func transmit(sc *smtp.Client, env Envelope, msg io.Reader) ([]Result, error) {
	results := make([]Result, len(env.To))
	if !writable(env.From) && env.From != "" {
		for i, a := range env.To {
			results[i] = Result{a, 553, "5.1.7", "the sender is not an address"}
		}
		return results, nil
	}
	from, to, utf8 := wireAddresses(env)
	if ok, _ := sc.Extension("SMTPUTF8"); utf8 && !ok {
		// Permanent for all: the envelope is one, and the caller may split it.
		for i, a := range env.To {
			results[i] = Result{a, 553, "5.6.7", "the smarthost does not take internationalised addresses (SMTPUTF8)"}
		}
		return results, nil
	}
	opts := &smtp.MailOptions{Size: env.Size, UTF8: utf8}
	if err := sc.Mail(from, opts); err != nil {
		return answerAll(results, env.To, err)
	}
	accepted := 0
	for i, a := range to {
		if !writable(a) {
			results[i] = Result{env.To[i], 553, "5.1.3", "not an address"}
			continue
		}
		r, err := answer(env.To[i], sc.Rcpt(a, nil))
		if err != nil {
			return nil, err
		}
		if results[i] = r; r.Delivered() {
			accepted++
		}
	}
	if accepted == 0 {
		return results, nil
	}
	final, err := transmitData(sc, msg)
	if err != nil {
		return nil, err
	}
	for i := range results {
		if results[i].Delivered() {
			a := results[i].Address
			results[i] = final
			results[i].Address = a
		}
	}
	return results, nil
}

// transmitData streams the mail and returns the answer to it.
func transmitData(sc *smtp.Client, msg io.Reader) (Result, error) {
	w, err := sc.Data()
	if err != nil {
		return answer("", err)
	}
	in := &outgoing{r: msg}
	// On an error the connection is closed before the final dot: nobody gets half
	// a mail.
	if _, err := io.Copy(w, in); err != nil {
		if in.err != nil {
			return Result{}, in.err
		}
		return Result{}, unavailable(fmt.Errorf("send mail: %w", err))
	}
	resp, err := w.CloseWithResponse()
	if err != nil {
		return answer("", err)
	}
	return Result{Code: 250, Text: oneLine(resp.StatusText)}, nil
}

// answer turns go-smtp's error into a Result; one that is no SMTP answer is a
// broken connection.
func answer(address string, err error) (Result, error) {
	var se *smtp.SMTPError
	switch {
	case err == nil:
		return Result{Address: address, Code: 250}, nil
	case !errors.As(err, &se):
		return Result{}, unavailable(err)
	case se.Code == 421: // the smarthost hangs up: nothing after it will be answered
		return Result{}, unavailable(err)
	}
	r := Result{Address: address, Code: se.Code, Text: oneLine(se.Message)}
	if e := se.EnhancedCode; e[0] > 0 {
		r.Enhanced = fmt.Sprintf("%d.%d.%d", e[0], e[1], e[2])
	}
	if r.Code/100 != 4 && r.Code/100 != 5 { // an answer out of order is a broken peer
		return Result{}, unavailable(err)
	}
	return r, nil
}

func answerAll(results []Result, to []string, err error) ([]Result, error) {
	for i, a := range to {
		r, err := answer(a, err)
		if err != nil {
			return nil, err
		}
		results[i] = r
	}
	return results, nil
}
