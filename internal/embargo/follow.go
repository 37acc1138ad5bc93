package embargo

import (
	"context"
	"time"

	"github.com/tocsin-sec/tocsin/internal/base/span"
	"github.com/tocsin-sec/tocsin/internal/base/unit"
	"github.com/tocsin-sec/tocsin/internal/casework"
	"github.com/tocsin-sec/tocsin/internal/people"
)

// Follow gives every case that is not public its embargo, in the transaction that
// opens it (requirement row LV-6). Without a wished date it is the project's aim.
// Its error undoes the opening: a date beyond the aim without a named decision
// and a reason opens no case.
func (s *Service) Follow(ctx context.Context, tx unit.Tx, f casework.Opened) error {
	if f.Public {
		return nil
	}
	sc := people.AsJob("embargo.open", string(f.Case))
	c, _, err := s.Cases.Lock(ctx, tx, sc, f.Case)
	if err != nil {
		return err
	}
	w := Wish{Kind: Set, Until: f.Until, Reason: f.Reason, Confirmed: f.Reason != ""}
	return s.begin(ctx, tx, sc, c, w, f.Person, f.By)
}

// begin sets the first embargo of a case; without a wished date to the project's aim.
func (s *Service) begin(ctx context.Context, tx unit.Tx, sc people.Scope, c casework.Case, w Wish, by people.PersonID, actor string) error {
	p, err := s.Projects.Project(ctx, tx, sc, c.Project)
	if err != nil {
		return err
	}
	r := RulesOf(p.Policy)
	if w.Until.IsZero() {
		w.Until = DefaultUntil(r, tx.Now())
	}
	e := Embargo{Case: c.ID, Project: c.Project}
	v, err := e.Judge(w, r, c.Facts.Any(), by, actor, tx.Now())
	if err != nil {
		return err
	}
	return s.put(ctx, tx, sc, c, v)
}

// DefaultUntil is the end that a form proposes: the aim from now, or the most without an
// exception where the policy's aim lies beyond it, cut to the full hour in the project's
// zone.
func DefaultUntil(r Rules, now time.Time) time.Time {
	plain := r.AimFrom(now)
	if most := r.MostFrom(now); most.Before(plain) {
		plain = most
	}
	t := plain.In(r.Zone)
	t = time.Date(t.Year(), t.Month(), t.Day(), t.Hour(), 0, 0, 0, r.Zone).UTC()
	if t.After(plain) {
		// The hour that the clocks show twice: never later than what is plain.
		return plain
	}
	return t
}

// FollowFact asks for the end of a running embargo when a case has become public,
// exploited or attacked, and takes the request back when that is corrected. A case that
// was opened as public and is not gets its embargo with the correction (row LV-6).
func (s *Service) FollowFact(ctx context.Context, tx unit.Tx, f casework.FactSet) error {
	sc := people.AsJob("embargo.fact", string(f.Case))
	c, _, err := s.Cases.Lock(ctx, tx, sc, f.Case)
	if err != nil {
		return err
	}
	e, err := s.Store.Get(ctx, tx, sc, f.Case)
	if err != nil {
		return err
	}
	if e.State == None && !f.Any {
		return s.begin(ctx, tx, sc, c, Wish{Kind: Set}, "", f.By)
	}
	if e.State != Running || f.Any != e.EndAsked.IsZero() {
		return nil
	}
	if !f.Any {
		return s.Store.Ask(ctx, tx, sc, f.Case, time.Time{})
	}
	if err := s.Store.Ask(ctx, tx, sc, f.Case, tx.Now()); err != nil {
		return err
	}
	tx.Record(unit.Entry{Stream: f.Case.Stream(), Kind: "embargo.ledger.end_asked", Actor: sc.Actor(), Args: map[string]string{"fact": f.Kind}})
	return s.Cases.Tell(ctx, tx, sc, c, casework.Notice{To: casework.ToLeads, Key: "embargo.letter.end_asked",
		Args: map[string]string{"until": letterTime(e.Until)}})
}

// Remaining is how long an embargo still runs at now, zero when it does not.
func (e Embargo) Remaining(now time.Time) time.Duration {
	if e.State != Running || !e.Until.After(now) {
		return 0
	}
	return e.Until.Sub(now)
}

// Days is how many calendar days lie between the beginning and the date, in zone.
func (e Embargo) Days(zone *time.Location) int {
	return span.DateOf(e.Began, zone).DaysUntil(span.DateOf(e.Until, zone))
}
