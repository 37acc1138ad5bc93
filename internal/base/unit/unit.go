// Package unit is the contract of one write: a change of state, its ledger
// entries and the jobs it causes commit in one transaction or not at all
// (design, law 2). Domains see only these interfaces; platform/sqldb implements
// them, and the db packages reach the SQL behind a View by sqldb.Of.
package unit

import (
	"context"
	"time"
)

// View is one consistent read of the store.
type View interface {
	// Now is the time of the transaction: fixed when it began, UTC, in
	// microseconds.
	Now() time.Time
}

// Tx is one transaction of the writer. Its closure may run up to three times,
// so that nothing with an effect outside the store may happen inside.
type Tx interface {
	View
	// Record appends a ledger entry at commit.
	Record(Entry)
	// Enqueue adds a job at commit.
	Enqueue(Job)
	// Emit tells the followers of the fact at once; the error of one undoes the
	// transaction. What is to follow after the commit, a follower enqueues as a job.
	Emit(context.Context, Fact) error
}

// Work opens transactions. An operation opens exactly one; verbs take it.
type Work interface {
	// Do runs f in a write transaction and commits when it returns nil. On a
	// serialisation failure or lost version race f runs again, at most three times.
	Do(ctx context.Context, f func(context.Context, Tx) error) error
	// View runs f on a read-only snapshot.
	View(ctx context.Context, f func(context.Context, View) error) error
}

// Stream names one hash chain of the ledger. Kind is "case", "report",
// "person", "project", "advisory" or "site"; ID the thing's id ("" for site).
type Stream struct{ Kind, ID string }

// Entry is one line of the ledger. Kind is a catalogue key ("case.opened") whose
// text takes Args by name; Args are sealed with the stream's key.
type Entry struct {
	Stream Stream
	Kind   string
	Actor  string // people.Scope.Actor()
	Args   map[string]string
}

// Job is work to be done after the commit. Args hold ids, never content.
type Job struct {
	Kind    string            // "advisory.publish"; the table of handlers is server/flows.go
	Args    map[string]string // ids
	Subject string            // the id that the job's scope may act on
	At      time.Time         // earliest start; zero means now
	Key     string            // when not empty: at most one waiting job has this key
	Replace bool              // with Key: a waiting job with it takes this At and Args
}

// Fact is something that happened, as the domains after it hear it. A fact is a
// plain struct of ids and values that survives JSON; FactName is "casework.opened".
type Fact interface{ FactName() string }

// Running is a leased job in the hands of its handler.
type Running struct {
	Job
	ID      string
	Attempt int // 1 for the first
	Fence   Fence
}

// Fence completes a leased job exactly once: a handler whose lease was lost to
// another server fails here and its transaction is undone.
type Fence interface {
	// Done marks the job done within the handler's own transaction. A handler
	// that changes state calls it; for others the runner does afterwards.
	Done(ctx context.Context, tx Tx) error
	// Progress renews the lease and shows how far the job is. It fails with
	// fault.Conflict when the lease is lost or the job was cancelled.
	Progress(ctx context.Context, done, total int) error
}
