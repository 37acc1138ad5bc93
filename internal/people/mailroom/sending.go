// Package mailroom sends the letters that people.Post takes: it renders each copy in
// its reader's language, encrypts and signs it, keeps the bytes, and hands them to
// the smarthost until they are taken or refused for good.
//
// What a letter is and how it gets into the queue is in people (Letter, Post); SMTP is
// in platform/mailer, OpenPGP in platform/pgp, MIME in kit/mailmsg.
package mailroom

import (
	"bytes"
	"context"
	"errors"
	"io"
	"strings"
	"time"

	"github.com/tocsin-sec/tocsin/internal/base/fault"
	"github.com/tocsin-sec/tocsin/internal/base/killpoint"
	"github.com/tocsin-sec/tocsin/internal/base/unit"
	"github.com/tocsin-sec/tocsin/internal/people"
	"github.com/tocsin-sec/tocsin/kit/mailmsg"
)

// Texts says a catalogue's text in a language; server adapts platform/i18n.
type Texts interface {
	Say(lang, key string, args map[string]string) string
}

// Transport hands mail to the smarthost; server adapts platform/mailer.
type Transport interface {
	// Ready reports whether there is a smarthost at all; without one letters wait.
	Ready() bool
	// Send hands over one mail for one recipient. Code is the reply code ("250", "550",
	// "" when it did not get that far). The error is nil when it was taken.
	Send(ctx context.Context, from, to string, msg []byte) (code string, err error)
}

// Attachments opens the blobs of a letter.
type Attachments interface {
	OpenFile(ctx context.Context, blob string) (io.ReadCloser, error)
}

// Mailroom is the job behind the letters: it renders each delivery once, keeps the bytes,
// and hands them to the smarthost until they are taken or refused for good.
type Mailroom struct {
	Work      unit.Work
	Letters   people.LetterStore
	Queue     people.QueueStore
	Keys      people.KeyStore
	Directory *people.Directory
	Ring      people.Keyring
	PGP       people.PGP
	Texts     Texts
	Transport Transport
	Files     Attachments
	// SiteAddress is the sender of the site's own letters, whose tagged form
	// bounce+TAG@ takes the bounces of a project without address.
	SiteAddress string
	// BounceDomain is the right side of bounce+TAG@; "" for the sender's own domain.
	BounceDomain string
	// Terms says who has to accept embargo terms first: confidential letters come to him as
	// notices. nil asks for none.
	Terms people.TermsStore
	Hold  func() bool // a restored site sends nothing until it is let; nil is never
}

// How long a letter is tried: RFC 5321 section 4.5.4.1 asks for a first retry after
// half an hour at least and for four to five days in all.
const (
	sendFor      = 5 * 24 * time.Hour
	sendEachMost = 4 * time.Hour
	waitForHost  = 5 * time.Minute
)

// backoff is the wait after the n-th failed try. The first is short, since
// greylisting is the usual reason.
func backoff(n int) time.Duration {
	d := 5 * time.Minute << min(max(n-1, 0), 6)
	return min(d, sendEachMost)
}

// Send is the handler of KindSend.
func (s *Mailroom) Send(ctx context.Context, j unit.Running) error {
	id := j.Args["delivery"]
	sc := people.AsJob(j.Kind, id)
	var d people.Delivery
	var l people.Letter
	var raw []byte
	err := s.Work.View(ctx, func(ctx context.Context, v unit.View) (err error) {
		if d, l, err = s.Letters.LoadDelivery(ctx, v, sc, id); err != nil {
			return err
		}
		raw, err = s.Letters.Rendered(ctx, v, sc, id)
		return err
	})
	if fault.Is(err, fault.NotFound) {
		return nil // erased meanwhile; nothing to send
	}
	if err != nil {
		return err
	}
	if d.State != people.Waiting {
		return nil
	}
	if d.To.Address == "" {
		return s.fail(ctx, j, d, l, "people.mail.no_address", "")
	}
	if s.Hold != nil && s.Hold() {
		return s.later(ctx, j, d, "people.mail.held", waitForHost)
	}
	if !s.Transport.Ready() {
		// Nothing is rendered: keys and addresses are those of the day it goes out.
		return s.later(ctx, j, d, "people.mail.no_smarthost", waitForHost)
	}
	if raw == nil {
		if raw, err = s.prepare(ctx, sc, &d, l); err != nil {
			return s.unrendered(ctx, j, d, l, err)
		}
	}
	killpoint.At("letter.send")
	code, err := s.Transport.Send(ctx, s.envelope(l, d), d.To.Address, raw)
	killpoint.At("letter.sent")
	return s.settle(ctx, j, d, l, code, err)
}

// prepare renders the bytes and stores them before the first attempt, so that each
// attempt and each server sends the same ones.
func (s *Mailroom) prepare(ctx context.Context, sc people.Scope, d *people.Delivery, l people.Letter) ([]byte, error) {
	out, err := s.render(ctx, sc, *d, l)
	if err != nil {
		return nil, err
	}
	raw := out.Raw
	killpoint.At("letter.rendered")
	err = s.Work.Do(ctx, func(ctx context.Context, tx unit.Tx) error {
		return s.Letters.KeepRendered(ctx, tx, sc, d.ID, out)
	})
	if err != nil {
		return nil, err
	}
	killpoint.At("letter.kept")
	err = s.Work.View(ctx, func(ctx context.Context, v unit.View) (err error) {
		raw, err = s.Letters.Rendered(ctx, v, sc, d.ID) // another server may have been faster
		return err
	})
	return raw, err
}

