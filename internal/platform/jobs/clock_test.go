package jobs_test

import (
	"context"
	"testing"
	"time"

	"github.com/tocsin-sec/tocsin/internal/base/unit"
	"github.com/tocsin-sec/tocsin/internal/platform/jobs"
	"github.com/tocsin-sec/tocsin/internal/platform/sqldb/sqldbtest"
)

// A lease of a dead server, a pause after a failure and a row for each hour, all of
// a clock that was two hours ahead, made their work wait for two hours.
func TestAClockPutBackHoldsNoWorkUp(t *testing.T) {
	sqldbtest.Each(t, nil, func(t *testing.T, e *sqldbtest.Env) {
		ran := map[string]int{}
		run := func(_ context.Context, j unit.Running) error { ran[j.Kind]++; return nil }
		leased, dated := jobs.Handler{Kind: "leased", Run: run}, jobs.Handler{Kind: "dated", Run: run}
		e.Handle(leased, dated, jobs.Handler{Kind: "each.hour", Run: run})
		enqueue(t, e, unit.Job{Kind: "leased"}, unit.Job{Kind: "dated", At: e.Clock.Now().Add(time.Hour)})
		e.Jobs.Cron = []jobs.Cron{{Kind: "each.hour", Every: time.Hour}}
		if err := e.Jobs.Tick(t.Context()); err != nil {
			t.Fatal(err)
		}
		if list, err := e.Jobs.Take(t.Context(), []jobs.Handler{leased}, 1); err != nil || len(list) != 1 { // and the server dies
			t.Fatal(list, err)
		}
		e.Drain(t)
		e.Clock.Advance(-2 * time.Hour)
		if e.Drain(t); ran["leased"] != 0 {
			t.Fatal("this test shows nothing")
		}
		if err := e.Jobs.DrawIn(t.Context()); err != nil {
			t.Fatal(err)
		}
		if err := e.Jobs.Tick(t.Context()); err != nil {
			t.Fatal(err)
		}
		if e.Drain(t); ran["leased"] != 1 || ran["each.hour"] != 2 || ran["dated"] != 0 {
			t.Errorf("ran %v", ran)
		}
		e.Clock.Advance(3*time.Hour + time.Second)
		if e.Drain(t); ran["dated"] != 1 || ran["leased"] != 1 {
			t.Errorf("at its date: %v", ran)
		}
	})
}

// A clock that jumps three days ahead ends every lease at once: the work is done by
// whoever takes it over, and the first holder is locked out.
func TestAClockThatJumpsAheadDoesNothingTwice(t *testing.T) {
	sqldbtest.Each(t, nil, func(t *testing.T, e *sqldbtest.Env) {
		done := 0
		h := jobs.Handler{Kind: "k", Run: func(ctx context.Context, j unit.Running) error {
			return e.Work.Do(ctx, func(ctx context.Context, tx unit.Tx) error {
				if err := j.Fence.Done(ctx, tx); err != nil {
					return err
				}
				done++
				return nil
			})
		}}
		slow, release := make(chan struct{}), make(chan struct{})
		first := h
		first.Run = func(ctx context.Context, j unit.Running) error {
			close(slow)
			<-release
			return h.Run(ctx, j)
		}
		e.Handle(first)
		enqueue(t, e, unit.Job{Kind: "k"})
		ended := make(chan struct{})
		go func() { defer close(ended); e.Drain(t) }()
		<-slow
		e.Clock.Advance(72 * time.Hour)
		other := e.Second(t)
		other.Handle(h)
		other.Drain(t)
		close(release)
		<-ended
		if done != 1 {
			t.Errorf("done %d times", done)
		}
	})
}
