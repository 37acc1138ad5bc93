package validate

import (
	"slices"
	"strings"

	"github.com/tocsin-sec/tocsin/kit/csaf"
	"github.com/tocsin-sec/tocsin/kit/csaf/csaf21"
	"github.com/tocsin-sec/tocsin/kit/csaf/rule"
	"github.com/tocsin-sec/tocsin/kit/csaf/test20/informative"
	"github.com/tocsin-sec/tocsin/kit/csaf/test20/mandatory"
	"github.com/tocsin-sec/tocsin/kit/csaf/test20/optional"
)

// The versions of CSAF.
const (
	V20 = "2.0"
	V21 = "2.1"
)

// The checks against the JSON schemas.
const (
	Schema20       = "csaf_2_0"
	Schema20Strict = "csaf_2_0_strict"
	Schema21       = "csaf_2_1"
)

// all20 are all tests of CSAF 2.0 in the order of the standard.
func all20() rule.Set[csaf.Advisory] {
	return slices.Concat(mandatory.Tests(), optional.Tests(), informative.Tests())
}

// all21 are all tests of CSAF 2.1 in the order of the standard.
func all21() rule.Set[csaf21.Advisory] { return tests21() }

// Name returns the name of a test in csaf-validator-service: of "6.2.1" it is
// "optionalTest_6_2_1" for 2.0 and "recommendedTest_6_2_1" for 2.1.
func Name(version, id string) string {
	prefix := ""
	switch {
	case strings.HasPrefix(id, "6.1."):
		prefix = "mandatoryTest_"
	case strings.HasPrefix(id, "6.2.") && version == V21:
		prefix = "recommendedTest_"
	case strings.HasPrefix(id, "6.2."):
		prefix = "optionalTest_"
	case strings.HasPrefix(id, "6.3."):
		prefix = "informativeTest_"
	default:
		return id
	}
	return prefix + strings.ReplaceAll(id, ".", "_")
}

// ID returns the number of a test of either name; what is no name of a test is
// returned as it is.
func ID(name string) string {
	for _, prefix := range [...]string{"mandatoryTest_", "optionalTest_", "recommendedTest_", "informativeTest_"} {
		if number, ok := strings.CutPrefix(name, prefix); ok {
			return strings.ReplaceAll(number, "_", ".")
		}
	}
	return name
}

// Tests returns the names of all tests of a version, those of the schema first, nil
// for versions that are not known.
func Tests(version string) []string {
	var out []string
	switch version {
	case V20:
		out = append(out, Schema20, Schema20Strict)
		for _, t := range all20() {
			out = append(out, Name(version, t.ID))
		}
	case V21:
		out = append(out, Schema21)
		for _, t := range all21() {
			out = append(out, Name(version, t.ID))
		}
	}
	return out
}

// Presets returns the names of the presets of a version.
func Presets(version string) []string {
	second := "optional"
	if version == V21 {
		second = "recommended"
	}
	return append([]string{"schema", "mandatory", second, "informative", "basic", "extended", "full"},
		"external-request-free", "consistent-revision-history", "consistent-date-times", "ssvc", "extensions", "extensions-exist")
}

// preset says what a preset has: the schema, and which tests (2.1, 6.4).
func preset(version, name string) (schema bool, has func(id string) bool, ok bool) {
	severity := func(most rule.Severity) func(string) bool {
		return func(id string) bool { return rule.SeverityOf(id) <= most && !left(version, id) }
	}
	only := func(s rule.Severity) func(string) bool {
		return func(id string) bool { return rule.SeverityOf(id) == s && !left(version, id) }
	}
	switch name {
	case "schema":
		return true, func(string) bool { return false }, true
	case "mandatory":
		return false, only(rule.Error), true
	case "optional", "recommended":
		return false, only(rule.Warning), true
	case "informative":
		return false, only(rule.Info), true
	case "basic":
		return true, severity(rule.Error), true
	case "extended":
		return true, severity(rule.Warning), true
	case "full":
		return true, severity(rule.Info), true
	case "external-request-free":
		return true, func(id string) bool { return id != "6.3.6" && id != "6.3.7" && !left(version, id) }, true
	case "extensions":
		return false, func(id string) bool { return within(id, "6.1.60", "6.2.54", "6.3.21") && version == V21 }, true
	case "extensions-exist":
		return false, func(id string) bool {
			return version == V21 && within(id, "6.3.21.3", "6.3.21.4", "6.3.21.5", "6.3.21.6", "6.3.21.7", "6.3.21.8", "6.3.21.9")
		}, true
	}
	list, ok := lists[name]
	return false, func(id string) bool { return slices.Contains(list, id) && (version == V21 || in20(id)) }, ok
}

// left reports whether a test is in no preset: 2.1 says so of 6.2.10.
func left(version, id string) bool { return version == V21 && id == "6.2.10" }

// in20 reports whether a number of 2.1 means the same test in 2.0.
func in20(id string) bool {
	switch id {
	case "6.2.3":
		return false // it is about scores there
	}
	return true
}

func within(id string, sections ...string) bool {
	return slices.ContainsFunc(sections, func(s string) bool { return id == s || strings.HasPrefix(id, s+".") })
}

// lists are the presets that 6.4.3 of CSAF 2.1 gives as lists.
var lists = map[string][]string{
	"consistent-revision-history": {"6.1.14", "6.1.18", "6.1.19", "6.1.21", "6.1.22", "6.1.37", "6.2.4", "6.2.5", "6.2.6", "6.2.21", "6.2.33"},
	"consistent-date-times":       {"6.1.37", "6.1.45", "6.1.49", "6.1.51", "6.1.52", "6.1.53"},
	"ssvc": {"6.1.46", "6.1.47", "6.1.48", "6.1.49", "6.2.3", "6.2.34", "6.2.35", "6.2.36", "6.2.37",
		"6.3.13", "6.3.14", "6.3.15"},
}
