// Package advisorydb keeps the tables of advisory: advisories, their revisions and
// what is staged, sealed under the case's confidence; and the public side, the
// documents and the published tree by generation, in the clear.
//
// The rules are in advisory; what a file of the tree holds, in advisory/pubtree.
package advisorydb

import (
	"context"
	"embed"
	"fmt"
	"slices"

	"github.com/tocsin-sec/tocsin/internal/advisory"
	"github.com/tocsin-sec/tocsin/internal/base/fault"
	"github.com/tocsin-sec/tocsin/internal/base/unit"
	"github.com/tocsin-sec/tocsin/internal/people"
	"github.com/tocsin-sec/tocsin/internal/people/peopledb"
	"github.com/tocsin-sec/tocsin/internal/platform/seal"
	"github.com/tocsin-sec/tocsin/internal/platform/sqldb"
)

//go:embed migrations
var files embed.FS

// Migrations returns the tables of this package.
func Migrations() sqldb.Source { return sqldb.Embedded("advisory", files) }

// Store implements advisory.Store.
type Store struct{ Seal *seal.Sealer }

// sees is the condition that the scope works on the object: a reporter or an observer
// of a case does not see its advisory before it is published.
func sees(sc people.Scope, column string) (string, []any) {
	return peopledb.Sees(sc, column, people.Lead, people.Member, people.Chair, people.Deputy, people.TeamMember)
}

// confidence names the key that seals an advisory: that of its case.
func confidence(a advisory.Advisory) string {
	if a.Case != "" {
		return "case:" + a.Case
	}
	return "advisory:" + string(a.ID)
}

// row is a stored advisory with its body still sealed.
type row struct {
	id      advisory.ID
	version int64
	body    []byte
}

func scanRow(r sqldb.Row) (row, error) {
	var x row
	err := r.Scan(&x.id, &x.version, &x.body)
	return x, err
}

const selectRow = `select a.id, a.version, a.body from advisory_advisory a where `

func (s *Store) open(ctx context.Context, v unit.View, table, id string, body []byte, into any) error {
	_, err := s.read(ctx, v, table, id, body, into)
	return err
}

// read opens a body; away is as unpack says.
func (s *Store) read(ctx context.Context, v unit.View, table, id string, body []byte, into any) (away bool, err error) {
	plain, err := s.Seal.Open(ctx, v, seal.At{Table: table, Row: id, Column: "body"}, body)
	if err != nil {
		return false, err
	}
	if away, err = unpack(plain, into); err != nil {
		return false, fmt.Errorf("read %s: %w", table, err)
	}
	return away, nil
}

func (s *Store) sealed(ctx context.Context, tx unit.Tx, confidence, table, id string, value any) ([]byte, error) {
	plain, err := pack(value)
	if err != nil {
		return nil, fmt.Errorf("write %s: %w", table, err)
	}
	return s.Seal.Seal(ctx, tx, confidence, seal.At{Table: table, Row: id, Column: "body"}, plain)
}

// advisories opens some rows.
func (s *Store) advisories(ctx context.Context, v unit.View, rows ...row) ([]advisory.Advisory, error) {
	out := make([]advisory.Advisory, len(rows))
	missing := map[advisory.ID]*advisory.Advisory{}
	for i, x := range rows {
		away, err := s.read(ctx, v, "advisory_advisory", string(x.id), x.body, &out[i])
		if err != nil {
			return nil, err
		}
		if out[i].Version = x.version; away {
			missing[x.id] = &out[i]
		}
	}
	return out, s.sourced(ctx, v, missing)
}

// Insert implements advisory.Store. An object out of scope is fault.Missing.
func (s *Store) Insert(ctx context.Context, tx unit.Tx, sc people.Scope, a advisory.Advisory) error {
	if err := s.seesObject(ctx, tx, sc, a.Object); err != nil {
		return err
	}
	body, err := s.sealed(ctx, tx, confidence(a), "advisory_advisory", string(a.ID), a)
	if err != nil {
		return err
	}
	_, err = sqldb.Of(tx).Exec(ctx, `insert into advisory_advisory (id, object, project, case_id, created_at, version, armed_at, successor, number_mac, body)
		values (?, ?, ?, ?, ?, 1, ?, ?, ?, ?)`, string(a.ID), a.Object, string(a.Project), a.Case, a.Created, armedAt(a), string(a.Successor()), s.numberMAC(a.Number), body)
	return err
}

func (s *Store) seesObject(ctx context.Context, v unit.View, sc people.Scope, object string) error {
	cond, args := sees(sc, "x.object")
	_, err := sqldb.One(ctx, v, sqldb.Value[int], `select 1 from (select cast(? as text) as object) x where `+cond, append([]any{object}, args...)...)
	return err
}

// Get implements advisory.Store.
func (s *Store) Get(ctx context.Context, v unit.View, sc people.Scope, id advisory.ID) (advisory.Advisory, error) {
	return s.get(ctx, v, sc, id, "")
}

