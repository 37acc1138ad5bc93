package record

import "strings"

// Constraint is one part of the affected versions: Op is "<", "<=", ">", ">=" or "" for
// exactly this version.
type Constraint struct{ Op, Version string }

// ParseVersions reads parts separated by commas: "2.4.0, 2.4.1", ">= 2.4.0, < 2.4.7" or
// what people write on a case: "2.4.0 to 2.4.6", "before 2.4.7", "up to 2.4.6", "2.4.0 and
// later". "all" or "*" alone means every version. It answers false for anything else,
// and for a mix of bare versions and bounds, whose meaning nobody could be sure of.
func ParseVersions(s string) (list []Constraint, bounds, ok bool) {
	s = strings.TrimSpace(s)
	if s == "*" || strings.EqualFold(s, "all") {
		return nil, true, true
	}
	bare := 0
	for part := range strings.SplitSeq(s, ",") {
		for _, c := range inWords(strings.TrimSpace(part)) {
			if c.Op == "" {
				bare++
			}
			if !isVersion(c.Version) {
				return nil, false, false
			}
			list = append(list, c)
		}
	}
	if bare > 0 && bare < len(list) {
		return nil, false, false
	}
	return list, bare == 0, true
}

// inWords reads one part: an operator before a version, or a phrase.
func inWords(s string) []Constraint {
	for _, op := range []string{"<=", ">=", "<", ">", "="} {
		if rest, found := strings.CutPrefix(s, op); found {
			return []Constraint{{strings.TrimPrefix(op, "="), strings.TrimSpace(rest)}}
		}
	}
	for _, phrase := range []struct{ before, op string }{{"before ", "<"}, {"up to ", "<="}, {"from ", ">="}, {"since ", ">="}} {
		if len(s) < len(phrase.before) || !strings.EqualFold(s[:len(phrase.before)], phrase.before) {
			continue
		}
		rest := strings.TrimSpace(s[len(phrase.before):])
		if from, to, ok := strings.Cut(rest, " to "); ok && phrase.op == ">=" {
			return []Constraint{{">=", strings.TrimSpace(from)}, {"<=", strings.TrimSpace(to)}}
		}
		return []Constraint{{phrase.op, rest}}
	}
	for _, tail := range []string{" and later", " and newer", " onwards"} {
		if v, found := strings.CutSuffix(s, tail); found {
			return []Constraint{{">=", strings.TrimSpace(v)}}
		}
	}
	for _, between := range []string{" to ", " - ", " – "} {
		if from, to, found := strings.Cut(s, between); found {
			return []Constraint{{">=", strings.TrimSpace(from)}, {"<=", strings.TrimSpace(to)}}
		}
	}
	return []Constraint{{"", s}}
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

// inVers writes a range in the notation that CSAF 2.0 asks for (3.1.2.3.2): the type
// of the package URL, or generic.
func inVers(list []Constraint, kind string) string {
	if len(list) == 0 {
		return "vers:" + kind + "/*"
	}
	parts := make([]string, len(list))
	for i, c := range Ordered(list, kind) {
		parts[i] = c.Op + escapeVers(c.Version)
	}
	return "vers:" + kind + "/" + strings.Join(parts, "|")
}

// escapeVers percent-encodes what separates in vers.
func escapeVers(s string) string {
	return strings.NewReplacer("%", "%25", ":", "%3A", "+", "%2B").Replace(s)
}
