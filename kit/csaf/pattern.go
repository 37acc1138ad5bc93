package csaf

import (
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/tocsin-sec/tocsin/kit/strictjson"
)

// Formats are the named rules for texts that the tags of this package use: the
// formats and patterns of the JSON schemas, written as functions. Where a schema's
// pattern is odd (the one of CPE names has no anchor at one end of each half), the
// function is as odd. The map is the caller's to change.
func Formats() map[string]strictjson.Format {
	return map[string]strictjson.Format{
		"category":      {What: "a text without space, dash, underscore or full stop at its ends", Match: isCategory},
		"id":            {What: "an id: no space at its ends", Match: isID},
		"lang":          {What: "a language tag (RFC 5646)", Match: IsLang},
		"uri":           {What: "an absolute URI (RFC 3986)", Match: strictjson.IsURI},
		"jsonurl":       {What: "the address of a .json file", Match: endsIn(".json")},
		"providerurl":   {What: "the address of a provider-metadata.json", Match: endsIn("/provider-metadata.json")},
		"aggregatorurl": {What: "the address of an aggregator.json", Match: endsIn("/aggregator.json")},
		"date":          {What: "a date-time (RFC 3339)", Match: strictjson.IsDateTime},
		"version":       {What: "a version: an integer or semantic version", Match: IsVersion},
		"cve":           {What: "a CVE id", Match: IsCVE},
		"cwe":           {What: "a CWE id", Match: IsCWE},
		"hash":          {What: "a hash in hexadecimal, at least 32 digits", Match: func(s string) bool { return isHex(s, 32) }},
		"fingerprint":   {What: "a fingerprint in hexadecimal, at least 40 digits", Match: func(s string) bool { return isHex(s, 40) }},
		"purl":          {What: "a package URL", Match: isPURL},
		"cpe":           {What: "a CPE name", Match: strictjson.Pattern(cpePattern)},
		"cvss2":         {What: "a CVSS 2.0 vector", Match: IsCVSS2},
	}
}

// cpePattern is the schema's pattern of CPE names.
const cpePattern = `^(cpe:2\.3:[aho\*\-](:(((\?*|\*?)([a-zA-Z0-9\-\._]|(\\[\\\*\?!"#\$%&'\(\)\+,/:;<=>@\[\]\^` + "`" + `\{\|\}~]))+(\?*|\*?))|[\*\-])){5}(:(([a-zA-Z]{2,3}(-([a-zA-Z]{2}|[0-9]{3}))?)|[\*\-]))(:(((\?*|\*?)([a-zA-Z0-9\-\._]|(\\[\\\*\?!"#\$%&'\(\)\+,/:;<=>@\[\]\^` + "`" + `\{\|\}~]))+(\?*|\*?))|[\*\-])){4})|([c][pP][eE]:/[AHOaho]?(:[A-Za-z0-9\._\-~%]*){0,6})$`

// The expressions of the JSON schemas of CSAF 2.0 that are no functions.
var (
	langRE = regexp.MustCompile(`^(([A-Za-z]{2,3}(-[A-Za-z]{3}(-[A-Za-z]{3}){0,2})?|[A-Za-z]{4,8})(-[A-Za-z]{4})?(-([A-Za-z]{2}|[0-9]{3}))?(-([A-Za-z0-9]{5,8}|[0-9][A-Za-z0-9]{3}))*(-[A-WY-Za-wy-z0-9](-[A-Za-z0-9]{2,8})+)*(-[Xx](-[A-Za-z0-9]{1,8})+)?|[Xx](-[A-Za-z0-9]{1,8})+|[Ii]-[Dd][Ee][Ff][Aa][Uu][Ll][Tt]|[Ii]-[Mm][Ii][Nn][Gg][Oo])$`)
	nameRE = regexp.MustCompile(`[^+\-a-z0-9]+`)
)

// IsLang reports whether s has the form of a language tag (3.1.4).
func IsLang(s string) bool {
	if letters(s) && len(s) == 2 || len(s) == 5 && s[2] == '-' && letters(s[:2]) && letters(s[3:]) {
		return true // "en" and "en-US" are nearly all there are
	}
	return langRE.MatchString(s)
}

func letters(s string) bool {
	for i := range len(s) {
		if c := s[i] | 0x20; c < 'a' || c > 'z' {
			return false
		}
	}
	return true
}

// IsVersion reports whether s is a version_t (3.1.11): an integer or a semantic
// version.
func IsVersion(s string) bool {
	return allDigits(s) && (s[0] != '0' || s == "0") || strictjson.IsSemver(s)
}

// allDigits reports whether s is digits and not empty.
func allDigits(s string) bool {
	for i := range len(s) {
		if s[i] < '0' || s[i] > '9' {
			return false
		}
	}
	return s != ""
}

// IsCVE reports whether s has the form of a CVE id.
func IsCVE(s string) bool {
	return len(s) >= len("CVE-2024-0001") && s[:4] == "CVE-" && allDigits(s[4:8]) && s[8] == '-' && allDigits(s[9:])
}

// IsCWE reports whether s has the form of a CWE id.
func IsCWE(s string) bool {
	number, ok := strings.CutPrefix(s, "CWE-")
	return ok && allDigits(number) && number[0] != '0' && len(number) <= 6
}

func isHex(s string, least int) bool {
	for i := range len(s) {
		if c := s[i]; (c < '0' || c > '9') && (c|0x20 < 'a' || c|0x20 > 'f') {
			return false
		}
	}
	return len(s) >= least
}

// isPURL is the schema's pattern and format of a package URL; whether it is one is
// test 6.1.13.
func isPURL(s string) bool {
	rest, ok := strings.CutPrefix(s, "pkg:")
	kind, name, slash := strings.Cut(rest, "/")
	if !ok || !slash || name == "" || kind == "" || kind[0] >= '0' && kind[0] <= '9' {
		return false
	}
	for i := range len(kind) {
		if c := kind[i]; !letters(kind[i:i+1]) && (c < '0' || c > '9') && c != '.' && c != '-' && c != '+' {
			return false
		}
	}
	return strictjson.IsURI(s)
}

func endsIn(suffix string) func(string) bool {
	return func(s string) bool { return strings.HasSuffix(s, suffix) && strictjson.IsURI(s) }
}

// isCategory is the pattern of document.category (3.2.1.3).
func isCategory(s string) bool { return bounded(s, "-_.") }

// isID is the pattern of document.tracking.id (3.2.1.12.4).
func isID(s string) bool { return bounded(s, "") }

// bounded reports whether s is one line that neither begins nor ends with white space
// (as ECMAScript has it) or one of the other characters.
func bounded(s, other string) bool {
	first, _ := utf8.DecodeRuneInString(s)
	last, _ := utf8.DecodeLastRuneInString(s)
	for _, c := range [...]rune{first, last} {
		if c != '\u0085' && unicode.IsSpace(c) || c == '\uFEFF' || strings.ContainsRune(other, c) {
			return false
		}
	}
	return s != "" && !strings.ContainsAny(s, "\n\r\u2028\u2029")
}

// Filename derives the name of a document's file from its id (5.1):
// "2022_#01-A" gives "2022_01-a.json".
func Filename(id string) string {
	return nameRE.ReplaceAllString(strings.ToLower(id), "_") + ".json"
}
