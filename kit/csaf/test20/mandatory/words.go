package mandatory

import (
	"github.com/tocsin-sec/tocsin/kit/csaf"
	"github.com/tocsin-sec/tocsin/kit/csaf/internal/circle"
	"github.com/tocsin-sec/tocsin/kit/csaf/internal/cvss"
	"github.com/tocsin-sec/tocsin/kit/csaf/rule"
)

// inconsistent is 6.1.10: the properties do not contradict the vector. One that the
// vector leaves out contradicts nothing: the valid cases of 6.2.19 have such.
func inconsistent(doc *csaf.Advisory, _ *rule.Env, report rule.Report) {
	scores(doc, func(at score, s *csaf.Score) {
		differ := func(below string) cvss.Differ {
			return func(member string, given, want any) {
				f := report(at.of(below+member), "the vector says %v, not %v", want, given)
				f.Fix = rule.Replace(f.Pointer, want)
			}
		}
		if s.CVSSv3 != nil {
			cvss.Words3(s.CVSSv3, differ("/cvss_v3/"))
		}
		if s.CVSSv2 != nil {
			cvss.Words2(s.CVSSv2, differ("/cvss_v2/"))
		}
	})
}

// circular is 6.1.3: a product that a relationship defines is not made of itself, nor
// of one that is: it does not "end up in a circle".
func circular(doc *csaf.Advisory, env *rule.Env, report rule.Report) {
	if doc.ProductTree == nil || len(doc.ProductTree.Relationships) == 0 {
		return
	}
	parts := make([][]int32, env.Numbers())
	all := env.ProductRefs()
	for r := range all {
		if all[r].Where == rule.OfRelationship {
			id := env.Number(doc.ProductTree.Relationships[all[r].Item].FullProductName.ProductID)
			parts[id] = append(parts[id], all[r].Numbers[0])
		}
	}
	on := circle.Find(parts)
	for i := range doc.ProductTree.Relationships {
		id := doc.ProductTree.Relationships[i].FullProductName.ProductID
		if on[env.Number(id)] {
			report(rule.At("/product_tree/relationships/%/full_product_name/product_id", i), "%q is made of itself or of a product that is", id)
		}
	}
}
