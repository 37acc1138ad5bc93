package branchfix

import (
	"slices"
	"strings"

	"github.com/tocsin-sec/tocsin/kit/branchfix/look"
)

// Naming returns the commits whose message names a CVE id and that fix it: each change
// once, as the commit that the others were picked from, in the order in which they came.
// Merges are left out, since what they bring is named by itself, and so are commits that
// change nothing of the program, such as release notes, unless there are no others.
func (x *Index) Naming(cve string) Series {
	x.prepare()
	var all, noted []int32
	for _, n := range x.sorted {
		c := x.commits[n]
		if c.Merge() || !slices.Contains(c.CVEs, strings.ToUpper(cve)) {
			continue
		}
		if slices.ContainsFunc(c.Links, func(l Link) bool { return l.Kind == Reverts || l.Kind == PartlyReverts }) {
			continue
		}
		if slices.ContainsFunc(c.Files, func(f string) bool { return !look.Aside(f) }) {
			all = append(all, n)
		} else {
			noted = append(noted, n)
		}
	}
	if len(all) == 0 {
		all = noted
	}
	var out Series
	for _, n := range all {
		if x.original(n, all) {
			out = append(out, x.commits[n].ID)
		}
	}
	return out
}

// original reports whether a commit is the first of those that are one change: the one
// that says of no other that it is a copy, or the oldest by its author's date, or by its
// place in history.
func (x *Index) original(n int32, among []int32) bool {
	c := x.commits[n]
	copied := func(c *Indexed) bool {
		return slices.ContainsFunc(c.Links, func(l Link) bool { _, ok := copies(l.Kind); return ok })
	}
	for _, t := range x.twins(n, c.Print) {
		o := x.commits[t.at]
		if t.at == n || t.weight < weighsTitle || !slices.Contains(among, t.at) {
			continue
		}
		switch {
		case copied(c) != copied(o):
			if copied(c) {
				return false
			}
		case c.When != o.When:
			if o.When < c.When {
				return false
			}
		case x.depth[t.at] < x.depth[n]:
			return false
		}
	}
	return true
}
