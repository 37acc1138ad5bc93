package casework

import (
	"context"
	"strings"

	"github.com/tocsin-sec/tocsin/internal/base/fault"
	"github.com/tocsin-sec/tocsin/internal/base/ident"
	"github.com/tocsin-sec/tocsin/internal/base/unit"
	"github.com/tocsin-sec/tocsin/internal/casework/typed"
	"github.com/tocsin-sec/tocsin/internal/desk"
	"github.com/tocsin-sec/tocsin/internal/people"
)

// ClaimFact says that a fact is so, for somebody who may not set it: the reporter, an
// observer, the bearer of the link. It alerts the leads and sets nothing. It fails with
// fault.Conflict while the team has not answered the same claim.
func (s *Service) ClaimFact(ctx context.Context, sc people.Scope, id CaseID, k FactKind, text string) error {
	var checks fault.Checks
	checks.Require(k >= IsPublic && k <= IsAttacked, "fact", "casework.fault.fact", "fact", int(k))
	typed.Text(&checks, "text", text, maxReason)
	if err := checks.Err(); err != nil {
		return err
	}
	return s.Work.Do(ctx, func(ctx context.Context, tx unit.Tx) error {
		c, _, err := s.lockFor(ctx, tx, sc, id, people.Lead, people.Member, people.Reporter, people.Observer)
		if err != nil {
			return err
		}
		if err := s.saidBefore(ctx, tx, sc, id, k); err != nil {
			return err
		}
		return s.claim(ctx, tx, sc, c, Claim{Kind: k, By: sc.Actor(), Text: strings.TrimSpace(text)})
	})
}

// saidBefore refuses a claim that waits for the team's answer already: each one writes to
// every lead, and who repeats it tells them nothing new.
func (s *Service) saidBefore(ctx context.Context, v unit.View, sc people.Scope, id CaseID, k FactKind) error {
	all, err := s.Claims.Claims(ctx, v, people.AsJob("casework.claim", string(id)), id)
	if err != nil {
		return err
	}
	for _, cl := range all {
		if cl.Kind == k && cl.By == sc.Actor() && cl.Answered.IsZero() {
			return fault.New(fault.Conflict, "casework.fault.claimed")
		}
	}
	return nil
}

// claimsOf keeps what the report's form said about the facts.
func (s *Service) claimsOf(ctx context.Context, tx unit.Tx, job people.Scope, c Case, a desk.Claims) error {
	if a.AlreadyPublic == desk.Yes && !c.Facts.Public.Set {
		if err := s.claim(ctx, tx, job, c, Claim{Kind: IsPublic, By: "reporter", Text: a.PublicWhere}); err != nil {
			return err
		}
	}
	if a.Exploited == desk.Yes {
		return s.claim(ctx, tx, job, c, Claim{Kind: IsAttacked, By: "reporter"})
	}
	return nil
}

func (s *Service) claim(ctx context.Context, tx unit.Tx, sc people.Scope, c Case, cl Claim) error {
	cl.ID, cl.Case, cl.At = ident.New(), c.ID, tx.Now()
	if err := s.Claims.AddClaim(ctx, tx, sc, cl); err != nil {
		return err
	}
	tx.Record(c.entry(sc, "casework.ledger.claimed", map[string]string{"fact": cl.Kind.String()}))
	return s.Tell(ctx, tx, sc, c, Notice{To: ToLeads, Key: "casework.letter.claim", Args: map[string]string{"fact": cl.Kind.String()}, Text: cl.Text})
}

// AnswerClaim closes a claim with the team's answer, whether or not the fact was
// set. It fails with fault.Conflict when it is closed.
func (s *Service) AnswerClaim(ctx context.Context, sc people.Scope, id CaseID, claim, answer string) error {
	var checks fault.Checks
	typed.Text(&checks, "answer", answer, maxReason)
	if err := checks.Err(); err != nil {
		return err
	}
	return s.Work.Do(ctx, func(ctx context.Context, tx unit.Tx) error {
		c, err := s.lockTeam(ctx, tx, sc, id)
		if err != nil {
			return err
		}
		tx.Record(c.entry(sc, "casework.ledger.claim_answered", map[string]string{"answer": strings.TrimSpace(answer)}))
		return s.Claims.AnswerClaim(ctx, tx, sc, id, claim, strings.TrimSpace(answer), tx.Now())
	})
}

// ClaimsOn lists the claims on a case to its team; none to others.
func (s *Service) ClaimsOn(ctx context.Context, v unit.View, sc people.Scope, id CaseID) ([]Claim, error) {
	return s.Claims.Claims(ctx, v, sc, id)
}
