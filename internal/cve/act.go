package cve

import (
	"context"
	"net/url"
	"strings"
	"time"

	"github.com/tocsin-sec/tocsin/internal/base/fault"
	"github.com/tocsin-sec/tocsin/internal/base/unit"
	"github.com/tocsin-sec/tocsin/internal/casework"
	"github.com/tocsin-sec/tocsin/internal/people"
)

// Limits of what people type, in characters.
const (
	maxWho    = 200
	maxReason = 4000
	maxText   = 20_000
)

// team locks a case for its leads and members.
func (s *Service) team(ctx context.Context, tx unit.Tx, sc people.Scope, id casework.CaseID) (casework.Case, people.PersonID, error) {
	c, r, err := s.Cases.Lock(ctx, tx, sc, id)
	if err != nil {
		return c, "", err
	}
	me, err := sc.Writer()
	if err != nil {
		return c, "", err
	}
	if r != people.Lead && r != people.Member {
		return c, "", fault.New(fault.Denied, "cve.fault.denied")
	}
	return c, me, nil
}

// mine locks a number of this case; fault.NotFound for any other.
func (s *Service) mine(ctx context.Context, tx unit.Tx, sc people.Scope, id casework.CaseID, number NumberID) (Number, error) {
	n, err := s.Numbers.Lock(ctx, tx, sc, number)
	if err == nil && n.Case != id {
		err = fault.Missing()
	}
	return n, err
}

// change runs f on a number of a case that its team may change and saves it.
func (s *Service) change(ctx context.Context, sc people.Scope, id casework.CaseID, number NumberID, f func(context.Context, unit.Tx, casework.Case, *Number) error) error {
	return s.Work.Do(ctx, func(ctx context.Context, tx unit.Tx) error {
		c, _, err := s.team(ctx, tx, sc, id)
		if err != nil {
			return err
		}
		n, err := s.mine(ctx, tx, sc, id, number)
		if err != nil {
			return err
		}
		if err := f(ctx, tx, c, &n); err != nil {
			return err
		}
		if err := s.Numbers.Save(ctx, tx, sc, n); err != nil {
			return err
		}
		if n.Todo != Nothing {
			tx.Enqueue(n.writeJob(tx.Now()))
		}
		return nil
	})
}

// reasonOf checks a reason.
func reasonOf(s string) (string, error) {
	var c fault.Checks
	s = strings.TrimSpace(s)
	c.Require(s != "", "reason", "cve.field.reason")
	c.Require(len([]rune(s)) <= maxReason && !strings.ContainsRune(s, 0), "reason", "cve.field.text")
	return s, c.Err()
}

// Drop takes a request back.
func (s *Service) Drop(ctx context.Context, sc people.Scope, id casework.CaseID, number NumberID, reason string) error {
	reason, err := reasonOf(reason)
	if err != nil {
		return err
	}
	return s.change(ctx, sc, id, number, func(_ context.Context, tx unit.Tx, _ casework.Case, n *Number) error {
		tx.Record(n.entry(sc, "cve.ledger.dropped", map[string]string{"reason": reason}))
		return n.drop(reason, tx.Now())
	})
}

// Rejection is the decision that a number has to be rejected.
type Rejection struct {
	Reason   string   // becomes public when it is ours
	Kept     NumberID // of two ids for one flaw the one that is kept; "" for no duplicate
	Rejecter string   // who has to reject it, when it is not ours
}

// Reject decides that a number is rejected: one of our own by a job, for another's it
// stays a task until Rejected says that it is done.
func (s *Service) Reject(ctx context.Context, sc people.Scope, id casework.CaseID, number NumberID, r Rejection) error {
	reason, err := reasonOf(r.Reason)
	if err != nil {
		return err
	}
	return s.change(ctx, sc, id, number, func(ctx context.Context, tx unit.Tx, _ casework.Case, n *Number) error {
		var kept *Number
		if r.Kept != "" {
			k, err := s.mine(ctx, tx, sc, id, r.Kept)
			if err != nil {
				return err
			}
			kept = &k
		}
		rejecter := strings.TrimSpace(r.Rejecter)
		if !n.Ours() {
			var c fault.Checks
			if people.CheckLine(&c, "rejecter", rejecter, 1, maxWho); c.Err() != nil {
				return c.Err()
			}
		}
		if err := n.reject(reason, rejecter, kept, tx.Now()); err != nil {
			return err
		}
		kind := "cve.ledger.to_reject"
		if kept != nil {
			kind = "cve.ledger.duplicate"
		}
		tx.Record(n.entry(sc, kind, map[string]string{"reason": reason, "kept": n.ReplacedBy}))
		return nil
	})
}

