package validate_test

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/tocsin-sec/tocsin/kit/csaf/rule"
	"github.com/tocsin-sec/tocsin/kit/csaf/validate"
)

const small = `{"document": {"category": "csaf_base", "csaf_version": "2.0", "extra": 1, "lang": "en",
 "publisher": {"category": "other", "name": "Example", "namespace": "https://example.com"},
 "references": [{"summary": "s", "url": "https://lantern.test/a"}],
 "title": "A titel", "tracking": {"current_release_date": "2024-01-01T00:00:00Z", "id": "E-1",
 "initial_release_date": "2024-01-01T00:00:00Z", "status": "final", "version": "2",
 "revision_history": [{"date": "2024-01-01T00:00:00Z", "number": "1", "summary": "First."}]}}}`

func ExampleValidator() {
	v := validate.Validator{}
	report, err := v.Check(context.Background(), []byte(small), validate.Request{Presets: []string{"basic"}, Tests: []string{"informativeTest_6_3_8"}})
	if err != nil {
		panic(err)
	}
	fmt.Println("CSAF", report.Version, "valid:", report.Valid())
	for _, f := range report.Findings() {
		fmt.Printf("%d:%d %s %s %s\n", f.Line, f.Column, f.Severity, f.Test, f.Message)
	}
	// Output:
	// CSAF 2.0 valid: false
	// 5:80 error 6.1.16 the version is 2, the newest revision 1
	// 4:11 info 6.3.8 not spelt right: titel
}

func check(t *testing.T, v *validate.Validator, doc string, r validate.Request) *validate.Report {
	t.Helper()
	report, err := v.Check(t.Context(), []byte(doc), r)
	if err != nil {
		t.Fatal(err)
	}
	return report
}

func TestNamesGoBothWays(t *testing.T) {
	for _, tc := range [][3]string{{"2.0", "6.1.27.11", "mandatoryTest_6_1_27_11"}, {"2.0", "6.2.1", "optionalTest_6_2_1"},
		{"2.1", "6.2.1", "recommendedTest_6_2_1"}, {"2.0", "6.3.10", "informativeTest_6_3_10"}, {"2.0", "csaf_2_0", "csaf_2_0"}} {
		if got := validate.Name(tc[0], tc[1]); got != tc[2] || validate.ID(tc[2]) != tc[1] {
			t.Errorf("%v: %q, %q", tc, got, validate.ID(tc[2]))
		}
	}
	if n := len(validate.Tests("2.0")); n != 74+2 {
		t.Errorf("%d tests of 2.0", n)
	}
}

func TestPresets(t *testing.T) {
	for name, want := range map[string]int{"schema": 1, "mandatory": 43, "optional": 20, "recommended": 20, "informative": 11, "basic": 44,
		"extended": 64, "full": 75, "external-request-free": 73, "consistent-revision-history": 8} {
		if got := len(check(t, &validate.Validator{}, small, validate.Request{Presets: []string{name}}).Results); got != want {
			t.Errorf("%s has %d results, want %d", name, got, want)
		}
	}
	for _, r := range []validate.Request{{Presets: []string{"x_full"}}, {Tests: []string{"6.1.99"}}, {Tests: []string{""}}} {
		if _, err := (&validate.Validator{}).Check(t.Context(), []byte(small), r); err == nil {
			t.Errorf("%v is known", r)
		}
	}
}

