package version

import (
	"cmp"
	"strings"
)

// pep440 is a version of PEP 440. A number that is absent is told by its kind.
type pep440 struct {
	epoch, release  string
	pre             int // 0 alpha, 1 beta, 2 candidate
	hasPre          bool
	preN            string
	post, dev       string
	hasPost, hasDev bool
	local           string
}

// comparePyPI compares after PEP 440. Versions from before it are older than all
// others and are ordered as setuptools once did.
func comparePyPI(a, b string) int {
	a, b = strings.TrimSpace(lower(a)), strings.TrimSpace(lower(b))
	x, okx := parsePEP440(a)
	y, oky := parsePEP440(b)
	switch {
	case okx && oky:
		return x.compare(y)
	case okx:
		return 1
	case oky:
		return -1
	}
	return compareLegacy(a, b)
}

func (x pep440) compare(y pep440) int {
	c := cmp.Or(compareNumbers(x.epoch, y.epoch), compareRelease(x.release, y.release), cmp.Compare(x.phase(), y.phase()))
	if c == 0 && x.hasPre {
		c = compareNumbers(x.preN, y.preN)
	}
	if c == 0 {
		c = compareOptional(x.hasPost, y.hasPost, x.post, y.post)
	}
	if c == 0 { // a development release is before the one that it leads to
		c = compareOptional(!x.hasDev, !y.hasDev, x.dev, y.dev)
	}
	if c == 0 {
		c = compareLocal(x.local, y.local)
	}
	return c
}

// phase orders what comes after the release: a development release of the release
// itself, pre-releases, the release.
func (x pep440) phase() int {
	switch {
	case x.hasPre:
		return x.pre
	case x.hasDev && !x.hasPost:
		return -1
	}
	return 3
}

// compareOptional orders what is absent before what is there.
func compareOptional(hasX, hasY bool, x, y string) int {
	if hasX != hasY {
		if hasY {
			return -1
		}
		return 1
	}
	return compareNumbers(x, y)
}

// compareRelease compares numbers with dots; missing ones are 0.
func compareRelease(a, b string) int {
	for a != "" || b != "" {
		var x, y string
		x, a, _ = strings.Cut(a, ".")
		y, b, _ = strings.Cut(b, ".")
		if c := compareNumbers(x, y); c != 0 {
			return c
		}
	}
	return 0
}

// compareLocal compares local versions: words before numbers, the longer one later.
func compareLocal(a, b string) int {
	for a != "" && b != "" {
		var x, y string
		x, a = cutLocal(a)
		y, b = cutLocal(b)
		c := 0
		switch nx, ny := isNumber(x), isNumber(y); {
		case nx && ny:
			c = compareNumbers(x, y)
		case nx:
			c = 1
		case ny:
			c = -1
		default:
			c = cmp.Compare(x, y)
		}
		if c != 0 {
			return c
		}
	}
	return cmp.Compare(len(a), len(b))
}

func cutLocal(s string) (first, rest string) {
	if i := strings.IndexAny(s, ".-_"); i >= 0 {
		return s[:i], s[i+1:]
	}
	return s, ""
}

// parsePEP440 reads a version in small letters, with every variant that appendix B of
// PEP 440 allows.
func parsePEP440(s string) (v pep440, ok bool) {
	s = strings.TrimPrefix(s, "v")
	if e, rest := digits(s); e != "" && strings.HasPrefix(rest, "!") {
		v.epoch, s = e, rest[1:]
	}
	whole := s
	for {
		n, rest := digits(s)
		if n == "" {
			return v, false
		}
		s = rest
		if len(s) < 2 || s[0] != '.' || !isDigit(s[1]) {
			break
		}
		s = s[1:]
	}
	v.release = whole[:len(whole)-len(s)]
	if word, n, rest, found := pepPart(s, "a b c rc alpha beta pre preview"); found {
		v.hasPre, v.preN, s = true, n, rest
		v.pre = [...]int{0, 1, 2, 2, 0, 1, 2, 2}[word]
	}
	if len(s) > 1 && s[0] == '-' && isDigit(s[1]) { // the implicit post-release
		v.hasPost = true
		v.post, s = digits(s[1:])
	} else if _, n, rest, found := pepPart(s, "post rev r"); found {
		v.hasPost, v.post, s = true, n, rest
	}
	if _, n, rest, found := pepPart(s, "dev"); found {
		v.hasDev, v.dev, s = true, n, rest
	}
	if strings.HasPrefix(s, "+") {
		v.local, s = s[1:], ""
		if !isLocal(v.local) {
			return v, false
		}
	}
	return v, s == ""
}

// pepPart cuts one of the words off with its number, if it is there. Another word may
// follow at once, as in "1rcpost2", so the longest that fits is taken.
func pepPart(s, words string) (word int, number, rest string, found bool) {
	s = pepSeparator(s)
	length := 0
	for i := 0; words != ""; i++ {
		var w string
		if w, words, _ = strings.Cut(words, " "); len(w) > length && strings.HasPrefix(s, w) {
			word, length = i, len(w)
		}
	}
	if length == 0 {
		return 0, "", "", false
	}
	number, rest = digits(pepSeparator(s[length:]))
	return word, number, rest, true
}

// pepSeparator cuts a separator off.
func pepSeparator(s string) string {
	if s != "" && strings.IndexByte(".-_", s[0]) >= 0 {
		return s[1:]
	}
	return s
}

func isLocal(s string) bool {
	for s != "" {
		i := 0
		for i < len(s) && (isDigit(s[i]) || isLetter(s[i])) {
			i++
		}
		if i == 0 {
			return false
		}
		if i == len(s) {
			return true
		}
		if strings.IndexByte(".-_", s[i]) < 0 {
			return false
		}
		s = s[i+1:]
	}
	return false
}

// compareLegacy compares the keys that setuptools made before PEP 440.
func compareLegacy(a, b string) int {
	x, y := legacyKey(a), legacyKey(b)
	for i := range min(len(x), len(y)) {
		if c := cmp.Compare(x[i], y[i]); c != 0 {
			return c
		}
	}
	return cmp.Compare(len(x), len(y))
}

func legacyKey(s string) []string {
	var key []string
	add := func(part string) {
		if strings.HasPrefix(part, "*") {
			for part < "*final" && len(key) > 0 && key[len(key)-1] == "*final-" {
				key = key[:len(key)-1]
			}
			for len(key) > 0 && key[len(key)-1] == "00000000" {
				key = key[:len(key)-1]
			}
		}
		key = append(key, part)
	}
	for s != "" {
		var part string
		switch {
		case isDigit(s[0]):
			part, s = digits(s)
			if len(part) < 8 {
				part = strings.Repeat("0", 8-len(part)) + part
			}
			add(part)
			continue
		case isLetter(s[0]):
			part, s = letters(s)
		default:
			i := 1
			for i < len(s) && s[0] != '.' && s[0] != '-' && !isDigit(s[i]) && !isLetter(s[i]) && s[i] != '.' && s[i] != '-' {
				i++
			}
			part, s = s[:i], s[i:]
		}
		switch part {
		case ".":
			continue
		case "-":
			part = "final-"
		case "pre", "preview", "rc":
			part = "c"
		case "dev":
			part = "@"
		}
		add("*" + part)
	}
	add("*final")
	return key
}
