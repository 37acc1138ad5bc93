package mandatory

import (
	"github.com/tocsin-sec/tocsin/kit/csaf/csaf21"
	"github.com/tocsin-sec/tocsin/kit/csaf/rule"
)

// vexStatus is 6.1.27.7: every vulnerability says of some product how it is.
func vexStatus(doc *csaf21.Advisory, _ *rule.Env, report rule.Report) {
	if !vex(doc) {
		return
	}
	for i := range doc.Vulnerabilities {
		s := doc.Vulnerabilities[i].ProductStatus
		if s == nil || s.Fixed == nil && s.KnownAffected == nil && s.KnownNotAffected == nil && s.UnderInvestigation == nil {
			report(rule.At("/vulnerabilities/%/product_status", i), "fixed, known_affected, known_not_affected or under_investigation is needed")
		}
	}
}

// vulnerabilityID is 6.1.27.8: every vulnerability has a CVE or other ids; when all of
// those are for certain products, every product of its status has one.
func vulnerabilityID(doc *csaf21.Advisory, env *rule.Env, report rule.Report) {
	if !vex(doc) {
		return
	}
	var has *rule.Marks
	for i := range doc.Vulnerabilities {
		v := &doc.Vulnerabilities[i]
		switch {
		case v.CVE != "":
		case v.IDs == nil:
			report(rule.At("/vulnerabilities/%", i), "cve or ids is needed")
		case everyIDHasProducts(v.IDs):
			if has == nil {
				has = env.Marks()
			}
			has.Clear()
			for j := range v.IDs {
				if !eachProduct(env, report, v.IDs[j].ProductIDs, v.IDs[j].GroupIDs, func(n int32, _ string) { has.Set(n, 1) }) {
					return
				}
			}
			// The place is that of the ids, which lack one, not that of the product.
			missing := func(_, format string, args ...any) *rule.Finding {
				return report(rule.At("/vulnerabilities/%/ids", i), format, args...)
			}
			unmarked(env, i, has, missing, "the product %q has no id of the vulnerability", func(rule.Status) bool { return true })
		}
	}
}

func everyIDHasProducts(ids []csaf21.VulnerabilityID) bool {
	for i := range ids {
		if ids[i].ProductIDs == nil && ids[i].GroupIDs == nil {
			return false
		}
	}
	return true
}

// unmarked reports the products without mark in some lists of a vulnerability's
// product status.
func unmarked(env *rule.Env, vulnerability int, has *rule.Marks, report rule.Report, text string, in func(rule.Status) bool) {
	all := env.ProductRefs()
	for r := range all {
		list := &all[r]
		if list.Where != rule.OfStatus || list.Vulnerability != vulnerability || !in(list.Status) {
			continue
		}
		for i, n := range list.Numbers {
			if has.Get(n) == 0 {
				report(list.At(i), text, list.IDs[i])
			}
		}
	}
}

// impactStatement is 6.1.27.9: a flag or a threat of category impact says why a product
// is not affected.
func impactStatement(doc *csaf21.Advisory, env *rule.Env, report rule.Report) {
	if !vex(doc) {
		return
	}
	has := env.Marks()
	mark := func(n int32, _ string) { has.Set(n, 1) }
	for i := range doc.Vulnerabilities {
		v := &doc.Vulnerabilities[i]
		if v.ProductStatus == nil || len(v.ProductStatus.KnownNotAffected) == 0 {
			continue
		}
		has.Clear()
		for j := range v.Flags {
			if !eachProduct(env, report, v.Flags[j].ProductIDs, v.Flags[j].GroupIDs, mark) {
				return
			}
		}
		for j := range v.Threats {
			if v.Threats[j].Category == "impact" && !eachProduct(env, report, v.Threats[j].ProductIDs, v.Threats[j].GroupIDs, mark) {
				return
			}
		}
		unmarked(env, i, has, report, "no impact statement for the product %q", func(s rule.Status) bool { return s == rule.KnownNotAffected })
	}
}

// actionStatement is 6.1.27.10: a remediation says what to do for an affected product.
func actionStatement(doc *csaf21.Advisory, env *rule.Env, report rule.Report) {
	if !vex(doc) {
		return
	}
	has := env.Marks()
	mark := func(n int32, _ string) { has.Set(n, 1) }
	for i := range doc.Vulnerabilities {
		v := &doc.Vulnerabilities[i]
		if v.ProductStatus == nil || len(v.ProductStatus.KnownAffected) == 0 {
			continue
		}
		has.Clear()
		for j := range v.Remediations {
			if !eachProduct(env, report, v.Remediations[j].ProductIDs, v.Remediations[j].GroupIDs, mark) {
				return
			}
		}
		unmarked(env, i, has, report, "no action statement for the product %q", func(s rule.Status) bool { return s == rule.KnownAffected })
	}
}
