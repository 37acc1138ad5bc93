// Package roster keeps who is on a project's cases in step with who is in its team:
// who left loses the cases, who leads the team leads them as long as he does.
//
// Not here: how people are invited to a case and removed by hand (casework), and how
// they join and leave the team (people).
package roster

import (
	"context"
	"slices"

	"github.com/tocsin-sec/tocsin/internal/base/unit"
	"github.com/tocsin-sec/tocsin/internal/casework"
	"github.com/tocsin-sec/tocsin/internal/people"
)

// Store is what the roster reads of the cases' tables.
type Store interface {
	// OfProject returns the ids of a project's cases in their order: those that a
	// person holds a role on; for a job that names the project, those not closed.
	OfProject(ctx context.Context, v unit.View, sc people.Scope, project people.ProjectID) ([]casework.CaseID, error)
	// InvitesTo lists the open invitations of a person to a project's cases, for a job
	// that names the project.
	InvitesTo(ctx context.Context, v unit.View, sc people.Scope, project people.ProjectID, who people.PersonID) ([]casework.Invitation, error)
}

// Roster follows what happens in teams.
type Roster struct {
	Store   Store
	Cases   casework.CaseStore
	Invites casework.InviteStore
	Seen    casework.SeenStore
	Grants  casework.Grants
}

func entry(id casework.CaseID, sc people.Scope, kind string, args map[string]string) unit.Entry {
	return unit.Entry{Stream: id.Stream(), Kind: kind, Actor: sc.Actor(), Args: args}
}

// Left is the Within-follower of people.TeamLeft: it ends the roles on the project's cases of somebody who is no more in its
// team, in the transaction that ends his membership: there is no moment in which he
// reads on. Where he was the last lead, the chair leads. What he reported himself he
// keeps as its reporter. It costs a few statements for each of his cases, which is
// more than a transaction should (design, section 3), a few times a year.
func (s *Roster) Left(ctx context.Context, tx unit.Tx, f people.TeamLeft) error {
	ids, err := s.Store.OfProject(ctx, tx, people.AsPerson(f.Person), f.Project)
	if err != nil {
		return err
	}
	chair, err := s.chair(ctx, tx, f.Project, f.Person)
	if err != nil {
		return err
	}
	for _, id := range ids {
		if err := s.leave(ctx, tx, id, f.Person, chair); err != nil {
			return err
		}
	}
	return s.uninvite(ctx, tx, f)
}

// leave ends who's roles on one case. Without a chair the last lead stays.
func (s *Roster) leave(ctx context.Context, tx unit.Tx, id casework.CaseID, who, chair people.PersonID) error {
	job := people.AsJob("casework.roster", string(id))
	if _, err := s.Cases.Lock(ctx, tx, job, id); err != nil {
		return err
	}
	all, err := s.Grants.Holders(ctx, tx, job, string(id))
	if err != nil {
		return err
	}
	for _, g := range all {
		if g.Holder != who || !g.Role.OnCase() || g.Role == people.Reporter {
			continue
		}
		if g.Role == people.Lead && !slices.ContainsFunc(all, func(o people.Grant) bool { return o.Role == people.Lead && o.Holder != who }) {
			if chair == "" {
				continue
			}
			if err := s.grant(ctx, tx, job, id, chair, "", people.NoRole, all); err != nil {
				return err
			}
			tx.Record(entry(id, job, "casework.ledger.takes_over", map[string]string{"person": string(chair)}))
		}
		if err := s.Grants.End(ctx, tx, job, string(id), who, g.Role, "team"); err != nil {
			return err
		}
		tx.Record(entry(id, job, "casework.ledger.left_team", map[string]string{"person": string(who), "role": string(g.Role)}))
	}
	return nil
}

// chair returns who leads the project, but for one; "" when nobody does.
func (s *Roster) chair(ctx context.Context, v unit.View, project people.ProjectID, but people.PersonID) (people.PersonID, error) {
	all, err := s.Grants.Holders(ctx, v, people.AsJob("casework.roster", string(project)), string(project))
	if err != nil {
		return "", err
	}
	for _, g := range all {
		if g.Role == people.Chair && g.Holder != but {
			return g.Holder, nil
		}
	}
	return "", nil
}

// uninvite takes back what would let him in again.
func (s *Roster) uninvite(ctx context.Context, tx unit.Tx, f people.TeamLeft) error {
	job := people.AsJob("casework.roster", string(f.Project))
	open, err := s.Store.InvitesTo(ctx, tx, job, f.Project, f.Person)
	if err != nil {
		return err
	}
	for _, i := range open {
		if err := s.Invites.CloseInvite(ctx, tx, job, i.ID, "withdrawn", tx.Now()); err != nil {
			return err
		}
		tx.Record(entry(i.Case, job, "casework.ledger.uninvited", nil))
	}
	return nil
}

// Led is the Within-follower of people.TeamLed: it makes a new chair or deputy a lead of the project's cases that are not
// closed, as for those that are opened later: he is alerted of them, and
// the alert's link has to open.
func (s *Roster) Led(ctx context.Context, tx unit.Tx, f people.TeamLed) error {
	ids, err := s.Store.OfProject(ctx, tx, people.AsJob("casework.roster", string(f.Project)), f.Project)
	if err != nil {
		return err
	}
	for _, id := range ids {
		if err := s.lead(ctx, tx, id, f); err != nil {
			return err
		}
	}
	return nil
}

func (s *Roster) lead(ctx context.Context, tx unit.Tx, id casework.CaseID, f people.TeamLed) error {
	job := people.AsJob("casework.roster", string(id))
	if _, err := s.Cases.Lock(ctx, tx, job, id); err != nil {
		return err
	}
	all, err := s.Grants.Holders(ctx, tx, job, string(id))
	if err != nil {
		return err
	}
	was := people.Role("")
	for _, g := range all {
		if g.Holder == f.Person && g.Role != people.Reporter && was != people.Lead {
			was = g.Role
		}
	}
	if was == people.Lead {
		return nil
	}
	back := was
	if was == "" {
		back = people.NoRole
	}
	if err := s.grant(ctx, tx, job, id, f.Person, f.Project, back, all); err != nil {
		return err
	}
	if was == "" {
		tx.Record(entry(id, job, "casework.ledger.joined", map[string]string{"person": string(f.Person), "role": string(people.Lead)}))
		return nil
	}
	tx.Record(entry(id, job, "casework.ledger.role", map[string]string{"person": string(f.Person), "from": string(was), "to": string(people.Lead)}))
	return s.Grants.End(ctx, tx, job, string(id), f.Person, was, "role")
}

// grant makes somebody a lead by his office, under the project's terms unless project is empty. Who was
// not of the case's team before has not seen what its notes say, whatever his mark.
func (s *Roster) grant(ctx context.Context, tx unit.Tx, job people.Scope, id casework.CaseID, to people.PersonID, project people.ProjectID, back people.Role, before []people.Grant) error {
	if err := s.Grants.GrantByOffice(ctx, tx, job, string(id), project, to, people.Lead, back); err != nil {
		return err
	}
	if slices.ContainsFunc(before, func(g people.Grant) bool { return g.Holder == to && casework.OfTeam(g.Role) }) {
		return nil
	}
	return s.Seen.Forget(ctx, tx, job, id, to)
}
