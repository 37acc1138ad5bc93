package mandatory

import (
	"slices"
	"strings"
	"testing"

	"github.com/tocsin-sec/tocsin/kit/csaf/rule"
)

// found returns the pointers that a test reports, warnings with a ? behind.
func found(id, document string) []string {
	var out []string
	for _, f := range run([]byte(document)) {
		if f.Test == id {
			if f.Severity == rule.Warning {
				f.Pointer += "?"
			}
			out = append(out, f.Pointer)
		}
	}
	return out
}

// TestTextOfTheStandard holds facts of the text that no given case shows.
func TestTextOfTheStandard(t *testing.T) {
	branch := func(name string) string {
		return `{"product_tree":{"branches":[{"category":"product_version_range","name":"` + name + `","product":{"name":"a","product_id":"b"}}]}}`
	}
	ssvc := func(namespace, key, version, values string) string {
		return `{"vulnerabilities":[{"metrics":[{"content":{"ssvc_v2":{"selections":[{"namespace":"` + namespace + `","key":"` + key + `","version":"` + version + `","values":[` + values + `]}]}}}]}]}`
	}
	const name, selection = "/product_tree/branches/0/name", "/vulnerabilities/0/metrics/0/content/ssvc_v2/selections/0"
	for what, c := range map[string]struct{ id, document, want string }{
		"a range of an unknown type is a warning": {"6.1.50", branch("vers:unheardof/<2|>=3"), name + "?"},
		"all versions are vers:all":               {"6.1.50", branch("*"), name},
		"all versions of a type are vers:all":     {"6.1.50", branch("vers:npm/*"), name},
		"vers:all is a range":                     {"6.1.50", branch("vers:all/*"), ""},
		"a version is no range":                   {"6.1.59", branch("4.2"), name},
		"several versions are":                    {"6.1.59", branch("vers:npm/1.0.0|2.0.0"), ""},
		"invalid is no namespace":                 {"6.1.48", ssvc("invalid", "E", "1.1.0", `{"key":"N"}`), selection + "/namespace"},
		"a namespace for tests has any points":    {"6.1.48", ssvc("test", "Q", "7.0.0", `{"key":"N"}`), ""},
		"a value twice is out of order":           {"6.1.48", ssvc("ssvc", "E", "1.1.0", `{"key":"N"},{"key":"N"}`), selection + "/values/1"},
		"a translation has the same values":       {"6.1.48", ssvc("ssvc/de-DE", "E", "1.1.0", `{"key":"N"},{"key":"Z"}`), selection + "/values/1"},
		"an empty date is none":                   {"6.1.37", `{"vulnerabilities":[{"discovery_date":""}]}`, "/vulnerabilities/0/discovery_date"},
		"a missing date is not 6.1.37's":          {"6.1.37", `{"document":{"tracking":{}}}`, ""},
		"nobody may be the group of a draft":      {"6.1.39", `{"document":{"distribution":{"tlp":{"label":"CLEAR"},"sharing_group":{"id":"00000000-0000-0000-0000-000000000000"}},"tracking":{"status":"draft"}}}`, ""},
		"not of a final document":                 {"6.1.39", `{"document":{"distribution":{"tlp":{"label":"CLEAR"},"sharing_group":{"id":"00000000-0000-0000-0000-000000000000"}},"tracking":{"status":"final"}}}`, "/document/distribution/sharing_group/id"},
		"a product without id of the flaw":        {"6.1.27.8", `{"document":{"category":"csaf_vex"},"product_tree":{"product_groups":[{"group_id":"g","product_ids":["a","b"]}]},"vulnerabilities":[{"ids":[{"group_ids":["g"]}],"product_status":{"fixed":["a"],"known_affected":["b","c"]}}]}`, "/vulnerabilities/0/ids"},
		"one id for all":                          {"6.1.27.8", `{"document":{"category":"csaf_vex"},"vulnerabilities":[{"ids":[{"product_ids":["a"]},{"text":"x"}],"product_status":{"fixed":["c"]}}]}`, ""},
		"a last affected version is affected":     {"6.1.27.13", `{"document":{"category":"csaf_security_advisory"},"vulnerabilities":[{"product_status":{"fixed":["b"],"last_affected":["c"]}}]}`, ""},
		"a version that is fixed and never hit":   {"6.1.27.13", `{"document":{"category":"csaf_security_advisory"},"vulnerabilities":[{"product_status":{"fixed":["b"],"known_not_affected":["c"]}}]}`, "/vulnerabilities/0/product_status/fixed/0"},
		"source and document in one language":     {"6.1.28", `{"document":{"lang":"en-US","source_lang":"EN-us"}}`, "/document/lang /document/source_lang"},
		"a year without a zone":                   {"6.1.37", `{"document":{"tracking":{"current_release_date":"2024-01-24T10:00:00"}}}`, "/document/tracking/current_release_date"},
		"a comma before fractions":                {"6.1.37", `{"vulnerabilities":[{"threats":[{"date":"2024-01-24T10:00:00,5Z"}]}]}`, "/vulnerabilities/0/threats/0/date"},
		"a day that February does not have":       {"6.1.37", `{"vulnerabilities":[{"flags":[{"date":"2023-02-29T10:00:00Z"}]}]}`, "/vulnerabilities/0/flags/0/date"},
		"a leap second that there was":            {"6.1.37", `{"vulnerabilities":[{"discovery_date":"2016-12-31T23:59:60Z"}]}`, "/vulnerabilities/0/discovery_date"},
		"an hour that there is not":               {"6.1.37", `{"vulnerabilities":[{"disclosure_date":"2024-01-24T24:00:00Z"}]}`, "/vulnerabilities/0/disclosure_date"},
		"an offset of a day":                      {"6.1.37", `{"vulnerabilities":[{"involvements":[{"date":"2024-01-24T10:00:00+24:00"}]}]}`, "/vulnerabilities/0/involvements/0/date"},
		"a small t":                               {"6.1.37", `{"vulnerabilities":[{"metrics":[{"content":{"epss":{"timestamp":"2024-01-24t10:00:00Z"}}}]}]}`, "/vulnerabilities/0/metrics/0/content/epss/timestamp"},
		"many fractions and an unknown offset":    {"6.1.37", `{"vulnerabilities":[{"remediations":[{"date":"2024-01-24T10:00:00.1234567890123-00:00"}]}]}`, ""},
		"a product status in two groups by id":    {"6.1.6", `{"vulnerabilities":[{"product_status":{"unknown":["a"],"under_investigation":["a"],"recommended":["a"]}}]}`, "/vulnerabilities/0/product_status/unknown/0"},
		"the same version from two sources":       {"6.1.7", `{"vulnerabilities":[{"metrics":[{"products":["a"],"content":{"cvss_v4":{}}},{"products":["a"],"source":"https://example.com","content":{"cvss_v4":{}}},{"products":["b","a"],"source":"https://example.com","content":{"cvss_v4":{}}}]}]}`, "/vulnerabilities/0/metrics/2/products/1"},
		"3.0 beside 3.1":                          {"6.1.7", `{"vulnerabilities":[{"metrics":[{"products":["a"],"content":{"cvss_v3":{"version":"3.0"}}},{"products":["a"],"content":{"cvss_v3":{"version":"3.1"}}}]}]}`, ""},
		"a party twice in two zones":              {"6.1.24", `{"vulnerabilities":[{"involvements":[{"party":"vendor","date":"2024-01-01T00:00:00Z"},{"party":"vendor","date":"2024-01-01T01:00:00+01:00"},{"party":"user","date":"2024-01-01T00:00:00Z"}]}]}`, "/vulnerabilities/0/involvements/1"},
		"an exploitation known in another zone":   {"6.1.53", `{"vulnerabilities":[{"first_known_exploitation_dates":[{"date":"2024-01-01T00:00:00+02:00","exploitation_date":"2023-12-31T23:00:00Z"}]}]}`, "/vulnerabilities/0/first_known_exploitation_dates/0/exploitation_date"},
		"an embargo of a draft":                   {"6.1.45", `{"document":{"distribution":{"tlp":{"label":"CLEAR"}},"tracking":{"status":"draft","revision_history":[{"date":"2024-01-01T00:00:00Z"}]}},"vulnerabilities":[{"disclosure_date":"2024-01-02T00:00:00Z"}]}`, ""},
		"the newest revision need not be last":    {"6.1.45", `{"document":{"distribution":{"tlp":{"label":"CLEAR"}},"tracking":{"status":"interim","revision_history":[{"date":"2024-01-03T00:00:00Z"},{"date":"2024-01-01T00:00:00Z"}]}},"vulnerabilities":[{"disclosure_date":"2024-01-03T01:00:00+01:00"}]}`, ""},
		"a family in a family":                    {"6.1.57", `{"product_tree":{"branches":[{"category":"product_family","name":"A","branches":[{"category":"product_family","name":"B","product":{"product_id":"a"}}]}]}}`, ""},
		"a vendor far above":                      {"6.1.57", `{"product_tree":{"branches":[{"category":"vendor","name":"A","branches":[{"category":"product_family","name":"B","branches":[{"category":"vendor","name":"C","product":{"product_id":"a"}}]}]}]}}`, "/product_tree/branches/0/branches/0/branches/0/category"},
		"a range that is one version in fact":     {"6.1.59", branch("vers:npm/>=1.0.0|<=1.0.0"), name},
		"two upper bounds":                        {"6.1.50", branch("<1|<2"), name},
		"Maven's versions in another order":       {"6.1.50", branch("vers:maven/>=1.0|<1.0-rc1"), name},
		"a sign that is not of ASCII":             {"6.1.50", branch("≥4.2"), name},
		"a rating and a score from two sources":   {"6.1.56", `{"vulnerabilities":[{"metrics":[{"products":["a"],"content":{"cvss_v2":{}}},{"products":["a"],"source":"https://example.com","content":{"qualitative_severity_rating":"low"}}]}]}`, ""},
		"a rating beside a score":                 {"6.1.56", `{"vulnerabilities":[{"metrics":[{"products":["a"],"content":{"cvss_v2":{},"qualitative_severity_rating":"low"}}]}]}`, "/vulnerabilities/0/metrics/0/content/qualitative_severity_rating"},
		"an addition of one's own":                {"6.1.54", `{"document":{"license_expression":"(MIT WITH AdditionRef-a OR LicenseRef-b) AND GPL-2.0+"}}`, ""},
		"a document reference":                    {"6.1.54", `{"document":{"license_expression":"DocumentRef-a:LicenseRef-b"}}`, "/document/license_expression"},
		"operators in mixed letters":              {"6.1.54", `{"document":{"license_expression":"MIT And Apache-2.0"}}`, "/document/license_expression"},
		"a licence of one's own without text":     {"6.1.55", `{"document":{"license_expression":"MIT OR LicenseRef-example.com-a"}}`, "/document/notes"},
		"a licence of ScanCode":                   {"6.1.55", `{"document":{"license_expression":"LicenseRef-scancode-public-domain"}}`, ""},
		"another language has other titles":       {"6.1.55", `{"document":{"lang":"de","license_expression":"LicenseRef-example.com-a"}}`, ""},
		"an unknown extension is a warning":       {"6.1.60.2", `{"x_extensions":[{"$schema":"https://example.com/a_1.0.0.json","category":"essential","critical":false,"content":{"a":1}}]}`, "/x_extensions/0?"},
		"an escaped star is none":                 {"6.1.43", `{"product_tree":{"full_product_names":[{"product_identification_helper":{"model_numbers":["P\\*A*","P\\\\*A*"]}}]}}`, "/product_tree/full_product_names/0/product_identification_helper/model_numbers/1"},
		"a fixed product of another line":         {"6.1.27.13", `{"document":{"category":"csaf_security_advisory"},"product_tree":{"branches":[{"category":"product_name","name":"A","branches":[{"category":"product_version","name":"1","product":{"product_id":"a"}}]},{"category":"product_name","name":"B","branches":[{"category":"product_version","name":"1","product":{"product_id":"b"}}]}]},"vulnerabilities":[{"product_status":{"fixed":["b"],"known_affected":["a"]}}]}`, "/vulnerabilities/0/product_status/fixed/0"},
		"a fixed part with a hotfix":              {"6.1.27.13", `{"document":{"category":"csaf_security_advisory"},"product_tree":{"branches":[{"category":"product_name","name":"A","product":{"product_id":"a"}},{"category":"product_name","name":"B","product":{"product_id":"b"}}],"product_paths":[{"beginning_product_reference":"a","subpaths":[{"category":"installed_with","next_product_reference":"b"}],"full_product_name":{"product_id":"c"}}]},"vulnerabilities":[{"product_status":{"fixed":["c"],"known_affected":["a"]}}]}`, ""},
	} {
		if got := strings.Join(found(c.id, c.document), " "); got != c.want {
			t.Errorf("%s: %s reports %q, want %q", what, c.id, got, c.want)
		}
	}
}

