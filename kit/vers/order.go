package vers

import (
	"cmp"
	"strings"
	"time"

	"github.com/tocsin-sec/tocsin/kit/version"
)

// orderOf returns the order of a registered type; registered is false for a type that
// the VERS specification does not list. For types without an order of their own it is
// nil: the generic order counts. exact says that the order is the specification's; that
// of alpm is RPM's with changes that are not made here.
func orderOf(kind string) (order func(a, b string) int, exact, registered bool) {
	packages := func(o version.Order) (func(a, b string) int, bool, bool) {
		return func(a, b string) int { return byOrder(o, a, b) }, true, true
	}
	switch kind {
	case "apk":
		return packages(version.Alpine)
	case "composer":
		return packages(version.Packagist)
	case "deb":
		return packages(version.Debian)
	case "gem":
		return packages(version.RubyGems)
	case "hackage":
		return packages(version.Hackage)
	case "maven":
		return packages(version.Maven)
	case "nuget":
		return packages(version.NuGet)
	case "pypi":
		return packages(version.PyPI)
	case "rpm":
		return packages(version.RPM)
	case "alpm":
		order, _, _ = packages(version.RPM)
		return order, false, true
	case "cargo", "dart", "golang", "npm", "semver":
		return semver, true, true
	case "datetime":
		return datetime, true, true
	case "intdot":
		return intdot, true, true
	case "lexicographic":
		return strings.Compare, true, true
	case "all", "cpan", "generic", "none":
		return nil, false, true
	}
	return nil, false, false
}

// byOrder compares by the order of a packaging system. What is no version of it stands
// before all versions, in the generic order.
func byOrder(o version.Order, a, b string) int {
	if c, ok := o.Compare(a, b); ok {
		return c
	}
	switch x, y := o.Valid(a), o.Valid(b); {
	case x && !y:
		return 1
	case y && !x:
		return -1
	}
	return generic(a, b)
}

// Registered reports whether the VERS specification lists the type, of a package
// ecosystem or a general one. Each of them can be compared here.
func Registered(kind string) bool {
	_, _, ok := orderOf(kind)
	return ok
}

// Exact reports whether Compare follows the specification of the type.
func Exact(kind string) bool {
	_, exact, _ := orderOf(kind)
	return exact
}

// Compare orders two versions of a type: negative when a is below b, 0 when they are
// equal. Types that are not registered, and "", have the generic order: runs of digits
// count as numbers, letters as words, a word that announces a release (alpha, beta,
// rc, ...) stands before the release.
func Compare(kind, a, b string) int {
	if order, _, _ := orderOf(kind); order != nil {
		return order(a, b)
	}
	return generic(a, b)
}

// digits compares two texts of digits by value.
func digits(a, b string) int {
	a, b = strings.TrimLeft(a, "0"), strings.TrimLeft(b, "0")
	return cmp.Or(cmp.Compare(len(a), len(b)), strings.Compare(a, b))
}

func isDigit(c byte) bool { return c >= '0' && c <= '9' }
func isLetter(c byte) bool {
	return c|0x20 >= 'a' && c|0x20 <= 'z'
}

// intdot: integers with dots between; what follows anything else does not count.
func intdot(a, b string) int {
	cut := func(s string) string {
		if i := strings.IndexFunc(s, func(r rune) bool { return r != '.' && (r < '0' || r > '9') }); i >= 0 {
			return s[:i]
		}
		return s
	}
	a, b = cut(a), cut(b)
	for a != "" || b != "" {
		var x, y string
		x, a, _ = strings.Cut(a, ".")
		y, b, _ = strings.Cut(b, ".")
		if c := digits(x, y); c != 0 {
			return c
		}
	}
	return 0
}

// semver is section 11 of SemVer 2.0.0; a v in front and missing numbers are allowed.
func semver(a, b string) int {
	a, b = strings.TrimLeft(a, "vV"), strings.TrimLeft(b, "vV")
	a, _, _ = strings.Cut(a, "+")
	b, _, _ = strings.Cut(b, "+")
	a, preA, isPreA := strings.Cut(a, "-")
	b, preB, isPreB := strings.Cut(b, "-")
	if c := intdot(a, b); c != 0 {
		return c
	}
	if isPreA != isPreB {
		if isPreA {
			return -1
		}
		return 1
	}
	for preA != "" && preB != "" {
		var x, y string
		x, preA, _ = strings.Cut(preA, ".")
		y, preB, _ = strings.Cut(preB, ".")
		if c := identifier(x, y); c != 0 {
			return c
		}
	}
	return cmp.Compare(len(preA), len(preB))
}

// identifier compares one identifier of a pre-release: numbers stand before words.
func identifier(a, b string) int {
	number := func(s string) bool { return s != "" && strings.Trim(s, "0123456789") == "" }
	switch x, y := number(a), number(b); {
	case x && y:
		return digits(a, b)
	case x:
		return -1
	case y:
		return 1
	}
	return strings.Compare(a, b)
}

// datetime orders instants of RFC 3339; what is none stands before all.
func datetime(a, b string) int {
	x, _ := time.Parse(time.RFC3339Nano, strings.ToUpper(a))
	y, _ := time.Parse(time.RFC3339Nano, strings.ToUpper(b))
	return x.Compare(y)
}

// run is the beginning of s of which is holds.
func run(s string, is func(byte) bool) string {
	i := 0
	for i < len(s) && is(s[i]) {
		i++
	}
	return s[:i]
}
