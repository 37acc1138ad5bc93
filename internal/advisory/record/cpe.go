package record

import (
	"strings"

	"github.com/tocsin-sec/tocsin/kit/csaf"
)

// anyVersion reports whether s is a CPE 2.3 name that leaves the version open: the outputs
// put the version of each product into it.
func anyVersion(s string) bool {
	parts := cpeParts(s)
	return len(parts) == 13 && parts[5] == "*" && csaf.Formats()["cpe"].Match(s)
}

// AnyVersion returns a CPE 2.3 name with its version left open, "" when it is none.
func AnyVersion(s string) string {
	parts := cpeParts(s)
	if len(parts) != 13 {
		return ""
	}
	parts[5] = "*"
	if out := strings.Join(parts, ":"); anyVersion(out) {
		return out
	}
	return ""
}

// CPEOf puts a version into a CPE 2.3 name, "" when it is none or the version does not
// fit: no name is better than that of another version.
func CPEOf(s, version string) string {
	parts := cpeParts(s)
	if len(parts) != 13 {
		return ""
	}
	var b strings.Builder
	for _, r := range strings.ToLower(version) {
		// NIST IR 7695, 6.2: of what versions are made of, these stand for themselves.
		if (r < 'a' || r > 'z') && (r < '0' || r > '9') && r != '.' && r != '-' && r != '_' {
			b.WriteByte('\\')
		}
		b.WriteRune(r)
	}
	parts[5] = b.String()
	if out := strings.Join(parts, ":"); csaf.Formats()["cpe"].Match(out) {
		return out
	}
	return ""
}

// cpeParts splits a formatted string at the colons that are not escaped (NIST IR 7695, 6.2).
func cpeParts(s string) []string {
	if !strings.HasPrefix(s, "cpe:2.3:") {
		return nil
	}
	var out []string
	start := 0
	for i := 0; i < len(s); i++ {
		switch s[i] {
		case '\\':
			i++
		case ':':
			out = append(out, s[start:i])
			start = i + 1
		}
	}
	return append(out, s[start:])
}
