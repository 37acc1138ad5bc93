package mandatory

import (
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/tocsin-sec/tocsin/kit/csaf"
	"github.com/tocsin-sec/tocsin/kit/csaf/rule"
	"github.com/tocsin-sec/tocsin/test/schema"
	"github.com/tocsin-sec/tocsin/test/shared"
)

// TestCasesOfTheStandard runs the validator test cases of the CSAF committee: a
// document under "failures" is reported by its test, one under "valid" is not.
func TestCasesOfTheStandard(t *testing.T) {
	dir := filepath.Join(shared.Dir(t), "data/csaf/oasis/2.0/test/validator/data")
	var list struct {
		Tests []struct {
			ID       string
			Failures []struct{ Name string }
			Valid    []struct{ Name string }
		}
	}
	raw, err := os.ReadFile(filepath.Join(dir, "testcases.json"))
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(raw, &list); err != nil {
		t.Fatal(err)
	}
	run := map[string]bool{}
	for _, test := range Tests() {
		run[test.ID] = true
	}
	cases := 0
	for _, tc := range list.Tests {
		if !run[tc.ID] {
			if strings.HasPrefix(tc.ID, "6.1.") {
				t.Errorf("%s is not here", tc.ID)
			}
			continue
		}
		for _, f := range tc.Failures {
			cases++
			if !reported(t, filepath.Join(dir, f.Name), tc.ID) {
				t.Errorf("%s: %s is not reported", tc.ID, f.Name)
			}
		}
		for _, f := range tc.Valid {
			cases++
			if reported(t, filepath.Join(dir, f.Name), tc.ID) {
				t.Errorf("%s: %s is reported", tc.ID, f.Name)
			}
		}
	}
	if cases < 147 {
		t.Errorf("only %d cases ran", cases)
	}
}

// reported says whether the test finds something.
func reported(t *testing.T, file, id string) bool {
	t.Helper()
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	doc, problems := csaf.ReadAdvisory(data, csaf.Limits{})
	findings := rule.Findings(Tests(), doc, rule.New20(doc, rule.Options{Data: data, Problems: problems}))
	return slices.ContainsFunc(findings, func(f rule.Finding) bool { return f.Test == id })
}

// TestNothingPanics runs every test over documents that the schema refuses.
func TestNothingPanics(t *testing.T) {
	files, err := filepath.Glob(filepath.Join(shared.Dir(t), "data/csaf/oasis/2.0/test/validator/data/*/*.json"))
	if err != nil || len(files) == 0 {
		t.Fatal("no documents", err)
	}
	schema.Each(t, 3000, files, func(data []byte, what string) {
		defer func() {
			if p := recover(); p != nil {
				t.Errorf("%s: %v", what, p)
			}
		}()
		doc, problems := csaf.ReadAdvisory(data, csaf.Limits{})
		rule.Run(Tests(), doc, rule.New20(doc, rule.Options{Data: data, Problems: problems}))
	})
}
