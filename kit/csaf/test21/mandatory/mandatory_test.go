package mandatory

import (
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/tocsin-sec/tocsin/kit/csaf"
	"github.com/tocsin-sec/tocsin/kit/csaf/csaf21"
	"github.com/tocsin-sec/tocsin/kit/csaf/rule"
	"github.com/tocsin-sec/tocsin/test/shared"
)

const cases = "data/csaf/oasis/2.1/test/validator/data"

// contradictions are cases of the committee that contradict the standard's text, with
// the reason; docs/csaf-tests.md has them as well.
func contradictions() map[string]string {
	return map[string]string{
		"6-1-48-16": "SSVC has no decision point E of version 3.0.1 in the namespace cvss",
		"6-1-48-19": "an extension must not change the order of values, a translation neither",
		"6-1-50-14": "vers:/all is no VERS: the type is missing; all versions are vers:all/*",
	}
}

// testCase is an entry of the committee's list.
type testCase struct{ Name, Result string }

// testResult is what the committee expects of a test, in CSAF's own format.
type testResult struct {
	ID     string
	Passed bool
	Errors []struct {
		InstancePath string `json:"instance_path"`
	}
}

// TestCasesOfTheStandard runs the validator test cases of the CSAF committee: a
// document under "failures" is reported by its test, one under "valid" is not, and
// where a result is stated the findings are at exactly its places.
func TestCasesOfTheStandard(t *testing.T) {
	dir := filepath.Join(shared.Dir(t), cases)
	var list struct {
		Tests []struct {
			ID, Group       string
			Failures, Valid []testCase
		}
	}
	read(t, filepath.Join(dir, "testcases.json"), &list)
	ran := 0
	for _, tc := range list.Tests {
		if tc.Group != "mandatory" {
			continue
		}
		if _, ok := Tests().ByID(tc.ID); !ok {
			t.Errorf("%s is not here", tc.ID)
			continue
		}
		for i, c := range slices.Concat(tc.Failures, tc.Valid) {
			ran++
			fails, found := i < len(tc.Failures), findings(t, filepath.Join(dir, c.Name))
			why := contradictions()[nameOf(c.Name)]
			if (len(found[tc.ID]) > 0) != (fails == (why == "")) {
				t.Errorf("%s: %s is reported: %t, want %t; %v %s", tc.ID, c.Name, !fails, fails, found[tc.ID], why)
			}
			if c.Result != "" {
				checkResult(t, filepath.Join(dir, c.Result), found)
			}
		}
	}
	if ran < 300 {
		t.Errorf("only %d cases ran", ran)
	}
}

func read(t *testing.T, file string, into any) {
	t.Helper()
	raw, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(raw, into); err != nil {
		t.Fatal(err)
	}
}

// findings returns the errors in a document by test.
func findings(t *testing.T, file string) map[string][]rule.Finding {
	t.Helper()
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	doc, problems := csaf21.ReadAdvisory(data, csaf.Limits{})
	out := map[string][]rule.Finding{}
	for _, f := range rule.Findings(Tests(), doc, rule.New21(doc, rule.Options{Data: data, Problems: problems})) {
		if f.Severity == rule.Error {
			out[f.Test] = append(out[f.Test], f)
		}
	}
	return out
}

// checkResult compares the findings with the stated results. Other tests may fail as
// well: the cases of 6.1.14 do not state that 6.1.21 fails, too.
func checkResult(t *testing.T, file string, found map[string][]rule.Finding) {
	t.Helper()
	var want struct {
		Primary   testResult   `json:"primary_result"`
		Secondary []testResult `json:"secondary_results"`
	}
	read(t, file, &want)
	for _, r := range append(want.Secondary, want.Primary) {
		if r.Passed != (len(found[r.ID]) == 0) || len(r.Errors) != len(found[r.ID]) {
			t.Errorf("%s: %s has %d findings, want %d: %v", file, r.ID, len(found[r.ID]), len(r.Errors), found[r.ID])
			continue
		}
		for i, e := range r.Errors {
			if found[r.ID][i].Pointer != e.InstancePath {
				t.Errorf("%s: %s is at %s, want %s", file, r.ID, found[r.ID][i].Pointer, e.InstancePath)
			}
		}
	}
}

// invalidAsAWhole are cases that the committee's list calls valid as a whole although
// they break the text of a test that they are no cases of.
func invalidAsAWhole() map[string]string {
	return map[string]string{
		"6-1-10-13":    "6.1.9: the base score is that of the temporal metrics",
		"6-1-50-15":    "6.1.2: a product id is defined twice (6-1-50-14 as well)",
		"6-2-21-02":    "6.1.14: version 5 is newer than version 6",
		"6-2-39-02-01": "6.1.27.14: no note has the category description, in whatever language",
		"6-2-39-03-01": "6.1.27.14: no note has the category description, in whatever language",
		"6-2-45-01":    "6.1.55: the licence is in no list and its text in no note",
		"6-2-54-03-01": "6.1.1: a product id is not defined",
	}
}

// nameOf is the short name of a case: "6-1-50-15".
func nameOf(file string) string {
	return strings.TrimSuffix(file[strings.LastIndex(file, "2024-")+5:], ".json")
}

// TestValidDocumentsPassAll runs every test over every case of the committee, those of
// 6.2 and 6.3 too: a document that is valid as a whole breaks no test of 6.1, and one
// that is not breaks some or the schema.
func TestValidDocumentsPassAll(t *testing.T) {
	dir := filepath.Join(shared.Dir(t), cases)
	var list struct {
		Tests []struct {
			ID              string
			Failures, Valid []struct {
				Name  string
				Valid bool
			}
		}
	}
	read(t, filepath.Join(dir, "testcases.json"), &list)
	for _, tc := range list.Tests {
		for _, c := range slices.Concat(tc.Failures, tc.Valid) {
			data, err := os.ReadFile(filepath.Join(dir, c.Name))
			if err != nil {
				t.Fatal(err)
			}
			_, problems := csaf21.ReadAdvisory(data, csaf.Limits{})
			found := findings(t, filepath.Join(dir, c.Name))
			if valid := len(found) == 0 && !problems.Fatal(); valid != (c.Valid && contradictions()[nameOf(c.Name)]+invalidAsAWhole()[nameOf(c.Name)] == "") {
				t.Errorf("%s is valid: %t, want %t: %v %v", c.Name, valid, c.Valid, found, problems)
			}
		}
	}
}
