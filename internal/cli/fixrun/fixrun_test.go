package fixrun_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/tocsin-sec/tocsin/internal/cli/fixrun"
	"github.com/tocsin-sec/tocsin/internal/platform/git/gittest"
	"github.com/tocsin-sec/tocsin/kit/branchfix"
)

// run calls tocsin fix with the arguments.
func run(t *testing.T, args ...string) (string, error) {
	t.Helper()
	var out, problems bytes.Buffer
	c := fixrun.Command(fixrun.Env{Out: &out, Err: &problems, Usage: func(err error) error { return errors.New("usage: " + err.Error()) },
		Exit: func(code int) error { return errors.New("exit " + string(rune('0'+code))) }})
	c.SetArgs(args)
	c.SetOut(&problems)
	c.SetErr(&problems)
	c.SilenceErrors, c.SilenceUsage = true, true
	err := c.ExecuteContext(t.Context())
	if problems.Len() > 0 {
		t.Logf("%v says: %s", args, problems.String())
	}
	return out.String(), err
}

// project has a fix on main that names a CVE id, and one of two branches with it.
func project(t *testing.T) (*gittest.Repo, branchfix.ID) {
	t.Helper()
	t.Setenv("XDG_CACHE_HOME", t.TempDir())
	r := gittest.New(t)
	r.Write("lamp.c", "int lamp(int n)\n{\n\tchar glass[8];\n\tfill(glass, n);\n\treturn glass[0];\n}\n")
	r.Commit("lamp: light")
	r.Git("branch", "release-1.0")
	r.Git("branch", "release-1.1")
	r.Edit("lamp.c", "\tfill(glass, n);\n", "\tif (n > 8)\n\t\treturn -1;\n\tfill(glass, n);\n")
	fix := r.Commit("lamp: no more than the glass holds\n\nCVE-2026-4711")
	r.On("release-1.1")
	r.Pick(fix, "-x")
	r.Git("tag", "v1.1.1")
	r.On("main")
	r.Write("NEWS", "CVE-2026-4711 is fixed\n")
	r.Commit("News of CVE-2026-4711")
	return r, fix
}

// files are the names and contents below a folder. Times do not count: git renews that of
// an object which a trial would have made once more.
func files(t *testing.T, dir string) string {
	t.Helper()
	var out strings.Builder
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		out.WriteString(path + "\n")
		if d.IsDir() {
			return nil
		}
		raw, err := os.ReadFile(path)
		out.Write(raw)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return out.String()
}

func TestTheMatrixOfALocalRepository(t *testing.T) {
	r, fix := project(t)
	before := files(t, r.Dir)
	for name, args := range map[string][]string{
		"by the commit":             {"--fix", string(fix)},
		"by the commit's beginning": {"--fix", string(fix[:9])},
		"by the CVE id":             {"--cve", "cve-2026-4711"},
	} {
		out, err := run(t, append([]string{"matrix", r.Dir, "--branches", "release-*,main", "--json"}, args...)...)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		var m branchfix.Matrix
		if err := json.Unmarshal([]byte(out), &m); err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, b := range m.Branches {
			f := b.Fixes[0]
			if f.Commit != string(fix) || len(b.Fixes) != 1 {
				t.Errorf("%s: the fix is %s", name, f.Commit)
			}
			got = append(got, b.Name+" "+string(b.State)+" "+f.Tag)
		}
		if want := "release-1.0 applies |release-1.1 released v1.1.1|main fixed "; strings.Join(got, "|") != want {
			t.Errorf("%s: %v", name, got)
		}
	}
	if after := files(t, r.Dir); after != before {
		t.Error("the repository changed")
	}
	kept, err := filepath.Glob(filepath.Join(os.Getenv("XDG_CACHE_HOME"), "tocsin", "fix", "*"))
	if err != nil || len(kept) != 2 || !strings.HasSuffix(kept[0], ".answers") || !strings.HasSuffix(kept[1], ".index") {
		t.Errorf("kept are %v %v", kept, err)
	}
	if leavings, _ := filepath.Glob(filepath.Join(os.TempDir(), "tocsin-git-*")); len(leavings) > 0 {
		t.Logf("views of other tests, or left behind: %v", leavings)
	}
}

func TestADamagedIndexIsMadeAnew(t *testing.T) {
	r, fix := project(t)
	args := []string{"matrix", r.Dir, "--fix", string(fix), "--branches", "*", "--json"}
	first, err := run(t, args...)
	if err != nil {
		t.Fatal(err)
	}
	kept, err := filepath.Glob(filepath.Join(os.Getenv("XDG_CACHE_HOME"), "tocsin", "fix", "*.index"))
	if err != nil || len(kept) != 1 {
		t.Fatal(kept, err)
	}
	if err := os.WriteFile(kept[0], []byte("nonsense"), 0o600); err != nil {
		t.Fatal(err)
	}
	if again, err := run(t, args...); err != nil || again != first {
		t.Errorf("it says another thing: %v\n%s", err, again)
	}
}

