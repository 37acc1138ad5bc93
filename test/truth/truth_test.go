package truth_test

import (
	"fmt"
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
		t.Logf("seed %d, %s on %s (%q, %d edits, %d commits, fix %.8s): is %s %s ask=%v, want %v %s\n\t%s", seed, c.rule, l.name, f.subject, len(f.edits), len(f.series), f.series[0], got.State, got.Tag, got.Ask, want, tag, reasons(got))
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
	req := branchfix.Request{Tags: h.tags, Try: true}
	tips := []branchfix.ID{h.main.head}
	for _, l := range h.lines {
		req.Branches = append(req.Branches, branchfix.Branch{Name: l.name, Head: l.head, EndOfLife: l.eol})
		tips = append(tips, l.head)
	}
	for _, f := range h.fixes {
		req.Fixes = append(req.Fixes, f.series)
	}
	return compute(t, h.repo.Dir, tips, req)
}

// compute answers the request about a repository, of which everything behind the tips is
// indexed.
func compute(t *testing.T, dir string, tips []branchfix.ID, req branchfix.Request) *branchfix.Matrix {
	t.Helper()
	repo, err := git.Open(dir, git.Limits{})
	if err != nil {
		t.Fatal(err)
	}
	defer repo.Close()
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
	from, seeds := seedsOf(t, 4)
	s := &score{by: map[string][4]int{}}
	for seed := from; seed < from+seeds; seed++ {
		t.Run(fmt.Sprint(seed), func(t *testing.T) { s.one(t, uint64(seed)) })
	}
	s.sum(t)
}

// seedsOf are those of the environment.
func seedsOf(t *testing.T, usual int) (from, seeds int) {
	from, seeds = 1, usual
	for name, to := range map[string]*int{"TRUTH_SEEDS": &seeds, "TRUTH_FROM": &from} {
		if v := os.Getenv(name); v != "" {
			n, err := strconv.Atoi(v)
			if err != nil {
				t.Fatal(name, err)
			}
			*to = n
		}
	}
	return from, seeds
}
