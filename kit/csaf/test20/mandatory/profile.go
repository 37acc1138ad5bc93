package mandatory

import (
	"slices"
	"strconv"

	"github.com/tocsin-sec/tocsin/kit/csaf"
	"github.com/tocsin-sec/tocsin/kit/csaf/internal/profile"
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

// category is 6.1.26: the category is not nearly that of a profile.
func category(doc *csaf.Advisory, _ *rule.Env, report rule.Report) {
	c := doc.Document.Category
	if is(doc, profileBase, profileIncident, profileInfo, profileAdvisory, profileVEX) {
		return
	}
	if profile.HasReservedPrefix(c) {
		report("/document/category", "%q begins with the reserved prefix csaf_", c)
	} else if p := profile.Resembles(c, profileIncident, profileInfo, profileAdvisory, profileVEX); p != "" {
		report("/document/category", "%q is the name of the profile %s", c, p)
	}
}

// documentNotes is 6.1.27.1: the profile asks for a note that tells something.
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

// documentReferences is 6.1.27.2: the profile asks for an external reference; external is the default.
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

// noVulnerabilities is 6.1.27.3: informational advisories have no vulnerabilities.
func noVulnerabilities(doc *csaf.Advisory, _ *rule.Env, report rule.Report) {
	if is(doc, profileInfo) && doc.Vulnerabilities != nil {
		report("/vulnerabilities", "an informational advisory has no vulnerabilities")
	}
}

// productTree is 6.1.27.4: the profiles ask for a product tree.
func productTree(doc *csaf.Advisory, _ *rule.Env, report rule.Report) {
	if is(doc, profileAdvisory, profileVEX) && doc.ProductTree == nil {
		report("/product_tree", "the product tree is missing")
	}
}

// vulnerabilities is 6.1.27.11: the profiles ask for vulnerabilities.
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

// vulnerabilityNotes is 6.1.27.5: vulnerabilities have notes.
func vulnerabilityNotes(doc *csaf.Advisory, _ *rule.Env, report rule.Report) {
	each(doc, func(pointer string, v csaf.Vulnerability) {
		if v.Notes == nil {
			report(pointer, "the vulnerability has no notes")
		}
	}, profileAdvisory, profileVEX)
}

// productStatus is 6.1.27.6: vulnerabilities have a product status.
func productStatus(doc *csaf.Advisory, _ *rule.Env, report rule.Report) {
	each(doc, func(pointer string, v csaf.Vulnerability) {
		if v.ProductStatus == nil {
			report(pointer, "the vulnerability has no product status")
		}
	}, profileAdvisory)
}

// vexStatus is 6.1.27.7: a VEX has one of its four statuses.
func vexStatus(doc *csaf.Advisory, _ *rule.Env, report rule.Report) {
	each(doc, func(pointer string, v csaf.Vulnerability) {
		s := v.ProductStatus
		if s == nil || s.Fixed == nil && s.KnownAffected == nil && s.KnownNotAffected == nil && s.UnderInvestigation == nil {
			report(pointer+"/product_status", "fixed, known_affected, known_not_affected or under_investigation is needed")
		}
	}, profileVEX)
}

// vulnerabilityID is 6.1.27.8: vulnerabilities of a VEX have an id.
func vulnerabilityID(doc *csaf.Advisory, _ *rule.Env, report rule.Report) {
	each(doc, func(pointer string, v csaf.Vulnerability) {
		if v.CVE == "" && v.IDs == nil {
			report(pointer, "cve or ids is needed")
		}
	}, profileVEX)
}

// impactStatement is 6.1.27.9: what is known not to be affected has a flag or a threat
// of category impact.
func impactStatement(doc *csaf.Advisory, env *rule.Env, report rule.Report) {
	stated(doc, env, report, rule.KnownNotAffected, "impact", func(r *rule.Refs) bool {
		return r.Where == rule.OfFlag ||
			r.Where == rule.OfThreat && doc.Vulnerabilities[r.Vulnerability].Threats[r.Item].Category == "impact"
	})
}

// actionStatement is 6.1.27.10: what is known to be affected has a remediation.
func actionStatement(doc *csaf.Advisory, env *rule.Env, report rule.Report) {
	stated(doc, env, report, rule.KnownAffected, "action", func(r *rule.Refs) bool { return r.Where == rule.OfRemediation })
}

// stated reports the products of a status list that no statement names.
func stated(doc *csaf.Advisory, env *rule.Env, report rule.Report, status rule.Status, kind string, by func(*rule.Refs) bool) {
	if !is(doc, profileVEX) {
		return
	}
	cover := env.Cover()
	for v := range doc.Vulnerabilities {
		if !cover.Of(v, by) {
			report("/product_tree/product_groups", "the groups are too large for this test")
			return
		}
		mine, _ := env.RefsOf(v)
		for r := range mine {
			if mine[r].Where != rule.OfStatus || mine[r].Status != status {
				continue
			}
			for i, n := range mine[r].Numbers {
				if !cover.Has(n) {
					report(mine[r].At(i), "no %s statement for %q", kind, mine[r].IDs[i])
				}
			}
		}
	}
}

// multipleCVE is 6.1.23: a CVE is used once.
func multipleCVE(doc *csaf.Advisory, _ *rule.Env, report rule.Report) {
	seen := map[string]bool{}
	for i, v := range doc.Vulnerabilities {
		if v.CVE != "" && seen[v.CVE] {
			report(at("/vulnerabilities/%d/cve", i), "%s occurs twice", v.CVE)
		}
		seen[v.CVE] = true
	}
}

// multipleInvolvement is 6.1.24: a party is involved once at any date.
func multipleInvolvement(doc *csaf.Advisory, _ *rule.Env, report rule.Report) {
	for i, v := range doc.Vulnerabilities {
		seen := map[string]bool{}
		for j, x := range v.Involvements {
			if x.Date == "" {
				continue // 6.2.7 asks for one
			}
			key := x.Party + " " + string(x.Date)
			if when, err := x.Date.Time(); err == nil {
				key = x.Party + " " + when.UTC().String() // however the instant is written
			}
			if seen[key] {
				report(at("/vulnerabilities/%d/involvements/%d", i, j), "the party %s twice at the same time", x.Party)
			}
			seen[key] = true
		}
	}
}

// remediationProducts is 6.1.29: a remediation says for which products it is.
func remediationProducts(doc *csaf.Advisory, _ *rule.Env, report rule.Report) {
	for i, v := range doc.Vulnerabilities {
		for j, r := range v.Remediations {
			if r.ProductIDs == nil && r.GroupIDs == nil {
				report(at("/vulnerabilities/%d/remediations/%d", i, j), "the remediation names no product")
			}
		}
	}
}

// flagProducts is 6.1.32: a flag says for which products it is.
func flagProducts(doc *csaf.Advisory, _ *rule.Env, report rule.Report) {
	for i, v := range doc.Vulnerabilities {
		for j, f := range v.Flags {
			if f.ProductIDs == nil && f.GroupIDs == nil {
				report(at("/vulnerabilities/%d/flags/%d", i, j), "the flag names no product")
			}
		}
	}
}

// multipleFlags is 6.1.33: a product has one flag with a VEX justification, itself or
// through its groups. All labels of 2.0 are such justifications.
func multipleFlags(doc *csaf.Advisory, env *rule.Env, report rule.Report) {
	var cover *rule.Cover
	var owner *rule.Marks // the flag that named a product first, from 1
	for v := range doc.Vulnerabilities {
		flags := doc.Vulnerabilities[v].Flags
		if len(flags) < 2 {
			continue
		}
		if cover == nil {
			cover, owner = env.Cover(), env.Marks()
		}
		owner.Clear()
		for j := range flags {
			twice, ok := flagged(env, cover, owner, &flags[j], uint32(j)+1)
			if !ok {
				report("/product_tree/product_groups", "the groups are too large for this test")
				return
			}
			if twice != "" {
				report(rule.At("/vulnerabilities/%/flags/%", v, j), "a second justification for %s", twice)
			}
		}
	}
}

// flagged takes the products of one flag and returns one that an earlier flag names.
func flagged(env *rule.Env, cover *rule.Cover, owner *rule.Marks, f *csaf.Flag, mine uint32) (twice string, ok bool) {
	take := func(n int32, what string) {
		switch was := owner.Get(n); {
		case was == 0:
			owner.Set(n, mine)
		case was != mine && twice == "":
			twice = what
		}
	}
	for _, id := range f.ProductIDs {
		take(int32(env.Number(id)), strconv.Quote(id))
	}
	cover.Clear()
	for _, id := range f.GroupIDs {
		members, ok := cover.Group(id)
		if !ok {
			return "", false
		}
		for _, n := range members {
			take(n, "a product of the group "+strconv.Quote(id))
		}
	}
	return twice, true
}
