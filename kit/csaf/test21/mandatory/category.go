package mandatory

import (
	"strings"
	"unicode"

	"github.com/tocsin-sec/tocsin/kit/csaf/csaf21"
	"github.com/tocsin-sec/tocsin/kit/csaf/rule"
)

// The values of document.category that name a profile (section 4).
const (
	profileBase       = "csaf_base"
	profileIncident   = "csaf_security_incident_response"
	profileInfo       = "csaf_informational_advisory"
	profileAdvisory   = "csaf_security_advisory"
	profileVEX        = "csaf_vex"
	profileDeprecated = "csaf_deprecated_security_advisory"
	profileWithdrawn  = "csaf_withdrawn"
	profileSuperseded = "csaf_superseded"
)

// profiles are those that category must not be mistaken for; their names are the values
// without prefix, written with spaces.
var profiles = [...]string{profileIncident, profileInfo, profileAdvisory, profileVEX, profileDeprecated, profileWithdrawn, profileSuperseded}

// category is 6.1.26: the category of a document without profile is not written like
// one of a profile, and does not begin with csaf_.
func category(doc *csaf21.Advisory, _ *rule.Env, report rule.Report) {
	c := doc.Document.Category
	if c == profileBase {
		return
	}
	for _, p := range profiles {
		if c == p {
			return
		}
	}
	if hasReservedPrefix(c) {
		report("/document/category", "%q begins with the reserved prefix csaf_", c)
		return
	}
	flat := strings.Map(flatten, c)
	for _, p := range profiles {
		value := strings.ReplaceAll(p, "_", "")
		if strings.EqualFold(flat, value) || strings.EqualFold(flat, value[len("csaf"):]) {
			report("/document/category", "%q is how the profile %s is called", c, p)
		}
	}
}

// hasReservedPrefix reports whether s begins with csaf and a low line of any graphical
// form, in small or capital letters.
func hasReservedPrefix(s string) bool {
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
