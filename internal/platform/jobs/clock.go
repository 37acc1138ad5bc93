package jobs

import (
	"context"
	"fmt"
	"time"

	"github.com/tocsin-sec/tocsin/internal/base/unit"
	"github.com/tocsin-sec/tocsin/internal/platform/sqldb"
)

// clockSlack is how far the clocks of two servers may be apart.
const clockSlack = time.Minute

// clockWatch notices that the store's clock was put back. The zero value looks at the
// first opportunity, since it may have happened while no server ran.
type clockWatch struct {
	wall, mono time.Time
}

// look compares the clock with one that nobody sets, at most once in ten seconds, and
// draws in what a clock that was ahead had put off.
func (c *clockWatch) look(ctx context.Context, r *Runner) error {
	if !c.mono.IsZero() && time.Since(c.mono) < 10*time.Second {
		return nil
	}
	var now time.Time
	if err := r.Work.View(ctx, func(_ context.Context, v unit.View) error { now = v.Now(); return nil }); err != nil {
		return err
	}
	first, back := c.mono.IsZero(), c.wall.Add(time.Since(c.mono)).Sub(now) > clockSlack
	if first || back {
		if err := r.DrawIn(ctx); err != nil {
			return err
		}
	}
	c.wall, c.mono = now, time.Now()
	return nil
}

// DrawIn makes due again what waits for an instant that no lease and no pause of its
// kind reaches: the clock was ahead when it was written. Jobs for a date of their own,
// an embargo's end, keep it. Run calls it; a lease taken over in error is fenced.
func (r *Runner) DrawIn(ctx context.Context) error {
	return r.Work.Do(ctx, func(ctx context.Context, tx unit.Tx) error {
		for _, h := range r.Handlers {
			for _, far := range []struct {
				which string
				until time.Time
			}{
				{"state = 2", tx.Now().Add(h.lease() + clockSlack)},
				{"state = 1 and attempt > 0", tx.Now().Add(time.Hour + clockSlack)}, // the longest pause
			} {
				_, err := sqldb.Of(tx).Exec(ctx, `update jobs_job set due_at = ?, changed_at = ? where kind = ? and due_at > ? and `+far.which,
					tx.Now(), tx.Now(), h.Kind, far.until)
				if err != nil {
					return fmt.Errorf("draw in %s: %w", h.Kind, err)
				}
			}
		}
		return nil
	})
}
