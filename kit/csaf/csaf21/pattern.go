package csaf21

import (
	"math"
	"regexp"
	"strings"

	"github.com/tocsin-sec/tocsin/kit/csaf"
	"github.com/tocsin-sec/tocsin/kit/strictjson"
)

// formats are those of CSAF 2.0 and what 2.1 has of its own or has changed.
func formats() map[string]strictjson.Format {
	all := csaf.Formats()
	for name, f := range map[string]strictjson.Format{
		"sharing":       {What: "a UUID of version 4 in small letters, the Max UUID or the Nil UUID", Match: isSharingGroup},
		"hash":          {What: "a hash in small hexadecimal digits, at least 32", Match: isHash},
		"algorithm":     {What: "the name of a hash algorithm in small letters", Match: isAlgorithm},
		"purl":          {What: "a package URL", Match: isPURL},
		"cpe":           {What: "a CPE name", Match: strictjson.Pattern(cpePattern)},
		"cweversion":    {What: "a version of CWE", Match: cweVersionRE.MatchString},
		"epss":          {What: "a number between 0.0 and 1.0", Match: isProbability},
		"semver":        {What: "a semantic version", Match: strictjson.IsSemver},
		"ssvckey":       {What: "a key of SSVC", Match: isKey},
		"ssvcnamespace": {What: "a namespace of SSVC", Match: isNamespace()},
		"cvss4":         {What: "a CVSS 4.0 vector", Match: isCVSS4},
		"extension":     {What: "the https address of a versioned extension schema", Match: isExtension()},
	} {
		all[name] = f
	}
	return all
}

const langTag = `(([a-zA-Z]{2,3}(-[a-zA-Z]{3}(-[a-zA-Z]{3}){0,2})?|[a-zA-Z]{4,8})(-[a-zA-Z]{4})?(-([a-zA-Z]{2}|[0-9]{3}))?(-(([a-zA-Z0-9]){5,8}|[0-9]([a-zA-Z0-9]){3}))*(-[0-9A-WY-Za-wy-z](-([a-zA-Z0-9]){2,8})+)*(-[xX](-([a-zA-Z0-9]){2,8})+)?|[xX](-([a-zA-Z0-9]){2,8})+|i-default|i-mingo)`

// The expressions of the JSON schemas of CSAF 2.1 and SSVC that are no functions.
var (
	cweVersionRE = regexp.MustCompile(`^[1-9]\d*\.([0-9]|([1-9]\d+))(\.\d+)?$`)
	ownRE        = regexp.MustCompile(`^https://docs\.oasis-open\.org/csaf/csaf/v2\.1/([^/\s]+/)*schema/extension-content\.json`)
)

// Patterns of the JSON schemas of CSAF 2.1 and SSVC that are compiled when they are
// needed.
const (
	cpePattern       = `^((cpe:2\.3:[aho\*\-](:(((\?*|\*?)([a-zA-Z0-9\-\._]|(\\[\\\*\?!"#\$%&'\(\)\+,/:;<=>@\[\]\^` + "`" + `\{\|\}~]))+(\?*|\*?))|[\*\-])){5}(:(([a-zA-Z]{2,3}(-([a-zA-Z]{2}|[0-9]{3}))?)|[\*\-]))(:(((\?*|\*?)([a-zA-Z0-9\-\._]|(\\[\\\*\?!"#\$%&'\(\)\+,/:;<=>@\[\]\^` + "`" + `\{\|\}~]))+(\?*|\*?))|[\*\-])){4})|([c][pP][eE]:/[AHOaho]?(:[A-Za-z0-9\._\-~%]*){0,6}))$`
	extensionPattern = `^https://[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?(\.[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?)+/([^/\s]+/)*[^/\s]+_(0|[1-9]\d*)\.(0|[1-9]\d*)\.(0|[1-9]\d*)(?:-((?:0|[1-9]\d*|\d*[a-zA-Z-][0-9a-zA-Z-]*)(?:\.(?:0|[1-9]\d*|\d*[a-zA-Z-][0-9a-zA-Z-]*))*))?(?:\+([0-9a-zA-Z-]+(?:\.[0-9a-zA-Z-]+)*))?\.json$`
	// A namespace is a base (registered, or x_ and a reverse domain name), and
	// extensions: the first a language or nothing, the others languages, fragments
	// or translations.
	namespacePattern = `^(x_[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?(\.[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?)+#[a-z0-9]+([.-][a-z0-9]+)*|[a-z][a-z0-9]([.-]?[a-z0-9]+)+(#[a-z0-9]+([.-][a-z0-9]+)*)?)` +
		`((/|/(` + langTag + `))((/(` + langTag + `|` + fragment + `|` + translation + `\$` + langTag + `))+)?)?$`
)

