package cve

import (
	"slices"
	"strings"
	"testing"
)

// TestLintFollowsCvelint holds corners of the rules: the rules that are broken, each once.
func TestLintFollowsCvelint(t *testing.T) {
	version := func(f func(v *Version)) func(*Record) {
		return func(r *Record) { f(&r.Containers.CNA.Affected[0].Versions[0]) }
	}
	text := func(lang, value string) func(*Record) {
		return func(r *Record) {
			c := &r.Containers.CNA
			c.Descriptions = append(c.Descriptions, Description{Lang: lang, Value: value})
		}
	}
	for _, c := range []struct {
		what   string
		change func(*Record)
		want   string
	}{
		{"a second English description is too short", text("en-GB", "too short"), "E003"},
		{"two descriptions of the language en", text("en", "The parser of Example has a flaw."), "E003"},
		{"a variety of English beside it", text("en-GB", "The parser of Example has a flaw."), ""},
		{"a short one in another language", text("de", "kurz"), ""},
		{"no English is one breach", func(r *Record) { r.Containers.CNA.Descriptions[0].Lang = "de" }, "E015"},
		{"a severity in small letters is the right one, spelt wrong", func(r *Record) { r.Containers.CNA.Metrics[0].V31.BaseSeverity = "critical" }, "E017"},
		{"a severity that is missing", func(r *Record) { r.Containers.CNA.Metrics[0].V31.BaseSeverity = "" }, "E005"},
		{"the last score of medium", func(r *Record) {
			m := r.Containers.CNA.Metrics[0].V31
			m.BaseScore, m.BaseSeverity = 6.9, "MEDIUM"
		}, ""},
		{"a vendor that is unknown", func(r *Record) { r.Containers.CNA.Affected[0].Vendor = "Unknown" }, ""},
		{"a vendor that is a slash", func(r *Record) { r.Containers.CNA.Affected[0].Vendor = "/" }, "E008"},
		{"a vendor that is a URL", func(r *Record) { r.Containers.CNA.Affected[0].Vendor = "http://example.org" }, "E008"},
		{"a product that is a dash", func(r *Record) { r.Containers.CNA.Affected[0].Product = "-" }, "E009"},
		{"a page of the NVD is a reference", func(r *Record) {
			r.Containers.CNA.References[0].URL = "https://nvd.nist.gov/vuln/detail/CVE-2024-12345"
		}, ""},
		{"the record of another", func(r *Record) {
			r.Containers.CNA.References[0].URL = "https://www.cve.org/CVERecord?id=CVE-2024-12346"
		}, ""},
		{"an upper limit that is a pattern", version(func(v *Version) { v.LessThan = "1.*" }), ""},
		{"no upper limit", version(func(v *Version) { v.LessThan = "*" }), ""},
		{"an asterisk as the last version", version(func(v *Version) { v.LessThan, v.LessThanOrEqual = "", "*" }), "E007"},
		{"an asterisk as a semantic version", version(func(v *Version) { v.Version = "*" }), "E007"},
		{"an asterisk without a type", func(r *Record) { r.Containers.CNA.Affected[0].Versions[1].Version = "*" }, ""},
		{"two numbers are no semantic version", version(func(v *Version) { v.Version = "1.0" }), "E007"},
		{"the earliest version", version(func(v *Version) { v.Version = "0" }), ""},
		{"a change at no semantic version", version(func(v *Version) { v.Changes[0].At = "1.1" }), "E007"},
		{"a Python version", version(func(v *Version) { v.VersionType, v.Version = "python", "1!2.0rc1.post2.dev3" }), ""},
		{"no Python version", version(func(v *Version) { v.VersionType, v.Version = "python", "1.0-ga" }), "E007"},
		{"no Maven version", version(func(v *Version) { v.VersionType, v.Version = "maven", "1:0" }), "E007"},
		{"an RPM version", version(func(v *Version) { v.VersionType, v.Version = "rpm", "1:2.0~rc1-3.el9" }), ""},
		{"a comma", version(func(v *Version) { v.VersionType, v.Version = "other", "1,2" }), "E007"},
		{"what nobody knows", version(func(v *Version) { v.VersionType, v.Version = "other", "unspecified" }), "E007"},
	} {
		r, _ := Read([]byte(full), Limits{})
		c.change(r)
		var got []string
		for _, f := range Lint(r) {
			got = append(got, f.Test)
		}
		if strings.Join(slices.Compact(got), " ") != c.want {
			t.Errorf("%s: %v, not %s", c.what, got, c.want)
		}
	}
	r, _ := Read([]byte(rejected), Limits{})
	if found := Lint(r); len(found) > 0 {
		t.Error(found)
	}
	r.Containers.CNA.RejectedReasons[0].Value = `no \u0041`
	if found := Lint(r); len(found) != 2 || found[0].Test != "E003" || found[1].Pointer != "/containers/cna/rejectedReasons/0/value" {
		t.Error("a reason that is short and has an escape:", found)
	}
}

// TestMembersOfLaterFormats holds what the schema in the shared data does not have yet.
func TestMembersOfLaterFormats(t *testing.T) {
	cpe := `"cpeApplicability":[{"operator":"AND","nodes":[{"operator":"OR","negate":false,"cpeMatch":[{"vulnerable":true,"criteria":"cpe:2.3:a:example:parser:*:*:*:*:*:*:*:*","versionStartIncluding":"1.0","versionEndExcluding":"1.2"}]}]}],"title":`
	purl := func(s string) string { return `"packageURL":"` + s + `","vendor":"Example",` }
	for _, c := range []struct {
		what, old, new string
		want           string // pointer of the problem
	}{
		{"the CNA's CPE applicability", `"title":"A flaw"`, cpe + `"A flaw"`, ""},
		{"an ADP's CPE applicability", `"title":"ADP"`, cpe + `"ADP"`, ""},
		{"CPE applicability before 5.1", `"title":"A flaw"`, cpe + `"A flaw"`, "/containers"},
		{"a match without criteria", `"title":"A flaw"`, strings.Replace(cpe, `"criteria"`, `"x"`, 1) + `"A flaw"`, "/containers/cna/cpeApplicability/0/nodes/0/cpeMatch/0"},
		{"a package URL beside a collection", `"vendor":"Example",`, purl("pkg:pypi/parser"), ""},
		{"a package URL with a version", `"vendor":"Example",`, purl("pkg:pypi/parser@1.0"), "/containers/cna/affected/0/packageURL"},
		{"a package URL with a range", `"vendor":"Example",`, purl("pkg:pypi/parser?vers=vers:pypi%2F%3C2"), "/containers/cna/affected/0/packageURL"},
	} {
		doc := strings.Replace(full, c.old, c.new, 1)
		if strings.Contains(c.what, "before") {
			doc = strings.Replace(doc, `"5.1.1"`, `"5.0"`, 1)
		}
		r, problems := Read([]byte(doc), Limits{})
		if c.want == "" {
			out, err := Write(r)
			if _, again := Read(out, Limits{}); len(problems)+len(again) > 0 || err != nil || len(out) < len(doc) {
				t.Errorf("%s: %v %v %v", c.what, problems, again, err)
			}
		} else if !slices.ContainsFunc(problems, func(p Problem) bool { return strings.HasPrefix(p.Pointer, c.want) }) {
			t.Errorf("%s: %v", c.what, problems)
		}
	}
}