// unrendered gives up on a letter that cannot become a mail, and tries again where
// something else was down.
func (s *Mailroom) unrendered(ctx context.Context, j unit.Running, d people.Delivery, l people.Letter, err error) error {
	var bad *mailmsg.DraftError
	if errors.As(err, &bad) || fault.Is(err, fault.Invalid) || fault.Is(err, fault.TooLarge) || fault.Is(err, fault.NotFound) {
		return s.fail(ctx, j, d, l, "people.mail.unwritable", "")
	}
	return err
}

// settle writes down what became of an attempt.
func (s *Mailroom) settle(ctx context.Context, j unit.Running, d people.Delivery, l people.Letter, code string, err error) error {
	d.Tries++
	d.Code = code
	if err == nil {
		d.State, d.Problem = people.Sent, ""
		return s.Work.Do(ctx, func(ctx context.Context, tx unit.Tx) error {
			d.Done = tx.Now()
			if err := s.Letters.SaveDelivery(ctx, tx, people.AsJob(j.Kind, d.ID), d); err != nil {
				return err
			}
			killpoint.At("letter.marking")
			return j.Fence.Done(ctx, tx)
		})
	}
	if ctx.Err() != nil {
		return ctx.Err()
	}
	if strings.HasPrefix(code, "5") || fault.Is(err, fault.Invalid) {
		return s.fail(ctx, j, d, l, "people.mail.refused", code)
	}
	if d.Next.Sub(d.Created) > sendFor {
		return s.fail(ctx, j, d, l, "people.mail.gave_up", code)
	}
	return s.later(ctx, j, d, "people.mail.deferred", killpoint.Wait(backoff(d.Tries)))
}

// later lets the delivery wait under its present problem.
func (s *Mailroom) later(ctx context.Context, j unit.Running, d people.Delivery, problem string, wait time.Duration) error {
	return s.Work.Do(ctx, func(ctx context.Context, tx unit.Tx) error {
		d.Problem, d.Next = problem, tx.Now().Add(wait)
		if err := s.Letters.SaveDelivery(ctx, tx, people.AsJob(j.Kind, d.ID), d); err != nil {
			return err
		}
		tx.Enqueue(d.Job())
		return j.Fence.Done(ctx, tx)
	})
}

// fail ends a delivery and tells the domain whose object the letter was about.
func (s *Mailroom) fail(ctx context.Context, j unit.Running, d people.Delivery, l people.Letter, problem, code string) error {
	return s.Work.Do(ctx, func(ctx context.Context, tx unit.Tx) error {
		if err := s.failed(ctx, tx, people.AsJob(j.Kind, d.ID), d, l, problem, code); err != nil {
			return err
		}
		return j.Fence.Done(ctx, tx)
	})
}

func (s *Mailroom) failed(ctx context.Context, tx unit.Tx, sc people.Scope, d people.Delivery, l people.Letter, problem, code string) error {
	d.State, d.Problem, d.Code, d.Done = people.Failed, problem, code, tx.Now()
	if err := s.Letters.SaveDelivery(ctx, tx, sc, d); err != nil {
		return err
	}
	return tx.Emit(ctx, people.LetterFailed{Letter: l.ID, Delivery: d.ID, About: l.About, Project: l.Project, Key: l.Key, Person: d.To.Person, Problem: problem, Code: code})
}

// Bounced files a delivery report that came back to bounce+TAG@: a permanent one
// ends the delivery, whatever it was before, a delay changes nothing. It reports
// whether the tag is ours; anybody can write to that address, so that nothing
// else follows from it.
func (s *Mailroom) Bounced(ctx context.Context, tx unit.Tx, sc people.Scope, tag string, permanent bool, code string) (bool, error) {
	d, l, err := s.Queue.DeliveryByTag(ctx, tx, sc, strings.ToLower(tag))
	if fault.Is(err, fault.NotFound) {
		return false, nil
	}
	if err != nil || !permanent || d.State == people.Failed {
		return err == nil, err
	}
	if len(code) > 20 {
		code = code[:20]
	}
	return true, s.failed(ctx, tx, people.AsJob(people.KindSend, d.ID), d, l, "people.mail.bounced", code)
}

// envelope is the sender on the wire: bounces come back under the delivery's tag.
// A letter that answers automatically has the empty one (RFC 3834 section 3.3).
func (s *Mailroom) envelope(l people.Letter, d people.Delivery) string {
	if l.Auto {
		return ""
	}
	domain := s.BounceDomain
	if domain == "" {
		_, domain, _ = strings.Cut(firstOf(l.From, s.SiteAddress), "@")
	}
	if domain == "" {
		return ""
	}
	return "bounce+" + d.Tag + "@" + domain
}

// Counts is the operator's view of the queue: how many letters wait, and why.
func (s *Mailroom) Counts(ctx context.Context, sc people.Scope) ([]people.QueueCount, error) {
	var out []people.QueueCount
	err := s.Work.View(ctx, func(ctx context.Context, v unit.View) (err error) {
		out, err = s.Queue.QueueCounts(ctx, v, sc)
		return err
	})
	return out, err
}

// About lists the deliveries of an object that the scope sees.
func (s *Mailroom) About(ctx context.Context, v unit.View, sc people.Scope, object string) ([]people.Delivery, error) {
	return s.Queue.DeliveriesAbout(ctx, v, sc, object)
}

func firstOf(ss ...string) string {
	for _, s := range ss {
		if s != "" {
			return s
		}
	}
	return ""
}

// read takes a whole blob into memory, up to a limit.
func read(ctx context.Context, f Attachments, blob string, limit int64) ([]byte, error) {
	r, err := f.OpenFile(ctx, blob)
	if err != nil {
		return nil, err
	}
	defer r.Close()
	var b bytes.Buffer
	n, err := io.Copy(&b, io.LimitReader(r, limit+1))
	if err == nil && n > limit {
		err = fault.New(fault.TooLarge, "people.letter.large")
	}
	return b.Bytes(), err
}
