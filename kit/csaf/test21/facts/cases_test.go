package facts_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/tocsin-sec/tocsin/kit/csaf"
	"github.com/tocsin-sec/tocsin/kit/csaf/csaf21"
	"github.com/tocsin-sec/tocsin/kit/csaf/rule"
	"github.com/tocsin-sec/tocsin/kit/csaf/spell"
	"github.com/tocsin-sec/tocsin/kit/csaf/test21/informative"
	"github.com/tocsin-sec/tocsin/kit/csaf/test21/recommended"
	"github.com/tocsin-sec/tocsin/test/schema"
	"github.com/tocsin-sec/tocsin/test/shared"
)

// all are the tests of 6.2 and 6.3.
func all() rule.Set[csaf21.Advisory] { return append(recommended.Tests(), informative.Tests()...) }

func dir(t testing.TB) string {
	return filepath.Join(shared.Dir(t), "data/csaf/oasis/2.1/test/validator/data")
}

// options are those of a check with everything that the cases need.
func options(data []byte, problems csaf.Problems) rule.Options {
	return rule.Options{
		Data: data, Problems: problems, Now: time.Date(2026, 11, 1, 0, 0, 0, 0, time.UTC),
		Fetcher: func(url string) (int, error) {
			if strings.Contains(url, "/404") || strings.Contains(url, ".invalid") {
				return 404, nil
			}
			return 200, nil
		},
		Speller: spell.English,
		Grammar: func(_, text string) []string {
			if strings.Contains(text, "must followed") {
				return []string{"a be is missing"}
			}
			return nil
		},
	}
}

func run(t testing.TB, file string) []rule.Result {
	t.Helper()
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	doc, problems := csaf21.ReadAdvisory(data, csaf.Limits{})
	return rule.Run(all(), doc, rule.New21(doc, options(data, problems)))
}

func result(t testing.TB, list []rule.Result, id string) rule.Result {
	t.Helper()
	for _, r := range list {
		if r.ID == id {
			return r
		}
	}
	t.Fatalf("there is no test %s", id)
	return rule.Result{}
}

// TestCasesOfTheStandard runs the cases of the CSAF committee: a document under
// "failures" is reported by its test, one under "valid" is not; results that are stated
// are the same but for the messages.
func TestCasesOfTheStandard(t *testing.T) {
	var list struct {
		Tests []struct {
			ID       string
			Failures []stated
			Valid    []stated
		}
	}
	raw, err := os.ReadFile(filepath.Join(dir(t), "testcases.json"))
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(raw, &list); err != nil {
		t.Fatal(err)
	}
	cases := 0
	for _, tc := range list.Tests {
		if strings.HasPrefix(tc.ID, "6.1.") {
			continue
		}
		for _, f := range tc.Failures {
			cases++
			f.check(t, tc.ID, rule.Failed)
		}
		for _, f := range tc.Valid {
			cases++
			f.check(t, tc.ID, rule.Passed)
		}
	}
	if want := 62 + 34; len(all()) != want || cases < 200 {
		t.Errorf("%d tests of %d, %d cases", len(all()), want, cases)
	}
}

// stated is one case.
type stated struct{ Name, Result string }

func (c stated) check(t *testing.T, id string, want rule.State) {
	results := run(t, filepath.Join(dir(t), c.Name))
	if r := result(t, results, id); r.State != want {
		t.Errorf("%s %s: state %d, not %d: %v", id, c.Name, r.State, want, r.Findings)
	}
	if c.Result == "" {
		return
	}
	type outcome struct {
		ID                      string
		Passed                  bool
		Errors, Warnings, Infos []struct {
			Path string `json:"instance_path"`
		}
	}
	var w struct {
		Primary   outcome   `json:"primary_result"`
		Secondary []outcome `json:"secondary_results"`
	}
	raw, err := os.ReadFile(filepath.Join(dir(t), c.Result))
	if err == nil {
		err = json.Unmarshal(raw, &w)
	}
	if err != nil {
		t.Fatal(err)
	}
	for _, o := range append(w.Secondary, w.Primary) {
		if strings.HasPrefix(o.ID, "6.1.") {
			continue // of package mandatory
		}
		var want, got []string
		for _, p := range slices.Concat(o.Errors, o.Warnings, o.Infos) {
			want = append(want, p.Path)
		}
		r := result(t, results, o.ID)
		for _, f := range r.Findings {
			got = append(got, f.Pointer)
		}
		if !slices.Equal(got, want) || (r.State == rule.Passed) != o.Passed {
			t.Errorf("%s: %s has %v, stated are %v", c.Name, o.ID, got, want)
		}
	}
}

// TestNothingPanics runs every test over documents that the schema refuses.
func TestNothingPanics(t *testing.T) {
	files, err := filepath.Glob(filepath.Join(dir(t), "*/*-2024-*.json"))
	if err != nil || len(files) == 0 {
		t.Fatal("no documents", err)
	}
	schema.Each(t, 4000, files, func(data []byte, what string) {
		defer func() {
			if p := recover(); p != nil {
				t.Errorf("%s: %v", what, p)
			}
		}()
		doc, problems := csaf21.ReadAdvisory(data, csaf.Limits{})
		rule.Run(all(), doc, rule.New21(doc, options(data, problems)))
	})
}

func FuzzTests(f *testing.F) {
	for _, name := range []string{"6-2-50-03-01", "6-2-42-01", "6-2-37-02"} {
		data, err := os.ReadFile(filepath.Join(dir(f), "recommended/oasis_csaf_tc-csaf_2_1-2024-"+name+".json"))
		if err != nil {
			f.Fatal(err)
		}
		f.Add(data)
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		doc, problems := csaf21.ReadAdvisory(data, csaf.Limits{Bytes: 1 << 20})
		if doc != nil {
			rule.Run(all(), doc, rule.New21(doc, options(data, problems)))
		}
	})
}

// TestNothingIsAllocated asks that a test that finds nothing allocates nothing but its
// marks, once the indexes of the document are made.
func TestNothingIsAllocated(t *testing.T) {
	data, err := os.ReadFile(filepath.Join(dir(t), "../../../examples/csaf/cisco-sa-20180328-smi2.json"))
	if err != nil {
		t.Fatal(err)
	}
	doc, problems := csaf21.ReadAdvisory(data, csaf.Limits{})
	for _, test := range all() {
		if test.Needs != 0 {
			continue
		}
		env := rule.New21(doc, options(data, problems))
		found := 0
		report := func(string, string, ...any) *rule.Finding { found++; return &rule.Finding{} }
		test.Run(doc, env, report)
		if found > 0 {
			continue
		}
		if n := testing.AllocsPerRun(5, func() { test.Run(doc, env, report) }); n > 2 {
			t.Errorf("%s allocates %.0f times", test.ID, n)
		}
	}
}
