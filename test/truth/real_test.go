package truth_test

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/tocsin-sec/tocsin/internal/platform/git/gittest"
	"github.com/tocsin-sec/tocsin/kit/branchfix"
)

// carried is a real history with release branches that fork from its main line. What is
// carried to them, and how, is known; what they lack is what the main line did since.
type carried struct {
	*gittest.Repo
	t    *testing.T
	w    writer
	main []branchfix.ID        // the main line, oldest first
	also map[branchfix.ID]bool // what a squash brought to the branch beside the fix
}

// way carries a fix to the branch that is checked out. It returns what the matrix has to
// say, nothing when it cannot be done here or nobody could tell what is right then.
type way struct {
	name string
	do   func(c *carried, fix branchfix.ID) []branchfix.State
}

func ways() []way {
	here := []branchfix.State{branchfix.Fixed}
	away := []branchfix.State{branchfix.Affected, branchfix.Applies, branchfix.Conflicts, branchfix.NotAffected}
	return []way{
		{"not carried", func(*carried, branchfix.ID) []branchfix.State { return away }},
		{"not carried, and others that touch its files are", func(c *carried, fix branchfix.ID) []branchfix.State {
			n := 0
			for i := slices.Index(c.main, fix) + 1; i < len(c.main) && n < 3; i++ {
				if c.touches(c.main[i], c.files(fix)) && c.picks(c.main[i]) {
					n++
				}
			}
			if n == 0 {
				return nil
			}
			return away
		}},
		{"picked", func(c *carried, fix branchfix.ID) []branchfix.State { return only(c.picks(fix), here) }},
		{"picked with -x", func(c *carried, fix branchfix.ID) []branchfix.State { return only(c.picks(fix, "-x"), here) }},
		{"picked by another, in other words", func(c *carried, fix branchfix.ID) []branchfix.State {
			if !c.picks(fix) {
				return nil
			}
			c.Git("commit", "-q", "--amend", "--reset-author", "-m", c.w.of("Backport a fix", "Update from main", "Fix a bug that users see"))
			return here
		}},
		{"picked with its neighbour, as one commit", func(c *carried, fix branchfix.ID) []branchfix.State {
			before := c.Head()
			if !c.picks(fix) {
				return nil
			}
			i := slices.Index(c.main, fix)
			if i+1 >= len(c.main) || !c.picks(c.main[i+1]) {
				c.Git("reset", "-q", "--hard", string(before))
				return nil
			}
			c.also[c.main[i+1]] = true
			c.Git("reset", "-q", "--soft", string(before))
			c.Git("commit", "-q", "-m", c.w.of("Sync with main", "Backports"))
			return here
		}},
		{"picked, one file left out", func(c *carried, fix branchfix.ID) []branchfix.State {
			files := c.files(fix)
			if len(files) < 2 || !c.picks(fix) {
				return nil
			}
			out := files[c.w.IntN(len(files))]
			if _, err := c.Try("checkout", "-q", "HEAD~1", "--", out); err != nil {
				return nil // a file that the fix makes
			}
			c.Git("commit", "-q", "--amend", "--no-edit")
			return []branchfix.State{branchfix.Partial}
		}},
		{"picked and reverted", func(c *carried, fix branchfix.ID) []branchfix.State {
			if !c.picks(fix) {
				return nil
			}
			c.Git("revert", "--no-edit", "HEAD")
			return away
		}},
		{"picked and taken back by hand with other work", func(c *carried, fix branchfix.ID) []branchfix.State {
			if !c.picks(fix) {
				return nil
			}
			c.Git("revert", "--no-commit", "HEAD")
			c.Write("NOTES-of-the-branch", fmt.Sprint("note ", c.w.Int(), "\n"))
			c.Commit(c.w.of("As it was before", "More notes", "Clean up"))
			return away
		}},
	}
}

func only(ok bool, states []branchfix.State) []branchfix.State {
	if !ok {
		return nil
	}
	return states
}

// picks picks a commit where that goes without a conflict and changes something.
func (c *carried) picks(id branchfix.ID, flags ...string) bool {
	before := c.Head()
	_, err := c.Try(append(append([]string{"cherry-pick"}, flags...), string(id))...)
	if err != nil {
		c.Try("cherry-pick", "--abort")
		c.Git("reset", "-q", "--hard", string(before))
		return false
	}
	return c.Head() != before
}

