package validate_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/tocsin-sec/tocsin/kit/csaf/validate"
	"github.com/tocsin-sec/tocsin/test/shared"
)

// TestStatedResults compares with the results that cases of CSAF 2.1 state: passed or
// not, instance paths, valid on the whole, secondary results. The verdicts of the other cases are for the
// tests of csaf/test21.
func TestStatedResults(t *testing.T) {
	dir := filepath.Join(shared.Dir(t), "data/csaf/oasis/2.1/test/validator/data")
	type item struct{ Name, Result string }
	var list struct {
		Tests []struct {
			ID              string
			Failures, Valid []item
		}
	}
	read(t, filepath.Join(dir, "testcases.json"), &list)
	here := validate.Tests(validate.V21)
	v := validate.Validator{Fetcher: fetcher}
	cases := 0
	for _, tc := range list.Tests {
		for _, c := range slices.Concat(tc.Failures, tc.Valid) {
			if c.Result == "" || !slices.Contains(here, validate.Name(validate.V21, tc.ID)) {
				continue
			}
			cases++
			data, err := os.ReadFile(filepath.Join(dir, c.Name))
			if err != nil {
				t.Fatal(err)
			}
			report, err := v.Check(t.Context(), data, validate.Request{Presets: []string{"full"}, Tests: []string{tc.ID}})
			if err != nil {
				t.Fatal(err)
			}
			var stated validate.TestResult
			read(t, filepath.Join(dir, c.Result), &stated)
			got, ok := report.TestResult(tc.ID)
			if !ok || got.Primary.Passed != stated.Primary.Passed || got.OverallValid != stated.OverallValid ||
				!slices.Equal(paths(got.Primary), paths(stated.Primary)) {
				t.Errorf("%s: %s: %+v, want %+v", tc.ID, c.Name, got, stated)
			}
			// A case names a secondary test that has passed as well, which TestResult leaves out.
			for _, second := range stated.Secondary {
				got, ok := report.TestResult(second.ID)
				if !ok || got.Primary.Passed != second.Passed || !slices.Equal(paths(got.Primary), paths(second)) {
					t.Errorf("%s: %s: secondary %+v, want %+v", tc.ID, c.Name, got.Primary, second)
				}
			}
		}
	}
	t.Logf("%d cases", cases)
}

func read(t *testing.T, file string, to any) {
	t.Helper()
	raw, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(raw, to); err != nil {
		t.Fatal(err)
	}
}

func paths(o validate.TestOutcome) []string {
	var out []string
	for _, m := range slices.Concat(o.Errors, o.Warnings, o.Infos) {
		out = append(out, m.InstancePath)
	}
	slices.Sort(out)
	return out
}
