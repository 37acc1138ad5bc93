package recommended

import (
	"slices"
	"strings"

	"github.com/tocsin-sec/tocsin/kit/csaf/csaf21"
	"github.com/tocsin-sec/tocsin/kit/csaf/registry/translation"
	"github.com/tocsin-sec/tocsin/kit/csaf/rule"
	"github.com/tocsin-sec/tocsin/kit/csaf/test21/facts"
)

// translated returns the translation of a term that a document has to use; ok is false
// when it is in English or says no language. When nobody has recorded a translation it
// is false as well, and an information says that the test was skipped.
func translated(doc *csaf21.Advisory, term translation.Term, report rule.Report) (text string, ok bool) {
	lang := doc.Document.Lang
	if lang == "" || translation.IsEnglish(lang) {
		return "", false
	}
	return known(lang, term, report)
}

// known is the term in the language of a tag, or an information that there is none.
func known(lang string, term translation.Term, report rule.Report) (text string, ok bool) {
	if text, ok = translation.Of(lang, term); !ok {
		report("/document/lang", "no translation of %q into the language %q is known: the test was skipped", term.English(), lang).Severity = rule.Info
	}
	return text, ok
}

// oneNote asks that exactly one note of the document has the translated title, and the
// category.
func oneNote(doc *csaf21.Advisory, term translation.Term, category string, report rule.Report) {
	title, ok := translated(doc, term, report)
	if !ok {
		return
	}
	titled, right := 0, true
	for i := range doc.Document.Notes {
		if n := &doc.Document.Notes[i]; n.Title == title {
			titled++
			right = right && n.Category == category
		}
	}
	switch {
	case titled != 1:
		report("/document/notes", "%d notes have the title %q, one is needed", titled, title)
	case !right:
		report("/document/notes", "the note with the title %q is not of the category %s", title, category)
	}
}

// withdrawal is 6.2.39.2: a withdrawn document gives its reason in its language.
func withdrawal(doc *csaf21.Advisory, _ *rule.Env, report rule.Report) {
	if doc.Document.Category == "csaf_withdrawn" {
		oneNote(doc, translation.ReasoningForWithdrawal, "description", report)
	}
}

// supersession is 6.2.39.3: a superseded document gives its reason in its language.
func supersession(doc *csaf21.Advisory, _ *rule.Env, report rule.Report) {
	if doc.Document.Category == "csaf_superseded" {
		oneNote(doc, translation.ReasoningForSupersession, "description", report)
	}
}

// supersedingDocument is 6.2.39.4: a superseded document refers, in its language, to
// the one that supersedes it. A reference without category is external.
func supersedingDocument(doc *csaf21.Advisory, _ *rule.Env, report rule.Report) {
	if doc.Document.Category != "csaf_superseded" {
		return
	}
	start, ok := translated(doc, translation.SupersedingDocument, report)
	if !ok {
		return
	}
	for i := range doc.Document.References {
		r := &doc.Document.References[i]
		if strings.HasPrefix(r.Summary, start) && (r.Category == "external" || r.Category == "") {
			return
		}
	}
	report("/document/references", "no external reference has a summary that begins with %q", start)
}

// productDescription is 6.2.40: a note that describes a product names products or
// groups. The title may say more than the term.
func productDescription(doc *csaf21.Advisory, _ *rule.Env, report rule.Report) {
	description := func(n csaf21.Note) bool { return n.Category == "description" }
	if !slices.ContainsFunc(doc.Document.Notes, description) {
		return
	}
	title, ok := known(doc.Document.Lang, translation.ProductDescription, report)
	if !ok {
		return
	}
	for i := range doc.Document.Notes {
		n := &doc.Document.Notes[i]
		if description(*n) && strings.Contains(n.Title, title) && len(n.ProductIDs) == 0 && len(n.GroupIDs) == 0 {
			report(rule.At("/document/notes/%", i), "the note %q names no product", n.Title)
		}
	}
}

// licenseText is 6.2.46: a document that is not in English, with a license that neither
// SPDX nor ScanCode lists, has its text in a note.
func licenseText(doc *csaf21.Advisory, _ *rule.Env, report rule.Report) {
	if facts.HasUnlisted(doc.Document.LicenseExpression) {
		oneNote(doc, translation.License, "legal_disclaimer", report)
	}
}
