package branchfix_test

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"reflect"
	"strings"
	"testing"

	"github.com/tocsin-sec/tocsin/kit/branchfix"
)

func TestSubjectsOfBackportsAreThoseOfTheirFix(t *testing.T) {
	want := "libct: close the file before exec"
	for _, s := range []string{
		"libct: close the file before exec", "[1.1] libct: close the file before exec", "[release-1.1] [backport] libct: Close the file before exec (#4123)",
		"Backport: libct: close  the file before exec.", "libct: close the file before exec [1.1]", "\n\nlibct: close the file before exec\n\nbody",
		"Automated cherry pick of #123: libct: close the file before exec", "libct: close the file before exec (cherry-picked from main)",
	} {
		if got := branchfix.Subject(s); got != want {
			t.Errorf("%q becomes %q", s, got)
		}
	}
	if branchfix.Subject("[1.1]") == "" {
		t.Error("a subject that is a mark alone is kept")
	}
	if a, b := branchfix.Subject("Revert \"x y\""), branchfix.Subject("x y"); a == b {
		t.Error("a revert has the subject of what it reverts")
	}
}

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

const patch = `From abc
Subject: x

diff --git a/a.c b/a.c
index 1111111..2222222 100644
--- a/a.c
+++ b/a.c
@@ -1,4 +1,5 @@ f()
 one
-two
+two and a half
+diff --git a/fake b/fake
 three
 four
diff --git "a/b\303\244.bin" "b/b\303\244.bin"
index 3333333..4444444 100644
Binary files "a/b\303\244.bin" and "b/b\303\244.bin" differ
diff --git a/old b/new
similarity index 100%
rename from old
rename to new
-- 
2.39.5
`

func TestAPatchIsReadAsItStands(t *testing.T) {
	p, err := branchfix.ParsePatch(strings.NewReader(patch))
	if err != nil {
		t.Fatal(err)
	}
	if len(p.Files) != 3 || p.Files[0].New != "a.c" || len(p.Files[0].Hunks) != 1 || len(p.Files[0].Hunks[0].Lines) != 6 {
		t.Fatalf("read %+v", p)
	}
	if f := p.Files[1]; f.New != "bä.bin" || !f.Binary || f.NewBlob != "4444444" {
		t.Errorf("the binary file is %+v", f)
	}
	if f := p.Files[2]; f.Old != "old" || f.New != "new" {
		t.Errorf("the renamed file is %+v", f)
	}
}

func TestAPatchThatContradictsItselfIsRefused(t *testing.T) {
	for name, c := range map[string]string{
		"a hunk that ends too soon":       "diff --git a/a b/a\n--- a/a\n+++ b/a\n@@ -1,3 +1,3 @@\n one\n",
		"a hunk with a foreign line":      "diff --git a/a b/a\n--- a/a\n+++ b/a\n@@ -1,3 +1,3 @@\n one\n?two\n",
		"a hunk with more than its count": "diff --git a/a b/a\n--- a/a\n+++ b/a\n@@ -1,1 +1,2 @@\n-one\n-two\n",
		"a head without numbers":          "diff --git a/a b/a\n--- a/a\n+++ b/a\n@@ one @@\n",
		"a count beyond all":              "diff --git a/a b/a\n--- a/a\n+++ b/a\n@@ -1,99999999999999999999 +1 @@\n",
		"a name that is not closed":       "diff --git a/a b/a\n--- \"a/a\n",
	} {
		if _, err := branchfix.ParsePatch(strings.NewReader(c)); err == nil || !strings.Contains(err.Error(), "line ") {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestPrintsSayWhetherTwoChangesAreOne(t *testing.T) {
	of := func(text string) branchfix.Print {
		p, err := branchfix.ParsePatch(strings.NewReader(text))
		if err != nil {
			t.Fatal(err)
		}
		return branchfix.PrintOf(p)
	}
	a := of(patch)
	if b := of(strings.ReplaceAll(strings.ReplaceAll(patch, "@@ -1,4 +1,5 @@ f()", "@@ -71,4 +81,5 @@ g()"), "two and a half", "two  and\ta half")); a != b {
		t.Error("line numbers or white space count")
	}
	if b := of(strings.ReplaceAll(patch, "a.c", "z.c")); a.Strict == b.Strict || a.Lines != b.Lines {
		t.Error("a file's name counts without context, or does not count with it")
	}
	if b := of(strings.ReplaceAll(patch, " three", " tree")); a.Strict == b.Strict || a.Lines != b.Lines {
		t.Error("context counts without context, or does not count with it")
	}
	undo := strings.NewReplacer("-two\n", "+two\n", "+two and", "-two and", "+diff", "-diff", "-1,4 +1,5", "-1,5 +1,4", "3333333..4444444", "4444444..3333333").Replace(patch)
	if b := of(undo); a.Undo != b.Lines || b.Undo != a.Lines {
		t.Error("the change that takes it back is not known as such")
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
		k, err := branchfix.Describe(c, strings.NewReader(patch[strings.Index(patch, "diff"):]))
		if err != nil {
			panic(err)
		}
		x.Add(k)
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

func FuzzParsePatch(f *testing.F) {
	f.Add(patch)
	f.Fuzz(func(t *testing.T, text string) {
		p, err := branchfix.ParsePatch(strings.NewReader(text))
		if err == nil {
			branchfix.PrintOf(p)
		}
	})
}

func FuzzDiffs(f *testing.F) {
	f.Add("1111111111111111111111111111111111111111\n" + patch[strings.Index(patch, "diff"):strings.Index(patch, "-- \n")] + "end\nend\n")
	f.Fuzz(func(t *testing.T, text string) {
		d := branchfix.NewDiffs(strings.NewReader(text))
		for range 100 {
			if _, err := d.Next(branchfix.Commit{ID: "1111111111111111111111111111111111111111"}, "end"); err != nil {
				if text == "" && !errors.Is(err, io.ErrUnexpectedEOF) {
					t.Error(err)
				}
				return
			}
		}
	})
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
		branchfix.Subject(text)
		for _, l := range branchfix.Links(text) {
			if len(l.To) < 7 {
				t.Errorf("a link to %q", l.To)
			}
		}
	})
}
