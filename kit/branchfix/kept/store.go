package kept

import (
	"bytes"
	"cmp"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"io"
	"slices"
	"sync"
)

// magic begins a kept store. The number changes with its form; what an answer depends on
// is part of each key.
const magic = "tocsin branchfix answers 1\n"

// maxBytes bounds what one store keeps. What was asked for longest ago goes first.
const maxBytes = 8 << 20

// ErrStored says that a store is damaged or of another version: begin with a new one.
var ErrStored = errors.New("the kept answers are damaged or of another version")

// Key names a question.
type Key [sha256.Size]byte

// Store holds answers. It is safe for concurrent use.
type Store struct {
	mu      sync.Mutex
	answers map[Key]*answer
	clock   uint64
	grown   bool
}

type answer struct {
	used uint64
	raw  []byte
}

// New returns an empty store.
func New() *Store { return &Store{answers: map[Key]*answer{}} }

// Grown reports whether it holds what it did not when it was read.
func (s *Store) Grown() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.grown
}

func (s *Store) get(k Key) ([]byte, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	a, ok := s.answers[k]
	if !ok {
		return nil, false
	}
	s.clock++
	a.used = s.clock
	return a.raw, true
}

func (s *Store) put(k Key, raw []byte) {
	if len(raw) > maxBytes/4 {
		return // one that would drive out most others
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.clock++
	s.answers[k] = &answer{s.clock, raw}
	s.grown = true
}

// kept is a key with its answer, for the order.
type kept struct {
	key Key
	*answer
}

// byUse lists what is kept within the bound, the oldest first.
func (s *Store) byUse() []kept {
	s.mu.Lock()
	defer s.mu.Unlock()
	var out []kept
	for k, a := range s.answers {
		out = append(out, kept{k, a})
	}
	slices.SortFunc(out, func(a, b kept) int {
		return cmp.Or(cmp.Compare(a.used, b.used), bytes.Compare(a.key[:], b.key[:]))
	})
	size := 0
	for i := len(out) - 1; i >= 0; i-- {
		if size += len(out[i].raw) + 2*sha256.Size; size > maxBytes {
			return out[i+1:]
		}
	}
	return out
}

// WriteTo writes the store. It implements io.WriterTo.
func (s *Store) WriteTo(w io.Writer) (int64, error) {
	out := []byte(magic)
	for _, a := range s.byUse() {
		out = append(out, a.key[:]...)
		out = binary.AppendUvarint(out, uint64(len(a.raw)))
		out = append(out, a.raw...)
	}
	sum := sha256.Sum256(out)
	n, err := w.Write(append(out, sum[:]...))
	return int64(n), err
}

// Read reads what WriteTo wrote. It fails with ErrStored.
func Read(data []byte) (*Store, error) {
	body := data[:max(0, len(data)-sha256.Size)]
	sum := sha256.Sum256(body)
	if !bytes.HasPrefix(body, []byte(magic)) || !bytes.Equal(sum[:], data[len(body):]) || len(data) > 2*maxBytes {
		return nil, ErrStored
	}
	s := New()
	for body = body[len(magic):]; len(body) > 0; {
		if len(body) < len(Key{}) {
			return nil, ErrStored
		}
		k := Key(body[:len(Key{})])
		size, n := binary.Uvarint(body[len(k):])
		body = body[len(k):]
		if n <= 0 || size > uint64(len(body)-n) {
			return nil, ErrStored
		}
		s.clock++
		s.answers[k] = &answer{s.clock, body[n : n+int(size)]}
		body = body[n+int(size):]
	}
	return s, nil
}
