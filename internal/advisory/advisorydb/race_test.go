package advisorydb_test

import (
	"context"
	"runtime"
	"testing"

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
