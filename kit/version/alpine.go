package version

import (
	"cmp"
	"strings"
)

// What can come next in a version of Alpine, in its order. A version with something
// that no rule knows is before the one that has anything else there, and two of them
// are compared as texts.
const (
	apkInvalid = iota
	apkBefore  // _alpha, _beta, _pre, _rc
	apkEnd
	apkRevision // -r1
	apkHash     // ~abcdef
	apkAfter    // _cvs, _svn, _git, _hg, _p
	apkLetter
	apkNumber
)

// apkToken is one part of a version.
type apkToken struct {
	kind, rank int
	text       string // a number, or the text of apkInvalid and apkHash
}

// compareAlpine compares after apk-tools: 1.2.3a_rc1_p2~abc-r4. What follows the
// revision does not count.
func compareAlpine(a, b string) int {
	last := apkNumber
	for first := true; ; first = false {
		var x, y apkToken
		x, a = nextApk(a, last, first)
		y, b = nextApk(b, last, first)
		if x.kind != y.kind {
			return cmp.Compare(x.kind, y.kind)
		}
		c := cmp.Compare(x.rank, y.rank)
		if c == 0 {
			if x.kind == apkInvalid || x.kind == apkHash {
				c = cmp.Compare(x.text, y.text)
			} else {
				c = compareNumbers(x.text, y.text)
			}
		}
		if c != 0 || x.kind == apkEnd || x.kind == apkInvalid {
			return c
		}
		last = x.kind
	}
}

// nextApk cuts the next part off; last is the kind of the one before it, which both
// versions share.
func nextApk(s string, last int, first bool) (apkToken, string) {
	if s == "" || last == apkRevision {
		return apkToken{kind: apkEnd}, ""
	}
	invalid := apkToken{kind: apkInvalid, text: s}
	switch c := s[0]; {
	case first || last == apkLetter && isDigit(c):
		if n, rest := digits(s); n != "" {
			return apkToken{kind: apkNumber, text: n}, rest
		}
	case c == '.' && last == apkNumber:
		n, rest := digits(s[1:])
		if n == "" {
			return invalid, ""
		}
		// A number with zeros in front is a fraction: the more of them, the earlier.
		zeros := len(n) - len(strings.TrimLeft(n, "0"))
		return apkToken{kind: apkNumber, rank: -zeros, text: n}, rest
	case c >= 'a' && c <= 'z' && last == apkNumber:
		return apkToken{kind: apkLetter, rank: int(c)}, s[1:]
	case c == '_' && (last == apkNumber || last == apkLetter || last == apkBefore || last == apkAfter):
		word, rest := letters(s[1:])
		n, rest := digits(rest)
		if i := wordIndex(word, "alpha beta pre rc"); i >= 0 {
			return apkToken{kind: apkBefore, rank: i, text: n}, rest
		}
		if i := wordIndex(word, "cvs svn git hg p"); i >= 0 {
			return apkToken{kind: apkAfter, rank: i, text: n}, rest
		}
	case c == '~' && last != apkHash:
		i := 1
		for i < len(s) && (isDigit(s[i]) || s[i] >= 'a' && s[i] <= 'f') {
			i++
		}
		if i > 1 {
			return apkToken{kind: apkHash, text: s[1:i]}, s[i:]
		}
	case strings.HasPrefix(s, "-r"):
		if n, rest := digits(s[2:]); n != "" {
			return apkToken{kind: apkRevision, text: n}, rest
		}
	}
	return invalid, ""
}

// wordIndex is the place of a word in a list of words, -1 when it is not there.
func wordIndex(word, list string) int {
	for i := 0; list != ""; i++ {
		w, rest, _ := strings.Cut(list, " ")
		if w == word {
			return i
		}
		list = rest
	}
	return -1
}
