package fixrun_test

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/tocsin-sec/tocsin/internal/platform/git/gittest"
	"github.com/tocsin-sec/tocsin/kit/branchfix"
)

// states runs tocsin fix matrix and returns the first fix of each branch.
func states(t *testing.T, dir, branches string, fix ...string) map[string]branchfix.FixState {
	t.Helper()
	out, err := run(t, "matrix", dir, "--fix", strings.Join(fix, ","), "--branches", branches, "--json")
	if err != nil {
		t.Fatal(err)
	}
	var m branchfix.Matrix
	if err := json.Unmarshal([]byte(out), &m); err != nil {
		t.Fatal(err)
	}
	got := map[string]branchfix.FixState{}
	for _, b := range m.Branches {
		got[b.Name] = b.Fixes[0]
	}
	return got
}

// remove takes a loose object away.
func remove(t *testing.T, r *gittest.Repo, name string) {
	t.Helper()
	id := r.Git("rev-parse", name)
	if err := os.Remove(filepath.Join(r.Dir, ".git", "objects", id[:2], id[2:])); err != nil {
		t.Fatal(err)
	}
}

func TestAMissingObjectIsUnknownAndNotAnAbsentFile(t *testing.T) {
	for _, lost := range []string{"release-1.0:lamp.c", "release-1.0^{tree}"} {
		r, fix := project(t)
		r.On("release-1.0")
		r.Write("lamp.c", "/* a file of its own on the branch */\n"+r.Git("show", "HEAD:lamp.c")+"\n")
		r.Commit("lamp: a head")
		r.On("main")
		remove(t, r, lost)
		if got := states(t, r.Dir, "release-*", string(fix))["release-1.0"]; got.State.Settled() {
			t.Errorf("without %s it is %s, %+v", lost, got.State, got.Evidence)
		}
	}
}

func TestADamagedPackIsAnErrorOrUnknown(t *testing.T) {
	r, fix := project(t)
	r.Git("gc", "-q")
	packs, err := filepath.Glob(filepath.Join(r.Dir, ".git", "objects", "pack", "*.pack"))
	if err != nil || len(packs) != 1 {
		t.Fatal(packs, err)
	}
	raw, err := os.ReadFile(packs[0])
	if err != nil {
		t.Fatal(err)
	}
	for _, at := range []int{13, len(raw) / 3, len(raw) / 2, 2 * len(raw) / 3, len(raw) - 30} {
		damaged := append([]byte(nil), raw...)
		for i := range 8 {
			damaged[at+i] ^= 0x5a
		}
		os.Chmod(packs[0], 0o600)
		if err := os.WriteFile(packs[0], damaged, 0o600); err != nil {
			t.Fatal(err)
		}
		t.Setenv("XDG_CACHE_HOME", t.TempDir())
		out, err := run(t, "matrix", r.Dir, "--fix", string(fix), "--branches", "release-1.0", "--json")
		if err == nil && (strings.Contains(out, `"state": "fixed"`) || strings.Contains(out, `"state": "released"`) || strings.Contains(out, `"state": "not_affected"`)) {
			t.Errorf("damaged at %d of %d it says\n%s", at, len(raw), out)
		}
	}
}

