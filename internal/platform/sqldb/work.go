package sqldb

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/tocsin-sec/tocsin/internal/base/fault"
	"github.com/tocsin-sec/tocsin/internal/base/unit"
)

// Recorder appends ledger entries within the transaction, as its last
// statements; platform/ledger implements it.
type Recorder interface {
	Append(ctx context.Context, tx unit.Tx, entries []unit.Entry) error
}

// Enqueuer adds jobs within the transaction; Wake is called after the commit when
// one of them is due at once.
// platform/jobs implements it.
type Enqueuer interface {
	Add(ctx context.Context, tx unit.Tx, jobs []unit.Job) error
	Wake()
}

// Emitter brings a fact to its followers; server/flow.go has the table.
type Emitter interface {
	Emit(ctx context.Context, tx unit.Tx, f unit.Fact) error
}

// Work runs transactions on DB; it implements unit.Work. A nil Flow has no
// followers; with a nil Ledger or Queue, Record or Enqueue make Do fail.
type Work struct {
	DB     *DB
	Ledger Recorder
	Queue  Enqueuer
	Flow   Emitter
	Clock  func() time.Time // nil means time.Now
}

const tries = 3

type inside struct{}

// tx implements unit.Tx and, for views, only its unit.View part is handed out.
type tx struct {
	conn    Conn
	now     time.Time
	flow    Emitter
	entries []unit.Entry
	jobs    []unit.Job
	after   []func()
	values  map[any]any
}

type view struct{ t *tx }

func (v view) Now() time.Time     { return v.t.now }
func (t *tx) Now() time.Time      { return t.now }
func (t *tx) Record(e unit.Entry) { t.entries = append(t.entries, e) }
func (t *tx) Enqueue(j unit.Job)  { t.jobs = append(t.jobs, j) }

func (t *tx) Emit(ctx context.Context, f unit.Fact) error {
	if t.flow == nil {
		return nil
	}
	return t.flow.Emit(ctx, t, f)
}

// Of returns the SQL behind v. It panics for a View that Work did not make,
// which is a mistake in the program.
func Of(v unit.View) *Conn { return &of(v).conn }

func of(v unit.View) *tx {
	switch x := v.(type) {
	case *tx:
		return x
	case view:
		return x.t
	}
	panic(fmt.Sprintf("sqldb: %T is not a view of sqldb.Work", v))
}

// AfterCommit runs f after v's transaction has committed, and not at all when
// it is undone. f must be quick and must not fail: it is for caches and wake-ups
// of this process only. In a read view f runs when the view ends.
func AfterCommit(v unit.View, f func()) { t := of(v); t.after = append(t.after, f) }

// Local returns a value that lives as long as the transaction, made on first
// use; key is of an unexported type of the caller, as with context values.
func Local[T any](v unit.View, key any, make func() T) T {
	t := of(v)
	if x, ok := t.values[key]; ok {
		return x.(T)
	}
	x := make()
	if t.values == nil {
		t.values = map[any]any{}
	}
	t.values[key] = x
	return x
}

// Raced is the error of a store method whose version check changed no row:
// somebody else was faster. Do runs the closure again; after the third time the
// caller gets this fault.Conflict.
func Raced() error { return fault.New(fault.Conflict, "store.raced").Because(errRaced) }

var errRaced = errors.New("lost a version race")

// Do implements unit.Work. Entries and jobs collected in the closure are
// written at its end. A Do or View within a closure is refused, since one
// operation has one transaction.
func (w *Work) Do(ctx context.Context, f func(context.Context, unit.Tx) error) error {
	if ctx.Value(inside{}) != nil {
		return errors.New("sqldb: Do inside Do or View: a verb takes the tx it is given")
	}
	ctx = context.WithValue(ctx, inside{}, true)
	var err error
	for range tries {
		var t *tx
		t, err = w.once(ctx, f)
		if err == nil {
			for _, g := range t.after {
				g()
			}
			if slices.ContainsFunc(t.jobs, func(j unit.Job) bool { return !j.At.After(t.now) }) {
				w.Queue.Wake() // later ones are found when they are due
			}
			return nil
		}
		if !again(err) || ctx.Err() != nil {
			break
		}
	}
	return err
}

func (w *Work) once(ctx context.Context, f func(context.Context, unit.Tx) error) (_ *tx, err error) {
	sqltx, release, err := w.DB.begin(ctx, w.DB.write, nil)
	if err != nil {
		return nil, err
	}
	defer release()
	// After a commit this does nothing; a panic of f must not keep the writer.
	defer sqltx.Rollback()
	t := &tx{conn: Conn{sqltx, w.DB, true}, now: w.now(), flow: w.Flow}
	if err := f(ctx, t); err != nil {
		return nil, err
	}
	if err := w.flush(ctx, t); err != nil {
		return nil, err
	}
	return t, explain(sqltx.Commit())
}

// flush writes jobs first: the ledger's heads are the last locks taken, in
// sorted order, so that two transactions never wait for each other there.
func (w *Work) flush(ctx context.Context, t *tx) error {
	if len(t.jobs) > 0 {
		if w.Queue == nil {
			return errors.New("sqldb: Enqueue without a queue")
		}
		if err := w.Queue.Add(ctx, t, t.jobs); err != nil {
			return fmt.Errorf("enqueue: %w", err)
		}
	}
	if len(t.entries) > 0 {
		if w.Ledger == nil {
			return errors.New("sqldb: Record without a ledger")
		}
		if err := w.Ledger.Append(ctx, t, t.entries); err != nil {
			return fmt.Errorf("record: %w", err)
		}
	}
	return nil
}

// View implements unit.Work: one snapshot, nothing can be written.
func (w *Work) View(ctx context.Context, f func(context.Context, unit.View) error) error {
	if ctx.Value(inside{}) != nil {
		return errors.New("sqldb: View inside Do or View: a verb takes the view it is given")
	}
	ctx = context.WithValue(ctx, inside{}, true)
	var opts *sql.TxOptions
	if w.DB.dialect == Postgres {
		opts = &sql.TxOptions{Isolation: sql.LevelRepeatableRead, ReadOnly: true}
	}
	sqltx, release, err := w.DB.begin(ctx, w.DB.read, opts)
	if err != nil {
		return err
	}
	defer release()
	defer sqltx.Rollback()
	t := &tx{conn: Conn{sqltx, w.DB, false}, now: w.now()}
	if err := f(ctx, view{t}); err != nil {
		return err
	}
	if err := sqltx.Commit(); err != nil {
		return explain(err)
	}
	for _, g := range t.after {
		g()
	}
	return nil
}

func (w *Work) now() time.Time {
	clock := w.Clock
	if clock == nil {
		clock = time.Now
	}
	return clock().UTC().Truncate(time.Microsecond)
}
