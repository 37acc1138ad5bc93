package validate_test

import (
	"context"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/tocsin-sec/tocsin/kit/csaf/rule"
	"github.com/tocsin-sec/tocsin/kit/csaf/validate"
	"github.com/tocsin-sec/tocsin/test/shared"
)

// fetcher answers as the network of the committee does: what is called not-available
// is not.
func fetcher(_ context.Context, url string) (int, error) {
	switch {
	case strings.Contains(url, "not-available"):
		return 404, nil
	case strings.Contains(url, "example."):
		return 0, errors.New("a host that is decided without a look-up was asked for")
	}
	return 200, nil
}

// contradicts are cases whose list calls them valid as a whole although the text of
// 6.1.25 forbids what they hold: two hashes of one algorithm for one file.
var contradicts = map[string]bool{
	"oasis_csaf_tc-csaf_2_0-2021-6-2-08-02.json": true,
	"oasis_csaf_tc-csaf_2_0-2021-6-2-09-02.json": true,
}

// TestCasesOfTheStandard runs the validator test cases of the CSAF committee: a
// document under "failures" is reported by its test, one under "valid" is not.
func TestCasesOfTheStandard(t *testing.T) {
	dir := filepath.Join(shared.Dir(t), "data/csaf/oasis/2.0/test/validator/data")
	var list struct {
		Tests []struct {
			ID       string
			Failures []struct {
				Name  string
				Valid *bool
			}
			Valid []struct {
				Name  string
				Valid *bool
			}
		}
	}
	raw, err := os.ReadFile(filepath.Join(dir, "testcases.json"))
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(raw, &list); err != nil {
		t.Fatal(err)
	}
	v := validate.Validator{Fetcher: fetcher}
	run := func(name, id string, want rule.State, valid *bool) {
		data, err := os.ReadFile(filepath.Join(dir, name))
		if err != nil {
			t.Fatal(err)
		}
		report, err := v.Check(t.Context(), data, validate.Request{Presets: []string{"full"}, Network: true})
		if err != nil {
			t.Fatal(err)
		}
		got, ok := report.Result(id)
		if !ok || got.State != want {
			t.Errorf("%s: %s: state %d, want %d: %v", id, name, got.State, want, got.Findings)
		}
		if valid != nil && *valid != report.Valid() && !contradicts[filepath.Base(name)] {
			t.Errorf("%s: %s: valid is %v, want %v", id, name, report.Valid(), *valid)
		}
		if _, ok := report.TestResult(id); !ok {
			t.Errorf("%s: %s: no result in the committee's format", id, name)
		}
	}
	right := 0
	for _, tc := range list.Tests {
		for _, f := range tc.Failures {
			run(f.Name, tc.ID, rule.Failed, f.Valid)
			right++
		}
		for _, f := range tc.Valid {
			run(f.Name, tc.ID, rule.Passed, f.Valid)
			right++
		}
	}
	if right < 200 {
		t.Errorf("only %d cases ran", right)
	}
	t.Logf("%d cases", right)
}
