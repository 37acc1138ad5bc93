package peopledb

import (
	"context"

	"github.com/tocsin-sec/tocsin/internal/base/fault"
	"github.com/tocsin-sec/tocsin/internal/base/unit"
	"github.com/tocsin-sec/tocsin/internal/people"
	"github.com/tocsin-sec/tocsin/internal/platform/sqldb"
)

// CurrentTerms implements people.TermsStore; version 0 for a project without terms.
func (s *Store) CurrentTerms(ctx context.Context, v unit.View, _ people.Scope, project people.ProjectID) (people.Terms, error) {
	t, err := sqldb.One(ctx, v, func(r sqldb.Row) (people.Terms, error) {
		var t people.Terms
		err := r.Scan(&t.Project, &t.Version, &t.Text, at{&t.Since})
		return t, err
	}, `select project, version, text, since_at from people_terms where project = ? order by version desc limit 1`, project)
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
	a, err := sqldb.One(ctx, v, func(r sqldb.Row) (people.Acceptance, error) {
		var a people.Acceptance
		err := r.Scan(&a.Project, &a.Person, &a.Version, at{&a.At})
		return a, err
	}, `select a.project, a.person, a.version, a.at from people_acceptance a where a.project = ? and a.person = ? and `+known+`
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
