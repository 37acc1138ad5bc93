package sqldb_test

import (
	"context"
	"database/sql"
	"errors"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/fstest"
	"time"

	"github.com/tocsin-sec/tocsin/internal/base/fault"
	"github.com/tocsin-sec/tocsin/internal/base/unit"
	"github.com/tocsin-sec/tocsin/internal/platform/sqldb"
	"github.com/tocsin-sec/tocsin/internal/platform/sqldb/sqldbtest"
)

// notes is a small domain's table for these tests.
func notes() []sqldb.Source {
	return []sqldb.Source{{Name: "notes", FS: fstest.MapFS{"00001_notes.sql": {Data: []byte(`-- +goose Up
create table notes_note (
  id text primary key,
  body {{bytes}} not null,
  size bigint not null,
  flag integer not null,
  version bigint not null
);
`)}}}}
}

type id string

func insert(ctx context.Context, tx unit.Tx, i id) error {
	_, err := sqldb.Of(tx).Exec(ctx, `insert into notes_note (id, body, size, flag, version) values (?, ?, ?, ?, 1)`,
		i, []byte{0, 255}, int64(1)<<40, true)
	return err
}

func count(t testing.TB, e *sqldbtest.Env) (n int) {
	t.Helper()
	e.View(t, func(ctx context.Context, v unit.View) (err error) {
		n, err = sqldb.One(ctx, v, sqldb.Value[int], `select count(*) from notes_note`)
		return err
	})
	return n
}

func TestConformance(t *testing.T) {
	cases := []struct {
		name string
		f    func(t *testing.T, e *sqldbtest.Env)
	}{
		{"values come back as they went in", valuesRoundTrip},
		{"an error undoes everything", errorUndoes},
		{"a panic undoes everything and frees the writer", panicUndoes},
		{"a refused entry or job undoes everything", flushUndoes},
		{"now stands still within a transaction and has microseconds", nowIsFixed},
		{"no row is the missing fault", noRowIsMissing},
		{"a second equal key is a unique conflict", uniqueConflict},
		{"Do and View inside a transaction are refused", nestedRefused},
		{"a view cannot write", viewCannotWrite},
		{"a view is one snapshot", viewIsSnapshot},
		{"a lost version race runs again and ends as a conflict", racedRunsAgain},
		{"an emitted fact runs its follower within", emitRunsWithin},
		{"counters lose no update under contention", noLostUpdate},
		{"what a transaction undid has no after-commit", afterCommit},
	}
	sqldbtest.Each(t, notes(), func(t *testing.T, e *sqldbtest.Env) {
		for _, c := range cases {
			t.Run(c.name, func(t *testing.T) {
				e.Do(t, func(ctx context.Context, tx unit.Tx) error {
					_, err := sqldb.Of(tx).Exec(ctx, `delete from notes_note`)
					return err
				})
				e.Work.Flow = nil
				c.f(t, e)
			})
		}
	})
}

func valuesRoundTrip(t *testing.T, e *sqldbtest.Env) {
	at := time.Date(2026, 5, 6, 7, 8, 9, 123456000, time.UTC)
	e.Do(t, func(ctx context.Context, tx unit.Tx) error {
		_, err := sqldb.Of(tx).Exec(ctx, `insert into notes_note (id, body, size, flag, version) values (?, ?, ?, ?, ?)`,
			id("x ? 'y'"), []byte{0, 1, 255}, at, true, time.Time{})
		return err
	})
	e.View(t, func(ctx context.Context, v unit.View) error {
		var name string
		var body []byte
		var size, version int64
		var flag bool
		err := sqldb.Of(v).QueryRow(ctx, `select id, body, size, flag, version from notes_note where id <> '?' and id = ? -- why?
			and flag = ?`, id("x ? 'y'"), true).Scan(&name, &body, &size, &flag, &version)
		if name != "x ? 'y'" || !slices.Equal(body, []byte{0, 1, 255}) || !sqldb.Time(size).Equal(at) || !flag || !sqldb.Time(version).IsZero() {
			t.Errorf("%q %v %v %v %v", name, body, size, flag, version)
		}
		return err
	})
}

func errorUndoes(t *testing.T, e *sqldbtest.Env) {
	boom := errors.New("boom")
	err := e.Work.Do(t.Context(), func(ctx context.Context, tx unit.Tx) error {
		return errors.Join(insert(ctx, tx, "a"), boom)
	})
	if !errors.Is(err, boom) || count(t, e) != 0 {
		t.Errorf("err %v, %d rows", err, count(t, e))
	}
}

