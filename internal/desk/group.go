package desk

import (
	"context"
	"fmt"
	"runtime/debug"
	"sync"

	"github.com/tocsin-sec/tocsin/internal/base/fault"
	"github.com/tocsin-sec/tocsin/internal/base/unit"
)

// Group lets concurrent small writes share one transaction, and so one sync of
// the disk: on SQLite that is the difference between the disk's syncs per second
// and many times as many mails. While one transaction commits, the next ones
// gather; nobody waits for a timer. The zero value with Work set is ready.
type Group struct {
	Work unit.Work
	// Most is the most writes of one transaction; 0: 64.
	Most int
	// Queue is the most writes that wait; 0: 1024. More fail with fault.TooMany.
	Queue int

	mu      sync.Mutex
	waiting []*member
	leading bool
}

type member struct {
	ctx  context.Context
	f    func(context.Context, unit.Tx) error
	done chan error // holds one
}

// Do runs f in a transaction that it may share, like unit.Work.Do: when it
// returns nil, the change is durable. An error of one f undoes the shared
// transaction; the others then run again, each alone, so that one bad write
// harms nobody else. A panic of f is an error.
func (g *Group) Do(ctx context.Context, f func(context.Context, unit.Tx) error) error {
	m := &member{ctx: ctx, f: f, done: make(chan error, 1)}
	g.mu.Lock()
	if len(g.waiting) >= or(g.Queue, 1024) {
		g.mu.Unlock()
		return fault.New(fault.TooMany, "desk.fault.backlog")
	}
	g.waiting = append(g.waiting, m)
	lead := !g.leading
	g.leading = true
	g.mu.Unlock()
	if lead {
		g.lead(m)
	}
	// Nobody leaves before the outcome is known: an abandoned write could still
	// be committed, and its owner would not know.
	return <-m.done
}

// View implements unit.Work; views are not shared.
func (g *Group) View(ctx context.Context, f func(context.Context, unit.View) error) error {
	return g.Work.View(ctx, f)
}

// lead commits groups until its own write is done, then hands on.
func (g *Group) lead(own *member) {
	for {
		g.mu.Lock()
		n := min(len(g.waiting), or(g.Most, 64))
		batch := g.waiting[:n:n]
		g.waiting = g.waiting[n:]
		if n == 0 {
			g.leading = false
			g.mu.Unlock()
			return
		}
		g.mu.Unlock()
		g.commit(batch)
		if len(own.done) > 0 {
			// The leader's own caller must not wait for others: whoever still
			// waits is led by a goroutine that ends when the queue is empty.
			go g.lead(&member{done: make(chan error, 1)})
			return
		}
	}
}

func (g *Group) commit(batch []*member) {
	if len(batch) > 1 {
		refused := false // by one of the writes, not by the store
		// The shared transaction must outlive any one caller's cancellation.
		err := g.Work.Do(context.WithoutCancel(batch[0].ctx), func(ctx context.Context, tx unit.Tx) error {
			refused = false
			for _, m := range batch {
				if err := m.write(ctx, tx); err != nil {
					refused = true
					return err
				}
			}
			return nil
		})
		if err == nil || !refused {
			// A store that is down for all of them is down for each: nobody waits for
			// that to be tried again one by one.
			for _, m := range batch {
				m.done <- err
			}
			return
		}
	}
	for _, m := range batch {
		m.done <- g.Work.Do(m.ctx, m.write)
	}
}

// write runs f and turns a panic into an error: it would run through whoever leads,
// and leave all others waiting for ever.
func (m *member) write(ctx context.Context, tx unit.Tx) (err error) {
	defer func() {
		if p := recover(); p != nil { // the value may hold content
			err = fmt.Errorf("panic in a shared write: %T\n%s", p, debug.Stack())
		}
	}()
	return m.f(ctx, tx)
}

func or(n, otherwise int) int {
	if n > 0 {
		return n
	}
	return otherwise
}
