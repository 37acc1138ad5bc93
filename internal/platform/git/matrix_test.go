package git_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/tocsin-sec/tocsin/internal/platform/git"
	"github.com/tocsin-sec/tocsin/internal/platform/git/gittest"
	"github.com/tocsin-sec/tocsin/kit/branchfix"
)

// source is a file of functions that look alike and are not.
func source(names ...string) string {
	var b strings.Builder
	b.WriteString("package lantern\n\n")
	for _, n := range names {
		fmt.Fprintf(&b, `// %[1]s reads one frame of the kind %[1]s.
func %[1]s(in []byte, at int) (int, error) {
	length := int(in[at])
	%[1]sBuffer := make([]byte, length)
	copy(%[1]sBuffer, in[at+1:])
	if err := emit%[1]s(%[1]sBuffer); err != nil {
		return 0, err
	}
	return at + 1 + length, nil
}

`, n)
	}
	return b.String()
}

// flawed is where every test begins: the flaw is in Header and Body of frame.go and in
// Tail of tail.go.
type flawed struct {
	*gittest.Repo
	base  branchfix.ID // tagged v1.0, the fork of release-1.0
	fix   branchfix.ID // on main
	brown branchfix.ID // brought the flaw
}

const (
	unsafeHeader = "	HeaderBuffer := make([]byte, length)\n"
	safeHeader   = "	if at+1+length > len(in) {\n		return 0, errShortHeader\n	}\n	HeaderBuffer := make([]byte, length)\n"
	unsafeBody   = "	BodyBuffer := make([]byte, length)\n"
	safeBody     = "	if at+1+length > len(in) {\n		return 0, errShortBody\n	}\n	BodyBuffer := make([]byte, length)\n"
	unsafeTail   = "	copy(TailBuffer, in[at+1:])\n"
	safeTail     = "	if copy(TailBuffer, in[at+1:]) < length {\n		return 0, errShortTail\n	}\n"
)

func newFlawed(t *testing.T) *flawed {
	r := gittest.New(t)
	f := &flawed{Repo: r}
	r.Write("README.md", "Lantern\n")
	r.Commit("Begin")
	r.Write("src/frame.go", source("Magic", "Header", "Body", "Sum"))
	r.Write("src/tail.go", source("Pad", "Tail", "End"))
	f.brown = r.Commit("frame: read frames")
	r.Write("src/other.go", source("Other"))
	f.base = r.Commit("other: read others")
	r.Git("tag", "v1.0")
	r.Git("branch", "release-1.0")
	r.Edit("src/frame.go", "	copy(SumBuffer, in[at+1:])\n", "	copy(SumBuffer, in[at+1:at+1+length])\n")
	r.Commit("frame: sums are exact")
	r.Write("src/new.go", source("New"))
	r.Commit("new: a new kind")
	r.Author = "Bo Lund <bo@lantern.example>"
	f.applyFix()
	r.Write("test/frame_test.go", "package lantern\n\nfunc TestShort() { short() }\n")
	f.fix = r.Commit("frame: refuse frames that are too short\n\nA short frame was read beyond its end (CVE-2026-12345).")
	r.Author = "Ada Moreau <ada@lantern.example>"
	r.Write("src/later.go", source("Later"))
	r.Commit("later: something else")
	return f
}

func (f *flawed) applyFix() {
	f.Edit("src/frame.go", unsafeHeader, safeHeader)
	f.Edit("src/frame.go", unsafeBody, safeBody)
	f.Edit("src/tail.go", unsafeTail, safeTail)
}

