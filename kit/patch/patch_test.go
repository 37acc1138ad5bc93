package patch_test

import (
	"bufio"
	"errors"
	"io"
	"strings"
	"testing"

	"github.com/tocsin-sec/tocsin/kit/patch"
)

const diff = `From abc
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
	p, err := patch.Parse(strings.NewReader(diff))
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
		if _, err := patch.Parse(strings.NewReader(c)); err == nil || !strings.Contains(err.Error(), "line ") {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestPrintsSayWhetherTwoChangesAreOne(t *testing.T) {
	of := func(text string) patch.Print {
		p, err := patch.Parse(strings.NewReader(text))
		if err != nil {
			t.Fatal(err)
		}
		return patch.Summarise(p).Print
	}
	a := of(diff)
	if b := of(strings.ReplaceAll(strings.ReplaceAll(diff, "@@ -1,4 +1,5 @@ f()", "@@ -71,4 +81,5 @@ g()"), "two and a half", "two  and\ta half")); a != b {
		t.Error("line numbers or white space count")
	}
	if b := of(strings.ReplaceAll(diff, "a.c", "z.c")); a.Strict == b.Strict || a.Lines != b.Lines {
		t.Error("a file's name counts without context, or does not count with it")
	}
	if b := of(strings.ReplaceAll(diff, " three", " tree")); a.Strict == b.Strict || a.Lines != b.Lines {
		t.Error("context counts without context, or does not count with it")
	}
	undo := strings.NewReplacer("-two\n", "+two\n", "+two and", "-two and", "+diff", "-diff", "-1,4 +1,5", "-1,5 +1,4", "3333333..4444444", "4444444..3333333").Replace(diff)
	if b := of(undo); a.Undo != b.Lines || b.Undo != a.Lines {
		t.Error("the change that takes it back is not known as such")
	}
}

func FuzzParse(f *testing.F) {
	f.Add(diff)
	f.Fuzz(func(t *testing.T, text string) {
		p, err := patch.Parse(strings.NewReader(text))
		if err == nil {
			patch.Summarise(p)
		}
	})
}

func FuzzStream(f *testing.F) {
	f.Add("1111111111111111111111111111111111111111\n" + diff[strings.Index(diff, "diff"):strings.Index(diff, "-- \n")] + "1111111111111111111111111111111111111111\nend\n")
	f.Fuzz(func(t *testing.T, text string) {
		d := patch.NewStream(strings.NewReader(text))
		for range 100 {
			if _, err := d.Next("1111111111111111111111111111111111111111"); err != nil {
				if text == "" && !errors.Is(err, io.ErrUnexpectedEOF) {
					t.Error(err)
				}
				return
			}
		}
	})
}

func TestABinaryFileEndsWithItsLine(t *testing.T) {
	diff := "0123456789\ndiff --git a/w b/w\nindex 1111111..2222222 100644\nBinary files a/w and b/w differ\n"
	p, err := patch.ParseUntil(bufio.NewReader(strings.NewReader(diff+"end-of-diff\n")), "end-of-diff")
	if err != nil || len(p.Files) != 1 || !p.Files[0].Binary {
		t.Errorf("%+v, %v", p, err)
	}
}
