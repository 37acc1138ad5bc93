package mandatory

import (
	"slices"
	"strings"

	"github.com/tocsin-sec/tocsin/kit/csaf"
	"github.com/tocsin-sec/tocsin/kit/csaf/rule"
)

// The values of document.category that name a profile (section 4).
const (
	profileBase     = "csaf_base"
	profileIncident = "csaf_security_incident_response"
	profileInfo     = "csaf_informational_advisory"
	profileAdvisory = "csaf_security_advisory"
	profileVEX      = "csaf_vex"
)

func is(doc *csaf.Advisory, profiles ...string) bool {
	return slices.Contains(profiles, doc.Document.Category)
}

func category(doc *csaf.Advisory, _ *rule.Env, report rule.Report) {
	c := doc.Document.Category
	if is(doc, profileBase, profileIncident, profileInfo, profileAdvisory, profileVEX) {
		return
	}
	flat := func(s string) string {
		return strings.Join(strings.FieldsFunc(strings.ToLower(s), func(r rune) bool { return strings.ContainsRune("-_ \t\r\n", r) }), "")
	}
	if strings.HasPrefix(strings.ToLower(c), "csaf_") {
		report("/document/category", "%q begins with the reserved prefix csaf_", c)
		return
	}
	for _, p := range []string{profileIncident, profileInfo, profileAdvisory, profileVEX} {
		if flat(c) == flat(strings.TrimPrefix(p, "csaf_")) || flat(c) == flat(p) {
			report("/document/category", "%q is the name of the profile %s", c, p)
		}
	}
}

func documentNotes(doc *csaf.Advisory, _ *rule.Env, report rule.Report) {
	if !is(doc, profileInfo, profileIncident) {
		return
	}
	for _, n := range doc.Document.Notes {
		if slices.Contains([]string{"description", "details", "general", "summary"}, n.Category) {
			return
		}
	}
	report("/document/notes", "a note of category description, details, general or summary is needed")
}

func documentReferences(doc *csaf.Advisory, _ *rule.Env, report rule.Report) {
	if !is(doc, profileInfo, profileIncident) {
		return
	}
	for _, r := range doc.Document.References {
		if r.Category == "" || r.Category == "external" {
			return
		}
	}
	report("/document/references", "an external reference is needed")
}

func noVulnerabilities(doc *csaf.Advisory, _ *rule.Env, report rule.Report) {
	if is(doc, profileInfo) && doc.Vulnerabilities != nil {
		report("/vulnerabilities", "an informational advisory has no vulnerabilities")
	}
}

func productTree(doc *csaf.Advisory, _ *rule.Env, report rule.Report) {
	if is(doc, profileAdvisory, profileVEX) && doc.ProductTree == nil {
		report("/product_tree", "the product tree is missing")
	}
}

func vulnerabilities(doc *csaf.Advisory, _ *rule.Env, report rule.Report) {
	if is(doc, profileAdvisory, profileVEX) && doc.Vulnerabilities == nil {
		report("/vulnerabilities", "the vulnerabilities are missing")
	}
}

// each calls f for every vulnerability when the document has one of the profiles.
func each(doc *csaf.Advisory, f func(pointer string, v csaf.Vulnerability), profiles ...string) {
	if !is(doc, profiles...) {
		return
	}
	for i, v := range doc.Vulnerabilities {
		f(at("/vulnerabilities/%d", i), v)
	}
}

func vulnerabilityNotes(doc *csaf.Advisory, _ *rule.Env, report rule.Report) {
	each(doc, func(pointer string, v csaf.Vulnerability) {
		if v.Notes == nil {
			report(pointer, "the vulnerability has no notes")
		}
	}, profileAdvisory, profileVEX)
}

func productStatus(doc *csaf.Advisory, _ *rule.Env, report rule.Report) {
	each(doc, func(pointer string, v csaf.Vulnerability) {
		if v.ProductStatus == nil {
			report(pointer, "the vulnerability has no product status")
		}
	}, profileAdvisory)
}

func vexStatus(doc *csaf.Advisory, _ *rule.Env, report rule.Report) {
	each(doc, func(pointer string, v csaf.Vulnerability) {
		s := v.ProductStatus
		if s == nil || s.Fixed == nil && s.KnownAffected == nil && s.KnownNotAffected == nil && s.UnderInvestigation == nil {
			report(pointer+"/product_status", "fixed, known_affected, known_not_affected or under_investigation is needed")
		}
	}, profileVEX)
}