func TestABrokenNameIsPassedOver(t *testing.T) {
	r, fix := project(t)
	for name, content := range map[string]string{"broken": "nonsense\n", "nowhere": strings.Repeat("ab", 20) + "\n", "empty": ""} {
		if err := os.WriteFile(filepath.Join(r.Dir, ".git", "refs", "heads", name), []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	out, err := run(t, "matrix", r.Dir, "--fix", string(fix), "--branches", "release-*", "--json")
	if err != nil && !strings.Contains(err.Error(), "for-each-ref") || err == nil && !strings.Contains(out, `"released"`) {
		t.Errorf("%v\n%s", err, out)
	}
}

func TestAHugeFileIsNotRead(t *testing.T) {
	r, _ := project(t)
	line := strings.Repeat("x", 99) + "\n"
	r.Write("huge.c", strings.Repeat(line, 200_000)+"int last;\n")
	r.Commit("huge: begin")
	r.Git("branch", "release-2.0")
	r.Write("huge.c", strings.Repeat(line, 200_000)+"long last;\n")
	fix := r.Commit("huge: last is long")
	got := states(t, r.Dir, "release-*,main", string(fix))
	if s := got["main"].State; s != branchfix.Fixed {
		t.Errorf("main is %s", s)
	}
	if s := got["release-2.0"].State; s == branchfix.NotAffected || s == branchfix.Fixed {
		t.Errorf("release-2.0 is %s, %+v", s, got["release-2.0"].Evidence)
	}
}

func TestARepositoryOfSHA256(t *testing.T) {
	r, _ := project(t)
	os.RemoveAll(filepath.Join(r.Dir, ".git"))
	r.Git("init", "-q", "-b", "main", "--object-format=sha256")
	r.Commit("lamp: light")
	r.Git("branch", "release-1.0")
	r.Git("branch", "release-1.1")
	r.Edit("lamp.c", "\treturn glass[0];\n", "\tif (!glass[0])\n\t\treturn -1;\n\treturn glass[0];\n")
	fix := r.Commit("lamp: no darkness")
	r.On("release-1.1")
	r.Pick(fix, "-x")
	got := states(t, r.Dir, "release-*", string(fix))
	if got["release-1.0"].State != branchfix.Applies || got["release-1.1"].State != branchfix.Fixed || len(fix) != 64 {
		t.Errorf("%+v", got)
	}
}

func TestABinaryFixIsComparedByItsBlobs(t *testing.T) {
	r, _ := project(t)
	r.Write("wick.bin", "a\x00b\x01")
	begin := r.Commit("wick: begin")
	r.Write("wick.bin", "a\x00c\x01")
	fix := r.Commit("wick: another one")
	r.Branch("release-3.0", begin)
	r.Write("apart", "x")
	r.Commit("apart")
	r.Branch("release-3.1", begin)
	r.Write("apart", "y")
	r.Commit("apart")
	r.Pick(fix)
	got := states(t, r.Dir, "release-3.*", string(fix))
	if s := got["release-3.0"]; s.State == branchfix.Fixed || s.State == branchfix.NotAffected {
		t.Errorf("release-3.0 is %s, %+v", s.State, s.Evidence)
	}
	if got["release-3.1"].State != branchfix.Fixed {
		t.Errorf("release-3.1 is %s", got["release-3.1"].State)
	}
}

// A tree with a link out of it, a submodule whose address is a command, a .git folder with
// a hook, and names that differ in case.
func TestAHostileTreeStartsNothing(t *testing.T) {
	r, fix := project(t)
	marker := filepath.Join(t.TempDir(), "ran")
	r.On("release-1.0")
	os.Remove(filepath.Join(r.Dir, "lamp.c"))
	if err := os.Symlink("/etc/passwd", filepath.Join(r.Dir, "lamp.c")); err != nil {
		t.Fatal(err)
	}
	r.Write(".gitmodules", "[submodule \"m\"]\n\tpath = m\n\turl = ext::sh -c touch% "+marker+"\n\tupdate = !touch "+marker+"\n")
	r.Git("update-index", "--add", "--cacheinfo", "160000,"+string(fix)+",m")
	r.Git("add", "lamp.c", ".gitmodules")
	r.Write("../hook", "#!/bin/sh\ntouch "+marker+"\n")
	blob := r.Git("hash-object", "-w", "../hook")
	base := r.Git("write-tree")
	one := r.Git("cat-file", "blob", blob)
	tree := func(lines string) string {
		r.Write("../lines", lines)
		out, err := r.Try("-c", "alias.mk=!git mktree --missing <../lines", "mk")
		if err != nil {
			t.Fatal(err, out)
		}
		return out
	}
	hooks := tree("100755 blob " + blob + "\tpost-checkout\n")
	dot := tree("040000 tree " + hooks + "\thooks\n")
	all := tree(r.Git("ls-tree", base) + "\n100644 blob " + blob + "\tLAMP.C\n040000 tree " + dot + "\t.git\n")
	head := r.Git("commit-tree", "-m", "hostile", "-p", "release-1.0", all)
	r.Git("update-ref", "refs/heads/release-1.0", head)
	got := states(t, r.Dir, "release-*", string(fix))
	if s := got["release-1.0"].State; s == branchfix.Fixed || s == branchfix.Released {
		t.Errorf("release-1.0 is %s, %+v", s, got["release-1.0"].Evidence)
	}
	if _, err := os.Stat(marker); err == nil || !strings.Contains(one, "touch") {
		t.Error("something of the tree ran")
	}
}

func TestNamesWithEscapesDoNotReachTheTerminalOrThePage(t *testing.T) {
	r, fix := project(t)
	for _, name := range []string{"release-\u009b31mred", "release-\u202egnp", "release-<script>alert(1)</script>", "release-\"&amp;'"} {
		r.Git("update-ref", "refs/heads/"+name, string(fix)+"~1")
	}
	for _, format := range []string{"--json", "--svg", "--html", ""} {
		args := []string{"matrix", r.Dir, "--fix", string(fix), "--branches", "release-*"}
		if format != "" {
			args = append(args, format)
		}
		out, err := run(t, args...)
		if err != nil {
			t.Fatal(err)
		}
		if format != "--json" && strings.ContainsAny(out, "\u009b\u202e") || strings.Contains(out, "<script>alert") && (format == "--svg" || format == "--html") {
			t.Errorf("%s prints a name as it stands", format)
		}
	}
}

func TestFiftyThousandNames(t *testing.T) {
	r, fix := project(t)
	var b strings.Builder
	b.WriteString("# pack-refs with: peeled fully-peeled sorted \n")
	for i := range 50_000 {
		fmt.Fprintf(&b, "%s refs/heads/topic/%05d\n", fix, i)
	}
	r.Git("pack-refs", "--all")
	if err := os.WriteFile(filepath.Join(r.Dir, ".git", "packed-refs"), []byte(b.String()), 0o600); err != nil {
		t.Fatal(err)
	}
	r.Git("update-ref", "refs/heads/release-1.0", string(fix)+"~1")
	if got := states(t, r.Dir, "release-*", string(fix)); len(got) != 1 || got["release-1.0"].State != branchfix.Applies {
		t.Errorf("%+v", got)
	}
}

func TestABranchThatWasPushedAnewIsLookedAtAnew(t *testing.T) {
	r, fix := project(t)
	r.On("release-1.0")
	r.Pick(fix, "-x")
	if got := states(t, r.Dir, "release-1.0", string(fix)); got["release-1.0"].State != branchfix.Fixed {
		t.Fatalf("%+v", got)
	}
	r.Git("reset", "-q", "--hard", "HEAD~1")
	r.Write("apart", "x")
	r.Commit("apart")
	if got := states(t, r.Dir, "release-1.0", string(fix)); got["release-1.0"].State != branchfix.Applies {
		t.Errorf("%+v", got)
	}
}

func TestASeriesOutOfOrderHasAState(t *testing.T) {
	r, fix := project(t)
	r.On("main")
	r.Edit("lamp.c", "\tif (n > 8)\n", "\tif (n > 8 || n < 0)\n")
	second := r.Commit("lamp: nor less than nothing")
	got := states(t, r.Dir, "release-*,main", string(second), string(fix))
	if s := got["release-1.0"].State; s != branchfix.Conflicts || got["main"].State != branchfix.Fixed {
		t.Errorf("release-1.0 is %s, main %s", s, got["main"].State)
	}
}

func TestARevertOfARevertOfARevert(t *testing.T) {
	r, fix := project(t)
	r.On("release-1.0")
	id := string(r.Pick(fix, "-x"))
	for i, want := range []branchfix.State{branchfix.Applies, branchfix.Fixed, branchfix.Applies, branchfix.Fixed} {
		r.Git("revert", "--no-edit", id)
		id = string(r.Head())
		if got := states(t, r.Dir, "release-1.0", string(fix))["release-1.0"]; got.State != want || got.Ask {
			t.Errorf("after %d reverts it is %s, %+v", i+1, got.State, got.Evidence)
		}
	}
}

// A commit of the same subject that cannot be read may be what the branch's was made from.
func TestAnUnreadableRivalIsAsked(t *testing.T) {
	r, fix := project(t)
	r.On("main")
	r.Write("wick.c", "int wick(int n)\n{\n\tif (n > 8)\n\t\treturn -1;\n\tfill(glass, n);\n}\n")
	r.Commit("lamp: no more than the glass holds")
	r.Author = "Cy Novak <cy@lantern.example>"
	r.On("release-1.0")
	r.Edit("lamp.c", "\tfill(glass, n);\n", "\tif (n > 8)\n\t\treturn -2;\n\tfill(glass, n);\n")
	r.Commit("[1.0] lamp: no more than the glass holds")
	r.On("main")
	remove(t, r, "main:wick.c")
	got := states(t, r.Dir, "release-1.0,main", string(fix))["release-1.0"]
	if got.State == branchfix.Fixed && !got.Ask {
		t.Errorf("it is %s without a question, %+v", got.State, got.Evidence)
	}
}

func TestWhatAKilledRunLeftIsSwept(t *testing.T) {
	r, fix := project(t)
	t.Setenv("TMPDIR", t.TempDir())
	left := filepath.Join(os.TempDir(), "tocsin-git-1")
	if err := os.Mkdir(left, 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(left, "in-use"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	states(t, r.Dir, "release-*", string(fix))
	if _, err := os.Stat(left); err == nil {
		t.Error("it is still there")
	}
}
