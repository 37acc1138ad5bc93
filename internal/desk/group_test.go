package desk

import (
	"context"
	"errors"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/tocsin-sec/tocsin/internal/base/fault"
	"github.com/tocsin-sec/tocsin/internal/base/unit"
)

// slowWork is a writer whose commit takes 10 ms of synthetic time, like a disk.
type slowWork struct {
	mu      sync.Mutex
	commits atomic.Int32
}

func (w *slowWork) Do(ctx context.Context, f func(context.Context, unit.Tx) error) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	if err := ctx.Err(); err != nil {
		return err
	}
	err := f(ctx, nil)
	time.Sleep(10 * time.Millisecond) // synthetic: inside synctest
	w.commits.Add(1)
	return err
}

func (w *slowWork) View(context.Context, func(context.Context, unit.View) error) error { return nil }

func TestGroupSharesCommits(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := &slowWork{}
		g := &Group{Work: w}
		var done atomic.Int32
		for range 100 {
			go func() {
				if err := g.Do(t.Context(), func(context.Context, unit.Tx) error { return nil }); err == nil {
					done.Add(1)
				}
			}()
		}
		time.Sleep(time.Second)
		if done.Load() != 100 {
			t.Fatalf("%d of 100 writes done", done.Load())
		}
		if n := w.commits.Load(); n > 4 {
			t.Errorf("100 concurrent writes took %d commits", n)
		}
	})
}

func TestOneBadWriteHarmsNobodyElse(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := &slowWork{}
		g := &Group{Work: w}
		bad := errors.New("bad")
		var good, failed atomic.Int32
		for i := range 20 {
			go func() {
				err := g.Do(t.Context(), func(context.Context, unit.Tx) error {
					if i == 7 {
						return bad
					}
					return nil
				})
				switch {
				case err == nil:
					good.Add(1)
				case errors.Is(err, bad):
					failed.Add(1)
				}
			}()
		}
		time.Sleep(time.Second)
		if good.Load() != 19 || failed.Load() != 1 {
			t.Errorf("%d good, %d failed", good.Load(), failed.Load())
		}
	})
}

// A panic in one write ended the leader: the mails that shared its transaction, and
// all that came later, waited for ever.
func TestAPanicHarmsNobodyElse(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := &Group{Work: &slowWork{}}
		var good, failed atomic.Int32
		write := func(i int) {
			err := g.Do(t.Context(), func(context.Context, unit.Tx) error {
				if i%7 == 0 {
					panic("a broken mail")
				}
				return nil
			})
			if err == nil {
				good.Add(1)
			} else if !strings.Contains(err.Error(), "a broken mail") {
				failed.Add(1)
			}
		}
		for range 2 {
			for i := range 21 {
				go write(i)
			}
			time.Sleep(time.Second)
		}
		if good.Load() != 36 || failed.Load() != 6 {
			t.Errorf("%d good, %d failed", good.Load(), failed.Load())
		}
	})
}

func TestGroupRefusesWhatItCannotHold(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := &Group{Work: &slowWork{}, Queue: 3, Most: 1}
		var refused atomic.Int32
		for range 20 {
			go func() {
				err := g.Do(t.Context(), func(context.Context, unit.Tx) error { return nil })
				if fault.Is(err, fault.TooMany) {
					refused.Add(1)
				}
			}()
		}
		time.Sleep(time.Second)
		if n := refused.Load(); n < 10 || n > 19 {
			t.Errorf("refused %d of 20", n)
		}
	})
}

func TestACancelledCallerDoesNotUndoTheOthers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := &Group{Work: &slowWork{}}
		gone, cancel := context.WithCancel(t.Context())
		var ok atomic.Int32
		for i := range 10 {
			ctx := t.Context()
			if i == 3 {
				ctx = gone
			}
			go func() {
				if g.Do(ctx, func(context.Context, unit.Tx) error { return nil }) == nil {
					ok.Add(1)
				}
			}()
		}
		synctest.Wait()
		cancel()
		time.Sleep(time.Second)
		if ok.Load() < 9 {
			t.Errorf("%d of 9 others done", ok.Load())
		}
	})
}

// brokenWork is a store that is down: every begin fails after a wait.
type brokenWork struct{ slowWork }

func (w *brokenWork) Do(context.Context, func(context.Context, unit.Tx) error) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	time.Sleep(10 * time.Second)
	return fault.New(fault.Unavailable, "store.locked")
}

func TestAStoreThatIsDownIsNotAskedOnceForEach(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := &Group{Work: &brokenWork{}}
		start := time.Now()
		var wg sync.WaitGroup
		for range 50 {
			wg.Go(func() {
				if err := g.Do(t.Context(), func(context.Context, unit.Tx) error { return nil }); !fault.Is(err, fault.Unavailable) {
					t.Error(err)
				}
			})
		}
		wg.Wait()
		if d := time.Since(start); d > 30*time.Second {
			t.Errorf("50 senders waited %v", d)
		}
	})
}
