package jobs

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"sync/atomic"
	"time"

	"github.com/tocsin-sec/tocsin/internal/base/fault"
	"github.com/tocsin-sec/tocsin/internal/base/killpoint"
	"github.com/tocsin-sec/tocsin/internal/base/unit"
	"github.com/tocsin-sec/tocsin/internal/platform/sqldb"
)

// fence is the right to complete one lease; it implements unit.Fence.
type fence struct {
	work   unit.Work
	id     string
	number int64
	lease  time.Duration
	renew  func() // moves the deadline of the handler's context
	done   atomic.Bool
}

func lost() error { return fault.New(fault.Conflict, "jobs.lost") }

// Done implements unit.Fence: the row goes away, if the lease still holds. A
// second Done, one after a cancel and one of a server whose lease ran out and
// was taken over fail with fault.Conflict "jobs.lost".
func (f *fence) Done(ctx context.Context, tx unit.Tx) error {
	n, err := sqldb.Of(tx).Exec(ctx, `delete from jobs_job where id = ? and fence = ? and state = 2`, f.id, f.number)
	if err != nil {
		return fmt.Errorf("complete a job: %w", err)
	}
	if n != 1 {
		return lost()
	}
	sqldb.AfterCommit(tx, func() { f.done.Store(true) })
	return nil
}

// Progress implements unit.Fence.
func (f *fence) Progress(ctx context.Context, done, total int) error {
	err := f.work.Do(ctx, func(ctx context.Context, tx unit.Tx) error {
		n, err := sqldb.Of(tx).Exec(ctx, `update jobs_job set due_at = ?, done_parts = ?, total_parts = ?, changed_at = ?
			where id = ? and fence = ? and state = 2`,
			tx.Now().Add(f.lease), done, total, tx.Now(), f.id, f.number)
		if err == nil && n != 1 {
			err = lost()
		}
		return err
	})
	if err != nil {
		return err
	}
	f.renew()
	return nil
}

// beat renews the lease while the handler runs, so that a lease can be short: a
// job whose server was killed runs again soon, and one that takes long is not
// taken over. It ends with ctx or when the lease is lost.
func (f *fence) beat(ctx context.Context) {
	tick := time.NewTicker(f.lease / 3)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		err := f.work.Do(ctx, func(ctx context.Context, tx unit.Tx) error {
			n, err := sqldb.Of(tx).Exec(ctx, `update jobs_job set due_at = ? where id = ? and fence = ? and state = 2`,
				tx.Now().Add(f.lease), f.id, f.number)
			if err == nil && n != 1 {
				err = lost()
			}
			return err
		})
		switch {
		case err == nil:
			f.renew()
		case fault.Is(err, fault.Conflict):
			return // done, cancelled or taken over; the deadline of the handler stands
		}
	}
}

// leased is a row in the hands of this process.
type leased struct {
	unit.Running
	number int64
	taken  time.Time // by this process's clock
}

// stale reports whether so much of the lease is gone that the job is not to be
// begun without a renewal.
func (j leased) stale(lease time.Duration) bool { return time.Since(j.taken) > lease/3 }

// take leases up to limit due jobs of the given kinds, oldest first, and behind
// them up to ahead more that were never tried: one that brought its server down is
// not to take many others along again. A job whose lease ran out is due again; its
// next fence number locks the old holder out.
func take(ctx context.Context, tx unit.Tx, kinds []string, lease func(kind string) time.Duration, limit, ahead int) ([]leased, error) {
	c := sqldb.Of(tx)
	var rows []leased
	most := limit + ahead
	if c.SkipLocked() == "" {
		most = (most + 15) &^ 15 // few texts: what is too many is left, and nothing is locked
	}
	// One search for each kind: a backlog of one is neither read nor sorted for the
	// sake of another.
	for _, k := range kinds {
		some, err := sqldb.All(ctx, tx, scanLeased, dueOfKind+sqldb.Limit(most)+c.SkipLocked(), k, tx.Now())
		if err != nil {
			return nil, fmt.Errorf("look for jobs: %w", err)
		}
		rows = append(rows, some...)
	}
	slices.SortFunc(rows, func(a, b leased) int { return cmp.Or(a.At.Compare(b.At), cmp.Compare(a.ID, b.ID)) })
	n := min(len(rows), limit)
	for n < min(len(rows), limit+ahead) && rows[n].Attempt == 0 {
		n++
	}
	rows = rows[:n]
	for i := range rows {
		j := &rows[i]
		j.Attempt++
		j.number++
		j.taken = time.Now()
		_, err := c.Exec(ctx, `update jobs_job set state = 2, due_at = ?, attempt = ?, fence = ?, changed_at = ? where id = ?`,
			tx.Now().Add(lease(j.Kind)), j.Attempt, j.number, tx.Now(), j.ID)
		if err != nil {
			return nil, fmt.Errorf("lease a job: %w", err)
		}
	}
	return rows, nil
}

