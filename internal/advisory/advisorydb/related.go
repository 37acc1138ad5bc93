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
	cond, args := sees(sc, "a.project")
	list, err := s.all(ctx, v, selectRow+`a.project = ? and (a.number_mac = ? or a.number_mac = '' and not exists (select 1 from advisory_document d where d.advisory = a.id))
		and `+cond+` order by a.created_at, a.id`, append([]any{string(project), s.Seal.MAC("advisory.number", name)}, args...)...)
	return slices.DeleteFunc(list, func(a advisory.Advisory) bool { return a.Number == "" || pubtree.Name(a.Number) != name }), err
}

// Predecessors implements advisory.Store.
func (s *Store) Predecessors(ctx context.Context, v unit.View, sc people.Scope, project people.ProjectID, successor advisory.ID) ([]advisory.Advisory, error) {
	cond, args := sees(sc, "a.project")
	return s.all(ctx, v, selectRow+`a.successor = ? and a.successor <> '' and a.project = ? and `+cond+` order by a.created_at, a.id`,
		append([]any{string(successor), string(project)}, args...)...)
}