func (c *carried) files(id branchfix.ID) []string {
	return strings.Fields(c.Git("diff-tree", "--no-commit-id", "--name-only", "-r", "--root", string(id)))
}

func (c *carried) touches(id branchfix.ID, files []string) bool {
	return slices.ContainsFunc(c.files(id), func(f string) bool { return slices.Contains(files, f) })
}

// isFix takes commits that could be fixes: a few lines of code in a few files.
func (c *carried) isFix(id branchfix.ID) bool {
	if strings.Contains(c.Git("diff-tree", "--no-commit-id", "-r", string(id)), "160000") {
		return false // a submodule
	}
	lines := 0
	for _, row := range strings.Split(c.Git("diff-tree", "--no-commit-id", "--numstat", "-r", string(id)), "\n") {
		var come, gone int
		var name string
		if n, _ := fmt.Sscanf(row, "%d %d %s", &come, &gone, &name); n != 3 {
			return false
		}
		switch filepath.Ext(name) {
		case ".go", ".c", ".h", ".py", ".sh", ".js", ".ts", ".java", ".rs":
		default:
			return false
		}
		if strings.Contains(name, "test") {
			return false
		}
		lines += come + gone
	}
	// What only makes files is no fix.
	return lines >= 2 && lines <= 60 && c.Git("diff-tree", "--no-commit-id", "--name-only", "--diff-filter=M", "-r", string(id)) != ""
}

// TestTheTruthOfRealHistories carries real commits of a real history to branches of it.
// TRUTH_REAL names repositories, with commas; the Go module
// github.com/go-git/go-git-fixtures/v4 has packs of some, and any clone will do.
// TRUTH_SEEDS and TRUTH_FROM are as of the made ones.
func TestTheTruthOfRealHistories(t *testing.T) {
	list := os.Getenv("TRUTH_REAL")
	if list == "" {
		t.Skip("SKIPPED: TRUTH_REAL names no repository")
	}
	s := &score{by: map[string][4]int{}}
	from, seeds := seedsOf(t, 2)
	for _, dir := range strings.Split(list, ",") {
		for seed := from; seed < from+seeds; seed++ {
			t.Run(fmt.Sprintf("%s/%d", filepath.Base(dir), seed), func(t *testing.T) { s.real(t, dir, uint64(seed)) })
		}
	}
	s.sum(t)
}

