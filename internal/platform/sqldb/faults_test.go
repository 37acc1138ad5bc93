package sqldb_test

import (
	"bytes"
	"context"
	"errors"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/tocsin-sec/tocsin/internal/base/fault"
	"github.com/tocsin-sec/tocsin/internal/base/secret"
	"github.com/tocsin-sec/tocsin/internal/base/unit"
	"github.com/tocsin-sec/tocsin/internal/platform/sqldb"
	"github.com/tocsin-sec/tocsin/internal/platform/sqldb/sqldbtest"
)

func wantKey(t *testing.T, err error, key string) {
	t.Helper()
	var f *fault.Error
	if !errors.As(err, &f) || f.Key != key {
		t.Errorf("got %v, want %s", err, key)
	}
}

func TestSQLiteTroubleSaysWhatToDo(t *testing.T) {
	ctx := t.Context()
	dir := t.TempDir()
	t.Run("a file that is no database", func(t *testing.T) {
		path := filepath.Join(dir, "text.db")
		if err := os.WriteFile(path, bytes.Repeat([]byte("no database "), 1000), 0o600); err != nil {
			t.Fatal(err)
		}
		_, err := sqldb.Open(ctx, sqldb.Config{Path: path})
		wantKey(t, err, "store.corrupt")
	})
	t.Run("a folder that does not exist", func(t *testing.T) {
		_, err := sqldb.Open(ctx, sqldb.Config{Path: filepath.Join(dir, "none", "x.db")})
		wantKey(t, err, "store.cannot_open")
	})
	t.Run("no place at all", func(t *testing.T) {
		_, err := sqldb.Open(ctx, sqldb.Config{})
		wantKey(t, err, "store.no_place")
	})
	t.Run("a path with signs that an address could take for its own", func(t *testing.T) {
		path := filepath.Join(dir, "a?b#c%20 d.db")
		db, err := sqldb.Open(ctx, sqldb.Config{Path: path})
		if err != nil {
			t.Fatal(err)
		}
		db.Close()
		if info, err := os.Stat(path); err != nil || info.Mode().Perm() != 0o600 {
			t.Errorf("%v %v", info, err)
		}
	})
	t.Run("a damaged page", func(t *testing.T) {
		e := sqldbtest.SQLite(t, notes())
		e.Do(t, func(ctx context.Context, tx unit.Tx) error { return insert(ctx, tx, "a") })
		path := e.DB.Path()
		e.DB.Close()
		file, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		for i := 4096; i < len(file); i++ {
			file[i] ^= 0x5a
		}
		if err := os.WriteFile(path, file, 0o600); err != nil {
			t.Fatal(err)
		}
		db, err := sqldb.Open(ctx, e.Config)
		if err == nil {
			w := &sqldb.Work{DB: db}
			err = w.Do(ctx, func(ctx context.Context, tx unit.Tx) error { return insert(ctx, tx, "b") })
			db.Close()
		}
		wantKey(t, err, "store.corrupt")
	})
	t.Run("a database that another program holds", func(t *testing.T) {
		e := sqldbtest.SQLite(t, notes())
		c := e.Config
		c.BusyTimeout = time.Millisecond
		other, err := sqldb.Open(ctx, c)
		if err != nil {
			t.Fatal(err)
		}
		defer other.Close()
		w := &sqldb.Work{DB: other}
		e.Do(t, func(ctx context.Context, tx unit.Tx) error {
			err := w.Do(context.Background(), func(ctx context.Context, tx unit.Tx) error { return insert(ctx, tx, "b") })
			wantKey(t, err, "store.locked")
			return nil
		})
	})
}

// TestAFullDisk limits the file by SQLite's own page limit, which gives the same
// error as a full disk; the whole-program test has a real one.
func TestAFullDisk(t *testing.T) {
	e := sqldbtest.SQLite(t, notes())
	if _, err := e.DB.Writer().ExecContext(t.Context(), "pragma max_page_count = 60"); err != nil {
		t.Fatal(err)
	}
	err := e.Work.Do(t.Context(), func(ctx context.Context, tx unit.Tx) error {
		if err := insert(ctx, tx, "a"); err != nil {
			return err
		}
		_, err := sqldb.Of(tx).Exec(ctx, `update notes_note set body = ?`, make([]byte, 1<<20))
		return err
	})
	wantKey(t, err, "store.full")
	if count(t, e) != 0 {
		t.Error("something was left")
	}
	e.Do(t, func(ctx context.Context, tx unit.Tx) error { return insert(ctx, tx, "a") })
}

func TestPostgresTroubleSaysWhatToDo(t *testing.T) {
	e := sqldbtest.Postgres(t, nil)
	ctx := t.Context()
	_, err := sqldb.Open(ctx, sqldb.Config{URL: secret.New(strings.Replace(e.Config.URL.Reveal(), "/tocsin_", "/none_", 1)), Fast: true})
	wantKey(t, err, "store.refused")
	_, err = sqldb.Open(ctx, sqldb.Config{URL: secret.New("postgres://u:hush@127.0.0.1:1/x?connect_timeout=2")})
	wantKey(t, err, "store.unreachable")
	_, err = sqldb.Open(ctx, sqldb.Config{URL: secret.New("postgres://u:hush@127.0.0.1:port/x")})
	wantKey(t, err, "store.bad_url")
	if strings.Contains(err.Error(), "hush") {
		t.Error("the password is in the fault")
	}
	_, err = sqldb.Open(ctx, sqldb.Config{URL: e.Config.URL}) // the test cluster runs with fsync=off
	wantKey(t, err, "store.pragma")
}

// A role or database may be set to synchronous_commit=off: then a mail was answered
// with 250 before it was on the disk, and nobody was told.
func TestAPostgresThatCommitsBeforeTheDiskHasItIsRefused(t *testing.T) {
	e := sqldbtest.Postgres(t, nil)
	u, err := url.Parse(e.Config.URL.Reveal())
	if err != nil {
		t.Fatal(err)
	}
	q := u.Query()
	for value, want := range map[string]string{"off": "synchronous_commit", "on": "fsync", "remote_apply": "fsync"} {
		q.Set("synchronous_commit", value)
		u.RawQuery = q.Encode()
		_, err := sqldb.Open(t.Context(), sqldb.Config{URL: secret.New(u.String())})
		wantKey(t, err, "store.pragma")
		var f *fault.Error
		if !errors.As(err, &f) || f.Args[0] != want { // fsync is off in the test cluster
			t.Errorf("%s: %v, want it to be about %s", value, err, want)
		}
	}
}

func TestDurableSettingsAreInForce(t *testing.T) {
	db, err := sqldb.Open(t.Context(), sqldb.Config{Path: filepath.Join(t.TempDir(), "x.db")})
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	for q, want := range map[string]string{"pragma synchronous": "2", "pragma journal_mode": "wal", "pragma query_only": "0"} {
		var got string
		if err := db.Writer().QueryRow(q).Scan(&got); err != nil || got != want {
			t.Errorf("%s: %q %v", q, got, err)
		}
	}
	var got string
	if err := db.Reader().QueryRow("pragma query_only").Scan(&got); err != nil || got != "1" {
		t.Errorf("the read pool may write: %q %v", got, err)
	}
}
