// Package embargodb keeps the tables of embargoes and of their changes. Reasons
// are sealed under the case's own confidence. The rules are in embargo.
package embargodb

import (
	"context"
	"embed"
	"encoding/json"
	"fmt"
	"strconv"
	"time"

	"github.com/tocsin-sec/tocsin/internal/base/fault"
	"github.com/tocsin-sec/tocsin/internal/base/unit"
	"github.com/tocsin-sec/tocsin/internal/casework"
	"github.com/tocsin-sec/tocsin/internal/embargo"
	"github.com/tocsin-sec/tocsin/internal/people"
	"github.com/tocsin-sec/tocsin/internal/people/peopledb"
	"github.com/tocsin-sec/tocsin/internal/platform/seal"
	"github.com/tocsin-sec/tocsin/internal/platform/sqldb"
)

//go:embed migrations/*.sql
var migrations embed.FS

// Migrations returns the tables of this package.
func Migrations() sqldb.Source { return sqldb.Embedded("embargo", migrations) }

// Store implements embargo.Store.
type Store struct{ Seal *seal.Sealer }

var _ embargo.Store = (*Store)(nil)

// Get implements embargo.Store. The service has read the case for the scope; the
// rule is in the statement all the same.
func (s *Store) Get(ctx context.Context, v unit.View, sc people.Scope, id casework.CaseID) (embargo.Embargo, error) {
	ok, args := peopledb.Sees(sc, "e.case_id")
	e, err := sqldb.One(ctx, v, scan, `select e.case_id, e.project_id, e.state, e.began, e.clock_start, e.until, e.ended_at, e.end_asked,
		e.restarts, e.changes, e.version from embargo_embargo e where e.case_id = ? and `+ok, append([]any{id}, args...)...)
	if fault.Is(err, fault.NotFound) {
		return embargo.Embargo{Case: id}, nil
	}
	return e, err
}

func scan(row sqldb.Row) (embargo.Embargo, error) {
	var e embargo.Embargo
	var began, start, until, ended, asked int64
	err := row.Scan(&e.Case, &e.Project, &e.State, &began, &start, &until, &ended, &asked, &e.Restarts, &e.Changes, &e.Version)
	e.Began, e.ClockStart, e.Until = sqldb.Time(began), sqldb.Time(start), sqldb.Time(until)
	e.EndedAt, e.EndAsked = sqldb.Time(ended), sqldb.Time(asked)
	return e, err
}

// words is what is sealed of a change.
type words struct {
	Reason  string `json:"reason,omitempty"`
	Problem string `json:"problem,omitempty"`
}

func wordsAt(id casework.CaseID, n int) seal.At {
	return seal.At{Table: "embargo_change", Row: string(id) + "." + strconv.Itoa(n), Column: "words"}
}

// Put implements embargo.Store.
func (s *Store) Put(ctx context.Context, tx unit.Tx, sc people.Scope, e embargo.Embargo, c embargo.Change) error {
	plain, err := json.Marshal(words{c.Reason, c.Problem})
	if err != nil {
		return err
	}
	sealed, err := s.Seal.Seal(ctx, tx, e.Case.Confidence(), wordsAt(e.Case, c.Number), plain)
	if err != nil {
		return fmt.Errorf("seal a reason: %w", err)
	}
	n, err := sqldb.Of(tx).Exec(ctx, `insert into embargo_embargo (case_id, project_id, state, began, clock_start, until, ended_at, end_asked,
		restarts, changes, version) values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 1)
		on conflict (case_id) do update set state = excluded.state, began = excluded.began, clock_start = excluded.clock_start,
		until = excluded.until, ended_at = excluded.ended_at, end_asked = excluded.end_asked, restarts = excluded.restarts,
		changes = excluded.changes, version = embargo_embargo.version + 1 where embargo_embargo.version = ?`,
		e.Case, e.Project, int(e.State), e.Began, e.ClockStart, e.Until, e.EndedAt, e.EndAsked, e.Restarts, e.Changes, e.Version)
	if err != nil {
		return fmt.Errorf("put embargo: %w", err)
	}
	if n == 0 {
		return sqldb.Raced()
	}
	_, err = sqldb.Of(tx).Exec(ctx, `insert into embargo_change (case_id, number, kind, at, by_actor, from_until, until, exception, decider, words)
		values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
		e.Case, c.Number, int(c.Kind), c.At, c.By, c.From, c.Until, c.Exception, c.Decider, sealed)
	if err != nil {
		return fmt.Errorf("put an embargo's change: %w", err)
	}
	return nil
}

// Ask implements embargo.Store.
func (s *Store) Ask(ctx context.Context, tx unit.Tx, sc people.Scope, id casework.CaseID, at time.Time) error {
	ok, args := peopledb.Sees(sc, "e.case_id")
	_, err := sqldb.Of(tx).Exec(ctx, `update embargo_embargo as e set end_asked = ?, version = version + 1 where e.case_id = ? and `+ok,
		append([]any{at, id}, args...)...)
	return err
}

// CountPast counts the running embargoes whose date has passed, for administrators; for
// others it is zero.
func (s *Store) CountPast(ctx context.Context, v unit.View, sc people.Scope) (int, error) {
	admin, args := peopledb.Administers(sc)
	return sqldb.One(ctx, v, sqldb.Value[int], `select count(*) from embargo_embargo where state = ? and until <= ? and `+admin,
		append([]any{int(embargo.Running), v.Now()}, args...)...)
}

// CountRunning counts the running embargoes, for administrators; for others it is zero.
func (s *Store) CountRunning(ctx context.Context, v unit.View, sc people.Scope) (int, error) {
	admin, args := peopledb.Administers(sc)
	return sqldb.One(ctx, v, sqldb.Value[int], `select count(*) from embargo_embargo where state = ? and `+admin, append([]any{int(embargo.Running)}, args...)...)
}

type sealedChange struct {
	embargo.Change
	words []byte
}

// History implements embargo.Store.
func (s *Store) History(ctx context.Context, v unit.View, sc people.Scope, id casework.CaseID) ([]embargo.Change, error) {
	ok, args := peopledb.Sees(sc, "h.case_id")
	rows, err := sqldb.All(ctx, v, func(row sqldb.Row) (sealedChange, error) {
		var c sealedChange
		var at, from, until int64
		var exception int
		err := row.Scan(&c.Case, &c.Number, &c.Kind, &at, &c.By, &from, &until, &exception, &c.Decider, &c.words)
		c.At, c.From, c.Until, c.Exception = sqldb.Time(at), sqldb.Time(from), sqldb.Time(until), exception == 1
		return c, err
	}, `select h.case_id, h.number, h.kind, h.at, h.by_actor, h.from_until, h.until, h.exception, h.decider, h.words
		from embargo_change h where h.case_id = ? and `+ok+` order by h.number desc limit 500`, append([]any{id}, args...)...)
	if err != nil {
		return nil, fmt.Errorf("list an embargo's changes: %w", err)
	}
	out := make([]embargo.Change, len(rows))
	for n, r := range rows {
		plain, err := s.Seal.Open(ctx, v, wordsAt(id, r.Number), r.words)
		if err != nil {
			return nil, fmt.Errorf("open a reason: %w", err)
		}
		var w words
		if err := json.Unmarshal(plain, &w); err != nil {
			return nil, fmt.Errorf("read a reason: %w", err)
		}
		r.Reason, r.Problem = w.Reason, w.Problem
		out[n] = r.Change
	}
	return out, nil
}
