package jobs_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/tocsin-sec/tocsin/internal/base/fault"
	"github.com/tocsin-sec/tocsin/internal/base/unit"
	"github.com/tocsin-sec/tocsin/internal/platform/jobs"
	"github.com/tocsin-sec/tocsin/internal/platform/sqldb/sqldbtest"
)

func enqueue(t testing.TB, e *sqldbtest.Env, list ...unit.Job) {
	t.Helper()
	e.Do(t, func(ctx context.Context, tx unit.Tx) error {
		for _, j := range list {
			tx.Enqueue(j)
		}
		return nil
	})
}

func listed(t testing.TB, e *sqldbtest.Env, s jobs.State) (out []jobs.Item) {
	t.Helper()
	e.View(t, func(ctx context.Context, v unit.View) (err error) {
		out, err = jobs.List(ctx, v, s, 100)
		return err
	})
	return out
}

func TestAJobOfAnUndoneTransactionDoesNotExist(t *testing.T) {
	sqldbtest.Each(t, nil, func(t *testing.T, e *sqldbtest.Env) {
		boom := errors.New("boom")
		err := e.Work.Do(t.Context(), func(ctx context.Context, tx unit.Tx) error {
			tx.Enqueue(unit.Job{Kind: "k"})
			return boom
		})
		if !errors.Is(err, boom) || len(listed(t, e, jobs.Waiting)) != 0 {
			t.Errorf("err %v, waiting %v", err, listed(t, e, jobs.Waiting))
		}
	})
}

func TestAUniqueKeyWaitsOnce(t *testing.T) {
	sqldbtest.Each(t, nil, func(t *testing.T, e *sqldbtest.Env) {
		var got []string
		e.Handle(jobs.Handler{Kind: "k", Run: func(ctx context.Context, j unit.Running) error {
			got = append(got, j.Args["v"]+j.Subject)
			return nil
		}})
		at := e.Clock.Now().Add(time.Hour)
		enqueue(t, e, unit.Job{Kind: "k", Key: "once", At: at, Args: map[string]string{"v": "1"}},
			unit.Job{Kind: "k", Key: "once", Args: map[string]string{"v": "2"}})
		if e.Drain(t) != 0 {
			t.Errorf("without Replace the first one's time counts")
		}
		enqueue(t, e, unit.Job{Kind: "k", Key: "once", Replace: true, Args: map[string]string{"v": "3"}, Subject: "s"})
		if e.Drain(t); !slices.Equal(got, []string{"3s"}) {
			t.Errorf("ran %q", got)
		}
		enqueue(t, e, unit.Job{Kind: "k", Key: "once", Args: map[string]string{"v": "4"}})
		if e.Drain(t); !slices.Equal(got, []string{"3s", "4"}) {
			t.Errorf("ran %q", got)
		}
	})
}

func TestFailuresAreTriedAgainWithGrowingPausesUntilDead(t *testing.T) {
	sqldbtest.Each(t, nil, func(t *testing.T, e *sqldbtest.Env) {
		var attempts []int
		var dead error
		e.Handle(jobs.Handler{Kind: "k", Attempts: 4, Run: func(ctx context.Context, j unit.Running) error {
			attempts = append(attempts, j.Attempt)
			return fault.New(fault.Unavailable, "smarthost.down")
		}, Dead: func(ctx context.Context, j unit.Running, err error) error { dead = err; return nil }})
		enqueue(t, e, unit.Job{Kind: "k"})
		for i, pause := range []time.Duration{2, 4, 8} {
			e.Drain(t)
			e.Clock.Advance(pause*time.Second - time.Microsecond)
			if e.Drain(t) != 0 {
				t.Errorf("try %d came too early", i+2)
			}
			e.Clock.Advance(time.Microsecond)
		}
		e.Drain(t)
		items := listed(t, e, jobs.Dead)
		if !slices.Equal(attempts, []int{1, 2, 3, 4}) || len(items) != 1 || items[0].FaultKey != "smarthost.down" || dead == nil {
			t.Fatalf("attempts %v, dead %+v, told %v", attempts, items, dead)
		}
		e.Do(t, func(ctx context.Context, tx unit.Tx) error { return jobs.Retry(ctx, tx, items[0].ID) })
		if e.Drain(t) != 1 || attempts[4] != 1 {
			t.Errorf("after Retry: %v", attempts)
		}
	})
}