const (
	domain      = `[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?(\.[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?)+`
	name        = `#[a-z0-9]+([.-][a-z0-9]+)*`
	fragment    = `\.` + domain + name
	translation = `\.(` + domain + `|` + domain + name + `)`
)

func isNamespace() func(string) bool {
	matches := strictjson.Pattern(namespacePattern)
	return func(s string) bool { return len(s) <= 4000 && matches(s) }
}

func isExtension() func(string) bool {
	matches := strictjson.Pattern(extensionPattern)
	return func(s string) bool { return matches(s) && !ownRE.MatchString(s) && strictjson.IsURI(s) }
}

// isSharingGroup is the pattern of sharing_group.id (3.2.2.5.1.1).
func isSharingGroup(s string) bool {
	if s == MaxUUID || s == NilUUID {
		return true
	}
	if len(s) != 36 || s[14] != '4' {
		return false
	}
	for i := range len(s) {
		switch c := s[i]; i {
		case 8, 13, 18, 23:
			if c != '-' {
				return false
			}
		default:
			if (c < '0' || c > '9') && (c < 'a' || c > 'f') {
				return false
			}
		}
	}
	return true
}

func isHash(s string) bool {
	return len(s) >= 32 && strings.Trim(s, "0123456789abcdef") == ""
}

func isAlgorithm(s string) bool {
	for i := range len(s) {
		if c := s[i]; (c < '0' || c > '9') && (c < 'a' || c > 'z') && (c != '-' || i == 0) {
			return false
		}
	}
	return s != ""
}

// isPURL is the schema's pattern and format of a package URL; whether it is one is
// test 6.1.13.
func isPURL(s string) bool {
	rest, ok := strings.CutPrefix(s, "pkg:")
	kind, rest, slash := strings.Cut(rest, "/")
	if !ok || !slash || rest == "" || kind == "" || kind[0] < 'a' || kind[0] > 'z' {
		return false
	}
	for i := range len(kind) {
		if c := kind[i]; (c < 'a' || c > 'z') && (c < '0' || c > '9') && c != '.' && c != '-' {
			return false
		}
	}
	return strictjson.IsURI(s)
}

// isProbability is the pattern of EPSS's numbers.
func isProbability(s string) bool {
	if rest, ok := strings.CutPrefix(s, "0."); ok {
		return rest != "" && strings.Trim(rest, "0123456789") == ""
	}
	rest, ok := strings.CutPrefix(s, "1.")
	return ok && rest != "" && strings.Trim(rest, "0") == ""
}

// isKey is the pattern of SSVC's keys.
func isKey(s string) bool {
	if s == "T*" {
		return true
	}
	for i := range len(s) {
		c := s[i]
		inner := i > 0 && i < len(s)-1
		if (c|0x20 < 'a' || c|0x20 > 'z') && (c < '0' || c > '9') && (c != '_' || !inner) {
			return false
		}
	}
	return s != ""
}

// oneDecimal reports whether a score has at most one decimal place.
func oneDecimal(f float64) bool { return math.Round(f*10)/10 == f }
