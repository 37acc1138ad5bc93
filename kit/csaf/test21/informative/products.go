package informative

import (
	"github.com/tocsin-sec/tocsin/kit/csaf/csaf21"
	"github.com/tocsin-sec/tocsin/kit/csaf/rule"
	"github.com/tocsin-sec/tocsin/kit/csaf/test21/facts"
)

// shortest is the least length of a hash value (6.3.5).
const shortest = 64

// shortHash is 6.3.5: hash values have at least 64 characters.
func shortHash(_ *csaf21.Advisory, env *rule.Env, report rule.Report) {
	for i := range env.Products() {
		p := &env.Products()[i]
		if p.Full21.Helper == nil {
			continue
		}
		for j := range p.Full21.Helper.Hashes {
			for k, h := range p.Full21.Helper.Hashes[j].FileHashes {
				if len(h.Value) < shortest {
					report(p.Pointer()+rule.At("/product_identification_helper/hashes/%/file_hashes/%/value", j, k), "the hash value has only %d characters", len(h.Value))
				}
			}
		}
	}
}

// branchCategories is 6.3.9: on the way from the product tree to a product there are
// the categories vendor, product_name and product_version, in this order.
func branchCategories(_ *csaf21.Advisory, env *rule.Env, report rule.Report) {
	order := [...]string{"vendor", "product_name", facts.ProductVersion}
	for i := range env.Products() {
		p := &env.Products()[i]
		if p.Origin != rule.InBranch {
			continue
		}
		wanted := len(order) // from the leaf upwards
		for b := p.Branch(); b != nil && wanted > 0; b = b.Up() {
			if b.Category == order[wanted-1] {
				wanted--
			}
		}
		if wanted > 0 {
			report(p.Pointer(), "the product %q is not below a vendor, product_name and product_version in this order", p.ID)
		}
	}
}

// versionRange is 6.3.10: no branch is a version range.
func versionRange(_ *csaf21.Advisory, env *rule.Env, report rule.Report) {
	for i := range env.Branches() {
		if b := &env.Branches()[i]; b.Category == facts.VersionRange {
			report(b.Pointer()+"/category", "the versions %q are a range, not enumerated", b.Name)
		}
	}
}

// versionIndicator is 6.3.11: no version begins with v and a digit. There is no fix, as
// the v may be part of the vendor's version.
func versionIndicator(_ *csaf21.Advisory, env *rule.Env, report rule.Report) {
	for i := range env.Branches() {
		b := &env.Branches()[i]
		if n := b.Name; b.Category == facts.ProductVersion && len(n) > 1 && n[0]|0x20 == 'v' && n[1] >= '0' && n[1] <= '9' {
			report(b.Pointer()+"/name", "the version %q begins with a v", n)
		}
	}
}

// nestedPath is 6.3.22: no product path refers to a product that a path defines.
func nestedPath(doc *csaf21.Advisory, env *rule.Env, report rule.Report) {
	if doc.ProductTree == nil || len(doc.ProductTree.ProductPaths) == 0 {
		return
	}
	defined := env.Marks()
	for i := range doc.ProductTree.ProductPaths {
		if n := env.Number(doc.ProductTree.ProductPaths[i].FullProductName.ProductID); n >= 0 {
			defined.Set(int32(n), 1)
		}
	}
	for i := range env.ProductRefs() {
		r := &env.ProductRefs()[i]
		if (r.Where == rule.OfPath || r.Where == rule.OfSubpath) && r.IDs[0] != "" && defined.Get(r.Numbers[0]) != 0 {
			report(r.At(0), "the product %q is defined by a product path itself", r.IDs[0])
		}
	}
}

// same reports whether two products are in one group of states.
func same(a, b uint32) bool { return a&b != 0 }

// overlaps is 6.3.19.1 to 6.3.19.3 for one kind of sibling.
func overlaps(doc *csaf21.Advisory, env *rule.Env, kind facts.Kind, report rule.Report) {
	facts.OverlapsByStatus(doc, env, kind, same, func(i int, a, b *rule.Product) {
		report(rule.At("/vulnerabilities/%/product_status", i), "the versions of the products %q and %q overlap, and they are in the same group", a.ID, b.ID)
	})
}

// overlapVERS is 6.3.19.1.
func overlapVERS(doc *csaf21.Advisory, env *rule.Env, report rule.Report) {
	overlaps(doc, env, facts.VERS, report)
}

// overlapVLS is 6.3.19.2.
func overlapVLS(doc *csaf21.Advisory, env *rule.Env, report rule.Report) {
	overlaps(doc, env, facts.VLS, report)
}

// overlapVersion is 6.3.19.3.
func overlapVersion(doc *csaf21.Advisory, env *rule.Env, report rule.Report) {
	overlaps(doc, env, facts.Version, report)
}

// inBranches is 6.3.19.4 and 6.3.19.5: siblings with branches do not overlap with a
// range that has products. Of two ranges with branches the later one is reported.
func inBranches(env *rule.Env, versions bool, report rule.Report) {
	type pair struct{ a, b *rule.Branch }
	var seen map[pair]bool
	facts.Overlaps(env, func(_, s *facts.Sibling) bool {
		return !s.Leaf && (s.Kind == facts.Version) == versions
	}, func(tested, s *facts.Sibling) {
		products := 0
		tested.Each(env, func(*rule.Product) { products++ })
		if products == 0 || seen[pair{s.Branch, tested.Branch}] {
			return
		}
		if seen == nil {
			seen = map[pair]bool{}
		}
		seen[pair{tested.Branch, s.Branch}] = true
		report(s.Pointer()+"/name", "the versions %q overlap with the range %q beside it", s.Name, tested.Name)
	})
}

// overlapBranchRange is 6.3.19.4.
func overlapBranchRange(_ *csaf21.Advisory, env *rule.Env, report rule.Report) {
	inBranches(env, false, report)
}

// overlapBranchVersion is 6.3.19.5.
func overlapBranchVersion(_ *csaf21.Advisory, env *rule.Env, report rule.Report) {
	inBranches(env, true, report)
}
