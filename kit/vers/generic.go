package vers

import (
	"cmp"
	"strings"
)

// generic is the order for versions of which nothing is known: the texts are runs of
// digits and runs of letters, everything else separates. Missing parts count as 0, so
// that 1.0 equals 1; a word that announces a release stands before nothing, any other
// word behind it ("1.0rc1", "1.0", "1.0a", "1.0.1").
func generic(a, b string) int {
	a, b = trimV(a), trimV(b)
	for {
		var x, y string
		x, a = part(a)
		y, b = part(b)
		if x == "" && y == "" {
			return 0
		}
		if c := cmp.Or(cmp.Compare(weight(x), weight(y)), within(x, y)); c != 0 {
			return c
		}
	}
}

// trimV takes a v off that stands before a digit.
func trimV(s string) string {
	if len(s) > 1 && s[0]|0x20 == 'v' && isDigit(s[1]) {
		return s[1:]
	}
	return s
}

// part takes the next run of digits or letters.
func part(s string) (string, string) {
	s = s[len(run(s, func(c byte) bool { return c < 0x80 && !isDigit(c) && !isLetter(c) })):]
	if s == "" {
		return "", ""
	}
	p := run(s, isDigit)
	if p == "" {
		p = run(s, func(c byte) bool { return !isDigit(c) && (isLetter(c) || c >= 0x80) })
	}
	return p, s[len(p):]
}

// weight ranks a part: announcements, nothing and zeros, words, numbers.
func weight(p string) int {
	switch {
	case strings.Trim(p, "0") == "":
		return 1
	case isDigit(p[0]):
		return 3
	}
	switch strings.ToLower(p) {
	case "dev", "alpha", "beta", "pre", "preview", "rc", "cr", "milestone", "snapshot", "c":
		return 0
	}
	return 2
}

// within orders two parts of the same weight.
func within(a, b string) int {
	if a != "" && b != "" && isDigit(a[0]) {
		return digits(a, b)
	}
	if strings.Trim(a, "0") == "" {
		return 0
	}
	return strings.Compare(strings.ToLower(a), strings.ToLower(b))
}
