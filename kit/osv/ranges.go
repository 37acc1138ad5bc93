package osv

import (
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

// sequence asks that some introduced is before each fixed, and not after each
// last_affected. The earliest introduced decides, so that one pass is enough.
func (l *linter) sequence(at string, r *Range, order version.Order) {
	first, found := "", false
	for k := range r.Events {
		if name, v := r.Events[k].member(); name == "introduced" {
			if c, ok := compare(order, v, first); !found || ok && c < 0 {
				first, found = v, true
			}
		}
	}
	if !found {
		return
	}
	for k := range r.Events {
		name, v := r.Events[k].member()
		if name != "fixed" && name != "last_affected" {
			continue
		}
		c, ok := compare(order, first, v)
		if ok && (c > 0 || c == 0 && name == "fixed" && first != v) { // the same text is RNG:002's
			l.report("RNG:101", rule.At(at+"/events/%/"+name, k), nil, "%s %q is not after introduced %q", name, v, first)
		}
	}
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
