package sqldbtest_test

import (
	"context"
	"testing"
	"time"

	"github.com/tocsin-sec/tocsin/internal/base/unit"
	"github.com/tocsin-sec/tocsin/internal/platform/jobs"
	"github.com/tocsin-sec/tocsin/internal/platform/sqldb/sqldbtest"
)

func TestEach(t *testing.T) {
	sqldbtest.Each(t, nil, func(t *testing.T, e *sqldbtest.Env) {
		ran := 0
		e.Handle(jobs.Handler{Kind: "test.job", Run: func(ctx context.Context, j unit.Running) error {
			ran++
			return e.Work.Do(ctx, func(ctx context.Context, tx unit.Tx) error { return j.Fence.Done(ctx, tx) })
		}})
		s := unit.Stream{Kind: "case", ID: "x"}
		e.Do(t, func(ctx context.Context, tx unit.Tx) error {
			tx.Record(unit.Entry{Stream: s, Kind: "case.opened", Actor: "person:p", Args: map[string]string{"a": "b"}})
			tx.Enqueue(unit.Job{Kind: "test.job"})
			tx.Enqueue(unit.Job{Kind: "test.job", At: tx.Now().Add(time.Hour)})
			return nil
		})
		if n := e.Drain(t); n != 1 || ran != 1 {
			t.Errorf("drained %d, ran %d", n, ran)
		}
		e.Clock.Advance(2 * time.Hour)
		if n := e.Drain(t); n != 1 || ran != 2 {
			t.Errorf("drained %d, ran %d", n, ran)
		}
		e.View(t, func(ctx context.Context, v unit.View) error {
			lines, err := e.Ledger.Read(ctx, v, s, 0, 10)
			if len(lines) != 1 || lines[0].Kind != "case.opened" || lines[0].Proven {
				t.Errorf("lines %+v", lines)
			}
			return err
		})
	})
}