func TestWhatIsWrongIsSaid(t *testing.T) {
	r, fix := project(t)
	for name, c := range map[string]struct {
		args []string
		want string
	}{
		"no repository":     {[]string{"matrix", t.TempDir(), "--fix", "HEAD", "--branches", "main"}, "not a git repository"},
		"no such commit":    {[]string{"matrix", r.Dir, "--fix", "feedfeed", "--branches", "main"}, `"feedfeed": the repository does not have`},
		"an option as name": {[]string{"matrix", r.Dir, "--fix=--upload-pack=x", "--branches", "main"}, "does not have"},
		"no such branch":    {[]string{"matrix", r.Dir, "--fix", string(fix), "--branches", "main,stable-*"}, `no branch is called "stable-*"`},
		"nothing to ask":    {[]string{"matrix", r.Dir}, "usage: say which fix"},
		"an unknown CVE":    {[]string{"matrix", r.Dir, "--cve", "CVE-2020-1111", "--branches", "main"}, "no commit of these branches names CVE-2020-1111"},
		"not settled":       {[]string{"matrix", r.Dir, "--fix", string(fix), "--branches", "*", "--fail"}, "exit 1"},
		"two outputs":       {[]string{"matrix", r.Dir, "--fix", string(fix), "--branches", "*", "--json", "--svg"}, "none of the others can be"},
	} {
		if _, err := run(t, c.args...); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// What a hostile repository sets up must not run, and must not hide anything.
func TestARepositorysOwnSettingsAreNotLookedAt(t *testing.T) {
	r, fix := project(t)
	marker := filepath.Join(t.TempDir(), "ran")
	script := filepath.Join(r.Dir, "evil.sh")
	if err := os.WriteFile(script, []byte("#!/bin/sh\ntouch "+marker+"\ncat\n"), 0o755); err != nil {
		t.Fatal(err)
	}
	for _, s := range [][2]string{{"diff.external", script}, {"core.fsmonitor", script}, {"core.pager", script}, {"diff.evil.textconv", script}, {"diff.evil.command", script},
		{"merge.evil.driver", script + " %A"}, {"filter.evil.smudge", script}, {"gpg.program", script}, {"core.sshCommand", script}, {"core.alternateRefsCommand", script},
		{"log.showSignature", "true"}, {"core.hooksPath", r.Dir}, {"diff.noprefix", "true"}, {"diff.context", "0"}, {"color.ui", "always"}, {"core.quotePath", "false"}} {
		r.Git("config", s[0], s[1])
	}
	if err := os.WriteFile(filepath.Join(r.Dir, ".git", "info", "attributes"), []byte("*.c diff=evil merge=evil filter=evil -text\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	out, err := run(t, "matrix", r.Dir, "--fix", string(fix), "--branches", "release-*")
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(out, "to do, applies") || !strings.Contains(out, "released in v1.1.1") {
		t.Errorf("it says\n%s", out)
	}
	if _, err := os.Stat(marker); err == nil {
		t.Error("a program of the repository ran")
	}
}

func TestAShallowCloneSaysWhatItCannotKnow(t *testing.T) {
	r, fix := project(t)
	for i := range 3 {
		r.Write("more", string(rune('a'+i)))
		r.Commit("more")
	}
	dir := filepath.Join(t.TempDir(), "shallow")
	r.Git("clone", "-q", "--depth", "2", "--no-single-branch", "file://"+r.Dir, dir)
	if _, err := run(t, "matrix", dir, "--fix", string(fix), "--branches", "release-*"); err == nil || !strings.Contains(err.Error(), "does not have") {
		t.Errorf("a fix beyond the edge: %v", err)
	}
	tip := r.Git("rev-parse", "release-1.1")
	out, err := run(t, "matrix", dir, "--fix", tip, "--branches", "release-*,main", "--json")
	if err != nil {
		t.Fatal(err)
	}
	var m branchfix.Matrix
	if err := json.Unmarshal([]byte(out), &m); err != nil {
		t.Fatal(err)
	}
	for _, b := range m.Branches {
		if b.Name == "release-1.0" && b.State != branchfix.Applies && b.State != branchfix.Affected || b.Name == "release-1.1" && !b.State.Settled() {
			t.Errorf("%s is %s, %+v", b.Name, b.State, b.Fixes[0])
		}
	}
}
