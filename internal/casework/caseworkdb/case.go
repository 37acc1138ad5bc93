package caseworkdb

import (
	"context"
	"fmt"
	"math"
	"time"

	"github.com/tocsin-sec/tocsin/internal/base/unit"
	"github.com/tocsin-sec/tocsin/internal/casework"
	"github.com/tocsin-sec/tocsin/internal/desk"
	"github.com/tocsin-sec/tocsin/internal/people"
	"github.com/tocsin-sec/tocsin/internal/platform/seal"
	"github.com/tocsin-sec/tocsin/internal/platform/sqldb"
)

// body is what is sealed of a case beside its title.
type body struct {
	StateReason string              `json:"state_reason,omitempty"`
	StateAt     time.Time           `json:"state_at,omitzero"`
	Severity    casework.Severity   `json:"severity"`
	Weaknesses  []string            `json:"weaknesses,omitempty"`
	Affected    []casework.Affected `json:"affected,omitempty"`
	Facts       casework.Facts      `json:"facts"`
	Reporter    casework.Reporter   `json:"reporter"`
	Thread      casework.Thread     `json:"thread"`
	OpenedBy    string              `json:"opened_by,omitempty"`
	ClosedAt    time.Time           `json:"closed_at,omitzero"`
}

func titleAt(id casework.CaseID) seal.At {
	return seal.At{Table: "casework_case", Row: string(id), Column: "title"}
}

func bodyAt(id casework.CaseID) seal.At {
	return seal.At{Table: "casework_case", Row: string(id), Column: "body"}
}

// sealedCase is a row before its words are opened.
type sealedCase struct {
	casework.Case
	title, body []byte
}

const caseColumns = `select c.id, c.project_id, c.report_id, c.state, c.embargo_until, c.embargo_running, c.opened_at, c.changed_at,
	c.due_assess, c.assessed_at, c.items, c.version, c.title, c.body from casework_case c where c.id = ? and `

func scanCase(row sqldb.Row) (sealedCase, error) {
	var c sealedCase
	var until, opened, changed, due, assessed int64
	var running int
	err := row.Scan(&c.ID, &c.Project, &c.Report, &c.State, &until, &running, &opened, &changed, &due, &assessed,
		&c.Items, &c.Version, &c.title, &c.body)
	c.Clock = casework.Clock{Until: sqldb.Time(until), Running: running == 1}
	c.OpenedAt, c.ChangedAt, c.DueAssess, c.AssessedAt = sqldb.Time(opened), sqldb.Time(changed), sqldb.Time(due), sqldb.Time(assessed)
	return c, err
}

// open fills in the sealed words.
func (s *Store) open(ctx context.Context, v unit.View, c sealedCase) (casework.Case, error) {
	var b body
	if err := s.get(ctx, v, titleAt(c.ID), c.title, &c.Title); err != nil {
		return casework.Case{}, err
	}
	if err := s.get(ctx, v, bodyAt(c.ID), c.body, &b); err != nil {
		return casework.Case{}, err
	}
	c.StateReason, c.StateAt, c.Severity, c.Weaknesses, c.Affected = b.StateReason, b.StateAt, b.Severity, b.Weaknesses, b.Affected
	c.Facts, c.Reporter, c.Thread, c.OpenedBy, c.ClosedAt = b.Facts, b.Reporter, b.Thread, b.OpenedBy, b.ClosedAt
	return c.Case, nil
}

// Get implements casework.CaseStore.
func (s *Store) Get(ctx context.Context, v unit.View, sc people.Scope, id casework.CaseID) (casework.Case, error) {
	ok, args := sees(sc)
	c, err := sqldb.One(ctx, v, scanCase, caseColumns+ok, append([]any{id}, args...)...)
	if err != nil {
		return casework.Case{}, err
	}
	return s.open(ctx, v, c)
}

// Lock implements casework.CaseStore: it takes the case's row first, so that two
// operations on one case never wait for each other further down.
func (s *Store) Lock(ctx context.Context, tx unit.Tx, sc people.Scope, id casework.CaseID) (casework.Case, error) {
	ok, args := sees(sc)
	c, err := sqldb.One(ctx, tx, scanCase, caseColumns+ok+sqldb.Of(tx).Lock(), append([]any{id}, args...)...)
	if err != nil {
		return casework.Case{}, err
	}
	return s.open(ctx, tx, c)
}

