package mandatory

import (
	"github.com/tocsin-sec/tocsin/kit/csaf/csaf21"
	"github.com/tocsin-sec/tocsin/kit/csaf/rule"
)

// eachProduct calls f with the number of every product of two lists, those of the
// groups included. A product that is there twice comes twice. When the groups are too
// large it reports that and returns false: the test ends then.
func eachProduct(env *rule.Env, report rule.Report, products, groups []string, f func(n int32, id string)) bool {
	if env.Reach(products, groups, f) {
		return true
	}
	report("/product_tree/product_groups", "the groups are too large for this test")
	return false
}

// isJustification reports whether a flag's label is a justification of VEX
// (3.2.4.7.3); in 2.1 all labels are.
func isJustification(label string) bool {
	switch label {
	case "component_not_present", "inline_mitigations_already_exist", "vulnerable_code_cannot_be_controlled_by_adversary",
		"vulnerable_code_not_in_execute_path", "vulnerable_code_not_present":
		return true
	}
	return false
}

// multipleFlags is 6.1.33: a product has at most one justification of VEX for a
// vulnerability, product groups counted.
func multipleFlags(doc *csaf21.Advisory, env *rule.Env, report rule.Report) {
	var seen *rule.Marks
	for i := range doc.Vulnerabilities {
		flags := doc.Vulnerabilities[i].Flags
		if len(flags) < 2 {
			continue
		}
		if seen == nil {
			seen = env.Marks()
		}
		seen.Clear()
		for j := range flags {
			if !isJustification(flags[j].Label) {
				continue
			}
			if !eachProduct(env, report, flags[j].ProductIDs, flags[j].GroupIDs, func(n int32, id string) {
				if was := seen.Get(n); was != 0 && was != uint32(j+1) {
					report(rule.At("/vulnerabilities/%/flags/%", i, j), "a second justification for the product %q", id)
				}
				seen.Set(n, uint32(j+1))
			}) {
				return
			}
		}
	}
}

// The categories of remediations as bits.
const (
	workaround = 1 << iota
	mitigation
	vendorFix
	optionalPatch
	noneAvailable
	fixPlanned
	noFixPlanned
)

// remedy are the rules for a category of remediations: the categories that it
// contradicts (3.2.4.14.1, first table) and the groups of product status that it must
// not stand with (second table).
type remedy struct {
	name   string
	bit    uint32
	others uint32
	status [3]rule.Family
}

// remedyOf returns the rules for a category; without a bit for one that is unknown.
func remedyOf(category string) remedy {
	const all = workaround | mitigation | vendorFix | optionalPatch | noneAvailable | fixPlanned | noFixPlanned
	const exclusive = optionalPatch | noneAvailable
	healthy := [3]rule.Family{rule.NotAffected, rule.FixedFamily}
	switch category {
	case "workaround":
		return remedy{category, workaround, exclusive, healthy}
	case "mitigation":
		return remedy{category, mitigation, exclusive, healthy}
	case "vendor_fix":
		return remedy{category, vendorFix, exclusive | fixPlanned | noFixPlanned, healthy}
	case "optional_patch":
		return remedy{category, optionalPatch, all &^ optionalPatch, [3]rule.Family{rule.Affected}}
	case "none_available":
		return remedy{category, noneAvailable, all &^ noneAvailable, healthy}
	case "fix_planned":
		return remedy{category, fixPlanned, exclusive | vendorFix | noFixPlanned, [3]rule.Family{rule.FixedFamily}}
	case "no_fix_planned":
		return remedy{category, noFixPlanned, exclusive | vendorFix | fixPlanned, [3]rule.Family{rule.FixedFamily}}
	}
	return remedy{}
}

// contradictingRemediations is 6.1.35: no product has remediations whose categories
// contradict each other.
func contradictingRemediations(doc *csaf21.Advisory, env *rule.Env, report rule.Report) {
	var has *rule.Marks
	for i := range doc.Vulnerabilities {
		list := doc.Vulnerabilities[i].Remediations
		if len(list) < 2 {
			continue
		}
		if has == nil {
			has = env.Marks()
		}
		has.Clear()
		for j := range list {
			rules := remedyOf(list[j].Category)
			if rules.bit == 0 {
				continue
			}
			if !eachProduct(env, report, list[j].ProductIDs, list[j].GroupIDs, func(n int32, id string) {
				was := has.Get(n)
				if was&rules.others != 0 {
					report(rule.At("/vulnerabilities/%/remediations/%", i, j), "%s contradicts an earlier remediation for the product %q", rules.name, id)
				}
				has.Set(n, was|rules.bit)
			}) {
				return
			}
		}
	}
}

// statusRemediation is 6.1.36: no product has a remediation whose category contradicts
// the product's status.
func statusRemediation(doc *csaf21.Advisory, env *rule.Env, report rule.Report) {
	var families *rule.Marks
	all, next := env.ProductRefs(), 0
	for i := range doc.Vulnerabilities {
		list := doc.Vulnerabilities[i].Remediations
		if len(list) == 0 || doc.Vulnerabilities[i].ProductStatus == nil {
			continue
		}
		if families == nil {
			families = env.Marks()
		}
		families.Clear()
		for ; next < len(all) && all[next].Vulnerability <= i; next++ {
			if r := &all[next]; r.Where == rule.OfStatus && r.Vulnerability == i {
				for _, n := range r.Numbers {
					families.Set(n, families.Get(n)|1<<r.Status.Family())
				}
			}
		}
		for j := range list {
			rules := remedyOf(list[j].Category)
			if !eachProduct(env, report, list[j].ProductIDs, list[j].GroupIDs, func(n int32, id string) {
				for _, f := range rules.status {
					if f != rule.NoFamily && families.Get(n)&(1<<f) != 0 {
						report(rule.At("/vulnerabilities/%/remediations/%", i, j), "%s for the product %q, which is %s", rules.name, id, f)
					}
				}
			}) {
				return
			}
		}
	}
}
