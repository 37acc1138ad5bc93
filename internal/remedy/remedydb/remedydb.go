// Package remedydb keeps the tables of mirrors and of the fixes of cases. Fixes, matrices
// and answers are sealed under the case's own confidence. The rules are in remedy.
package remedydb

import (
	"context"
	"embed"
	"encoding/json"
	"fmt"

	"github.com/tocsin-sec/tocsin/internal/base/fault"
	"github.com/tocsin-sec/tocsin/internal/base/unit"
	"github.com/tocsin-sec/tocsin/internal/casework"
	"github.com/tocsin-sec/tocsin/internal/people"
	"github.com/tocsin-sec/tocsin/internal/people/peopledb"
	"github.com/tocsin-sec/tocsin/internal/platform/seal"
	"github.com/tocsin-sec/tocsin/internal/platform/sqldb"
	"github.com/tocsin-sec/tocsin/internal/product"
	"github.com/tocsin-sec/tocsin/internal/remedy"
)

//go:embed migrations/*.sql
var migrations embed.FS

// Migrations returns the tables of this package.
func Migrations() sqldb.Source { return sqldb.Embedded("remedy", migrations) }

// Store implements remedy.Store.
type Store struct{ Seal *seal.Sealer }

var _ remedy.Store = (*Store)(nil)

// Mirror implements remedy.Store.
func (s *Store) Mirror(ctx context.Context, v unit.View, sc people.Scope, id product.ID) (remedy.Mirror, error) {
	team, args := peopledb.Sees(sc, "m.project_id")
	m, err := sqldb.One(ctx, v, func(row sqldb.Row) (remedy.Mirror, error) {
		var m remedy.Mirror
		var tried, fetched int64
		err := row.Scan(&m.Product, &m.Project, &m.URL, &tried, &fetched, &m.Heads, &m.Commits, &m.Problem, &m.Detail)
		m.Tried, m.Fetched = sqldb.Time(tried), sqldb.Time(fetched)
		return m, err
	}, `select m.product_id, m.project_id, m.url, m.tried_at, m.fetched_at, m.heads, m.commits, m.problem, m.detail
		from remedy_mirror m where m.product_id = ? and `+team, append([]any{id}, args...)...)
	if fault.Is(err, fault.NotFound) {
		return remedy.Mirror{Product: id}, nil
	}
	return m, err
}

// PutMirror implements remedy.Store; only the job that fetches writes it.
func (s *Store) PutMirror(ctx context.Context, tx unit.Tx, sc people.Scope, m remedy.Mirror) error {
	_, err := sqldb.Of(tx).Exec(ctx, `insert into remedy_mirror (product_id, project_id, url, tried_at, fetched_at, heads, commits, problem, detail)
		values (?, ?, ?, ?, ?, ?, ?, ?, ?)
		on conflict (product_id) do update set project_id = excluded.project_id, url = excluded.url, tried_at = excluded.tried_at,
		fetched_at = excluded.fetched_at, heads = excluded.heads, commits = excluded.commits, problem = excluded.problem, detail = excluded.detail`,
		m.Product, m.Project, m.URL, m.Tried, m.Fetched, m.Heads, m.Commits, m.Problem, m.Detail)
	if err != nil {
		return fmt.Errorf("put a mirror: %w", err)
	}
	return nil
}

// body is what is sealed of a work.
type body struct {
	Fixes      []string        `json:"fixes,omitempty"`
	Introduced []string        `json:"introduced,omitempty"`
	Answers    []remedy.Answer `json:"answers,omitempty"`
	Found      remedy.Found    `json:"found,omitzero"`
}

func bodyAt(w remedy.Work) seal.At {
	return seal.At{Table: "remedy_work", Row: string(w.Case) + "." + string(w.Product), Column: "body"}
}

const columns = `select w.case_id, w.product_id, w.project_id, w.name, w.version, w.body from remedy_work w where w.case_id = ? and `

// works runs a query and opens what it finds.
func (s *Store) works(ctx context.Context, v unit.View, q string, args ...any) ([]remedy.Work, error) {
	type sealed struct {
		remedy.Work
		body []byte
	}
	rows, err := sqldb.All(ctx, v, func(row sqldb.Row) (w sealed, err error) {
		err = row.Scan(&w.Case, &w.Product, &w.Project, &w.Name, &w.Version, &w.body)
		return w, err
	}, q, args...)
	if err != nil {
		return nil, fmt.Errorf("list fixes: %w", err)
	}
	out := make([]remedy.Work, len(rows))
	for i, r := range rows {
		var b body
		if err := s.unseal(ctx, v, bodyAt(r.Work), r.body, &b); err != nil {
			return nil, fmt.Errorf("open fixes: %w", err)
		}
		out[i] = r.Work
		out[i].Fixes, out[i].Introduced, out[i].Answers, out[i].Found = b.Fixes, b.Introduced, b.Answers, b.Found
	}
	return out, nil
}

