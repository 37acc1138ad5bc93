package record

import "strings"

// constraint is one part of the affected versions.
type constraint struct{ op, version string }

// parseVersions reads "2.4.0, 2.4.1" or ">= 2.4.0, < 2.4.7": parts separated by
// commas, each an optional operator (<, <=, >, >=) and a version without spaces, or
// "2.4.0 to 2.4.6", or "before 2.4.7". "all"
// or "*" alone means every version. It answers false for anything else, and for a mix
// of bare versions and bounds, whose meaning nobody could be sure of.
func parseVersions(s string) (list []constraint, bounds, ok bool) {
	s = inWords(strings.TrimSpace(s))
	if s == "*" || strings.EqualFold(s, "all") {
		return nil, true, true
	}
	bare := 0
	for part := range strings.SplitSeq(s, ",") {
		part = strings.TrimSpace(part)
		c := constraint{version: part}
		for _, op := range []string{"<=", ">=", "<", ">", "="} {
			if rest, found := strings.CutPrefix(part, op); found {
				c = constraint{op, strings.TrimSpace(rest)}
				break
			}
		}
		if c.op == "" || c.op == "=" {
			c.op = ""
			bare++
		}
		if !isVersion(c.version) {
			return nil, false, false
		}
		list = append(list, c)
	}
	if bare > 0 && bare < len(list) {
		return nil, false, false
	}
	return list, bare == 0, true
}

// inWords turns the two phrases that people write ("1.2 to 1.5", "before 1.6") into
// bounds.
func inWords(s string) string {
	if from, to, ok := strings.Cut(s, " to "); ok {
		return ">= " + from + ", <= " + to
	}
	if v, ok := strings.CutPrefix(s, "before "); ok {
		return "< " + v
	}
	return s
}

// isVersion allows what versions of all ecosystems are made of.
func isVersion(s string) bool {
	if s == "" || len(s) > 100 {
		return false
	}
	for _, r := range s {
		switch {
		case r >= '0' && r <= '9', r >= 'a' && r <= 'z', r >= 'A' && r <= 'Z', strings.ContainsRune(".-+~:_^", r):
		default:
			return false
		}
	}
	return true
}

// vers writes a range in the notation that CSAF 2.0 asks for (3.1.2.3.2): the type
// of the package URL, or generic.
func vers(list []constraint, kind string) string {
	if len(list) == 0 {
		return "vers:" + kind + "/*"
	}
	parts := make([]string, len(list))
	for i, c := range list {
		parts[i] = c.op + escapeVers(c.version)
	}
	return "vers:" + kind + "/" + strings.Join(parts, "|")
}

// escapeVers percent-encodes what separates in vers.
func escapeVers(s string) string {
	return strings.NewReplacer("%", "%25", ":", "%3A", "+", "%2B").Replace(s)
}