// TestEveryReferenceIsLookedAt has one reference to a product and a group that are not
// there at each path of 6.1.1 and 6.1.4.
func TestEveryReferenceIsLookedAt(t *testing.T) {
	const both = `"product_ids":["a"],"group_ids":["g"]`
	const doc = `{"document":{"notes":[{` + both + `}]},"product_tree":{"product_groups":[{"group_id":"h","product_ids":["a"]}],"product_paths":[{"beginning_product_reference":"a","subpaths":[{"next_product_reference":"a"}],"full_product_name":{"product_id":"b"}}]},
"vulnerabilities":[{"first_known_exploitation_dates":[{` + both + `}],"flags":[{` + both + `}],"ids":[{` + both + `}],"involvements":[{` + both + `}],"metrics":[{"products":["a"]}],"notes":[{` + both + `}],
"product_status":{"first_affected":["a"],"first_fixed":["a"],"fixed":["a"],"known_affected":["a"],"known_not_affected":["a"],"last_affected":["a"],"recommended":["a"],"under_investigation":["a"],"unknown":["a"]},"remediations":[{` + both + `}],"threats":[{` + both + `}]}]}`
	for id, want := range map[string]int{"6.1.1": 21, "6.1.4": 8} {
		got := found(id, doc)
		slices.Sort(got)
		if got = slices.Compact(got); len(got) != want {
			t.Errorf("%s finds %d of %d: %q", id, len(got), want, got)
		}
	}
}

