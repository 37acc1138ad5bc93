package people

import (
	"context"
	"strings"

	"github.com/tocsin-sec/tocsin/internal/base/fault"
	"github.com/tocsin-sec/tocsin/internal/base/unit"
)

// Bringer finds or invites the person of an address; account.Service is one.
type Bringer interface {
	Bring(ctx context.Context, tx unit.Tx, sc Scope, address, name, lang string) (PersonID, error)
}

// Members is the operations on a project's team: what its pages and API call. Each
// opens one transaction and fails as the verb of Team does.
type Members struct {
	Work      unit.Work
	Team      *Team
	Directory *Directory
	Accounts  Bringer
	Ring      Keyring
}

// TeamView is a project's team as its page shows it to one scope.
type TeamView struct {
	Project  Project
	Mine     []Role // of the scope's person, highest first
	Team     []Teammate
	Joins    []Join // open ones and ended ones, newest first
	Names    map[PersonID]string
	Terms    Terms
	Accepted Acceptance
	Keys     []PrivateKey // without secrets
}

// May reports whether the scope's person holds one of the roles.
func (v TeamView) May(roles ...Role) bool {
	for _, r := range v.Mine {
		for _, want := range roles {
			if r == want {
				return true
			}
		}
	}
	return false
}

// View reads all that the team's page shows, in one view.
func (m *Members) View(ctx context.Context, sc Scope, project ProjectID) (TeamView, error) {
	var out TeamView
	err := m.Work.View(ctx, func(ctx context.Context, v unit.View) (err error) {
		out = TeamView{}
		if out.Project, err = m.Directory.Project(ctx, v, sc, project); err != nil {
			return err
		}
		if out.Mine, err = m.Team.Grants.Store.Held(ctx, v, sc, project.object()); err != nil {
			return err
		}
		if out.Team, err = m.Directory.Team(ctx, v, sc, project); err != nil {
			return err
		}
		if out.Joins, err = m.Team.Joins.JoinsOf(ctx, v, sc, project, ""); err != nil {
			return err
		}
		var ids []PersonID
		for _, j := range out.Joins {
			ids = append(ids, j.Person, j.Voucher)
		}
		for _, t := range out.Team {
			ids = append(ids, t.Voucher)
		}
		if out.Names, err = m.Directory.Names(ctx, v, sc, ids); err != nil {
			return err
		}
		if out.Terms, err = m.Team.Agreements.Current(ctx, v, sc, project); err != nil {
			return err
		}
		if me, ok := sc.Person(); ok {
			if out.Accepted, _, err = m.Team.Agreements.Accepted(ctx, v, sc, project, me); err != nil {
				return err
			}
		}
		out.Keys, err = m.Ring.Public(ctx, v, project)
		return err
	})
	return out, err
}

// Agreed is the record of a project's terms: every version, and who accepted which when.
type Agreed struct {
	Versions    []Terms
	Acceptances []Acceptance
	Names       map[PersonID]string
}

// Agreed returns the record of the terms for who holds a role on the project; for
// others it is empty.
func (m *Members) Agreed(ctx context.Context, sc Scope, project ProjectID) (Agreed, error) {
	var out Agreed
	err := m.Work.View(ctx, func(ctx context.Context, v unit.View) (err error) {
		store := m.Team.Agreements.Store
		if out.Versions, err = store.TermsHistory(ctx, v, sc, project); err != nil {
			return err
		}
		if out.Acceptances, err = store.AcceptanceHistory(ctx, v, sc, project); err != nil {
			return err
		}
		ids := make([]PersonID, 0, len(out.Acceptances))
		for _, a := range out.Acceptances {
			ids = append(ids, a.Person)
		}
		out.Names, err = m.Directory.Names(ctx, v, sc, ids)
		return err
	})
	return out, err
}

// All returns the projects on which the scope's person holds a role, and all there are.
func (m *Members) All(ctx context.Context, sc Scope) (mine, all []Project, err error) {
	err = m.Work.View(ctx, func(ctx context.Context, v unit.View) (err error) {
		if mine, err = m.Directory.MyProjects(ctx, v, sc); err != nil {
			return err
		}
		all, err = m.Directory.AllProjects(ctx, v, sc)
		return err
	})
	return mine, all, err
}

