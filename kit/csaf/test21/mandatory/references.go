package mandatory

import (
	"github.com/tocsin-sec/tocsin/kit/csaf/csaf21"
	"github.com/tocsin-sec/tocsin/kit/csaf/internal/circle"
	"github.com/tocsin-sec/tocsin/kit/csaf/rule"
)

// missingProduct is 6.1.1: every product id that is referred to is defined.
func missingProduct(_ *csaf21.Advisory, env *rule.Env, report rule.Report) {
	all := env.ProductRefs()
	for r := range all {
		for i, n := range all[r].Numbers {
			if !env.DefinedNumber(n) {
				report(all[r].At(i), "the product id %q is not defined", all[r].IDs[i])
			}
		}
	}
}

// multipleProduct is 6.1.2: a product id is defined once.
func multipleProduct(_ *csaf21.Advisory, env *rule.Env, report rule.Report) {
	all := env.Products()
	for i := range all {
		if first, _ := env.Product(all[i].ID); first != &all[i] {
			report(all[i].Pointer()+"/product_id", "the product id %q is defined twice", all[i].ID)
		}
	}
}

// circular is 6.1.3: the definition of a product by a product path does not end up in a
// circle: the product is neither made of itself nor of products that are.
func circular(doc *csaf21.Advisory, env *rule.Env, report rule.Report) {
	if doc.ProductTree == nil || len(doc.ProductTree.ProductPaths) == 0 {
		return
	}
	paths := doc.ProductTree.ProductPaths
	parts := make([][]int32, env.Numbers())
	all := env.ProductRefs()
	for r := range all {
		if all[r].Where == rule.OfPath || all[r].Where == rule.OfSubpath {
			n := env.Number(paths[all[r].Item].FullProductName.ProductID)
			parts[n] = append(parts[n], all[r].Numbers[0])
		}
	}
	on := circle.Find(parts)
	for i := range paths {
		if id := paths[i].FullProductName.ProductID; on[env.Number(id)] {
			report(rule.At("/product_tree/product_paths/%/full_product_name/product_id", i), "the definition of %q ends up in a circle", id)
		}
	}
}

// missingGroup is 6.1.4: every product group id that is referred to is defined.
func missingGroup(_ *csaf21.Advisory, env *rule.Env, report rule.Report) {
	all := env.GroupRefs()
	for r := range all {
		for i, id := range all[r].IDs {
			if _, ok := env.Group(id); !ok {
				report(all[r].At(i), "the product group id %q is not defined", id)
			}
		}
	}
}

// multipleGroup is 6.1.5: a product group id is defined once.
func multipleGroup(_ *csaf21.Advisory, env *rule.Env, report rule.Report) {
	all := env.Groups()
	for i := range all {
		if first, _ := env.Group(all[i].ID); first != &all[i] {
			report(all[i].Pointer()+"/group_id", "the product group id %q is defined twice", all[i].ID)
		}
	}
}

// contradictingStatus is 6.1.6: no product is in two groups of status that contradict
// each other.
func contradictingStatus(_ *csaf21.Advisory, env *rule.Env, report rule.Report) {
	all, first, vulnerability := env.ProductRefs(), env.Marks(), -1
	for r := range all {
		list := &all[r]
		mine := list.Status.Family()
		if list.Where != rule.OfStatus || mine == rule.NoFamily {
			continue
		}
		if list.Vulnerability != vulnerability {
			first.Clear()
			vulnerability = list.Vulnerability
		}
		for i, n := range list.Numbers {
			if was := rule.Family(first.Get(n)); was != rule.NoFamily && was != mine {
				report(list.At(i), "the product %q is both %s and %s", list.IDs[i], was, mine)
			} else {
				first.Set(n, uint32(mine))
			}
		}
	}
}

// remediationProducts is 6.1.29: a remediation says for which products it is.
func remediationProducts(doc *csaf21.Advisory, _ *rule.Env, report rule.Report) {
	for i := range doc.Vulnerabilities {
		for j := range doc.Vulnerabilities[i].Remediations {
			if r := &doc.Vulnerabilities[i].Remediations[j]; r.ProductIDs == nil && r.GroupIDs == nil {
				report(rule.At("/vulnerabilities/%/remediations/%", i, j), "the remediation names no product")
			}
		}
	}
}

// flagProducts is 6.1.32: a flag says for which products it is.
func flagProducts(doc *csaf21.Advisory, _ *rule.Env, report rule.Report) {
	for i := range doc.Vulnerabilities {
		for j := range doc.Vulnerabilities[i].Flags {
			if f := &doc.Vulnerabilities[i].Flags[j]; f.ProductIDs == nil && f.GroupIDs == nil {
				report(rule.At("/vulnerabilities/%/flags/%", i, j), "the flag names no product")
			}
		}
	}
}
