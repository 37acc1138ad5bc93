package csaf

import (
	"net/url"
	"regexp"
	"strings"
	"time"
)

// pattern is a named rule for texts: a regular expression of the schema (those
// without look-around), or a function.
type pattern struct {
	what  string
	check func(string) bool
}

// patternOf returns the rule by the name that the csaf tags use.
func patternOf(name string) pattern {
	switch name {
	case "category":
		return pattern{"a category: no space, dash, underscore or full stop at its ends", isCategory}
	case "id":
		return pattern{"an id: no space at its ends", func(s string) bool { return s == strings.TrimSpace(s) && !strings.ContainsAny(s, "\r\n") }}
	case "lang":
		return pattern{"a language tag (RFC 5646)", langRE.MatchString}
	case "uri":
		return pattern{"an absolute URI", isURI}
	case "jsonurl":
		return pattern{"the address of a .json file", func(s string) bool { return isURI(s) && strings.HasSuffix(s, ".json") }}
	case "providerurl":
		return pattern{"the address of a provider-metadata.json", func(s string) bool { return isURI(s) && strings.HasSuffix(s, "/provider-metadata.json") }}
	case "date":
		return pattern{"a date-time (RFC 3339)", func(s string) bool {
			_, err := time.Parse(time.RFC3339Nano, s)
			return err == nil && !strings.Contains(s, ",")
		}}
	case "version":
		return pattern{"a version: an integer or semantic version", versionRE.MatchString}
	case "cve":
		return pattern{"a CVE id", cveRE.MatchString}
	case "cwe":
		return pattern{"a CWE id", cweRE.MatchString}
	case "hash":
		return pattern{"a hash in hexadecimal, at least 32 digits", hashRE.MatchString}
	case "fingerprint":
		return pattern{"a fingerprint in hexadecimal, at least 40 digits", fingerprintRE.MatchString}
	case "purl":
		return pattern{"a package URL", func(s string) bool { return purlRE.MatchString(s) && isURI(s) }}
	case "cpe":
		return pattern{"a CPE name", cpeRE.MatchString}
	}
	return pattern{"known", func(string) bool { return false }}
}

func matches(name, s string) bool  { return patternOf(name).check(s) }
func described(name string) string { return patternOf(name).what }

// The expressions of the JSON schemas of CSAF 2.0.
var (
	langRE        = regexp.MustCompile(`^(([A-Za-z]{2,3}(-[A-Za-z]{3}(-[A-Za-z]{3}){0,2})?|[A-Za-z]{4,8})(-[A-Za-z]{4})?(-([A-Za-z]{2}|[0-9]{3}))?(-([A-Za-z0-9]{5,8}|[0-9][A-Za-z0-9]{3}))*(-[A-WY-Za-wy-z0-9](-[A-Za-z0-9]{2,8})+)*(-[Xx](-[A-Za-z0-9]{1,8})+)?|[Xx](-[A-Za-z0-9]{1,8})+|[Ii]-[Dd][Ee][Ff][Aa][Uu][Ll][Tt]|[Ii]-[Mm][Ii][Nn][Gg][Oo])$`)
	versionRE     = regexp.MustCompile(`^(0|[1-9][0-9]*)$|^((0|[1-9]\d*)\.(0|[1-9]\d*)\.(0|[1-9]\d*)(?:-((?:0|[1-9]\d*|\d*[a-zA-Z-][0-9a-zA-Z-]*)(?:\.(?:0|[1-9]\d*|\d*[a-zA-Z-][0-9a-zA-Z-]*))*))?(?:\+([0-9a-zA-Z-]+(?:\.[0-9a-zA-Z-]+)*))?)$`)
	cveRE         = regexp.MustCompile(`^CVE-[0-9]{4}-[0-9]{4,}$`)
	cweRE         = regexp.MustCompile(`^CWE-[1-9]\d{0,5}$`)
	hashRE        = regexp.MustCompile(`^[0-9a-fA-F]{32,}$`)
	fingerprintRE = regexp.MustCompile(`^[0-9a-fA-F]{40,}$`)
	purlRE        = regexp.MustCompile(`^pkg:[A-Za-z\.\-\+][A-Za-z0-9\.\-\+]*/.+`)
	cpeRE         = regexp.MustCompile(`^(cpe:2\.3:[aho\*\-](:(((\?*|\*?)([a-zA-Z0-9\-\._]|(\\[\\\*\?!"#\$%&'\(\)\+,/:;<=>@\[\]\^` + "`" + `\{\|\}~]))+(\?*|\*?))|[\*\-])){5}(:(([a-zA-Z]{2,3}(-([a-zA-Z]{2}|[0-9]{3}))?)|[\*\-]))(:(((\?*|\*?)([a-zA-Z0-9\-\._]|(\\[\\\*\?!"#\$%&'\(\)\+,/:;<=>@\[\]\^` + "`" + `\{\|\}~]))+(\?*|\*?))|[\*\-])){4})|([c][pP][eE]:/[AHOaho]?(:[A-Za-z0-9\._\-~%]*){0,6})$`)
	nameRE        = regexp.MustCompile(`[^+\-a-z0-9]+`)
)

// isCategory is the pattern of document.category (3.2.1.3).
func isCategory(s string) bool {
	bad := func(r byte) bool { return strings.IndexByte(" \t\r\n\v\f-_.", r) >= 0 }
	return s != "" && !bad(s[0]) && !bad(s[len(s)-1]) && !strings.Contains(s, "\n")
}

// isURI reports whether s is an absolute URI (RFC 3986): a scheme and no character
// that has to be escaped.
func isURI(s string) bool {
	for i := range len(s) {
		if c := s[i]; c <= ' ' || c >= 0x7F || strings.IndexByte("\"<>\\^`{|}", c) >= 0 {
			return false
		}
	}
	u, err := url.Parse(s)
	return err == nil && u.Scheme != ""
}

// Filename derives the name of a document's file from its id (5.1):
// "2022_#01-A" gives "2022_01-a.json".
func Filename(id string) string {
	return nameRE.ReplaceAllString(strings.ToLower(id), "_") + ".json"
}
