package casework

import (
	"context"
	"strconv"
	"strings"

	"github.com/tocsin-sec/tocsin/internal/base/fault"
	"github.com/tocsin-sec/tocsin/internal/base/unit"
	"github.com/tocsin-sec/tocsin/internal/casework/affected"
	"github.com/tocsin-sec/tocsin/internal/casework/scoring"
	"github.com/tocsin-sec/tocsin/internal/casework/typed"
	"github.com/tocsin-sec/tocsin/internal/people"
)

// Advance moves a case to another state, with the reason that will stand beside it.
// Leads and members may. Errors: fault.Conflict for a transition that the model
// does not have or an older version, fault.Invalid without a reason.
func (s *Service) Advance(ctx context.Context, sc people.Scope, id CaseID, version int64, to State, why string) error {
	return s.change(ctx, sc, id, version, func(ctx context.Context, tx unit.Tx, c *Case) error {
		from := c.State
		if err := c.advance(to, strings.TrimSpace(why), tx.Now()); err != nil {
			return err
		}
		if from == Received && c.Report != "" {
			if err := s.Reports.Assessed(ctx, tx, people.AsJob("casework.assess", string(c.ID), string(c.Report)), c.Report); err != nil && !fault.Is(err, fault.NotFound) {
				return err
			}
		}
		tx.Record(c.entry(sc, "casework.ledger.moved", map[string]string{"from": from.String(), "to": to.String(), "reason": c.StateReason}))
		return tx.Emit(ctx, Moved{Case: c.ID, From: from.String(), To: to.String()})
	})
}

// Assessment is what a case says of the problem in short.
type Assessment struct {
	Title      string
	Vector31   string
	Vector40   string
	Weaknesses []string
}

// Assess sets the title, the severity vectors and the weaknesses. A wrong vector
// is fault.Invalid with the metric's name beside its field.
func (s *Service) Assess(ctx context.Context, sc people.Scope, id CaseID, version int64, a Assessment) error {
	var checks fault.Checks
	a.Title = strings.TrimSpace(a.Title)
	typed.Line(&checks, "title", a.Title, maxTitle)
	sev := scoring.Check(&checks, a.Vector31, a.Vector40)
	weak := scoring.Weaknesses(&checks, a.Weaknesses)
	if err := checks.Err(); err != nil {
		return err
	}
	return s.change(ctx, sc, id, version, func(_ context.Context, tx unit.Tx, c *Case) error {
		if c.Severity != sev {
			tx.Record(c.entry(sc, "casework.ledger.severity", map[string]string{"vector": strings.TrimSpace(sev.Vector40 + " " + sev.Vector31),
				"score": strconv.FormatFloat(sev.Score(), 'f', 1, 64), "rating": string(sev.Rating)}))
		}
		if c.Title != a.Title {
			tx.Record(c.entry(sc, "casework.ledger.titled", map[string]string{"title": a.Title}))
		}
		if strings.Join(c.Weaknesses, " ") != strings.Join(weak, " ") {
			tx.Record(c.entry(sc, "casework.ledger.weaknesses", map[string]string{"cwe": strings.Join(weak, ", ")}))
		}
		c.Title, c.Severity, c.Weaknesses = a.Title, sev, weak
		return nil
	})
}

// SetAffected replaces the table of what is affected. Each problem stands at
// "affected.N.field".
func (s *Service) SetAffected(ctx context.Context, sc people.Scope, id CaseID, version int64, rows []Affected) error {
	me, _ := sc.Person()
	return s.change(ctx, sc, id, version, func(_ context.Context, tx unit.Tx, c *Case) error {
		var checks fault.Checks
		out := affected.Check(&checks, rows, c.Affected, me, tx.Now())
		if err := checks.Err(); err != nil {
			return err
		}
		for _, line := range affected.Changes(c.Affected, out) {
			tx.Record(c.entry(sc, "casework.ledger.affected", line))
		}
		c.Affected = out
		return nil
	})
}

// SetFact sets or corrects one of the facts that end secrecy, with evidence. Leads
// and members may; they stand for it by name. Once set no embargo can be proposed,
// and the end of a running one is asked for.
func (s *Service) SetFact(ctx context.Context, sc people.Scope, id CaseID, k FactKind, set bool, evidence string) error {
	me, _ := sc.Person()
	return s.change(ctx, sc, id, 0, func(ctx context.Context, tx unit.Tx, c *Case) error {
		m := FactMark{Set: set, Evidence: strings.TrimSpace(evidence), By: me, At: tx.Now()}
		if err := c.mark(k, m); err != nil {
			return err
		}
		kind := "casework.ledger.fact_" + k.String()
		if !set {
			kind = "casework.ledger.fact_corrected"
		}
		tx.Record(c.entry(sc, kind, map[string]string{"fact": k.String(), "evidence": m.Evidence}))
		// The followers read the case: it must say so already.
		if err := s.Cases.Save(ctx, tx, sc, *c); err != nil {
			return err
		}
		c.Version++
		return tx.Emit(ctx, FactSet{Case: c.ID, Kind: k.String(), Set: set, Any: c.Facts.Any(), By: sc.Actor()})
	})
}
