package ledger_test

import (
	"bytes"
	"context"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"

	"pgregory.net/rapid"

	"github.com/tocsin-sec/tocsin/internal/base/unit"
	"github.com/tocsin-sec/tocsin/internal/platform/ledger"
	"github.com/tocsin-sec/tocsin/internal/platform/sqldb/sqldbtest"
)

// TestAnyFlippedBitIsNoticed flips one bit anywhere in an export. The one field
// that may change unnoticed is l, the index of the leaf that first covered an
// entry: it points at proof and is no part of the record.
func TestAnyFlippedBitIsNoticed(t *testing.T) {
	e := sqldbtest.SQLite(t, nil)
	notes := history(t, e)
	text, public := export(t, e), keys(t, e)
	index := regexp.MustCompile(`"l":(-?\d+)`).FindAllStringSubmatchIndex(text, -1)
	rapid.Check(t, func(rt *rapid.T) {
		at := rapid.IntRange(0, len(text)-1).Draw(rt, "at")
		for _, m := range index {
			if at >= m[2] && at < m[3] {
				rt.Skip("the index of a leaf")
			}
		}
		changed := []byte(text)
		changed[at] ^= 1 << rapid.IntRange(0, 7).Draw(rt, "bit")
		r, err := ledger.Verify(t.Context(), bytes.NewReader(changed), ledger.Against{Keys: public, Earlier: notes[:1]})
		if err != nil || r.OK() {
			rt.Fatalf("%q at %d: %v %+v", changed[max(0, at-30):min(len(changed), at+10)], at, err, r)
		}
	})
}

// TestMovedAndMissingLinesAreNamed removes, swaps and cuts entries of an export.
func TestMovedAndMissingLinesAreNamed(t *testing.T) {
	e := sqldbtest.SQLite(t, nil)
	history(t, e)
	public := keys(t, e)
	lines := slices.Collect(strings.Lines(export(t, e)))
	first := slices.IndexFunc(lines, func(l string) bool { return strings.HasPrefix(l, `{"s":`) })
	stream := func(i int) string {
		if i < first || i >= len(lines)-1 {
			return ""
		}
		return lines[i][:strings.Index(lines[i], ",")]
	}
	rapid.Check(t, func(rt *rapid.T) {
		i := rapid.IntRange(first, len(lines)-2).Draw(rt, "line")
		var changed []string
		var want ledger.FindingKind
		switch op := rapid.SampledFrom([]string{"remove", "swap", "cut file", "cut stream", "double"}).Draw(rt, "op"); op {
		case "remove":
			changed, want = slices.Delete(slices.Clone(lines), i, i+1), ledger.Removed
			if stream(i+1) != stream(i) {
				want = ledger.CutOff
			}
		case "swap":
			if stream(i+1) != stream(i) {
				rt.Skip("the last of its stream")
			}
			changed, want = slices.Clone(lines), ledger.Reordered
			changed[i], changed[i+1] = changed[i+1], changed[i]
		case "cut file":
			changed, want = lines[:i], ledger.CutOff
		case "cut stream":
			end := i
			for stream(end) == stream(i) {
				end++
			}
			changed, want = slices.Delete(slices.Clone(lines), i, end), ledger.CutOff
		case "double":
			changed, want = slices.Insert(slices.Clone(lines), i, lines[i]), ledger.Reordered
		}
		r, err := ledger.Verify(t.Context(), strings.NewReader(strings.Join(changed, "")), ledger.Against{Keys: public})
		if err != nil || r.OK() || r.Findings[0].Kind != want {
			rt.Fatalf("%v %+v, want %v", err, r.Findings, want)
		}
	})
}

func TestManyWritersAtOnceKeepTheChains(t *testing.T) {
	sqldbtest.Each(t, nil, func(t *testing.T, e *sqldbtest.Env) {
		other := e.Second(t)
		var wg sync.WaitGroup
		for i := range 40 {
			w := e.Work
			if i%2 == 0 {
				w = other.Work
			}
			wg.Go(func() {
				err := w.Do(context.Background(), func(ctx context.Context, tx unit.Tx) error {
					for j := range 3 { // in no particular order: the ledger sorts
						tx.Record(unit.Entry{Stream: unit.Stream{Kind: "case", ID: fmt.Sprint((i*7 + j*5) % 4)}, Kind: "k", Actor: "a"})
					}
					return nil
				})
				if err != nil {
					t.Error(err)
				}
			})
		}
		wg.Wait()
		checkpoint(t, e)
		if r := verify(t, export(t, e), keys(t, e)); !r.OK() || r.Entries != 120 || r.Streams != 4 || r.Proven != 120 {
			t.Errorf("report %+v", r)
		}
	})
}

func TestHostileCheckpointsAndKeysAreRefused(t *testing.T) {
	e := sqldbtest.SQLite(t, nil)
	note := string(history(t, e)[0])
	public := keys(t, e)
	for name, c := range map[string]struct {
		note string
		keys []string
	}{
		"another size":     {strings.Replace(note, "\n1\n", "\n2\n", 1), public},
		"no signature":     {note[:strings.Index(note, "\n\n")+2], public},
		"no text":          {"", public},
		"no key":           {note, nil},
		"a malformed key":  {note, []string{"tocsin.test+00000000+AAAA"}},
		"a long text":      {strings.Repeat("x", 2_000_000), public},
		"not a checkpoint": {"hello\n", public},
	} {
		if _, err := ledger.ParseCheckpoint([]byte(c.note), c.keys); err == nil {
			t.Errorf("%s: accepted", name)
		}
	}
	if c, err := ledger.ParseCheckpoint([]byte(note), public); err != nil || c.Size != 1 || c.Origin != "tocsin.test" {
		t.Errorf("%+v %v", c, err)
	}
}

// FuzzVerify feeds foreign bytes to the reader of exports: it must not panic, and
// what it takes for proven is what was signed.
func FuzzVerify(f *testing.F) {
	e := sqldbtest.SQLite(f, nil)
	history(f, e)
	text, public := export(f, e), keys(f, e)
	f.Add([]byte(text))
	f.Add([]byte(text[:len(text)/2]))
	f.Add([]byte(""))
	f.Add([]byte("{\"tocsin\":\"ledger\",\"version\":1}\n{\"end\":0}\n"))
	f.Fuzz(func(t *testing.T, b []byte) {
		r, err := ledger.Verify(t.Context(), bytes.NewReader(b), ledger.Against{Keys: public})
		if err == nil && r.OK() && r.Proven > 0 && (r.Checkpoint.Size != 4 || r.Proven != 16) {
			t.Errorf("taken for whole: %q", b)
		}
	})
}
