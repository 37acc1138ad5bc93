package convert

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/tocsin-sec/tocsin/kit/csaf"
	"github.com/tocsin-sec/tocsin/kit/csaf/csaf21"
)

// advisory is a small document with what a case puts in: members of document, the
// product tree and one vulnerability.
func advisory(document, tree, vulnerability string) string {
	join := func(s string) string {
		if s != "" && !strings.HasPrefix(s, ",") {
			return "," + s
		}
		return s
	}
	d := `{"document":{"category":"%s","csaf_version":"2.0","title":"EX-1: Title","publisher":{"category":"%s","name":"E","namespace":"https://example.com"},` +
		`"tracking":{"current_release_date":"2022-01-01T00:00:00Z","id":"EX-1","initial_release_date":"2022-01-01T00:00:00Z","status":"final","version":"1","revision_history":[{"date":"2022-01-01T00:00:00Z","number":"1","summary":"s"}]}` + join(document) + `}`
	category, publisher := "csaf_base", "vendor"
	if strings.Contains(document, "csaf_security_advisory") {
		category, document = "csaf_security_advisory", ""
	}
	d = fmt.Sprintf(d, category, publisher)
	d = strings.ReplaceAll(d, `,"x":"csaf_security_advisory"`, "")
	if tree != "" {
		d += `,"product_tree":` + tree
	}
	if vulnerability != "" {
		d += `,"vulnerabilities":[` + vulnerability + `]`
	}
	return d + "}"
}

// branches nests categories and names: "vendor A > product_name B > product_version 1".
func branches(paths ...string) string {
	var list []string
	for i, p := range paths {
		steps := strings.Split(p, " > ")
		s := fmt.Sprintf(`"product":{"name":"P%d","product_id":"P%d"}`, i, i)
		for j := len(steps) - 1; j >= 0; j-- {
			category, name, _ := strings.Cut(steps[j], " ")
			n, _ := json.Marshal(name)
			s = fmt.Sprintf(`{"category":%q,"name":%s,%s}`, category, n, s)
			if j > 0 {
				s = `"branches":[` + s + `]`
			}
		}
		list = append(list, s)
	}
	return `{"branches":[` + strings.Join(list, ",") + `]}`
}

func helper(s string) string {
	return `{"full_product_names":[{"name":"A","product_id":"A","product_identification_helper":{` + s + `}}]}`
}

// three products for remediations: A and C are affected, B is fixed.
const three = `{"full_product_names":[{"name":"A","product_id":"A"},{"name":"B","product_id":"B"},{"name":"C","product_id":"C"}],"product_groups":[{"group_id":"G","product_ids":["A","B"]}]}`
const state = `"product_status":{"known_affected":["A","C"],"fixed":["B"]}`

