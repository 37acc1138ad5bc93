package vers

import (
	"slices"
	"sort"
)

// Contains reports whether the version is in the range. known is false for a type of
// which no order is known; the answer is then that of the generic order.
func (r Range) Contains(version string) (in, known bool) {
	known = Registered(r.Type) || r.Type == ""
	if r.All || r.None {
		return r.All, known
	}
	line := newLine(r.Type, version, r.Constraints)
	return line.in(r.Constraints, line.at(version)), known
}

// Overlap reports whether some version can be in both ranges: whether the sets meet
// when between two different versions there is always another one. Ranges of two
// different types do not overlap, since their versions cannot be compared; a range
// without type is compared as one of the other's.
func Overlap(a, b Range) bool {
	switch {
	case a.None || b.None:
		return false
	case a.All || b.All:
		return true
	case a.Type != b.Type && a.Type != "" && b.Type != "":
		return false
	}
	kind := a.Type
	if kind == "" {
		kind = b.Type
	}
	line := newLine(kind, "", a.Constraints, b.Constraints)
	first, second := line.place(a.Constraints), line.place(b.Constraints)
	for at := range 2*len(line.points) + 1 {
		if in(first, at) && in(second, at) {
			return true
		}
	}
	return false
}

// UpperOpen reports whether the range has no upper end: there is no version above which
// none is in the range.
func (r Range) UpperOpen() bool {
	if r.All || r.None {
		return r.All
	}
	line := newLine(r.Type, "", r.Constraints)
	return line.in(r.Constraints, 2*len(line.points))
}

// line is an order of the versions that occur: point i is at 2i+1, and what lies
// between the points at the even places, so that 0 is below and 2n above all.
type line struct {
	kind   string
	points []string
}

func newLine(kind, version string, lists ...[]Constraint) line {
	l := line{kind: kind}
	if version != "" {
		l.points = append(l.points, version)
	}
	for _, list := range lists {
		for _, c := range list {
			l.points = append(l.points, c.Version)
		}
	}
	order := func(a, b string) int { return Compare(kind, a, b) }
	slices.SortFunc(l.points, order)
	l.points = slices.CompactFunc(l.points, func(a, b string) bool { return order(a, b) == 0 })
	return l
}

// at is the place of a version that is one of the points.
func (l line) at(version string) int {
	return 2*sort.Search(len(l.points), func(i int) bool { return Compare(l.kind, l.points[i], version) >= 0 }) + 1
}

// bound is a constraint on the line.
type bound struct {
	comparator Comparator
	at         int
}

// place puts the constraints on the line, the lowest first.
func (l line) place(list []Constraint) []bound {
	out := make([]bound, len(list))
	for i, c := range list {
		out[i] = bound{c.Comparator, l.at(c.Version)}
	}
	slices.SortStableFunc(out, func(a, b bound) int { return a.at - b.at })
	return out
}

func (l line) in(list []Constraint, at int) bool { return in(l.place(list), at) }

// in is "Checking if a version is contained within a range" of the VERS specification.
// A range of nothing but != has every other version, which the text leaves open.
func in(list []bound, at int) bool {
	others := true // there is nothing but !=
	for _, b := range list {
		if b.at == at {
			switch b.comparator {
			case Equal, LessEqual, GreaterEqual:
				return true
			case NotEqual:
				return false
			}
		}
		others = others && b.comparator == NotEqual
	}
	if others {
		return true
	}
	var before bound // the last of <, <=, > and >= below the place
	for _, b := range list {
		if b.comparator == Equal || b.comparator == NotEqual {
			continue
		}
		if b.at == at {
			return false // < or >, of the version itself
		}
		if b.at > at {
			return b.comparator.upper() && (before.at == 0 || before.comparator.lower())
		}
		before = b
	}
	return before.comparator.lower()
}
