package show

import (
	"slices"

	"github.com/tocsin-sec/tocsin/kit/branchfix"
	"github.com/tocsin-sec/tocsin/kit/osv"
	"github.com/tocsin-sec/tocsin/kit/version"
)

// GitRange is the OSV range of one fix (its number in the matrix) over commits: the
// commits that brought the flaw, or 0 for the beginning, and one fixed event for each
// branch that has the fix, in the order of the branches. It reports false when no branch
// has it: OSV cannot say then where it ends.
func GitRange(m *branchfix.Matrix, fix int, introduced []branchfix.ID, repo string) (osv.Range, bool) {
	r := osv.Range{Type: osv.Git, Repo: repo}
	for _, id := range introduced {
		r.Events = append(r.Events, event(string(id), ""))
	}
	if len(introduced) == 0 {
		r.Events = append(r.Events, event("0", ""))
	}
	var seen []branchfix.ID
	for _, b := range m.Branches {
		f := b.Fixes[fix]
		if f.State != branchfix.Fixed && f.State != branchfix.Released || len(f.By) == 0 {
			continue
		}
		// Of a series the last makes it whole.
		if id := f.By[len(f.By)-1]; !slices.Contains(seen, id) {
			seen = append(seen, id)
			r.Events = append(r.Events, event("", string(id)))
		}
	}
	return r, len(seen) > 0
}

// Release is a version with the state that its tag has: tags are asked for as branches.
type Release struct {
	Version string // as the ecosystem writes it, without the tag's "v"
	State   branchfix.State
}

// VersionRange is the OSV range over versions in the order of the ecosystem: an introduced
// event where a version is affected and the one before it is not, a fixed event where it
// is the other way round. A first version that is affected begins at 0. It reports false
// when no version is affected, or the order does not know one.
func VersionRange(kind string, order version.Order, releases []Release) (osv.Range, bool) {
	r := osv.Range{Type: kind}
	sorted := slices.Clone(releases)
	known := true
	slices.SortStableFunc(sorted, func(a, b Release) int {
		c, ok := order.Compare(a.Version, b.Version)
		known = known && ok
		return c
	})
	if !known {
		return r, false
	}
	was, begun := false, false
	for i, v := range sorted {
		is := hit(v.State)
		switch {
		case is && !was:
			at := v.Version
			if i == 0 {
				at = "0"
			}
			r.Events = append(r.Events, event(at, ""))
			begun = true
		case !is && was:
			r.Events = append(r.Events, event("", v.Version))
		}
		was = is
	}
	return r, begun
}

// hit reports whether a version has the flaw, or may have it.
func hit(s branchfix.State) bool {
	return s != branchfix.Fixed && s != branchfix.Released && s != branchfix.NotAffected
}

func event(introduced, fixed string) osv.Event {
	if fixed != "" {
		return osv.Event{Fixed: &fixed}
	}
	return osv.Event{Introduced: &introduced}
}
