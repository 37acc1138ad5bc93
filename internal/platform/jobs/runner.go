package jobs

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"runtime"
	"runtime/debug"
	"slices"
	"sync"
	"time"

	"github.com/tocsin-sec/tocsin/internal/base/fault"
	"github.com/tocsin-sec/tocsin/internal/base/unit"
	"github.com/tocsin-sec/tocsin/internal/platform/sqldb"
)

// Runner runs due jobs of the kinds that it has a handler for. Several runners, on
// one or several servers, may share one store: a flood of one kind does not hold
// up another that has a runner of its own.
type Runner struct {
	Work     unit.Work
	Queue    *Queue
	Handlers []Handler
	Cron     []Cron
	Workers  int // at once; 0 means 4
	// Ahead is how many more jobs than free workers one transaction leases: where
	// jobs are short and many, the leases cost as much as the work. 0 for kinds
	// that a person may want to cancel.
	Ahead int
	Poll  time.Duration // how often to look without a wake; 0 means 1 s
	Grace time.Duration // how long running jobs may go on after a stop; 0 means 10 s
	Log   *slog.Logger  // nil means slog.Default()
	// Held returns the kinds that wait for a person's decision; nil means none.
	Held func(context.Context, unit.View) ([]string, error)
}

func (r *Runner) log() *slog.Logger {
	if r.Log == nil {
		return slog.Default()
	}
	return r.Log
}

// kinds returns the kinds that may run now.
func (r *Runner) kinds(ctx context.Context, v unit.View) ([]string, error) {
	var held []string
	if r.Held != nil {
		var err error
		if held, err = r.Held(ctx, v); err != nil {
			return nil, err
		}
	}
	var out []string
	for _, h := range r.Handlers {
		if !slices.Contains(held, h.Kind) {
			out = append(out, h.Kind)
		}
	}
	return out, nil
}

func (r *Runner) handler(kind string) Handler {
	for _, h := range r.Handlers {
		if h.Kind == kind {
			return h
		}
	}
	return Handler{Kind: kind}
}

// Run works until ctx ends, then waits for the running jobs: after Grace their
// contexts end too and their leases are given back. It returns nil after an
// orderly stop. Failures of the store are logged and tried again.
func (r *Runner) Run(ctx context.Context) error {
	workers, poll, grace := r.Workers, r.Poll, r.Grace
	if workers <= 0 {
		workers = 4
	}
	if poll <= 0 {
		poll = time.Second
	}
	if grace <= 0 {
		grace = 10 * time.Second
	}
	running, stop := context.WithCancelCause(context.WithoutCancel(ctx))
	defer stop(nil)
	free := make(chan struct{}, workers)
	ended := make(chan struct{}, 1)
	woken, stopListening := r.Queue.listen()
	defer stopListening()
	var wg sync.WaitGroup
	var ahead []leased
	var clock clockWatch
	for ctx.Err() == nil {
		if err := clock.look(ctx, r); err != nil && ctx.Err() == nil {
			r.log().Error("jobs: cannot look at the clock", "error", err)
		}
		if len(ahead) == 0 && len(free) < workers {
			var err error
			ahead, err = r.lease(ctx, workers-len(free))
			if err != nil && ctx.Err() == nil {
				r.log().Error("jobs: cannot look for work", "error", err)
			}
		}
		began := false
		for len(ahead) > 0 && len(free) < workers {
			j := ahead[0]
			ahead, began = ahead[1:], true
			free <- struct{}{} // never blocks: only this loop fills it
			wg.Go(func() {
				r.do(running, j)
				<-free
				wake(ended)
			})
		}
		if began && len(free) < workers {
			continue
		}
		wait(ctx, woken, ended, poll)
		if len(ahead) > 0 && ahead[0].stale(r.handler(ahead[0].Kind).lease()) {
			r.giveBack(ctx, ahead)
			ahead = nil
		}
	}
	r.giveBack(running, ahead)
	timer := time.AfterFunc(grace, func() { stop(errStopped) })
	defer timer.Stop()
	wg.Wait()
	return nil
}

// wake leaves a sign for a loop that may be asleep; it never blocks.
func wake(c chan<- struct{}) {
	select {
	case c <- struct{}{}:
	default:
	}
}

func wait(ctx context.Context, woken, ended <-chan struct{}, poll time.Duration) {
	timer := time.NewTimer(poll)
	defer timer.Stop()
	select {
	case <-ctx.Done():
	case <-woken:
	case <-ended:
	case <-timer.C:
	}
}

