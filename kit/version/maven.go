package version

import (
	"cmp"
	"strings"
)

// The places of Maven's qualifiers; mavenNull is that of the release itself.
const (
	mavenSnapshot = 4
	mavenNull     = 5
	mavenOther    = 7 // qualifiers that Maven does not know, in alphabetical order
	mavenDash     = 8 // "-1"
	mavenDot      = 9 // ".1"
)

// mavenToken is one part of a Maven version.
type mavenToken struct {
	rank int
	dot  bool   // a word after a dot, which is before every word after a dash
	text string // a number, or an unknown qualifier
}

func (t mavenToken) null() bool {
	return t.rank == mavenNull || t.rank >= mavenDash && strings.Trim(t.text, "0") == ""
}

// compareMaven compares after the Version Order Specification of the POM reference.
func compareMaven(a, b string) int {
	x, y := mavenTokens(lower(a)), mavenTokens(lower(b))
	for i := range max(len(x), len(y)) {
		if i >= len(x) && y[i].null() || i >= len(y) && x[i].null() {
			continue // what is not there equals every null value
		}
		s, t := mavenAt(x, i), mavenAt(y, i)
		if s.dot != t.dot && i < len(x) && i < len(y) && s.rank < mavenDash && t.rank < mavenDash {
			if s.dot {
				return -1
			}
			return 1
		}
		c := cmp.Compare(s.rank, t.rank)
		if c == 0 && s.rank >= mavenDash {
			c = compareNumbers(s.text, t.text)
		} else if c == 0 {
			c = cmp.Compare(s.text, t.text)
		}
		if c != 0 {
			return c
		}
	}
	return 0
}

// mavenAt is the token at a place: what is not there is the release itself.
func mavenAt(tokens []mavenToken, i int) mavenToken {
	if i < len(tokens) {
		return tokens[i]
	}
	return mavenToken{rank: mavenNull}
}

// mavenTokens splits a version at its separators and between digits and the rest. Null
// values are dropped at the end and before each dash.
func mavenTokens(s string) []mavenToken {
	var tokens []mavenToken
	drop := func() {
		for len(tokens) > 1 && tokens[len(tokens)-1].null() {
			tokens = tokens[:len(tokens)-1]
		}
	}
	number := mavenDot // of the next token; the first counts as one after a dot
	for first := true; ; first = false {
		end := 0
		for end < len(s) && strings.IndexByte(".-_", s[end]) < 0 && isDigit(s[end]) == isDigit(s[0]) {
			end++
		}
		text := s[:end]
		digit := end == 0 || isDigit(text[0])
		followed := end < len(s) && isDigit(s[end])
		if !first && number == mavenDash {
			drop()
		}
		if digit {
			tokens = append(tokens, mavenToken{rank: number, text: text})
		} else {
			t := mavenQualifier(text, followed)
			t.dot = number == mavenDot && !first
			tokens = append(tokens, t)
		}
		switch s = s[end:]; {
		case s == "":
			drop()
			return tokens
		case s[0] == '.':
			number, s = mavenDot, s[1:]
		case s[0] == '-' || s[0] == '_':
			number, s = mavenDash, s[1:]
		default:
			number = mavenDash // from digits to letters or back
		}
	}
}

func mavenQualifier(text string, followed bool) mavenToken {
	switch text {
	case "alpha":
		return mavenToken{rank: 0}
	case "beta":
		return mavenToken{rank: 1}
	case "milestone":
		return mavenToken{rank: 2}
	case "rc", "cr":
		return mavenToken{rank: 3}
	case "snapshot":
		return mavenToken{rank: mavenSnapshot}
	case "ga", "final", "release":
		return mavenToken{rank: mavenNull}
	case "sp":
		return mavenToken{rank: 6}
	}
	if i := wordIndex(text, "a b m"); followed && i >= 0 {
		return mavenToken{rank: i}
	}
	return mavenToken{rank: mavenOther, text: text}
}
