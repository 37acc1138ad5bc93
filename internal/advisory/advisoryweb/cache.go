package advisoryweb

import (
	"sync"

	"github.com/tocsin-sec/tocsin/internal/advisory/pubsite"
)

// cacheMost bounds what a Cache keeps, in bytes.
const cacheMost = 128 << 20

// Cache keeps the newest state of lists that were put together. It answers only for the
// state that the store has just named, so that nobody gets an old one, and only after the
// store has said that the asker may read it.
type Cache struct {
	mu    sync.Mutex
	lists map[string]pubsite.File
	size  int
}

// get returns the bytes of exactly this state of the file, nil when it has others or none.
func (c *Cache) get(f pubsite.File) []byte {
	if c == nil || !f.Kind.IsList() {
		return nil
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if kept := c.lists[f.Path]; kept.Seq == f.Seq && kept.Generation == f.Generation {
		return kept.Bytes
	}
	return nil
}

// put keeps a list; when there is too much, all others go.
func (c *Cache) put(f pubsite.File) {
	if c == nil || len(f.Bytes) > cacheMost/2 {
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.size += len(f.Bytes) - len(c.lists[f.Path].Bytes)
	if c.lists == nil || c.size > cacheMost {
		c.lists, c.size = map[string]pubsite.File{}, len(f.Bytes)
	}
	c.lists[f.Path] = f
}
