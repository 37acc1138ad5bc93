package jobs_test

import (
	"context"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/tocsin-sec/tocsin/internal/base/fault"
	"github.com/tocsin-sec/tocsin/internal/base/unit"
	"github.com/tocsin-sec/tocsin/internal/platform/jobs"
	"github.com/tocsin-sec/tocsin/internal/platform/sqldb"
	"github.com/tocsin-sec/tocsin/internal/platform/sqldb/sqldbtest"
)

// sqldbCount counts once the transaction has committed.
func sqldbCount(tx unit.Tx, n *int) { sqldb.AfterCommit(tx, func() { *n++ }) }

// TestFencingModel takes leases, loses them, cancels and completes in any order:
// whatever happens, each job's change of state commits at most once, and every
// job is in the end done once, cancelled or still open.
func TestFencingModel(t *testing.T) {
	sqldbtest.Each(t, nil, func(t *testing.T, e *sqldbtest.Env) {
		rapid.Check(t, func(rt *rapid.T) {
			ctx := context.Background()
			do := func(f func(context.Context, unit.Tx) error) error { return e.Work.Do(ctx, f) }
			if err := do(func(ctx context.Context, tx unit.Tx) error {
				_, err := sqldb.Of(tx).Exec(ctx, `delete from jobs_job`)
				for range rapid.IntRange(1, 4).Draw(rt, "jobs") {
					tx.Enqueue(unit.Job{Kind: "k"})
				}
				return err
			}); err != nil {
				rt.Fatal(err)
			}
			var held []unit.Running // leases, alive or lost
			newest := map[string]int{}
			done, cancelled := map[string]int{}, map[string]bool{}
			rt.Repeat(map[string]func(*rapid.T){
				"take": func(rt *rapid.T) {
					list, err := e.Jobs.Take(ctx, []jobs.Handler{{Kind: "k", Lease: time.Minute}}, 2)
					if err != nil {
						rt.Fatal(err)
					}
					for _, j := range list {
						if done[j.ID] > 0 || cancelled[j.ID] {
							rt.Fatalf("closed job %s leased again", j.ID)
						}
						newest[j.ID] = len(held)
						held = append(held, j)
					}
				},
				"time": func(rt *rapid.T) { e.Clock.Advance(time.Duration(rapid.IntRange(1, 90).Draw(rt, "s")) * time.Second) },
				"complete": func(rt *rapid.T) {
					if len(held) == 0 {
						rt.Skip("nothing leased")
					}
					i := rapid.IntRange(0, len(held)-1).Draw(rt, "which")
					j := held[i]
					err := do(func(ctx context.Context, tx unit.Tx) error { return j.Fence.Done(ctx, tx) })
					if may := newest[j.ID] == i && done[j.ID] == 0 && !cancelled[j.ID]; may != (err == nil) {
						rt.Fatalf("may complete %v, got %v", may, err)
					}
					if err == nil {
						done[j.ID]++
					} else if !fault.Is(err, fault.Conflict) {
						rt.Fatal(err)
					}
				},
				"progress": func(rt *rapid.T) {
					if len(held) == 0 {
						rt.Skip("nothing leased")
					}
					i := rapid.IntRange(0, len(held)-1).Draw(rt, "which")
					j := held[i]
					err := j.Fence.Progress(ctx, 1, 2)
					if may := newest[j.ID] == i && done[j.ID] == 0 && !cancelled[j.ID]; may != (err == nil) {
						rt.Fatalf("may go on %v, got %v", may, err)
					}
				},
				"cancel": func(rt *rapid.T) {
					if len(held) == 0 {
						rt.Skip("nothing leased")
					}
					j := held[rapid.IntRange(0, len(held)-1).Draw(rt, "which")]
					err := do(func(ctx context.Context, tx unit.Tx) error { return jobs.Cancel(ctx, tx, j.ID) })
					if open := done[j.ID] == 0 && !cancelled[j.ID]; open != (err == nil) {
						rt.Fatalf("open %v, cancel %v", open, err)
					}
					cancelled[j.ID] = cancelled[j.ID] || err == nil
				},
			})
			for id, n := range done {
				if n != 1 {
					rt.Fatalf("job %s was done %d times", id, n)
				}
			}
		})
	})
}
