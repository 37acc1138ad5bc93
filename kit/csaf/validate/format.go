package validate

import (
	"slices"

	"github.com/tocsin-sec/tocsin/kit/csaf/rule"
)

// ServiceReport is the answer of csaf-validator-service. It is encoded as JSON.
type ServiceReport struct {
	IsValid bool          `json:"isValid"`
	Tests   []ServiceTest `json:"tests"`
}

// ServiceTest is one test of it. A test whose needs were not met looks as if it had
// passed: gocsaf's tools refuse an answer with members that they do not know.
type ServiceTest struct {
	Name     string           `json:"name"`
	IsValid  bool             `json:"isValid"`
	Errors   []ServiceMessage `json:"errors"`
	Warnings []ServiceMessage `json:"warnings"`
	Infos    []ServiceMessage `json:"infos"`
}

// ServiceMessage is one finding of it.
type ServiceMessage struct {
	InstancePath string `json:"instancePath"`
	Message      string `json:"message"`
}

// Service returns the report as csaf-validator-service gives it: only errors make a
// test not valid.
func (r *Report) Service() ServiceReport {
	out := ServiceReport{IsValid: r.Valid(), Tests: []ServiceTest{}}
	for i := range r.Results {
		x := &r.Results[i]
		t := ServiceTest{Name: x.Name, IsValid: x.valid(),
			Errors: []ServiceMessage{}, Warnings: []ServiceMessage{}, Infos: []ServiceMessage{}}
		for _, f := range x.Findings {
			m := ServiceMessage{f.Pointer, f.Message}
			switch f.Severity {
			case rule.Error:
				t.Errors = append(t.Errors, m)
			case rule.Warning:
				t.Warnings = append(t.Warnings, m)
			default:
				t.Infos = append(t.Infos, m)
			}
		}
		out.Tests = append(out.Tests, t)
	}
	return out
}

// resultSchema is the address of the schema of TestResult.
const resultSchema = "https://raw.githubusercontent.com/oasis-tcs/csaf/master/csaf_2.1/test/validator/testresult_json_schema.json"

// TestResult is a result in the format in which the committee states the results of
// its test cases for CSAF 2.1 (testresult_json_schema.json). It is encoded as JSON.
type TestResult struct {
	Schema       string        `json:"$schema"`
	OverallValid bool          `json:"overall_valid"`
	Primary      TestOutcome   `json:"primary_result"`
	Version      string        `json:"resultschema_version"`
	Secondary    []TestOutcome `json:"secondary_results,omitempty"`
}

// TestOutcome is the result of one test of it.
type TestOutcome struct {
	Errors   []TestMessage `json:"errors,omitempty"`
	ID       string        `json:"id"`
	Infos    []TestMessage `json:"infos,omitempty"`
	Passed   bool          `json:"passed"`
	Warnings []TestMessage `json:"warnings,omitempty"`
}

// TestMessage is one finding of it. The instance path is "/" for the whole document,
// since the format knows no empty one.
type TestMessage struct {
	InstancePath string `json:"instance_path"`
	Message      string `json:"message"`
}

// TestResult returns the report in the committee's format: one test, by either name, is
// the primary result, and all others that found something are secondary. The schema
// has no number and is in OverallValid alone, which says what Valid says: run the
// preset basic at least. It returns false when the test is not in the report or was
// not run.
func (r *Report) TestResult(name string) (TestResult, bool) {
	primary, ok := r.Result(name)
	if !ok || primary.State == rule.NotRun || rule.SeverityOf(primary.ID) == rule.Unrated {
		return TestResult{}, false
	}
	out := TestResult{Schema: resultSchema, OverallValid: r.Valid(), Primary: primary.outcome(), Version: "2.1"}
	for i := range r.Results {
		x := &r.Results[i]
		if x.ID != primary.ID && x.State == rule.Failed && rule.SeverityOf(x.ID) != rule.Unrated {
			out.Secondary = append(out.Secondary, x.outcome())
		}
	}
	return out, true
}

func (r *Result) outcome() TestOutcome {
	out := TestOutcome{ID: r.ID, Passed: r.State == rule.Passed}
	for _, f := range r.Findings {
		list := &out.Infos
		switch f.Severity {
		case rule.Error:
			list = &out.Errors
		case rule.Warning:
			list = &out.Warnings
		}
		m := TestMessage{f.Pointer, f.Message}
		if m.InstancePath == "" {
			m.InstancePath = "/"
		}
		if !slices.Contains(*list, m) { // the format wants a set
			*list = append(*list, m)
		}
	}
	return out
}