// ask computes the matrix of release-1.0 and main, or of the branches named.
func ask(t *testing.T, r *gittest.Repo, req branchfix.Request, branches ...string) *branchfix.Matrix {
	t.Helper()
	repo, err := git.Open(r.Dir, git.Limits{})
	if err != nil {
		t.Fatal(err)
	}
	defer repo.Close()
	if branches == nil {
		branches = []string{"release-1.0", "main"}
	}
	var tips []branchfix.ID
	for _, b := range branches {
		head := branchfix.ID(r.Git("rev-parse", b))
		tips = append(tips, head)
		req.Branches = append(req.Branches, branchfix.Branch{Name: b, Head: head, EndOfLife: strings.Contains(b, "old")})
	}
	for _, tag := range strings.Fields(r.Git("tag")) {
		id := branchfix.ID(r.Git("rev-parse", tag+"^{commit}"))
		req.Tags = append(req.Tags, branchfix.Tag{Name: tag, Commit: id})
		tips = append(tips, id)
	}
	for _, s := range req.Fixes {
		tips = append(tips, s...)
	}
	x := branchfix.NewIndex()
	if lost, err := repo.Index(t.Context(), x, tips, nil); err != nil || lost > 0 {
		t.Fatalf("%d commits were not readable: %v", lost, err)
	}
	req.Try = true
	m, err := branchfix.Compute(t.Context(), x, repo, req)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// TestABranchIsSaidToBeWhatItIs makes each kind of backport that people make and holds
// the state of the branch against what was done.
func TestABranchIsSaidToBeWhatItIs(t *testing.T) {
	for _, c := range []struct {
		name string
		do   func(*flawed)
		want branchfix.State
		ask  bool
		kind branchfix.Kind // must be among the evidence
	}{
		{"nothing was done", func(f *flawed) {}, branchfix.Applies, false, branchfix.PreImage},
		{"a clean pick without a word", func(f *flawed) { f.Pick(f.fix) }, branchfix.Fixed, false, branchfix.SamePatch},
		{"a pick that says so", func(f *flawed) { f.Pick(f.fix, "-x"); f.Write("x", "y"); f.Commit("more") }, branchfix.Fixed, false, branchfix.Picked},
		{"a pick that is in a tag", func(f *flawed) { f.Pick(f.fix); f.Git("tag", "v1.0.1"); f.Commit("next"); f.Git("tag", "v1.0.2") }, branchfix.Released, false, branchfix.InTag},
		{"an edited pick under a title of its own", func(f *flawed) {
			f.Pick(f.fix, "-x")
			f.Edit("src/frame.go", "errShortHeader", "errHeader")
			f.Git("rm", "-q", "test/frame_test.go")
			f.Git("commit", "-qa", "--amend", "-m", "Backport of the frame fix\n\n(cherry picked from commit "+string(f.fix)+")")
		}, branchfix.Fixed, false, branchfix.Picked},
		{"a rewritten fix with the title and a mark of the branch", func(f *flawed) {
			f.Author = "Cy Novak <cy@lantern.example>"
			f.applyFix()
			f.Edit("src/frame.go", "errShortHeader", "errHeader")
			f.Commit("[1.0] frame: refuse frames that are too short (#77)")
		}, branchfix.Fixed, false, branchfix.Title},
		{"another change with the same title", func(f *flawed) {
			f.Author = "Cy Novak <cy@lantern.example>"
			f.Edit("src/other.go", "length := int(in[at])", "length := int(in[at]) & 0x7f")
			f.Commit("frame: refuse frames that are too short")
		}, branchfix.Applies, false, branchfix.PreImage},
		{"squashed into a bigger commit", func(f *flawed) {
			f.applyFix()
			f.Write("src/more.go", source("More", "Evenmore"))
			f.Edit("src/other.go", "length := int(in[at])", "length := int(in[at]) & 0x7f")
			f.Commit("Update to the newest code")
		}, branchfix.Fixed, false, branchfix.PostImage},
		{"split into three", func(f *flawed) {
			f.Edit("src/frame.go", unsafeHeader, safeHeader)
			f.Commit("check headers")
			f.Edit("src/frame.go", unsafeBody, safeBody)
			f.Commit("check bodies")
			f.Edit("src/tail.go", unsafeTail, safeTail)
			f.Commit("check tails")
		}, branchfix.Fixed, false, branchfix.PostImage},
		{"a part only, picked", func(f *flawed) {
			f.Pick(f.fix, "-x", "-n")
			f.Edit("src/tail.go", safeTail, unsafeTail)
			f.Git("add", "-A")
			f.Git("commit", "-qm", "frame: refuse frames that are too short\n\n(cherry picked from commit "+string(f.fix)+")")
		}, branchfix.Partial, false, branchfix.PreImage},
		{"a part only, by hand", func(f *flawed) {
			f.Edit("src/frame.go", unsafeHeader, safeHeader)
			f.Commit("check headers")
		}, branchfix.Partial, false, branchfix.PostImage},
		{"picked and reverted", func(f *flawed) { id := f.Pick(f.fix, "-x"); f.Git("revert", "--no-edit", string(id)) }, branchfix.Applies, false, branchfix.Undone},
		{"picked and reverted without a word", func(f *flawed) {
			id := f.Pick(f.fix, "-x")
			f.Git("revert", "--no-edit", string(id))
			f.Reword("frame: as it was")
		}, branchfix.Applies, false, branchfix.Undone},
		{"picked, reverted and the revert reverted", func(f *flawed) {
			id := f.Pick(f.fix, "-x")
			f.Git("revert", "--no-edit", string(id))
			f.Git("revert", "--no-edit", "HEAD")
		}, branchfix.Fixed, false, branchfix.SamePatch},
		{"picked, reverted and picked again", func(f *flawed) {
			id := f.Pick(f.fix, "-x")
			f.Git("revert", "--no-edit", string(id))
			f.Pick(f.fix, "-x")
		}, branchfix.Fixed, false, branchfix.SamePatch},
		{"the file has another name", func(f *flawed) {
			f.Git("mv", "src/frame.go", "src/wire.go")
			f.Commit("frame.go is called wire.go")
			f.Pick(f.fix)
		}, branchfix.Fixed, false, branchfix.AuthorDate},
		{"the file has another name and no fix", func(f *flawed) {
			f.Git("mv", "src/frame.go", "src/wire.go")
			f.Git("mv", "src/tail.go", "src/trailer.go")
			f.Commit("other names")
		}, branchfix.Applies, false, branchfix.PreImage},
		{"the code was never there", func(f *flawed) {
			f.Git("rm", "-q", "src/frame.go", "src/tail.go")
			f.Commit("no frames here")
		}, branchfix.NotAffected, false, branchfix.NoFile},
		{"the code is another", func(f *flawed) {
			f.Edit("src/frame.go", unsafeHeader, "	HeaderBuffer := make([]byte, 4*length)\n")
			f.Edit("src/frame.go", unsafeBody, "	BodyBuffer := make([]byte, 4*length)\n")
			f.Commit("frame: larger buffers")
		}, branchfix.Conflicts, true, branchfix.PreImage},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			f := newFlawed(t)
			f.On("release-1.0")
			c.do(f)
			m := ask(t, f.Repo, branchfix.Request{Fixes: []branchfix.Series{{f.fix}}})
			if m.Branches[1].Fixes[0].State != branchfix.Fixed {
				t.Errorf("main is %s", m.Branches[1].Fixes[0].State)
			}
			got := m.Branches[0].Fixes[0]
			has := false
			for _, e := range got.Evidence {
				has = has || e.Kind == c.kind
			}
			if got.State != c.want || got.Ask != c.ask || !has {
				t.Errorf("is %s, ask %v, want %s, %v, by %s\n%+v\n%+v", got.State, got.Ask, c.want, c.ask, c.kind, got.Evidence, got.Trial)
			}
		})
	}
}
