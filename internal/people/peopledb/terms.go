package peopledb

import (
	"context"

	"github.com/tocsin-sec/tocsin/internal/base/fault"
	"github.com/tocsin-sec/tocsin/internal/base/unit"
	"github.com/tocsin-sec/tocsin/internal/people"
	"github.com/tocsin-sec/tocsin/internal/platform/sqldb"
)

func scanTerms(r sqldb.Row) (people.Terms, error) {
	var t people.Terms
	err := r.Scan(&t.Project, &t.Version, &t.Text, at{&t.Since})
	return t, err
}

func scanAcceptance(r sqldb.Row) (people.Acceptance, error) {
	var a people.Acceptance
	err := r.Scan(&a.Project, &a.Person, &a.Version, at{&a.At})
	return a, err
}

// CurrentTerms implements people.TermsStore; version 0 for a project without terms.
func (s *Store) CurrentTerms(ctx context.Context, v unit.View, _ people.Scope, project people.ProjectID) (people.Terms, error) {
	t, err := sqldb.One(ctx, v, scanTerms, `select project, version, text, since_at from people_terms where project = ? order by version desc limit 1`, project)
	if fault.Is(err, fault.NotFound) {
		return people.Terms{Project: project}, nil
	}
	return t, err
}

// AddTerms implements people.TermsStore.
func (s *Store) AddTerms(ctx context.Context, tx unit.Tx, _ people.Scope, t people.Terms) error {
	return exec(ctx, tx, `insert into people_terms (project, version, text, since_at) values (?, ?, ?, ?)`, t.Project, t.Version, t.Text, t.Since)
}

// Acceptance implements people.TermsStore.
func (s *Store) Acceptance(ctx context.Context, v unit.View, sc people.Scope, project people.ProjectID, person people.PersonID) (people.Acceptance, error) {
	known, args := knows(sc, "a.person")
	a, err := sqldb.One(ctx, v, scanAcceptance, `select a.project, a.person, a.version, a.at from people_acceptance a where a.project = ? and a.person = ? and `+known+`
		order by a.version desc limit 1`, append([]any{project, person}, args...)...)
	if fault.Is(err, fault.NotFound) {
		return people.Acceptance{}, nil
	}
	return a, err
}

// AddAcceptance implements people.TermsStore.
func (s *Store) AddAcceptance(ctx context.Context, tx unit.Tx, _ people.Scope, a people.Acceptance) error {
	return exec(ctx, tx, `insert into people_acceptance (project, person, version, at) values (?, ?, ?, ?)
		on conflict (project, person, version) do nothing`, a.Project, a.Person, a.Version, a.At)
}

// Owed implements people.TermsStore.
func (s *Store) Owed(ctx context.Context, v unit.View, sc people.Scope, person people.PersonID) ([]people.Terms, error) {
	mine, args := own(sc, "w.person")
	return sqldb.All(ctx, v, scanTerms, `with w as (select cast(? as text) as person)
		select t.project, t.version, '', t.since_at from people_terms t cross join w
		where not exists (select 1 from people_terms n where n.project = t.project and n.version > t.version)
		and not exists (select 1 from people_acceptance a where a.project = t.project and a.person = w.person and a.version >= t.version)
		and exists (select 1 from people_grant g where g.holder = w.person and g.project = t.project and g.ended_at = 0)
		and `+mine+` order by t.since_at, t.project`, append([]any{string(person)}, args...)...)
}

// Bound implements people.TermsStore.
func (s *Store) Bound(ctx context.Context, v unit.View, sc people.Scope, project people.ProjectID) ([]people.PersonID, error) {
	sees, args := Sees(sc, "g.project")
	return sqldb.All(ctx, v, sqldb.Value[people.PersonID], `select distinct g.holder from people_grant g
		join people_person p on p.id = g.holder and p.state = 'active' where g.project = ? and g.ended_at = 0 and `+sees+` order by g.holder`,
		append([]any{project}, args...)...)
}

// TermsHistory implements people.TermsStore.
func (s *Store) TermsHistory(ctx context.Context, v unit.View, sc people.Scope, project people.ProjectID) ([]people.Terms, error) {
	sees, args := Sees(sc, "t.project")
	return sqldb.All(ctx, v, scanTerms, `select t.project, t.version, t.text, t.since_at from people_terms t where t.project = ? and `+sees+`
		order by t.version desc`, append([]any{project}, args...)...)
}

// AcceptanceHistory implements people.TermsStore.
func (s *Store) AcceptanceHistory(ctx context.Context, v unit.View, sc people.Scope, project people.ProjectID) ([]people.Acceptance, error) {
	sees, args := Sees(sc, "a.project")
	return sqldb.All(ctx, v, scanAcceptance, `select a.project, a.person, a.version, a.at from people_acceptance a
		where a.project = ? and a.version > 0 and `+sees+` order by a.at desc, a.person`, append([]any{project}, args...)...)
}
