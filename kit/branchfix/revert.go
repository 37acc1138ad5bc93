package branchfix

import (
	"slices"
	"strings"

	"github.com/tocsin-sec/tocsin/kit/branchfix/look"
)

// maxReverts bounds how deep reverts of reverts are followed.
const maxReverts = 64

// takesBack returns the commits that say, or whose change shows, that they take back one
// of the twins. twins are the same change on several branches: a revert that was picked
// names the one of the branch that it came from.
func (x *Index) takesBack(twins []int32) []int32 {
	var out []int32
	add := func(n int32) {
		if !slices.Contains(out, n) && !slices.Contains(twins, n) {
			out = append(out, n)
		}
	}
	for _, t := range twins {
		c := x.commits[t]
		for _, n := range x.linked[c.ID[:7]] {
			for _, l := range x.commits[n].Links {
				if l.Kind == Reverts && strings.HasPrefix(string(c.ID), string(l.To)) {
					add(n)
				}
			}
		}
		for _, n := range x.lines[c.Print.Undo] {
			// A few lines come and go for many reasons.
			if !x.revertsOther(n, twins) && slices.ContainsFunc(c.Files, func(f string) bool { return !look.Aside(f) && slices.Contains(x.commits[n].Files, f) }) {
				add(n)
			}
		}
	}
	return out
}

// revertsOther reports whether the message says that the commit reverts others than these.
func (x *Index) revertsOther(n int32, twins []int32) bool {
	other := false
	for _, l := range x.commits[n].Links {
		if to := x.one(l.To); l.Kind == Reverts && to >= 0 {
			if slices.Contains(twins, to) {
				return false
			}
			other = true
		}
	}
	return other
}

// says reports whether the message calls the commit a revert.
func (x *Index) says(n int32) bool {
	return slices.ContainsFunc(x.commits[n].Links, func(l Link) bool { return l.Kind == Reverts })
}

// undone returns the commit of the branch that takes the change back for good, or -1: a
// later one, which is not taken back itself.
func (e *engine) undone(twins []int32, at int32, on set, depth int) int32 {
	if depth > maxReverts {
		return -1
	}
	after := e.heir(at)
	for _, r := range e.x.takesBack(twins) {
		if r == at || !on.has(r) || !after.has(r) {
			continue
		}
		if e.undone(e.sure(r), r, on, depth+1) < 0 {
			return r
		}
	}
	for _, r := range e.x.merges {
		if !on.has(r.by) || !after.has(r.by) || r.by == at {
			continue
		}
		if e.heir(at).has(r.merge) && !e.past(e.x.parents[r.merge][0]).has(at) && e.undone(e.sure(r.by), r.by, on, depth+1) < 0 {
			return r.by
		}
	}
	return -1
}

// sure returns a commit with those that are the same change for certain.
func (e *engine) sure(n int32) []int32 {
	out := []int32{n}
	for _, t := range e.twins(n, e.x.commits[n].Print) {
		if t.weight >= strong && t.at != n {
			out = append(out, t.at)
		}
	}
	return out
}

// mergeRevert is a commit that takes back a whole merge.
type mergeRevert struct{ by, merge int32 }

// revertedMerges finds them; prepare keeps the list.
func (x *Index) revertedMerges() []mergeRevert {
	var out []mergeRevert
	for _, n := range x.sorted {
		for _, l := range x.commits[n].Links {
			if l.Kind != Reverts {
				continue
			}
			if m := x.one(l.To); m >= 0 && x.commits[m].Merge() && x.parents[m][0] >= 0 {
				out = append(out, mergeRevert{n, m})
			}
		}
	}
	return out
}
