package strictjson

import (
	"net/netip"
	"strings"
)

// IsDateTime reports whether s is a date-time of RFC 3339, section 5.6. Leap seconds
// are allowed where they can be, at 23:59:60 UTC; t and z may be small.
func IsDateTime(s string) bool {
	if len(s) < 20 || s[4] != '-' || s[7] != '-' || s[10]|0x20 != 't' || s[13] != ':' || s[16] != ':' {
		return false
	}
	year, month, day := digits(s[:4]), digits(s[5:7]), digits(s[8:10])
	hour, minute, second := digits(s[11:13]), digits(s[14:16]), digits(s[17:19])
	if year < 0 || month < 1 || month > 12 || day < 1 || day > daysIn(month, year) ||
		hour < 0 || hour > 23 || minute < 0 || minute > 59 || second < 0 || second > 60 {
		return false
	}
	s = s[19:]
	if s[0] == '.' {
		n := 1
		for n < len(s) && s[n] >= '0' && s[n] <= '9' {
			n++
		}
		if n == 1 {
			return false
		}
		s = s[n:]
	}
	east := 0
	switch {
	case len(s) == 1 && s[0]|0x20 == 'z':
	case len(s) == 6 && (s[0] == '+' || s[0] == '-') && s[3] == ':':
		h, m := digits(s[1:3]), digits(s[4:6])
		if h < 0 || h > 23 || m < 0 || m > 59 {
			return false
		}
		if east = h*60 + m; s[0] == '-' {
			east = -east
		}
	default:
		return false
	}
	return second < 60 || (hour*60+minute-east+2*24*60)%(24*60) == 23*60+59
}

// digits is the value of a short text of digits, -1 when there is anything else.
func digits(s string) int {
	v := 0
	for i := range len(s) {
		if s[i] < '0' || s[i] > '9' {
			return -1
		}
		v = v*10 + int(s[i]-'0')
	}
	return v
}

func daysIn(month, year int) int {
	switch month {
	case 2:
		if year%4 == 0 && (year%100 != 0 || year%400 == 0) {
			return 29
		}
		return 28
	case 4, 6, 9, 11:
		return 30
	}
	return 31
}

// The classes of characters in URIs (RFC 3986, appendix A).
const (
	unreserved = 1 << iota
	subDelim
	colon
	atSign
	slash
	question
	hexDigit
	pathChars  = unreserved | subDelim | colon | atSign | slash
	queryChars = pathChars | question
	userChars  = unreserved | subDelim | colon
	nameChars  = unreserved | subDelim
)

// uriClass is the class of a character; 0 for those that must be escaped.
func uriClass(c byte) uint8 { return uriClasses[c] }

var uriClasses = [256]uint8{
	'a': unreserved | hexDigit, 'b': unreserved | hexDigit, 'c': unreserved | hexDigit, 'd': unreserved | hexDigit, 'e': unreserved | hexDigit, 'f': unreserved | hexDigit,
	'A': unreserved | hexDigit, 'B': unreserved | hexDigit, 'C': unreserved | hexDigit, 'D': unreserved | hexDigit, 'E': unreserved | hexDigit, 'F': unreserved | hexDigit,
	'0': unreserved | hexDigit, '1': unreserved | hexDigit, '2': unreserved | hexDigit, '3': unreserved | hexDigit, '4': unreserved | hexDigit,
	'5': unreserved | hexDigit, '6': unreserved | hexDigit, '7': unreserved | hexDigit, '8': unreserved | hexDigit, '9': unreserved | hexDigit,
	'g': unreserved, 'h': unreserved, 'i': unreserved, 'j': unreserved, 'k': unreserved, 'l': unreserved, 'm': unreserved, 'n': unreserved, 'o': unreserved, 'p': unreserved,
	'q': unreserved, 'r': unreserved, 's': unreserved, 't': unreserved, 'u': unreserved, 'v': unreserved, 'w': unreserved, 'x': unreserved, 'y': unreserved, 'z': unreserved,
	'G': unreserved, 'H': unreserved, 'I': unreserved, 'J': unreserved, 'K': unreserved, 'L': unreserved, 'M': unreserved, 'N': unreserved, 'O': unreserved, 'P': unreserved,
	'Q': unreserved, 'R': unreserved, 'S': unreserved, 'T': unreserved, 'U': unreserved, 'V': unreserved, 'W': unreserved, 'X': unreserved, 'Y': unreserved, 'Z': unreserved,
	'-': unreserved, '.': unreserved, '_': unreserved, '~': unreserved,
	'!': subDelim, '$': subDelim, '&': subDelim, '\'': subDelim, '(': subDelim, ')': subDelim, '*': subDelim, '+': subDelim, ',': subDelim, ';': subDelim, '=': subDelim,
	':': colon, '@': atSign, '/': slash, '?': question,
}

