package osv

import (
	"slices"

	"github.com/tocsin-sec/tocsin/kit/csaf/rule"
	"github.com/tocsin-sec/tocsin/kit/strictjson"
	"github.com/tocsin-sec/tocsin/kit/version"
)

// member is the one thing that an event is.
func (e *Event) member() (name, v string) {
	switch {
	case e.Introduced != nil:
		return "introduced", *e.Introduced
	case e.Fixed != nil:
		return "fixed", *e.Fixed
	case e.LastAffected != nil:
		return "last_affected", *e.LastAffected
	case e.Limit != nil:
		return "limit", *e.Limit
	}
	return "", ""
}

// rng checks one range; order is the ecosystem's.
func (l *linter) rng(i, j int, r *Range, order version.Order, hasPackage bool) {
	at := rule.At("/affected/%/ranges/%", i, j)
	if !hasPackage && r.Type != Git {
		l.report("RNG:002", at+"/type", nil, "a range of type %q needs a package", r.Type)
	}
	starts := map[string]bool{}
	for k := range r.Events {
		if name, v := r.Events[k].member(); name == "introduced" {
			starts[v] = true
		}
	}
	if len(starts) == 0 {
		l.report("RNG:001", at+"/events", nil, "no event is introduced")
	}
	if r.Type == Semver {
		order = version.Semver
	}
	takes := r.Type == Semver || r.Type == Ecosystem && order != version.None
	for k := range r.Events {
		name, v := r.Events[k].member()
		if name == "fixed" && starts[v] {
			l.report("RNG:002", rule.At(at+"/events/%/fixed", k), nil, "%q is introduced and fixed", v)
		}
		if takes && name != "" && v != "0" && (name != "limit" || v != "*") {
			l.version(rule.At(at+"/events/%/"+name, k), r.Type, v, order)
		}
	}
	if takes {
		l.sequence(at, r, order)
	}
}

// version checks that a text is a version of the range's kind.
func (l *linter) version(at, kind, v string, order version.Order) {
	if kind == Semver && !strictSemver(v) {
		l.report("RNG:102", at, nil, "%q is no semantic version", v)
	} else if kind == Ecosystem && !order.Valid(v) {
		l.report("RNG:103", at, nil, "%q is no version of the order %v", v, order)
	}
}

func strictSemver(v string) bool { return strictjson.IsSemver(v) }

// sequence asks that each fixed is after an introduced, and each last_affected not
// before one. Events may stand in any order, so that what counts is whether something
// is affected just before the event: it is not when the versions introduced before have
// all been fixed, and then the version that stands in front of it is one that it cannot
// be the fix of.
func (l *linter) sequence(at string, r *Range, order version.Order) {
	line := newLine(r, order)
	if line == nil {
		return
	}
	for k := range r.Events {
		name, v := r.Events[k].member()
		if name != "fixed" && name != "last_affected" {
			continue
		}
		first := line[0]
		if c, ok := compare(order, first.version, v); ok && (c > 0 || c == 0 && name == "fixed" && first.version != v) { // the same text is RNG:002's
			l.report("RNG:101", rule.At(at+"/events/%/"+name, k), nil, "%s %q is not after introduced %q", name, v, first.version)
			continue
		}
		if k == 0 || r.Events[k-1].Introduced == nil {
			continue
		}
		before := *r.Events[k-1].Introduced
		if c, ok := compare(order, before, v); ok && c > 0 && !line.affectedBefore(v, k, order) {
			l.report("RNG:101", rule.At(at+"/events/%/"+name, k), nil, "%s %q is not after introduced %q", name, v, before)
		}
	}
}

// line is the events of a range in the order of their versions: what is introduced,
// fixed or the last affected.
type line []point

type point struct {
	version    string
	event      int
	introduced bool
}

// newLine sorts the events; it is nil without an introduced, and only has what the
// order takes.
func newLine(r *Range, order version.Order) line {
	var l line
	introduced := false
	for k := range r.Events {
		switch name, v := r.Events[k].member(); name {
		case "introduced", "fixed", "last_affected":
			if v == "0" || order.Valid(v) {
				l = append(l, point{v, k, name == "introduced"})
				introduced = introduced || name == "introduced"
			}
		}
	}
	if !introduced {
		return nil
	}
	slices.SortStableFunc(l, func(a, b point) int {
		c, _ := compare(order, a.version, b.version)
		return c
	})
	// The first introduced stands in front, so that it can be asked for.
	first := slices.IndexFunc(l, func(p point) bool { return p.introduced })
	return append(line{l[first]}, l...)
}

// affectedBefore reports whether what is below a version, apart from the event itself,
// ends with something introduced.
func (l line) affectedBefore(v string, event int, order version.Order) bool {
	affected := false
	for _, p := range l[1:] {
		if c, ok := compare(order, p.version, v); !ok || c >= 0 {
			break
		}
		if p.event != event {
			affected = p.introduced
		}
	}
	return affected
}

// compare is the order's, with the schema's "0" before every version.
func compare(order version.Order, a, b string) (int, bool) {
	switch {
	case a == b:
		return 0, true
	case a == "0":
		return -1, true
	case b == "0":
		return 1, true
	}
	return order.Compare(a, b)
}
