package caseworkdb

import (
	"container/list"
	"math/bits"
	"strings"
	"sync"
	"time"

	"github.com/tocsin-sec/tocsin/internal/casework"
)

// A digest says of an item's sealed words which words they certainly do not contain: a
// Bloom filter of the three-byte pieces of the lower-case text. Searches look at some
// 2,000 items, and opening all of them each time costs fifty times what a digest does.
// Digests live in the memory of this process only; what the text is cannot be read from
// them. The text of an item never changes, but is dropped when it is saved.
type digest []uint64

const (
	pieceLen    = 3
	digestFewer = 8        // log2 of the bits of the smallest digest
	digestMost  = 15       // and of the largest, 4 kB
	digestRoom  = 16 << 20 // bytes of all digests together
	digestEach  = 256      // what one costs beside its bits
	digestFor   = time.Hour
)

// digestOf makes the digest of an item's content.
func digestOf(c casework.Content) digest {
	text := strings.ToLower(c.Subject + "\n" + c.From + " " + c.Address + "\n" + c.Text)
	// Four bits for each piece, of which many are the same.
	log := min(max(bits.Len(uint(len(text)*4)), digestFewer), digestMost)
	d := make(digest, 1<<(log-6))
	for n := 0; n+pieceLen <= len(text); n++ {
		a, b := d.bits(text[n:])
		d[a>>6] |= 1 << (a & 63)
		d[b>>6] |= 1 << (b & 63)
	}
	return d
}

// bits are the two bits of the piece that s begins with.
func (d digest) bits(s string) (a, b uint32) {
	piece := uint32(s[0]) | uint32(s[1])<<8 | uint32(s[2])<<16
	down := 32 - (bits.Len(uint(len(d))) - 1 + 6)
	h := piece * 0x9e3779b1
	return h >> down, (h ^ h>>15) * 0x85ebca6b >> down
}

// may reports whether the text may contain the word, which is in lower case. What is
// shorter than a piece always may.
func (d digest) may(word string) bool {
	for n := 0; n+pieceLen <= len(word); n++ {
		a, b := d.bits(word[n:])
		if d[a>>6]&(1<<(a&63)) == 0 || d[b>>6]&(1<<(b&63)) == 0 {
			return false
		}
	}
	return true
}

// digests are those used last. The zero value is ready.
type digests struct {
	mu    sync.Mutex
	order list.List // of *digested, the newest in front
	byID  map[casework.ItemID]*list.Element
	size  int
}

type digested struct {
	id    casework.ItemID
	of    digest
	since time.Time
}

// get returns the digests of the items, nil for those that are not there.
func (s *digests) get(ids []place, now time.Time) []digest {
	out := make([]digest, len(ids))
	old := now.Add(-digestFor)
	s.mu.Lock()
	defer s.mu.Unlock()
	for n, p := range ids {
		e := s.byID[p.item]
		if e == nil {
			continue
		}
		if d := e.Value.(*digested); d.since.After(old) {
			s.order.MoveToFront(e)
			out[n] = d.of
		} else {
			s.remove(e)
		}
	}
	return out
}

func (s *digests) put(id casework.ItemID, d digest, now time.Time) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if e := s.byID[id]; e != nil {
		s.remove(e)
	}
	if s.byID == nil {
		s.byID = map[casework.ItemID]*list.Element{}
	}
	s.byID[id] = s.order.PushFront(&digested{id, d, now})
	s.size += len(d)*8 + digestEach
	for s.size > digestRoom {
		s.remove(s.order.Back())
	}
}

func (s *digests) drop(id casework.ItemID) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if e := s.byID[id]; e != nil {
		s.remove(e)
	}
}

// remove takes out one digest; mu is held.
func (s *digests) remove(e *list.Element) {
	d := s.order.Remove(e).(*digested)
	delete(s.byID, d.id)
	s.size -= len(d.of)*8 + digestEach
}
