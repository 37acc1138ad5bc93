package mailer

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/tocsin-sec/tocsin/internal/base/fault"
	"github.com/tocsin-sec/tocsin/internal/base/killpoint"
)

// command runs one command line.
func (ss *session) command(ctx context.Context, line string) {
	verb, arg := split(line)
	var r *reply
	switch verb {
	case "EHLO", "HELO":
		r = ss.hello(verb, arg)
	case "STARTTLS":
		r = ss.startTLS(ctx, arg)
	case "MAIL":
		r = ss.mailFrom(arg)
	case "RCPT":
		r = ss.rcptTo(ctx, arg)
	case "DATA":
		r = ss.data(ctx, arg)
	case "BDAT":
		r = ss.bdat(ctx, arg)
	case "RSET":
		ss.mail = nil
		r = refuse(250, "2.0.0", "Forgotten")
	case "NOOP":
		r = refuse(250, "2.0.0", "OK")
	case "VRFY":
		// The same for every address (RFC 5321 7.3).
		r = refuse(252, "2.5.2", "Send the mail and see")
	case "HELP":
		r = refuse(214, "2.0.0", "RFC 5321")
	case "QUIT":
		r = &reply{221, "2.0.0", "Bye", true}
	case "AUTH", "EXPN", "TURN", "ETRN", "SEND", "SOML", "SAML":
		r = refuse(502, "5.5.1", "Not offered here")
	default:
		r = refuse(500, "5.5.2", "Unknown command")
	}
	if r != nil {
		ss.reply(r)
	}
}

func (ss *session) hello(verb, arg string) *reply {
	name, _, _ := strings.Cut(arg, " ")
	if !plausibleName(name) {
		return refuse(501, "5.5.4", "Say your name: a domain or an address literal")
	}
	ss.helo, ss.mail = name, nil
	if verb == "HELO" {
		return &reply{code: 250, text: ss.server.Domain}
	}
	lines := []string{ss.server.Domain, "PIPELINING", fmt.Sprintf("SIZE %d", ss.limits.MaxBytes),
		"8BITMIME", "SMTPUTF8", "CHUNKING", "ENHANCEDSTATUSCODES"}
	if ss.server.TLS != nil && ss.secure == nil {
		lines = append(lines, "STARTTLS")
	}
	for _, l := range lines {
		fmt.Fprintf(ss.out, "250-%s\r\n", l)
	}
	return &reply{code: 250, text: fmt.Sprintf("LIMITS RCPTMAX=%d MAILMAX=%d", ss.limits.Recipients, ss.limits.Mails)} // RFC 9422
}

func (ss *session) mailFrom(arg string) *reply {
	switch {
	case ss.helo == "":
		return refuse(503, "5.5.1", "Say EHLO first")
	case ss.mail != nil:
		return refuse(503, "5.5.1", "A mail is open already")
	case ss.mails >= ss.limits.Mails:
		return &reply{421, "4.7.0", "Enough mails for one connection, connect again", true}
	}
	p, r := parsePath(arg, "FROM:")
	if r != nil {
		return r
	}
	env := &envelope{from: p.address}
	for name, value := range p.params {
		switch name {
		case "SIZE":
			n, err := parseSize(value)
			if err != nil {
				return refuse(501, "5.5.4", "SIZE is a number")
			}
			if n > ss.limits.MaxBytes {
				return errTooLarge()
			}
		case "BODY":
			if v := strings.ToUpper(value); v != "7BIT" && v != "8BITMIME" {
				return refuse(501, "5.5.4", "BODY is 7BIT or 8BITMIME")
			}
		case "SMTPUTF8":
			env.utf8 = true
		default:
			return refuse(555, "5.5.4", "Unknown parameter of MAIL")
		}
	}
	if !env.utf8 && !ascii(env.from) {
		return refuse(553, "5.6.7", "Say SMTPUTF8 for such an address")
	}
	if !ss.server.mayMail(ss.remote, ss.limits) {
		return refuse(451, "4.7.1", "Too many mails from your address, try again later")
	}
	ss.mail = env
	return refuse(250, "2.1.0", "Sender noted")
}

func (ss *session) rcptTo(ctx context.Context, arg string) *reply {
	switch {
	case ss.mail == nil:
		return refuse(503, "5.5.1", "Say MAIL first")
	case len(ss.mail.to) >= ss.limits.Recipients:
		return refuse(452, "4.5.3", "Too many recipients")
	}
	p, r := parsePath(arg, "TO:")
	switch {
	case r != nil:
		return r
	case len(p.params) > 0:
		return refuse(555, "5.5.4", "Unknown parameter of RCPT")
	case strings.EqualFold(p.address, "postmaster"): // RFC 5321 4.5.1
		p.address = "postmaster@" + ss.server.Domain
	case p.address == "":
		return refuse(501, "5.1.3", "A recipient is needed")
	case !ss.mail.utf8 && !ascii(p.address):
		return refuse(553, "5.6.7", "Say SMTPUTF8 for such an address")
	}
	ctx, cancel := context.WithTimeout(ctx, ss.limits.CommandWait)
	defer cancel()
	switch err := ss.server.KnownRecipient(ctx, p.address); {
	case err == nil:
		if !slices.Contains(ss.mail.to, p.address) {
			ss.mail.to = append(ss.mail.to, p.address)
		}
		return refuse(250, "2.1.5", "Recipient noted")
	case fault.Is(err, fault.NotFound):
		// One text for "never was", "no longer" and "not yours".
		return refuse(550, "5.1.1", "No such recipient here")
	default:
		ss.server.log().Error("smtp recipient", "error", err)
		return refuse(451, "4.3.0", "Cannot tell now, try again later")
	}
}

