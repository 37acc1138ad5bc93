package mandatory

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/package-url/packageurl-go"
	cvss20 "github.com/pandatix/go-cvss/20"
	cvss30 "github.com/pandatix/go-cvss/30"
	cvss31 "github.com/pandatix/go-cvss/31"

	"github.com/tocsin-sec/tocsin/kit/csaf"
	"github.com/tocsin-sec/tocsin/kit/csaf/rule"
)

// defined returns the product ids of the tree.
func defined(doc *csaf.Advisory) map[string]bool {
	ids := map[string]bool{}
	doc.ProductTree.Products(func(_ string, p *csaf.FullProductName) { ids[p.ProductID] = true })
	return ids
}

// groups returns the product groups by id.
func groups(doc *csaf.Advisory) map[string][]string {
	out := map[string][]string{}
	if doc.ProductTree != nil {
		for _, g := range doc.ProductTree.ProductGroups {
			out[g.GroupID] = append(out[g.GroupID], g.ProductIDs...)
		}
	}
	return out
}

// statusLists calls f for each list of a product status.
func statusLists(s *csaf.ProductStatus, f func(name string, ids []string)) {
	if s == nil {
		return
	}
	f("first_affected", s.FirstAffected)
	f("first_fixed", s.FirstFixed)
	f("fixed", s.Fixed)
	f("known_affected", s.KnownAffected)
	f("known_not_affected", s.KnownNotAffected)
	f("last_affected", s.LastAffected)
	f("recommended", s.Recommended)
	f("under_investigation", s.UnderInvestigation)
}

func at(format string, args ...any) string { return fmt.Sprintf(format, args...) }

// refs calls f for each list of product ids (groups false) or group ids (true).
func refs(doc *csaf.Advisory, wantGroups bool, f func(pointer string, ids []string)) {
	if t := doc.ProductTree; t != nil && !wantGroups {
		for i, g := range t.ProductGroups {
			f(at("/product_tree/product_groups/%d/product_ids", i), g.ProductIDs)
		}
		for i, r := range t.Relationships {
			f(at("/product_tree/relationships/%d/product_reference", i), []string{r.ProductReference})
			f(at("/product_tree/relationships/%d/relates_to_product_reference", i), []string{r.RelatesTo})
		}
	}
	for i, v := range doc.Vulnerabilities {
		base := at("/vulnerabilities/%d", i)
		both := func(kind string, j int, products, groups []string) {
			if wantGroups {
				f(at("%s/%s/%d/group_ids", base, kind, j), groups)
			} else {
				f(at("%s/%s/%d/product_ids", base, kind, j), products)
			}
		}
		for j, x := range v.Flags {
			both("flags", j, x.ProductIDs, x.GroupIDs)
		}
		for j, x := range v.Remediations {
			both("remediations", j, x.ProductIDs, x.GroupIDs)
		}
		for j, x := range v.Threats {
			both("threats", j, x.ProductIDs, x.GroupIDs)
		}
		if wantGroups {
			continue
		}
		for j, x := range v.Scores {
			f(at("%s/scores/%d/products", base, j), x.Products)
		}
		statusLists(v.ProductStatus, func(name string, ids []string) { f(base+"/product_status/"+name, ids) })
	}
}

func missingProduct(doc *csaf.Advisory, _ *rule.Env, report rule.Report) {
	known := defined(doc)
	refs(doc, false, func(pointer string, ids []string) {
		single := strings.HasSuffix(pointer, "_reference")
		for i, id := range ids {
			if !known[id] {
				if !single {
					pointer := at("%s/%d", pointer, i)
					report(pointer, "the product id %q is not defined", id)
					continue
				}
				report(pointer, "the product id %q is not defined", id)
			}
		}
	})
}

func multipleProduct(doc *csaf.Advisory, _ *rule.Env, report rule.Report) {
	seen := map[string]bool{}
	doc.ProductTree.Products(func(pointer string, p *csaf.FullProductName) {
		if seen[p.ProductID] {
			report(pointer+"/product_id", "the product id %q is defined twice", p.ProductID)
		}
		seen[p.ProductID] = true
	})
}

