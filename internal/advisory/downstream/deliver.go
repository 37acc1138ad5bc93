package downstream

import (
	"context"
	"errors"
	"strconv"
	"time"

	"github.com/tocsin-sec/tocsin/internal/advisory"
	"github.com/tocsin-sec/tocsin/internal/advisory/pubtree"
	"github.com/tocsin-sec/tocsin/internal/base/fault"
	"github.com/tocsin-sec/tocsin/internal/base/ident"
	"github.com/tocsin-sec/tocsin/internal/base/killpoint"
	"github.com/tocsin-sec/tocsin/internal/base/unit"
	"github.com/tocsin-sec/tocsin/internal/people"
	"github.com/tocsin-sec/tocsin/kit/csaf"
)

// The kinds of jobs; their subject is the project.
const (
	KindFan   = "advisory.downstream"      // makes the deliveries of an event
	KindSend  = "advisory.downstream_send" // calls one webhook
	KindSweep = "advisory.downstream_old"  // forgets old ones, once a day
)

// Call is one message to one webhook.
type Call struct {
	URL, ID, Signature string
	At                 time.Time
	Body               []byte
}

// Answer is what a receiver said. Status 0 is no answer; After is what it asks to wait.
type Answer struct {
	Status int
	After  time.Duration
}

// Caller calls webhooks; server has one over platform/egress. It follows no redirect and
// reads no more of an answer than its status. The error is a fault of kind Denied for an
// address that may not be reached, else whatever went wrong on the way.
type Caller interface {
	Call(ctx context.Context, c Call) (Answer, error)
}

// The pauses after the n-th failed try, as the Standard Webhooks specification proposes:
// three days in all.
func pauses() []time.Duration {
	return []time.Duration{5 * time.Second, 5 * time.Minute, 30 * time.Minute, 2 * time.Hour, 5 * time.Hour, 10 * time.Hour, 14 * time.Hour, 20 * time.Hour, 24 * time.Hour}
}

// mostAfter bounds what a receiver may ask to wait.
const mostAfter = 24 * time.Hour

// keepFor is how long events and deliveries are kept.
const keepFor = 90 * 24 * time.Hour

func (d Delivery) job() unit.Job {
	return unit.Job{Kind: KindSend, Subject: string(d.Project), At: d.Next, Key: KindSend + ":" + d.ID, Args: map[string]string{"delivery": d.ID}}
}

// Follow follows advisory.Published within: the event and the job that tells of it commit
// with the publication, or not at all. Without a subscriber nothing is written.
func (s *Service) Follow(ctx context.Context, tx unit.Tx, f advisory.Published) error {
	if f.Imported {
		return nil // it was public before, and nobody has to hear of it
	}
	sc := people.AsJob(KindFan, string(f.Project))
	some, err := s.Store.Active(ctx, tx, sc, f.Project, "", 1)
	if err != nil || len(some) == 0 {
		return err
	}
	p, err := s.Projects.Project(ctx, tx, sc, f.Project)
	if err != nil {
		return err
	}
	d, err := s.Site.DocumentByName(ctx, tx, sc, f.Project, pubtree.Name(f.Number))
	if err != nil {
		return err
	}
	file, err := s.Site.File(ctx, tx, sc, pubtree.Paths{Slug: p.Slug}.Document(d.Level, d.Year, d.Name))
	if err != nil {
		return err
	}
	doc, problems := csaf.ReadAdvisory(file.Bytes, csaf.Limits{})
	if problems.Fatal() {
		return errors.New("the published document cannot be read")
	}
	e, err := newEvent(s.URL, p, f, d.Place(), doc, tx.Now())
	if err != nil {
		return err
	}
	if err := s.Store.AddEvent(ctx, tx, sc, e); err != nil {
		return err
	}
	tx.Enqueue(unit.Job{Kind: KindFan, Subject: string(f.Project), Args: map[string]string{"event": e.ID}})
	return nil
}

// batch is how many subscribers one transaction serves.
const batch = 50

