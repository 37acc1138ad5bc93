package git_test

import (
	"encoding/json"
	"fmt"
	"slices"
	"testing"

	"github.com/tocsin-sec/tocsin/kit/branchfix"
)

// state is that of one fix on the first branch.
func state(m *branchfix.Matrix, fix int) branchfix.State { return m.Branches[0].Fixes[fix].State }

func TestABranchFromBeforeTheFlawIsNotAffected(t *testing.T) {
	t.Parallel()
	f := newFlawed(t)
	first := branchfix.ID(f.Git("rev-list", "--max-parents=0", "main"))
	f.Branch("release-0.9", first)
	f.Write("LICENCE", "free\n")
	f.Commit("a licence")
	for _, introduced := range [][]branchfix.ID{{f.brown}, nil} {
		m := ask(t, f.Repo, branchfix.Request{Fixes: []branchfix.Series{{f.fix}}, Introduced: introduced}, "release-0.9", "release-1.0")
		if got := m.Branches[0].Fixes[0]; got.State != branchfix.NotAffected || got.Ask {
			t.Errorf("introduced %v: release-0.9 is %s, %+v", introduced, got.State, got.Evidence)
		}
		if m.Branches[1].State != branchfix.Applies {
			t.Errorf("introduced %v: release-1.0 is %s", introduced, m.Branches[1].State)
		}
	}
}

func TestTheFlawMayHaveBeenBackported(t *testing.T) {
	t.Parallel()
	f := newFlawed(t)
	first := branchfix.ID(f.Git("rev-list", "--max-parents=0", "main"))
	f.Branch("release-0.9", first)
	f.Pick(f.brown, "-x")
	m := ask(t, f.Repo, branchfix.Request{Fixes: []branchfix.Series{{f.fix}}, Introduced: []branchfix.ID{f.brown}}, "release-0.9")
	if m.Branches[0].State != branchfix.Applies {
		t.Errorf("it is %s, %+v", m.Branches[0].State, m.Branches[0].Fixes[0])
	}
}

func TestAFixesLineNamesTheFlaw(t *testing.T) {
	t.Parallel()
	f := newFlawed(t)
	f.On("main")
	f.Write("src/newer.go", source("Newer"))
	flaw := f.Commit("newer: read newer frames")
	f.Edit("src/newer.go", "	copy(NewerBuffer, in[at+1:])\n", "	copy(NewerBuffer, in[at+1:at+1+length])\n")
	fix := f.Commit("newer: exact\n\nFixes: " + string(flaw[:12]) + " (\"newer: read newer frames\")")
	m := ask(t, f.Repo, branchfix.Request{Fixes: []branchfix.Series{{fix}}})
	if got := m.Branches[0].Fixes[0]; got.State != branchfix.NotAffected || got.Evidence[len(got.Evidence)-1].Kind != branchfix.NotBrought {
		t.Errorf("release-1.0 is %s, %+v", got.State, got.Evidence)
	}
}

func TestABranchAtItsEndOfLifeIsNotFixed(t *testing.T) {
	t.Parallel()
	f := newFlawed(t)
	f.Git("branch", "old", string(f.base))
	f.Git("branch", "old-fixed", "main")
	m := ask(t, f.Repo, branchfix.Request{Fixes: []branchfix.Series{{f.fix}}}, "old", "old-fixed")
	if m.Branches[0].State != branchfix.WontFix || m.Branches[1].State != branchfix.Fixed {
		t.Errorf("old is %s, old-fixed %s", m.Branches[0].State, m.Branches[1].State)
	}
}

// The branch keeps a function in another file of the folder: the flaw is there all the
// same, and so is its fix.
func TestTheFunctionMayLieInAnotherFile(t *testing.T) {
	t.Parallel()
	const unsafe, safe = "	MagicBuffer := make([]byte, length)\n", "	if at+1+length > len(in) {\n		return 0, errShortMagic\n	}\n	MagicBuffer := make([]byte, length)\n"
	f := newFlawed(t)
	f.On("main")
	f.Edit("src/frame.go", unsafe, safe)
	fix := f.Commit("frame: refuse short magic")
	f.On("release-1.0")
	f.Write("src/frame.go", source("Header", "Body", "Sum"))
	f.Write("src/kinds.go", source("Kind", "Magic", "Lot"))
	f.Commit("frame: kinds have a file of their own")
	m := ask(t, f.Repo, branchfix.Request{Fixes: []branchfix.Series{{fix}}}, "release-1.0")
	if got := m.Branches[0].Fixes[0]; got.State != branchfix.Conflicts && got.State != branchfix.Affected {
		t.Errorf("with the flaw it is %s, %+v", got.State, got.Evidence)
	}
	f.Edit("src/kinds.go", unsafe, safe)
	f.Commit("frame: refuse short magic\n\n(cherry picked from commit " + string(fix) + ")")
	m = ask(t, f.Repo, branchfix.Request{Fixes: []branchfix.Series{{fix}}}, "release-1.0")
	if got := m.Branches[0].Fixes[0]; got.State != branchfix.Fixed {
		t.Errorf("with the fix it is %s, %+v", got.State, got.Evidence)
	}
}

