package mandatory

import (
	"strings"

	"github.com/tocsin-sec/tocsin/kit/csaf/csaf21"
	"github.com/tocsin-sec/tocsin/kit/csaf/rule"
)

// The tests of 6.1.27 do not apply to documents of other profiles: each begins with a
// look at the category.

// informational are the profiles of 6.1.27.1 and 6.1.27.2.
func informational(doc *csaf21.Advisory) bool {
	c := doc.Document.Category
	return c == profileInfo || c == profileIncident
}

// advisory are the profiles that speak of vulnerabilities of products, without VEX.
func advisory(doc *csaf21.Advisory) bool {
	c := doc.Document.Category
	return c == profileAdvisory || c == profileDeprecated
}

func vex(doc *csaf21.Advisory) bool { return doc.Document.Category == profileVEX }

// obsolete are the profiles of documents that are withdrawn or superseded.
func obsolete(doc *csaf21.Advisory) bool {
	c := doc.Document.Category
	return c == profileWithdrawn || c == profileSuperseded
}

// documentNotes is 6.1.27.1: a note says what the document is about.
func documentNotes(doc *csaf21.Advisory, _ *rule.Env, report rule.Report) {
	if !informational(doc) {
		return
	}
	for i := range doc.Document.Notes {
		switch doc.Document.Notes[i].Category {
		case "description", "details", "general", "summary":
			return
		}
	}
	report("/document/notes", "a note of category description, details, general or summary is needed")
}

// documentReferences is 6.1.27.2: a reference leads to another source. Without a
// category a reference is external (3.1.11).
func documentReferences(doc *csaf21.Advisory, _ *rule.Env, report rule.Report) {
	if !informational(doc) {
		return
	}
	for i := range doc.Document.References {
		if external(doc.Document.References[i]) {
			return
		}
	}
	report("/document/references", "an external reference is needed")
}

func external(r csaf21.Reference) bool { return r.Category == "" || r.Category == "external" }

// noVulnerabilities is 6.1.27.3: there are no vulnerabilities.
func noVulnerabilities(doc *csaf21.Advisory, _ *rule.Env, report rule.Report) {
	if (doc.Document.Category == profileInfo || obsolete(doc)) && doc.Vulnerabilities != nil {
		report("/vulnerabilities", "a document of the profile %s has no vulnerabilities", doc.Document.Category)
	}
}

// productTree is 6.1.27.4: there is a product tree.
func productTree(doc *csaf21.Advisory, _ *rule.Env, report rule.Report) {
	if (advisory(doc) || vex(doc)) && doc.ProductTree == nil {
		report("/product_tree", "the product tree is missing")
	}
}

// vulnerabilityNotes is 6.1.27.5: every vulnerability has notes.
func vulnerabilityNotes(doc *csaf21.Advisory, _ *rule.Env, report rule.Report) {
	if !advisory(doc) && !vex(doc) {
		return
	}
	for i := range doc.Vulnerabilities {
		if doc.Vulnerabilities[i].Notes == nil {
			report(rule.At("/vulnerabilities/%", i), "the vulnerability has no notes")
		}
	}
}

// productStatus is 6.1.27.6: every vulnerability has a product status.
func productStatus(doc *csaf21.Advisory, _ *rule.Env, report rule.Report) {
	if !advisory(doc) {
		return
	}
	for i := range doc.Vulnerabilities {
		if doc.Vulnerabilities[i].ProductStatus == nil {
			report(rule.At("/vulnerabilities/%", i), "the vulnerability has no product status")
		}
	}
}

// vulnerabilities is 6.1.27.11: there are vulnerabilities.
func vulnerabilities(doc *csaf21.Advisory, _ *rule.Env, report rule.Report) {
	if (advisory(doc) || vex(doc)) && doc.Vulnerabilities == nil {
		report("/vulnerabilities", "the vulnerabilities are missing")
	}
}

