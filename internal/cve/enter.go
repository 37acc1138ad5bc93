package cve

import (
	"context"
	"strings"
	"time"

	"github.com/tocsin-sec/tocsin/internal/base/fault"
	"github.com/tocsin-sec/tocsin/internal/base/ident"
	"github.com/tocsin-sec/tocsin/internal/base/unit"
	"github.com/tocsin-sec/tocsin/internal/casework"
	"github.com/tocsin-sec/tocsin/internal/people"
)

// Entry is a number that somebody types in.
type Entry struct {
	Request    NumberID // the request that it answers; "" for none
	CVE        string
	AssignedBy string
	At         time.Time // when it was assigned; zero is now
	Another    bool
}

// Enter notes a number that was assigned elsewhere, with who assigned it and when. When it
// is an id of the project's own pool, it is taken from there. An id that the person
// sees on another case is fault.Conflict; what he may not see has no influence.
func (s *Service) Enter(ctx context.Context, sc people.Scope, id casework.CaseID, e Entry) (NumberID, error) {
	e.CVE, e.AssignedBy = strings.ToUpper(strings.TrimSpace(e.CVE)), strings.TrimSpace(e.AssignedBy)
	var out NumberID
	err := s.Work.Do(ctx, func(ctx context.Context, tx unit.Tx) error {
		c, me, err := s.team(ctx, tx, sc, id)
		if err != nil {
			return err
		}
		var checks fault.Checks
		checks.Require(isID(e.CVE), "cve", "cve.field.cve")
		people.CheckLine(&checks, "assigned_by", e.AssignedBy, 1, maxWho)
		if e.At.IsZero() {
			e.At = tx.Now()
		}
		checks.Require(!e.At.After(tx.Now()), "at", "cve.field.at")
		if err := checks.Err(); err != nil {
			return err
		}
		n, fresh, err := s.entered(ctx, tx, sc, c, e)
		if err != nil {
			return err
		}
		if n.Origin == OfPool {
			err = n.take(c, me, e.At)
			n.AssignedBy = e.AssignedBy
		} else {
			err = n.assign(e.CVE, e.AssignedBy, me, e.At)
		}
		if err != nil {
			return err
		}
		n.Changed, out = tx.Now(), n.ID
		if fresh {
			err = s.Numbers.Insert(ctx, tx, sc, n)
		} else {
			err = s.Numbers.Save(ctx, tx, people.AsJob("cve.enter", string(c.Project), string(c.ID)), n)
		}
		if err != nil {
			return err
		}
		tx.Record(n.entry(sc, "cve.ledger.entered", map[string]string{"by": n.AssignedBy}))
		return nil
	})
	return out, err
}

// entered finds the number that an entry is about: a request of the case, an id of the
// pool, or a new one.
func (s *Service) entered(ctx context.Context, tx unit.Tx, sc people.Scope, c casework.Case, e Entry) (n Number, fresh bool, err error) {
	taken, err := s.Numbers.Seen(ctx, tx, sc, c.Project, e.CVE)
	if err == nil && taken.Case != "" && taken.State != Dropped {
		var checks fault.Checks
		checks.Add("cve", "cve.field.taken")
		return Number{}, false, checks.Err()
	}
	if err != nil && !fault.Is(err, fault.NotFound) {
		return Number{}, false, err
	}
	// Whoever works on the case takes from the pool without seeing it.
	seen, err := s.Numbers.Seen(ctx, tx, people.AsJob("cve.enter", string(c.Project)), c.Project, e.CVE)
	if err != nil && !fault.Is(err, fault.NotFound) {
		return Number{}, false, err
	}
	pooled := err == nil
	if e.Request != "" {
		n, err = s.mine(ctx, tx, sc, c.ID, e.Request)
		if err != nil || !pooled {
			return n, false, err
		}
		// Asked for elsewhere, given from our own pool: the request is over.
		if err := n.drop("", tx.Now()); err != nil {
			return Number{}, false, err
		}
		return seen, false, s.Numbers.Save(ctx, tx, sc, n)
	}
	if err := s.alone(ctx, tx, sc, c.ID, e.Another); err != nil {
		return Number{}, false, err
	}
	if pooled {
		return seen, false, nil
	}
	return Number{ID: NumberID(ident.New()), Project: c.Project, Case: c.ID, State: Requested, Origin: Typed, AskedAt: tx.Now()}, true, nil
}
