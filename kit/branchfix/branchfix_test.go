package branchfix_test

import (
	"bytes"
	"errors"
	"fmt"
	"reflect"
	"strings"
	"testing"

	"github.com/tocsin-sec/tocsin/kit/branchfix"
	"github.com/tocsin-sec/tocsin/kit/branchfix/message"
	"github.com/tocsin-sec/tocsin/kit/patch"
)

func TestMessagesSayWhereACommitComesFrom(t *testing.T) {
	a, b := branchfix.ID(strings.Repeat("ab", 20)), branchfix.ID(strings.Repeat("12", 20))
	for _, c := range []struct {
		message string
		want    []branchfix.Link
	}{
		{"x\n\n(cherry picked from commit " + string(a) + ")", []branchfix.Link{{branchfix.CherryPicked, a}}},
		{"x\n\ncommit " + string(a) + " upstream.\n", []branchfix.Link{{branchfix.Upstream, a}}},
		{"x\n\n[ Upstream commit " + string(a) + " ]\n", []branchfix.Link{{branchfix.Upstream, a}}},
		{"x\n\nThis reverts commit " + string(a) + ".\n", []branchfix.Link{{branchfix.Reverts, a}}},
		{"x\n\nThis reverts commit " + string(a) + ", reversing\nchanges made to " + string(b) + ".", []branchfix.Link{{branchfix.Reverts, a}}},
		{"x\n\nThis partially reverts commit " + string(a) + ".\n", []branchfix.Link{{branchfix.PartlyReverts, a}}},
		{"x\n\nFixes: abcdef012345 (\"libct: y\")\n", []branchfix.Link{{branchfix.FixesCommit, "abcdef012345"}}},
		{"x\n\nBackport of commit " + string(a), []branchfix.Link{{branchfix.Backport, a}}},
		{"x\n\nbased on the work in deadbeef and others", nil},
		{"x\n\nFixes: #1234567", nil},
	} {
		if got := branchfix.Links(c.message); !reflect.DeepEqual(got, c.want) {
			t.Errorf("%q says %v, want %v", c.message, got, c.want)
		}
	}
}

// sample is an index with everything that is kept.
func sample(n int) *branchfix.Index {
	x := branchfix.NewIndex()
	for i := range n {
		id := branchfix.ID(fmt.Sprintf("%040x", i+1))
		c := branchfix.Commit{ID: id, Author: "A <a@example>", When: int64(i), Message: fmt.Sprintf("change %d (CVE-2026-1000%d)\n\nFixes: %040x", i, i, i)}
		if i > 0 {
			c.Parents = []branchfix.ID{branchfix.ID(fmt.Sprintf("%040x", i))}
		}
		x.Add(branchfix.Describe(c, patch.Summary{Print: patch.Print{Strict: patch.Sum{byte(i)}, Lines: patch.Sum{byte(i), 1}, Weight: 3}, Files: []string{"a.c", fmt.Sprint(i)},
			Renames: [][2]string{{"old", "new"}}, Cut: i%2 == 0}))
	}
	return x
}

func TestAnIndexIsReadAsItWasKept(t *testing.T) {
	x := sample(50)
	var b bytes.Buffer
	if _, err := x.WriteTo(&b); err != nil {
		t.Fatal(err)
	}
	y, err := branchfix.ReadIndex(b.Bytes())
	if err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(x, y) {
		t.Error("another index comes back")
	}
	for _, at := range []int{0, 30, b.Len() / 2, b.Len() - 1} {
		damaged := bytes.Clone(b.Bytes())
		damaged[at] ^= 1
		if _, err := branchfix.ReadIndex(damaged); !errors.Is(err, branchfix.ErrStored) {
			t.Errorf("a changed bit at %d: %v", at, err)
		}
	}
	if _, err := branchfix.ReadIndex(b.Bytes()[:b.Len()-40]); !errors.Is(err, branchfix.ErrStored) {
		t.Errorf("a cut index: %v", err)
	}
}

func FuzzReadIndex(f *testing.F) {
	var b bytes.Buffer
	if _, err := sample(3).WriteTo(&b); err != nil {
		f.Fatal(err)
	}
	f.Add(b.Bytes())
	f.Fuzz(func(t *testing.T, data []byte) {
		if _, err := branchfix.ReadIndex(data); err != nil && !errors.Is(err, branchfix.ErrStored) {
			t.Error(err)
		}
	})
}

func FuzzMessage(f *testing.F) {
	f.Add("x\n\n(cherry picked from commit 1111111111111111111111111111111111111111)")
	f.Fuzz(func(t *testing.T, text string) {
		message.Subject(text)
		for _, l := range branchfix.Links(text) {
			if len(l.To) < 7 {
				t.Errorf("a link to %q", l.To)
			}
		}
	})
}