func missingGroup(doc *csaf.Advisory, _ *rule.Env, report rule.Report) {
	known := groups(doc)
	refs(doc, true, func(pointer string, ids []string) {
		for i, id := range ids {
			if _, ok := known[id]; !ok {
				report(at("%s/%d", pointer, i), "the product group id %q is not defined", id)
			}
		}
	})
}

func multipleGroup(doc *csaf.Advisory, _ *rule.Env, report rule.Report) {
	if doc.ProductTree == nil {
		return
	}
	seen := map[string]bool{}
	for i, g := range doc.ProductTree.ProductGroups {
		if seen[g.GroupID] {
			report(at("/product_tree/product_groups/%d/group_id", i), "the product group id %q is defined twice", g.GroupID)
		}
		seen[g.GroupID] = true
	}
}

func contradicting(doc *csaf.Advisory, _ *rule.Env, report rule.Report) {
	group := map[string]string{
		"first_affected": "affected", "known_affected": "affected", "last_affected": "affected",
		"known_not_affected": "not affected", "first_fixed": "fixed", "fixed": "fixed",
		"under_investigation": "under investigation",
	}
	for i, v := range doc.Vulnerabilities {
		first := map[string]string{}
		statusLists(v.ProductStatus, func(name string, ids []string) {
			mine, ok := group[name]
			if !ok {
				return
			}
			for j, id := range ids {
				if was, seen := first[id]; seen && was != mine {
					report(at("/vulnerabilities/%d/product_status/%s/%d", i, name, j), "the product %q is both %s and %s", id, was, mine)
				} else {
					first[id] = mine
				}
			}
		})
	}
}

func multipleScores(doc *csaf.Advisory, _ *rule.Env, report rule.Report) {
	for i, v := range doc.Vulnerabilities {
		seen := map[string]bool{}
		for j, s := range v.Scores {
			for k, id := range s.Products {
				for _, version := range versions(s) {
					if seen[version+" "+id] {
						report(at("/vulnerabilities/%d/scores/%d/products/%d", i, j, k), "a second CVSS %s score for the product %q", version, id)
					}
					seen[version+" "+id] = true
				}
			}
		}
	}
}

func versions(s csaf.Score) []string {
	var out []string
	if s.CVSSv2 != nil {
		out = append(out, s.CVSSv2.Version)
	}
	if s.CVSSv3 != nil {
		out = append(out, s.CVSSv3.Version)
	}
	return out
}

// scored is what this package needs of a parsed vector.
type scored struct{ base, temporal, environmental float64 }

func parse3(version, vector string) (scored, error) {
	if version == "3.0" {
		v, err := cvss30.ParseVector(vector)
		if err != nil {
			return scored{}, err
		}
		return scored{v.BaseScore(), v.TemporalScore(), v.EnvironmentalScore()}, nil
	}
	v, err := cvss31.ParseVector(vector)
	if err != nil {
		return scored{}, err
	}
	return scored{v.BaseScore(), v.TemporalScore(), v.EnvironmentalScore()}, nil
}

// invalidCVSS checks the vectors; the rest of the CVSS schemas is checked by
// csaf.ReadAdvisory.
func invalidCVSS(doc *csaf.Advisory, _ *rule.Env, report rule.Report) {
	scores(doc, func(pointer string, s csaf.Score) {
		if s.CVSSv2 != nil {
			if _, err := cvss20.ParseVector(s.CVSSv2.VectorString); err != nil {
				report(pointer+"/cvss_v2/vectorString", "%q is no CVSS 2.0 vector", s.CVSSv2.VectorString)
			}
		}
		if s.CVSSv3 == nil {
			return
		}
		if _, err := parse3(s.CVSSv3.Version, s.CVSSv3.VectorString); err != nil {
			report(pointer+"/cvss_v3/vectorString", "%q is no CVSS %s vector", s.CVSSv3.VectorString, s.CVSSv3.Version)
		}
		if s.CVSSv3.BaseSeverity == "" {
			report(pointer+"/cvss_v3", "baseSeverity is missing")
		}
	})
}

func scores(doc *csaf.Advisory, f func(pointer string, s csaf.Score)) {
	for i, v := range doc.Vulnerabilities {
		for j, s := range v.Scores {
			f(at("/vulnerabilities/%d/scores/%d", i, j), s)
		}
	}
}

