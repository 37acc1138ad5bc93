package services

import (
	"context"
	"sync"
)

// Locker gives out one lock for each CVE id. Lock waits until nobody else holds it or
// ctx ends; release is called once.
type Locker interface {
	Lock(ctx context.Context, id string) (release func(), err error)
}

// Locks is a Locker for one process. Its zero value is ready; it must not be copied.
type Locks struct {
	mu   sync.Mutex
	held map[string]*turn
}

// turn is a lock that is held; the channel holds one token when it is free.
type turn struct {
	token chan struct{}
	users int
}

// Lock implements Locker. Its error is the context's.
func (l *Locks) Lock(ctx context.Context, id string) (func(), error) {
	l.mu.Lock()
	if l.held == nil {
		l.held = map[string]*turn{}
	}
	t := l.held[id]
	if t == nil {
		t = &turn{token: make(chan struct{}, 1)}
		t.token <- struct{}{}
		l.held[id] = t
	}
	t.users++
	l.mu.Unlock()
	select {
	case <-t.token:
		return func() { t.token <- struct{}{}; l.leave(id, t) }, nil
	case <-ctx.Done():
		l.leave(id, t)
		return nil, ctx.Err()
	}
}

// leave forgets a lock that nobody holds or waits for.
func (l *Locks) leave(id string, t *turn) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if t.users--; t.users == 0 {
		delete(l.held, id)
	}
}