// OfCase implements remedy.Store.
func (s *Store) OfCase(ctx context.Context, v unit.View, sc people.Scope, id casework.CaseID) ([]remedy.Work, error) {
	ok, args := peopledb.Sees(sc, "w.case_id")
	return s.works(ctx, v, columns+ok+` order by w.name, w.product_id`, append([]any{id}, args...)...)
}

// Get implements remedy.Store.
func (s *Store) Get(ctx context.Context, v unit.View, sc people.Scope, id casework.CaseID, p product.ID) (remedy.Work, error) {
	ok, args := peopledb.Sees(sc, "w.case_id")
	return only(s.works(ctx, v, columns+ok+` and w.product_id = ?`, append(append([]any{id}, args...), p)...))
}

// unseal opens what is sealed in a column.
func (s *Store) unseal(ctx context.Context, v unit.View, at seal.At, sealed []byte, into any) error {
	plain, err := s.Seal.Open(ctx, v, at, sealed)
	if err != nil {
		return err
	}
	return json.Unmarshal(plain, into)
}

// only is the row of a look-up by its key, else fault.NotFound.
func only[T any](all []T, err error) (T, error) {
	var none T
	switch {
	case err != nil:
		return none, err
	case len(all) == 0:
		return none, fault.Missing()
	}
	return all[0], nil
}

// Put implements remedy.Store. The service has locked the case for the scope.
func (s *Store) Put(ctx context.Context, tx unit.Tx, sc people.Scope, w remedy.Work) error {
	sealed, err := s.sealWork(ctx, tx, w)
	if err != nil {
		return err
	}
	n, err := sqldb.Of(tx).Exec(ctx, `insert into remedy_work (case_id, product_id, project_id, name, heads, fixes, body, version)
		values (?, ?, ?, ?, ?, ?, ?, 1)
		on conflict (case_id, product_id) do update set name = excluded.name, heads = excluded.heads, fixes = excluded.fixes,
		body = excluded.body, version = remedy_work.version + 1 where remedy_work.version = ?`,
		w.Case, w.Product, w.Project, w.Name, w.Found.Heads, len(w.Fixes), sealed, w.Version)
	return raced(n, err)
}

// PutFound implements remedy.Store. The service has locked the case for the scope.
func (s *Store) PutFound(ctx context.Context, tx unit.Tx, sc people.Scope, w remedy.Work) error {
	sealed, err := s.sealWork(ctx, tx, w)
	if err != nil {
		return err
	}
	n, err := sqldb.Of(tx).Exec(ctx, `update remedy_work set heads = ?, body = ? where case_id = ? and product_id = ? and version = ?`,
		w.Found.Heads, sealed, w.Case, w.Product, w.Version)
	return raced(n, err)
}

func (s *Store) sealWork(ctx context.Context, tx unit.Tx, w remedy.Work) ([]byte, error) {
	plain, err := json.Marshal(body{w.Fixes, w.Introduced, w.Answers, w.Found})
	if err != nil {
		return nil, err
	}
	sealed, err := s.Seal.Seal(ctx, tx, w.Case.Confidence(), bodyAt(w), plain)
	if err != nil {
		return nil, fmt.Errorf("seal fixes: %w", err)
	}
	return sealed, nil
}

// raced is the outcome of a write that has to meet one row.
func raced(n int64, err error) error {
	switch {
	case err != nil:
		return fmt.Errorf("put fixes: %w", err)
	case n == 0:
		return sqldb.Raced()
	}
	return nil
}

// Behind implements remedy.Store.
func (s *Store) Behind(ctx context.Context, v unit.View, sc people.Scope, p product.ID, heads string) ([]casework.CaseID, error) {
	ok, args := peopledb.Sees(sc, "w.product_id")
	return sqldb.All(ctx, v, sqldb.Value[casework.CaseID], `select w.case_id from remedy_work w
		where w.product_id = ? and w.fixes > 0 and w.heads <> ? and `+ok+` order by w.case_id`, append([]any{p, heads}, args...)...)
}