// affectedProducts is 6.1.27.12: every vulnerability has known affected products.
func affectedProducts(doc *csaf21.Advisory, _ *rule.Env, report rule.Report) {
	if doc.Document.Category != profileAdvisory {
		return
	}
	for i := range doc.Vulnerabilities {
		if s := doc.Vulnerabilities[i].ProductStatus; s == nil || s.KnownAffected == nil {
			report(rule.At("/vulnerabilities/%/product_status", i), "known_affected is missing")
		}
	}
}

// descriptionNote is 6.1.27.14: a note describes why the document is obsolete.
func descriptionNote(doc *csaf21.Advisory, _ *rule.Env, report rule.Report) {
	if !obsolete(doc) {
		return
	}
	for i := range doc.Document.Notes {
		if doc.Document.Notes[i].Category == "description" {
			return
		}
	}
	report("/document/notes", "a note of category description is needed")
}

// noProductTree is 6.1.27.15: there is no product tree.
func noProductTree(doc *csaf21.Advisory, _ *rule.Env, report rule.Report) {
	if obsolete(doc) && doc.ProductTree != nil {
		report("/product_tree", "a document of the profile %s has no product tree", doc.Document.Category)
	}
}

// twoRevisions is 6.1.27.16: what is obsolete was there before.
func twoRevisions(doc *csaf21.Advisory, _ *rule.Env, report rule.Report) {
	if n := len(doc.Document.Tracking.RevisionHistory); obsolete(doc) && n < 2 {
		report(history, "a document of the profile %s has at least two revisions, not %d", doc.Document.Category, n)
	}
}

// english reports whether the document's language is English or not said.
func english(doc *csaf21.Advisory) bool {
	primary, _, _ := strings.Cut(doc.Document.Lang, "-")
	return primary == "" || strings.EqualFold(primary, "en")
}

// withdrawalReason is 6.1.27.17: one note gives the reason for the withdrawal.
func withdrawalReason(doc *csaf21.Advisory, _ *rule.Env, report rule.Report) {
	if doc.Document.Category == profileWithdrawn && english(doc) {
		oneNote(doc, report, "Reasoning for Withdrawal", "description")
	}
}

// supersessionReason is 6.1.27.18: one note gives the reason for the supersession.
func supersessionReason(doc *csaf21.Advisory, _ *rule.Env, report rule.Report) {
	if doc.Document.Category == profileSuperseded && english(doc) {
		oneNote(doc, report, "Reasoning for Supersession", "description")
	}
}

// oneNote wants exactly one note of the document with the title, and of the category.
func oneNote(doc *csaf21.Advisory, report rule.Report, title, category string) {
	found := 0
	for i := range doc.Document.Notes {
		n := &doc.Document.Notes[i]
		if n.Title != title {
			continue
		}
		if found++; found > 1 {
			report(rule.At("/document/notes/%/title", i), "a second note with the title %q", title)
		}
		if n.Category != category {
			report(rule.At("/document/notes/%/category", i), "the note %q has to be of category %s, not %s", title, category, n.Category)
		}
	}
	if found == 0 {
		report("/document/notes", "a note with the title %q is missing", title)
	}
}

// supersedingDocument is 6.1.27.19: an external reference leads to the document that
// supersedes this one.
func supersedingDocument(doc *csaf21.Advisory, _ *rule.Env, report rule.Report) {
	if doc.Document.Category != profileSuperseded || !english(doc) {
		return
	}
	const summary = "Superseding Document"
	wrong := -1
	for i := range doc.Document.References {
		r := doc.Document.References[i]
		if !strings.HasPrefix(r.Summary, summary) {
			continue
		}
		if external(r) {
			return
		}
		wrong = i
	}
	if wrong >= 0 {
		report(rule.At("/document/references/%/category", wrong), "the reference %q has to be external", summary)
		return
	}
	report("/document/references", "a reference whose summary begins with %q is missing", summary)
}