// Done notes that somebody else has published or rejected the record of a number that is
// not ours; link is where that can be seen, if anywhere.
func (s *Service) Done(ctx context.Context, sc people.Scope, id casework.CaseID, number NumberID, to State) error {
	return s.change(ctx, sc, id, number, func(_ context.Context, tx unit.Tx, _ casework.Case, n *Number) error {
		if n.Ours() {
			return fault.New(fault.Conflict, "cve.fault.ours")
		}
		kind, err := "cve.ledger.published", error(nil)
		switch to {
		case Published:
			err = n.published(tx.Now())
		case Rejected:
			kind, err = "cve.ledger.rejected", n.rejected(tx.Now())
		default:
			err = fault.New(fault.Invalid, "cve.fault.state", "state", to.word())
		}
		tx.Record(n.entry(sc, kind, nil))
		return err
	})
}

// Contest notes that somebody disputes a published number; the record of our own gets the
// tag "disputed".
func (s *Service) Contest(ctx context.Context, sc people.Scope, id casework.CaseID, number NumberID, by, reason string) error {
	reason, err := reasonOf(reason)
	if err != nil {
		return err
	}
	var c fault.Checks
	by = strings.TrimSpace(by)
	if people.CheckLine(&c, "by", by, 1, maxWho); c.Err() != nil {
		return c.Err()
	}
	return s.change(ctx, sc, id, number, func(_ context.Context, tx unit.Tx, _ casework.Case, n *Number) error {
		if err := n.dispute(Dispute{By: by, Reason: reason, At: tx.Now()}); err != nil {
			return err
		}
		tx.Record(n.entry(sc, "cve.ledger.disputed", map[string]string{"by": by, "reason": reason}))
		n.rewrite()
		return nil
	})
}

// Settle ends a dispute; the tag goes away.
func (s *Service) Settle(ctx context.Context, sc people.Scope, id casework.CaseID, number NumberID, how string) error {
	how, err := reasonOf(how)
	if err != nil {
		return err
	}
	return s.change(ctx, sc, id, number, func(_ context.Context, tx unit.Tx, _ casework.Case, n *Number) error {
		if err := n.settle(how, tx.Now()); err != nil {
			return err
		}
		tx.Record(n.entry(sc, "cve.ledger.settled", map[string]string{"reason": how}))
		n.rewrite()
		return nil
	})
}

// rewrite wishes the record anew when it is ours and there is one.
func (n *Number) rewrite() {
	if n.Ours() && n.Advisory != "" && n.ToReject.IsZero() {
		n.wish(PutRecord)
	}
}

// Keep decides that a number stays although its advisory was withdrawn.
func (s *Service) Keep(ctx context.Context, sc people.Scope, id casework.CaseID, number NumberID, reason string) error {
	reason, err := reasonOf(reason)
	if err != nil {
		return err
	}
	return s.change(ctx, sc, id, number, func(_ context.Context, tx unit.Tx, _ casework.Case, n *Number) error {
		if n.AskReject.IsZero() {
			return fault.New(fault.Conflict, "cve.fault.state", "state", n.State.word())
		}
		n.AskReject = time.Time{}
		tx.Record(n.entry(sc, "cve.ledger.kept", map[string]string{"reason": reason}))
		return nil
	})
}

// Again asks for a write that went wrong once more.
func (s *Service) Again(ctx context.Context, sc people.Scope, id casework.CaseID, number NumberID) error {
	return s.change(ctx, sc, id, number, func(_ context.Context, tx unit.Tx, _ casework.Case, n *Number) error {
		if n.Todo == Nothing {
			return fault.New(fault.Conflict, "cve.fault.state", "state", n.State.word())
		}
		n.wish(n.Todo)
		return nil
	})
}

// GiveUp rejects free ids of the pool that are of past years, or of any: they were
// reserved and will not be used. Chair and deputies may.
func (s *Service) GiveUp(ctx context.Context, sc people.Scope, project people.ProjectID, number NumberID) error {
	return s.Work.Do(ctx, func(ctx context.Context, tx unit.Tx) error {
		if err := s.lead(ctx, tx, sc, project); err != nil {
			return err
		}
		n, err := s.Numbers.Lock(ctx, tx, sc, number)
		if err != nil {
			return err
		}
		if n.Project != project || n.Case != "" {
			return fault.Missing()
		}
		if err := n.reject("", "", nil, tx.Now()); err != nil {
			return err
		}
		tx.Record(projectEntry(project, sc, "cve.ledger.given_up", map[string]string{"cve": n.CVE}))
		tx.Enqueue(n.writeJob(tx.Now()))
		return s.Numbers.Save(ctx, tx, sc, n)
	})
}

// page is the address of the case's page of numbers.
func (s *Service) page(id casework.CaseID) string {
	return s.Origin + "/cases/" + url.PathEscape(string(id)) + "/cve"
}
