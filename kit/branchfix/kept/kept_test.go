package kept_test

import (
	"bytes"
	"errors"
	"reflect"
	"strings"
	"testing"

	"github.com/tocsin-sec/tocsin/kit/branchfix"
	"github.com/tocsin-sec/tocsin/kit/branchfix/kept"
)

func answer(note string, kind branchfix.Kind) kept.Answer {
	return kept.Answer{Subjects: map[branchfix.ID]string{"a": note}, Matrix: &branchfix.Matrix{Branches: []branchfix.BranchState{{Name: "main", State: branchfix.Fixed,
		Fixes: []branchfix.FixState{{Commit: "a", State: branchfix.Fixed, Evidence: []branchfix.Evidence{{Kind: kind, Weight: 1, Note: note}}}}}}}}
}

func question(t testing.TB, of string) kept.Key {
	k, err := kept.Question{Tool: of, Request: branchfix.Request{Branches: []branchfix.Branch{{Name: "main"}}}}.Key()
	if err != nil {
		t.Fatal(err)
	}
	return k
}

func stored(t testing.TB, s *kept.Store) []byte {
	var b bytes.Buffer
	if _, err := s.WriteTo(&b); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func TestAnAnswerComesBackAsItWas(t *testing.T) {
	s := kept.New()
	s.Put(question(t, "1"), answer("one", branchfix.Ancestry))
	s.Put(question(t, "2"), answer("two", branchfix.Unreadable))
	raw := stored(t, s)
	back, err := kept.Read(raw)
	if err != nil {
		t.Fatal(err)
	}
	if got, ok := back.Get(question(t, "1")); !ok || !reflect.DeepEqual(got, answer("one", branchfix.Ancestry)) {
		t.Errorf("comes back as %+v", got)
	}
	if _, ok := back.Get(question(t, "2")); ok {
		t.Error("an answer about objects that cannot be read is kept")
	}
	if _, ok := back.Get(question(t, "3")); ok {
		t.Error("a question that was never asked has an answer")
	}
	for at := range raw {
		damaged := bytes.Clone(raw)
		damaged[at] ^= 4
		if _, err := kept.Read(damaged); !errors.Is(err, kept.ErrStored) {
			t.Fatalf("a changed bit at %d: %v", at, err)
		}
	}
}

func TestWhatIsKeptIsBounded(t *testing.T) {
	s := kept.New()
	long := strings.Repeat("x", 1<<19)
	for i := range 40 {
		s.Put(question(t, string(rune('a'+i))), answer(long, branchfix.Ancestry))
	}
	raw := stored(t, s)
	if len(raw) > 9<<20 {
		t.Errorf("%d bytes are kept", len(raw))
	}
	back, err := kept.Read(raw)
	if err != nil {
		t.Fatal(err)
	}
	if _, ok := back.Get(question(t, string(rune('a'+39)))); !ok {
		t.Error("the newest is not kept")
	}
	if _, ok := back.Get(question(t, "a")); ok {
		t.Error("the oldest is kept")
	}
}

func FuzzRead(f *testing.F) {
	s := kept.New()
	s.Put(question(f, "1"), answer("one", branchfix.Ancestry))
	f.Add(stored(f, s))
	f.Fuzz(func(t *testing.T, data []byte) {
		if _, err := kept.Read(data); err != nil && !errors.Is(err, kept.ErrStored) {
			t.Error(err)
		}
	})
}
