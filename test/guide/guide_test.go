package guide

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/tocsin-sec/tocsin/internal/platform/git/gittest"
	"github.com/tocsin-sec/tocsin/test/program"
)

// commands is the one block of shell of the guide.
func commands(t *testing.T) string {
	t.Helper()
	raw, err := os.ReadFile("../../docs/maintainer-guide.md")
	if err != nil {
		t.Fatal(err)
	}
	blocks := regexp.MustCompile("(?ms)^```sh\n(.*?)^```$").FindAllStringSubmatch(string(raw), -1)
	if len(blocks) != 1 {
		t.Fatalf("the guide has %d blocks of shell", len(blocks))
	}
	if n := strings.Count(blocks[0][1], "\n"); n > 10 {
		t.Errorf("the guide promises ten lines and has %d", n)
	}
	return blocks[0][1]
}

// clone is where a maintainer works: main has the fix; release-1.0 is at its end of life,
// release-1.1 and release-1.2 have the flaw, release-1.3 has the fix picked and released,
// release-0.9 is older than the flaw.
type clone struct {
	*gittest.Repo
	env []string
}

func newClone(t *testing.T) clone {
	t.Helper()
	origin := t.TempDir()
	c := clone{Repo: gittest.New(t)}
	c.Git("init", "-q", "--bare", origin)
	c.Git("remote", "add", "origin", origin)
	c.Write("Makefile", "test:\n\tgrep -q 'n < 0' lamp.c\n")
	c.Write("lamp.c", "int lamp(int n)\n{\n\treturn n;\n}\n")
	old := c.Commit("lamp: light")
	c.Branch("release-0.9", old)
	c.On("main")
	c.Edit("lamp.c", "\treturn n;\n", "\tint wick = n;\n\tint oil = 2 * wick;\n\treturn oil;\n")
	flaw := c.Commit("lamp: burn oil")
	for _, b := range []string{"release-1.0", "release-1.1", "release-1.2", "release-1.3"} {
		c.Branch(b, flaw)
		c.Write("VERSION", b+"\n")
		c.Commit("Version " + b)
	}
	c.On("main")
	c.Edit("lamp.c", "\tint oil = 2 * wick;\n", "\tif (n < 0)\n\t\treturn -1;\n\tint oil = 2 * wick;\n")
	fix := c.Commit("lamp: refuse negative amounts\n\nFixes: " + string(flaw[:12]) + " (\"lamp: burn oil\")")
	c.On("release-1.3")
	c.Pick(fix, "-x")
	c.Git("tag", "v1.3.1")
	c.On("main")
	c.Git("push", "-q", "--all", "origin")
	binary := program.Build(t)
	bin := t.TempDir()
	if err := os.Symlink(binary, filepath.Join(bin, "tocsin")); err != nil {
		t.Fatal(err)
	}
	c.env = append(os.Environ(), "PATH="+bin+string(os.PathListSeparator)+os.Getenv("PATH"), "XDG_CACHE_HOME="+t.TempDir(), "GIT_CONFIG_GLOBAL="+os.DevNull, "GIT_CONFIG_NOSYSTEM=1",
		"GIT_AUTHOR_NAME=Kit Ito", "GIT_AUTHOR_EMAIL=kit@lantern.example", "GIT_COMMITTER_NAME=Kit Ito", "GIT_COMMITTER_EMAIL=kit@lantern.example", "GIT_EDITOR=true", "LC_ALL=C")
	return c
}

// run runs shell in the clone.
func (c clone) run(shell string) (string, error) {
	cmd := exec.Command("sh", "-e", "-c", shell)
	cmd.Dir, cmd.Env = c.Dir, c.env
	out, err := cmd.CombinedOutput()
	return string(out), err
}

const settled = "tocsin fix matrix . --fix main --branches release-*,main --eol release-1.0 --fail"

func TestTheGuideSettlesEveryBranch(t *testing.T) {
	shell := commands(t)
	c := newClone(t)
	if out, err := c.run(settled); err == nil {
		t.Fatalf("all is settled before:\n%s", out)
	}
	out, err := c.run(shell)
	if err != nil || !strings.HasSuffix(out, "Every branch is settled.\n") {
		t.Fatalf("%v\n%s", err, out)
	}
	out, err = c.run(settled)
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	for branch, state := range map[string]string{"release-0.9": "not affected", "release-1.0": "will not be fixed", "release-1.1": "fixed", "release-1.2": "fixed", "release-1.3": "released in v1.3.1", "main": "fixed"} {
		if !regexp.MustCompile(`(?m)^` + regexp.QuoteMeta(branch) + ` +[0-9a-f]+  ` + regexp.QuoteMeta(state) + ` `).MatchString(out) {
			t.Errorf("%s is not %q:\n%s", branch, state, out)
		}
	}
	// What was picked is public, and the line says where it comes from.
	for _, b := range []string{"release-1.1", "release-1.2"} {
		if here, there := c.Git("rev-parse", b), c.Git("ls-remote", "origin", "refs/heads/"+b); !strings.HasPrefix(there, here) {
			t.Errorf("%s is not pushed", b)
		}
		if m := c.Git("log", "-1", "--format=%B", b); !strings.Contains(m, "(cherry picked from commit "+c.Git("rev-parse", "main")) {
			t.Errorf("%s says %q", b, m)
		}
	}
	if out, err := c.run(shell); err != nil {
		t.Errorf("once more: %v\n%s", err, out)
	}
}

// Where a branch needs its own fix the lines stop, and go on after somebody made it.
func TestTheGuideStopsAtAConflict(t *testing.T) {
	shell := commands(t)
	c := newClone(t)
	c.On("release-1.1")
	c.Edit("lamp.c", "\tint oil = 2 * wick;\n", "\tint oil = wick + wick;\n")
	c.Commit("lamp: no multiplication")
	c.On("main")
	if out, err := c.run(shell); err == nil || strings.Contains(out, "settled") {
		t.Fatalf("it goes on: %v\n%s", err, out)
	}
	if out, err := c.run(`git checkout -q --ours lamp.c && sed -i 's/^\tint oil/\tif (n < 0)\n\t\treturn -1;\n\tint oil/' lamp.c && git add lamp.c && git cherry-pick --continue && make test && git push -q origin release-1.1`); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	if out, err := c.run(shell); err != nil || !strings.HasSuffix(out, "Every branch is settled.\n") {
		t.Errorf("%v\n%s", err, out)
	}
}
