package convert

import (
	"regexp"
	"strings"

	"github.com/tocsin-sec/tocsin/kit/vers"
)

// ranges looks at every product_version_range (clause 18, branches_t, fourth and fifth
// rule) and, since CSAF 2.1 allows no prose there (3.1.2.3.2, test 6.1.50), reads the
// usual ways to write a range first.
func (c *conv) ranges() {
	c.tree.all(func(n *node) {
		if n.category != versionRange {
			return
		}
		r, like, ok := readRange(n.name)
		if !ok {
			text, found := rangeOf(n.name)
			if !found {
				c.fail("branches_t", n.source+"/name", &n.spot, n.name, "", "the name is no version range in VERS or VERS-like form and could not be read as one")
				return
			}
			c.warn("branches_t", n.source+"/name", &n.spot, n.name, text, "the version range was written in words")
			n.name = text
			r, like, _ = readRange(text)
		}
		switch {
		case r.All || r.None:
		case len(r.Constraints) == 1 && r.Constraints[0].Comparator == vers.Equal:
			c.single(n, r, like)
		case r.UpperOpen():
			c.upperOpen(n, r)
		}
	})
}

// readRange reads VERS, or the VERS-like form, as 6.1.50 takes them; like tells which.
func readRange(name string) (r vers.Range, like, ok bool) {
	if strings.HasPrefix(name, "vers:") {
		r, err := vers.Parse(name)
		// The star goes with vers:all and nothing else does; other uses are mistakes.
		return r, false, err == nil && (r.Type == "all") == r.All && r.Check() == nil
	}
	r, err := vers.ParseLike(name)
	return r, true, err == nil && !r.All && r.Check() == nil
}

// single makes a version of a range that is one version.
func (c *conv) single(n *node, r vers.Range, like bool) {
	was := n.name
	n.category = version
	if !like {
		n.name = r.Constraints[0].Version
	}
	c.warn("branches_t", n.source, &n.spot, was, n.name, "an invalid product tree with a product_version declared as product_version_range was resolved")
}

// upperOpen closes a range that has no upper end: of one constraint the version is
// left, of several the last becomes its version if that was in the range.
func (c *conv) upperOpen(n *node, r vers.Range) {
	last := len(r.Constraints) - 1
	was := n.name
	switch {
	case last == 0 && (r.Constraints[0].Comparator == vers.Greater || r.Constraints[0].Comparator == vers.GreaterEqual):
		n.category, n.name = version, r.Constraints[0].Version
	case last > 0 && r.Constraints[last].Comparator == vers.GreaterEqual:
		r.Constraints[last].Comparator = vers.Equal
		n.name = r.String()
	default:
		c.fail("branches_t", n.source, &n.spot, was, "", "an invalid product tree with an upper open ended product version range could not be resolved: the bounds would change")
		return
	}
	c.warn("branches_t", n.source, &n.spot, was, n.name, "an invalid product tree with an upper open ended product version range was resolved")
}

var (
	operatorRE = regexp.MustCompile(`<=|>=|=<|=>|<|>|≤|≥`)
	versionRE  = regexp.MustCompile(`^[^\s,|<>=]+( (SP|HF|Update|Upd|Build|Patch|Rev|R|P|U)\.? ?[0-9][0-9A-Za-z.]*)*$`)
	beforeRE   = regexp.MustCompile(`^(?i:(?:all versions |versions )?(prior to|before|earlier than|up to and including|through)) (.+)$`)
	andRE      = regexp.MustCompile(`^(?i:(?:all versions |versions |version )?(.+?),? (?:and|or) (prior|earlier|below|older|before|later|newer|above|higher)(?: versions)?)$`)
)

// rangeOf reads what people write: "All versions < V3.0", "> V1.1 and < V1.3", "4.2 and
// prior". It answers in VERS-like form, or vers:all/*. ok is false for everything that
// has more than one meaning.
func rangeOf(name string) (text string, ok bool) {
	s := strings.Join(strings.Fields(name), " ")
	s = strings.TrimPrefix(s, "vers:all/")
	if strings.HasPrefix(s, "vers:") && strings.HasSuffix(s, "/*") {
		s = "*"
	}
	switch plain(s) {
	case "all", "allversions", "*", "any", "anyversion", "allversion":
		return "vers:all/*", true
	}
	if m := beforeRE.FindStringSubmatch(s); m != nil && !operatorRE.MatchString(m[2]) {
		if op := strings.ToLower(m[1]); op == "up to and including" || op == "through" {
			return join([][2]string{{"<=", m[2]}})
		}
		return join([][2]string{{"<", m[2]}})
	}
	if m := andRE.FindStringSubmatch(s); m != nil && !operatorRE.MatchString(m[1]) {
		switch strings.ToLower(m[2]) {
		case "later", "newer", "above", "higher":
			return join([][2]string{{">=", m[1]}})
		}
		return join([][2]string{{"<=", m[1]}})
	}
	at := operatorRE.FindAllStringIndex(s, -1)
	if len(at) == 0 || len(at) > 50 {
		return "", false
	}
	switch plain(s[:at[0][0]]) {
	case "", "all", "allversions", "versions", "version", "allversion":
	default:
		return "", false
	}
	var list [][2]string
	for i, a := range at {
		end := len(s)
		if i+1 < len(at) {
			end = at[i+1][0]
		}
		v := strings.TrimSpace(s[a[1]:end])
		if i+1 < len(at) {
			v = strings.TrimSpace(strings.TrimSuffix(strings.TrimSuffix(strings.TrimRight(v, " ,|&"), " and"), ","))
		}
		list = append(list, [2]string{operator(s[a[0]:a[1]]), v})
	}
	return join(list)
}

func operator(s string) string {
	switch s {
	case "≤", "=<":
		return "<="
	case "≥", "=>":
		return ">="
	}
	return s
}

// join writes constraints in VERS-like form when every version looks like one.
func join(list [][2]string) (string, bool) {
	var r vers.Range
	for _, l := range list {
		if !versionRE.MatchString(l[1]) {
			return "", false
		}
		r.Constraints = append(r.Constraints, vers.Constraint{Comparator: vers.Comparator(l[0]), Version: l[1]})
	}
	text := r.String()
	_, _, ok := readRange(text)
	return text, ok
}
