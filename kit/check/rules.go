package check

import (
	"slices"

	"github.com/tocsin-sec/tocsin/kit/csaf/rule"
	info20 "github.com/tocsin-sec/tocsin/kit/csaf/test20/informative"
	must20 "github.com/tocsin-sec/tocsin/kit/csaf/test20/mandatory"
	should20 "github.com/tocsin-sec/tocsin/kit/csaf/test20/optional"
	info21 "github.com/tocsin-sec/tocsin/kit/csaf/test21/informative"
	must21 "github.com/tocsin-sec/tocsin/kit/csaf/test21/mandatory"
	should21 "github.com/tocsin-sec/tocsin/kit/csaf/test21/recommended"
	"github.com/tocsin-sec/tocsin/kit/csaf/validate"
	"github.com/tocsin-sec/tocsin/kit/cve"
	"github.com/tocsin-sec/tocsin/kit/osv"
	"github.com/tocsin-sec/tocsin/kit/vex"
)

// Rule is one test of CSAF, rule of a linter, or schema.
type Rule struct {
	ID       string
	Title    string
	Severity Severity // of its findings; a few tests have findings of another one
	Formats  []Format
}

// Rules returns all rules that findings may name, those of one format in the order of
// its standard or linter. Tests of CSAF that both versions have stand once, under the
// name that 2.0 gives them.
func Rules() []Rule {
	out := []Rule{
		{encodingRule, "Encoding: UTF-8 without byte order mark (RFC 8259, 8.1)", Error, Formats()},
		{jsonRule, "JSON: RFC 8259, no member twice, within the bounds", Error, Formats()},
		{formatRule, "A document of a known format", Error, Formats()},
		{validate.Schema20Strict, "JSON schema, no additional members", Error, []Format{CSAF20}},
	}
	for _, f := range formats {
		if i := slices.IndexFunc(out, func(r Rule) bool { return r.ID == f.schema }); i >= 0 {
			out[i].Formats = append(out[i].Formats, f.format)
			continue
		}
		out = append(out, Rule{f.schema, "JSON schema", Error, []Format{f.format}})
	}
	out = tests(out, CSAF20, slices.Concat(must20.Tests(), should20.Tests(), info20.Tests()))
	out = tests(out, CSAF21, slices.Concat(must21.Tests(), should21.Tests(), info21.Tests()))
	for _, f := range [...]Format{OSV, CVE, OpenVEX} {
		out = append(out, linter(f)...)
	}
	return out
}

// tests adds those of one version of CSAF.
func tests[D any](out []Rule, version Format, set rule.Set[D]) []Rule {
	for _, t := range set {
		if i := slices.IndexFunc(out, func(r Rule) bool { return r.ID == t.ID }); i >= 0 {
			out[i].Formats = append(out[i].Formats, version)
			continue
		}
		out = append(out, Rule{t.ID, t.Name, rule.SeverityOf(t.ID), []Format{version}})
	}
	return out
}

// linter returns the rules of the linter of a format.
func linter(f Format) []Rule {
	var out []Rule
	switch f {
	case OSV:
		for _, r := range osv.Rules() {
			out = append(out, Rule{r.ID, r.Text, r.Severity, []Format{OSV}})
		}
	case CVE, CNA:
		for _, r := range cve.Rules() {
			out = append(out, Rule{r.ID, r.Text, r.Severity, []Format{CVE, CNA}})
		}
	case OpenVEX:
		for _, r := range vex.Rules() {
			out = append(out, Rule{r[0], r[1], vexSeverity(r[0]), []Format{OpenVEX}})
		}
	}
	return out
}

// vexSeverity is the severity of the findings of a rule: vex has no list of them.
func vexSeverity(id string) Severity {
	switch id {
	case "VEX-01", "VEX-04", "VEX-07", "VEX-11", "VEX-12":
		return Warning
	}
	return Error
}
