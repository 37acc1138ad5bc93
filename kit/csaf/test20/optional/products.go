package optional

import (
	"strings"

	"github.com/tocsin-sec/tocsin/kit/csaf"
	"github.com/tocsin-sec/tocsin/kit/csaf/rule"
)

// unusedProduct is 6.2.1: every product id is referred to somewhere. The test is
// skipped for informational advisories.
func unusedProduct(doc *csaf.Advisory, env *rule.Env, report rule.Report) {
	if doc.Document.Category == "csaf_informational_advisory" {
		return
	}
	used, all := env.Marks(), env.ProductRefs()
	for r := range all {
		for _, n := range all[r].Numbers {
			used.Set(n, 1)
		}
	}
	products := env.Products()
	for i := range products {
		if products[i].ID != "" && used.Get(int32(env.Number(products[i].ID))) == 0 {
			report(products[i].Pointer()+"/product_id", "the product id %q is defined but not used", products[i].ID)
		}
	}
}

// missingRemediation is 6.2.2: products that are affected or under investigation have
// a remediation, by their id or by a group.
func missingRemediation(doc *csaf.Advisory, env *rule.Env, report rule.Report) {
	covered(doc, env, rule.OfRemediation, report, func(s rule.Status) bool {
		return s.Family() == rule.Affected || s.Family() == rule.Investigated
	}, func(refs *rule.Refs, i int) {
		report(refs.At(i), "%q is in %s and has no remediation", refs.IDs[i], refs.Status.Name())
	})
}

// missingScore is 6.2.3: products that are affected have a score.
func missingScore(doc *csaf.Advisory, env *rule.Env, report rule.Report) {
	covered(doc, env, rule.OfScore, report, func(s rule.Status) bool { return s.Family() == rule.Affected },
		func(refs *rule.Refs, i int) {
			report(refs.At(i), "%q is in %s and has no score", refs.IDs[i], refs.Status.Name())
		})
}

// covered calls missing for each product of the chosen status lists that no item of
// the kind names within the same vulnerability.
func covered(doc *csaf.Advisory, env *rule.Env, by rule.Where, report rule.Report, chosen func(rule.Status) bool, missing func(refs *rule.Refs, i int)) {
	cover := env.Cover()
	for v := range doc.Vulnerabilities {
		if !cover.Of(v, func(r *rule.Refs) bool { return r.Where == by }) {
			report("/product_tree/product_groups", "the groups are too large for this test")
			return
		}
		mine, _ := env.RefsOf(v)
		for r := range mine {
			if mine[r].Where != rule.OfStatus || !chosen(mine[r].Status) {
				continue
			}
			for i, n := range mine[r].Numbers {
				if !cover.Has(n) {
					missing(&mine[r], i)
				}
			}
		}
	}
}

// onlyMD5 is 6.2.8.
func onlyMD5(_ *csaf.Advisory, env *rule.Env, report rule.Report) { only(env, "md5", report) }

// onlySHA1 is 6.2.9.
func onlySHA1(_ *csaf.Advisory, env *rule.Env, report rule.Report) { only(env, "sha1", report) }

// only finds files all of whose hashes are of one algorithm.
func only(env *rule.Env, algorithm string, report rule.Report) {
	products := env.Products()
	for p := range products {
		h := products[p].Full20.Helper
		if h == nil {
			continue
		}
	files:
		for i := range h.Hashes {
			for _, x := range h.Hashes[i].FileHashes {
				if !strings.EqualFold(x.Algorithm, algorithm) {
					continue files
				}
			}
			if len(h.Hashes[i].FileHashes) > 0 {
				report(products[p].Pointer()+rule.At("/product_identification_helper/hashes/%", i), "%s is the only hash algorithm of %q", algorithm, h.Hashes[i].Filename)
			}
		}
	}
}

// missingHelper is 6.2.16: every product says how to find it in an inventory.
func missingHelper(_ *csaf.Advisory, env *rule.Env, report rule.Report) {
	products := env.Products()
	for i := range products {
		if products[i].Full20.Helper == nil {
			report(products[i].Pointer(), "the product %q has no product_identification_helper", products[i].ID)
		}
	}
}

// rangeWithoutVers is 6.2.18: version ranges are written as vers.
func rangeWithoutVers(_ *csaf.Advisory, env *rule.Env, report rule.Report) {
	branches := env.Branches()
	for i := range branches {
		if branches[i].Category == csaf.BranchVersionRange && branches[i].Name != "" && !isVers(branches[i].Name) {
			report(branches[i].Pointer()+"/name", "%q is no vers range", branches[i].Name)
		}
	}
}

// isVers is the standard's expression ^vers:[a-z.+-][a-z0-9.+-]*/.+
func isVers(s string) bool {
	rest, ok := strings.CutPrefix(s, "vers:")
	kind, versions, slash := strings.Cut(rest, "/")
	if !ok || !slash || kind == "" || kind[0] >= '0' && kind[0] <= '9' {
		return false
	}
	for i := range len(kind) {
		c := kind[i]
		if (c < 'a' || c > 'z') && (c < '0' || c > '9') && c != '.' && c != '-' && c != '+' {
			return false
		}
	}
	return versions != "" && versions[0] != '\n' && versions[0] != '\r'
}
