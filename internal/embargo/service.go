package embargo

import (
	"context"
	"time"

	"github.com/tocsin-sec/tocsin/internal/base/fault"
	"github.com/tocsin-sec/tocsin/internal/base/unit"
	"github.com/tocsin-sec/tocsin/internal/casework"
	"github.com/tocsin-sec/tocsin/internal/people"
)

// Store keeps embargoes. An embargo exists for whom its case exists.
type Store interface {
	// Get returns the embargo of a case; the zero Embargo with the case's id when
	// the case never had one. fault.NotFound for a case out of scope.
	Get(ctx context.Context, v unit.View, sc people.Scope, id casework.CaseID) (Embargo, error)
	// Put writes the embargo with one more line of its history; fault.Conflict when
	// it changed since it was read.
	Put(ctx context.Context, tx unit.Tx, sc people.Scope, e Embargo, c Change) error
	// Ask notes that the end was asked for; the zero time takes it back.
	Ask(ctx context.Context, tx unit.Tx, sc people.Scope, id casework.CaseID, at time.Time) error
	// History returns the changes, newest first.
	History(ctx context.Context, v unit.View, sc people.Scope, id casework.CaseID) ([]Change, error)
}

// Cases is what embargo needs of *casework.Service.
type Cases interface {
	// Get returns a case that the scope may see, with its role on it.
	Get(ctx context.Context, v unit.View, sc people.Scope, id casework.CaseID) (casework.Case, people.Role, error)
	// Lock is Get for a change in this transaction; it locks the case's row first.
	Lock(ctx context.Context, tx unit.Tx, sc people.Scope, id casework.CaseID) (casework.Case, people.Role, error)
	// SetClock keeps the copy of the date that lists of cases show.
	SetClock(ctx context.Context, tx unit.Tx, sc people.Scope, id casework.CaseID, c casework.Clock) error
	// Tell sends a confidential letter to people of the case.
	Tell(ctx context.Context, tx unit.Tx, sc people.Scope, c casework.Case, n casework.Notice) error
}

// Projects is what embargo needs of *people.Directory.
type Projects interface {
	Project(ctx context.Context, v unit.View, sc people.Scope, id people.ProjectID) (people.Project, error)
}

// Service keeps the embargoes of cases.
type Service struct {
	Work     unit.Work
	Store    Store
	Cases    Cases
	Projects Projects
}

// Of returns the embargo of a case that the scope may see, else fault.NotFound.
// A case without one has State None.
func (s *Service) Of(ctx context.Context, v unit.View, sc people.Scope, id casework.CaseID) (Embargo, error) {
	return s.Store.Get(ctx, v, sc, id)
}

// History returns the changes of a case's embargo, newest first.
func (s *Service) History(ctx context.Context, v unit.View, sc people.Scope, id casework.CaseID) ([]Change, error) {
	return s.Store.History(ctx, v, sc, id)
}

// Propose says what a change would do, for the page that shows it before it is
// done. It changes nothing. Errors are those of Change.
func (s *Service) Propose(ctx context.Context, v unit.View, sc people.Scope, id casework.CaseID, w Wish) (Verdict, error) {
	c, role, err := s.Cases.Get(ctx, v, sc, id)
	if err != nil {
		return Verdict{}, err
	}
	return s.judge(ctx, v, sc, c, role, w)
}

// Change sets, restarts, extends, shortens, corrects or ends the embargo of a
// case. Leads and members may, by a decision of the team; for an exception the
// person stands by name and every participant is told. version must be the one that the
// person saw. Errors: fault.NotFound out of scope, fault.Denied for a role that
// may not, fault.Invalid for a wrong field, fault.Conflict for what the state, a
// fact or a newer version forbids.
func (s *Service) Change(ctx context.Context, sc people.Scope, id casework.CaseID, version int64, w Wish) error {
	return s.Work.Do(ctx, func(ctx context.Context, tx unit.Tx) error {
		c, role, err := s.Cases.Lock(ctx, tx, sc, id)
		if err != nil {
			return err
		}
		v, err := s.judge(ctx, tx, sc, c, role, w)
		if err != nil {
			return err
		}
		if v.After.Version != version {
			return fault.New(fault.Conflict, "embargo.fault.changed")
		}
		return s.put(ctx, tx, sc, c, v)
	})
}

func (s *Service) judge(ctx context.Context, v unit.View, sc people.Scope, c casework.Case, role people.Role, w Wish) (Verdict, error) {
	if role != people.Lead && role != people.Member || !sc.MayWrite() {
		return Verdict{}, fault.New(fault.Denied, "embargo.fault.denied")
	}
	e, err := s.Store.Get(ctx, v, sc, c.ID)
	if err != nil {
		return Verdict{}, err
	}
	p, err := s.Projects.Project(ctx, v, sc, c.Project)
	if err != nil {
		return Verdict{}, err
	}
	by, _ := sc.Person()
	e.Case, e.Project = c.ID, c.Project
	return e.Judge(w, RulesOf(p.Policy), c.Facts.Any(), by, sc.Actor(), v.Now())
}

// put writes a judged change with all that follows from it, in one transaction.
func (s *Service) put(ctx context.Context, tx unit.Tx, sc people.Scope, c casework.Case, v Verdict) error {
	if err := s.Store.Put(ctx, tx, sc, v.After, v.Change); err != nil {
		return err
	}
	running := v.After.State == Running
	if err := s.Cases.SetClock(ctx, tx, sc, c.ID, casework.Clock{Until: v.After.Until, Running: running}); err != nil {
		return err
	}
	tx.Record(v.entry(sc))
	schedule(tx, v.After)
	if v.Warns {
		if err := s.Cases.Tell(ctx, tx, sc, c, warning(v)); err != nil {
			return err
		}
	}
	if !running {
		return tx.Emit(ctx, Ended{Case: c.ID, Until: v.Change.From, At: v.After.EndedAt, Early: v.After.EndedAt.Before(v.Change.From)})
	}
	return tx.Emit(ctx, Changed{Case: c.ID, Kind: v.Change.Kind.String(), Until: v.After.Until})
}

// entry is the change's line in the case's stream.
func (v Verdict) entry(sc people.Scope) unit.Entry {
	args := map[string]string{"until": v.Change.Until.Format(time.RFC3339), "reason": v.Change.Reason}
	if !v.Change.From.IsZero() {
		args["from"] = v.Change.From.Format(time.RFC3339)
	}
	if v.Change.Problem != "" {
		args["problem"] = v.Change.Problem
	}
	kind := "embargo.ledger." + v.Change.Kind.String()
	if v.Change.Exception {
		kind = "embargo.ledger.exception"
		args["decider"] = string(v.Change.Decider)
	}
	return unit.Entry{Stream: v.Change.Case.Stream(), Kind: kind, Actor: sc.Actor(), Args: args}
}

// warning is the letter to every participant about an exception.
func warning(v Verdict) casework.Notice {
	return casework.Notice{To: casework.ToEveryone, Key: "embargo.letter.exception",
		Args: map[string]string{"until": letterTime(v.Change.Until)}, Text: v.Change.Reason}
}
