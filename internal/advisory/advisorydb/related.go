package advisorydb

import (
	"context"
	"slices"

	"github.com/tocsin-sec/tocsin/internal/advisory"
	"github.com/tocsin-sec/tocsin/internal/advisory/pubtree"
	"github.com/tocsin-sec/tocsin/internal/base/fault"
	"github.com/tocsin-sec/tocsin/internal/base/unit"
	"github.com/tocsin-sec/tocsin/internal/people"
)

// numberMAC is what the column beside the sealed body says of the number.
func (s *Store) numberMAC(number string) string {
	if number == "" {
		return "-"
	}
	return s.Seal.MAC("advisory.number", pubtree.Name(number))
}

// OfProject implements advisory.Store.
func (s *Store) OfProject(ctx context.Context, v unit.View, sc people.Scope, project people.ProjectID, id advisory.ID) (advisory.Advisory, error) {
	cond, args := sees(sc, "a.project")
	list, err := s.all(ctx, v, selectRow+`a.id = ? and a.project = ? and `+cond, append([]any{string(id), string(project)}, args...)...)
	if err == nil && len(list) == 0 {
		err = fault.Missing()
	}
	if err != nil {
		return advisory.Advisory{}, err
	}
	return list[0], nil
}

// Numbered implements advisory.Store. Rows from before there was a column for it are opened,
// unless something of them is published: the public documents have their names in the clear.
func (s *Store) Numbered(ctx context.Context, v unit.View, sc people.Scope, project people.ProjectID, name string) ([]advisory.Advisory, error) {
	q, args := numberedQuery(sc)
	list, err := s.all(ctx, v, q, append([]any{string(project), s.Seal.MAC("advisory.number", name)}, args...)...)
	return slices.DeleteFunc(list, func(a advisory.Advisory) bool { return a.Number == "" || pubtree.Name(a.Number) != name }), err
}

func numberedQuery(sc people.Scope) (string, []any) {
	cond, args := sees(sc, "a.project")
	return selectRow + `a.project = ? and a.number_mac in (?, '') and (a.number_mac <> '' or not exists (select 1 from advisory_document d where d.advisory = a.id))
		and ` + cond + ` order by a.created_at, a.id`, args
}

// Predecessors implements advisory.Store.
func (s *Store) Predecessors(ctx context.Context, v unit.View, sc people.Scope, project people.ProjectID, successor advisory.ID) ([]advisory.Advisory, error) {
	q, args := predecessorsQuery(sc)
	return s.all(ctx, v, q, append([]any{string(successor), string(project)}, args...)...)
}

// predecessorsQuery begins with the successor: beside the project SQLite would take the
// index of numbers, and walk all of the project for each advisory that is published.
func predecessorsQuery(sc people.Scope) (string, []any) {
	cond, args := sees(sc, "a.project")
	return `select a.id, a.version, a.body from (select o.id from advisory_advisory o where o.successor = ? and o.successor <> '') s
		cross join advisory_advisory a where a.id = s.id and a.project = ? and ` + cond + ` order by a.created_at, a.id`, args
}