func TestWhatCannotSucceedDiesAtOnceAndAPanicIsAFailure(t *testing.T) {
	sqldbtest.Each(t, nil, func(t *testing.T, e *sqldbtest.Env) {
		e.Handle(jobs.Handler{Kind: "bad", Run: func(context.Context, unit.Running) error { return fault.New(fault.Invalid, "x.bad") }},
			jobs.Handler{Kind: "panics", Run: func(context.Context, unit.Running) error { panic("secret of a case") }})
		enqueue(t, e, unit.Job{Kind: "bad"}, unit.Job{Kind: "panics"})
		e.Drain(t)
		if d := listed(t, e, jobs.Dead); len(d) != 1 || d[0].Kind != "bad" {
			t.Errorf("dead %+v", d)
		}
		if w := listed(t, e, jobs.Waiting); len(w) != 1 || w[0].FaultKey != "jobs.internal" {
			t.Errorf("waiting %+v", w)
		}
	})
}

// A handler that failed for good after its job had been cancelled, or done by
// itself, had its Dead called: a publication was reported as given up that another
// server went on with.
func TestAJobThatIsNoLongerOursDoesNotDie(t *testing.T) {
	sqldbtest.Each(t, nil, func(t *testing.T, e *sqldbtest.Env) {
		told := 0
		dead := func(context.Context, unit.Running, error) error { told++; return nil }
		bad := fault.New(fault.Invalid, "x.bad")
		e.Handle(jobs.Handler{Kind: "cancelled", Dead: dead, Run: func(ctx context.Context, j unit.Running) error {
			e.Do(t, func(ctx context.Context, tx unit.Tx) error { return jobs.Cancel(ctx, tx, j.ID) })
			return bad
		}}, jobs.Handler{Kind: "done", Dead: dead, Run: func(ctx context.Context, j unit.Running) error {
			e.Do(t, func(ctx context.Context, tx unit.Tx) error { return j.Fence.Done(ctx, tx) })
			return bad
		}})
		enqueue(t, e, unit.Job{Kind: "cancelled"}, unit.Job{Kind: "done"})
		if n := e.Drain(t); n != 2 || told != 0 || len(listed(t, e, jobs.Dead)) != 0 {
			t.Errorf("%d ran, %d were told dead", n, told)
		}
	})
}

// A job that killed its server was leased again every half minute, for ever.
func TestAJobWhoseServersDieIsGivenUpInTheEnd(t *testing.T) {
	sqldbtest.Each(t, nil, func(t *testing.T, e *sqldbtest.Env) {
		ran, told := 0, 0
		h := jobs.Handler{Kind: "k", Attempts: 2, Run: func(context.Context, unit.Running) error { ran++; return nil },
			Dead: func(context.Context, unit.Running, error) error { told++; return nil }}
		e.Handle(h)
		enqueue(t, e, unit.Job{Kind: "k"}, unit.Job{Kind: "k", Key: "once"})
		for range 22 {
			list, err := e.Jobs.Take(t.Context(), []jobs.Handler{h}, 2) // and the server dies
			if err != nil || len(list) != 2 {
				t.Fatal(list, err)
			}
			e.Clock.Advance(31 * time.Second)
		}
		e.Drain(t)
		dead := listed(t, e, jobs.Dead)
		if ran != 0 || told != 2 || len(dead) != 2 || dead[0].FaultKey != "jobs.crashed" {
			t.Fatalf("ran %d times, told %d times, dead %+v", ran, told, dead)
		}
		e.Do(t, func(ctx context.Context, tx unit.Tx) error { return jobs.Retry(ctx, tx, dead[0].ID) })
		if e.Drain(t); ran != 1 {
			t.Errorf("a retried one ran %d times", ran)
		}
	})
}

func TestAPanicsValueIsNotLogged(t *testing.T) {
	var log bytes.Buffer
	e := sqldbtest.SQLite(t, nil)
	e.Jobs.Log = slog.New(slog.NewTextHandler(&log, nil))
	e.Handle(jobs.Handler{Kind: "panics", Run: func(context.Context, unit.Running) error { panic("secret of a case") }})
	enqueue(t, e, unit.Job{Kind: "panics"})
	e.Drain(t)
	if !strings.Contains(log.String(), "panic in job panics") || strings.Contains(log.String(), "secret of a case") {
		t.Errorf("logged: %s", log.String())
	}
}

