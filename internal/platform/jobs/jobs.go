// Package jobs is the queue: rows written in the transaction that causes them,
// leased to one worker at a time, completed exactly once under a fence, tried
// again with growing pauses, and dead in the end. An embargo's end is such a row
// with a time, never a timer.
//
// Queue adds jobs (it implements sqldb.Enqueuer); Runner runs them; List, Retry
// and Cancel are for administrators. Arguments are ids, never content.
//
// What is not here: what a job does (the domains; the table of handlers is in
// internal/server) and for whom it acts (its scope is made from Job.Subject by
// the domain).
package jobs

import (
	"context"
	"embed"
	"encoding/json"
	"fmt"
	"sync"
	"time"

	"github.com/tocsin-sec/tocsin/internal/base/ident"
	"github.com/tocsin-sec/tocsin/internal/base/killpoint"
	"github.com/tocsin-sec/tocsin/internal/base/unit"
	"github.com/tocsin-sec/tocsin/internal/platform/sqldb"
)

//go:embed migrations/*.sql
var files embed.FS

// Migrations returns the tables of this package.
func Migrations() sqldb.Source { return sqldb.Embedded("jobs", files) }

// State is where a job stands. A job that is done has no row any more.
type State int

// The states; the zero value is invalid.
const (
	_ State = iota
	Waiting
	Leased
	Dead
	Cancelled
)

// String returns the catalogue key of the state.
func (s State) String() string {
	switch s {
	case Waiting:
		return "jobs.state.waiting"
	case Leased:
		return "jobs.state.leased"
	case Dead:
		return "jobs.state.dead"
	case Cancelled:
		return "jobs.state.cancelled"
	default:
		return "jobs.state.invalid"
	}
}

// Queue adds jobs to the store. Make it with NewQueue.
type Queue struct {
	mu      sync.Mutex
	runners map[chan struct{}]bool
}

// NewQueue returns a queue whose Wake reaches the runners of this process; those
// of other servers find the job when they next look.
func NewQueue() *Queue { return &Queue{runners: map[chan struct{}]bool{}} }

// Wake tells every runner to look for work now. It never blocks.
func (q *Queue) Wake() {
	q.mu.Lock()
	defer q.mu.Unlock()
	for c := range q.runners {
		wake(c)
	}
}

// listen returns a channel that Wake reaches, until stop is called.
func (q *Queue) listen() (woken chan struct{}, stop func()) {
	c := make(chan struct{}, 1)
	q.mu.Lock()
	defer q.mu.Unlock()
	q.runners[c] = true
	return c, func() {
		q.mu.Lock()
		defer q.mu.Unlock()
		delete(q.runners, c)
	}
}

// Add writes jobs in the transaction; it implements sqldb.Enqueuer. A job whose
// Key is waiting already is left out, or takes the place of the waiting one's
// time and arguments when Replace is set.
func (q *Queue) Add(ctx context.Context, tx unit.Tx, jobs []unit.Job) error {
	for _, j := range jobs {
		if err := add(ctx, tx, j); err != nil {
			return fmt.Errorf("add a job %s: %w", j.Kind, err)
		}
	}
	return nil
}

func add(ctx context.Context, tx unit.Tx, j unit.Job) error {
	args, err := json.Marshal(j.Args)
	if err != nil {
		return err
	}
	due := j.At
	if due.IsZero() {
		due = tx.Now()
	}
	conflict := "on conflict do nothing"
	if j.Replace && j.Key != "" {
		conflict = `on conflict (unique_key) where state = 1 and unique_key <> '' do update set
			due_at = excluded.due_at, args = excluded.args, kind = excluded.kind, subject = excluded.subject,
			attempt = 0, fault_key = '', changed_at = excluded.changed_at`
	}
	_, err = sqldb.Of(tx).Exec(ctx, `insert into jobs_job (id, kind, args, subject, unique_key, state, due_at,
		attempt, fence, done_parts, total_parts, fault_key, created_at, changed_at)
		values (?, ?, ?, ?, ?, 1, ?, 0, 0, 0, 0, '', ?, ?) `+conflict,
		ident.New(), j.Kind, string(args), j.Subject, j.Key, due, tx.Now(), tx.Now())
	return err
}

// Handler does the work of one kind of job. Run may be called again for the
// same job after a crash or a lost lease; a handler that changes state calls
// j.Fence.Done in its own transaction, which succeeds once.
type Handler struct {
	Kind     string
	Lease    time.Duration // how long after its server died others may take the job over; 0 means 30 s
	Attempts int           // before it is dead; 0 means 10. Tries that end with the server have some more
	Run      func(ctx context.Context, j unit.Running) error
	// Dead, if set, is told of a job that will not be tried again, with the last
	// error. Its own error is only logged.
	Dead func(ctx context.Context, j unit.Running, err error) error
}

func (h Handler) lease() time.Duration {
	if h.Lease <= 0 {
		return killpoint.Wait(30 * time.Second)
	}
	return killpoint.Wait(h.Lease)
}

func (h Handler) attempts() int {
	if h.Attempts <= 0 {
		return 10
	}
	return h.Attempts
}

// Cron enqueues a job of Kind once in each period, on one server only. A period
// missed while no server ran is made up for once.
type Cron struct {
	Kind  string
	Every time.Duration
}
