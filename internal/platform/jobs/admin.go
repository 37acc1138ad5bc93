package jobs

import (
	"context"
	"fmt"
	"time"

	"github.com/tocsin-sec/tocsin/internal/base/fault"
	"github.com/tocsin-sec/tocsin/internal/base/unit"
	"github.com/tocsin-sec/tocsin/internal/platform/sqldb"
)

// Item is a job as administrators see it: no arguments and no subject, since
// those name things that an administrator may not know of.
type Item struct {
	ID, Kind    string
	State       State
	Due         time.Time
	Attempt     int
	Done, Total int
	FaultKey    string // catalogue key of the last failure, "" without one
	Created     time.Time
}

// List returns up to limit jobs in a state, the next due first.
func List(ctx context.Context, v unit.View, state State, limit int) ([]Item, error) {
	return sqldb.All(ctx, v, func(r sqldb.Row) (Item, error) {
		var i Item
		var due, created int64
		err := r.Scan(&i.ID, &i.Kind, &i.State, &due, &i.Attempt, &i.Done, &i.Total, &i.FaultKey, &created)
		i.Due, i.Created = sqldb.Time(due), sqldb.Time(created)
		return i, err
	}, `select id, kind, state, due_at, attempt, done_parts, total_parts, fault_key, created_at
		from jobs_job where state = ? order by due_at, id limit ?`, int(state), limit)
}

// Counts returns how many jobs there are in each state, for metrics and doctor.
func Counts(ctx context.Context, v unit.View) (map[State]int, error) {
	type row struct {
		state State
		n     int
	}
	rows, err := sqldb.All(ctx, v, func(r sqldb.Row) (x row, err error) { return x, r.Scan(&x.state, &x.n) },
		`select state, count(*) from jobs_job group by state`)
	if err != nil {
		return nil, err
	}
	out := map[State]int{}
	for _, r := range rows {
		out[r.state] = r.n
	}
	return out, nil
}

// KindCount is how many jobs of one kind there are.
type KindCount struct {
	Kind   string
	Count  int
	Oldest time.Time // due time of the first
}

// DueKinds counts by kind the waiting jobs that are due by a time: what a restored
// site would do at once, or what no server has looked at.
func DueKinds(ctx context.Context, v unit.View, by time.Time) ([]KindCount, error) {
	return countKinds(ctx, v, Waiting, by)
}

// DeadKinds counts by kind the jobs that will not be tried again.
func DeadKinds(ctx context.Context, v unit.View) ([]KindCount, error) {
	return countKinds(ctx, v, Dead, v.Now().AddDate(1000, 0, 0))
}

func countKinds(ctx context.Context, v unit.View, state State, by time.Time) ([]KindCount, error) {
	return sqldb.All(ctx, v, func(r sqldb.Row) (KindCount, error) {
		var k KindCount
		var oldest int64
		err := r.Scan(&k.Kind, &k.Count, &oldest)
		k.Oldest = sqldb.Time(oldest)
		return k, err
	}, `select kind, count(*), min(due_at) from jobs_job where state = ? and due_at <= ? group by kind order by kind`, int(state), by)
}

// Retry lets a dead or cancelled job start afresh now. Another state is
// fault.Conflict "jobs.not_dead"; an equal job that waits is too.
func Retry(ctx context.Context, tx unit.Tx, id string) error {
	n, err := sqldb.Of(tx).Exec(ctx, `update jobs_job set state = 1, due_at = ?, attempt = 0, fault_key = '', changed_at = ?
		where id = ? and state in (3, 4)`, tx.Now(), tx.Now(), id)
	if sqldb.IsUnique(err) || err == nil && n == 0 {
		return fault.New(fault.Conflict, "jobs.not_dead")
	}
	if err != nil {
		return fmt.Errorf("retry a job: %w", err)
	}
	return nil
}

// Cancel stops a waiting or running job: a running handler learns it at its next
// Progress or Done, both of which fail. Another state is fault.Conflict
// "jobs.not_open".
func Cancel(ctx context.Context, tx unit.Tx, id string) error {
	n, err := sqldb.Of(tx).Exec(ctx, `update jobs_job set state = 4, fence = fence + 1, changed_at = ?
		where id = ? and state in (1, 2)`, tx.Now(), id)
	if err != nil {
		return fmt.Errorf("cancel a job: %w", err)
	}
	if n == 0 {
		return fault.New(fault.Conflict, "jobs.not_open")
	}
	return nil
}

// CancelKey removes the waiting job with a unique key, if there is one: an
// embargo that was lifted early has no end to wait for.
func CancelKey(ctx context.Context, tx unit.Tx, key string) error {
	_, err := sqldb.Of(tx).Exec(ctx, `delete from jobs_job where unique_key = ? and state = 1`, key)
	if err != nil {
		return fmt.Errorf("cancel the job %s: %w", key, err)
	}
	return nil
}