const dueOfKind = `select id, kind, args, subject, unique_key, due_at, attempt, fence
	from jobs_job where kind = ? and state in (1, 2) and due_at <= ? order by due_at, id`

func scanLeased(r sqldb.Row) (leased, error) {
	var j leased
	var args string
	var due int64
	if err := r.Scan(&j.ID, &j.Kind, &args, &j.Subject, &j.Key, &due, &j.Attempt, &j.number); err != nil {
		return j, err
	}
	j.At = sqldb.Time(due)
	if err := json.Unmarshal([]byte(args), &j.Args); err != nil {
		return j, fmt.Errorf("job %s: %w", j.ID, err)
	}
	return j, nil
}

// hopeless reports whether trying again cannot help: the input will not change.
func hopeless(err error) bool {
	switch fault.Of(err) {
	case fault.Invalid, fault.NotFound, fault.Denied, fault.TooLarge:
		return true
	default:
		return false
	}
}

// pause is the time before the next try: 2 s, 4 s, 8 s and so on, one hour at most.
func pause(attempt int) time.Duration {
	return killpoint.Wait(min(time.Second<<min(attempt, 12), time.Hour))
}

// fail puts a job back for later, or lets it die. It returns where the job stands
// now, and no state for one that is somebody else's by now.
func fail(ctx context.Context, tx unit.Tx, j leased, attempts int, cause error) (State, error) {
	c := sqldb.Of(tx)
	state, due := Waiting, tx.Now().Add(pause(j.Attempt))
	if j.Attempt >= attempts || hopeless(cause) {
		state = Dead
	}
	if state == Waiting && j.Key != "" {
		var n int
		err := c.QueryRow(ctx, `select count(*) from jobs_job where unique_key = ? and state = 1`, j.Key).Scan(&n)
		if err != nil {
			return 0, err
		}
		if n > 0 {
			// The same work waits already, asked for while this one ran.
			_, err := c.Exec(ctx, `delete from jobs_job where id = ? and fence = ? and state = 2`, j.ID, j.number)
			return Waiting, err
		}
	}
	n, err := c.Exec(ctx, `update jobs_job set state = ?, due_at = ?, fault_key = ?, changed_at = ?
		where id = ? and fence = ? and state = 2`, int(state), due, faultKey(cause), tx.Now(), j.ID, j.number)
	switch {
	case sqldb.IsUnique(err):
		// On PostgreSQL the twin may have come in between; the next run sees it.
		return 0, sqldb.Raced()
	case err != nil || n == 0:
		return 0, err
	}
	return state, nil
}

// release gives a lease back untouched, when the server stops.
func release(ctx context.Context, tx unit.Tx, j leased) error {
	_, err := fail(ctx, tx, j, j.Attempt+1, errStopped)
	if err != nil {
		return err
	}
	_, err = sqldb.Of(tx).Exec(ctx, `update jobs_job set due_at = ?, attempt = attempt - 1
		where id = ? and fence = ? and state = 1`, tx.Now(), j.ID, j.number)
	return err
}

var errStopped = errors.New("the server stopped")

// faultKey keeps the catalogue key of a failure and nothing of its content.
func faultKey(err error) string {
	var f *fault.Error
	switch {
	case errors.As(err, &f):
		return f.Key
	case errors.Is(err, errStopped):
		return "jobs.stopped"
	default:
		return "jobs.internal"
	}
}