// Two fixes with one title: each branch has the other one.
func TestOneTitleOfTwoFixes(t *testing.T) {
	t.Parallel()
	f := newFlawed(t)
	f.On("main")
	f.Edit("src/other.go", "	OtherBuffer := make([]byte, length)\n", "	if at+1+length > len(in) {\n		return 0, errOther\n	}\n	OtherBuffer := make([]byte, length)\n")
	second := f.Commit("frame: refuse frames that are too short")
	f.On("release-1.0")
	f.Author = "Cy Novak <cy@lantern.example>"
	f.Edit("src/other.go", "	OtherBuffer := make([]byte, length)\n", "	if at+1+length > len(in) {\n		return 0, errOthers\n	}\n	OtherBuffer := make([]byte, length)\n")
	f.Commit("[1.0] frame: refuse frames that are too short")
	m := ask(t, f.Repo, branchfix.Request{Fixes: []branchfix.Series{{f.fix}, {second}}})
	if state(m, 0) != branchfix.Applies || state(m, 1) != branchfix.Fixed {
		t.Errorf("the first is %s, the second %s\n%+v\n%+v", state(m, 0), state(m, 1), m.Branches[0].Fixes[0].Evidence, m.Branches[0].Fixes[1].Evidence)
	}
}

func TestASeriesIsFixedWhenAllOfItIs(t *testing.T) {
	t.Parallel()
	f := newFlawed(t)
	f.On("main")
	f.Edit("src/tail.go", "	PadBuffer := make([]byte, length)\n", "	if length > maxPad {\n		return 0, errPad\n	}\n	PadBuffer := make([]byte, length)\n")
	second := f.Commit("tail: pads have a limit")
	series := branchfix.Request{Fixes: []branchfix.Series{{f.fix, second}}}
	if m := ask(t, f.Repo, series); state(m, 0) != branchfix.Applies {
		t.Errorf("with nothing it is %s, %+v", state(m, 0), m.Branches[0].Fixes[0])
	}
	f.On("release-1.0")
	f.Pick(f.fix)
	if m := ask(t, f.Repo, series); state(m, 0) != branchfix.Partial {
		t.Errorf("with the first it is %s", state(m, 0))
	}
	f.Pick(second)
	f.Git("tag", "v1.0.7")
	if m := ask(t, f.Repo, series); state(m, 0) != branchfix.Released || m.Branches[0].Fixes[0].Tag != "v1.0.7" {
		t.Errorf("with both it is %s", state(m, 0))
	}
}

// A merge is given as the fix, and picked as one commit.
func TestAMergeMayBeTheFix(t *testing.T) {
	t.Parallel()
	f := newFlawed(t)
	f.Branch("topic", "main")
	f.Edit("src/other.go", "	OtherBuffer := make([]byte, length)\n", "	if at+1+length > len(in) {\n		return 0, errOther\n	}\n	OtherBuffer := make([]byte, length)\n")
	f.Commit("other: check")
	f.Edit("src/other.go", "	return at + 1 + length, nil\n", "	return at + 1 + len(OtherBuffer), nil\n")
	f.Commit("other: exact length")
	f.On("main")
	f.Git("merge", "-q", "--no-ff", "-m", "Merge pull request #7 from bo/topic", "topic")
	merge := f.Head()
	f.On("release-1.0")
	req := branchfix.Request{Fixes: []branchfix.Series{{merge}}}
	if m := ask(t, f.Repo, req); state(m, 0) != branchfix.Applies {
		t.Errorf("before it is %s, %+v", state(m, 0), m.Branches[0].Fixes[0])
	}
	f.Pick(merge, "-m1")
	m := ask(t, f.Repo, req)
	if state(m, 0) != branchfix.Fixed || m.Branches[1].State != branchfix.Fixed {
		t.Errorf("after it is %s, main %s", state(m, 0), m.Branches[1].State)
	}
	f.On("main")
	f.Git("revert", "--no-edit", "-m1", string(merge))
	topic := branchfix.ID(f.Git("rev-parse", "topic~1"))
	m = ask(t, f.Repo, branchfix.Request{Fixes: []branchfix.Series{{merge}, {topic}}}, "main")
	for i, want := range []branchfix.State{branchfix.Applies, branchfix.Applies} {
		if state(m, i) != want {
			t.Errorf("after the revert of the merge, fix %d on main is %s, %+v", i, state(m, i), m.Branches[0].Fixes[i].Evidence)
		}
	}
}