func panicUndoes(t *testing.T, e *sqldbtest.Env) {
	func() {
		defer func() { _ = recover() }()
		_ = e.Work.Do(t.Context(), func(ctx context.Context, tx unit.Tx) error {
			_ = insert(ctx, tx, "a")
			panic("boom")
		})
	}()
	e.Do(t, func(ctx context.Context, tx unit.Tx) error { return insert(ctx, tx, "b") })
	if count(t, e) != 1 {
		t.Errorf("%d rows", count(t, e))
	}
}

func flushUndoes(t *testing.T, e *sqldbtest.Env) {
	err := e.Work.Do(t.Context(), func(ctx context.Context, tx unit.Tx) error {
		tx.Enqueue(unit.Job{Kind: "k"})
		tx.Record(unit.Entry{}) // has no kind
		return insert(ctx, tx, "a")
	})
	if err == nil || count(t, e) != 0 {
		t.Errorf("err %v, %d rows", err, count(t, e))
	}
}

func nowIsFixed(t *testing.T, e *sqldbtest.Env) {
	e.Clock.Set(time.Date(2026, 1, 2, 3, 4, 5, 678901234, time.FixedZone("x", 3600)))
	e.Do(t, func(ctx context.Context, tx unit.Tx) error {
		first := tx.Now()
		e.Clock.Advance(time.Hour)
		if want := time.Date(2026, 1, 2, 2, 4, 5, 678901000, time.UTC); first != want || tx.Now() != want {
			t.Errorf("now %v, then %v", first, tx.Now())
		}
		return nil
	})
}

func noRowIsMissing(t *testing.T, e *sqldbtest.Env) {
	err := e.Work.View(t.Context(), func(ctx context.Context, v unit.View) error {
		all, err := sqldb.All(ctx, v, sqldb.Value[string], `select id from notes_note where id in (`+sqldb.Marks(0)+`)`)
		if len(all) != 0 || err != nil {
			t.Errorf("all %v %v", all, err)
		}
		_, err = sqldb.One(ctx, v, sqldb.Value[string], `select id from notes_note where id = ?`, "none")
		return err
	})
	if err == nil || err.Error() != fault.Missing().Error() {
		t.Errorf("err %v", err)
	}
}

func uniqueConflict(t *testing.T, e *sqldbtest.Env) {
	e.Do(t, func(ctx context.Context, tx unit.Tx) error { return insert(ctx, tx, "a") })
	err := e.Work.Do(t.Context(), func(ctx context.Context, tx unit.Tx) error { return insert(ctx, tx, "a") })
	if !sqldb.IsUnique(err) || sqldb.IsUnique(sql.ErrNoRows) {
		t.Errorf("err %v", err)
	}
}

func nestedRefused(t *testing.T, e *sqldbtest.Env) {
	none := func(context.Context, unit.Tx) error { return nil }
	look := func(context.Context, unit.View) error { return nil }
	e.Do(t, func(ctx context.Context, tx unit.Tx) error {
		if e.Work.Do(ctx, none) == nil || e.Work.View(ctx, look) == nil {
			t.Error("not refused in Do")
		}
		return nil
	})
	e.View(t, func(ctx context.Context, v unit.View) error {
		if e.Work.Do(ctx, none) == nil || e.Work.View(ctx, look) == nil {
			t.Error("not refused in View")
		}
		return nil
	})
}

func viewCannotWrite(t *testing.T, e *sqldbtest.Env) {
	err := e.Work.View(t.Context(), func(ctx context.Context, v unit.View) error {
		if _, ok := v.(unit.Tx); ok {
			t.Error("a view is a transaction")
		}
		_, err := sqldb.Of(v).Exec(ctx, `delete from notes_note`)
		if err == nil {
			t.Error("Exec was not refused")
		}
		// Not even past Conn's own check.
		rows, err := sqldb.Of(v).Query(ctx, `insert into notes_note (id, body, size, flag, version)
			values ('w', ?, 1, 1, 1) returning id`, []byte{1})
		if err == nil {
			for rows.Next() {
			}
			err = rows.Err()
			rows.Close()
		}
		return err
	})
	if err == nil || count(t, e) != 0 {
		t.Errorf("err %v, %d rows", err, count(t, e))
	}
}

func viewIsSnapshot(t *testing.T, e *sqldbtest.Env) {
	e.View(t, func(ctx context.Context, v unit.View) error {
		n := func() int {
			n, err := sqldb.One(ctx, v, sqldb.Value[int], `select count(*) from notes_note`)
			if err != nil {
				t.Error(err)
			}
			return n
		}
		before := n()
		e.Do(t, func(ctx context.Context, tx unit.Tx) error { return insert(ctx, tx, "a") })
		if after := n(); before != 0 || after != 0 {
			t.Errorf("%d rows, then %d", before, after)
		}
		return nil
	})
}

