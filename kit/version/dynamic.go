package version

import (
	"cmp"
	"strings"
)

// compareRubyGems compares as Gem::Version does: words before numbers, what is not
// there is 0, zeros at the end of the release and of the whole do not count.
func compareRubyGems(a, b string) (int, bool) {
	x, okx := gemSegments(a)
	y, oky := gemSegments(b)
	if !okx || !oky {
		return 0, false
	}
	for i := range max(len(x), len(y)) {
		s, t := gemAt(x, i), gemAt(y, i)
		c := 0
		switch ns, nt := isDigit(s[0]), isDigit(t[0]); {
		case ns && nt:
			c = compareNumbers(s, t)
		case ns:
			c = 1
		case nt:
			c = -1
		default:
			c = cmp.Compare(s, t)
		}
		if c != 0 {
			return c, true
		}
	}
	return 0, true
}

func gemAt(segments []string, i int) string {
	if i < len(segments) {
		return segments[i]
	}
	return "0"
}

// gemSegments splits into numbers and words. A dash begins a pre-release.
func gemSegments(s string) ([]string, bool) {
	s = strings.ReplaceAll(strings.TrimSpace(s), "-", ".pre.")
	if s == "" || !isDigit(s[0]) {
		return nil, false
	}
	var segments []string
	drop := func() {
		for n := len(segments); n > 0 && strings.Trim(segments[n-1], "0") == ""; n-- {
			segments = segments[:n-1]
		}
	}
	release := true
	for s != "" {
		var part string
		switch c := s[0]; {
		case isDigit(c):
			part, s = digits(s)
		case isLetter(c):
			part, s = letters(s)
			if release {
				drop()
				release = false
			}
		case c == '.':
			s = s[1:]
			continue
		default:
			return nil, false
		}
		segments = append(segments, part)
	}
	drop()
	return segments, true
}

// The forms of PHP's version_compare in their order.
const (
	phpUnknown = iota
	phpDev
	phpAlpha
	phpBeta
	phpRC
	phpEnd
	phpNumber
	phpPatch
)

// comparePackagist compares as Composer does, with PHP's version_compare: parts of
// digits or letters, whose case counts.
func comparePackagist(a, b string) int {
	a, b = phpTrim(a), phpTrim(b)
	for {
		var x, y string
		x, a = phpPart(a)
		y, b = phpPart(b)
		rx, ry := phpRank(x), phpRank(y)
		if x == "#" && (ry == phpNumber || ry == phpEnd) || y == "#" && (rx == phpNumber || rx == phpEnd) {
			continue // equal to every number, and to the end
		}
		if rx != ry {
			return cmp.Compare(rx, ry)
		}
		if rx == phpEnd {
			return 0
		}
		if rx == phpNumber {
			if c := compareNumbers(x, y); c != 0 {
				return c
			}
		}
	}
}

func phpTrim(s string) string {
	if len(s) > 1 && s[0]|0x20 == 'v' && isDigit(s[1]) {
		return s[1:]
	}
	return s
}

// phpPart cuts the next part off; parts are separated by what is neither letter nor
// digit, and between digits and letters.
func phpPart(s string) (part, rest string) {
	for s != "" && strings.IndexByte(".-_+", s[0]) >= 0 {
		s = s[1:]
	}
	if s == "" {
		return "", ""
	}
	if s[0] == '#' {
		return "#", s[1:]
	}
	end := 0
	for end < len(s) && isDigit(s[end]) == isDigit(s[0]) && strings.IndexByte(".-_+#", s[end]) < 0 {
		end++
	}
	return s[:end], s[end:]
}

func phpRank(part string) int {
	switch {
	case part == "":
		return phpEnd
	case isDigit(part[0]) || part == "#":
		return phpNumber
	case strings.HasPrefix(part, "dev"):
		return phpDev
	case part[0] == 'a': // the forms are beginnings: "a" and "alpha"
		return phpAlpha
	case part[0] == 'b':
		return phpBeta
	case strings.HasPrefix(part, "rc") || strings.HasPrefix(part, "RC"):
		return phpRC
	case part[0] == 'p':
		return phpPatch
	}
	return phpUnknown
}
