package keyuse

import (
	"testing"
	"time"

	"github.com/tocsin-sec/tocsin/internal/advisory/pubtree"
)

func TestCurrent(t *testing.T) {
	now := time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)
	key := func(name string, use bool, expires time.Time) pubtree.Key {
		return pubtree.Key{Fingerprint: name, Signs: true, InUse: use, Expires: expires}
	}
	never := time.Time{}
	for _, c := range []struct {
		fact   string
		keys   []pubtree.Key
		signed string
		want   bool
	}{
		{"signed by all in use", []pubtree.Key{key("A", true, never), key("B", true, never)}, "B A", true},
		{"a key was added since", []pubtree.Key{key("A", true, never), key("B", true, never)}, "A", false},
		{"a key was retired since", []pubtree.Key{key("A", true, never), key("B", false, never)}, "A B", false},
		{"a key ended since", []pubtree.Key{key("A", true, never), key("B", true, now)}, "A B", true},
		{"a key that had ended did not sign", []pubtree.Key{key("A", true, never), key("B", true, now)}, "A", true},
		{"one from long ago", []pubtree.Key{key("A", true, never), key("B", false, never)}, "A", true},
	} {
		if got := Current(c.keys, c.signed, now); got != c.want {
			t.Errorf("%s: %v", c.fact, got)
		}
	}
}

func TestAt(t *testing.T) {
	end := time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)
	early, late := pubtree.Key{Fingerprint: "A", InUse: true, Expires: end}, pubtree.Key{Fingerprint: "B", InUse: true}
	for _, c := range []struct {
		fact           string
		keys           []pubtree.Key
		at             time.Time
		blocked, notes int
	}{
		{"no key blocks", nil, end, 1, 0},
		{"a retired one is none", []pubtree.Key{{Fingerprint: "C"}}, end, 1, 0},
		{"the only one ends before", []pubtree.Key{early}, end, 1, 0},
		{"the only one ends after", []pubtree.Key{early}, end.Add(-time.Second), 0, 0},
		{"one of two ends before", []pubtree.Key{early, late}, end, 0, 1},
	} {
		blocked, notes := At(c.keys, c.at)
		if len(blocked) != c.blocked || len(notes) != c.notes {
			t.Errorf("%s: %v, %v", c.fact, blocked, notes)
		}
	}
}
