package cvedb

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/tocsin-sec/tocsin/internal/base/fault"
	"github.com/tocsin-sec/tocsin/internal/base/unit"
	"github.com/tocsin-sec/tocsin/internal/casework"
	"github.com/tocsin-sec/tocsin/internal/cve"
	"github.com/tocsin-sec/tocsin/internal/people"
	"github.com/tocsin-sec/tocsin/internal/people/peopledb"
	"github.com/tocsin-sec/tocsin/internal/platform/seal"
	"github.com/tocsin-sec/tocsin/internal/platform/sqldb"
)

const columns = `n.id, n.project_id, n.case_id, n.state, n.origin, n.year, n.words, n.asked_of, n.asked_at, n.due, n.entered_by, n.reserved_at,
	n.assigned_at, n.published_at, n.rejected_at, n.duplicate_of, n.to_reject, n.ask_reject, n.todo, n.wish, n.advisory, n.writer, n.writer_until,
	n.problem, n.changed_at, n.version`

// sees is the rule of this table: what belongs to a case is seen by who sees the case,
// what is in the pool by who holds a role on the project.
func sees(sc people.Scope) (string, []any) {
	ofCase, args := peopledb.Sees(sc, "n.case_id")
	ofPool, more := peopledb.Sees(sc, "n.project_id")
	return "((n.case_id <> '' and " + ofCase + ") or (n.case_id = '' and " + ofPool + "))", append(args, more...)
}

type numberRow struct {
	cve.Number
	words []byte
}

func scanNumber(row sqldb.Row) (numberRow, error) {
	var r numberRow
	var asked, due, reserved, assigned, published, rejected, toReject, askReject, until, changed int64
	err := row.Scan(&r.ID, &r.Project, &r.Case, &r.State, &r.Origin, &r.Year, &r.words, &r.AskedOf, &asked, &due, &r.EnteredBy, &reserved,
		&assigned, &published, &rejected, &r.DuplicateOf, &toReject, &askReject, &r.Todo, &r.Wish, &r.Advisory, &r.Writer, &until,
		&r.Problem, &changed, &r.Version)
	r.AskedAt, r.Due, r.ReservedAt, r.AssignedAt = sqldb.Time(asked), sqldb.Time(due), sqldb.Time(reserved), sqldb.Time(assigned)
	r.PublishedAt, r.RejectedAt, r.ToReject, r.AskReject = sqldb.Time(published), sqldb.Time(rejected), sqldb.Time(toReject), sqldb.Time(askReject)
	r.Until, r.Changed = sqldb.Time(until), sqldb.Time(changed)
	return r, err
}

func wordsAt(id cve.NumberID) seal.At {
	return seal.At{Table: "cve_number", Row: string(id), Column: "words"}
}

func (s *Store) open(ctx context.Context, v unit.View, r numberRow) (cve.Number, error) {
	plain, err := s.Seal.Open(ctx, v, wordsAt(r.ID), r.words)
	if err != nil {
		return cve.Number{}, fmt.Errorf("open a number: %w", err)
	}
	if err := json.Unmarshal(plain, &r.Words); err != nil {
		return cve.Number{}, fmt.Errorf("read a number: %w", err)
	}
	return r.Number, nil
}

func (s *Store) one(ctx context.Context, v unit.View, q string, args ...any) (cve.Number, error) {
	r, err := sqldb.One(ctx, v, scanNumber, q, args...)
	if err != nil {
		return cve.Number{}, err
	}
	return s.open(ctx, v, r)
}