func computation(doc *csaf.Advisory, _ *rule.Env, report rule.Report) {
	scores(doc, func(pointer string, s csaf.Score) {
		if s.CVSSv2 != nil {
			if v, err := cvss20.ParseVector(s.CVSSv2.VectorString); err == nil {
				differ(report, pointer+"/cvss_v2/baseScore", &s.CVSSv2.BaseScore, v.BaseScore())
				differ(report, pointer+"/cvss_v2/temporalScore", s.CVSSv2.TemporalScore, v.TemporalScore())
				differ(report, pointer+"/cvss_v2/environmentalScore", s.CVSSv2.EnvironmentalScore, v.EnvironmentalScore())
			}
		}
		c := s.CVSSv3
		if c == nil {
			return
		}
		v, err := parse3(c.Version, c.VectorString)
		if err != nil {
			return
		}
		differ(report, pointer+"/cvss_v3/baseScore", &c.BaseScore, v.base)
		differ(report, pointer+"/cvss_v3/temporalScore", c.TemporalScore, v.temporal)
		differ(report, pointer+"/cvss_v3/environmentalScore", c.EnvironmentalScore, v.environmental)
		named(report, pointer+"/cvss_v3/baseSeverity", c.BaseSeverity, c.BaseScore)
		if c.TemporalScore != nil {
			named(report, pointer+"/cvss_v3/temporalSeverity", c.TemporalSeverity, *c.TemporalScore)
		}
		if c.EnvironmentalScore != nil {
			named(report, pointer+"/cvss_v3/environmentalSeverity", c.EnvironmentalSeverity, *c.EnvironmentalScore)
		}
	})
}

func differ(report rule.Report, pointer string, given *float64, want float64) {
	if given != nil && math.Abs(*given-want) > 0.01 {
		report(pointer, "the vector gives %.1f, not %g", want, *given)
	}
}

func named(report rule.Report, pointer, given string, score float64) {
	if want := csaf.Severity(score); given != "" && given != want {
		report(pointer, "a score of %.1f is %s, not %s", score, want, given)
	}
}

func purl(doc *csaf.Advisory, _ *rule.Env, report rule.Report) {
	doc.ProductTree.Products(func(pointer string, p *csaf.FullProductName) {
		if p.Helper == nil || p.Helper.PURL == "" {
			return
		}
		if u, err := packageurl.FromString(p.Helper.PURL); err != nil || u.Name == "" {
			report(pointer+"/product_identification_helper/purl", "%q is no package URL", p.Helper.PURL)
		}
	})
}

func multipleHash(doc *csaf.Advisory, _ *rule.Env, report rule.Report) {
	doc.ProductTree.Products(func(pointer string, p *csaf.FullProductName) {
		if p.Helper == nil {
			return
		}
		for i, h := range p.Helper.Hashes {
			seen := map[string]bool{}
			for j, x := range h.FileHashes {
				if seen[x.Algorithm] {
					report(at("%s/product_identification_helper/hashes/%d/file_hashes/%d", pointer, i, j), "a second %q hash of one file", x.Algorithm)
				}
				seen[x.Algorithm] = true
			}
		}
	})
}

func versionRange(doc *csaf.Advisory, _ *rule.Env, report rule.Report) {
	if doc.ProductTree != nil {
		rangeIn(doc.ProductTree.Branches, "/product_tree/branches", report)
	}
}

// rangeIn looks for the standard's words as whole words: its own test case 6-1-31-12
// holds "after-eight" for valid, so that a bare substring is too coarse.
func rangeIn(list []csaf.Branch, pointer string, report rule.Report) {
	words := []string{"after", "all", "before", "earlier", "later", "prior", "versions"}
	for i, b := range list {
		name := strings.ToLower(b.Name)
		isRange := strings.ContainsAny(name, "<>") ||
			slices.ContainsFunc(strings.Fields(name), func(w string) bool { return slices.Contains(words, w) })
		if b.Category == csaf.BranchVersion && isRange {
			report(at("%s/%d/name", pointer, i), "%q is a range of versions", b.Name)
		}
		rangeIn(b.Branches, at("%s/%d/branches", pointer, i), report)
	}
}
