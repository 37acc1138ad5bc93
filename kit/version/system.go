package version

import (
	"cmp"
	"strings"
)

// compareDebian compares after deb-version(7): epoch, upstream version, revision.
func compareDebian(a, b string) (int, bool) {
	ea, a, oka := debianEpoch(a)
	eb, b, okb := debianEpoch(b)
	if !oka || !okb {
		return 0, false
	}
	if c := compareNumbers(ea, eb); c != 0 {
		return c, true
	}
	ua, ra := debianRevision(a)
	ub, rb := debianRevision(b)
	return cmp.Or(compareDpkg(ua, ub), compareDpkg(ra, rb)), true
}

func debianEpoch(s string) (epoch, rest string, ok bool) {
	epoch, rest, found := strings.Cut(s, ":")
	if !found {
		return "", s, !strings.ContainsAny(s, " \t\r\n")
	}
	return epoch, rest, isNumber(epoch) && rest != "" && !strings.ContainsAny(rest, " \t\r\n")
}

func debianRevision(s string) (upstream, revision string) {
	if i := strings.LastIndexByte(s, '-'); i >= 0 {
		return s[:i], s[i+1:]
	}
	return s, ""
}

// compareDpkg compares turn by turn what is no number and what is one.
func compareDpkg(a, b string) int {
	for a != "" || b != "" {
		for a != "" && !isDigit(a[0]) || b != "" && !isDigit(b[0]) {
			if c := cmp.Compare(dpkgRank(a), dpkgRank(b)); c != 0 {
				return c
			}
			a, b = a[1:], b[1:] // equal ranks that are not 0 on both sides, or 0 on none
		}
		var x, y string
		x, a = digits(a)
		y, b = digits(b)
		if c := compareNumbers(x, y); c != 0 {
			return c
		}
	}
	return 0
}

// dpkgRank orders: tilde, the end or a digit, letters, everything else.
func dpkgRank(s string) int {
	switch {
	case s == "" || isDigit(s[0]):
		return 0
	case s[0] == '~':
		return -1
	case isLetter(s[0]):
		return int(s[0])
	}
	return int(s[0]) + 256
}

// compareRPM compares epoch, version and release. A version without release is
// before the one with any. What follows a second dash does not count.
func compareRPM(a, b string) int {
	ea, va, ra, hasA := splitRPM(a)
	eb, vb, rb, hasB := splitRPM(b)
	if c := cmp.Or(rpmvercmp(ea, eb), rpmvercmp(va, vb)); c != 0 {
		return c
	}
	if hasA != hasB {
		if hasB {
			return -1
		}
		return 1
	}
	return rpmvercmp(ra, rb)
}

func splitRPM(s string) (epoch, version, release string, hasRelease bool) {
	epoch = "0"
	if e, rest, ok := strings.Cut(s, ":"); ok {
		epoch, s = e, rest
	}
	version, release, hasRelease = strings.Cut(s, "-")
	release, _, _ = strings.Cut(release, "-")
	return epoch, version, release, hasRelease
}

// rpmvercmp compares segments of digits or letters. A tilde is before the end, a
// caret after the end and before everything else, a number after a word.
func rpmvercmp(a, b string) int {
	for {
		a, b = rpmSkip(a), rpmSkip(b)
		ra, rb := rpmRank(a), rpmRank(b)
		if ra != rb {
			return cmp.Compare(ra, rb)
		}
		var x, y string
		switch ra {
		case rpmEnd:
			return 0
		case rpmTilde, rpmCaret:
			a, b = a[1:], b[1:]
			continue
		case rpmNumber:
			x, a = digits(a)
			y, b = digits(b)
			if c := compareNumbers(x, y); c != 0 {
				return c
			}
		case rpmWord:
			x, a = letters(a)
			y, b = letters(b)
			if c := cmp.Compare(x, y); c != 0 {
				return c
			}
		}
	}
}

const (
	rpmTilde = iota
	rpmEnd
	rpmCaret
	rpmWord
	rpmNumber
)

func rpmRank(s string) int {
	switch {
	case s == "":
		return rpmEnd
	case s[0] == '~':
		return rpmTilde
	case s[0] == '^':
		return rpmCaret
	case isDigit(s[0]):
		return rpmNumber
	}
	return rpmWord
}

func rpmSkip(s string) string {
	for s != "" && !isDigit(s[0]) && !isLetter(s[0]) && s[0] != '~' && s[0] != '^' {
		s = s[1:]
	}
	return s
}