// giveBack releases jobs that were leased ahead and not begun, so that another
// server can have them; what cannot be released comes back when its lease ends.
func (r *Runner) giveBack(ctx context.Context, list []leased) {
	if len(list) == 0 {
		return
	}
	err := r.Work.Do(ctx, func(ctx context.Context, tx unit.Tx) error {
		for _, j := range list {
			if err := release(ctx, tx, j); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		r.log().Warn("jobs: cannot give leases back", "error", err)
	}
}

// lease looks with a read first, so that an idle server does not write.
func (r *Runner) lease(ctx context.Context, limit int) (list []leased, err error) {
	if limit <= 0 {
		return nil, nil
	}
	due, err := r.anyDue(ctx)
	if err != nil || !due {
		return nil, err
	}
	err = r.Work.Do(ctx, func(ctx context.Context, tx unit.Tx) (err error) {
		if err := r.tick(ctx, tx); err != nil {
			return err
		}
		kinds, err := r.kinds(ctx, tx)
		if err != nil {
			return err
		}
		list, err = take(ctx, tx, kinds, func(kind string) time.Duration { return r.handler(kind).lease() }, limit, r.Ahead)
		return err
	})
	return list, err
}

// anyDue reports whether a job or a cron row is due.
func (r *Runner) anyDue(ctx context.Context) (due bool, err error) {
	err = r.Work.View(ctx, func(ctx context.Context, v unit.View) error {
		kinds, err := r.kinds(ctx, v)
		if err != nil {
			return err
		}
		args := []any{v.Now()}
		for _, k := range kinds {
			args = append(args, k)
		}
		var n int
		err = sqldb.Of(v).QueryRow(ctx, `select count(*) from (select id from jobs_job
			where state in (1, 2) and due_at <= ? and kind in (`+sqldb.Marks(len(kinds))+`) limit 1) as x`, args...).Scan(&n)
		if err != nil || n > 0 {
			due = n > 0
			return err
		}
		rows, err := sqldb.All(ctx, v, scanCron, `select kind, next_at from jobs_cron`)
		if err != nil {
			return err
		}
		for _, c := range r.Cron {
			next, ok := cronOf(rows, c.Kind)
			// One far in the future is of a clock that was put back since (tick).
			due = due || !ok || !next.After(v.Now()) || next.After(v.Now().Add(c.Every))
		}
		return nil
	})
	return due, err
}

// maxCrashes is how many tries beyond a handler's own may end with the server: a mail
// that takes all memory must not bring every server down for ever. Work that only ran
// beside it seldom meets so many.
const maxCrashes = 20

// do runs one leased job to its end and never panics.
func (r *Runner) do(ctx context.Context, j leased) {
	h := r.handler(j.Kind)
	if j.Attempt > h.attempts()+maxCrashes {
		err := r.failed(context.WithoutCancel(ctx), h, j, fault.New(fault.Unavailable, "jobs.crashed"))
		if err != nil {
			r.log().Error("jobs: cannot close a job", "kind", j.Kind, "job", j.ID, "error", err)
		}
		return
	}
	f := &fence{work: r.Work, id: j.ID, number: j.number, lease: h.lease()}
	run, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	// Past its lease the job may run elsewhere: this run is to stop.
	timer := time.AfterFunc(f.lease-time.Since(j.taken), func() { cancel(lost()) })
	defer timer.Stop()
	f.renew = func() { timer.Reset(f.lease) }
	j.Fence = f
	beats := make(chan struct{})
	go func() {
		defer close(beats)
		f.beat(run)
	}()
	err := call(run, h, j.Running)
	cancel(nil)
	<-beats
	// What follows must happen even when the server stops.
	end := context.WithoutCancel(ctx)
	switch {
	case err == nil:
		err = r.finish(end, f)
	case errors.Is(context.Cause(ctx), errStopped):
		err = r.Work.Do(end, func(ctx context.Context, tx unit.Tx) error { return release(ctx, tx, j) })
	default:
		err = r.failed(end, h, j, err)
	}
	if err != nil {
		r.log().Error("jobs: cannot close a job", "kind", j.Kind, "job", j.ID, "error", err)
	}
}

func call(ctx context.Context, h Handler, j unit.Running) (err error) {
	defer func() {
		p := recover()
		if p == nil {
			return
		}
		what := fmt.Sprintf("%T", p) // the value may hold content, except for what Go itself says
		if e, ok := p.(runtime.Error); ok {
			what = e.Error()
		}
		err = fmt.Errorf("panic in job %s: %s\n%s", j.Kind, what, debug.Stack())
	}()
	if h.Run == nil {
		return fault.New(fault.Unavailable, "jobs.no_handler", j.Kind)
	}
	return h.Run(ctx, j)
}

// finish completes the job of a handler that did not do so itself.
func (r *Runner) finish(ctx context.Context, f *fence) error {
	if f.done.Load() {
		return nil
	}
	err := r.Work.Do(ctx, f.Done)
	if fault.Is(err, fault.Conflict) {
		return nil // done by the handler, cancelled, or taken over: all are closed elsewhere
	}
	return err
}

func (r *Runner) failed(ctx context.Context, h Handler, j leased, cause error) error {
	var state State
	err := r.Work.Do(ctx, func(ctx context.Context, tx unit.Tx) (err error) {
		state, err = fail(ctx, tx, j, h.attempts(), cause)
		return err
	})
	log := r.log().With("kind", j.Kind, "job", j.ID, "attempt", j.Attempt, "error", cause)
	switch {
	case err != nil:
		return errors.Join(err, cause)
	case state == Dead:
		log.Error("jobs: given up")
		if h.Dead != nil {
			return h.Dead(ctx, j.Running, cause)
		}
	case state == Waiting:
		log.Warn("jobs: will try again")
	default:
		log.Warn("jobs: failed when it was cancelled, done or taken over already")
	}
	return nil
}

// Tick enqueues the cron jobs that are due now. Run does so by itself; it is
// for tests and for the command line beside Drain.
func (r *Runner) Tick(ctx context.Context) error { return r.Work.Do(ctx, r.tick) }

// Drain runs every job that is due by the store's clock, one after another,
// until none is left, and returns how many it ran. It is for tests and for the
// command line; cron rows are not looked at.
func (r *Runner) Drain(ctx context.Context) (int, error) {
	for n := 0; ; n++ {
		var list []leased
		err := r.Work.Do(ctx, func(ctx context.Context, tx unit.Tx) (err error) {
			kinds, err := r.kinds(ctx, tx)
			if err != nil {
				return err
			}
			list, err = take(ctx, tx, kinds, func(kind string) time.Duration { return r.handler(kind).lease() }, 1, 0)
			return err
		})
		if err != nil || len(list) == 0 {
			return n, err
		}
		r.do(ctx, list[0])
	}
}
