package branchfix

import (
	"context"
	"fmt"
	"hash/maphash"
	"runtime"
	"slices"
	"sync"

	"github.com/tocsin-sec/tocsin/kit/branchfix/look"
	"github.com/tocsin-sec/tocsin/kit/patch"
)

// Version changes with everything that may change an answer, so that a kept one is not
// taken for one of another engine.
const Version = 3

// engine works one request off.
type engine struct {
	x    *Index
	repo Repo
	req  Request
	hash hasher

	renamed map[string][]string // from every name to the others it had
	behind  []history           // of each branch
	tags    []int32             // of each tag, -1 for one that is not indexed

	mu      sync.Mutex
	changes map[int32]*change
	texts   map[string]*look.Text
	trees   map[ID]map[string][]string
	heirs   map[int32]set // what is built on a commit
	pasts   map[int32]history
	same    map[int32][]twin // of commits whose print the index has
}

// change is a commit taken apart for looking at.
type change struct {
	at      int32
	print   patch.Print
	code    []patch.FilePatch
	places  []look.Place // once somebody looks at them
	taken   sync.Once
	changed map[uint64]int // telling lines of its code
	every   map[uint64]int // and of all its files
	cut     bool
}

// Compute answers the request. The index must hold everything that the heads have behind
// them, as far as the repository has it, and every commit that the request names. It
// fails for a request that names what is not indexed, and when the repository cannot be
// read.
func Compute(ctx context.Context, x *Index, repo Repo, req Request) (*Matrix, error) {
	if err := req.check(x); err != nil {
		return nil, err
	}
	x.prepare()
	e := &engine{x: x, repo: repo, req: req, hash: hasher{maphash.MakeSeed()}, renamed: map[string][]string{}, changes: map[int32]*change{},
		texts: map[string]*look.Text{}, trees: map[ID]map[string][]string{}, heirs: map[int32]set{}, pasts: map[int32]history{}, same: map[int32][]twin{}}
	for _, n := range x.sorted {
		for _, r := range x.commits[n].Renames {
			e.renamed[r[0]] = append(e.renamed[r[0]], r[1])
			e.renamed[r[1]] = append(e.renamed[r[1]], r[0])
		}
	}
	for _, b := range req.Branches {
		e.behind = append(e.behind, x.behind(x.at[b.Head]))
	}
	for _, t := range req.Tags {
		n, ok := x.at[t.Commit]
		if !ok {
			n = -1
		}
		e.tags = append(e.tags, n)
	}
	m := &Matrix{Branches: make([]BranchState, len(req.Branches))}
	for i, b := range req.Branches {
		m.Branches[i] = BranchState{Name: b.Name, Head: b.Head, State: NotAffected, Fixes: make([]FixState, len(req.Fixes))}
	}
	e.ready(ctx)
	if err := e.all(ctx, m); err != nil {
		return nil, err
	}
	for i := range m.Branches {
		b := &m.Branches[i]
		for _, f := range b.Fixes {
			if rank(f.State) < rank(b.State) {
				b.State = f.State
			}
		}
	}
	return m, nil
}

// ready announces the trials of the fixes that are not on a branch themselves. Some of
// them will not be needed: to make them with the others is cheaper than to know.
func (e *engine) ready(ctx context.Context) {
	p, ok := e.repo.(Preparer)
	if !ok || !e.req.Try {
		return
	}
	var likely []Attempt
	for i, b := range e.req.Branches {
		for _, f := range e.req.Fixes {
			if !b.EndOfLife && !e.behind[i].has(e.x.at[f[len(f)-1]]) {
				likely = append(likely, Attempt{b.Head, f})
			}
		}
	}
	p.Prepare(ctx, likely)
}

func rank(s State) int {
	for i, o := range States() {
		if o == s {
			return i
		}
	}
	return -1
}

