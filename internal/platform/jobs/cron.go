package jobs

import (
	"context"
	"fmt"
	"time"

	"github.com/tocsin-sec/tocsin/internal/base/unit"
	"github.com/tocsin-sec/tocsin/internal/platform/sqldb"
)

type cronRow struct {
	kind string
	next time.Time
}

func scanCron(r sqldb.Row) (cronRow, error) {
	var c cronRow
	var next int64
	err := r.Scan(&c.kind, &next)
	c.next = sqldb.Time(next)
	return c, err
}

func cronOf(rows []cronRow, kind string) (time.Time, bool) {
	for _, c := range rows {
		if c.kind == kind {
			return c.next, true
		}
	}
	return time.Time{}, false
}

// tick enqueues the periodic jobs that are due. The row's update is the lock:
// of two servers one changes it and enqueues.
func (r *Runner) tick(ctx context.Context, tx unit.Tx) error {
	c := sqldb.Of(tx)
	for _, cron := range r.Cron {
		_, err := c.Exec(ctx, `insert into jobs_cron (kind, next_at) values (?, ?) on conflict do nothing`, cron.Kind, tx.Now())
		if err != nil {
			return fmt.Errorf("cron %s: %w", cron.Kind, err)
		}
		next := tx.Now().Add(cron.Every)
		// A row far in the future is one that a clock which has been put back since
		// wrote; it is drawn in.
		n, err := c.Exec(ctx, `update jobs_cron set next_at = ? where kind = ? and (next_at <= ? or next_at > ?)`,
			next, cron.Kind, tx.Now(), next)
		if err != nil {
			return fmt.Errorf("cron %s: %w", cron.Kind, err)
		}
		if n == 0 {
			continue
		}
		if err := add(ctx, tx, unit.Job{Kind: cron.Kind, Key: "cron:" + cron.Kind}); err != nil {
			return fmt.Errorf("cron %s: %w", cron.Kind, err)
		}
	}
	return nil
}
