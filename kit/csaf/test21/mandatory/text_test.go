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
		"a product without id of the flaw":        {"6.1.27.8", `{"document":{"category":"csaf_vex"},"product_tree":{"product_groups":[{"group_id":"g","product_ids":["a","b"]}]},"vulnerabilities":[{"ids":[{"group_ids":["g"]}],"product_status":{"fixed":["a"],"known_affected":["b","c"]}}]}`, "/vulnerabilities/0/product_status/known_affected/1"},
		"one id for all":                          {"6.1.27.8", `{"document":{"category":"csaf_vex"},"vulnerabilities":[{"ids":[{"product_ids":["a"]},{"text":"x"}],"product_status":{"fixed":["c"]}}]}`, ""},
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
