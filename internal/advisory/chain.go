package advisory

import (
	"context"
	"time"

	"github.com/tocsin-sec/tocsin/internal/advisory/followup"
	"github.com/tocsin-sec/tocsin/internal/advisory/pubsite"
	"github.com/tocsin-sec/tocsin/internal/advisory/pubtree"
	"github.com/tocsin-sec/tocsin/internal/base/fault"
	"github.com/tocsin-sec/tocsin/internal/base/ident"
	"github.com/tocsin-sec/tocsin/internal/base/killpoint"
	"github.com/tocsin-sec/tocsin/internal/base/unit"
	"github.com/tocsin-sec/tocsin/internal/people"
)

// Step is the handler of KindStep: it does the first step that is not done, and
// enqueues itself for the rest. A failure is kept on the page and tried again.
func (s *Service) Step(ctx context.Context, j unit.Running) error {
	if ids := named(j.Job); len(ids) > 0 {
		return s.stepAll(ctx, j, ids)
	}
	sc, id := scope(j.Job), ID(j.Args["advisory"])
	var a Advisory
	err := s.Work.View(ctx, func(ctx context.Context, v unit.View) (err error) {
		a, err = s.Store.Get(ctx, v, sc, id)
		return err
	})
	if err != nil {
		return err
	}
	at := followup.Next(a.Steps)
	if at < 0 {
		return nil
	}
	if a.Steps[at].Kind == CheckTree {
		problem := s.site().Check(ctx, sc, a.Project, issues(a))[0]
		killpoint.At("publish.checked")
		return s.Work.Do(ctx, func(ctx context.Context, tx unit.Tx) error { return s.checked(ctx, tx, j, sc, id, problem) })
	}
	return s.Work.Do(ctx, func(ctx context.Context, tx unit.Tx) error { return s.mailStep(ctx, tx, j, sc, id) })
}

// RetryStep tries the step that failed at once.
func (s *Service) RetryStep(ctx context.Context, sc people.Scope, id ID) error {
	return s.change(ctx, sc, id, func(_ context.Context, tx unit.Tx, _ people.PersonID, a *Advisory) error {
		at := followup.Next(a.Steps)
		if at < 0 || a.Steps[at].State != StepFailed {
			return fault.New(fault.Conflict, "advisory.fault.no_step")
		}
		a.Steps[at].State, a.Steps[at].Letter, a.Failure = StepWaiting, "", nil
		tx.Enqueue(a.job(KindStep, tx.Now()))
		return nil
	})
}

// checked stores the outcome of the check and goes on.
func (s *Service) checked(ctx context.Context, tx unit.Tx, j unit.Running, sc people.Scope, id ID, problem error) error {
	return s.stepped(ctx, tx, j, sc, id, judged(tx.Now(), problem))
}

// judged notes what the check found.
func judged(now time.Time, problem error) func(*Advisory, *Step) (time.Time, error) {
	return func(_ *Advisory, st *Step) (time.Time, error) { return followup.Judge(st, now, problem), nil }
}

// stepped changes the step in turn and enqueues the job for the time that f returns.
func (s *Service) stepped(ctx context.Context, tx unit.Tx, j unit.Running, sc people.Scope, id ID, f func(*Advisory, *Step) (time.Time, error)) error {
	a, err := s.Store.Lock(ctx, tx, sc, id)
	if err != nil {
		return err
	}
	if followup.Next(a.Steps) < 0 {
		return j.Fence.Done(ctx, tx)
	}
	again, err := s.took(ctx, tx, sc, &a, f)
	if err != nil {
		return err
	}
	if err := j.Fence.Done(ctx, tx); err != nil {
		return err
	}
	if followup.Next(a.Steps) >= 0 {
		tx.Enqueue(a.job(KindStep, again))
	}
	return nil
}

// took takes the step in turn, which there is, by f and returns when to look again.
func (s *Service) took(ctx context.Context, tx unit.Tx, sc people.Scope, a *Advisory, f func(*Advisory, *Step) (time.Time, error)) (time.Time, error) {
	st := &a.Steps[followup.Next(a.Steps)]
	before := *st
	again, err := f(a, st)
	if err != nil {
		return again, err
	}
	if st.State == StepDone {
		tx.Record(a.entry(st.Kind.Ledger(), sc.Actor(), map[string]string{"number": a.Number}))
	}
	if changed := st.State != before.State || st.Problem != before.Problem || st.Tries != before.Tries || st.Letter != before.Letter; changed {
		return again, s.Store.Save(ctx, tx, sc, *a)
	}
	return again, nil
}

// mailStep puts the letter to a list into the queue, or looks whether it arrived.
func (s *Service) mailStep(ctx context.Context, tx unit.Tx, j unit.Running, sc people.Scope, id ID) error {
	return s.stepped(ctx, tx, j, sc, id, func(a *Advisory, st *Step) (time.Time, error) {
		if st.State == StepSending {
			return s.arrived(ctx, tx, sc, *a, st)
		}
		p, err := s.Projects.Project(ctx, tx, sc, a.Project)
		if err != nil {
			return time.Time{}, err
		}
		to := p.Lists.Dev
		if st.Kind == AnnounceMail {
			to = p.Lists.Announce
		}
		if to == "" {
			st.State = StepSkipped
			return tx.Now(), nil
		}
		text, err := s.Site.File(ctx, tx, sc, pubtree.Paths{Slug: p.Slug}.Text(pubtree.Name(a.Number)))
		if err != nil {
			return time.Time{}, err
		}
		st.Letter, st.State, st.At, st.Problem = ident.New(), StepSending, tx.Now(), ""
		l := people.Letter{ID: st.Letter, Project: a.Project, About: a.Object, To: []people.Recipient{{Address: to, Lang: pubsite.Lang(p)}},
			Key: "advisory.mail", Args: map[string]string{"number": a.Number, "project": p.Name}, Subject: st.Subject, Body: string(text.Bytes)}
		if err := s.Post.Put(ctx, tx, sc, l); err != nil {
			return time.Time{}, err
		}
		if st.Kind == DevMail {
			killpoint.At("publish.list.dev")
		} else {
			killpoint.At("publish.list.announce")
		}
		return tx.Now().Add(followup.PollAfter(0)), nil
	})
}

// arrived looks at the deliveries of the step's letter.
func (s *Service) arrived(ctx context.Context, v unit.View, sc people.Scope, a Advisory, st *Step) (time.Time, error) {
	all, err := s.Mail.DeliveriesAbout(ctx, v, sc, a.Object)
	if err != nil {
		return time.Time{}, err
	}
	now := v.Now()
	for _, d := range all {
		if d.Letter != st.Letter {
			continue
		}
		switch d.State {
		case people.Sent:
			st.State, st.At, st.Problem = StepDone, now, ""
			return now, nil
		case people.Failed, people.Cancelled:
			st.Letter = ""
			return followup.Fail(st, now, fault.New(fault.Unavailable, "advisory.step.refused", "code", d.Code)), nil
		case people.Waiting:
			if d.Problem != "" {
				st.Problem = d.Problem // shown while the queue tries on
			}
		}
	}
	return now.Add(followup.PollAfter(now.Sub(st.At))), nil
}