// only reports whether s has nothing but characters of the classes and escapes.
func only(s string, classes uint8) bool {
	for i := 0; i < len(s); i++ {
		if uriClass(s[i])&classes != 0 {
			continue
		}
		if s[i] != '%' || i+2 >= len(s) || uriClass(s[i+1])&hexDigit == 0 || uriClass(s[i+2])&hexDigit == 0 {
			return false
		}
		i += 2
	}
	return true
}

// IsURI reports whether s is a URI of RFC 3986: it has a scheme, and nothing that
// would have to be escaped.
func IsURI(s string) bool {
	end := strings.IndexByte(s, ':')
	if end < 1 || !isScheme(s[:end]) {
		return false
	}
	s = s[end+1:]
	if i := strings.IndexByte(s, '#'); i >= 0 {
		if !only(s[i+1:], queryChars) {
			return false
		}
		s = s[:i]
	}
	if i := strings.IndexByte(s, '?'); i >= 0 {
		if !only(s[i+1:], queryChars) {
			return false
		}
		s = s[:i]
	}
	if strings.HasPrefix(s, "//") {
		s = s[2:]
		i := strings.IndexByte(s, '/')
		if i < 0 {
			i = len(s)
		}
		if !isAuthority(s[:i]) {
			return false
		}
		s = s[i:]
	}
	return only(s, pathChars)
}

func isScheme(s string) bool {
	for i := range len(s) {
		c := s[i]
		letter := c|0x20 >= 'a' && c|0x20 <= 'z'
		if !letter && (i == 0 || !(c >= '0' && c <= '9' || c == '+' || c == '-' || c == '.')) {
			return false
		}
	}
	return s != ""
}

// isAuthority is [userinfo @] host [: port].
func isAuthority(s string) bool {
	if i := strings.IndexByte(s, '@'); i >= 0 {
		if !only(s[:i], userChars) {
			return false
		}
		s = s[i+1:]
	}
	if strings.HasPrefix(s, "[") {
		end := strings.IndexByte(s, ']')
		if end < 0 || !isLiteral(s[1:end]) {
			return false
		}
		s = s[end+1:]
		return s == "" || s[0] == ':' && strings.Trim(s[1:], "0123456789") == ""
	}
	host, port, _ := strings.Cut(s, ":")
	return only(host, nameChars) && strings.Trim(port, "0123456789") == ""
}

// isLiteral is an IPv6 address or an address of a future version (v1.x).
func isLiteral(s string) bool {
	if rest, ok := strings.CutPrefix(strings.ToLower(s), "v"); ok {
		version, addr, dot := strings.Cut(rest, ".")
		return dot && version != "" && strings.Trim(version, "0123456789abcdef") == "" && addr != "" && only(addr, userChars) && !strings.Contains(addr, "%")
	}
	a, err := netip.ParseAddr(s)
	return err == nil && a.Is6() && a.Zone() == ""
}

// IsSemver reports whether s is a semantic version (SemVer 2.0.0).
func IsSemver(s string) bool {
	s, build, hasBuild := strings.Cut(s, "+")
	core, pre, hasPre := strings.Cut(s, "-")
	if hasBuild && !identifiers(build, false) || hasPre && !identifiers(pre, true) {
		return false
	}
	for i := range 3 {
		part, rest, more := strings.Cut(core, ".")
		if !isCount(part) || more != (i < 2) {
			return false
		}
		core = rest
	}
	return true
}

// isCount is a number without leading zeros.
func isCount(s string) bool {
	return s != "" && strings.Trim(s, "0123456789") == "" && (s[0] != '0' || s == "0")
}

// identifiers are those of a pre-release or build: with strict, numbers have no
// leading zeros.
func identifiers(s string, strict bool) bool {
	for part := range strings.SplitSeq(s, ".") {
		if part == "" {
			return false
		}
		number := true
		for i := range len(part) {
			c := part[i]
			switch {
			case c >= '0' && c <= '9':
			case c|0x20 >= 'a' && c|0x20 <= 'z' || c == '-':
				number = false
			default:
				return false
			}
		}
		if strict && number && !isCount(part) {
			return false
		}
	}
	return true
}
