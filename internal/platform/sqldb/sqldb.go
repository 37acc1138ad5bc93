// Package sqldb opens the store, SQLite or PostgreSQL, and runs transactions on
// it: Work implements unit.Work, and Of gives a db package the SQL behind a
// unit.View. One SQL text serves both engines: placeholders are ?, column types
// in migrations are text, bigint, integer and {{bytes}}, times are microseconds
// (Micros, Time), truth values 0 and 1.
//
// What is not here: what a ledger entry or a job is (platform/ledger,
// platform/jobs, reached through Recorder and Enqueuer), encryption at rest
// (platform/seal) and every table of a domain (its db package).
//
// Migrations go forward only. New code must run on the old schema: a release
// first adds columns and tables, and only a later one relies on them alone, so
// that several servers can be replaced one after another. Old code refuses to
// start on a schema newer than it knows ("store.newer").
package sqldb

import (
	"context"
	"database/sql"
	"errors"
	"sync/atomic"
	"time"

	"github.com/tocsin-sec/tocsin/internal/base/secret"
)

// Dialect is the kind of database behind a DB.
type Dialect int

// The dialects; the zero value is invalid.
const (
	_ Dialect = iota
	SQLite
	Postgres
)

// String returns the name of the dialect, for logs and test names.
func (d Dialect) String() string {
	switch d {
	case SQLite:
		return "sqlite"
	case Postgres:
		return "postgres"
	default:
		return "invalid"
	}
}

// Config says where the store is. Either Path or URL must be set; URL wins.
type Config struct {
	Path        string        // SQLite file; its folder must exist
	URL         secret.String // postgres://...
	Readers     int           // connections for views (SQLite) or in all (PostgreSQL); 0 means 8
	BusyTimeout time.Duration // how long to wait for somebody else's lock; 0 means 2.5 s
	// Fast leaves out the syncs to the disk. Only tests that show nothing about
	// durability may set it.
	Fast bool
}

// DB is an open store. Its methods may be used by many goroutines at once.
type DB struct {
	dialect Dialect
	path    string // SQLite
	write   *sql.DB
	read    *sql.DB // the same as write for PostgreSQL

	lockWait time.Duration
	locks    locks
	within   atomic.Int64 // nanoseconds; see AnswerWithin
}

// Open opens the store and checks that the engine's settings are in force. The
// fault is Unavailable with a key that says what to do ("store.cannot_open",
// "store.corrupt", "store.pragma", "store.unreachable" and so on).
func Open(ctx context.Context, c Config) (*DB, error) {
	if c.Readers <= 0 {
		c.Readers = 8
	}
	if c.BusyTimeout <= 0 {
		c.BusyTimeout = lockWait
	}
	if !c.URL.Empty() {
		return openPostgres(ctx, c)
	}
	return openSQLite(ctx, c)
}

// Dialect returns the kind of database.
func (db *DB) Dialect() Dialect { return db.dialect }

// Path returns the SQLite file, "" for PostgreSQL.
func (db *DB) Path() string { return db.path }

// Writer returns the pool that may write, for the few programs that work on
// the store as a whole (backup, doctor). Domains go through Work.
func (db *DB) Writer() *sql.DB { return db.write }

// Reader returns the pool that only reads, for backup and doctor.
func (db *DB) Reader() *sql.DB { return db.read }

// Ping fails with the fault that describes the store's state when it cannot
// answer a query.
func (db *DB) Ping(ctx context.Context) error {
	var one int
	return explain(db.read.QueryRowContext(ctx, "select 1").Scan(&one))
}

// Close closes the store; running transactions end first.
func (db *DB) Close() error {
	err := db.read.Close()
	if db.write != db.read {
		err = errors.Join(err, db.write.Close())
	}
	return err
}

// Micros returns t as stored: microseconds since 1970 in UTC, 0 for the zero time.
func Micros(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.UnixMicro()
}

// Time returns the time that Micros stored; 0 is the zero time.
func Time(us int64) time.Time {
	if us == 0 {
		return time.Time{}
	}
	return time.UnixMicro(us).UTC()
}
