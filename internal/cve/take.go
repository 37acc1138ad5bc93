package cve

import (
	"context"

	"github.com/tocsin-sec/tocsin/internal/base/fault"
	"github.com/tocsin-sec/tocsin/internal/base/unit"
	"github.com/tocsin-sec/tocsin/internal/casework"
	"github.com/tocsin-sec/tocsin/internal/people"
)

// Take gives the case an id of the project's pool. year 0 is the current one. A case that
// has a number already needs another = true: two ids for one flaw are a mistake.
// Errors: fault.NotFound, fault.Denied, fault.Conflict when the pool is empty.
func (s *Service) Take(ctx context.Context, sc people.Scope, id casework.CaseID, year int, another bool) (Number, error) {
	var n Number
	err := s.Work.Do(ctx, func(ctx context.Context, tx unit.Tx) error {
		c, me, err := s.team(ctx, tx, sc, id)
		if err != nil {
			return err
		}
		if err := s.alone(ctx, tx, sc, id, another); err != nil {
			return err
		}
		n, err = s.take(ctx, tx, sc, c, me, year)
		return err
	})
	return n, err
}

// alone refuses a second number without a clear word.
func (s *Service) alone(ctx context.Context, v unit.View, sc people.Scope, id casework.CaseID, another bool) error {
	if another {
		return nil
	}
	all, err := s.Numbers.OfCase(ctx, v, sc, id)
	if err != nil {
		return err
	}
	for _, n := range all {
		if n.State.Live() && n.DuplicateOf == "" && n.ToReject.IsZero() {
			return fault.New(fault.Conflict, "cve.fault.has_one")
		}
	}
	return nil
}

func (s *Service) take(ctx context.Context, tx unit.Tx, sc people.Scope, c casework.Case, me people.PersonID, year int) (Number, error) {
	// The pool is the project's: whoever works on the case takes from it without seeing it.
	pool := people.AsJob("cve.take", string(c.Project), string(c.ID))
	set, err := s.Setups.Setup(ctx, tx, pool, c.Project)
	if err != nil {
		return Number{}, err
	}
	if !set.Ready() {
		return Number{}, fault.New(fault.Conflict, "cve.fault.no_cna")
	}
	if year == 0 {
		year = tx.Now().UTC().Year()
	}
	n, err := s.Numbers.Free(ctx, tx, pool, c.Project, year)
	if fault.Is(err, fault.NotFound) {
		return Number{}, fault.New(fault.Conflict, "cve.fault.empty")
	}
	if err != nil {
		return Number{}, err
	}
	if err := n.take(c, me, tx.Now()); err != nil {
		return Number{}, err
	}
	if n.AssignedBy = set.Org; n.AssignedBy == "" {
		n.AssignedBy = "CNA"
	}
	if err := s.Numbers.Save(ctx, tx, pool, n); err != nil {
		return Number{}, err
	}
	tx.Record(n.entry(sc, "cve.ledger.taken", nil))
	tx.Enqueue(refillJob(c.Project, tx.Now()))
	return n, nil
}
