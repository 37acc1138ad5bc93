package informative

import (
	"strings"

	"github.com/tocsin-sec/tocsin/kit/csaf"
	"github.com/tocsin-sec/tocsin/kit/csaf/rule"
)

// shortHash is 6.3.5: hashes have at least 64 characters.
func shortHash(_ *csaf.Advisory, env *rule.Env, report rule.Report) {
	products := env.Products()
	for p := range products {
		h := products[p].Full20.Helper
		if h == nil {
			continue
		}
		for i := range h.Hashes {
			for j, x := range h.Hashes[i].FileHashes {
				if x.Value != "" && len(x.Value) < 64 {
					report(products[p].Pointer()+rule.At("/product_identification_helper/hashes/%/file_hashes/%/value", i, j), "the hash has only %d characters", len(x.Value))
				}
			}
		}
	}
}

// branchCategories is 6.3.9: above each product of a branch stand vendor, product_name
// and product_version in this order; others may be between them.
func branchCategories(_ *csaf.Advisory, env *rule.Env, report rule.Report) {
	order := [...]string{csaf.BranchVersion, csaf.BranchProduct, csaf.BranchVendor}
	products := env.Products()
	for i := range products {
		b := products[i].Branch()
		if b == nil {
			continue
		}
		at := 0 // from the leaf upwards
		for up := b; up != nil && at < len(order); up = up.Up() {
			if up.Category == order[at] {
				at++
			}
		}
		if at < len(order) {
			report(b.Pointer(), "above %q are not the categories vendor, product_name and product_version in this order: no %s where it has to be", products[i].ID, order[at])
		}
	}
}

// versionRange is 6.3.10: versions are listed, not given as ranges.
func versionRange(_ *csaf.Advisory, env *rule.Env, report rule.Report) {
	branches := env.Branches()
	for i := range branches {
		if branches[i].Category == csaf.BranchVersionRange {
			report(branches[i].Pointer()+"/category", "%q is a range of versions", branches[i].Name)
		}
	}
}

// versionIndicator is 6.3.11: versions do not begin with a v before their number.
func versionIndicator(_ *csaf.Advisory, env *rule.Env, report rule.Report) {
	branches := env.Branches()
	for i := range branches {
		name := branches[i].Name
		if branches[i].Category != csaf.BranchVersion || len(name) < 2 || name[0]|0x20 != 'v' || name[1] < '0' || name[1] > '9' || strings.ContainsAny(name, "\n\r\u2028\u2029") {
			continue
		}
		f := report(branches[i].Pointer()+"/name", "the version %q begins with %q", name, name[:1])
		f.Fix = rule.Replace(f.Pointer, name[1:])
	}
}