func vulnerabilityID(doc *csaf.Advisory, _ *rule.Env, report rule.Report) {
	each(doc, func(pointer string, v csaf.Vulnerability) {
		if v.CVE == "" && v.IDs == nil {
			report(pointer, "cve or ids is needed")
		}
	}, profileVEX)
}

// members adds the products and the products of the groups to set.
func members(set map[string]bool, groups map[string][]string, products, ids []string) {
	for _, p := range products {
		set[p] = true
	}
	for _, g := range ids {
		for _, p := range groups[g] {
			set[p] = true
		}
	}
}

func impactStatement(doc *csaf.Advisory, _ *rule.Env, report rule.Report) {
	all := groups(doc)
	each(doc, func(pointer string, v csaf.Vulnerability) {
		said := map[string]bool{}
		for _, f := range v.Flags {
			members(said, all, f.ProductIDs, f.GroupIDs)
		}
		for _, t := range v.Threats {
			if t.Category == "impact" {
				members(said, all, t.ProductIDs, t.GroupIDs)
			}
		}
		if v.ProductStatus == nil {
			return
		}
		for i, id := range v.ProductStatus.KnownNotAffected {
			if !said[id] {
				report(at("%s/product_status/known_not_affected/%d", pointer, i), "no impact statement for %q", id)
			}
		}
	}, profileVEX)
}

func actionStatement(doc *csaf.Advisory, _ *rule.Env, report rule.Report) {
	all := groups(doc)
	each(doc, func(pointer string, v csaf.Vulnerability) {
		said := map[string]bool{}
		for _, r := range v.Remediations {
			members(said, all, r.ProductIDs, r.GroupIDs)
		}
		if v.ProductStatus == nil {
			return
		}
		for i, id := range v.ProductStatus.KnownAffected {
			if !said[id] {
				report(at("%s/product_status/known_affected/%d", pointer, i), "no action statement for %q", id)
			}
		}
	}, profileVEX)
}

func multipleCVE(doc *csaf.Advisory, _ *rule.Env, report rule.Report) {
	seen := map[string]bool{}
	for i, v := range doc.Vulnerabilities {
		if v.CVE != "" && seen[v.CVE] {
			report(at("/vulnerabilities/%d/cve", i), "%s occurs twice", v.CVE)
		}
		seen[v.CVE] = true
	}
}

func multipleInvolvement(doc *csaf.Advisory, _ *rule.Env, report rule.Report) {
	for i, v := range doc.Vulnerabilities {
		seen := map[string]bool{}
		for j, x := range v.Involvements {
			// Without a date two entries cannot be told apart, so that the pair counts.
			key := x.Party + " " + string(x.Date)
			if seen[key] {
				report(at("/vulnerabilities/%d/involvements/%d", i, j), "the party %s twice at the same time", x.Party)
			}
			seen[key] = true
		}
	}
}

func remediationProducts(doc *csaf.Advisory, _ *rule.Env, report rule.Report) {
	for i, v := range doc.Vulnerabilities {
		for j, r := range v.Remediations {
			if r.ProductIDs == nil && r.GroupIDs == nil {
				report(at("/vulnerabilities/%d/remediations/%d", i, j), "the remediation names no product")
			}
		}
	}
}

func flagProducts(doc *csaf.Advisory, _ *rule.Env, report rule.Report) {
	for i, v := range doc.Vulnerabilities {
		for j, f := range v.Flags {
			if f.ProductIDs == nil && f.GroupIDs == nil {
				report(at("/vulnerabilities/%d/flags/%d", i, j), "the flag names no product")
			}
		}
	}
}

func multipleFlags(doc *csaf.Advisory, _ *rule.Env, report rule.Report) {
	all := groups(doc)
	for i, v := range doc.Vulnerabilities {
		seen := map[string]bool{}
		for j, f := range v.Flags {
			mine := map[string]bool{}
			members(mine, all, f.ProductIDs, f.GroupIDs)
			for _, id := range sortedKeys(mine) {
				if seen[id] {
					report(at("/vulnerabilities/%d/flags/%d", i, j), "a second justification for %q", id)
				}
				seen[id] = true
			}
		}
	}
}

func sortedKeys(set map[string]bool) []string {
	out := make([]string, 0, len(set))
	for k := range set {
		out = append(out, k)
	}
	slices.Sort(out)
	return out
}