func TestACancelledJobCannotComplete(t *testing.T) {
	sqldbtest.Each(t, nil, func(t *testing.T, e *sqldbtest.Env) {
		var progress, done error
		e.Handle(jobs.Handler{Kind: "k", Run: func(ctx context.Context, j unit.Running) error {
			if err := j.Fence.Progress(ctx, 1, 3); err != nil {
				return err
			}
			e.Do(t, func(ctx context.Context, tx unit.Tx) error { return jobs.Cancel(ctx, tx, j.ID) })
			progress = j.Fence.Progress(ctx, 2, 3)
			done = e.Work.Do(ctx, func(ctx context.Context, tx unit.Tx) error { return j.Fence.Done(ctx, tx) })
			return done
		}})
		enqueue(t, e, unit.Job{Kind: "k"})
		e.Drain(t)
		if !fault.Is(progress, fault.Conflict) || !fault.Is(done, fault.Conflict) {
			t.Errorf("progress %v, done %v", progress, done)
		}
		if c := listed(t, e, jobs.Cancelled); len(c) != 1 || c[0].Done != 1 || c[0].Total != 3 {
			t.Errorf("cancelled %+v", c)
		}
	})
}

func TestALeaseThatRanOutIsTakenOverAndTheFirstHolderIsLockedOut(t *testing.T) {
	sqldbtest.Each(t, nil, func(t *testing.T, e *sqldbtest.Env) {
		other := e.Second(t)
		changes := 0
		change := func(w unit.Work, ctx context.Context, j unit.Running) error {
			return w.Do(ctx, func(ctx context.Context, tx unit.Tx) error {
				if err := j.Fence.Done(ctx, tx); err != nil {
					return err
				}
				sqldbCount(tx, &changes)
				return nil
			})
		}
		other.Handle(jobs.Handler{Kind: "k", Run: func(ctx context.Context, j unit.Running) error { return change(other.Work, ctx, j) }})
		var first error
		e.Handle(jobs.Handler{Kind: "k", Lease: time.Minute, Run: func(ctx context.Context, j unit.Running) error {
			e.Clock.Advance(61 * time.Second)
			if n, err := other.Jobs.Drain(ctx); n != 1 || err != nil {
				t.Errorf("the other server ran %d: %v", n, err)
			}
			first = change(e.Work, ctx, j)
			return first
		}})
		enqueue(t, e, unit.Job{Kind: "k"})
		e.Drain(t)
		if changes != 1 || !fault.Is(first, fault.Conflict) {
			t.Errorf("%d changes, first holder got %v", changes, first)
		}
		for _, s := range []jobs.State{jobs.Waiting, jobs.Leased, jobs.Dead} {
			if l := listed(t, e, s); len(l) != 0 {
				t.Errorf("%v: %+v", s, l)
			}
		}
	})
}

func TestTwoServersShareTheWork(t *testing.T) {
	sqldbtest.Each(t, nil, func(t *testing.T, e *sqldbtest.Env) {
		const n = 60
		other := e.Second(t)
		type run struct {
			server int
			id     string
		}
		ran := make(chan run, 2*n)
		for i, s := range []*sqldbtest.Env{e, other} {
			s.Handle(jobs.Handler{Kind: "k", Run: func(ctx context.Context, j unit.Running) error {
				ran <- run{i, j.ID}
				return nil
			}})
		}
		var list []unit.Job
		for range n {
			list = append(list, unit.Job{Kind: "k"})
		}
		enqueue(t, e, list...)
		ctx, stop := context.WithCancel(t.Context())
		stopped := make(chan error, 2)
		go func() { stopped <- e.Jobs.Run(ctx) }()
		go func() { stopped <- other.Jobs.Run(ctx) }()
		seen := map[string]int{}
		for range n {
			seen[(<-ran).id]++
		}
		stop()
		for range 2 {
			if err := <-stopped; err != nil {
				t.Errorf("run: %v", err)
			}
		}
		if len(seen) != n || len(ran) != 0 {
			t.Errorf("%d jobs ran, %d twice", len(seen), len(ran))
		}
		if l := listed(t, e, jobs.Leased); len(l) != 0 {
			t.Errorf("left over: %+v", l)
		}
	})
}