// ready returns what stands in the way of a transfer.
func (ss *session) ready() *reply {
	if ss.mail == nil {
		return refuse(503, "5.5.1", "Say MAIL first")
	}
	if len(ss.mail.to) == 0 {
		return refuse(554, "5.5.1", "No valid recipient")
	}
	return nil
}

func (ss *session) data(ctx context.Context, arg string) *reply {
	if arg != "" {
		return refuse(501, "5.5.4", "DATA has no argument")
	}
	if r := ss.ready(); r != nil {
		return r
	}
	if ss.in.Buffered() > 0 {
		// DATA ends a pipelined group (RFC 2920 3.1): what is there already was
		// sent by somebody who did not look at our answers.
		return &reply{554, "5.5.0", "Wait for 354 before you send the mail", true}
	}
	if !ss.conn.beginMail(ss.limits.MailWait) {
		return &reply{421, "4.3.2", "Shutting down, try again later", true}
	}
	ss.reply(&reply{code: 354, text: "End the mail with a line that is a single dot"})
	if err := ss.out.Flush(); err != nil {
		ss.failed = err
		return nil
	}
	return ss.transfer(ctx, &dotFrame{r: ss.in})
}

func (ss *session) bdat(ctx context.Context, arg string) *reply {
	size, last, err := parseChunk(arg)
	if err != nil {
		return errChunk()
	}
	if r := ss.ready(); r != nil {
		// The chunk follows even so (RFC 3030 section 2) and must not run as commands.
		if size > ss.limits.MaxBytes {
			r.hangup = true
		} else if _, err := ss.in.Discard(int(size)); err != nil {
			ss.failed = err
		}
		return r
	}
	if !ss.conn.beginMail(ss.limits.MailWait) {
		return &reply{421, "4.3.2", "Shutting down, try again later", true}
	}
	return ss.transfer(ctx, &chunkFrame{ss: ss, left: size, last: last})
}

// transfer streams one mail to Accept and returns the answer: 250 when, and only
// when, the whole mail came in good order and Accept said that it is durable.
func (ss *session) transfer(ctx context.Context, f frame) *reply {
	defer ss.conn.endMail()
	begin, env := time.Now(), *ss.mail
	b := &body{frame: f, check: checker{limits: ss.limits}}
	r := ss.receive(ctx, env, b)
	killpoint.At("intake.answer")
	code := 0 // no answer: the peer is gone or took the mail back
	if r != nil {
		code = r.code
	}
	ss.server.log().Info("smtp mail", "remote", ss.remote, "code", code, "bytes", b.check.size,
		"recipients", len(env.to), "tls", ss.secure != nil, "took", time.Since(begin))
	return r
}

func (ss *session) receive(ctx context.Context, env envelope, b *body) *reply {
	ss.mail = nil
	ss.mails++
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	var late *time.Timer
	b.atEnd = func() { late = time.AfterFunc(ss.limits.AcceptWait, cancel) }
	err := ss.server.Accept(ctx, Incoming{From: env.from, To: env.to, Remote: ss.remote,
		HELO: ss.helo, TLS: ss.secure != nil, UTF8: env.utf8, Body: b})
	if late != nil {
		late.Stop()
	}
	whole := b.ended && len(b.rest) == 0
	b.drain()

	var wrong *reply
	switch {
	case errors.As(b.problem, &wrong):
		return wrong
	case b.problem == errAborted && ss.pending != nil:
		return nil // RSET or the like within chunks: the session answers it
	case b.problem != nil:
		ss.explain(b.problem)
		ss.failed = b.problem
		return nil
	case err == nil && !whole:
		err = errors.New("smtp: Accept did not read the mail to its end")
	}
	return ss.verdict(err)
}

// verdict turns Accept's error into the answer. The error's own words may hold
// content and go no further than the log of those that nobody expected.
func (ss *session) verdict(err error) *reply {
	if err == nil {
		return refuse(250, "2.0.0", "Accepted")
	}
	if fault.Is(err, fault.Internal) {
		ss.server.log().Error("smtp accept", "error", err)
	}
	switch code := fault.SMTPCode(err); {
	case fault.Is(err, fault.TooMany):
		return refuse(code, "4.3.2", "Too many mails wait to be read, try again later")
	case fault.Is(err, fault.Unavailable):
		return refuse(code, "4.3.1", "Cannot store the mail now, try again later")
	case fault.Is(err, fault.TooLarge):
		return refuse(code, "5.3.4", "Mail refused: it is too large")
	case code < 500:
		return refuse(code, "4.3.0", "Not accepted now, try again later")
	default:
		return refuse(code, "5.7.1", "Mail refused")
	}
}
