package branchfix

import (
	"cmp"
	"slices"
	"strings"

	"github.com/tocsin-sec/tocsin/kit/patch"
)

// What each kind of evidence weighs at most, and where it begins to count. The order is
// what backports of real projects taught: of 32 of runc a patch id finds 13, the subject
// all; a picked commit keeps its author's date, whatever was edited.
const (
	weighsPatch   = 0.98
	weighsPicked  = 0.9
	weighsDate    = 0.9
	weighsLines   = 0.8
	weighsAuthor  = 0.6
	weighsTitle   = 0.5
	strong        = 0.85 // from here on the commit is the fix, edited or not
	fewLines      = 4    // a change of fewer telling lines may be equal by chance
	maxSameTitles = 200  // commits with one subject ("update", "fix typo") that are looked at
)

// twin is a commit that is, or may be, the same change as another.
type twin struct {
	at       int32
	evidence []Evidence
	weight   float64
}

// note adds a reason; the heaviest decides.
func (t *twin) note(e Evidence) {
	t.evidence = append(t.evidence, e)
	t.weight = max(t.weight, e.Weight)
}

// twins finds the commits of the whole index that are or may be the same change as fix,
// itself included, each with the reasons. The print is that of its patch, which the index
// does not have of a merge.
func (x *Index) twins(fix int32, print patch.Print) []twin {
	found := map[int32]*twin{fix: {at: fix, weight: 1, evidence: []Evidence{{Kind: Ancestry, Commit: x.commits[fix].ID, Weight: 1}}}}
	note := func(n int32, kind Kind, weight float64) {
		if n == fix {
			return
		}
		t := found[n]
		if t == nil {
			t = &twin{at: n}
			found[n] = t
		}
		t.note(Evidence{Kind: kind, Commit: x.commits[n].ID, Weight: weight})
	}
	c := x.commits[fix]
	x.byPrint(c, print, note)
	x.byTitle(c, note)
	x.byLink(fix, found, note)
	out := make([]twin, 0, len(found))
	for _, t := range found {
		out = append(out, *t)
	}
	slices.SortFunc(out, func(a, b twin) int { return strings.Compare(string(x.commits[a.at].ID), string(x.commits[b.at].ID)) })
	return out
}

func (x *Index) byPrint(c *Indexed, print patch.Print, note func(int32, Kind, float64)) {
	if print.Strict == (patch.Sum{}) {
		return
	}
	for _, n := range x.prints[print.Strict] {
		note(n, SamePatch, weighsPatch)
	}
	for _, n := range x.lines[print.Lines] {
		o := x.commits[n]
		switch {
		case o.Print.Strict == print.Strict:
		case print.Weight < fewLines && o.Same != c.Same:
			note(n, SameLines, weighsTitle*float64(print.Weight)/fewLines)
		default:
			note(n, SameLines, weighsLines)
		}
	}
}

func (x *Index) byTitle(c *Indexed, note func(int32, Kind, float64)) {
	list := x.same[c.Same]
	if c.Same == "" || len(list) > maxSameTitles {
		return
	}
	for _, n := range list {
		o := x.commits[n]
		switch {
		case o.Merge():
		case o.Author == c.Author && o.When == c.When:
			note(n, AuthorDate, weighsDate)
		case o.Author == c.Author:
			note(n, AuthorTitle, weighsAuthor)
		default:
			note(n, Title, weighsTitle)
		}
	}
}

// byLink follows what messages say, in both directions and over several steps: a commit
// may be picked from one that was picked itself, and a fix that was made on a stable
// branch first may name that one.
func (x *Index) byLink(fix int32, found map[int32]*twin, note func(int32, Kind, float64)) {
	sure := []int32{fix}
	for n, t := range found {
		if t.weight >= strong && n != fix {
			sure = append(sure, n)
		}
	}
	slices.Sort(sure[1:])
	done := map[int32]bool{}
	for len(sure) > 0 && len(done) < 1000 {
		n := sure[0]
		sure = sure[1:]
		if done[n] {
			continue
		}
		done[n] = true
		id := x.commits[n].ID
		for _, from := range x.linked[id[:7]] {
			for _, l := range x.commits[from].Links {
				if k, ok := copies(l.Kind); ok && strings.HasPrefix(string(id), string(l.To)) {
					note(from, k, weighsPicked)
					sure = append(sure, from)
				}
			}
		}
		for _, l := range x.commits[n].Links {
			k, ok := copies(l.Kind)
			if to := x.one(l.To); ok && to >= 0 && (n == fix || x.alone(n) || x.commits[to].Same == x.commits[n].Same) {
				note(to, k, weighsPicked)
				sure = append(sure, to)
			}
		}
	}
}

// alone reports whether a commit says that it is the copy of one other. One that is made
// of several has each of them, and they have nothing of each other.
func (x *Index) alone(n int32) bool {
	var to ID
	for _, l := range x.commits[n].Links {
		if _, ok := copies(l.Kind); !ok || l.To == to {
			continue
		}
		if to != "" {
			return false
		}
		to = l.To
	}
	return true
}

// copies tells which links say that a commit is another one again.
func copies(k LinkKind) (Kind, bool) {
	switch k {
	case CherryPicked, Backport:
		return Picked, true
	case Upstream:
		return UpstreamOf, true
	}
	return "", false
}

// one resolves the name in a message, or returns -1. A short name is looked for among
// all, and counts only if it means one commit.
func (x *Index) one(name ID) int32 {
	if n, ok := x.at[name]; ok {
		return n
	}
	if len(name) >= 40 || len(name) < 7 {
		return -1
	}
	switch n, ok := x.short[name[:7]]; {
	case ok && n >= 0 && strings.HasPrefix(string(x.commits[n].ID), string(name)):
		return n
	case ok && n == -2:
		if list := x.Find(name); len(list) == 1 {
			return x.at[list[0]]
		}
	}
	return -1
}

// prepare makes what is derived from all commits. The index must not grow while it is
// used.
func (x *Index) prepare() {
	if len(x.short) > 0 && x.prepared == len(x.commits) {
		return
	}
	x.short = make(map[ID]int32, len(x.commits))
	for n, c := range x.commits {
		if _, twice := x.short[c.ID[:7]]; twice {
			x.short[c.ID[:7]] = -2
		} else {
			x.short[c.ID[:7]] = int32(n)
		}
	}
	x.sorted = x.order()
	x.depth = make([]int32, len(x.commits))
	for i, n := range x.sorted {
		x.depth[n] = int32(i)
	}
	// Where a list is cut, or the first of equals counts, the order decides.
	older := func(a, b int32) int { return cmp.Compare(x.depth[a], x.depth[b]) }
	settle(x.prints, older)
	settle(x.lines, older)
	settle(x.same, older)
	settle(x.linked, older)
	settle(x.files, older)
	x.merges = x.revertedMerges()
	x.prepared = len(x.commits)
}

// settle puts every list into the order.
func settle[K comparable](lists map[K][]int32, order func(a, b int32) int) {
	for _, l := range lists {
		if len(l) > 1 && !slices.IsSortedFunc(l, order) {
			slices.SortFunc(l, order)
		}
	}
}
