package version

import "cmp"

// semver is a semantic version. What is not there is empty.
type semver struct {
	numbers    [4]string // the fourth is NuGet's
	pre, build string
}

// parseSemver reads a version of SemVer, leniently: a "v" in front, fewer or more
// numbers. Numbers after the first most are part of the build.
func parseSemver(s string, most int) (v semver, ok bool) {
	if s[0] == 'v' || s[0] == 'V' {
		s = s[1:]
	}
	for i := 0; ; i++ {
		n, rest := digits(s)
		if n == "" {
			return v, false
		}
		v.numbers[i], s = n, rest
		if s == "" || s[0] != '.' {
			break
		}
		if i == most-1 {
			v.build = s[1:]
			return v, true
		}
		s = s[1:]
	}
	if s != "" && s[0] == '-' {
		end := 1
		for end < len(s) && s[end] != '+' {
			end++
		}
		v.pre, s = s[1:end], s[end:]
		if v.pre == "" {
			return v, false
		}
	}
	if s != "" {
		if s[0] != '+' {
			return v, false
		}
		v.build = s[1:]
	}
	return v, true
}

// compareSemver compares after SemVer, section 11; builds counts build metadata too,
// as Dart does.
func compareSemver(a, b string, builds bool) (int, bool) {
	x, okx := parseSemver(a, 3)
	y, oky := parseSemver(b, 3)
	if !okx || !oky {
		return 0, false
	}
	c := compareNumbered(x, y)
	if c == 0 && builds {
		// A version with build metadata is after the one without.
		if (x.build == "") != (y.build == "") {
			return cmp.Compare(len(x.build), len(y.build)), true
		}
		c = compareIdentifiers(x.build, y.build)
	}
	return c, true
}

// compareNuGet compares after NuGet's reference: four numbers, no case, no metadata.
func compareNuGet(a, b string) (int, bool) {
	x, okx := parseSemver(lower(a), 4)
	y, oky := parseSemver(lower(b), 4)
	if !okx || !oky {
		return 0, false
	}
	return compareNumbered(x, y), true
}

func compareNumbered(x, y semver) int {
	for i := range x.numbers {
		if c := compareNumbers(x.numbers[i], y.numbers[i]); c != 0 {
			return c
		}
	}
	if (x.pre == "") != (y.pre == "") {
		if x.pre != "" {
			return -1
		}
		return 1
	}
	return compareIdentifiers(x.pre, y.pre)
}

// compareIdentifiers compares dotted identifiers: numbers before words, and the one
// with more identifiers is after.
func compareIdentifiers(a, b string) int {
	for a != "" && b != "" {
		var x, y string
		x, a = identifier(a)
		y, b = identifier(b)
		c := 0
		switch nx, ny := isNumber(x), isNumber(y); {
		case nx && ny:
			c = compareNumbers(x, y)
		case nx:
			c = -1
		case ny:
			c = 1
		default:
			c = cmp.Compare(x, y)
		}
		if c != 0 {
			return c
		}
	}
	return cmp.Compare(len(a), len(b)) // at least one is empty
}

// identifier cuts the first dotted identifier off. A dot at the end leaves it in the
// rest, so that "a." is after "a".
func identifier(s string) (first, rest string) {
	for i := range len(s) {
		if s[i] == '.' && i > 0 {
			if i == len(s)-1 {
				return s[:i], s[i:]
			}
			return s[:i], s[i+1:]
		}
	}
	return s, ""
}

// compareLists compares lists of numbers; a longer list is after its beginning.
func compareLists(a, b, separators string) (int, bool) {
	if !isList(a, separators) || !isList(b, separators) {
		return 0, false
	}
	for a != "" && b != "" {
		var x, y string
		x, a = digits(a)
		y, b = digits(b)
		if c := compareNumbers(x, y); c != 0 {
			return c, true
		}
		if a != "" && b != "" {
			a, b = a[1:], b[1:]
		}
	}
	switch {
	case a != "":
		return 1, true
	case b != "":
		return -1, true
	}
	return 0, true
}

func isList(s, separators string) bool {
	for {
		n, rest := digits(s)
		if n == "" {
			return false
		}
		if rest == "" {
			return true
		}
		found := false
		for i := range len(separators) {
			found = found || rest[0] == separators[i]
		}
		if !found {
			return false
		}
		s = rest[1:]
	}
}