func (s *Store) all(ctx context.Context, v unit.View, q string, args ...any) ([]cve.Number, error) {
	rows, err := sqldb.All(ctx, v, scanNumber, q, args...)
	if err != nil {
		return nil, err
	}
	out := make([]cve.Number, len(rows))
	for i, r := range rows {
		if out[i], err = s.open(ctx, v, r); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// Get implements cve.Store.
func (s *Store) Get(ctx context.Context, v unit.View, sc people.Scope, id cve.NumberID) (cve.Number, error) {
	ok, args := sees(sc)
	return s.one(ctx, v, `select `+columns+` from cve_number n where n.id = ? and `+ok, append([]any{id}, args...)...)
}

// Lock implements cve.Store.
func (s *Store) Lock(ctx context.Context, tx unit.Tx, sc people.Scope, id cve.NumberID) (cve.Number, error) {
	ok, args := sees(sc)
	return s.one(ctx, tx, `select `+columns+` from cve_number n where n.id = ? and `+ok+sqldb.Of(tx).Lock(), append([]any{id}, args...)...)
}

// seal returns the words sealed for where the number belongs, and the look-up of its id.
func (s *Store) seal(ctx context.Context, tx unit.Tx, n cve.Number) (sealed []byte, mac string, err error) {
	plain, err := json.Marshal(n.Words)
	if err != nil {
		return nil, "", err
	}
	under := confidence(n.Project)
	if n.Case != "" {
		under = n.Case.Confidence()
	}
	sealed, err = s.Seal.Seal(ctx, tx, under, wordsAt(n.ID), plain)
	if err != nil {
		return nil, "", fmt.Errorf("seal a number: %w", err)
	}
	if n.CVE != "" {
		mac = s.Seal.MAC("cve.number", n.CVE)
	}
	return sealed, mac, nil
}

// Insert implements cve.Store. The service has locked the case, or it is a job of the
// project.
func (s *Store) Insert(ctx context.Context, tx unit.Tx, sc people.Scope, n cve.Number) error {
	sealed, mac, err := s.seal(ctx, tx, n)
	if err != nil {
		return err
	}
	_, err = sqldb.Of(tx).Exec(ctx, `insert into cve_number (id, project_id, case_id, state, origin, year, mac, words, asked_of, asked_at, due, entered_by,
		reserved_at, assigned_at, published_at, rejected_at, duplicate_of, to_reject, ask_reject, todo, wish, advisory, writer, writer_until, problem,
		changed_at, version) values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 1)`,
		n.ID, n.Project, n.Case, int(n.State), int(n.Origin), n.Year, mac, sealed, n.AskedOf, n.AskedAt, n.Due, n.EnteredBy,
		n.ReservedAt, n.AssignedAt, n.PublishedAt, n.RejectedAt, n.DuplicateOf, n.ToReject, n.AskReject, int(n.Todo), n.Wish, n.Advisory, n.Writer, n.Until,
		n.Problem, n.Changed)
	if err != nil {
		return fmt.Errorf("insert a number: %w", err)
	}
	return nil
}

// Save implements cve.Store. The rule holds for the row as it was: who takes from the
// pool must see the pool.
func (s *Store) Save(ctx context.Context, tx unit.Tx, sc people.Scope, n cve.Number) error {
	sealed, mac, err := s.seal(ctx, tx, n)
	if err != nil {
		return err
	}
	ok, args := sees(sc)
	changed, err := sqldb.Of(tx).Exec(ctx, `update cve_number as n set case_id = ?, state = ?, origin = ?, year = ?, mac = ?, words = ?, asked_of = ?, asked_at = ?,
		due = ?, entered_by = ?, assigned_at = ?, published_at = ?, rejected_at = ?, duplicate_of = ?, to_reject = ?, ask_reject = ?,
		todo = ?, wish = ?, advisory = ?, writer = ?, writer_until = ?, problem = ?, changed_at = ?, version = version + 1
		where n.id = ? and n.version = ? and `+ok,
		append([]any{n.Case, int(n.State), int(n.Origin), n.Year, mac, sealed, n.AskedOf, n.AskedAt,
			n.Due, n.EnteredBy, n.AssignedAt, n.PublishedAt, n.RejectedAt, n.DuplicateOf, n.ToReject, n.AskReject,
			int(n.Todo), n.Wish, n.Advisory, n.Writer, n.Until, n.Problem, n.Changed, n.ID, n.Version}, args...)...)
	if err != nil {
		return fmt.Errorf("save a number: %w", err)
	}
	if changed == 0 {
		return sqldb.Raced()
	}
	return nil
}

// OfCase implements cve.Store.
func (s *Store) OfCase(ctx context.Context, v unit.View, sc people.Scope, id casework.CaseID) ([]cve.Number, error) {
	ok, args := sees(sc)
	return s.all(ctx, v, `select `+columns+` from cve_number n where n.case_id = ? and `+ok+` order by n.asked_at, n.reserved_at, n.id limit 200`,
		append([]any{id}, args...)...)
}

// Pool implements cve.Store.
func (s *Store) Pool(ctx context.Context, v unit.View, sc people.Scope, project people.ProjectID) ([]cve.Number, error) {
	ok, args := sees(sc)
	return s.all(ctx, v, `select `+columns+` from cve_number n where n.project_id = ? and n.case_id = '' and n.state = ? and n.todo = 0 and `+ok+`
		order by n.year, n.reserved_at, n.id limit 1000`, append([]any{project, int(cve.Reserved)}, args...)...)
}

// CountFree counts the free ids of all pools, for administrators; for others it is zero.
func (s *Store) CountFree(ctx context.Context, v unit.View, sc people.Scope) (int, error) {
	admin, args := peopledb.Administers(sc)
	return sqldb.One(ctx, v, sqldb.Value[int], `select count(*) from cve_number where case_id = '' and state = ? and `+admin, append([]any{int(cve.Reserved)}, args...)...)
}

// Free implements cve.Store. On PostgreSQL two that take at once get two ids: the
// statement passes over rows that another transaction holds.
func (s *Store) Free(ctx context.Context, tx unit.Tx, sc people.Scope, project people.ProjectID, year int) (cve.Number, error) {
	ok, args := sees(sc)
	return s.one(ctx, tx, `select `+columns+` from cve_number n where n.project_id = ? and n.case_id = '' and n.state = ? and n.todo = 0 and n.year = ? and `+ok+`
		order by n.reserved_at, n.id limit 1`+sqldb.Of(tx).SkipLocked(), append([]any{project, int(cve.Reserved), year}, args...)...)
}

// Seen implements cve.Store.
func (s *Store) Seen(ctx context.Context, v unit.View, sc people.Scope, project people.ProjectID, name string) (cve.Number, error) {
	ok, args := sees(sc)
	return s.one(ctx, v, `select `+columns+` from cve_number n where n.mac = ? and n.project_id = ? and `+ok+` order by n.case_id desc, n.id limit 1`,
		append([]any{s.Seal.MAC("cve.number", name), project}, args...)...)
}

// Known implements cve.Store.
func (s *Store) Known(ctx context.Context, v unit.View, sc people.Scope, project people.ProjectID, names []string) (map[string]bool, error) {
	if _, _, job := sc.Job(); !job {
		return nil, fault.Missing()
	}
	ok, args := peopledb.Sees(sc, "n.project_id")
	out := map[string]bool{}
	for _, name := range names {
		n, err := sqldb.One(ctx, v, sqldb.Value[int], `select count(*) from cve_number n where n.mac = ? and n.project_id = ? and `+ok,
			append([]any{s.Seal.MAC("cve.number", name), project}, args...)...)
		if err != nil {
			return nil, err
		}
		out[name] = n > 0
	}
	return out, nil
}
