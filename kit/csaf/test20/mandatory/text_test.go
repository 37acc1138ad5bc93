package mandatory

import (
	"slices"
	"testing"

	"github.com/tocsin-sec/tocsin/kit/csaf"
	"github.com/tocsin-sec/tocsin/kit/csaf/rule"
)

// TestTheTextBeyondItsCases holds what the text of the standard says and no case of the
// committee shows.
func TestTheTextBeyondItsCases(t *testing.T) {
	category := func(s string) string { return `{"document":{"category":"` + s + `"}}` }
	tracking := func(status, version, history string) string {
		return `{"document":{"tracking":{"status":"` + status + `","version":"` + version + `","revision_history":[` + history + `]}}}`
	}
	score := func(s string) string { return `{"vulnerabilities":[{"scores":[{` + s + `}]}]}` }
	const history, version = "/document/tracking/revision_history", "/document/tracking/version"
	for _, c := range []struct {
		what, id, doc string
		want          []string
	}{
		{"a dash of any length", "6.1.26", category("Security—Advisory"), []string{"/document/category"}},
		{"a minus and a space without break", "6.1.26", category("csaf−security\u00a0advisory"), []string{"/document/category"}},
		{"a low line of full width", "6.1.26", category("V＿E＿X"), []string{"/document/category"}},
		{"the prefix in capitals", "6.1.26", category("CSAF_mine"), []string{"/document/category"}},
		{"the base under its name", "6.1.26", category("CSAF Base"), nil},
		{"a longer name", "6.1.26", category("Security Advisory 2"), nil},
		{"an instant in two zones", "6.1.14", tracking("final", "2", `{"date":"2024-01-01T01:00:00+01:00","number":"2"},{"date":"2024-01-01T00:00:00Z","number":"1"}`), nil},
		{"a zone that turns the order", "6.1.14", tracking("final", "2", `{"date":"2024-01-01T10:00:00+02:00","number":"2"},{"date":"2024-01-01T09:00:00Z","number":"1"}`), []string{history}},
		{"a leap second is before midnight", "6.1.14", tracking("final", "2", `{"date":"2016-12-31T23:59:60Z","number":"1"},{"date":"2017-01-01T00:00:00.5Z","number":"2"}`), nil},
		{"numbers of pre-releases count as numbers", "6.1.14", tracking("draft", "1.0.0-rc.10", `{"date":"2024-01-01T00:00:00Z","number":"1.0.0-rc.9"},{"date":"2024-01-02T00:00:00Z","number":"1.0.0-rc.10"}`), nil},
		{"build metadata is no order", "6.1.14", tracking("final", "1.0.0", `{"date":"2024-01-01T00:00:00Z","number":"1.0.0+b"},{"date":"2024-01-02T00:00:00Z","number":"1.0.0+a"}`), nil},
		{"build metadata of the newest revision", "6.1.16", tracking("final", "1.0.0+a", `{"date":"2024-01-01T00:00:00Z","number":"1.0.0+b"}`), nil},
		{"a pre-release of a draft", "6.1.16", tracking("draft", "1.0.0-alpha", `{"date":"2024-01-01T00:00:00Z","number":"1.0.0"}`), nil},
		{"a pre-release that is final", "6.1.16", tracking("final", "1.0.0-alpha", `{"date":"2024-01-01T00:00:00Z","number":"1.0.0"}`), []string{version}},
		{"an integer is no semantic version", "6.1.16", tracking("final", "1", `{"date":"2024-01-01T00:00:00Z","number":"1.0.0"}`), []string{version}},
		{"10 is not below 1", "6.1.17", tracking("final", "10.0.0", ``), nil},
		{"a major version that is left out", "6.1.21", tracking("final", "3.0.0", `{"date":"2024-01-01T00:00:00Z","number":"1.5.2"},{"date":"2024-01-02T00:00:00Z","number":"3.0.0"}`), []string{history}},
		{"a history from 0 on", "6.1.21", tracking("draft", "0.2.0", `{"date":"2024-01-01T00:00:00Z","number":"0.1.0"},{"date":"2024-01-02T00:00:00Z","number":"0.3.0"}`), nil},
		{"metrics in another order", "6.1.9", score(`"cvss_v3":{"version":"3.1","vectorString":"CVSS:3.1/E:P/MAV:L/AC:L/AV:N/PR:N/UI:N/S:U/C:H/I:H/A:H","baseScore":9.8,"baseSeverity":"CRITICAL","temporalScore":9.3,"environmentalScore":7.9,"environmentalSeverity":"HIGH"}`), nil},
		{"an environmental score of the vector without its metrics", "6.1.9", score(`"cvss_v3":{"version":"3.0","vectorString":"CVSS:3.0/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H/MAV:L","baseScore":9.8,"baseSeverity":"CRITICAL","environmentalScore":9.8}`), []string{"/vulnerabilities/0/scores/0/cvss_v3/environmentalScore"}},
		{"a metric that is missing", "6.1.9", score(`"cvss_v2":{"version":"2.0","vectorString":"AV:N/AC:L/Au:N/C:C/I:C","baseScore":10}`), []string{"/vulnerabilities/0/scores/0/cvss_v2/baseScore"}},
		{"a temporal score of version 2", "6.1.9", score(`"cvss_v2":{"version":"2.0","vectorString":"AV:N/AC:L/Au:N/C:C/I:C/A:C/E:F/RL:OF/RC:C","baseScore":10,"temporalScore":8.3}`), nil},
		{"a circle of two", "6.1.3", `{"product_tree":{"relationships":[{"product_reference":"A","relates_to_product_reference":"C","full_product_name":{"product_id":"B"}},{"product_reference":"B","relates_to_product_reference":"D","full_product_name":{"product_id":"C"}},{"product_reference":"A","relates_to_product_reference":"D","full_product_name":{"product_id":"E"}}]}}`, []string{"/product_tree/relationships/0/full_product_name/product_id", "/product_tree/relationships/1/full_product_name/product_id"}},
	} {
		data := []byte(c.doc)
		doc, problems := csaf.ReadAdvisory(data, csaf.Limits{})
		var got []string
		for _, f := range rule.Findings(Tests(), doc, rule.New20(doc, rule.Options{Data: data, Problems: problems})) {
			if f.Test == c.id {
				got = append(got, f.Pointer)
			}
		}
		if !slices.Equal(got, c.want) {
			t.Errorf("%s %s: got %q, want %q", c.id, c.what, got, c.want)
		}
	}
}