// Lock implements advisory.Store.
func (s *Store) Lock(ctx context.Context, tx unit.Tx, sc people.Scope, id advisory.ID) (advisory.Advisory, error) {
	return s.get(ctx, tx, sc, id, sqldb.Of(tx).Lock())
}

func (s *Store) get(ctx context.Context, v unit.View, sc people.Scope, id advisory.ID, lock string) (advisory.Advisory, error) {
	if err := visible(ctx, v, sc, id); err != nil {
		return advisory.Advisory{}, err
	}
	x, err := sqldb.One(ctx, v, scanRow, selectRow+`a.id = ?`+lock, string(id))
	if err == nil && lock != "" {
		err = visible(ctx, v, sc, id) // who waited for the lock is asked again
	}
	if err != nil {
		return advisory.Advisory{}, err
	}
	out, err := s.advisories(ctx, v, x)
	if err != nil {
		return advisory.Advisory{}, err
	}
	return out[0], nil
}

// visible fails with fault.Missing for an advisory that the scope does not see. It is
// asked before the row is read, so that a hidden one costs what one that is not there
// costs: the same statement with one look-up of grants (test/scope measures it).
func visible(ctx context.Context, v unit.View, sc people.Scope, id advisory.ID) error {
	cond, args := sees(sc, "a.object")
	n, err := sqldb.One(ctx, v, sqldb.Value[int], `with a as materialized (
			select coalesce(f.object, '') as object from (select cast(? as text) as id) x left join advisory_advisory f on f.id = x.id)
		select count(*) from a where `+cond, append([]any{string(id)}, args...)...)
	if err == nil && n == 0 {
		err = fault.Missing()
	}
	return err
}

// Save implements advisory.Store.
func (s *Store) Save(ctx context.Context, tx unit.Tx, sc people.Scope, a advisory.Advisory) error {
	body, err := s.sealed(ctx, tx, confidence(a), "advisory_advisory", string(a.ID), a)
	if err != nil {
		return err
	}
	cond, args := sees(sc, "advisory_advisory.object")
	n, err := sqldb.Of(tx).Exec(ctx, `update advisory_advisory set version = version + 1, armed_at = ?, successor = ?, number_mac = ?, body = ? where id = ? and version = ? and `+cond,
		append([]any{armedAt(a), string(a.Successor()), s.numberMAC(a.Number), body, string(a.ID), a.Version}, args...)...)
	if err != nil {
		return err
	}
	if n == 0 {
		return sqldb.Raced()
	}
	return nil
}

// OfObject implements advisory.Store.
func (s *Store) OfObject(ctx context.Context, v unit.View, sc people.Scope, object string) ([]advisory.Advisory, error) {
	cond, args := sees(sc, "a.object")
	return s.all(ctx, v, selectRow+`a.object = ? and `+cond+` order by a.created_at, a.id`, append([]any{object}, args...)...)
}

// List implements advisory.Store.
func (s *Store) List(ctx context.Context, v unit.View, sc people.Scope, limit int) ([]advisory.Advisory, error) {
	cond, args := sees(sc, "a.object")
	return s.all(ctx, v, selectRow+cond+` order by a.created_at desc, a.id limit ?`, append(args, limit)...)
}

func (s *Store) all(ctx context.Context, v unit.View, q string, args ...any) ([]advisory.Advisory, error) {
	rows, err := sqldb.All(ctx, v, scanRow, q, args...)
	if err != nil {
		return nil, err
	}
	return s.advisories(ctx, v, rows...)
}

// KeepRevision implements advisory.Store.
func (s *Store) KeepRevision(ctx context.Context, tx unit.Tx, sc people.Scope, id advisory.ID, r advisory.Revision) error {
	a, err := s.owner(ctx, tx, sc, id)
	if err != nil {
		return err
	}
	body, err := s.sealed(ctx, tx, confidence(a), "advisory_revision", revisionRow(id, r.N), r)
	if err != nil {
		return err
	}
	_, err = sqldb.Of(tx).Exec(ctx, `insert into advisory_revision (advisory, n, created_at, body) values (?, ?, ?, ?)`, string(id), r.N, r.At, body)
	return err
}

func revisionRow(id advisory.ID, n int) string { return fmt.Sprintf("%s/%d", id, n) }

// owner returns id and case of an advisory that the scope sees.
func (s *Store) owner(ctx context.Context, v unit.View, sc people.Scope, id advisory.ID) (advisory.Advisory, error) {
	cond, args := sees(sc, "a.object")
	return sqldb.One(ctx, v, func(r sqldb.Row) (advisory.Advisory, error) {
		var a advisory.Advisory
		err := r.Scan(&a.ID, &a.Case)
		return a, err
	}, `select a.id, a.case_id from advisory_advisory a where a.id = ? and `+cond, append([]any{string(id)}, args...)...)
}