func TestNetwork(t *testing.T) {
	down := func(context.Context, string) (int, error) { return 503, nil }
	slow := func(ctx context.Context, _ string) (int, error) { <-ctx.Done(); return 0, ctx.Err() }
	invalid := strings.Replace(small, "lantern.test", "a.invalid", 1)
	reserved := strings.Replace(small, "lantern.test", "www.example.org", 1)
	for _, tc := range []struct {
		fact    string
		v       validate.Validator
		doc     string
		request validate.Request
		want    rule.State
	}{
		{"in a preset it is not run", validate.Validator{Fetcher: down}, small, validate.Request{Presets: []string{"full"}}, rule.NotRun},
		{"in a preset it is when asked for", validate.Validator{Fetcher: down}, small, validate.Request{Presets: []string{"full"}, Network: true}, rule.Failed},
		{"by name it is", validate.Validator{Fetcher: down}, small, validate.Request{Tests: []string{"6.3.6"}}, rule.Failed},
		{"by name beside a preset as well", validate.Validator{Fetcher: down}, small, validate.Request{Presets: []string{"full"}, Tests: []string{"6.3.6"}}, rule.Failed},
		{"without a fetcher nothing is known", validate.Validator{}, small, validate.Request{Tests: []string{"6.3.6"}}, rule.NotRun},
		{"invalid hosts need no fetcher", validate.Validator{}, invalid, validate.Request{Tests: []string{"6.3.6"}}, rule.Failed},
		{"nor do example hosts", validate.Validator{Fetcher: down}, reserved, validate.Request{Tests: []string{"6.3.6"}}, rule.Passed},
		{"an answer that does not come in time says nothing", validate.Validator{Fetcher: slow, NetworkTime: time.Millisecond}, small, validate.Request{Tests: []string{"6.3.6"}}, rule.NotRun},
	} {
		r, ok := check(t, &tc.v, tc.doc, tc.request).Result("6.3.6")
		if !ok || r.State != tc.want {
			t.Errorf("%s: %+v", tc.fact, r)
		}
	}
}

func TestWhatIsNoJSON(t *testing.T) {
	report := check(t, &validate.Validator{}, small[:200], validate.Request{Presets: []string{"optional"}})
	if report.Valid() || slices.ContainsFunc(report.Results, func(r validate.Result) bool { return r.State != rule.NotRun }) {
		t.Errorf("%+v", report)
	}
}

func TestStrictSchemaForbidsWhatTheOtherWarnsOf(t *testing.T) {
	report := check(t, &validate.Validator{}, small, validate.Request{Tests: []string{"csaf_2_0", "csaf_2_0_strict", "csaf_2_1"}})
	for name, want := range map[string]rule.State{"csaf_2_0": rule.Passed, "csaf_2_0_strict": rule.Failed, "csaf_2_1": rule.Failed} {
		if r, _ := report.Result(name); r.State != want {
			t.Errorf("%s: %+v", name, r)
		}
	}
}

func TestServiceFormat(t *testing.T) {
	got, err := json.Marshal(check(t, &validate.Validator{}, small, validate.Request{Tests: []string{"mandatoryTest_6_1_16", "optionalTest_6_2_10"}}).Service())
	want := `{"isValid":false,"tests":[{"name":"mandatoryTest_6_1_16","isValid":false,"errors":[{"instancePath":"/document/tracking/version","message":"the version is 2, the newest revision 1"}],"warnings":[],"infos":[]},` +
		`{"name":"optionalTest_6_2_10","isValid":true,"errors":[],"warnings":[{"instancePath":"/document/distribution/tlp/label","message":"the TLP label is missing"}],"infos":[]}]}`
	if err != nil || string(got) != want {
		t.Errorf("%s\n%v", got, err)
	}
}

func TestVersion(t *testing.T) {
	for doc, want := range map[string]string{
		`{"document":{"csaf_version" : "2.1"}}`:                                                   "2.1",
		`{"document":{"title":"\"csaf_version\":\"2.1\"","csaf_version":"2.0"}}`:                  "2.0",
		`{"document":{"title":"csaf_version","csaf_version":"2.1"}}`:                              "2.1",
		`{"$schema":"https://docs.oasis-open.org/csaf/csaf/v2.1/schema/csaf.json","document":{}}`: "2.1",
		`{"document":{}}`: "2.0", ``: "2.0", `{"csaf_version"`: "2.0",
	} {
		if got := validate.Version([]byte(doc)); got != want {
			t.Errorf("%s: %s", doc, got)
		}
	}
}
