package advisory

import (
	"context"
	"errors"
	"time"

	"github.com/tocsin-sec/tocsin/internal/advisory/around"
	"github.com/tocsin-sec/tocsin/internal/base/fault"
	"github.com/tocsin-sec/tocsin/internal/base/unit"
	"github.com/tocsin-sec/tocsin/internal/people"
)

// How often lead and deputies are reminded of an embargo that is over without
// publication: a hold is a reason to wait, but not for ever.
const (
	alertEvery = 4 * time.Hour
	heldEvery  = 24 * time.Hour
)

// Alert is the handler of KindAlert: a letter to the lead and the deputies, again
// and again until the advisory is published or abandoned, or the case is closed with
// nothing armed (requirement row LV-10).
func (s *Service) Alert(ctx context.Context, j unit.Running) error {
	sc, id := scope(j.Job), ID(j.Args["advisory"])
	return s.Work.Do(ctx, func(ctx context.Context, tx unit.Tx) error {
		a, err := s.Store.Lock(ctx, tx, sc, id)
		if err != nil {
			return err
		}
		settled := a.Overdue.IsZero() || len(a.Published) > 0 || a.Abandoned != nil
		if !settled && a.Case != "" && a.Arming == nil {
			c, err := s.Cases.Case(ctx, tx, sc, a.Case)
			if err != nil {
				return err
			}
			settled = c.Done // judged invalid or closed meanwhile
		}
		if settled {
			return j.Fence.Done(ctx, tx)
		}
		to, err := s.deciders(ctx, tx, sc, a)
		if err != nil {
			return err
		}
		a.Alerts++
		if err := s.Store.Save(ctx, tx, sc, a); err != nil {
			return err
		}
		if len(to) > 0 {
			// The letter says nothing of the case: it goes out unencrypted if need be.
			l := people.Letter{Project: a.Project, About: a.Object, To: to, Key: "advisory.alert", Link: s.URL + "/advisory/" + string(a.ID),
				Args: map[string]string{"count": itoa(a.Alerts)}}
			if err := s.Post.Put(ctx, tx, sc, l); err != nil {
				return err
			}
		}
		tx.Record(a.entry("advisory.ledger.alerted", sc.Actor(), map[string]string{"count": itoa(a.Alerts)}))
		if err := j.Fence.Done(ctx, tx); err != nil {
			return err
		}
		every := alertEvery
		if a.Hold != nil {
			every = heldEvery
		}
		tx.Enqueue(a.job(KindAlert, tx.Now().Add(every)))
		return nil
	})
}

func (s *Service) deciders(ctx context.Context, v unit.View, sc people.Scope, a Advisory) ([]people.Recipient, error) {
	return around.Deciders(ctx, v, sc, s.Roles, a.Object, string(a.Project))
}

func faultOf(err error) (*fault.Error, bool) {
	var f *fault.Error
	ok := errors.As(err, &f)
	return f, ok
}
