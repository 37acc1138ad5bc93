package remedydb

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/tocsin-sec/tocsin/internal/base/unit"
	"github.com/tocsin-sec/tocsin/internal/casework"
	"github.com/tocsin-sec/tocsin/internal/people"
	"github.com/tocsin-sec/tocsin/internal/people/peopledb"
	"github.com/tocsin-sec/tocsin/internal/platform/seal"
	"github.com/tocsin-sec/tocsin/internal/platform/sqldb"
	"github.com/tocsin-sec/tocsin/internal/product"
	"github.com/tocsin-sec/tocsin/internal/remedy/leak"
)

var _ leak.Store = (*Store)(nil)

// leakAt is where a column of a watch is sealed for.
func leakAt(id casework.CaseID, p product.ID, column string) seal.At {
	return seal.At{Table: "remedy_leak", Row: string(id) + "." + string(p), Column: column}
}

const watchColumns = `select w.case_id, w.product_id, w.project_id, w.name, w.heads, w.version, w.body from remedy_leak w where w.case_id = ? and `

// watches runs a query and opens what it finds.
func (s *Store) watches(ctx context.Context, v unit.View, q string, args ...any) ([]leak.Watch, error) {
	type sealed struct {
		leak.Watch
		body []byte
	}
	rows, err := sqldb.All(ctx, v, func(row sqldb.Row) (w sealed, err error) {
		err = row.Scan(&w.Case, &w.Product, &w.Project, &w.Name, &w.Heads, &w.Version, &w.body)
		return w, err
	}, q, args...)
	if err != nil {
		return nil, fmt.Errorf("list watches: %w", err)
	}
	out := make([]leak.Watch, len(rows))
	for i, r := range rows {
		out[i] = r.Watch
		if err := s.unseal(ctx, v, leakAt(r.Case, r.Product, "body"), r.body, &out[i].Seen); err != nil {
			return nil, fmt.Errorf("open a watch: %w", err)
		}
	}
	return out, nil
}

// Watches implements leak.Store.
func (s *Store) Watches(ctx context.Context, v unit.View, sc people.Scope, id casework.CaseID) ([]leak.Watch, error) {
	ok, args := peopledb.Sees(sc, "w.case_id")
	return s.watches(ctx, v, watchColumns+ok+` order by w.name, w.product_id`, append([]any{id}, args...)...)
}

// Watch implements leak.Store.
func (s *Store) Watch(ctx context.Context, v unit.View, sc people.Scope, id casework.CaseID, p product.ID) (leak.Watch, error) {
	ok, args := peopledb.Sees(sc, "w.case_id")
	return only(s.watches(ctx, v, watchColumns+ok+` and w.product_id = ?`, append(append([]any{id}, args...), p)...))
}

// Patches implements leak.Store.
func (s *Store) Patches(ctx context.Context, v unit.View, sc people.Scope, id casework.CaseID, p product.ID) ([]leak.File, error) {
	ok, args := peopledb.Sees(sc, "w.case_id")
	sealed, err := sqldb.One(ctx, v, sqldb.Value[[]byte], `select w.patches from remedy_leak w where w.case_id = ? and `+ok+` and w.product_id = ?`,
		append(append([]any{id}, args...), p)...)
	if err != nil {
		return nil, err
	}
	var out []leak.File
	if err := s.unseal(ctx, v, leakAt(id, p, "patches"), sealed, &out); err != nil {
		return nil, fmt.Errorf("open patches: %w", err)
	}
	return out, nil
}

// PutWatch implements leak.Store. The service has locked the case for the scope.
func (s *Store) PutWatch(ctx context.Context, tx unit.Tx, sc people.Scope, w leak.Watch, files []leak.File) error {
	body, err := s.sealed(ctx, tx, w, "body", w.Seen)
	if err != nil {
		return err
	}
	patches, err := s.sealed(ctx, tx, w, "patches", files)
	if err != nil {
		return err
	}
	n, err := sqldb.Of(tx).Exec(ctx, `insert into remedy_leak (case_id, product_id, project_id, name, heads, body, patches, version)
		values (?, ?, ?, ?, ?, ?, ?, 1)
		on conflict (case_id, product_id) do update set name = excluded.name, heads = excluded.heads,
		body = excluded.body, patches = excluded.patches, version = remedy_leak.version + 1 where remedy_leak.version = ?`,
		w.Case, w.Product, w.Project, w.Name, w.Heads, body, patches, w.Version)
	return raced(n, err)
}

// PutSeen implements leak.Store. The service has locked the case for the scope.
func (s *Store) PutSeen(ctx context.Context, tx unit.Tx, sc people.Scope, w leak.Watch) error {
	body, err := s.sealed(ctx, tx, w, "body", w.Seen)
	if err != nil {
		return err
	}
	n, err := sqldb.Of(tx).Exec(ctx, `update remedy_leak set heads = ?, body = ? where case_id = ? and product_id = ? and version = ?`,
		w.Heads, body, w.Case, w.Product, w.Version)
	return raced(n, err)
}

func (s *Store) sealed(ctx context.Context, tx unit.Tx, w leak.Watch, column string, content any) ([]byte, error) {
	plain, err := json.Marshal(content)
	if err != nil {
		return nil, err
	}
	out, err := s.Seal.Seal(ctx, tx, w.Case.Confidence(), leakAt(w.Case, w.Product, column), plain)
	if err != nil {
		return nil, fmt.Errorf("seal patches: %w", err)
	}
	return out, nil
}

// RemoveWatch implements leak.Store. The service has locked the case for the scope.
func (s *Store) RemoveWatch(ctx context.Context, tx unit.Tx, sc people.Scope, w leak.Watch) error {
	n, err := sqldb.Of(tx).Exec(ctx, `delete from remedy_leak where case_id = ? and product_id = ? and version = ?`, w.Case, w.Product, w.Version)
	return raced(n, err)
}

// Watching implements leak.Store.
func (s *Store) Watching(ctx context.Context, v unit.View, sc people.Scope, p product.ID, heads string) ([]casework.CaseID, error) {
	ok, args := peopledb.Sees(sc, "w.product_id")
	return sqldb.All(ctx, v, sqldb.Value[casework.CaseID], `select w.case_id from remedy_leak w
		where w.product_id = ? and w.heads <> ? and `+ok+` order by w.case_id`, append([]any{p, heads}, args...)...)
}
