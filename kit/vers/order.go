package vers

import (
	"cmp"
	"strings"
	"time"
)

// types are the registered types with their orders.
var types = map[string]func(a, b string) int{
	"alpm": rpmOrder, "apk": generic, "cargo": semver, "composer": generic, "cpan": generic, "dart": semver,
	"deb": debOrder, "gem": generic, "golang": semver, "hackage": intdot, "maven": generic, "nuget": generic,
	"npm": semver, "pypi": generic, "rpm": rpmOrder,
	"all": generic, "datetime": datetime, "generic": generic, "intdot": intdot, "lexicographic": strings.Compare,
	"none": generic, "semver": semver,
}

// exact are the types whose order is the specification's.
var exact = map[string]bool{
	"alpm": true, "cargo": true, "deb": true, "golang": true, "npm": true, "rpm": true,
	"datetime": true, "intdot": true, "lexicographic": true, "semver": true,
}

// Registered reports whether the VERS specification lists the type, of a package
// ecosystem or a general one. Each of them can be compared here.
func Registered(kind string) bool { return types[kind] != nil }

// Exact reports whether Compare follows the specification of the type.
func Exact(kind string) bool { return exact[kind] }

// Compare orders two versions of a type: negative when a is below b, 0 when they are
// equal. Types that are not registered, and "", have the generic order: runs of digits
// count as numbers, letters as words, a word that announces a release (alpha, beta,
// rc, ...) stands before the release.
func Compare(kind, a, b string) int {
	if order := types[kind]; order != nil {
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

// split takes epoch and revision off a version of deb, rpm or alpm.
func split(s string) (epoch, version, revision string) {
	if before, after, ok := strings.Cut(s, ":"); ok {
		epoch, s = before, after
	}
	if i := strings.LastIndexByte(s, '-'); i >= 0 {
		return epoch, s[:i], s[i+1:]
	}
	return epoch, s, ""
}

// debOrder is Debian Policy 5.6.12.
func debOrder(a, b string) int {
	ea, va, ra := split(a)
	eb, vb, rb := split(b)
	return cmp.Or(digits(ea, eb), debPart(va, vb), debPart(ra, rb))
}

func debPart(a, b string) int {
	rank := func(s string, i int) int {
		switch {
		case i >= len(s) || isDigit(s[i]):
			return 0
		case s[i] == '~':
			return -1
		case isLetter(s[i]):
			return int(s[i])
		}
		return int(s[i]) + 256
	}
	for a != "" || b != "" {
		i := 0
		for i < len(a) && !isDigit(a[i]) || i < len(b) && !isDigit(b[i]) {
			x, y := rank(a, i), rank(b, i)
			if x != y {
				return cmp.Compare(x, y)
			}
			if x == 0 {
				break
			}
			i++
		}
		a, b = a[min(i, len(a)):], b[min(i, len(b)):]
		x, y := run(a, isDigit), run(b, isDigit)
		if c := digits(x, y); c != 0 {
			return c
		}
		a, b = a[len(x):], b[len(y):]
	}
	return 0
}

// run is the beginning of s of which is holds.
func run(s string, is func(byte) bool) string {
	i := 0
	for i < len(s) && is(s[i]) {
		i++
	}
	return s[:i]
}

// rpmOrder is rpmvercmp of the RPM manual; a version without a release stands before
// the same with one.
func rpmOrder(a, b string) int {
	ea, va, ra := split(a)
	eb, vb, rb := split(b)
	hasA, hasB := strings.Count(a, "-"), strings.Count(b, "-")
	return cmp.Or(rpmPart(ea, eb), rpmPart(va, vb), cmp.Compare(min(hasA, 1), min(hasB, 1)), rpmPart(ra, rb))
}

func rpmPart(a, b string) int {
	separator := func(c byte) bool { return !isDigit(c) && !isLetter(c) && c != '~' && c != '^' }
	for {
		a, b = a[len(run(a, separator)):], b[len(run(b, separator)):]
		ta, tb := strings.HasPrefix(a, "~"), strings.HasPrefix(b, "~")
		ca, cb := strings.HasPrefix(a, "^"), strings.HasPrefix(b, "^")
		switch {
		case ta && tb || ca && cb:
			a, b = a[1:], b[1:]
			continue
		case ta:
			return -1
		case tb:
			return 1
		case ca:
			return caret(b)
		case cb:
			return -caret(a)
		case a == "" || b == "":
			return cmp.Compare(len(a), len(b))
		}
		number := isDigit(a[0])
		if number != isDigit(b[0]) { // numbers are newer than words
			if number {
				return 1
			}
			return -1
		}
		is := isLetter
		if number {
			is = isDigit
		}
		x, y := run(a, is), run(b, is)
		c := strings.Compare(x, y)
		if number {
			c = digits(x, y)
		}
		if c != 0 {
			return c
		}
		a, b = a[len(x):], b[len(y):]
	}
}

// caret is the order of a side that has ^ where the other has rest.
func caret(rest string) int {
	if rest == "" {
		return 1
	}
	return -1
}