// Find returns the project with this short name or id, else NotFound.
func (m *Members) Find(ctx context.Context, sc Scope, name string) (Project, error) {
	var p Project
	err := m.Work.View(ctx, func(ctx context.Context, v unit.View) (err error) {
		p, err = m.Directory.ProjectBySlug(ctx, v, sc, name)
		if fault.Is(err, fault.NotFound) {
			p, err = m.Directory.Project(ctx, v, sc, ProjectID(name))
		}
		return err
	})
	return p, err
}

func (m *Members) do(ctx context.Context, f func(context.Context, unit.Tx) error) error {
	return m.Work.Do(ctx, f)
}

// Ask is Team.Ask.
func (m *Members) Ask(ctx context.Context, sc Scope, project ProjectID, text string) error {
	return m.do(ctx, func(ctx context.Context, tx unit.Tx) error {
		_, err := m.Team.Ask(ctx, tx, sc, project, text)
		return err
	})
}

// Enter notes that the holder of a mail address asked to join by mail; he gets an
// account's invitation when he has none.
func (m *Members) Enter(ctx context.Context, sc Scope, project ProjectID, address, name, text string) error {
	return m.do(ctx, func(ctx context.Context, tx unit.Tx) error {
		// The right comes first: nobody else may make us write to an address.
		if err := m.Team.mustBe(ctx, tx, sc, project, Chair, Deputy, TeamMember); err != nil {
			return err
		}
		who, err := m.Accounts.Bring(ctx, tx, sc, address, name, "")
		if err != nil {
			return err
		}
		_, err = m.Team.Enter(ctx, tx, sc, Join{Project: project, Person: who, Name: strings.TrimSpace(name), Address: strings.TrimSpace(address), Text: text})
		return err
	})
}

// Vouch is Team.Vouch.
func (m *Members) Vouch(ctx context.Context, sc Scope, join, word string) error {
	return m.do(ctx, func(ctx context.Context, tx unit.Tx) error {
		_, err := m.Team.Vouch(ctx, tx, sc, join, word)
		return err
	})
}

// Approve is Team.Approve.
func (m *Members) Approve(ctx context.Context, sc Scope, join, reason string) error {
	return m.do(ctx, func(ctx context.Context, tx unit.Tx) error {
		_, err := m.Team.Approve(ctx, tx, sc, join, reason)
		return err
	})
}

// Refuse is Team.Refuse.
func (m *Members) Refuse(ctx context.Context, sc Scope, join, why string) error {
	return m.do(ctx, func(ctx context.Context, tx unit.Tx) error {
		_, err := m.Team.Refuse(ctx, tx, sc, join, why)
		return err
	})
}

// Accept is Team.Accept.
func (m *Members) Accept(ctx context.Context, sc Scope, project ProjectID, version int) error {
	return m.do(ctx, func(ctx context.Context, tx unit.Tx) error { return m.Team.Accept(ctx, tx, sc, project, version) })
}

// Remove is Team.Remove; a reason is asked for.
func (m *Members) Remove(ctx context.Context, sc Scope, project ProjectID, who PersonID, why string) error {
	var c fault.Checks
	CheckLine(&c, "why", why, 1, maxJoinText)
	if err := c.Err(); err != nil {
		return err
	}
	return m.do(ctx, func(ctx context.Context, tx unit.Tx) error { return m.Team.Remove(ctx, tx, sc, project, who, why) })
}

// Duty is Team.Duty.
func (m *Members) Duty(ctx context.Context, sc Scope, project ProjectID, who PersonID, on bool) error {
	return m.do(ctx, func(ctx context.Context, tx unit.Tx) error { return m.Team.Duty(ctx, tx, sc, project, who, on) })
}

// SetRole is Team.SetRole.
func (m *Members) SetRole(ctx context.Context, sc Scope, project ProjectID, who PersonID, r Role, on bool) error {
	return m.do(ctx, func(ctx context.Context, tx unit.Tx) error { return m.Team.SetRole(ctx, tx, sc, project, who, r, on) })
}