func TestCategoriesThatAreLikeProfiles(t *testing.T) {
	bad := strings.Split("Csaf_a|CsaF_VeX|CSafDeprecatedSecurity—Advisory|csafvex|Deprecated Security Advisory|Informational Advisory|Security      Advisory|security-incident-response|Superseded|V_eX|veX|withdrawn|Security_Incident_Response|V\u2011E\u00a0X|v\uff3fex|csaf\uff3fa|se\u2212curity advisory", "|")
	for _, c := range bad {
		if len(found("6.1.26", `{"document":{"category":"`+c+`"}}`)) != 1 {
			t.Errorf("%q is not reported", c)
		}
	}
	for _, c := range slices.Concat(profiles[:], []string{profileBase, "Example", "csaf", "vexed", "csafe advisory"}) {
		if len(found("6.1.26", `{"document":{"category":"`+c+`"}}`)) != 0 {
			t.Errorf("%q is reported", c)
		}
	}
}

// TestRemediationTables compares the rules with the standard's two tables, written row
// by row: p is prohibited.
func TestRemediationTables(t *testing.T) {
	names := strings.Fields("workaround mitigation vendor_fix optional_patch none_available fix_planned no_fix_planned")
	others := strings.Fields("...pp.. ...pp.. ...pppp ppp.ppp pppp.pp ..ppp.p ..pppp.")
	families := strings.Fields(".pp .pp .pp p.. .pp ..p ..p")
	for i, a := range names {
		r := remedyOf(a)
		for j, b := range names {
			if got := r.others&remedyOf(b).bit != 0; got != (others[i][j] == 'p') {
				t.Errorf("%s with %s: %t", a, b, got)
			}
		}
		for j, f := range []rule.Family{rule.Affected, rule.NotAffected, rule.FixedFamily} {
			if got := slices.Contains(r.status[:], f); got != (families[i][j] == 'p') {
				t.Errorf("%s for %s: %t", a, f, got)
			}
		}
	}
}
