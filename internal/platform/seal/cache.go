package seal

import (
	"container/list"
	"sync"
	"time"
)

// CacheFor is how long an unwrapped key stays in memory without a look at the
// store, and so how long another server can still read after Destroy.
const CacheFor = time.Minute

const cacheSize = 1024

// cache holds the unwrapped keys used last.
type cache struct {
	mu    sync.Mutex
	order *list.List // of *cached, the newest in front
	byID  map[string]*list.Element
}

type cached struct {
	box   *Box
	since time.Time
}

func newCache() *cache { return &cache{order: list.New(), byID: map[string]*list.Element{}} }

func (c *cache) get(id string) *Box {
	c.mu.Lock()
	defer c.mu.Unlock()
	e := c.byID[id]
	if e == nil {
		return nil
	}
	k := e.Value.(*cached)
	// The process's own clock: this is about memory, not about the record.
	if time.Since(k.since) > CacheFor {
		c.order.Remove(e)
		delete(c.byID, id)
		return nil
	}
	c.order.MoveToFront(e)
	return k.box
}

func (c *cache) put(b *Box) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if e := c.byID[b.id]; e != nil {
		e.Value.(*cached).since = time.Now()
		c.order.MoveToFront(e)
		return
	}
	c.byID[b.id] = c.order.PushFront(&cached{b, time.Now()})
	if c.order.Len() > cacheSize {
		last := c.order.Back()
		c.order.Remove(last)
		delete(c.byID, last.Value.(*cached).box.id)
	}
}

func (c *cache) drop(id string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if e := c.byID[id]; e != nil {
		c.order.Remove(e)
		delete(c.byID, id)
	}
}
