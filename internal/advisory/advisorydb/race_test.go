package advisorydb_test

import (
	"context"
	"runtime"
	"testing"
	"time"

	"github.com/tocsin-sec/tocsin/internal/base/unit"
	"github.com/tocsin-sec/tocsin/internal/people"
	"github.com/tocsin-sec/tocsin/internal/platform/sqldb"
	"github.com/tocsin-sec/tocsin/internal/platform/sqldb/sqldbtest"
)

// The flip read the embargo without the case's row: one that a member set at that moment
// committed beside it, and the advisory was public under embargo.
func TestANewEmbargoIsSeenByTheFlipThatWaitedForIt(t *testing.T) {
	w := newWorld(t, sqldbtest.Postgres(t, sources()))
	id := w.approved()
	w.over = true
	w.must(w.svc.PublishNow(t.Context(), w.lead, id, w.hash(id)))
	locked, set, done := make(chan struct{}), make(chan struct{}), make(chan struct{})
	go func() { // the member's transaction: it holds the case's row and sets an embargo
		defer close(set)
		err := w.Work.Do(t.Context(), func(ctx context.Context, tx unit.Tx) error {
			if err := w.Lock(ctx, tx, people.AsJob("test"), w.caseID); err != nil {
				return err
			}
			close(locked)
			if !w.waits(t, done) {
				t.Error("the flip did not wait for the case's row")
			}
			w.mu.Lock()
			w.over = false
			w.mu.Unlock()
			return nil
		})
		if err != nil {
			t.Error(err)
		}
	}()
	<-locked
	_, err := w.Jobs.Drain(t.Context())
	close(done)
	<-set
	w.must(err)
	if n := len(w.a(id).Published); n != 0 {
		t.Errorf("published %d times under embargo", n)
	}
}

// waits returns true once another transaction waits for a lock, false when done ends first.
func (w *world) waits(t *testing.T, done <-chan struct{}) bool {
	for {
		n := 0
		w.View(t, func(ctx context.Context, v unit.View) (err error) {
			n, err = sqldb.One(ctx, v, sqldb.Value[int], `select count(*) from pg_locks where not granted`)
			return err
		})
		if n > 0 {
			return true
		}
		select {
		case <-done:
			return false
		default:
			runtime.Gosched()
		}
	}
}

// A case that was judged invalid got a draft at the end of its embargo, and its leads a letter
// every four hours.
func TestAClosedCaseGetsNoDraftAndNoAlert(t *testing.T) {
	w := newWorld(t, sqldbtest.SQLite(t, sources()))
	w.done = true
	w.until = w.Clock.Now().Add(time.Minute)
	w.run(2 * time.Minute)
	w.end()
	w.run(24 * time.Hour)
	all := 0
	w.View(t, func(ctx context.Context, v unit.View) (err error) {
		all, err = sqldb.One(ctx, v, sqldb.Value[int], `select count(*) from advisory_advisory`)
		return err
	})
	if n, _ := w.lettersOf("advisory.alert"); all != 0 || n != 0 {
		t.Errorf("%d drafts, %d alerts", all, n)
	}
	w.done = false
	w.end()
	w.run(time.Minute)
	before, _ := w.lettersOf("advisory.alert")
	w.done = true
	w.run(24 * time.Hour)
	if n, _ := w.lettersOf("advisory.alert"); before != 1 || n != before {
		t.Errorf("alerts: %d, then after it is closed %d", before, n)
	}
}
