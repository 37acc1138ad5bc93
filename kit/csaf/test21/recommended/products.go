package recommended

import (
	"slices"

	"github.com/tocsin-sec/tocsin/kit/csaf/csaf21"
	"github.com/tocsin-sec/tocsin/kit/csaf/rule"
)

// unusedProduct is 6.2.1: every product id is referred to somewhere, but in an
// informational advisory.
func unusedProduct(doc *csaf21.Advisory, env *rule.Env, report rule.Report) {
	if doc.ProductTree == nil || doc.Document.Category == "csaf_informational_advisory" {
		return
	}
	used := env.Marks()
	for i := range env.ProductRefs() {
		for _, n := range env.ProductRefs()[i].Numbers {
			used.Set(n, 1)
		}
	}
	for i := range env.Products() {
		p := &env.Products()[i]
		n := env.Number(p.ID)
		if n < 0 || used.Get(int32(n)) != 0 {
			continue
		}
		f := report(p.Pointer()+"/product_id", "the product id %q is defined and not used", p.ID)
		// In branches other knots would have to go as well, and no list may be left empty.
		if p.Origin == rule.InList && len(doc.ProductTree.FullProductNames) > 1 {
			f.Fix = rule.Remove(p.Pointer())
		}
		if p.Origin == rule.InPath && len(doc.ProductTree.ProductPaths) > 1 {
			f.Fix = rule.Remove(rule.At("/product_tree/product_paths/%", p.Index))
		}
	}
}

// missingRemediation is 6.2.2: affected products and those under investigation have a
// remediation, directly or through a group.
func missingRemediation(doc *csaf21.Advisory, env *rule.Env, report rule.Report) {
	uncovered(env, report, "no remediation is for the product %q, which is in %s", func(marks *rule.Marks, vulnerability int) bool {
		list := doc.Vulnerabilities[vulnerability].Remediations
		for i := range list {
			if !env.Reach(list[i].ProductIDs, list[i].GroupIDs, func(n int32, _ string) { marks.Set(n, 1) }) {
				return false
			}
		}
		return true
	}, rule.Affected, rule.Investigated)
}

// missingMetric is 6.2.3: affected products have a metric.
func missingMetric(doc *csaf21.Advisory, env *rule.Env, report rule.Report) {
	uncovered(env, report, "no metric is for the product %q, which is in %s", func(marks *rule.Marks, vulnerability int) bool {
		v := &doc.Vulnerabilities[vulnerability]
		for i := range v.Metrics {
			markIDs(env, marks, v.Metrics[i].Products)
		}
		return true
	}, rule.Affected)
}

func markIDs(env *rule.Env, marks *rule.Marks, ids []string) {
	for _, id := range ids {
		if n := env.Number(id); n >= 0 {
			marks.Set(int32(n), 1)
		}
	}
}

// tooLarge reports groups that a test cannot look into.
func tooLarge(report rule.Report) {
	report("/product_tree/product_groups", "the groups are too large for this test")
}

// uncovered reports the products of the families that cover has not marked. It ends when
// cover returns false.
func uncovered(env *rule.Env, report rule.Report, message string, cover func(*rule.Marks, int) bool, families ...rule.Family) {
	var marks *rule.Marks
	at := -1
	for i := range env.ProductRefs() {
		r := &env.ProductRefs()[i]
		if r.Where != rule.OfStatus || !slices.Contains(families, r.Status.Family()) {
			continue
		}
		if marks == nil {
			marks = env.Marks()
		}
		if at != r.Vulnerability {
			at = r.Vulnerability
			marks.Clear()
			if !cover(marks, at) {
				tooLarge(report)
				return
			}
		}
		for j, n := range r.Numbers {
			if marks.Get(n) == 0 {
				report(r.At(j), message, r.IDs[j], r.Status.Name())
			}
		}
	}
}

// discouraged reports the combinations of table 2 of 3.2.4.14.1 that are discouraged.
func discouraged(category string, f rule.Family) bool {
	switch category {
	case "workaround", "mitigation", "vendor_fix":
		return f == rule.Investigated || f == rule.UnknownFamily
	case "optional_patch":
		return f == rule.FixedFamily
	case "fix_planned":
		return f == rule.NotAffected || f == rule.Investigated || f == rule.UnknownFamily
	case "no_fix_planned":
		return f == rule.NotAffected
	}
	return false
}

// discouragedRemediation is 6.2.27: no product, also through groups, has a remediation
// that its status discourages. A remediation is reported once for each status.
func discouragedRemediation(doc *csaf21.Advisory, env *rule.Env, report rule.Report) {
	var marks *rule.Marks
	for i := range doc.Vulnerabilities {
		v := &doc.Vulnerabilities[i]
		for j := range v.Remediations {
			r := &v.Remediations[j]
			for f := rule.Affected; f <= rule.UnknownFamily; f++ {
				if v.ProductStatus == nil || !discouraged(r.Category, f) || len(family(v.ProductStatus, f)) == 0 {
					continue
				}
				if marks == nil {
					marks = env.Marks()
				}
				marks.Clear()
				for _, ids := range lists(v.ProductStatus, f) {
					markIDs(env, marks, ids)
				}
				id, ok := firstMarked(env, marks, r)
				if !ok {
					tooLarge(report)
					return
				}
				if id != "" {
					report(rule.At("/vulnerabilities/%/remediations/%", i, j), "the category %s is discouraged for the product %q, which is %s", r.Category, id, f)
				}
			}
		}
	}
}

// lists are the lists of a status that belong to a family.
func lists(s *csaf21.ProductStatus, f rule.Family) [3][]string {
	switch f {
	case rule.Affected:
		return [3][]string{s.FirstAffected, s.KnownAffected, s.LastAffected}
	case rule.NotAffected:
		return [3][]string{s.KnownNotAffected}
	case rule.FixedFamily:
		return [3][]string{s.FirstFixed, s.Fixed}
	case rule.Investigated:
		return [3][]string{s.UnderInvestigation}
	case rule.UnknownFamily:
		return [3][]string{s.Unknown}
	}
	return [3][]string{}
}

// family is the first list of the family that is not empty.
func family(s *csaf21.ProductStatus, f rule.Family) []string {
	for _, ids := range lists(s, f) {
		if len(ids) > 0 {
			return ids
		}
	}
	return nil
}

// firstMarked is the first product of a remediation that is marked, "" without. It is
// false when the groups are too large.
func firstMarked(env *rule.Env, marks *rule.Marks, r *csaf21.Remediation) (first string, ok bool) {
	ok = env.Reach(r.ProductIDs, r.GroupIDs, func(n int32, id string) {
		if first == "" && marks.Get(n) != 0 {
			first = id
		}
	})
	return first, ok
}

// hardware is 6.2.31: a product with serial or model numbers is part of a product path.
func hardware(_ *csaf21.Advisory, env *rule.Env, report rule.Report) {
	var used *rule.Marks
	for i := range env.Products() {
		p := &env.Products()[i]
		if h := p.Full21.Helper; h == nil || len(h.SerialNumbers) == 0 && len(h.ModelNumbers) == 0 {
			continue
		}
		if used == nil {
			used = env.Marks()
			for j := range env.ProductRefs() {
				if r := &env.ProductRefs()[j]; r.Where == rule.OfPath || r.Where == rule.OfSubpath {
					used.Set(r.Numbers[0], 1)
				}
			}
		}
		if n := env.Number(p.ID); n >= 0 && used.Get(int32(n)) == 0 {
			report(p.Pointer(), "the product %q has serial or model numbers and is in no product path", p.ID)
		}
	}
}