// Fan is the handler of KindFan: it makes a delivery for each subscriber who wants to
// hear and may. Done again after a stop it makes none twice.
func (s *Service) Fan(ctx context.Context, j unit.Running) error {
	project := people.ProjectID(j.Subject)
	sc := people.AsJob(j.Kind, j.Subject)
	for after, more := "", true; more; {
		err := s.Work.Do(ctx, func(ctx context.Context, tx unit.Tx) error {
			more = false
			e, err := s.Store.Event(ctx, tx, sc, project, j.Args["event"])
			if fault.Is(err, fault.NotFound) {
				return nil // forgotten meanwhile
			}
			if err != nil {
				return err
			}
			list, err := s.Store.Active(ctx, tx, sc, project, after, batch)
			if err != nil {
				return err
			}
			for _, x := range list {
				if err := s.deliver(ctx, tx, sc, e, x); err != nil {
					return err
				}
			}
			killpoint.At("downstream.fan")
			if more = len(list) == batch; more {
				after = list[len(list)-1].ID
			}
			return nil
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// deliver makes one delivery, and for a mail its letter.
func (s *Service) deliver(ctx context.Context, tx unit.Tx, sc people.Scope, e Event, x Subscription) error {
	if !x.cleared(e.TLP) || !x.wants(e.Touched) || x.Created.After(e.Created) {
		return nil
	}
	d := Delivery{ID: ident.New(), Event: e.ID, Subscription: x.ID, Project: e.Project, Number: e.Number, Version: e.Version,
		State: Waiting, Created: tx.Now(), Next: tx.Now()}
	if x.Kind == Mail {
		d.State, d.Done = Mailed, tx.Now()
	}
	fresh, err := s.Store.AddDelivery(ctx, tx, sc, d)
	if err != nil || !fresh {
		return err
	}
	if x.Kind == Webhook {
		tx.Enqueue(d.job())
		return nil
	}
	body := ""
	if e.Text != "" {
		f, err := s.Site.File(ctx, tx, sc, e.Text)
		if err == nil {
			body = string(f.Bytes)
		} else if !fault.Is(err, fault.NotFound) {
			return err
		}
	}
	away := s.unsubscribeLink(x)
	return s.Post.Put(ctx, tx, sc, people.Letter{Project: e.Project, To: []people.Recipient{{Address: x.Address, Lang: x.Lang}}, Key: "advisory.down.mail",
		Args: map[string]string{"number": e.Number, "title": e.Title, "version": e.Version, "page": e.Page, "away": away}, Body: body,
		Unsubscribe: away, Confidential: strictness(e.TLP) > 1, Link: e.Page})
}

// Send is the handler of KindSend.
func (s *Service) Send(ctx context.Context, j unit.Running) error {
	project := people.ProjectID(j.Subject)
	sc := people.AsJob(j.Kind, j.Subject)
	var d Delivery
	var x Subscription
	var e Event
	var now time.Time
	err := s.Work.View(ctx, func(ctx context.Context, v unit.View) (err error) {
		now = v.Now()
		if d, err = s.Store.Delivery(ctx, v, sc, project, j.Args["delivery"]); err != nil {
			return err
		}
		if x, err = s.Store.Get(ctx, v, sc, project, d.Subscription); err != nil {
			return err
		}
		e, err = s.Store.Event(ctx, v, sc, project, d.Event)
		return err
	})
	if fault.Is(err, fault.NotFound) || err == nil && d.State != Waiting {
		return nil // taken back meanwhile, or done
	}
	if err != nil {
		return err
	}
	// Who was paused, or is not cleared any more, hears nothing of what still waits.
	if x.State != Active || !x.cleared(e.TLP) {
		return s.settle(ctx, j, sc, d, func(d *Delivery, _ *Subscription, at time.Time) { d.State, d.Done = Cancelled, at })
	}
	signature, err := Sign(x.Secret, d.ID, now, e.Body)
	if err != nil {
		return err
	}
	killpoint.At("downstream.send")
	answer, err := s.Caller.Call(ctx, Call{URL: x.URL, ID: d.ID, Signature: signature, At: now, Body: e.Body})
	killpoint.At("downstream.sent")
	if ctx.Err() != nil {
		return ctx.Err() // our own end is no failure of the receiver
	}
	return s.settle(ctx, j, sc, d, func(d *Delivery, x *Subscription, at time.Time) { judge(d, x, answer, err, at) })
}

// judge notes the outcome of a try.
func judge(d *Delivery, x *Subscription, a Answer, err error, now time.Time) {
	d.Tries++
	d.Code, d.Problem = a.Status, ""
	switch {
	case err == nil && a.Status/100 == 2:
		d.State, d.Done = Sent, now
		x.Failing, x.Problem = time.Time{}, ""
		return
	case fault.Is(err, fault.Denied):
		d.Problem = "advisory.down.problem.refused"
	case err != nil:
		d.Problem = "advisory.down.problem.unreachable"
	case a.Status/100 == 3:
		d.Problem = "advisory.down.problem.redirect"
	case a.Status == 410:
		// Standard Webhooks: the receiver wants no more.
		d.Problem, d.State, d.Done = "advisory.down.problem.gone", Dead, now
		x.State, x.Problem, x.Failing = Paused, "advisory.down.problem.gone", now
		return
	default:
		d.Problem = "advisory.down.problem.status"
	}
	list := pauses()
	if d.Tries > len(list) {
		d.State, d.Done = Dead, now
		if x.Failing.IsZero() {
			x.Failing = now
		}
		return
	}
	d.Next = now.Add(killpoint.Wait(max(list[d.Tries-1], min(a.After, mostAfter))))
}

// settle stores the outcome, enqueues the next try, and tells chairs and deputies when
// the first delivery in a row was given up.
func (s *Service) settle(ctx context.Context, j unit.Running, sc people.Scope, was Delivery, f func(*Delivery, *Subscription, time.Time)) error {
	return s.Work.Do(ctx, func(ctx context.Context, tx unit.Tx) error {
		d, err := s.Store.Delivery(ctx, tx, sc, was.Project, was.ID)
		if err != nil || d.State != Waiting {
			if fault.Is(err, fault.NotFound) {
				err = nil
			}
			return err
		}
		x, err := s.Store.Get(ctx, tx, sc, d.Project, d.Subscription)
		if err != nil {
			return err
		}
		before := x
		f(&d, &x, tx.Now())
		if err := s.Store.SaveDelivery(ctx, tx, sc, d); err != nil {
			return err
		}
		if x.State != before.State || !x.Failing.Equal(before.Failing) || x.Problem != before.Problem {
			if err := s.Store.Save(ctx, tx, sc, x); err != nil {
				return err
			}
		}
		if before.Failing.IsZero() && !x.Failing.IsZero() {
			if err := s.tell(ctx, tx, sc, x, d); err != nil {
				return err
			}
		}
		if err := j.Fence.Done(ctx, tx); err != nil {
			return err
		}
		if d.State == Waiting {
			tx.Enqueue(d.job())
		}
		return nil
	})
}

// tell writes to chairs and deputies that a subscriber cannot be reached.
func (s *Service) tell(ctx context.Context, tx unit.Tx, sc people.Scope, x Subscription, d Delivery) error {
	grants, err := s.Roles.Holders(ctx, tx, sc, string(x.Project))
	if err != nil {
		return err
	}
	l := people.Letter{Project: x.Project, Key: "advisory.down.failed", Link: s.URL + "/teams/" + string(x.Project) + "/downstreams/" + x.ID,
		Args: map[string]string{"name": x.Name, "number": d.Number, "tries": strconv.Itoa(d.Tries)}}
	for _, g := range grants {
		if g.Role == people.Chair || g.Role == people.Deputy {
			l.To = append(l.To, people.Recipient{Person: g.Holder})
		}
	}
	if len(l.To) == 0 {
		return nil
	}
	return s.Post.Put(ctx, tx, sc, l)
}

// Sweep is the handler of KindSweep.
func (s *Service) Sweep(ctx context.Context, _ unit.Running) error {
	return s.Work.Do(ctx, func(ctx context.Context, tx unit.Tx) error {
		return s.Store.Sweep(ctx, tx, people.AsJob(KindSweep), tx.Now().Add(-keepFor))
	})
}
