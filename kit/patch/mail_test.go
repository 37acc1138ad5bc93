package patch_test

import (
	"strings"
	"testing"

	"github.com/tocsin-sec/tocsin/kit/patch"
)

const lampDiff = `diff --git a/lamp.c b/lamp.c
index 1234567..89abcde 100644
--- a/lamp.c
+++ b/lamp.c
@@ -1,2 +1,3 @@
 int lamp;
+int glass;
 int wick;
`

const lampMail = `From 0123456789012345678901234567890123456789 Mon Sep 17 00:00:00 2001
From: =?UTF-8?q?J=C3=BCrgen?= <j@lantern.example>
Date: Tue, 3 Nov 2026 10:00:00 +0100
Subject: [PATCH 1/2] lamp: a glass
 around the wick

From here on it is brighter.
---
 lamp.c | 1 +
 1 file changed, 1 insertion(+)

` + lampDiff + "-- \n2.39.5\n\n"

func TestPatchesAreReadFromWhatPeopleHave(t *testing.T) {
	second := strings.NewReplacer("1/2", "2/2", "lamp.c", "wick.c").Replace(lampMail) + "base-commit: " + strings.Repeat("ab", 20) + "\n"
	cover := "From 0123456789012345678901234567890123456789 Mon Sep 17 00:00:00 2001\nFrom: A <a@b.example>\nSubject: [PATCH 0/2] lamps\n\nBoth are needed.\n\n"
	plain := "--- lamp.c.orig\t2026-11-03 10:00:00\n+++ lamp.c\t2026-11-03 10:01:00\n@@ -1,2 +1,3 @@\n int lamp;\n+++ int glass;\n int wick;\n" +
		"--- wick.c\n+++ wick.c\n@@ -1 +1 @@\n-a\n+b\n"
	quoted := strings.NewReplacer("Subject:", "Content-Transfer-Encoding: quoted-printable\nSubject:", "int glass;", "int =67lass;", "diff --git", "diff =2D-git").Replace(lampMail)
	for name, c := range map[string]struct {
		raw     string
		patches int
		paths   string
	}{
		"a diff": {lampDiff, 1, "lamp.c"}, "a mail": {lampMail, 1, "lamp.c"}, "a mailbox with a cover letter": {cover + lampMail + second, 2, "lamp.c wick.c"},
		"line ends of another system": {strings.ReplaceAll(lampMail, "\n", "\r\n"), 1, "lamp.c"}, "diff -u": {plain, 1, "lamp.c wick.c"}, "a quoted body": {quoted, 1, "lamp.c"},
	} {
		list, err := patch.ReadMails(strings.NewReader(c.raw))
		if err != nil || len(list) != c.patches {
			t.Errorf("%s: %d patches, %v", name, len(list), err)
			continue
		}
		var paths []string
		for _, m := range list {
			for _, f := range m.Patch.Files {
				paths = append(paths, f.Path())
			}
		}
		if strings.Join(paths, " ") != c.paths {
			t.Errorf("%s: changes %v", name, paths)
		}
	}
	list, err := patch.ReadMails(strings.NewReader(lampMail + second))
	if err != nil {
		t.Fatal(err)
	}
	if m := list[0]; m.Author != "Jürgen <j@lantern.example>" || m.When != 1793696400 || m.Message != "lamp: a glass around the wick\n\nFrom here on it is brighter." {
		t.Errorf("the head is %q %d %q", m.Author, m.When, m.Message)
	}
	if list[1].Base != strings.Repeat("ab", 20) {
		t.Errorf("its base is %q", list[1].Base)
	}
}

func TestWhatIsNoPatchIsSaid(t *testing.T) {
	for name, raw := range map[string]string{
		"nothing": "", "a letter": "Subject: hello\n\nno patch\n", "a cut hunk": strings.Replace(lampDiff, " int wick;\n", "", 1), "a line too long": strings.Replace(lampDiff, "glass", strings.Repeat("g", patch.MaxLine+1), 1),
	} {
		if _, err := patch.ReadMails(strings.NewReader(raw)); err == nil {
			t.Errorf("%s is taken for a patch", name)
		}
	}
}

func FuzzReadMails(f *testing.F) {
	f.Add(lampMail + lampMail)
	f.Add("--- a\n+++ a\n@@ -1 +1 @@\n-a\n+b\n")
	f.Fuzz(func(t *testing.T, raw string) {
		list, err := patch.ReadMails(strings.NewReader(raw))
		if err == nil && len(list) == 0 {
			t.Error("neither patches nor an error")
		}
	})
}
