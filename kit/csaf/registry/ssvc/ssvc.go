// Package ssvc knows the registered decision points of the Stakeholder-Specific
// Vulnerability Categorization and the parts of its namespaces: tests 6.1.48, 6.2.34
// to 6.2.37 and 6.3.13 to 6.3.15 of CSAF 2.1. Decision tables and the texts of values
// are nowhere here; the types of a selection list are in csaf21.
//
// The table is generated (registry/ssvc/gen) and needs no start-up work: a look-up is
// a search in a string constant. It has the points of the namespaces ssvc, cvss, cisa
// and basic; of the other registered ones, it has none.
package ssvc

import (
	"cmp"
	"strings"
)

//go:generate sh -c "go run ./gen \"$SSVC\" gen/points.txt > table.new && mv table.new table.go"

// Registered reports whether a base namespace is registered with SSVC.
func Registered(base string) bool {
	switch base {
	case "ssvc", "cvss", "cisa", "basic", "nist", "example", "test":
		return true
	}
	return false
}

// Tabled reports whether the decision points of a base namespace are known here.
func Tabled(base string) bool {
	switch base {
	case "ssvc", "cvss", "cisa", "basic":
		return true
	}
	return false
}

// Purpose is what a namespace is reserved for.
type Purpose int

// The purposes. Namespaces for examples and tests have no fixed decision points; those
// that are invalid must not be used at all.
const (
	General Purpose = iota
	ForExamples
	ForTests
	Invalid
)

// Reserved returns what a base namespace is reserved for. Private namespaces (x_) are
// reserved by their first part: x_invalid#abc is invalid.
func Reserved(base string) Purpose {
	base = strings.TrimPrefix(base, "x_")
	base, _, _ = strings.Cut(base, "#")
	switch base {
	case "example":
		return ForExamples
	case "test":
		return ForTests
	case "invalid":
		return Invalid
	}
	return General
}

// Split returns the parts of a namespace: its base, the language of the first
// extension ("" for none), and the other extensions ("" for none).
func Split(namespace string) (base, language, extensions string) {
	base, rest, _ := strings.Cut(namespace, "/")
	language, extensions, _ = strings.Cut(rest, "/")
	return base, language, extensions
}

// Point is one version of a decision point.
type Point struct {
	Namespace, Key, Version string
	values                  string // keys with a space between
}

// Values returns the keys of the values in their order.
func (p Point) Values() []string { return strings.Fields(p.values) }

// Index is the place of a value in the order, -1 for a key that the point does not have.
func (p Point) Index(key string) int {
	i := 0
	for rest := p.values; rest != ""; i++ {
		var k string
		if k, rest, _ = strings.Cut(rest, " "); k == key {
			return i
		}
	}
	return -1
}

// Find returns the version of a decision point in a base namespace; ok is false when
// there is none.
func Find(base, key, version string) (p Point, ok bool) {
	each(base, key, func(q Point) {
		if q.Version == version {
			p, ok = q, true
		}
	})
	return p, ok
}

// Latest returns the newest version of a decision point; ok is false when the base
// namespace has no such key.
func Latest(base, key string) (p Point, ok bool) {
	each(base, key, func(q Point) {
		if !ok || newer(q.Version, p.Version) {
			p, ok = q, true
		}
	})
	return p, ok
}

// each calls f for every version of a decision point.
func each(base, key string, f func(Point)) {
	if strings.ContainsAny(base, "\n\t") || strings.ContainsAny(key, "\n\t") {
		return
	}
	for rest := points[1:]; rest != ""; {
		var line string
		line, rest, _ = strings.Cut(rest, "\n")
		ns, line, _ := strings.Cut(line, "\t")
		k, line, _ := strings.Cut(line, "\t")
		if ns == base && k == key {
			version, values, _ := strings.Cut(line, "\t")
			f(Point{Namespace: ns, Key: k, Version: version, values: values})
		}
	}
}

// newer reports whether version a is above b; the versions of the table are three
// numbers without leading zeros.
func newer(a, b string) bool {
	for a != "" || b != "" {
		var x, y string
		x, a, _ = strings.Cut(a, ".")
		y, b, _ = strings.Cut(b, ".")
		if c := cmp.Or(cmp.Compare(len(x), len(y)), strings.Compare(x, y)); c != 0 {
			return c > 0
		}
	}
	return false
}
