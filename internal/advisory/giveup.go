package advisory

import (
	"context"

	"github.com/tocsin-sec/tocsin/internal/advisory/decision"
	"github.com/tocsin-sec/tocsin/internal/advisory/followup"
	"github.com/tocsin-sec/tocsin/internal/base/fault"
	"github.com/tocsin-sec/tocsin/internal/base/unit"
	"github.com/tocsin-sec/tocsin/internal/people"
)

// Died is called for a job of this package that will not be tried again: the page says
// why, and lead and deputies get a letter (requirement row LV-10: failures are shown).
func (s *Service) Died(ctx context.Context, j unit.Running, cause error) error {
	if ids := named(j.Job); len(ids) > 0 {
		return s.apart(ctx, j, ids)
	}
	sc, id := scope(j.Job), ID(j.Args["advisory"])
	if id == "" {
		return nil // KindSite is about the site and comes again by itself
	}
	err := s.Work.Do(ctx, func(ctx context.Context, tx unit.Tx) error {
		return s.giveUp(ctx, tx, sc, id, j.Kind, cause)
	})
	if fault.Is(err, fault.NotFound) {
		return nil
	}
	return err
}

// apart lets each of several advisories whose job was given up go its own way.
func (s *Service) apart(ctx context.Context, j unit.Running, ids []ID) error {
	return s.Work.Do(ctx, func(ctx context.Context, tx unit.Tx) error {
		all, err := s.Store.GetAll(ctx, tx, scope(j.Job), ids)
		if err != nil {
			return err
		}
		for _, a := range all {
			switch {
			case j.Kind == KindStep && a.unchecked():
				tx.Enqueue(a.job(KindStep, tx.Now()))
			case j.Kind == KindBatch && a.Working != nil && a.Abandoned == nil && a.Arming != nil:
				tx.Enqueue(a.job(KindPublish, tx.Now()))
			}
		}
		return nil
	})
}

// giveUp notes on the advisory that a job ended in vain, and alerts.
func (s *Service) giveUp(ctx context.Context, tx unit.Tx, sc people.Scope, id ID, kind string, cause error) error {
	a, err := s.Store.Lock(ctx, tx, sc, id)
	if err != nil || a.Abandoned != nil {
		return err
	}
	a.Failure = decision.Failed(kind, cause, tx.Now())
	if at := followup.Next(a.Steps); kind == KindStep && at >= 0 {
		followup.Fail(&a.Steps[at], tx.Now(), cause) // the page offers another try
	}
	tx.Record(a.entry("advisory.ledger.gave_up", sc.Actor(), map[string]string{"job": kind}))
	late, err := s.late(ctx, tx, sc, &a)
	if err != nil {
		return err
	}
	if late && kind != KindAlert {
		tx.Enqueue(a.job(KindAlert, tx.Now())) // it writes to the same people, again and again
		return s.Store.Save(ctx, tx, sc, a)
	}
	to, err := s.deciders(ctx, tx, sc, a)
	if err != nil {
		return err
	}
	if len(to) > 0 {
		l := people.Letter{Project: a.Project, About: a.Object, To: to, Key: "advisory.gave_up", Link: s.URL + "/advisory/" + string(a.ID)}
		if err := s.Post.Put(ctx, tx, sc, l); err != nil {
			return err
		}
	}
	return s.Store.Save(ctx, tx, sc, a)
}

// late reports whether the embargo is over and nothing is published, and notes since when.
func (s *Service) late(ctx context.Context, tx unit.Tx, sc people.Scope, a *Advisory) (bool, error) {
	_, over, err := s.until(ctx, tx, sc, *a)
	if err != nil || !over || a.Abandoned != nil || a.Working == nil || len(a.Published) > 0 || a.Import {
		return false, err
	}
	if a.Overdue.IsZero() {
		a.Overdue = tx.Now()
		tx.Record(a.entry("advisory.ledger.not_published", sc.Actor(), nil))
	}
	return true, nil
}
