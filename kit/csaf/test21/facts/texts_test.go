package facts_test

import (
	"slices"
	"testing"

	"github.com/tocsin-sec/tocsin/kit/csaf"
	"github.com/tocsin-sec/tocsin/kit/csaf/csaf21"
	"github.com/tocsin-sec/tocsin/kit/csaf/rule"
)

// TestTheTextBeyondItsCases holds what the text of the standard says and no case of the
// committee shows.
func TestTheTextBeyondItsCases(t *testing.T) {
	for _, c := range []struct {
		what, id, doc string
		want          []string
	}{
		{"an informational advisory may have unused products", "6.2.1", `{"document":{"category":"csaf_informational_advisory"},"product_tree":{"full_product_names":[{"product_id":"A","name":"A"}]}}`, nil},
		{"a path uses products", "6.2.1", `{"product_tree":{"full_product_names":[{"product_id":"A"},{"product_id":"B"}],"product_paths":[{"beginning_product_reference":"A","subpaths":[{"next_product_reference":"B"}],"full_product_name":{"product_id":"C"}}]}}`, []string{"/product_tree/product_paths/0/full_product_name/product_id"}},
		{"a group covers its products", "6.2.2", `{"product_tree":{"product_groups":[{"group_id":"G","product_ids":["A","B"]}]},"vulnerabilities":[{"product_status":{"known_affected":["A"],"under_investigation":["B","C"]},"remediations":[{"category":"none_available","group_ids":["G"]}]}]}`, []string{"/vulnerabilities/0/product_status/under_investigation/1"}},
		{"a metric of another vulnerability does not count", "6.2.3", `{"vulnerabilities":[{"metrics":[{"products":["A"]}]},{"product_status":{"last_affected":["A"]}}]}`, []string{"/vulnerabilities/1/product_status/last_affected/0"}},
		{"zones count", "6.2.6", `{"document":{"tracking":{"current_release_date":"2024-01-01T12:00:00+02:00","revision_history":[{"date":"2024-01-01T10:00:00Z"}]}}}`, nil},
		{"SHA-1 beside MD5 is another algorithm", "6.2.8", hashes(`{"algorithm":"md5"},{"algorithm":"sha1"}`), nil},
		{"a language there without value", "6.2.12", `{"document":{"lang":""}}`, []string{"/document/lang"}},
		{"private subtags in any case", "6.2.14", `{"document":{"lang":"DE-X-foo","source_lang":"de-qm"}}`, []string{"/document/lang", "/document/source_lang"}},
		{"an extension is not a region", "6.2.14", `{"document":{"lang":"en-u-aa-zz","source_lang":"i-default"}}`, nil},
		{"i-default in any case", "6.2.15", `{"document":{"source_lang":"I-Default"}}`, []string{"/document/source_lang"}},
		{"a rank of zero in both systems", "6.2.19", `{"vulnerabilities":[{"product_status":{"fixed":["A"],"first_fixed":["B"]},"metrics":[{"products":["A","B"],"content":{"cvss_v3":{"vectorString":"CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:N/I:N/A:N"},"cvss_v2":{"vectorString":"AV:N/AC:L/Au:N/C:P/I:N/A:N","targetDistribution":"NONE"}}}]}]}`, nil},
		{"a member beside the vector wins", "6.2.19", `{"vulnerabilities":[{"product_status":{"fixed":["A"]},"metrics":[{"products":["A"],"content":{"cvss_v3":{"vectorString":"CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:N/I:N/A:N","modifiedAvailabilityImpact":"HIGH"}}}]}]}`, []string{"/vulnerabilities/0/product_status/fixed/0"}},
		{"the vector goes before a member", "6.2.19", `{"vulnerabilities":[{"product_status":{"fixed":["A"]},"metrics":[{"products":["A"],"content":{"cvss_v3":{"vectorString":"CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:N/I:N/A:H/MA:L","modifiedAvailabilityImpact":"NONE"}}}]}]}`, []string{"/vulnerabilities/0/product_status/fixed/0"}},
		{"a score that says that it is not 0", "6.2.19", `{"vulnerabilities":[{"product_status":{"fixed":["A"]},"metrics":[{"products":["A"],"content":{"cvss_v3":{"vectorString":"CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:N/I:N/A:H/MA:N","environmentalScore":7.5}}}]}]}`, []string{"/vulnerabilities/0/product_status/fixed/0"}},
		{"damage beside the flaw", "6.2.19", `{"vulnerabilities":[{"product_status":{"fixed":["A"]},"metrics":[{"products":["A"],"content":{"cvss_v2":{"vectorString":"AV:N/AC:L/Au:N/C:N/I:N/A:N/CDP:H"}}}]}]}`, []string{"/vulnerabilities/0/product_status/fixed/0"}},
		{"impact on systems behind", "6.2.19", `{"vulnerabilities":[{"product_status":{"fixed":["A"]},"metrics":[{"products":["A"],"content":{"cvss_v4":{"vectorString":"CVSS:4.0/AV:N/AC:L/AT:N/PR:N/UI:N/VC:H/VI:H/VA:H/SC:H/SI:H/SA:H/MVC:N/MVI:N/MVA:N/MSC:N/MSI:S/MSA:N"}}}]}]}`, []string{"/vulnerabilities/0/product_status/fixed/0"}},
		{"a version later than there was", "6.2.24", `{"document":{"tracking":{"revision_history":[{"date":"2020-01-01T00:00:00Z"}]}},"vulnerabilities":[{"cwes":[{"id":"CWE-79","version":"4.12"}]}]}`, []string{"/vulnerabilities/0/cwes/0"}},
		{"a group is discouraged", "6.2.27", `{"product_tree":{"product_groups":[{"group_id":"G","product_ids":["A"]}]},"vulnerabilities":[{"product_status":{"unknown":["A"]},"remediations":[{"category":"workaround","group_ids":["G"]},{"category":"none_available","product_ids":["A"]}]}]}`, []string{"/vulnerabilities/0/remediations/0"}},
		{"recommended is in no group", "6.2.27", `{"vulnerabilities":[{"product_status":{"recommended":["A"]},"remediations":[{"category":"fix_planned","product_ids":["A"]}]}]}`, nil},
		{"equal sets of hashes", "6.2.32", `{"product_tree":{"full_product_names":[` + helper("A", `"hashes":[{"filename":"f","file_hashes":[{"algorithm":"a","value":"1"},{"algorithm":"b","value":"2"}]}]`) + `,` + helper("B", `"hashes":[{"filename":"f","file_hashes":[{"algorithm":"b","value":"2"},{"algorithm":"a","value":"1"}]}]`) + `]}}`, []string{"/product_tree/full_product_names/1/product_identification_helper"}},
		{"another category has another meaning", "6.2.32", `{"product_tree":{"full_product_names":[` + helper("A", `"skus":["1"]`) + `,` + helper("B", `"serial_numbers":["1"]`) + `]}}`, nil},
		{"invalid is reserved for what must not be", "6.2.34", ssvcOf("invalid", ""), []string{"/vulnerabilities/0/metrics/0/content/ssvc_v2/selections/0/namespace"}},
		{"test is reserved", "6.2.34", ssvcOf("test", ""), nil},
		{"an extension of a registered namespace needs a resource", "6.2.37", ssvcOf("ssvc//.example.com#a", "about ssvc//.example.com#ab"), []string{"/vulnerabilities/0/metrics/0/content/ssvc_v2/decision_point_resources"}},
		{"a resource at the end of a sentence", "6.2.37", ssvcOf("ssvc//.example.com#a", "This is ssvc//.example.com#a."), nil},
		{"a fix is planned", "6.2.39.1", fixed(`{"category":"fix_planned","product_ids":["A"]}`, `"known_affected":["A"]`), nil},
		{"a fix is planned and there", "6.2.39.1", fixed(`{"category":"fix_planned","product_ids":["A"]},{"category":"vendor_fix","product_ids":["A"]}`, `"known_affected":["A"]`), []string{"/vulnerabilities/0/product_status"}},
		{"a range that ends says that there is a fix", "6.2.39.1", fixed(`{"category":"none_available","product_ids":["R"]}`, `"known_affected":["R"]`), []string{"/vulnerabilities/0/product_status"}},
		{"the fix of another product", "6.2.39.1", fixed(`{"category":"workaround","product_ids":["A"]}`, `"known_affected":["A"],"fixed":["O"]`), []string{"/vulnerabilities/0/product_status"}},
		{"nobody has translated it", "6.2.39.2", `{"document":{"category":"csaf_withdrawn","lang":"fr"}}`, []string{"/document/lang?"}},
		{"nobody has translated that either", "6.2.40", `{"document":{"lang":"fr","notes":[{"category":"description","title":"Description du produit"}]}}`, []string{"/document/lang?"}},
		{"without a description there is nothing to translate", "6.2.40", `{"document":{"lang":"fr","notes":[{"category":"summary","title":"Product Description"}]}}`, nil},
		{"a licence in a language without translation", "6.2.46", `{"document":{"lang":"fr","license_expression":"LicenseRef-example.com-a"}}`, []string{"/document/lang?"}},
		{"a listed licence needs no text", "6.2.46", `{"document":{"lang":"fr","license_expression":"MIT"}}`, nil},
		{"two reasons", "6.2.39.2", `{"document":{"category":"csaf_withdrawn","lang":"de","notes":[{"category":"description","title":"Begründung für die Zurückziehung"},{"category":"description","title":"Begründung für die Zurückziehung"}]}}`, []string{"/document/notes"}},
		{"the category of a reference is external by default", "6.2.39.4", `{"document":{"category":"csaf_superseded","lang":"de","references":[{"summary":"Ersetzendes Dokument: B"}]}}`, nil},
		{"a description in German", "6.2.40", `{"document":{"lang":"de","notes":[{"category":"description","title":"Produktbeschreibung"}]}}`, []string{"/document/notes/0"}},
		{"the youngest score counts", "6.2.41", `{"document":{"tracking":{"status":"final","revision_history":[{"date":"2024-02-01T00:00:00Z"}]}},"vulnerabilities":[{"metrics":[{"content":{"epss":{"timestamp":"2024-01-01T00:00:00Z"}}},{"content":{"epss":{"timestamp":"2024-01-17T00:00:00Z"}}}]}]}`, nil},
		{"drafts may have old scores", "6.2.41", `{"document":{"tracking":{"status":"draft","revision_history":[{"date":"2024-02-01T00:00:00Z"}]}},"vulnerabilities":[{"metrics":[{"content":{"epss":{"timestamp":"2023-01-01T00:00:00Z"}}}]}]}`, nil},
		{"the version of a purl", "6.2.42", tree(`{"category":"product_version","name":"v1.2","product":` + helper("A", `"purls":["pkg:deb/debian/a@1.2-3","pkg:npm/a@1.3","pkg:npm/%40b/a"]`) + `}`), []string{"/product_tree/branches/0/branches/0/branches/0/product/product_identification_helper/purls/1", "/product_tree/branches/0/branches/0/branches/0/product/product_identification_helper/purls/2"}},
		{"a range has no version", "6.2.42", tree(`{"category":"product_version_range","name":"vers:npm/<2","product":` + helper("A", `"cpe":"cpe:2.3:a:v:p:*:*:*:*:*:*:*:*","purls":["pkg:npm/a"]`) + `}`), nil},
		{"an old CPE", "6.2.42", tree(`{"category":"product_version","name":"1.2","product":` + helper("A", `"cpe":"cpe:/a:v:p:1.2"`) + `}`), nil},
		{"a CPE without product", "6.2.42", tree(`{"category":"product_version","name":"1.2","product":` + helper("A", `"cpe":"cpe:/a:v::1.2"`) + `}`), []string{"/product_tree/branches/0/branches/0/branches/0/product/product_identification_helper/cpe"}},
		{"an exception is no license", "6.2.45", `{"document":{"license_expression":"GPL-2.0-only WITH Classpath-exception-2.0 OR (MIT AND LicenseRef-own)"}}`, nil},
		{"a license is no exception", "6.2.45", `{"document":{"license_expression":"GPL-2.0-only WITH MIT"}}`, []string{"/document/license_expression"}},
		{"the canonical URL as source", "6.2.47", `{"document":{"references":[{"category":"self","url":"https://example.com/a.json"}],"tracking":{"id":"A"}},"vulnerabilities":[{"metrics":[{"source":"https://example.com/a.json","content":{"qualitative_severity_rating":"low"}},{"source":"https://example.net/","content":{"qualitative_severity_rating":"low"}}]}]}`, []string{"/vulnerabilities/0/metrics/0"}},
		{"a vendor of that name and more", "6.2.48", `{"product_tree":{"branches":[{"category":"vendor","name":"Open Source Ltd."},{"category":"vendor","name":" oPEN\tsOURCE "}]}}`, []string{"/product_tree/branches/1/name"}},
		{"all versions have no upper end", "6.2.49", tree(`{"category":"product_version_range","name":"vers:all/*"}`), []string{"/product_tree/branches/0/branches/0/branches/0/name"}},
		{"products below a range", "6.2.50.1", overlap(`{"category":"product_version_range","name":"vers:npm/>1","branches":[{"category":"language","name":"de","product":{"product_id":"A"}}]}`, `{"category":"product_version_range","name":"vers:npm/<2","product":{"product_id":"B"}}`), []string{"/vulnerabilities/0/product_status"}},
		{"two types cannot be compared", "6.2.50.1", overlap(`{"category":"product_version_range","name":"vers:npm/>1","product":{"product_id":"A"}}`, `{"category":"product_version_range","name":"vers:deb/<2","product":{"product_id":"B"}}`), nil},
		{"every registered type is known", "6.2.51", tree(`{"category":"product_version_range","name":"vers:lexicographic/a"},{"category":"product_version_range","name":"vers:foo"}`), []string{"/product_tree/branches/0/branches/0/branches/1/name"}},
		{"algorithms of the standard", "6.2.52", hashes(`{"algorithm":"sha3-512"},{"algorithm":"sha"},{"algorithm":"whirlpool"}`), []string{"/product_tree/full_product_names/0/product_identification_helper/hashes/0/file_hashes/1/algorithm"}},
		{"another vulnerability's score", "6.3.1", `{"vulnerabilities":[{"metrics":[{"products":["A"],"content":{"cvss_v2":{}}},{"products":["A"],"source":"https://example.com","content":{"cvss_v4":{}}}]},{"metrics":[{"products":["A","B"],"content":{"cvss_v2":{}}}]}]}`, []string{"/vulnerabilities/1/metrics/0", "/vulnerabilities/1/metrics/0"}},
		{"the order of the categories", "6.3.9", `{"product_tree":{"branches":[{"category":"product_name","branches":[{"category":"vendor","branches":[{"category":"product_version","product":{"product_id":"A"}}]}]}]}}`, []string{"/product_tree/branches/0/branches/0/branches/0/product"}},
		{"a v before a word", "6.3.11", tree(`{"category":"product_version","name":"vista"},{"category":"product_version","name":"V2"}`), []string{"/product_tree/branches/0/branches/0/branches/1/name"}},
		{"no score at all", "6.3.12", `{"vulnerabilities":[{"product_status":{"known_affected":["A"]}}]}`, []string{"/vulnerabilities/0/product_status/known_affected/0"}},
		{"a version of the future", "6.3.13", ssvcOf("ssvc", ""), []string{"/vulnerabilities/0/metrics/0/content/ssvc_v2/selections/0"}},
	} {
		t.Run(c.id+" "+c.what, func(t *testing.T) {
			data := []byte(c.doc)
			doc, problems := csaf21.ReadAdvisory(data, csaf.Limits{})
			var got []string
			for _, f := range result(t, rule.Run(all(), doc, rule.New21(doc, options(data, problems))), c.id).Findings {
				if f.Severity != rule.SeverityOf(c.id) {
					f.Pointer += "?" // said, not failed
				}
				got = append(got, f.Pointer)
			}
			if !slices.Equal(got, c.want) {
				t.Errorf("got %q, want %q", got, c.want)
			}
		})
	}
}

