package mandatory

import (
	"strings"

	"github.com/tocsin-sec/tocsin/kit/csaf"
	"github.com/tocsin-sec/tocsin/kit/csaf/csaf21"
	"github.com/tocsin-sec/tocsin/kit/csaf/rule"
)

// versionRange is 6.1.31: the name of a product_version is no range.
func versionRange(_ *csaf21.Advisory, env *rule.Env, report rule.Report) {
	all := env.Branches()
	for i := range all {
		if all[i].Category == csaf.BranchVersion && isRange(all[i].Name) {
			report(all[i].Pointer()+"/name", "%q is a range of versions", all[i].Name)
		}
	}
}

func isRange(name string) bool {
	if strings.ContainsAny(name, "<>") {
		return true
	}
	for word := range strings.FieldsSeq(name) {
		for _, w := range [...]string{"after", "all", "before", "earlier", "later", "prior", "versions"} {
			if strings.EqualFold(word, w) {
				return true
			}
		}
	}
	return false
}

// deepestBranch is how often "branches" may be in the path of a product (6.1.34).
const deepestBranch = 30

// depth is 6.1.34: a product is below at most 30 branches.
func depth(_ *csaf21.Advisory, env *rule.Env, report rule.Report) {
	all := env.Branches()
	for i := range all {
		if all[i].Depth > deepestBranch && all[i].Product >= 0 {
			report(all[i].Pointer()+"/product", "the product is below %d branches; at most %d are allowed", all[i].Depth, deepestBranch)
		}
	}
}

// above returns the nearest branch above b for which is is true, nil without one.
func above(b *rule.Branch, is func(category string) bool) *rule.Branch {
	for up := b.Up(); up != nil; up = up.Up() {
		if is(up.Category) {
			return up
		}
	}
	return nil
}

// leads reports whether a product is at or below a branch of the document.
func leads(b *csaf21.Branch) bool {
	if b.Product != nil {
		return true
	}
	for i := range b.Branches {
		if leads(&b.Branches[i]) {
			return true
		}
	}
	return false
}

// stacked is 6.1.57: on the way to a product each category occurs once, but for
// product_family.
func stacked(_ *csaf21.Advisory, env *rule.Env, report rule.Report) {
	all := env.Branches()
	for i := range all {
		b := &all[i]
		if b.Category == "product_family" || b.Category == "" {
			continue
		}
		if up := above(b, func(category string) bool { return category == b.Category }); up != nil && leads(b.At21) {
			report(b.Pointer()+"/category", "the category %s of %q is that of %q above it, too", b.Category, b.Name, up.Name)
		}
	}
}

// versionAndRange is 6.1.58: on the way to a product there is a product_version or a
// product_version_range, not both.
func versionAndRange(_ *csaf21.Advisory, env *rule.Env, report rule.Report) {
	all := env.Branches()
	for i := range all {
		b, other := &all[i], ""
		switch b.Category {
		case csaf.BranchVersion:
			other = csaf.BranchVersionRange
		case csaf.BranchVersionRange:
			other = csaf.BranchVersion
		default:
			continue
		}
		if up := above(b, func(category string) bool { return category == other }); up != nil && leads(b.At21) {
			report(b.Pointer()+"/category", "%q is a %s below the %s %q", b.Name, b.Category, other, up.Name)
		}
	}
}