// Revisions implements advisory.Store.
func (s *Store) Revisions(ctx context.Context, v unit.View, sc people.Scope, id advisory.ID) ([]advisory.Revision, error) {
	cond, args := sees(sc, "a.object")
	type sealed struct {
		n    int
		body []byte
	}
	rows, err := sqldb.All(ctx, v, func(r sqldb.Row) (sealed, error) {
		var x sealed
		err := r.Scan(&x.n, &x.body)
		return x, err
	}, `select r.n, r.body from advisory_revision r join advisory_advisory a on a.id = r.advisory where r.advisory = ? and `+cond+` order by r.n`,
		append([]any{string(id)}, args...)...)
	if err != nil {
		return nil, err
	}
	out := make([]advisory.Revision, len(rows))
	for i, x := range rows {
		if err := s.open(ctx, v, "advisory_revision", revisionRow(id, x.n), x.body, &out[i]); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// PutStaged implements advisory.Store.
func (s *Store) PutStaged(ctx context.Context, tx unit.Tx, sc people.Scope, id advisory.ID, st advisory.Staged) error {
	a, err := s.owner(ctx, tx, sc, id)
	if err != nil {
		return err
	}
	body, err := s.sealed(ctx, tx, confidence(a), "advisory_staged", string(id), st)
	if err != nil {
		return err
	}
	_, err = sqldb.Of(tx).Exec(ctx, `insert into advisory_staged (advisory, staged_at, body) values (?, ?, ?)
		on conflict (advisory) do update set staged_at = excluded.staged_at, body = excluded.body`, string(id), tx.Now(), body)
	return err
}

// Staged implements advisory.Store. Nothing staged is fault.Missing.
func (s *Store) Staged(ctx context.Context, v unit.View, sc people.Scope, id advisory.ID) (advisory.Staged, error) {
	cond, args := sees(sc, "a.object")
	body, err := sqldb.One(ctx, v, sqldb.Value[[]byte], `select s.body from advisory_staged s join advisory_advisory a on a.id = s.advisory where s.advisory = ? and `+cond,
		append([]any{string(id)}, args...)...)
	if err != nil {
		return advisory.Staged{}, err
	}
	var st advisory.Staged
	return st, s.open(ctx, v, "advisory_staged", string(id), body, &st)
}

// DropStaged implements advisory.Store.
func (s *Store) DropStaged(ctx context.Context, tx unit.Tx, sc people.Scope, ids ...advisory.ID) error {
	marks, list := inList(ids)
	cond, args := sees(sc, "a.object")
	_, err := sqldb.Of(tx).Exec(ctx, `delete from advisory_staged where advisory in (select a.id from advisory_advisory a where a.id in (`+marks+`) and `+cond+`)`,
		append(list, args...)...)
	return err
}

// inList are the marks and arguments of "in (...)".
func inList(ids []advisory.ID) (string, []any) {
	args := make([]any, len(ids))
	for i, id := range ids {
		args[i] = string(id)
	}
	return sqldb.Marks(len(ids)), args
}

// some begins a query on advisories of these ids: it looks at no other of their object.
func some(marks string) string {
	return `with a as materialized (select id, object from advisory_advisory where id in (` + marks + `)) `
}

// GetAll implements advisory.Store.
func (s *Store) GetAll(ctx context.Context, v unit.View, sc people.Scope, ids []advisory.ID) ([]advisory.Advisory, error) {
	marks, list := inList(ids)
	cond, args := sees(sc, "a.object")
	found, err := s.all(ctx, v, some(marks)+`select f.id, f.version, f.body from a join advisory_advisory f on f.id = a.id where `+cond, append(list, args...)...)
	if err != nil {
		return nil, err
	}
	out := make([]advisory.Advisory, len(ids))
	for i, id := range ids {
		at := slices.IndexFunc(found, func(a advisory.Advisory) bool { return a.ID == id })
		if at < 0 {
			return nil, fault.Missing()
		}
		out[i] = found[at]
	}
	return out, nil
}

// LockVersions implements advisory.Store. Rows are locked in the order of their ids, so that
// two transactions never wait for each other.
func (s *Store) LockVersions(ctx context.Context, tx unit.Tx, sc people.Scope, ids []advisory.ID) (map[advisory.ID]int64, error) {
	marks, list := inList(ids)
	cond, args := sees(sc, "a.object")
	rows, err := sqldb.All(ctx, tx, func(r sqldb.Row) (x row, err error) {
		err = r.Scan(&x.id, &x.version)
		return x, err
	}, some(marks)+`select f.id, f.version from a join advisory_advisory f on f.id = a.id where `+cond+` order by f.id`+sqldb.Of(tx).Lock(), append(list, args...)...)
	out := make(map[advisory.ID]int64, len(rows))
	for _, x := range rows {
		out[x.id] = x.version
	}
	return out, err
}

var _ advisory.Store = (*Store)(nil)

// taken is the refusal of a file name that another advisory has.
func taken() error { return fault.New(fault.Conflict, "advisory.fault.number_taken") }
