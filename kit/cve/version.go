package cve

import (
	"regexp"
	"strings"

	"github.com/tocsin-sec/tocsin/kit/csaf/rule"
	"github.com/tocsin-sec/tocsin/kit/purl"
	"github.com/tocsin-sec/tocsin/kit/strictjson"
)

var (
	escapeRE  = regexp.MustCompile(`\\u[0-9a-fA-F]{4}`)
	versionRE = regexp.MustCompile(`^[a-zA-Z0-9][-*_:.+~^!a-zA-Z0-9]*$`)
	commitRE  = regexp.MustCompile(`^([0-9a-f]{40}|[0-9a-f]{64})$`)
	mavenRE   = regexp.MustCompile(`^[-_.+a-zA-Z0-9]+$`)
	pep440RE  = regexp.MustCompile(`(?i)^v?([0-9]+!)?[0-9]+(\.[0-9]+)*([-_.]?(a|b|c|rc|alpha|beta|pre|preview)[-_.]?[0-9]*)?(-[0-9]+|[-_.]?(post|rev|r)[-_.]?[0-9]*)?([-_.]?dev[-_.]?[0-9]*)?(\+[a-z0-9]+([-_.][a-z0-9]+)*)?$`)
)

// version are the rules for one version or range of a product.
func (l *linter) version(at string, v *Version) {
	if strings.EqualFold(v.VersionType, "custom") {
		l.report("E011", at+"/versionType", nil, "versionType custom says nothing about the order")
	}
	check := func(name, text string) {
		if why := wrongVersion(name, text, v.VersionType); why != "" {
			l.report("E007", at+"/"+name, nil, "%q %s", text, why)
		}
	}
	check("version", v.Version)
	check("lessThan", v.LessThan)
	check("lessThanOrEqual", v.LessThanOrEqual)
	for i, c := range v.Changes {
		check(rule.At("changes/%/at", i), c.At)
	}
}

// wrongVersion says why a text is no version, "" when it is one. By convention 0 is
// the earliest version, and lessThan alone may be a pattern that ends in an asterisk
// (text of the schema).
func wrongVersion(name, text, kind string) string {
	open := name == "lessThan" && strings.HasSuffix(text, "*")
	switch {
	case text == "" || text == "0":
		return ""
	case text == "*":
		if !open && (name != "version" || kind != "") {
			return "stands for any version in lessThan alone"
		}
		return ""
	case strings.HasPrefix(text, "pkg:"):
		if _, err := purl.Parse(text); err != nil {
			return "is no package URL"
		}
		return ""
	case !versionRE.MatchString(text) || isPlaceholder(text):
		return "is no version"
	case !open && !ofType(text, kind):
		return "is no version of the type " + kind
	}
	return ""
}

// ofType reports whether a version is one of its type, as far as that is known.
func ofType(text, kind string) bool {
	switch kind {
	case "semver":
		return strictjson.IsSemver(text)
	case "git":
		return commitRE.MatchString(text)
	case "maven":
		return mavenRE.MatchString(text)
	case "python":
		return pep440RE.MatchString(text)
	}
	return true
}

// isPlaceholder reports whether a version says that nobody knows it.
func isPlaceholder(s string) bool {
	switch strings.ToLower(s) {
	case "na", "none", "unknown", "unspecified":
		return true
	}
	return false
}
