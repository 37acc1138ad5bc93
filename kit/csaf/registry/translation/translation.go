// Package translation knows the language-specific translations of terms that the OASIS
// CSAF TC records: the titles and summaries that CSAF 2.1 asks for in documents whose
// language is not English (6.2.39.2 to 6.2.39.4, 6.2.40, 6.2.46 and others).
//
//	title, ok := translation.Of("de-DE", translation.License)
//
// The table is generated (registry/translation/gen).
package translation

//go:generate sh -c "go run ./gen \"$TRANSLATIONS\" > table.new && mv table.new table.go"

import "strings"

// Term is a term that has translations.
type Term int

// The terms, by the names of the TC's list.
const (
	_ Term = iota
	License
	ProductDescription
	ReasoningForSupersession
	ReasoningForWithdrawal
	SupersedingDocument
	terms
)

// English is the term in English.
func (t Term) English() string {
	return [terms]string{"", "License", "Product Description", "Reasoning for Supersession", "Reasoning for Withdrawal", "Superseding Document"}[t]
}

// IsEnglish reports whether a language tag is of English; the empty one is not.
func IsEnglish(lang string) bool { return primary(lang, "en") }

// primary reports whether the first subtag of a tag is that language.
func primary(lang, language string) bool {
	if len(lang) > len(language) && lang[len(language)] != '-' || len(lang) < len(language) {
		return false
	}
	return strings.EqualFold(lang[:len(language)], language)
}

// Of returns the term in the language of a tag; English and no language have the
// English term. ok is false when no translation is recorded. A list of the tag itself
// goes before that of its first subtag.
func Of(lang string, term Term) (text string, ok bool) {
	if lang == "" || IsEnglish(lang) {
		return term.English(), true
	}
	for i := range lists {
		if strings.EqualFold(lists[i].lang, lang) && lists[i].terms[term] != "" {
			return lists[i].terms[term], true
		}
	}
	for i := range lists {
		if primary(lang, lists[i].lang) && lists[i].terms[term] != "" {
			return lists[i].terms[term], true
		}
	}
	return "", false
}

// list has the terms of a language.
type list struct {
	lang  string
	terms [terms]string
}