func TestAConflictNamesItsLinesAndWhatIsMissing(t *testing.T) {
	t.Parallel()
	f := newFlawed(t)
	f.On("main")
	f.Edit("src/other.go", "	copy(OtherBuffer, in[at+1:])\n", "	OtherCopy(OtherBuffer, in, at+1, length)\n")
	needed := f.Commit("other: a function for copies")
	f.Edit("src/other.go", "	OtherCopy(OtherBuffer, in, at+1, length)\n", "	if OtherCopy(OtherBuffer, in, at+1, length) < length {\n		return 0, errOther\n	}\n")
	fix := f.Commit("other: look at the count")
	m := ask(t, f.Repo, branchfix.Request{Fixes: []branchfix.Series{{fix}}, Introduced: []branchfix.ID{f.base}})
	got := m.Branches[0].Fixes[0]
	if got.State != branchfix.Conflicts || got.Trial == nil || len(got.Trial.Conflicts) != 1 {
		t.Fatalf("it is %s, %+v", got.State, got)
	}
	c := got.Trial.Conflicts[0]
	if c.Path != "src/other.go" || len(c.Lines) != 1 || !slices.Equal(c.Missing, []branchfix.ID{needed}) {
		t.Errorf("the conflict is %+v, want src/other.go, one place, %s", c, needed)
	}
}

// TestWhatHasNothingToDoWithTheFixChangesNothing: other commits may be rebased, dated and
// committed anew, and branches renamed.
func TestWhatHasNothingToDoWithTheFixChangesNothing(t *testing.T) {
	t.Parallel()
	for n, do := range []func(*flawed){
		func(f *flawed) {},
		func(f *flawed) { f.Pick(f.fix, "-x") },
		func(f *flawed) { f.Pick(f.fix); f.Git("revert", "--no-edit", "HEAD") },
		func(f *flawed) { f.Edit("src/frame.go", unsafeHeader, safeHeader); f.Commit("check headers") },
		func(f *flawed) { f.applyFix(); f.Commit("Update") },
	} {
		t.Run(fmt.Sprint(n), func(t *testing.T) {
			t.Parallel()
			build := func(before, after func(*flawed)) []string {
				f := newFlawed(t)
				f.On("release-1.0")
				before(f)
				do(f)
				after(f)
				f.Git("branch", "-m", "release-1.0", "stable/one")
				m := ask(t, f.Repo, branchfix.Request{Fixes: []branchfix.Series{{f.fix}}}, "stable/one", "main")
				var out []string
				for _, b := range m.Branches {
					for _, s := range b.Fixes {
						raw, err := json.Marshal([]any{s.State, s.Ask, s.Tag})
						if err != nil {
							t.Fatal(err)
						}
						out = append(out, string(raw))
					}
				}
				return out
			}
			none := func(*flawed) {}
			want := build(none, none)
			for name, change := range map[string]func(*flawed){
				"other commits": func(f *flawed) { f.Write("src/apart.go", source("Apart")); f.Commit("apart: more") },
				"another author and another time": func(f *flawed) {
					f.Author = "Di Okafor <di@lantern.example>"
					for range 50 {
						f.Try("version")
					}
					f.Write("src/apart.go", source("Apart"))
					f.Commit("apart: more")
				},
				"a merge": func(f *flawed) {
					f.Branch("side", "HEAD")
					f.Write("src/side.go", source("Side"))
					f.Commit("side: more")
					f.On("release-1.0")
					f.Git("merge", "-q", "--no-ff", "-m", "Merge side", "side")
				},
			} {
				if got := build(change, none); !slices.Equal(got, want) {
					t.Errorf("%s before: %v, was %v", name, got, want)
				}
				if got := build(none, change); !slices.Equal(got, want) {
					t.Errorf("%s after: %v, was %v", name, got, want)
				}
			}
		})
	}
}

func TestAPersonsWordHoldsUntilTheFilesChange(t *testing.T) {
	t.Parallel()
	f := newFlawed(t)
	f.On("release-1.0")
	answered := f.Head()
	req := branchfix.Request{Fixes: []branchfix.Series{{f.fix}}, Answers: []branchfix.Answer{{Branch: "release-1.0", Fix: f.fix, Head: answered, State: branchfix.NotAffected}}}
	f.Write("src/apart.go", source("Apart"))
	f.Commit("apart: more")
	if m := ask(t, f.Repo, req); state(m, 0) != branchfix.NotAffected {
		t.Errorf("after a commit elsewhere it is %s", state(m, 0))
	}
	f.Edit("src/tail.go", "	PadBuffer := make([]byte, length)\n", "	PadBuffer := make([]byte, 2*length)\n")
	f.Commit("tail: larger pads")
	if m := ask(t, f.Repo, req); state(m, 0) != branchfix.Applies {
		t.Errorf("after a commit to its file it is %s", state(m, 0))
	}
}
