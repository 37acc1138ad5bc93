package roster

import (
	"context"
	"slices"

	"github.com/tocsin-sec/tocsin/internal/base/unit"
	"github.com/tocsin-sec/tocsin/internal/casework"
	"github.com/tocsin-sec/tocsin/internal/people"
)

// Unled is the Within-follower of people.TeamUnled: who is neither chair nor deputy any more
// leads no case by that office. He falls back to what he was on a case before, or would have
// been as a plain member; where he was nothing he loses it. What he leads by name (a case
// that he opened, or to which a lead made him one) stays his. A case that he led alone is the
// chair's.
func (s *Roster) Unled(ctx context.Context, tx unit.Tx, f people.TeamUnled) error {
	ids, err := s.Store.OfProject(ctx, tx, people.AsPerson(f.Person), f.Project)
	if err != nil {
		return err
	}
	chair, err := s.chair(ctx, tx, f.Project, f.Person)
	if err != nil {
		return err
	}
	for _, id := range ids {
		if err := s.unlead(ctx, tx, id, f, chair); err != nil {
			return err
		}
	}
	job := people.AsJob("casework.roster", string(f.Project))
	open, err := s.Store.InvitesTo(ctx, tx, job, f.Project, f.Person)
	if err != nil {
		return err
	}
	for _, i := range open {
		if i.Back == "" {
			continue
		}
		if err := s.Invites.CloseInvite(ctx, tx, job, i.ID, "withdrawn", tx.Now()); err != nil {
			return err
		}
		tx.Record(entry(i.Case, job, "casework.ledger.uninvited", nil))
	}
	return nil
}

func (s *Roster) unlead(ctx context.Context, tx unit.Tx, id casework.CaseID, f people.TeamUnled, chair people.PersonID) error {
	job := people.AsJob("casework.roster", string(id))
	if _, err := s.Cases.Lock(ctx, tx, job, id); err != nil {
		return err
	}
	all, err := s.Grants.Holders(ctx, tx, job, string(id))
	if err != nil {
		return err
	}
	n := slices.IndexFunc(all, func(g people.Grant) bool { return g.Holder == f.Person && g.Role == people.Lead && g.Back != "" })
	if n < 0 {
		return nil
	}
	if !slices.ContainsFunc(all, func(g people.Grant) bool { return g.Role == people.Lead && g.Holder != f.Person }) {
		if chair == "" {
			return nil // a case has a lead
		}
		if err := s.grant(ctx, tx, job, id, chair, "", people.NoRole, all); err != nil {
			return err
		}
		tx.Record(entry(id, job, "casework.ledger.takes_over", map[string]string{"person": string(chair)}))
	}
	if err := s.Grants.End(ctx, tx, job, string(id), f.Person, people.Lead, "office"); err != nil {
		return err
	}
	back := all[n].Back
	if back == people.NoRole {
		tx.Record(entry(id, job, "casework.ledger.left_office", map[string]string{"person": string(f.Person), "role": string(people.Lead)}))
		return nil
	}
	tx.Record(entry(id, job, "casework.ledger.role", map[string]string{"person": string(f.Person), "from": string(people.Lead), "to": string(back)}))
	// The terms bind him as a member of the team; new ones that he owes hold up no demotion.
	return s.Grants.GrantUnder(ctx, tx, job, string(id), "", f.Person, back)
}