func TestAStopGivesLeasesBackUncounted(t *testing.T) {
	sqldbtest.Each(t, nil, func(t *testing.T, e *sqldbtest.Env) {
		started := make(chan struct{})
		e.Handle(jobs.Handler{Kind: "k", Run: func(ctx context.Context, j unit.Running) error {
			close(started)
			<-ctx.Done()
			return ctx.Err()
		}})
		e.Jobs.Grace = time.Millisecond
		enqueue(t, e, unit.Job{Kind: "k"})
		ctx, stop := context.WithCancel(t.Context())
		stopped := make(chan error, 1)
		go func() { stopped <- e.Jobs.Run(ctx) }()
		<-started
		stop()
		if err := <-stopped; err != nil {
			t.Errorf("run: %v", err)
		}
		w := listed(t, e, jobs.Waiting)
		if len(w) != 1 || w[0].Attempt != 0 || w[0].Due.After(e.Clock.Now()) {
			t.Errorf("waiting %+v", w)
		}
	})
}

func TestJobsLeasedAheadComeBackUncountedAndTriedOnesAreNotAmongThem(t *testing.T) {
	sqldbtest.Each(t, nil, func(t *testing.T, e *sqldbtest.Env) {
		started := make(chan struct{})
		var once sync.Once
		e.Handle(jobs.Handler{Kind: "k", Run: func(ctx context.Context, j unit.Running) error {
			if j.Key == "tried" {
				return errors.New("not yet")
			}
			once.Do(func() { close(started) })
			<-ctx.Done()
			return ctx.Err()
		}})
		enqueue(t, e, unit.Job{Kind: "k", Key: "tried"})
		e.Drain(t) // fails once
		enqueue(t, e, unit.Job{Kind: "k"}, unit.Job{Kind: "k"}, unit.Job{Kind: "k"})
		e.Clock.Advance(time.Minute) // now the tried one is due, behind the others
		e.Jobs.Workers, e.Jobs.Ahead, e.Jobs.Grace = 1, 8, time.Millisecond
		ctx, stop := context.WithCancel(t.Context())
		stopped := make(chan error, 1)
		go func() { stopped <- e.Jobs.Run(ctx) }()
		<-started
		if n, w := len(listed(t, e, jobs.Leased)), len(listed(t, e, jobs.Waiting)); n != 3 || w != 1 {
			t.Errorf("%d leased in one go and %d left, want 3 and the tried one", n, w)
		}
		stop()
		if err := <-stopped; err != nil {
			t.Errorf("run: %v", err)
		}
		for _, j := range listed(t, e, jobs.Waiting) {
			if j.FaultKey != "jobs.internal" && (j.Attempt != 0 || j.Due.After(e.Clock.Now())) {
				t.Errorf("waiting %+v", j)
			}
		}
		if n := len(listed(t, e, jobs.Waiting)); n != 4 {
			t.Errorf("%d wait", n)
		}
	})
}

func TestACronRowFiresOnceInEachPeriodOnOneServer(t *testing.T) {
	sqldbtest.Each(t, nil, func(t *testing.T, e *sqldbtest.Env) {
		other := e.Second(t)
		count := func() int { return len(listed(t, e, jobs.Waiting)) }
		cron := []jobs.Cron{{Kind: "each.hour", Every: time.Hour}}
		for _, s := range []*sqldbtest.Env{e, other} {
			s.Jobs.Cron = cron
		}
		tick := func(want int, why string) {
			t.Helper()
			for _, s := range []*sqldbtest.Env{e, other} {
				if err := s.Jobs.Tick(t.Context()); err != nil {
					t.Fatal(err)
				}
			}
			if count() != want {
				t.Errorf("%s: %d waiting, want %d", why, count(), want)
			}
		}
		tick(1, "first start")
		e.Handle(jobs.Handler{Kind: "each.hour", Run: func(context.Context, unit.Running) error { return nil }})
		e.Drain(t)
		tick(0, "within the hour")
		e.Clock.Advance(5 * time.Hour)
		tick(1, "missed periods are made up for once")
		e.Drain(t)
		e.Clock.Advance(-48 * time.Hour)
		tick(1, "a clock put back does not stop it for days")
	})
}

func ExampleHandler() {
	h := jobs.Handler{Kind: "embargo.end", Run: func(ctx context.Context, j unit.Running) error {
		fmt.Println("ends", j.Subject)
		return nil
	}}
	_ = h.Run(context.Background(), unit.Running{Job: unit.Job{Subject: "case1"}})
	// Output: ends case1
}
