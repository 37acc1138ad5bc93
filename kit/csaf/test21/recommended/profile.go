package recommended

import (
	"strings"

	"github.com/tocsin-sec/tocsin/kit/csaf/csaf21"
	"github.com/tocsin-sec/tocsin/kit/csaf/rule"
	"github.com/tocsin-sec/tocsin/kit/csaf/test21/facts"
)

// missingFixed is 6.2.39.1: in a security advisory, an affected product has a version
// that is fixed in the same vulnerability. It is skipped for a product with a
// remediation that says that there is none, unless one of vendor_fix, or a range that
// ends with <, says that there is. Products belong together that have the same
// vendor and name in the tree; where the tree does not tell, any fixed product will do.
func missingFixed(doc *csaf21.Advisory, env *rule.Env, report rule.Report) {
	if doc.Document.Category != "csaf_security_advisory" {
		return
	}
	var said *rule.Marks
	for i := range doc.Vulnerabilities {
		v := &doc.Vulnerabilities[i]
		if v.ProductStatus == nil || family(v.ProductStatus, rule.Affected) == nil {
			continue
		}
		if said == nil {
			said = env.Marks()
		}
		said.Clear()
		for j := range v.Remediations {
			if !markHints(env, said, &v.Remediations[j]) {
				tooLarge(report)
				return
			}
		}
		fixed := lines(doc, env, v.ProductStatus)
		seen := map[string]bool{} // a product may be in more than one list
		for _, ids := range lists(v.ProductStatus, rule.Affected) {
			for _, id := range ids {
				if seen[id] || !needsFixed(env, said, id) {
					continue
				}
				seen[id] = true
				if l := lineOf(doc, env, id); len(fixed) == 0 || !fixed[l] && !fixed[""] && l != "" {
					report(rule.At("/vulnerabilities/%/product_status", i), "no version of the affected product %q is listed as fixed", id)
				}
			}
		}
	}
}

// What remediations say of a fixed version.
const (
	saysNone  = 1
	saysFixed = 2
)

func markHints(env *rule.Env, said *rule.Marks, r *csaf21.Remediation) bool {
	var hint uint32
	switch r.Category {
	case "fix_planned", "no_fix_planned", "none_available":
		hint = saysNone
	case "vendor_fix":
		hint = saysFixed
	default:
		return true
	}
	return env.Reach(r.ProductIDs, r.GroupIDs, func(n int32, _ string) { said.Set(n, said.Get(n)|hint) })
}

// needsFixed reports whether the test is not skipped for a product.
func needsFixed(env *rule.Env, said *rule.Marks, id string) bool {
	n := env.Number(id)
	if n < 0 {
		return false
	}
	if hints := said.Get(int32(n)); hints&saysFixed != 0 || hints&saysNone == 0 {
		return true
	}
	p, ok := env.Product(id)
	if !ok {
		return false
	}
	for b := p.Branch(); b != nil; b = b.Up() {
		if b.Category == facts.VersionRange && strings.HasPrefix(lastConstraint(b.Name), "<") && !strings.HasPrefix(lastConstraint(b.Name), "<=") {
			return true
		}
	}
	return false
}

// lastConstraint is the last version constraint of a range as it is written.
func lastConstraint(name string) string {
	if _, list, ok := strings.Cut(name, "/"); ok && strings.HasPrefix(name, "vers:") {
		name = list
	}
	return name[strings.LastIndexByte(name, '|')+1:]
}

// lines are the product lines of what is fixed.
func lines(doc *csaf21.Advisory, env *rule.Env, s *csaf21.ProductStatus) map[string]bool {
	var out map[string]bool
	for _, ids := range lists(s, rule.FixedFamily) {
		for _, id := range ids {
			if out == nil {
				out = map[string]bool{}
			}
			out[lineOf(doc, env, id)] = true
		}
	}
	return out
}

// mostPaths bounds how many product paths are followed from one product.
const mostPaths = 32

// lineOf is the product without its version: vendor, family and name of its place in the
// tree, of the first product when it is a path; "" when the tree does not tell.
func lineOf(doc *csaf21.Advisory, env *rule.Env, id string) string {
	for range mostPaths {
		p, ok := env.Product(id)
		if !ok {
			return ""
		}
		if p.Origin != rule.InPath {
			return branchLine(p.Branch())
		}
		id = doc.ProductTree.ProductPaths[p.Index].Beginning
	}
	return ""
}

func branchLine(b *rule.Branch) string {
	line, named := "", false
	for ; b != nil; b = b.Up() {
		switch b.Category {
		case "product_name":
			named = true
			line = b.Category + "\x00" + b.Name + "\x00" + line
		case "vendor", "product_family":
			line = b.Category + "\x00" + b.Name + "\x00" + line
		}
	}
	if !named {
		return ""
	}
	return line
}