// seals seals title and body.
func (s *Store) seals(ctx context.Context, tx unit.Tx, c casework.Case) (title, words []byte, err error) {
	if title, err = s.put(ctx, tx, c.ID, titleAt(c.ID), c.Title); err != nil {
		return nil, nil, err
	}
	words, err = s.put(ctx, tx, c.ID, bodyAt(c.ID), body{c.StateReason, c.StateAt, c.Severity, c.Weaknesses, c.Affected,
		c.Facts, c.Reporter, c.Thread, c.OpenedBy, c.ClosedAt})
	return title, words, err
}

// score is the severity as lists sort by it: tenths, -1 when it is not assessed.
func score(v casework.Severity) int {
	if !v.Known() {
		return -1
	}
	return int(math.Round(v.Score() * 10))
}

// Insert implements casework.CaseStore. It makes a new object, on which nobody has a
// role yet; the caller grants the first one in the same transaction.
func (s *Store) Insert(ctx context.Context, tx unit.Tx, sc people.Scope, c casework.Case) error {
	title, words, err := s.seals(ctx, tx, c)
	if err != nil {
		return err
	}
	_, err = sqldb.Of(tx).Exec(ctx, `insert into casework_case (id, project_id, report_id, state, rating, score, is_public, is_exploited,
		is_attacked, embargo_until, embargo_running, opened_at, changed_at, due_assess, assessed_at, items, version, title, body)
		values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 1, ?, ?)`,
		c.ID, c.Project, c.Report, int(c.State), string(c.Severity.Rating), score(c.Severity), flag(c.Facts.Public.Set), flag(c.Facts.Exploited.Set),
		flag(c.Facts.Attacked.Set), c.Clock.Until, flag(c.Clock.Running), c.OpenedAt, c.ChangedAt, c.DueAssess, c.AssessedAt, c.Items, title, words)
	if err != nil {
		return fmt.Errorf("insert case: %w", err)
	}
	return nil
}

// Save implements casework.CaseStore.
func (s *Store) Save(ctx context.Context, tx unit.Tx, sc people.Scope, c casework.Case) error {
	title, words, err := s.seals(ctx, tx, c)
	if err != nil {
		return err
	}
	ok, args := sees(sc)
	n, err := sqldb.Of(tx).Exec(ctx, `update casework_case as c set state = ?, rating = ?, score = ?, is_public = ?, is_exploited = ?,
		is_attacked = ?, changed_at = ?, due_assess = ?, assessed_at = ?, items = ?, version = version + 1, title = ?, body = ?
		where c.id = ? and c.version = ? and `+ok,
		join([]any{int(c.State), string(c.Severity.Rating), score(c.Severity), flag(c.Facts.Public.Set), flag(c.Facts.Exploited.Set),
			flag(c.Facts.Attacked.Set), c.ChangedAt, c.DueAssess, c.AssessedAt, c.Items, title, words, c.ID, c.Version}, args)...)
	if err != nil {
		return fmt.Errorf("save case: %w", err)
	}
	if n == 0 {
		return sqldb.Raced()
	}
	return nil
}

// SetClock implements casework.CaseStore.
func (s *Store) SetClock(ctx context.Context, tx unit.Tx, sc people.Scope, id casework.CaseID, k casework.Clock) error {
	ok, args := sees(sc)
	_, err := sqldb.Of(tx).Exec(ctx, `update casework_case as c set embargo_until = ?, embargo_running = ? where c.id = ? and `+ok,
		join([]any{k.Until, flag(k.Running), id}, args)...)
	if err != nil {
		return fmt.Errorf("set the clock: %w", err)
	}
	return nil
}

// ByReport implements casework.ListStore.
func (s *Store) ByReport(ctx context.Context, v unit.View, sc people.Scope, id desk.ReportID) (casework.CaseID, error) {
	ok, args := sees(sc)
	return sqldb.One(ctx, v, sqldb.Value[casework.CaseID], `select c.id from casework_case c where c.report_id = ? and c.report_id <> '' and `+ok,
		append([]any{id}, args...)...)
}