// TestRules has a case for each rule of clause 18: what is in the source, what the
// result must contain (JSON without white space), and the decision that names it.
func TestRules(t *testing.T) {
	hash := strings.Repeat("AB", 32)
	for _, tc := range []struct {
		name, document, tree, vulnerability string
		options                             Options
		want                                []string // in the result
		not                                 string   // not in the result
		decision                            string   // within one decision; "" for none of an error
	}{
		{name: "a leap second becomes the last microsecond", vulnerability: `{"release_date":"2016-12-31T23:59:60Z"}`, want: []string{`"disclosure_date":"2016-12-31T23:59:59.999999Z"`}, decision: "which was a valid one"},
		{name: "a leap second that never was is called so", vulnerability: `{"discovery_date":"2015-12-31T23:59:60.5Z"}`, want: []string{`"2015-12-31T23:59:59.999999Z"`}, decision: "which was none"},
		{name: "legacy becomes product_name", tree: branches("legacy A"), want: []string{`"category":"product_name"`}, decision: "does not exist in CSAF 2.1"},
		{name: "a vendor that names nobody is removed", tree: branches("vendor Open-Source > vendor A > product_name B"), want: []string{`[{"branches":[{"category":"product_name","name":"B"`}, not: "Open-Source", decision: "was resolved"},
		{name: "two vendors that are somebody are an error", tree: branches("vendor X > vendor A > product_name B"), want: []string{`"name":"X"`}, decision: "error"},
		{name: "stacked versions become a family and a name", tree: branches("product_name A > product_version 1 > product_version 1.2"), want: []string{`"category":"product_family","name":"A"`, `"category":"product_name","name":"A 1"`, `"category":"product_version","name":"1.2"`}, decision: "was resolved"},
		{name: "three stacked versions are resolved", tree: branches("product_name A > product_version 1 > product_version 1.2 > product_version 1.2.3"), want: []string{`"category":"product_name","name":"A 1 1.2"`}, decision: "was resolved"},
		{name: "another stacked category is an error", tree: branches("language a > language b"), decision: "error"},
		{name: "families may be stacked", tree: branches("product_family a > product_family b"), want: []string{`"name":"b"`}},
		{name: "a version above a range becomes a name", tree: branches("product_name A > product_version 1 > product_version_range <1.2"), want: []string{`"category":"product_family","name":"A"`, `"category":"product_name","name":"A 1"`}, decision: "in one path was resolved"},
		{name: "below a family only the version changes", tree: branches("product_family A > product_version 1 > product_version_range <1.2"), want: []string{`"category":"product_name","name":"A 1"`}, decision: "in one path was resolved"},
		{name: "a range above a version is an error", tree: branches("product_name A > product_version_range <2 > product_version 1"), decision: "could not be resolved"},
		{name: "an open range of one constraint is its version", tree: branches("product_version_range vers:intdot/>=4.2.0"), want: []string{`"category":"product_version","name":"4.2.0"`}, decision: "upper open ended"},
		{name: "an open range of several ends with its version", tree: branches("product_version_range vers:intdot/<2.0|>=4.2.0"), want: []string{`"name":"vers:intdot/<2.0|4.2.0"`}, decision: "upper open ended"},
		{name: "an open range that excludes its version is an error", tree: branches("product_version_range vers:intdot/<2.0|>4.2.0"), decision: "could not be resolved"},
		{name: "a single version in VERS is extracted", tree: branches("product_version_range vers:intdot/4.2.0"), want: []string{`"category":"product_version","name":"4.2.0"`}, decision: "declared as product_version_range"},
		{name: "a single version in vls is kept", tree: branches("product_version_range 4.2.0"), want: []string{`"category":"product_version","name":"4.2.0"`}, decision: "declared as product_version_range"},
		{name: "a range in words is read", tree: branches("product_version_range All versions < V3.0"), want: []string{`"name":"\u003cV3.0"`}, decision: "in words"},
		{name: "all versions of a type are all versions", tree: branches("product_version_range vers:generic/*"), want: []string{`"name":"vers:all/*"`}, decision: "written in words"},
		{name: "words with two meanings are an error", tree: branches("product_version_range 1.0, 2.0 to 3.0"), decision: "error"},
		{name: "an invalid CPE goes", tree: helper(`"cpe":"cpe:2.3:a:b:c:1:*:*:*:*:*:*:* and more","skus":["a"]`), not: `"cpe"`, decision: "invalid CPE"},
		{name: "equal hashes are one, in small letters", tree: helper(`"hashes":[{"filename":"f","file_hashes":[{"algorithm":"SHA-256","value":"` + hash + `"},{"algorithm":"sha256","value":"` + strings.ToLower(hash) + `"}]}]`), want: []string{`"file_hashes":[{"algorithm":"sha256","value":"` + strings.ToLower(hash) + `"}]`}},
		{name: "an unknown algorithm is written small", tree: helper(`"hashes":[{"filename":"f","file_hashes":[{"algorithm":"MyHash","value":"` + hash + `"}]}]`), want: []string{`"algorithm":"myhash"`}, decision: "unknown hash algorithm"},
		{name: "a model number gets a star", tree: helper(`"model_numbers":["AB\\C"]`), want: []string{`"AB\\\\C*"`}, decision: "partial model number"},
		{name: "complete numbers get none when asked", tree: helper(`"serial_numbers":["A?"]`), options: Options{CompleteNumbers: true, LiteralQuestion: true}, want: []string{`"A\\?"`}},
		{name: "a SKU with two stars goes", tree: helper(`"skus":["*A","B"]`), want: []string{`"skus":["B*"]`}, decision: "multiple stars"},
		{name: "a star can be meant as one", tree: helper(`"skus":["*A"]`), options: Options{LiteralStar: true}, want: []string{`"\\*A*"`}, decision: "partial stock keeping unit"},
		{name: "purl becomes the first of purls", tree: helper(`"purl":"pkg:npm/a@1"`), want: []string{`"purls":["pkg:npm/a@1"]`}},
		{name: "a purl with large letters becomes canonical", tree: helper(`"purl":"pkg:NPM/a@1"`), want: []string{`"purls":["pkg:npm/a@1"]`}},
		{name: "SBOM URLs, SKUs and URIs are unique", tree: helper(`"sbom_urls":["https://a.example","https://a.example"],"x_generic_uris":[{"namespace":"a:b","uri":"c:d"},{"namespace":"a:b","uri":"c:d"}]`), want: []string{`"sbom_urls":["https://a.example"]`, `"x_generic_uris":[{"namespace":"a:b","uri":"c:d"}]`}},
		{name: "the schema and version are those of 2.1", want: []string{`"$schema":"https://docs.oasis-open.org/csaf/csaf/v2.1/schema/csaf.json"`, `"csaf_version":"2.1"`}},
		{name: "a fixed product is added behind an open end", document: `"x":"csaf_security_advisory"`, tree: branches("product_name A > product_version_range <2.0"), vulnerability: `{"notes":[{"category":"summary","text":"t"}],"product_status":{"known_affected":["P0"]}}`, want: []string{`"category":"csaf_security_advisory"`, `"category":"product_version","name":"2.0","product":{"name":"A 2.0","product_id":"P0-fixed"}`, `"fixed":["P0-fixed"]`}, decision: "was added to the product tree"},
		{name: "an advisory without affected products is a deprecated one", document: `"x":"csaf_security_advisory"`, tree: branches("product_name A"), vulnerability: `{"notes":[{"category":"summary","text":"t"}],"product_status":{"fixed":["P0"]}}`, want: []string{`"csaf_deprecated_security_advisory"`}, decision: "no known affected product"},
		{name: "WHITE becomes CLEAR", document: `"distribution":{"tlp":{"label":"WHITE"}}`, want: []string{`"label":"CLEAR"`}},
		{name: "the label in the text counts when asked", document: `"distribution":{"text":"TLP v2.0: TLP:AMBER+STRICT","tlp":{"label":"RED"}}`, options: Options{TLPFromText: true}, want: []string{`"label":"AMBER+STRICT"`}, decision: "taken from the distribution text"},
		{name: "without a label it is CLEAR", want: []string{`"label":"CLEAR"`}, decision: "default TLP"},
		{name: "one licence expression is set", document: `"notes":[{"category":"legal_disclaimer","text":"SPDX-License-Identifier: CC-BY-4.0 OR MIT"}]`, want: []string{`"license_expression":"CC-BY-4.0 OR MIT"`}, decision: "licence expression was found"},
		{name: "operators may be small", document: `"notes":[{"category":"legal_disclaimer","text":"SPDX-License-Identifier: (MIT or isc) and GPL-2.0-only with AdditionRef-a"}]`, want: []string{`"license_expression":"(MIT or isc) and GPL-2.0-only with AdditionRef-a"`}, decision: "licence expression was found"},
		{name: "DocumentRef is none of CSAF 2.1", document: `"notes":[{"category":"legal_disclaimer","text":"SPDX-License-Identifier: DocumentRef-a:LicenseRef-b"}]`, not: "license_expression"},
		{name: "a well-known licence behind words is none", document: `"notes":[{"category":"legal_disclaimer","text":"MIT or Proprietary"}]`, not: "license_expression"},
		{name: "several licence expressions are listed", document: `"notes":[{"category":"legal_disclaimer","text":"MIT"},{"category":"legal_disclaimer","text":"ISC"}]`, not: "license_expression", decision: "MIT at /document/notes/0/text, ISC"},
		{name: "a note of a product is bound to it", document: `"notes":[{"category":"description","title":"Product Description for A","text":"t"}]`, tree: branches("product_name A"), want: []string{`"product_ids":["P0"]`}, decision: "products have been assigned"},
		{name: "a note of no product is not bound", document: `"notes":[{"category":"summary","title":"Summary of things","text":"t"}]`, decision: "no products could be assigned"},
		{name: "a vulnerability's note is bound", tree: branches("product_name A"), vulnerability: `{"notes":[{"category":"description","title":"Preconditions: A","text":"t"}]}`, want: []string{`"product_ids":["P0"]`}, decision: "products have been assigned"},
		{name: "the title loses the id", want: []string{`"title":"Title"`}, not: `"title":"EX-1`},
		{name: "a relationship becomes a product path", tree: `{"full_product_names":[{"name":"A","product_id":"A"},{"name":"B","product_id":"B"}],"relationships":[{"category":"installed_on","product_reference":"A","relates_to_product_reference":"B","full_product_name":{"name":"C","product_id":"C"}}]}`, want: []string{`"beginning_product_reference":"A"`, `"subpaths":[{"category":"installed_on","next_product_reference":"B"}]`}},
		{name: "the version of CWE is that before the release", vulnerability: `{"cwe":{"id":"CWE-79","name":" Improper Neutralization of Input During Web Page Generation ('Cross-site Scripting') "}}`, want: []string{`"name":"Improper Neutralization of Input During Web Page Generation ('Cross-site Scripting')","version":"4.6"`}},
		{name: "a weakness that no version has is an error", vulnerability: `{"cwe":{"id":"CWE-79","name":"XSS"}}`, want: []string{`"version":"4.6"`}, decision: "error"},
		{name: "release_date becomes disclosure_date", vulnerability: `{"release_date":"2021-01-01T00:00:00Z"}`, want: []string{`"disclosure_date":"2021-01-01T00:00:00Z"`}},
		{name: "a registered id passes", vulnerability: `{"ids":[{"system_name":"https://euvd.enisa.europa.eu","text":"EUVD-2026-4660"}]}`, want: []string{"EUVD-2026-4660"}},
		{name: "a registered id that does not match is named", vulnerability: `{"ids":[{"system_name":"https://euvd.enisa.europa.eu","text":"4660"}]}`, decision: "registered vulnerability system"},
		{name: "an unregistered id is named", vulnerability: `{"ids":[{"system_name":"X","text":"4660"}]}`, decision: "unregistered"},
		{name: "a CVSS 4 link becomes a score", tree: three, vulnerability: `{` + state + `,"references":[{"summary":"s","url":"https://www.first.org/cvss/calculator/4.0#CVSS:4.0/AV:N/AC:L/AT:N/PR:N/UI:N/VC:H/VI:H/VA:H/SC:N/SI:N/SA:N"}]}`, want: []string{`"baseScore":9.3`, `"baseSeverity":"CRITICAL"`, `"products":["A","C"]`}, decision: "was computed"},
		{name: "threat metrics count for the score", tree: three, vulnerability: `{` + state + `,"references":[{"summary":"s","url":"https://www.first.org/cvss/calculator/4.0#CVSS:4.0/AV:N/AC:L/AT:N/PR:N/UI:N/VC:H/VI:H/VA:H/SC:N/SI:N/SA:N/E:U"}]}`, want: []string{`"baseScore":8.1`, `"baseSeverity":"HIGH"`}, decision: "was computed"},
		{name: "a wrong CVSS 4 link is named", tree: three, vulnerability: `{` + state + `,"references":[{"summary":"s","url":"https://www.first.org/cvss/calculator/4.0#CVSS:4.0/AV:Q"}]}`, not: "cvss_v4", decision: "failed"},
		{name: "an SSVC vector becomes an object", tree: three, vulnerability: `{` + state + `,"notes":[{"category":"other","title":"SSVC","text":"SSVCv2/E:A/A:Y/2021-01-01T00:00:00Z/"}]}`, want: []string{`"ssvc_v2"`, `"key":"E"`}, not: `"notes"`, decision: "SSVC vector was converted"},
		{name: "an SSVC note with more is kept", tree: three, vulnerability: `{` + state + `,"notes":[{"category":"other","title":"SSVC","text":"We chose SSVCv2/E:A/2021-01-01T00:00:00Z/ here."}]}`, want: []string{"We chose"}, not: `"ssvc_v2"`, decision: "losing information"},
		{name: "an SSVC note without vector is kept", tree: three, vulnerability: `{` + state + `,"notes":[{"category":"other","title":"SSVC","text":"Act"}]}`, want: []string{`"Act"`}, decision: "SSVC data failed"},
		{name: "a vendor fix of a fixed product is an optional patch", tree: three, vulnerability: `{` + state + `,"remediations":[{"category":"vendor_fix","details":"d","product_ids":["B"]}]}`, want: []string{`"category":"optional_patch"`}, decision: "optional_patch"},
		{name: "a vendor fix of both is duplicated", tree: three, vulnerability: `{` + state + `,"remediations":[{"category":"vendor_fix","details":"d","group_ids":["G"]}]}`, want: []string{`"category":"vendor_fix","details":"d","product_ids":["A"]`, `"category":"optional_patch","details":"d","product_ids":["B"]`}, decision: "duplicated"},
		{name: "no fix yet and a fix without date is a planned fix", tree: three, vulnerability: `{` + state + `,"remediations":[{"category":"vendor_fix","details":"d","product_ids":["A","C"]},{"category":"none_available","details":"e","product_ids":["A"]}]}`, want: []string{`"category":"fix_planned","details":"e","product_ids":["A"]`, `"category":"vendor_fix","details":"d","product_ids":["C"]`}, decision: "fix_planned"},
		{name: "no fix yet and a past fix is a fix", tree: three, vulnerability: `{` + state + `,"remediations":[{"category":"vendor_fix","date":"2021-01-01T00:00:00Z","details":"d","product_ids":["A"]},{"category":"none_available","details":"e","product_ids":["A"]}]}`, want: []string{`"vendor_fix"`}, not: "none_available", decision: "removed from none_available"},
		{name: "none available stays alone", tree: three, vulnerability: `{` + state + `,"remediations":[{"category":"none_available","details":"e","product_ids":["A"]}]}`, want: []string{`"none_available"`}},
		{name: "contradicting remediations are an error", tree: three, vulnerability: `{` + state + `,"remediations":[{"category":"none_available","details":"e","product_ids":["A"]},{"category":"mitigation","details":"e","product_ids":["A"]}]}`, decision: "error"},
		{name: "an additional property is named and lost", document: `"x_own":1`, not: "x_own", decision: "was not converted"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			r, problems := From([]byte(advisory(tc.document, tc.tree, tc.vulnerability)), csaf.Limits{}, tc.options)
			if problems.Fatal() {
				t.Fatal(problems)
			}
			valid(t, tc.name, r)
			out, err := json.Marshal(r.Document)
			if err != nil {
				t.Fatal(err)
			}
			text := strings.NewReplacer(`\u003c`, "<", `\u003e`, ">").Replace(string(out))
			for _, w := range tc.want {
				if !strings.Contains(text, strings.NewReplacer(`\u003c`, "<", `\u003e`, ">").Replace(w)) {
					t.Errorf("%s is not in %s", w, text)
				}
			}
			if tc.not != "" && strings.Contains(text, tc.not) {
				t.Errorf("%s is in %s", tc.not, text)
			}
			var all []string
			for _, d := range r.Decisions {
				all = append(all, d.String())
			}
			if s := strings.Join(all, "\n"); !strings.Contains(s, tc.decision) || tc.decision == "" && r.Errors() {
				t.Errorf("decisions are\n%s", s)
			}
		})
	}
}

