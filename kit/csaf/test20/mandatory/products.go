package mandatory

import (
	"fmt"
	"strings"

	"github.com/package-url/packageurl-go"

	"github.com/tocsin-sec/tocsin/kit/csaf"
	"github.com/tocsin-sec/tocsin/kit/csaf/rule"
)

func at(format string, args ...any) string { return fmt.Sprintf(format, args...) }

// missingProduct is 6.1.1: product ids that are referred to are defined.
func missingProduct(_ *csaf.Advisory, env *rule.Env, report rule.Report) {
	all := env.ProductRefs()
	for r := range all {
		for i, n := range all[r].Numbers {
			if !env.DefinedNumber(n) && all[r].IDs[i] != "" {
				report(all[r].At(i), "the product id %q is not defined", all[r].IDs[i])
			}
		}
	}
}

// multipleProduct is 6.1.2: a product id is defined once.
func multipleProduct(_ *csaf.Advisory, env *rule.Env, report rule.Report) {
	all := env.Products()
	for i := range all {
		if first, _ := env.Product(all[i].ID); first != &all[i] && all[i].ID != "" {
			report(all[i].Pointer()+"/product_id", "the product id %q is defined twice", all[i].ID)
		}
	}
}

// missingGroup is 6.1.4: group ids that are referred to are defined.
func missingGroup(_ *csaf.Advisory, env *rule.Env, report rule.Report) {
	all := env.GroupRefs()
	for r := range all {
		for i, id := range all[r].IDs {
			if _, ok := env.Group(id); !ok {
				report(all[r].At(i), "the product group id %q is not defined", id)
			}
		}
	}
}

// multipleGroup is 6.1.5: a group id is defined once.
func multipleGroup(_ *csaf.Advisory, env *rule.Env, report rule.Report) {
	all := env.Groups()
	for i := range all {
		if first, _ := env.Group(all[i].ID); first != &all[i] && all[i].ID != "" {
			report(all[i].Pointer()+"/group_id", "the product group id %q is defined twice", all[i].ID)
		}
	}
}

// contradicting is 6.1.6: a product is in one group of product statuses.
func contradicting(_ *csaf.Advisory, env *rule.Env, report rule.Report) {
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

// multipleScores is 6.1.7: a product has one score of each CVSS version.
func multipleScores(doc *csaf.Advisory, env *rule.Env, report rule.Report) {
	all, seen, vulnerability := env.ProductRefs(), env.Marks(), -1
	for r := range all {
		list := &all[r]
		if list.Where != rule.OfScore {
			continue
		}
		if list.Vulnerability != vulnerability {
			seen.Clear()
			vulnerability = list.Vulnerability
		}
		s := &doc.Vulnerabilities[vulnerability].Scores[list.Item]
		mine := versions(s)
		for i, n := range list.Numbers {
			was := seen.Get(n)
			for v, name := range versionNames {
				if was&mine&(1<<v) != 0 {
					report(list.At(i), "a second CVSS %s score for the product %q", name, list.IDs[i])
				}
			}
			seen.Set(n, was|mine)
		}
	}
}

var versionNames = [...]string{"2.0", "3.0", "3.1"}

// versions are the CVSS versions of a score as bits in the order of versionNames.
func versions(s *csaf.Score) uint32 {
	bits := uint32(0)
	if s.CVSSv2 != nil {
		bits |= 1
	}
	if s.CVSSv3 != nil && s.CVSSv3.Version == "3.0" {
		bits |= 2
	}
	if s.CVSSv3 != nil && s.CVSSv3.Version == "3.1" {
		bits |= 4
	}
	return bits
}

// invalidCVSS is 6.1.8: CVSS objects fit their schemas. The reader has found what does
// not; a vector that fits the pattern but lacks metrics is left to 6.1.9.
func invalidCVSS(doc *csaf.Advisory, env *rule.Env, report rule.Report) {
	for i := range env.Problems {
		if p := &env.Problems[i]; p.Code != csaf.Unknown && ofCVSS(p.Pointer) {
			report(p.Instance(), "%s", p.Message).Fix = missingScore(doc, p)
		}
	}
}

// ofCVSS reports whether a pointer leads into a CVSS object.
func ofCVSS(pointer string) bool {
	return rule.Below(pointer, "/vulnerabilities/*/scores/*/cvss_v2") || rule.Below(pointer, "/vulnerabilities/*/scores/*/cvss_v3")
}

// score is the place of one score.
type score struct{ vulnerability, index int }

// of is the pointer of something below the score.
func (s score) of(below string) string {
	return rule.At("/vulnerabilities/%/scores/%", s.vulnerability, s.index) + below
}

func scores(doc *csaf.Advisory, f func(at score, s *csaf.Score)) {
	for i := range doc.Vulnerabilities {
		for j := range doc.Vulnerabilities[i].Scores {
			f(score{i, j}, &doc.Vulnerabilities[i].Scores[j])
		}
	}
}

// purl is 6.1.13: package URLs are valid.
func purl(_ *csaf.Advisory, env *rule.Env, report rule.Report) {
	all := env.Products()
	for i := range all {
		h := all[i].Full20.Helper
		if h == nil || h.PURL == "" {
			continue
		}
		if u, err := packageurl.FromString(h.PURL); err != nil || u.Name == "" {
			report(all[i].Pointer()+"/product_identification_helper/purl", "%q is no package URL", h.PURL)
		}
	}
}

// multipleHash is 6.1.25: an algorithm occurs once for each file.
func multipleHash(_ *csaf.Advisory, env *rule.Env, report rule.Report) {
	all := env.Products()
	for p := range all {
		if all[p].Full20.Helper == nil {
			continue
		}
		for i, h := range all[p].Full20.Helper.Hashes {
			if len(h.FileHashes) < 2 {
				continue
			}
			seen := make(map[string]bool, len(h.FileHashes))
			for j, x := range h.FileHashes {
				if seen[x.Algorithm] {
					report(all[p].Pointer()+rule.At("/product_identification_helper/hashes/%/file_hashes/%", i, j), "a second %q hash of one file", x.Algorithm)
				}
				seen[x.Algorithm] = true
			}
		}
	}
}

// versionRange is 6.1.31: a product_version is no range. It looks for the standard's words as whole words: its own test case
// 6-1-31-12 holds "after-eight" for valid, so that a bare substring is too coarse.
func versionRange(_ *csaf.Advisory, env *rule.Env, report rule.Report) {
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
