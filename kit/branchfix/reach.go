package branchfix

import (
	"cmp"
	"math/bits"
	"slices"
)

// set is a set of indexed commits.
type set []uint64

func (x *Index) newSet() set { return make(set, (len(x.commits)+63)/64) }

func (s set) has(n int32) bool { return n >= 0 && s[n/64]&(1<<(n%64)) != 0 }
func (s set) put(n int32)      { s[n/64] |= 1 << (n % 64) }

// history is what a branch's head has behind it.
type history struct {
	set
	cut bool // a parent is not in the index: a shallow clone
}

// behind returns the commit and all its ancestors.
func (x *Index) behind(head int32) history {
	h := history{set: x.newSet()}
	x.walk(&h, head)
	return h
}

// walk adds the commit and all its ancestors.
func (x *Index) walk(h *history, head int32) {
	todo := []int32{head}
	h.put(head)
	for len(todo) > 0 {
		n := todo[len(todo)-1]
		todo = todo[:len(todo)-1]
		for _, p := range x.parents[n] {
			switch {
			case p < 0:
				h.cut = true
			case !h.has(p):
				h.put(p)
				todo = append(todo, p)
			}
		}
	}
}

// order puts every commit after its parents: by the longest way to a beginning of history,
// then by name. So the place of two commits to each other hangs on what is behind them
// alone, not on when they were indexed or on what else is. Commits that would be their own
// ancestors, which no repository can have, are left out.
func (x *Index) order() []int32 {
	children := make([][]int32, len(x.commits))
	left := make([]int32, len(x.commits))
	far := make([]int32, len(x.commits))
	var out []int32
	for n := range x.commits {
		for _, p := range x.parents[n] {
			if p >= 0 {
				children[p] = append(children[p], int32(n))
				left[n]++
			}
		}
	}
	for n := range x.commits {
		if left[n] == 0 {
			out = append(out, int32(n))
		}
	}
	for i := 0; i < len(out); i++ {
		for _, c := range children[out[i]] {
			far[c] = max(far[c], far[out[i]]+1)
			if left[c]--; left[c] == 0 {
				out = append(out, c)
			}
		}
	}
	slices.SortFunc(out, func(a, b int32) int {
		return cmp.Or(cmp.Compare(far[a], far[b]), cmp.Compare(x.commits[a].ID, x.commits[b].ID))
	})
	return out
}

// behindAll returns the commits that are indexed, and all their ancestors.
func (x *Index) behindAll(ids []ID) set {
	h := history{set: x.newSet()}
	for _, id := range ids {
		if n, ok := x.at[id]; ok && !h.has(n) {
			x.walk(&h, n)
		}
	}
	return h.set
}

// Behind returns an index of only the commits and what is behind them: x itself if that
// is all. What it answers does not hang on what x was told of besides.
func (x *Index) Behind(tips []ID) *Index {
	all := x.behindAll(tips)
	count := 0
	for _, word := range all {
		count += bits.OnesCount64(word)
	}
	if count == x.Len() {
		return x
	}
	out := NewIndex()
	for n, c := range x.commits {
		if all.has(int32(n)) {
			out.Add(c)
		}
	}
	return out
}

// ahead returns the commit and everything built on it; order is that of the index.
func (x *Index) ahead(from int32, order []int32) set {
	s := x.newSet()
	s.put(from)
	for _, n := range order {
		for _, p := range x.parents[n] {
			if s.has(p) {
				s.put(n)
				break
			}
		}
	}
	return s
}

// Past returns a function that says whether a commit is behind one of the heads, or is one.
func (x *Index) Past(heads []ID) func(ID) bool {
	all := x.behindAll(heads)
	return func(id ID) bool {
		n, ok := x.at[id]
		return ok && int(n)/64 < len(all) && all.has(n)
	}
}