// all fills the matrix, several cells at once.
func (e *engine) all(ctx context.Context, m *Matrix) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	type cell struct{ fix, branch int }
	cells := make(chan cell)
	var busy sync.WaitGroup
	for range runtime.GOMAXPROCS(0) {
		busy.Go(func() {
			for c := range cells {
				f, err := e.series(ctx, c.fix, c.branch)
				if err != nil {
					cancel(fmt.Errorf("fix %s on branch %q: %w", e.req.Fixes[c.fix][0].Short(), e.req.Branches[c.branch].Name, err))
					continue
				}
				m.Branches[c.branch].Fixes[c.fix] = f
			}
		})
	}
	for fix := range e.req.Fixes {
		for branch := range e.req.Branches {
			select {
			case cells <- cell{fix, branch}:
			case <-ctx.Done():
			}
		}
	}
	close(cells)
	busy.Wait()
	return context.Cause(ctx)
}

// change reads a commit's patch and keeps it.
func (e *engine) change(ctx context.Context, n int32) (*change, error) {
	e.mu.Lock()
	c, ok := e.changes[n]
	e.mu.Unlock()
	if ok {
		return c, nil
	}
	p, err := e.repo.Patch(ctx, e.x.commits[n].ID)
	if err != nil {
		return nil, err
	}
	files := look.Code(p)
	c = &change{at: n, print: e.x.commits[n].Print, code: files, changed: e.hash.changed(files), every: e.hash.changed(p.Files), cut: p.Cut}
	if e.x.commits[n].Merge() {
		c.print = patch.Summarise(p).Print
	}
	e.mu.Lock()
	e.changes[n] = c
	e.mu.Unlock()
	return c, nil
}

// heir returns what is built on a commit, itself included.
func (e *engine) heir(n int32) set {
	e.mu.Lock()
	s, ok := e.heirs[n]
	e.mu.Unlock()
	if ok {
		return s
	}
	s = e.x.ahead(n, e.x.sorted)
	e.mu.Lock()
	e.heirs[n] = s
	e.mu.Unlock()
	return s
}

// maxKept is how many histories are kept: each has a bit for every commit.
const maxKept = 512

// past returns what a commit has behind it, itself included.
func (e *engine) past(n int32) history {
	e.mu.Lock()
	h, ok := e.pasts[n]
	e.mu.Unlock()
	if ok {
		return h
	}
	h = e.x.behind(n)
	e.mu.Lock()
	if len(e.pasts) < maxKept {
		e.pasts[n] = h
	}
	e.mu.Unlock()
	return h
}

// twins is the index's, asked once for each commit: it does not depend on the branch.
func (e *engine) twins(n int32, print patch.Print) []twin {
	if print != e.x.commits[n].Print {
		return e.x.twins(n, print)
	}
	e.mu.Lock()
	t, ok := e.same[n]
	e.mu.Unlock()
	if ok {
		return t
	}
	t = e.x.twins(n, print)
	e.mu.Lock()
	e.same[n] = t
	e.mu.Unlock()
	return t
}

// firstTag returns the earliest tag that has every one of the commits and lies on the
// branch, or "": history decides, not dates. A release is often a commit beside the
// branch, with the branch's as its parent; it counts where no branch has it.
func (e *engine) firstTag(branch int, commits []int32) string {
	best, at := "", int32(0)
	for i, t := range e.tags {
		if t < 0 || !e.onBranch(branch, t) {
			continue
		}
		has := true
		for _, c := range commits {
			has = has && e.heir(c).has(t)
		}
		if n := e.x.depth[t]; has && (best == "" || n < at || n == at && older(e.req.Tags[i].Name, best)) {
			best, at = e.req.Tags[i].Name, n
		}
	}
	return best
}

func (e *engine) onBranch(branch int, tag int32) bool {
	if e.behind[branch].has(tag) {
		return true
	}
	if slices.ContainsFunc(e.behind, func(h history) bool { return h.has(tag) }) {
		return false
	}
	return slices.ContainsFunc(e.x.parents[tag], e.behind[branch].has)
}

// older compares two names of tags on one commit: a shorter one first.
func older(a, b string) bool {
	if len(a) != len(b) {
		return len(a) < len(b)
	}
	return a < b
}
