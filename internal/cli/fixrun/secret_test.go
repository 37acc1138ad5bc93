package fixrun_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/tocsin-sec/tocsin/internal/platform/git/gittest"
	"github.com/tocsin-sec/tocsin/kit/branchfix"
)

const canary = "CanaryThatNobodyMaySee"

// secretPatch makes a fix with the canary in its message and its lines in a clone, and
// returns a mailbox of it. The clone is gone afterwards.
func secretPatch(t *testing.T, r *gittest.Repo) string {
	t.Helper()
	t.Setenv("TMPDIR", t.TempDir())
	dir := filepath.Join(t.TempDir(), "private")
	r.Git("clone", "-q", r.Dir, dir)
	clone := *r
	clone.Dir = dir
	clone.Edit("lamp.c", "\treturn glass[0];\n", "\tif (glass[0] < 0)\n\t\treturn "+canary+"(glass);\n\treturn glass[0];\n")
	clone.Commit("lamp: no darkness\n\n" + canary + " is how it was found, by looking into the dark.\n\nCVE-2026-9999")
	clone.Write("wick.c", "int "+canary+"(char *glass)\n{\n\treturn 0;\n}\n")
	clone.Commit("wick: " + canary)
	file := filepath.Join(t.TempDir(), "secret.mbox")
	if err := os.WriteFile(file, []byte(clone.Git("format-patch", "--stdout", "-2")+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.RemoveAll(dir); err != nil {
		t.Fatal(err)
	}
	return file
}

// holds fails if the canary is in the repository, its objects unpacked, in what is kept of
// it, in the folder for temporary files, or in what was printed.
func holds(t *testing.T, r *gittest.Repo, before, printed string) {
	t.Helper()
	if files(t, r.Dir) != before {
		t.Error("the repository changed")
	}
	tmp := files(t, os.TempDir())
	if strings.Contains(tmp, "tocsin-") {
		t.Errorf("left behind for a time: %.300s", tmp)
	}
	for where, content := range map[string]string{"objects": r.Git("cat-file", "--batch-all-objects", "--batch"), "cache": files(t, os.Getenv("XDG_CACHE_HOME")), "temporary files": tmp, "output": printed} {
		if strings.Contains(content, canary) {
			t.Errorf("the canary is in %s", where)
		}
	}
}

func TestASecretFixIsTriedOnEveryBranchAndSeenNowhere(t *testing.T) {
	r, _ := project(t)
	r.Branch("release-0.9", branchfix.ID(r.Git("rev-parse", "release-1.0")))
	r.Edit("lamp.c", "\treturn glass[0];\n", "\treturn *glass;\n")
	r.Commit("lamp: another way to say so")
	r.On("main")
	file := secretPatch(t, r)
	before := files(t, r.Dir)
	for _, how := range []string{"--json", ""} {
		args := []string{"try", r.Dir, "--branches", "release-*,main", "--patch", file}
		if how != "" {
			args = append(args, how)
		}
		out, err := run(t, args...)
		if err == nil || err.Error() != "exit 1" {
			t.Fatalf("%v\n%s", err, out)
		}
		if how == "--json" {
			var m branchfix.Matrix
			if err := json.Unmarshal([]byte(out), &m); err != nil {
				t.Fatal(err)
			}
			var got []string
			for _, b := range m.Branches {
				got = append(got, b.Name+" "+string(b.State)+" "+b.Fixes[0].Commit)
			}
			if want := []string{"release-0.9 conflicts patch-1,patch-2", "release-1.0 applies patch-1,patch-2", "release-1.1 applies patch-1,patch-2", "main applies patch-1,patch-2"}; !slices.Equal(got, want) {
				t.Errorf("it says %v", got)
			}
		} else if !strings.Contains(out, "patch-1 does not apply to lamp.c") {
			t.Errorf("it says\n%s", out)
		}
		holds(t, r, before, out)
	}
	out, err := run(t, "matrix", r.Dir, "--fix", "main~1", "--branches", "release-*,main")
	if err != nil {
		t.Fatal(err)
	}
	holds(t, r, before, out)
}

func TestPatchesMadeOnOlderFilesFindThem(t *testing.T) {
	r, _ := project(t)
	file := secretPatch(t, r)
	r.Edit("lamp.c", "\treturn glass[0];\n", "\treturn *glass;\n")
	r.Commit("lamp: another way to say so")
	for _, b := range []string{"release-1.0", "release-1.1"} {
		r.On(b)
		r.Edit("lamp.c", "\treturn glass[0];\n", "\treturn *(glass);\n")
		r.Commit("lamp: yet another")
	}
	out, err := run(t, "try", r.Dir, "--branches", "*", "--patch", file)
	if err == nil || err.Error() != "exit 1" || strings.Count(out, "patch-1 does not apply to lamp.c") != 3 {
		t.Errorf("%v\n%s", err, out)
	}
}

func TestAFixThatBecamePublicIsSeen(t *testing.T) {
	r, _ := project(t)
	file := secretPatch(t, r)
	before := files(t, r.Dir)
	out, err := run(t, "watch", r.Dir, "--patch", file)
	if err != nil || !strings.Contains(out, "No public commit") {
		t.Fatalf("nothing is public: %v\n%s", err, out)
	}
	holds(t, r, before, out)
	since := r.Git("rev-parse", "HEAD")
	for name, c := range map[string]struct {
		do   func()
		kind branchfix.Kind
		sure bool
	}{
		"as it is": {func() { r.Git("am", "-q", file); r.Git("reset", "-q", "--hard", "HEAD~1") }, branchfix.SamePatch, true},
		"in a bigger commit under another name": {func() {
			r.Git("mv", "lamp.c", "light.c")
			r.Edit("light.c", "\treturn glass[0];\n", "\tif (glass[0] < 0)\n\t\treturn "+canary+"(glass);\n\treturn glass[0];\n")
			r.Write("more.c", "int more;\nint evenmore;\n")
			r.Commit("Some work")
		}, branchfix.Covered, true},
		"by the CVE id": {func() { r.Write("NEWS", "soon\n"); r.Commit("News\n\nOf CVE-2026-9999.") }, branchfix.SameCVE, false},
		"by its words": {func() {
			r.Write("NEWS", "soon\n")
			r.Commit("News\n\n" + canary + " is how it was found, by looking into the dark.")
		}, branchfix.SameWords, false},
		"by the same title": {func() { r.Write("NEWS", "soon\n"); r.Commit("[main] lamp: no darkness (#12)") }, branchfix.AuthorTitle, false},
	} {
		r.Git("checkout", "-q", "-B", "main", since)
		c.do()
		out, err := run(t, "watch", r.Dir, "--patch", file, "--json")
		var got struct{ Leaks []branchfix.Leak }
		if e := json.Unmarshal([]byte(out), &got); e != nil || err == nil || err.Error() != "exit 1" {
			t.Fatalf("%s: %v %v\n%s", name, err, e, out)
		}
		i := slices.IndexFunc(got.Leaks, func(l branchfix.Leak) bool {
			return l.New && l.Part == 1 && l.Weight >= branchfix.Sure == c.sure && slices.ContainsFunc(l.Evidence, func(e branchfix.Evidence) bool { return e.Kind == c.kind })
		})
		if i < 0 {
			t.Errorf("%s: %s", name, out)
		}
		if strings.Contains(files(t, os.Getenv("XDG_CACHE_HOME")), "wick: "+canary) {
			t.Errorf("%s: a secret subject is kept", name)
		}
		if out, err := run(t, "watch", r.Dir, "--patch", file, "--since", "main"); err != nil {
			t.Errorf("%s, since then: %v\n%s", name, err, out)
		}
	}
}

func TestWhatIsWrongWithAPatchIsSaidWithoutItsText(t *testing.T) {
	r, _ := project(t)
	file := secretPatch(t, r)
	raw, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	put := func(name, content string) string {
		full := filepath.Join(t.TempDir(), name)
		if err := os.WriteFile(full, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
		return full
	}
	broken := put("broken", strings.Replace(string(raw), "@@ -", "@@ "+canary, 1))
	elsewhere := put("elsewhere", "diff --git a/"+"x b/x\n--- a/x\n+++ b/x\n@@ -1 +1 @@\n-"+canary+"\n+y\n")
	outside := put("outside", "diff --git a/../../x b/../../x\nnew file mode 100644\n--- /dev/null\n+++ b/../../x\n@@ -0,0 +1 @@\n+"+canary+"\n")
	for name, c := range map[string]struct {
		args []string
		want string
	}{
		"no fix":              {[]string{"try", r.Dir, "--branches", "*"}, "usage: say which fix"},
		"no branches":         {[]string{"try", r.Dir, "--patch", file}, "usage: say which branches"},
		"both":                {[]string{"try", r.Dir, "--branches", "*", "--patch", file, "--fix", "HEAD"}, "none of the others can be"},
		"a file of no patch":  {[]string{"watch", r.Dir, "--patch", put("none", canary)}, "there is no diff in it"},
		"a broken diff":       {[]string{"watch", r.Dir, "--patch", broken}, "patch 1: the diff contradicts itself at its line"},
		"of another project":  {[]string{"try", r.Dir, "--branches", "*", "--patch", elsewhere}, "the patches apply to none of these commits"},
		"out of the tree":     {[]string{"try", r.Dir, "--branches", "*", "--patch", outside}, "the patches apply to none of these commits"},
		"a base that is none": {[]string{"try", r.Dir, "--branches", "*", "--patch", file, "--base", "feedfeed"}, "--base"},
		"an argument without": {[]string{"watch", r.Dir, file, "--fix", "HEAD"}, "one argument too many"},
	} {
		out, err := run(t, c.args...)
		if err == nil || !strings.Contains(err.Error(), c.want) || strings.Contains(out+err.Error(), canary) {
			t.Errorf("%s: %v", name, err)
		}
	}
}
