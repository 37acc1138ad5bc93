package sqldb

import (
	"bytes"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"strings"
	"time"

	"github.com/pressly/goose/v3"

	"github.com/tocsin-sec/tocsin/internal/base/fault"
)

// Source is the migrations of one package: files 00001_name.sql at the root of
// FS in goose's format ("-- +goose Up"). Its versions are kept in the table
// goose_<Name>, so that packages number their files apart from each other.
type Source struct {
	Name string
	FS   fs.FS
}

// Embedded returns the migrations in the folder "migrations" of files, which a package
// embeds.
func Embedded(name string, files fs.FS) Source {
	sub, err := fs.Sub(files, "migrations")
	if err != nil {
		panic(err) // only for a path that is none
	}
	return Source{Name: name, FS: sub}
}

// Migrate brings every source to its newest version, in the given order, under
// a lock that a second server waits for. It fails with "store.newer" when the
// database has a version that this program does not know.
func (db *DB) Migrate(ctx context.Context, sources []Source) error {
	return db.migrate(ctx, sources, func(_ string, known int64) int64 { return known })
}

// MigrateTo brings every source to the named version and no further; one that
// is not named stays at nothing. A backup is loaded into the schema it was made in.
func (db *DB) MigrateTo(ctx context.Context, sources []Source, versions map[string]int64) error {
	return db.migrate(ctx, sources, func(name string, _ int64) int64 { return versions[name] })
}

// migrate brings every source to the version that want says, of the newest one known.
func (db *DB) migrate(ctx context.Context, sources []Source, want func(name string, known int64) int64) error {
	unlock, err := db.lockMigrations(ctx)
	if err != nil {
		return err
	}
	defer unlock()
	for _, s := range sources {
		if err := patiently(ctx, func() error { return db.migrateOne(ctx, s, want) }); err != nil {
			return fmt.Errorf("migrate %s: %w", s.Name, err)
		}
	}
	return nil
}

func (db *DB) migrateOne(ctx context.Context, s Source, want func(string, int64) int64) error {
	p, err := db.provider(s)
	if err != nil {
		return err
	}
	have, known, err := p.GetVersions(ctx)
	if err != nil {
		return explain(err)
	}
	to := want(s.Name, known)
	if newest := max(have, to); newest > known {
		return fault.New(fault.Unavailable, "store.newer", s.Name, newest, known)
	}
	if have >= to {
		return nil
	}
	_, err = p.UpTo(ctx, to)
	return explain(err)
}

// Versions returns the version of the schema by source.
func (db *DB) Versions(ctx context.Context, sources []Source) (map[string]int64, error) {
	out := map[string]int64{}
	for _, s := range sources {
		p, err := db.provider(s)
		if err != nil {
			return nil, err
		}
		v, err := p.GetDBVersion(ctx)
		if err != nil {
			return nil, explain(err)
		}
		out[s.Name] = v
	}
	return out, nil
}

// Pending returns how many migrations Migrate would run.
func (db *DB) Pending(ctx context.Context, sources []Source) (int, error) {
	n := 0
	for _, s := range sources {
		p, err := db.provider(s)
		if err != nil {
			return 0, err
		}
		list, err := p.Status(ctx)
		if err != nil {
			return 0, explain(err)
		}
		for _, m := range list {
			if m.State == goose.StatePending {
				n++
			}
		}
	}
	return n, nil
}

func (db *DB) provider(s Source) (*goose.Provider, error) {
	dialect := goose.DialectSQLite3
	if db.dialect == Postgres {
		dialect = goose.DialectPostgres
	}
	p, err := goose.NewProvider(dialect, db.write, typed{s.FS, db.dialect},
		goose.WithTableName("goose_"+s.Name), goose.WithDisableGlobalRegistry(true),
		goose.WithLogger(goose.NopLogger()))
	if err != nil {
		return nil, fmt.Errorf("read migrations of %s: %w", s.Name, err)
	}
	return p, nil
}

// The number is "tocsin" in ASCII; any fixed number does.
const migrationLock = 0x746f6373696e

// lockMigrations takes a lock that ends with the process at the latest.
func (db *DB) lockMigrations(ctx context.Context) (unlock func(), err error) {
	if db.dialect == SQLite {
		return lockFile(ctx, db.path+".migrate")
	}
	conn, err := db.write.Conn(ctx)
	if err != nil {
		return nil, explain(err)
	}
	// Another server may migrate for minutes: this wait alone has no bound but ctx.
	for _, q := range []string{"set lock_timeout = 0", fmt.Sprintf("select pg_advisory_lock(%d)", int64(migrationLock)), "reset lock_timeout"} {
		if _, err := conn.ExecContext(ctx, q); err != nil {
			return nil, errors.Join(explain(err), conn.Close())
		}
	}
	return func() { releaseAdvisory(conn) }, nil
}

func releaseAdvisory(conn *sql.Conn) {
	// The caller's context may be over; the lock must go all the same.
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	// A failure means that the session is gone, and the lock with it.
	_, _ = conn.ExecContext(ctx, "select pg_advisory_unlock($1)", int64(migrationLock))
	conn.Close()
}

// typed is a folder of migrations with {{bytes}} replaced by the engine's type.
type typed struct {
	fs.FS
	dialect Dialect
}

// Open implements fs.FS.
func (t typed) Open(name string) (fs.File, error) {
	f, err := t.FS.Open(name)
	if err != nil || path.Ext(name) != ".sql" {
		return f, err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return nil, err
	}
	text, err := fs.ReadFile(t.FS, name)
	if err != nil {
		return nil, err
	}
	word := "blob"
	if t.dialect == Postgres {
		word = "bytea"
	}
	out := strings.ReplaceAll(string(text), "{{bytes}}", word)
	return &sqlFile{Reader: bytes.NewReader([]byte(out)), info: info}, nil
}

type sqlFile struct {
	*bytes.Reader
	info fs.FileInfo
}

func (f *sqlFile) Stat() (fs.FileInfo, error) { return f.info, nil }
func (f *sqlFile) Close() error               { return nil }
