// Package pace keeps work that can wait from taking the processors while somebody waits
// for a page: Pages knows when that is, and a Turn lets such work begin only so often
// then. A bulk import of mails is the reason: it can use every processor for an hour.
//
// What is not here: how many jobs run at once (platform/jobs) and how much mail may wait
// (desk/reading).
package pace

import (
	"context"
	"net/http"
	"runtime"
	"sync"
	"sync/atomic"
	"time"
)

// afterwards is how long after an answer more requests are expected: one that reads a
// page asks for the next, and its parts.
const afterwards = 100 * time.Millisecond

// Pages counts the requests that are being answered. The zero value is ready.
type Pages struct {
	open  atomic.Int64
	ended atomic.Int64 // when the last one was answered, in nanoseconds since 1970
}

// Handler counts the requests to next.
func (p *Pages) Handler(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		p.open.Add(1)
		defer func() {
			p.ended.Store(time.Now().UnixNano())
			p.open.Add(-1)
		}()
		next.ServeHTTP(w, r)
	})
}

// Busy reports whether somebody waits for a page, or did a moment ago.
func (p *Pages) Busy() bool {
	return p.open.Load() > 0 || time.Since(time.Unix(0, p.ended.Load())) < afterwards
}

// Turn is one kind of work that can wait.
type Turn struct {
	Pages *Pages
	// Cost is the processor time that one piece of the work takes, about, and Share how
	// much of one half of the processors it may have while pages are busy: down to half of
	// that while more requests are open than there are processors.
	Cost  time.Duration
	Share float64

	mu   sync.Mutex
	next time.Time
}

// Wait returns when the next piece of the work may begin: at once while no page is asked
// for. It fails when ctx ends before.
func (t *Turn) Wait(ctx context.Context) error {
	if !t.Pages.Busy() {
		return ctx.Err()
	}
	pause := time.Until(t.take(time.Now()))
	if pause <= 0 {
		return ctx.Err()
	}
	timer := time.NewTimer(pause)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// take takes the next place in the row.
func (t *Turn) take(now time.Time) time.Time {
	t.mu.Lock()
	defer t.mu.Unlock()
	at := t.next
	if at.Before(now) {
		at = now
	}
	t.next = at.Add(t.every())
	return at
}

// every is the time between two pieces. It is up to twice as long while more requests
// are open than there are processors: some of them wait for one.
func (t *Turn) every() time.Duration {
	processors := float64(runtime.GOMAXPROCS(0))
	crowd := min(max(float64(t.Pages.open.Load())/processors, 1), 2)
	return time.Duration(float64(t.Cost) / t.Share * 2 / processors * crowd)
}