func (s *score) real(t *testing.T, dir string, seed uint64) {
	c := &carried{Repo: gittest.New(t), t: t, w: writer{rand.New(rand.NewPCG(seed, 8))}}
	c.Git("fetch", "-q", dir, "+refs/*:refs/source/*")
	tip := ""
	most := 0
	for _, ref := range strings.Fields(c.Git("for-each-ref", "--format=%(objectname)", "refs/source")) {
		if n := len(strings.Fields(c.Git("rev-list", "--first-parent", ref))); n > most {
			tip, most = ref, n
		}
	}
	c.Git("checkout", "-q", "-B", "main", tip)
	for _, id := range strings.Fields(c.Git("rev-list", "--first-parent", "--reverse", "main")) {
		c.main = append(c.main, branchfix.ID(id))
	}
	type cell struct {
		way  string
		want []branchfix.State
	}
	forks := []int{len(c.main) * (40 + c.w.IntN(10)) / 100, len(c.main) * (55 + c.w.IntN(10)) / 100, len(c.main) * (70 + c.w.IntN(10)) / 100}
	var fixes []branchfix.ID
	for i := forks[2] + 1; i < len(c.main); i++ {
		if len(strings.Fields(c.Git("rev-list", "--parents", "-n1", string(c.main[i])))) == 2 && c.isFix(c.main[i]) {
			fixes = append(fixes, c.main[i])
		}
	}
	c.w.Shuffle(len(fixes), func(i, j int) { fixes[i], fixes[j] = fixes[j], fixes[i] })
	fixes = fixes[:min(len(fixes), 15)]
	slices.SortFunc(fixes, func(a, b branchfix.ID) int { return slices.Index(c.main, a) - slices.Index(c.main, b) })
	req := branchfix.Request{Try: true}
	for _, f := range fixes {
		req.Fixes = append(req.Fixes, branchfix.Series{f})
	}
	cells := map[string]cell{}
	tips := []branchfix.ID{c.main[len(c.main)-1]}
	for n, at := range forks {
		name := fmt.Sprintf("release-%d", n+1)
		c.Branch(name, c.main[at])
		c.also = map[branchfix.ID]bool{}
		for i, f := range fixes {
			// What another way brought along is not known to be whole.
			if c.also[f] || c.brought(name, f) {
				continue
			}
			way := ways()[c.w.IntN(len(ways()))]
			if want := way.do(c, f); want != nil {
				cells[fmt.Sprint(n, " ", i)] = cell{way.name, want}
			}
		}
		// Later ways may have brought what an earlier fix was to be without.
		req.Branches = append(req.Branches, branchfix.Branch{Name: name, Head: c.Head()})
		tips = append(tips, c.Head())
		for i, f := range fixes {
			k := fmt.Sprint(n, " ", i)
			if strings.HasPrefix(cells[k].way, "not carried") && (c.also[f] || c.brought(name, f)) {
				delete(cells, k)
			}
		}
	}
	m := compute(t, c.Dir, tips, req)
	for n, b := range m.Branches {
		for i, got := range b.Fixes {
			k, ok := cells[fmt.Sprint(n, " ", i)]
			if !ok {
				continue
			}
			s.count(k.way, got, k.want)
			// Whether a flaw came after the fork is for who reads this to say.
			if !slices.Contains(k.want, got.State) || got.Ask || got.State == branchfix.NotAffected {
				t.Logf("%s on %s, %s (%s): is %s ask=%v, want %v\n\t%s", fixes[i].Short(), b.Name, k.way, c.Git("log", "-1", "--format=%s", string(fixes[i])), got.State, got.Ask, k.want, reasons(got))
			}
		}
	}
	if keep := os.Getenv("TRUTH_KEEP"); keep != "" {
		c.Git("clone", "-q", "--mirror", ".", filepath.Join(keep, fmt.Sprintf("%s-%d", filepath.Base(dir), seed)))
	}
}

// brought reports whether the branch has a commit that was picked from the fix: its author,
// date and subject are the same.
func (c *carried) brought(branch string, fix branchfix.ID) bool {
	sign := c.Git("log", "-1", "--format=%an %at %s", string(fix))
	return slices.Contains(strings.Split(c.Git("log", "--format=%an %at %s", branch), "\n"), sign)
}

func (s *score) count(rule string, got branchfix.FixState, want []branchfix.State) {
	n := s.by[rule]
	s.cells, n[0] = s.cells+1, n[0]+1
	positive := got.State == branchfix.Fixed || got.State == branchfix.Released
	right := slices.Contains(want, got.State)
	switch {
	case positive && !right:
		s.wrongFixed, n[1] = s.wrongFixed+1, n[1]+1
	case !right:
		s.wrong, n[2] = s.wrong+1, n[2]+1
	}
	if got.Ask {
		s.asks, n[3] = s.asks+1, n[3]+1
	}
	s.by[rule] = n
}

func (s *score) sum(t *testing.T) {
	for _, rule := range slices.Sorted(maps.Keys(s.by)) {
		n := s.by[rule]
		t.Logf("%-60s %5d cells, %d wrong fixed, %d wrong, %d asks", rule, n[0], n[1], n[2], n[3])
	}
	t.Logf("%d cells, %d of them could not be told: %d wrong fixed, %d wrong other, %.1f %% ask", s.cells, s.loose, s.wrongFixed, s.wrong, 100*float64(s.asks)/float64(s.cells))
	if s.wrongFixed > s.cells/500 || s.wrong > s.cells/100 || s.asks > s.cells/50 {
		t.Error("more is wrong, or asked, than may be")
	}
}

func reasons(got branchfix.FixState) string {
	var why []string
	for _, e := range got.Evidence {
		why = append(why, fmt.Sprintf("%s %.8s %.2f %s", e.Kind, e.Commit, e.Weight, e.Note))
	}
	return strings.Join(why, "; ")
}
