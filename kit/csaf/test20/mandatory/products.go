package mandatory

import (
	"fmt"
	"math"
	"strings"

	"github.com/package-url/packageurl-go"
	cvss20 "github.com/pandatix/go-cvss/20"
	cvss30 "github.com/pandatix/go-cvss/30"
	cvss31 "github.com/pandatix/go-cvss/31"

	"github.com/tocsin-sec/tocsin/kit/csaf"
	"github.com/tocsin-sec/tocsin/kit/csaf/rule"
)

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

func at(format string, args ...any) string { return fmt.Sprintf(format, args...) }

func missingProduct(_ *csaf.Advisory, env *rule.Env, report rule.Report) {
	all := env.ProductRefs()
	for r := range all {
		for i, n := range all[r].Numbers {
			if !env.DefinedNumber(n) {
				report(all[r].At(i), "the product id %q is not defined", all[r].IDs[i])
			}
		}
	}
}

func multipleProduct(_ *csaf.Advisory, env *rule.Env, report rule.Report) {
	all := env.Products()
	for i := range all {
		if first, _ := env.Product(all[i].ID); first != &all[i] {
			report(all[i].Pointer()+"/product_id", "the product id %q is defined twice", all[i].ID)
		}
	}
}

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

func multipleGroup(_ *csaf.Advisory, env *rule.Env, report rule.Report) {
	all := env.Groups()
	for i := range all {
		if first, _ := env.Group(all[i].ID); first != &all[i] {
			report(all[i].Pointer()+"/group_id", "the product group id %q is defined twice", all[i].ID)
		}
	}
}

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

// invalidCVSS repeats what the reader found below scores, whose rules are the CVSS
// schemas, and adds what their patterns do not see: metrics that are missing or there
// twice.
func invalidCVSS(doc *csaf.Advisory, env *rule.Env, report rule.Report) {
	known := false
	for i := range env.Problems {
		if p := &env.Problems[i]; p.Code != csaf.Unknown && ofCVSS(p.Pointer) {
			known = true
			report(p.Instance(), "%s", p.Message)
		}
	}
	if known {
		return
	}
	scores(doc, func(at score, s *csaf.Score) {
		if s.CVSSv2 != nil {
			if _, err := cvss20.ParseVector(s.CVSSv2.VectorString); err != nil {
				report(at.of("/cvss_v2/vectorString"), "%q is no CVSS 2.0 vector", s.CVSSv2.VectorString)
			}
		}
		if s.CVSSv3 == nil {
			return
		}
		if _, err := parse3(s.CVSSv3.Version, s.CVSSv3.VectorString); err != nil {
			report(at.of("/cvss_v3/vectorString"), "%q is no CVSS %s vector", s.CVSSv3.VectorString, s.CVSSv3.Version)
		}
		if s.CVSSv3.BaseSeverity == "" {
			report(at.of("/cvss_v3"), "baseSeverity is missing")
		}
	})
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

func computation(doc *csaf.Advisory, _ *rule.Env, report rule.Report) {
	scores(doc, func(at score, s *csaf.Score) {
		if s.CVSSv2 != nil {
			if v, err := cvss20.ParseVector(s.CVSSv2.VectorString); err == nil {
				differ(report, at, "/cvss_v2/baseScore", &s.CVSSv2.BaseScore, v.BaseScore())
				differ(report, at, "/cvss_v2/temporalScore", s.CVSSv2.TemporalScore, v.TemporalScore())
				differ(report, at, "/cvss_v2/environmentalScore", s.CVSSv2.EnvironmentalScore, v.EnvironmentalScore())
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
		differ(report, at, "/cvss_v3/baseScore", &c.BaseScore, v.base)
		differ(report, at, "/cvss_v3/temporalScore", c.TemporalScore, v.temporal)
		differ(report, at, "/cvss_v3/environmentalScore", c.EnvironmentalScore, v.environmental)
		named(report, at, "/cvss_v3/baseSeverity", c.BaseSeverity, c.BaseScore)
		if c.TemporalScore != nil {
			named(report, at, "/cvss_v3/temporalSeverity", c.TemporalSeverity, *c.TemporalScore)
		}
		if c.EnvironmentalScore != nil {
			named(report, at, "/cvss_v3/environmentalSeverity", c.EnvironmentalSeverity, *c.EnvironmentalScore)
		}
	})
}

func differ(report rule.Report, at score, below string, given *float64, want float64) {
	if given != nil && math.Abs(*given-want) > 0.01 {
		f := report(at.of(below), "the vector gives %.1f, not %g", want, *given)
		f.Fix = rule.Replace(f.Pointer, want)
	}
}

func named(report rule.Report, at score, below, given string, score float64) {
	if want := csaf.Severity(score); given != "" && given != want {
		report(at.of(below), "a score of %.1f is %s, not %s", score, want, given)
	}
}

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

// versionRange looks for the standard's words as whole words: its own test case
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
