// Package sqldbtest runs a test on both engines with the real platform beneath
// it: Each gives the test a migrated, empty store of its own with ledger, queue,
// seal, files, a settable clock and a runner that drains on demand. There are no
// fakes here; what a domain adds (its handlers, its flow) the test puts in.
//
// PostgreSQL is the server named by TOCSIN_TEST_POSTGRES (a URL whose user may
// create databases), or a cluster that the first test starts and that ends with
// the test binary. Without PostgreSQL its half is skipped loudly; with CI=true
// that is a failure.
package sqldbtest

import (
	"context"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/tocsin-sec/tocsin/internal/base/unit"
	"github.com/tocsin-sec/tocsin/internal/platform/blob"
	"github.com/tocsin-sec/tocsin/internal/platform/jobs"
	"github.com/tocsin-sec/tocsin/internal/platform/ledger"
	"github.com/tocsin-sec/tocsin/internal/platform/seal"
	"github.com/tocsin-sec/tocsin/internal/platform/sqldb"
)

// Start is what the clock of a fresh Env shows.
var start = time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)

// Env is the platform of one test on one engine.
type Env struct {
	DB     *sqldb.DB
	Work   *sqldb.Work // set Flow to add followers
	Ledger *ledger.Ledger
	Queue  *jobs.Queue
	Seal   *seal.Sealer
	Ring   seal.Ring
	Blobs  *blob.Store
	Clock  *Clock
	Jobs   *jobs.Runner // Handle adds handlers, Drain runs what is due
	Config sqldb.Config // opens the same database once more (a second server)
	Site   seal.SiteKey
}

// Clock is a clock that stands still until it is moved.
type Clock struct {
	mu  sync.Mutex
	now time.Time
}

// Now returns the time; it is what Work.Clock calls.
func (c *Clock) Now() time.Time { c.mu.Lock(); defer c.mu.Unlock(); return c.now }

// Set moves the clock to t, backwards too.
func (c *Clock) Set(t time.Time) { c.mu.Lock(); defer c.mu.Unlock(); c.now = t }

// Advance moves the clock by d.
func (c *Clock) Advance(d time.Duration) { c.mu.Lock(); defer c.mu.Unlock(); c.now = c.now.Add(d) }

// Platform returns the sources of the platform's own tables, in their order.
func Platform() []sqldb.Source {
	return []sqldb.Source{seal.Migrations(), blob.Migrations(), jobs.Migrations(), ledger.Migrations()}
}

// Each runs f as a subtest on SQLite and on PostgreSQL, each time on an empty
// store with the platform's tables and those of sources, in this order.
func Each(t *testing.T, sources []sqldb.Source, f func(t *testing.T, e *Env)) {
	t.Helper()
	t.Run("sqlite", func(t *testing.T) { f(t, newEnv(t, sqliteConfig(t, sources))) })
	t.Run("postgres", func(t *testing.T) { f(t, newEnv(t, postgresConfig(t, sources))) })
}

// SQLite returns an Env on SQLite alone, for tests that an engine makes no
// difference to.
func SQLite(t testing.TB, sources []sqldb.Source) *Env {
	t.Helper()
	return newEnv(t, sqliteConfig(t, sources))
}

// EachStore runs f on a migrated store of each engine in which there is no row
// yet, not even those of the seal, as a restore needs it.
func EachStore(t *testing.T, sources []sqldb.Source, f func(t *testing.T, db *sqldb.DB)) {
	t.Helper()
	for name, config := range map[string]func(testing.TB, []sqldb.Source) sqldb.Config{"sqlite": sqliteConfig, "postgres": postgresConfig} {
		t.Run(name, func(t *testing.T) {
			db, err := sqldb.Open(t.Context(), config(t, sources))
			if err != nil {
				t.Fatalf("open the store: %v", err)
			}
			defer db.Close()
			f(t, db)
		})
	}
}

// Durable is SQLite with every commit synced to the disk, for benchmarks and for
// tests that show something about durability.
func Durable(t testing.TB, sources []sqldb.Source) *Env {
	t.Helper()
	c := sqliteConfig(t, sources)
	c.Fast = false
	return newEnv(t, c)
}

// Postgres returns an Env on PostgreSQL, or skips the test as Each does.
func Postgres(t testing.TB, sources []sqldb.Source) *Env {
	t.Helper()
	return newEnv(t, postgresConfig(t, sources))
}

func newEnv(t testing.TB, c sqldb.Config) *Env {
	t.Helper()
	return build(t, c, seal.NewSiteKey(), &Clock{now: start})
}

// Second returns a second server on the same store, with the same clock.
func (e *Env) Second(t testing.TB) *Env {
	t.Helper()
	return build(t, e.Config, e.Site, e.Clock)
}

func build(t testing.TB, c sqldb.Config, site seal.SiteKey, clock *Clock) *Env {
	t.Helper()
	ctx := context.Background()
	db, err := sqldb.Open(ctx, c)
	if err != nil {
		t.Fatalf("open the store: %v", err)
	}
	t.Cleanup(func() { db.Close() })
	e := &Env{DB: db, Clock: clock, Queue: jobs.NewQueue(), Config: c, Site: site}
	e.Work = &sqldb.Work{DB: db, Clock: clock.Now, Queue: e.Queue}
	if e.Seal, err = seal.New(ctx, e.Work, site); err != nil {
		t.Fatalf("open the seal: %v", err)
	}
	e.Ring = seal.Ring{Sealer: e.Seal}
	e.Ledger = &ledger.Ledger{Work: e.Work, Seal: e.Seal, Origin: "tocsin.test"}
	e.Work.Ledger = e.Ledger
	e.Blobs = &blob.Store{Work: e.Work, Seal: e.Seal}
	e.Jobs = &jobs.Runner{Work: e.Work, Queue: e.Queue, Log: slog.New(slog.NewTextHandler(t.Output(), nil))}
	return e
}

// Handle adds handlers to the runner.
func (e *Env) Handle(h ...jobs.Handler) { e.Jobs.Handlers = append(e.Jobs.Handlers, h...) }

// Drain runs every due job that has a handler, and the jobs these cause.
func (e *Env) Drain(t testing.TB) int {
	t.Helper()
	n, err := e.Jobs.Drain(t.Context())
	if err != nil {
		t.Fatalf("drain the jobs: %v", err)
	}
	return n
}

// Do runs f in a transaction that must succeed.
func (e *Env) Do(t testing.TB, f func(context.Context, unit.Tx) error) {
	t.Helper()
	if err := e.Work.Do(t.Context(), f); err != nil {
		t.Fatalf("transaction: %v", err)
	}
}

// View runs f in a view that must succeed.
func (e *Env) View(t testing.TB, f func(context.Context, unit.View) error) {
	t.Helper()
	if err := e.Work.View(t.Context(), f); err != nil {
		t.Fatalf("view: %v", err)
	}
}

// Plan returns SQLite's plan of a query, its steps with semicolons.
func (e *Env) Plan(t testing.TB, query string, args ...any) string {
	t.Helper()
	rows, err := e.DB.Reader().QueryContext(t.Context(), "explain query plan "+query, args...)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	var plan []string
	for rows.Next() {
		var id, parent, unused int
		var step string
		if err := rows.Scan(&id, &parent, &unused, &step); err != nil {
			t.Fatal(err)
		}
		plan = append(plan, step)
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	return strings.Join(plan, "; ")
}