func helper(id, members string) string {
	return `{"product_id":"` + id + `","product_identification_helper":{` + members + `}}`
}

func hashes(list string) string {
	return `{"product_tree":{"full_product_names":[` + helper("A", `"hashes":[{"file_hashes":[`+list+`]}]`) + `]}}`
}

func tree(branches string) string {
	return `{"product_tree":{"branches":[{"category":"vendor","name":"V","branches":[{"category":"product_name","name":"P","branches":[` + branches + `]}]}]}}`
}

func ssvcOf(namespace, summary string) string {
	return `{"vulnerabilities":[{"metrics":[{"content":{"ssvc_v2":{"timestamp":"2024-01-01T00:00:00Z","selections":[{"namespace":"` + namespace + `","key":"MI","version":"9.0.0"}],"decision_point_resources":[{"summary":"` + summary + `"}]}}}]}]}`
}

func fixed(remediations, status string) string {
	return `{"document":{"category":"csaf_security_advisory"},"product_tree":{"branches":[{"category":"vendor","name":"V","branches":[
		{"category":"product_name","name":"P","branches":[{"category":"product_version","name":"1","product":{"product_id":"A"}},{"category":"product_version_range","name":"vers:npm/>1|<2","product":{"product_id":"R"}}]},
		{"category":"product_name","name":"Q","branches":[{"category":"product_version","name":"1","product":{"product_id":"O"}}]}]}]},
		"vulnerabilities":[{"product_status":{` + status + `},"remediations":[` + remediations + `]}]}`
}

func overlap(a, b string) string {
	return `{"product_tree":{"branches":[` + a + `,` + b + `]},"vulnerabilities":[{"product_status":{"known_affected":["A"],"fixed":["B"]}}]}`
}