// TestPublisherAndRetired are the rules that need another document.
func TestPublisherAndRetired(t *testing.T) {
	doc, problems := csaf.ReadAdvisory([]byte(advisory("", "", "")), csaf.Limits{})
	if problems.Fatal() {
		t.Fatal(problems)
	}
	doc.Document.Publisher.Category = "other"
	if r := Convert(doc, nil, Options{OtherIsMultiplier: true}); r.Document.Document.Publisher.Category != "multiplier" || len(r.Decisions) != 2 {
		t.Error(r.Decisions)
	}
	if r := Convert(doc, nil, Options{QuietPublisher: true}); r.Document.Document.Publisher.Category != "other" || len(r.Decisions) != 1 {
		t.Error(r.Decisions)
	}
	doc.Document.Title = "Withdrawn: Title"
	r := Convert(doc, nil, Options{})
	if _, err := r.Write(); err != ErrUndecided || r.Document.Document.Category != "csaf_base" {
		t.Error(err, r.Decisions)
	}
	doc.Document.Tracking.RevisionHistory = append(doc.Document.Tracking.RevisionHistory, doc.Document.Tracking.RevisionHistory[0])
	doc.Document.Notes = []csaf.Note{{Category: "description", Text: "It was wrong."}}
	r = Convert(doc, nil, Options{})
	if d := r.Document.Document; d.Category != "csaf_withdrawn" || d.Notes[0].Title != "Reasoning for Withdrawal" {
		t.Error(r.Decisions)
	}
	doc.Document.Notes = append(doc.Document.Notes, csaf.Note{Category: "description", Text: "More."}, csaf.Note{Category: "description", Title: "History", Text: "Old."})
	if r = Convert(doc, nil, Options{}); r.Document.Document.Category != "csaf_base" {
		t.Error(r.Decisions)
	}
	doc.Document.Notes[0].Title = "Reasoning for Withdrawal"
	if r = Convert(doc, nil, Options{}); r.Document.Document.Category != "csaf_withdrawn" {
		t.Error(r.Decisions)
	}
	doc.Document.Notes[0].Category = "general"
	if r = Convert(doc, nil, Options{}); r.Document.Document.Category != "csaf_base" {
		t.Error(r.Decisions)
	}
	doc.Document.Notes = []csaf.Note{{Category: "description", Text: "It was wrong."}}
	doc.Document.Title, doc.Document.Category = "Title", "Superseded"
	doc.Document.References = []csaf.Reference{{Category: "external", Summary: "Superseding Document EX-2", URL: "https://example.com/2"}}
	if r = Convert(doc, nil, Options{}); r.Document.Document.Category != "csaf_superseded" {
		t.Error(r.Decisions)
	}
	if _, err := csaf21.Write(r.Document); err != nil {
		t.Error(err)
	}
	doc.Document.References[0].Category = "" // which is external
	if r = Convert(doc, nil, Options{}); r.Document.Document.Category != "csaf_superseded" {
		t.Error(r.Decisions)
	}
}
