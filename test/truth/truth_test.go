package truth_test

import (
	"fmt"
	"maps"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/tocsin-sec/tocsin/internal/platform/git"
	"github.com/tocsin-sec/tocsin/kit/branchfix"
)

// score counts what the engine said of cells whose truth is known.
type score struct {
	cells, wrongFixed, wrong, asks, loose int
	by                                    map[string][4]int // of each scenario: cells, wrong fixed, wrong, asks
}

func (s *score) note(t *testing.T, seed uint64, l *line, f *fix, c *cell, got branchfix.FixState, want []branchfix.State, tag string) {
	n := s.by[c.rule]
	s.cells, n[0] = s.cells+1, n[0]+1
	positive := got.State == branchfix.Fixed || got.State == branchfix.Released
	right := slices.Contains(want, got.State) && (got.State != branchfix.Released || got.Tag == tag)
	switch {
	case positive && want[0] != branchfix.Fixed && want[0] != branchfix.Released:
		s.wrongFixed, n[1] = s.wrongFixed+1, n[1]+1
	case c.loose:
		s.loose++
		s.by[c.rule] = n
		return
	case !right:
		s.wrong, n[2] = s.wrong+1, n[2]+1
	}
	if got.Ask {
		s.asks, n[3] = s.asks+1, n[3]+1
	}
	s.by[c.rule] = n
	if !right || got.Ask {
		var why []string
		for _, e := range got.Evidence {
			why = append(why, fmt.Sprintf("%s %.8s %.2f %s", e.Kind, e.Commit, e.Weight, e.Note))
		}
		t.Logf("seed %d, %s on %s (%q, %d edits, %d commits, fix %.8s): is %s %s ask=%v, want %v %s\n\t%s", seed, c.rule, l.name, f.subject, len(f.edits), len(f.series), f.series[0], got.State, got.Tag, got.Ask, want, tag, strings.Join(why, "; "))
	}
}

// one makes a repository of the seed and compares.
func (s *score) one(t *testing.T, seed uint64) {
	h, finish := newHistory(t, seed)
	h.grow(4, 12)
	h.lines[0].eol = seed%3 == 0
	for n := range 12 {
		h.newFix(n)
		h.develop(h.main)
	}
	for _, f := range h.fixes {
		for _, l := range h.lines {
			h.backport(l, f)
			if h.w.IntN(3) == 0 {
				h.develop(l)
			}
			if h.w.IntN(5) == 0 {
				h.release(l)
			}
		}
	}
	finish()
	if dir := os.Getenv("TRUTH_KEEP"); dir != "" {
		h.repo.Git("clone", "-q", "--mirror", ".", fmt.Sprintf("%s/%d", dir, seed))
	}
	m := h.matrix(t)
	for i, l := range h.lines {
		for j, f := range h.fixes {
			c := f.cells[l.name]
			want, tag := c.want, ""
			if want[0] == branchfix.Fixed {
				if tag = h.firstTag(c.done); tag != "" {
					want = []branchfix.State{branchfix.Released}
				}
			} else if l.eol && (want[0] == todo[0]) {
				want = []branchfix.State{branchfix.WontFix}
			}
			s.note(t, seed, l, f, c, m.Branches[i].Fixes[j], want, tag)
		}
	}
}

// firstTag is that of the earliest tag on the line that has the commit: tags are made in
// order.
func (h *history) firstTag(id branchfix.ID) string {
	out := h.repo.Git("tag", "--contains", string(id))
	for _, tag := range h.tags {
		if slices.Contains(strings.Fields(out), tag.Name) {
			return tag.Name
		}
	}
	return ""
}

func (h *history) matrix(t *testing.T) *branchfix.Matrix {
	repo, err := git.Open(h.repo.Dir, git.Limits{})
	if err != nil {
		t.Fatal(err)
	}
	defer repo.Close()
	req := branchfix.Request{Tags: h.tags, Try: true}
	tips := []branchfix.ID{h.main.head}
	for _, l := range h.lines {
		req.Branches = append(req.Branches, branchfix.Branch{Name: l.name, Head: l.head, EndOfLife: l.eol})
		tips = append(tips, l.head)
	}
	for _, f := range h.fixes {
		req.Fixes = append(req.Fixes, f.series)
	}
	x := branchfix.NewIndex()
	if lost, err := repo.Index(t.Context(), x, tips, nil); err != nil || lost > 0 {
		t.Fatalf("%d commits were not readable: %v", lost, err)
	}
	m, err := branchfix.Compute(t.Context(), x, repo, req)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// TestTheTruthOfMadeRepositories: TRUTH_SEEDS=300 looks at more of them, TRUTH_FROM begins
// elsewhere, TRUTH_KEEP is a folder in which the repositories stay.
func TestTheTruthOfMadeRepositories(t *testing.T) {
	seeds, from := 4, 1
	if n, err := strconv.Atoi(os.Getenv("TRUTH_SEEDS")); err == nil {
		seeds = n
	}
	if n, err := strconv.Atoi(os.Getenv("TRUTH_FROM")); err == nil {
		from = n
	}
	s := &score{by: map[string][4]int{}}
	for seed := from; seed < from+seeds; seed++ {
		t.Run(fmt.Sprint(seed), func(t *testing.T) { s.one(t, uint64(seed)) })
	}
	for _, rule := range slices.Sorted(maps.Keys(s.by)) {
		n := s.by[rule]
		t.Logf("%-60s %5d cells, %d wrong fixed, %d wrong, %d asks", rule, n[0], n[1], n[2], n[3])
	}
	t.Logf("%d cells, %d of them could not be told: %d wrong fixed, %d wrong other, %.1f %% ask", s.cells, s.loose, s.wrongFixed, s.wrong, 100*float64(s.asks)/float64(s.cells))
	if s.wrongFixed > s.cells/500 || s.wrong > s.cells/100 || s.asks > s.cells/50 {
		t.Error("more is wrong, or asked, than may be")
	}
}