func racedRunsAgain(t *testing.T, e *sqldbtest.Env) {
	runs := 0
	err := e.Work.Do(t.Context(), func(ctx context.Context, tx unit.Tx) error {
		runs++
		if err := insert(ctx, tx, "a"); err != nil {
			return err
		}
		return sqldb.Raced()
	})
	if runs != 3 || !fault.Is(err, fault.Conflict) || count(t, e) != 0 {
		t.Errorf("%d runs, err %v, %d rows", runs, err, count(t, e))
	}
}

type happened struct{ id id }

func (happened) FactName() string { return "notes.happened" }

type follower func(ctx context.Context, tx unit.Tx, f unit.Fact) error

func (f follower) Emit(ctx context.Context, tx unit.Tx, x unit.Fact) error { return f(ctx, tx, x) }

func emitRunsWithin(t *testing.T, e *sqldbtest.Env) {
	refuse := false
	e.Work.Flow = follower(func(ctx context.Context, tx unit.Tx, f unit.Fact) error {
		if refuse {
			return fault.New(fault.Conflict, "notes.refused")
		}
		return insert(ctx, tx, f.(happened).id+"-followed")
	})
	op := func(i id) error {
		return e.Work.Do(t.Context(), func(ctx context.Context, tx unit.Tx) error {
			if err := insert(ctx, tx, i); err != nil {
				return err
			}
			return tx.Emit(ctx, happened{i})
		})
	}
	if err := op("a"); err != nil || count(t, e) != 2 {
		t.Errorf("err %v, %d rows", err, count(t, e))
	}
	refuse = true
	if err := op("b"); !fault.Is(err, fault.Conflict) || count(t, e) != 2 {
		t.Errorf("a follower that refuses undoes: err %v, %d rows", err, count(t, e))
	}
}

func noLostUpdate(t *testing.T, e *sqldbtest.Env) {
	other := e.Second(t)
	e.Do(t, func(ctx context.Context, tx unit.Tx) error { return insert(ctx, tx, "a") })
	var wg sync.WaitGroup
	for i := range 40 {
		w := e.Work
		if i%2 == 0 {
			w = other.Work
		}
		wg.Go(func() {
			err := w.Do(context.Background(), func(ctx context.Context, tx unit.Tx) error {
				c := sqldb.Of(tx)
				n, err := sqldb.One(ctx, tx, sqldb.Value[int64], `select version from notes_note where id = 'a'`+c.Lock())
				if err != nil {
					return err
				}
				_, err = c.Exec(ctx, `update notes_note set version = ? where id = 'a' and version = ?`, n+1, n)
				return err
			})
			if err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	e.View(t, func(ctx context.Context, v unit.View) error {
		n, err := sqldb.One(ctx, v, sqldb.Value[int64], `select version from notes_note where id = 'a'`)
		if n != 41 {
			t.Errorf("version %d, want 41", n)
		}
		return err
	})
}

func afterCommit(t *testing.T, e *sqldbtest.Env) {
	ran := 0
	_ = e.Work.Do(t.Context(), func(ctx context.Context, tx unit.Tx) error {
		sqldb.AfterCommit(tx, func() { ran++ })
		return errors.New("undone")
	})
	e.Do(t, func(ctx context.Context, tx unit.Tx) error { sqldb.AfterCommit(tx, func() { ran += 10 }); return nil })
	if ran != 10 {
		t.Errorf("ran %d", ran)
	}
}

func TestBothEnginesHaveTheSameTables(t *testing.T) {
	sqldbtest.SameSchema(t, notes())
	e := sqldbtest.SQLite(t, notes())
	if got := sqldbtest.Schema(t, e)["notes_note.body"]; got != "bytes not null" {
		t.Errorf("body is %q", got)
	}
}

func TestMigrations(t *testing.T) {
	two := notes()
	two[0].FS = fstest.MapFS{
		"00001_notes.sql": two[0].FS.(fstest.MapFS)["00001_notes.sql"],
		"00002_more.sql":  {Data: []byte("-- +goose Up\nalter table notes_note add column title text not null default '';\n")},
	}
	sqldbtest.Each(t, notes(), func(t *testing.T, e *sqldbtest.Env) {
		ctx := t.Context()
		var wg sync.WaitGroup
		for range 2 { // two servers start at once
			other := e.Second(t)
			wg.Go(func() {
				if err := other.DB.Migrate(ctx, two); err != nil {
					t.Errorf("migrate: %v", err)
				}
			})
		}
		wg.Wait()
		if n, err := e.DB.Pending(ctx, two); n != 0 || err != nil {
			t.Errorf("pending %d %v", n, err)
		}
		err := e.DB.Migrate(ctx, notes())
		if !fault.Is(err, fault.Unavailable) || !strings.Contains(err.Error(), "store.newer") {
			t.Errorf("old code on a new database: %v", err)
		}
	})
}
