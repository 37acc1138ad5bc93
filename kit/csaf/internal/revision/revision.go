// Package revision compares the versions of CSAF documents and puts a revision history
// in order, as sections 6.1.14, 6.1.16 and 6.1.21 of CSAF 2.0 and 2.1 ask. The tests
// themselves are in csaf/test20 and csaf/test21.
package revision

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"github.com/tocsin-sec/tocsin/kit/csaf"
)

// Version is a parsed version_t: integer or semantic versioning (3.1.11 of 2.0, 3.1.13
// of 2.1). Build metadata counts in no comparison and is not kept.
type Version struct {
	Semantic bool
	Pre      string    // the pre-release part without its hyphen
	part     [3]string // digits without leading zeros; "0" where an integer has none
}

// Parse parses a version. What is no version gives parts that are no digits, which
// compare in some fixed way.
func Parse(s string) Version {
	s, _, _ = strings.Cut(s, "+")
	core, pre, _ := strings.Cut(s, "-")
	v := Version{Pre: pre, part: [3]string{"0", "0", "0"}}
	for i := range v.part {
		part, rest, more := strings.Cut(core, ".")
		v.part[i] = part
		if core = rest; !more {
			break
		}
		v.Semantic = true
	}
	return v
}

// Major is the first number.
func (v Version) Major() string { return v.part[0] }

// Initial reports whether the version is 0 or 0.y.z.
func (v Version) Initial() bool { return v.part[0] == "0" }

// Compare orders versions as SemVer 2.0.0, section 11, asks. An integer counts as
// semantic version with .0.0 (6.1.14 of CSAF 2.1).
func (v Version) Compare(o Version) int {
	for i := range v.part {
		if c := number(v.part[i], o.part[i]); c != 0 {
			return c
		}
	}
	switch {
	case v.Pre == o.Pre:
		return 0
	case v.Pre == "":
		return 1
	case o.Pre == "":
		return -1
	}
	return comparePre(v.Pre, o.Pre)
}

// number compares strings of digits by value, of any length.
func number(a, b string) int {
	return cmp.Or(cmp.Compare(len(a), len(b)), strings.Compare(a, b))
}

func comparePre(a, b string) int {
	for {
		x, restA, moreA := strings.Cut(a, ".")
		y, restB, moreB := strings.Cut(b, ".")
		c := strings.Compare(x, y)
		switch dx, dy := digits(x), digits(y); {
		case dx && dy:
			c = number(x, y)
		case dx:
			c = -1
		case dy:
			c = 1
		}
		switch {
		case c != 0:
			return c
		case !moreA && !moreB:
			return 0
		case !moreA:
			return -1
		case !moreB:
			return 1
		}
		a, b = restA, restB
	}
}

func digits(s string) bool { return strings.Trim(s, "0123456789") == "" }

// Order returns the indices of a history sorted by date, and by number where dates
// are equal; nil when it is in that order already.
func Order(history []csaf.Revision) []int {
	sorted := true
	for i := 1; i < len(history) && sorted; i++ {
		sorted = compare(&history[i-1], &history[i]) <= 0
	}
	if sorted {
		return nil
	}
	// The dates and numbers are parsed once, since a hostile history is long.
	type item struct {
		when    time.Time
		version Version
		index   int
	}
	items := make([]item, len(history))
	for i := range history {
		items[i] = item{instant(&history[i]), Parse(history[i].Number), i}
	}
	slices.SortStableFunc(items, func(a, b item) int {
		return cmp.Or(a.when.Compare(b.when), a.version.Compare(b.version))
	})
	order := make([]int, len(items))
	for i := range items {
		order[i] = items[i].index
	}
	return order
}

// At is the index in the history of the place i in the order that Order returned.
func At(order []int, i int) int {
	if order == nil {
		return i
	}
	return order[i]
}

func compare(a, b *csaf.Revision) int {
	return cmp.Or(instant(a).Compare(instant(b)), Parse(a.Number).Compare(Parse(b.Number)))
}

func instant(r *csaf.Revision) time.Time {
	t, _ := r.Date.Time()
	return t
}

// Newest returns the newest date of a history; false when no date in it is one.
func Newest(history []csaf.Revision) (time.Time, bool) {
	var newest time.Time
	found := false
	for i := range history {
		if t, err := history[i].Date.Time(); err == nil && (!found || t.After(newest)) {
			newest, found = t, true
		}
	}
	return newest, found
}
