package casework

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/tocsin-sec/tocsin/internal/base/fault"
	"github.com/tocsin-sec/tocsin/internal/base/unit"
	"github.com/tocsin-sec/tocsin/internal/people"
)

// Participant is one who is on a case.
type Participant struct {
	Person people.PersonID
	Name   string
	Role   people.Role
	Since  time.Time
	Terms  int // version of the terms that were accepted; 0: none asked
	Seen   int // number of the last item seen; 0 when the viewer may not know
	SeenAt time.Time
}

// Participants lists who is on a case. How far each has seen it is for the team.
func (s *Service) Participants(ctx context.Context, v unit.View, sc people.Scope, id CaseID) ([]Participant, error) {
	gs, err := s.Grants.Holders(ctx, v, sc, string(id))
	if err != nil {
		return nil, err
	}
	ids := make([]people.PersonID, len(gs))
	for i, g := range gs {
		ids[i] = g.Holder
	}
	names, err := s.People.NamesOn(ctx, v, sc, string(id), ids)
	if err != nil {
		return nil, err
	}
	views, err := s.Seen.Viewers(ctx, v, sc, id)
	if err != nil {
		return nil, err
	}
	var out []Participant
	for _, g := range gs {
		if !g.Role.OnCase() {
			continue
		}
		p := Participant{Person: g.Holder, Name: names[g.Holder], Role: g.Role, Since: g.Since, Terms: g.Terms}
		if at := slices.IndexFunc(views, func(w Viewed) bool { return w.Actor == people.AsPerson(g.Holder).Actor() }); at >= 0 {
			p.Seen, p.SeenAt = views[at].Through, views[at].At
		}
		out = append(out, p)
	}
	slices.SortStableFunc(out, func(a, b Participant) int { return rank(a.Role) - rank(b.Role) })
	return out, nil
}

// Remove ends a participant's role on the case, with the reason. Leads may, and
// everybody for himself. The last lead cannot go (fault.Conflict).
func (s *Service) Remove(ctx context.Context, sc people.Scope, id CaseID, who people.PersonID, role people.Role, why string) error {
	var checks fault.Checks
	checkReason(&checks, why)
	if err := checks.Err(); err != nil {
		return err
	}
	return s.Work.Do(ctx, func(ctx context.Context, tx unit.Tx) error {
		c, mine, err := s.Lock(ctx, tx, sc, id)
		if err != nil {
			return err
		}
		if me, ok := sc.Person(); mine != people.Lead && !(ok && me == who) {
			return fault.New(fault.Denied, "casework.fault.denied")
		}
		if err := s.Grants.End(ctx, tx, sc, string(c.ID), who, role, why); err != nil {
			return err
		}
		if role == people.Reporter && c.Reporter.Person == who {
			// He still is who reported, but what is new goes to his address no more.
			c.Reporter.Person, c.Reporter.Mail = "", ""
			if err := s.Cases.Save(ctx, tx, sc, c); err != nil {
				return err
			}
		}
		tx.Record(c.entry(sc, "casework.ledger.removed", map[string]string{"person": string(who), "role": string(role), "reason": why}))
		return s.uninvite(ctx, tx, c, who)
	})
}

// uninvite takes back the open invitations of one who is removed: by an old link he
// would be back at once.
func (s *Service) uninvite(ctx context.Context, tx unit.Tx, c Case, who people.PersonID) error {
	job := people.AsJob("casework.remove", string(c.ID))
	open, err := s.Invites.Invites(ctx, tx, job, c.ID)
	if err != nil {
		return err
	}
	for _, i := range open {
		if i.Person != who {
			continue
		}
		if err := s.Invites.CloseInvite(ctx, tx, job, i.ID, "withdrawn", tx.Now()); err != nil {
			return err
		}
		tx.Record(c.entry(job, "casework.ledger.uninvited", nil))
	}
	return nil
}

// seesMore forgets how far a person has seen the case when he comes to the team: the
// mark of an observer passes notes that he has not seen.
func (s *Service) seesMore(ctx context.Context, tx unit.Tx, sc people.Scope, id CaseID, who people.PersonID, from, to people.Role) error {
	if OfTeam(from) || !OfTeam(to) {
		return nil
	}
	return s.Seen.Forget(ctx, tx, sc, id, who)
}

// OfTeam reports whether a role on a case is one of its team: lead or member.
func OfTeam(r people.Role) bool { return r == people.Lead || r == people.Member }

// ChangeRole gives a participant another role, without a moment in which he has
// none. Only leads may; the last lead stays one (fault.Conflict).
func (s *Service) ChangeRole(ctx context.Context, sc people.Scope, id CaseID, who people.PersonID, from, to people.Role) error {
	var checks fault.Checks
	checks.Require(to.OnCase() && to != from, "role", "casework.field.role")
	if err := checks.Err(); err != nil {
		return err
	}
	return s.Work.Do(ctx, func(ctx context.Context, tx unit.Tx) error {
		c, _, err := s.lockFor(ctx, tx, sc, id, people.Lead)
		if err != nil {
			return err
		}
		gs, err := s.Grants.Holders(ctx, tx, sc, string(c.ID))
		if err != nil {
			return err
		}
		if !slices.ContainsFunc(gs, func(g people.Grant) bool { return g.Holder == who && g.Role == from }) {
			return fault.Missing()
		}
		// A role that is not the reporter's binds to the terms, which he has accepted
		// or must accept first.
		if err := s.Grants.GrantUnder(ctx, tx, sc, string(c.ID), c.Project, who, to); err != nil {
			return err
		}
		if err := s.seesMore(ctx, tx, sc, c.ID, who, from, to); err != nil {
			return err
		}
		if err := s.Grants.End(ctx, tx, sc, string(c.ID), who, from, "role"); err != nil {
			return err
		}
		tx.Record(c.entry(sc, "casework.ledger.role", map[string]string{"person": string(who), "from": string(from), "role": string(to)}))
		return nil
	})
}

// InvitesOf lists the open invitations of a case to its team; none to others.
func (s *Service) InvitesOf(ctx context.Context, v unit.View, sc people.Scope, id CaseID) ([]Invitation, error) {
	return s.Invites.Invites(ctx, v, sc, id)
}

// Names gives the names of the persons among a case's actors ("person:ID") and plain ids,
// for those whom the scope may know. Other actors have none: a face says what they are.
func (s *Service) Names(ctx context.Context, v unit.View, sc people.Scope, id CaseID, actors ...string) (map[string]string, error) {
	var ids []people.PersonID
	for _, a := range actors {
		if who := strings.TrimPrefix(a, "person:"); who != "" && !strings.Contains(who, ":") {
			ids = append(ids, people.PersonID(who))
		}
	}
	found, err := s.People.NamesOn(ctx, v, sc, string(id), ids)
	if err != nil {
		return nil, err
	}
	out := make(map[string]string, 2*len(found))
	for id, name := range found {
		out[string(id)], out["person:"+string(id)] = name, name
	}
	return out, nil
}
