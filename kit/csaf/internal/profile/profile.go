// Package profile tells a document category that is nearly that of a profile (6.1.26 of
// CSAF 2.0 and 2.1). The tests themselves, and which profiles there are, are in
// csaf/test20 and csaf/test21.
package profile

import (
	"strings"
	"unicode"
)

// Resembles returns the profile whose name or value the category is, but for small and
// capital letters, white space, dashes and low lines; "" without. The name of a profile
// is its value ("csaf_vex") without the prefix.
func Resembles(category string, profiles ...string) string {
	flat := strings.Map(flatten, category)
	for _, p := range profiles {
		value := strings.ReplaceAll(p, "_", "")
		if strings.EqualFold(flat, value) || strings.EqualFold(flat, value[len("csaf"):]) {
			return p
		}
	}
	return ""
}

// HasReservedPrefix reports whether s begins with csaf and a low line of any graphical
// form, in small or capital letters.
func HasReservedPrefix(s string) bool {
	const prefix = "csaf"
	if len(s) <= len(prefix) || !strings.EqualFold(s[:len(prefix)], prefix) {
		return false
	}
	for _, r := range s[len(prefix):] {
		return isLowLine(r)
	}
	return false
}

// flatten drops white space, dashes, hyphens, minuses and low lines of every graphical
// form (strings.Map).
func flatten(r rune) rune {
	if unicode.IsSpace(r) || unicode.Is(unicode.Pd, r) || isLowLine(r) {
		return -1
	}
	switch r {
	case '\u00ad', '\u02d7', '\u1806', '\u2043', '\u207b', '\u208b', '\u2212', '\u2796', '\u23af', '\u2500',
		'\u180e', '\u200b', '\u200c', '\u200d', '\u2060', '\ufeff':
		return -1 // soft hyphen, hyphen bullet, forms of minus and line; spaces without width
	}
	return r
}

// isLowLine tells underscores: connecting punctuation, and the low lines that Unicode
// counts as marks or modifiers.
func isLowLine(r rune) bool {
	switch r {
	case '\u0332', '\u0333', '\u0331', '\u02cd', '\u2017', '\u2581':
		return true
	}
	return unicode.Is(unicode.Pc, r)
}
