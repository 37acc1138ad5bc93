package validate

import (
	"github.com/tocsin-sec/tocsin/kit/csaf"
	"github.com/tocsin-sec/tocsin/kit/csaf/rule"
	"github.com/tocsin-sec/tocsin/kit/strictjson"
	"slices"
)

// Report is the outcome of one check.
type Report struct {
	Version  string        // of the standard that was applied: "2.0" or "2.1"
	ID       string        // tracking id of the document, "" when it has none
	Results  []Result      // the schema first, then the tests in the order of the standard
	Problems csaf.Problems // those of the reader, whether the schema was asked for or not

	data []byte
}

// Result is the outcome of one test.
type Result struct {
	Name string // "mandatoryTest_6_1_1", "csaf_2_0"
	rule.Result
}

// Finding is a finding with its place in the bytes of the document.
type Finding struct {
	rule.Finding
	Name   string // of its test
	Line   int    // from 1
	Column int    // from 1, in characters
}

// Valid reports whether no test found an error: those of the schema and of 6.1 do.
// A document that is no JSON is never valid.
func (r *Report) Valid() bool {
	for i := range r.Results {
		if !r.Results[i].valid() {
			return false
		}
	}
	return !r.broken()
}

// valid reports whether the test found no error.
func (r *Result) valid() bool {
	return !slices.ContainsFunc(r.Findings, func(f rule.Finding) bool { return f.Severity == rule.Error })
}

// Count returns how many findings there are of a severity.
func (r *Report) Count(s rule.Severity) int {
	n := 0
	for i := range r.Results {
		for _, f := range r.Results[i].Findings {
			if f.Severity == s {
				n++
			}
		}
	}
	return n
}

// Result returns the outcome of a test of either name.
func (r *Report) Result(name string) (Result, bool) {
	id := ID(name)
	for i := range r.Results {
		if r.Results[i].ID == id {
			return r.Results[i], true
		}
	}
	return Result{}, false
}

// Findings returns all findings in the order of the results, with their places. A
// value that is absent has the place of the nearest one around it.
func (r *Report) Findings() []Finding {
	var out []Finding
	var pointers []string
	for i := range r.Results {
		for _, f := range r.Results[i].Findings {
			out = append(out, Finding{Finding: f, Name: r.Results[i].Name})
			pointers = append(pointers, f.Pointer)
		}
	}
	if len(out) == 0 {
		return nil
	}
	places := strictjson.Places(r.data, pointers)
	for i := range out {
		out[i].Line, out[i].Column = places[i].Line, places[i].Column
	}
	return out
}

// broken reports whether the document could not be read to its end.
func (r *Report) broken() bool {
	for i := range r.Problems {
		if r.Problems[i].Code == csaf.Syntax {
			return true
		}
	}
	return false
}

// schemas adds the results of the schemas: what the reader found. A schema of the
// other version is not fitted by any document.
func (r *Report) schemas(names []string) {
	for _, name := range names {
		out := Result{Name: name, Result: rule.Result{ID: name, Name: "JSON schema", State: rule.Passed}}
		add := func(pointer, message string) {
			out.State = rule.Failed
			out.Findings = append(out.Findings, rule.Finding{Test: name, Severity: rule.Error, Pointer: pointer, Message: message})
		}
		if (name == Schema21) != (r.Version == V21) {
			add("/document/csaf_version", "the document is one of CSAF "+r.Version)
		}
		for i := range r.Problems {
			if p := &r.Problems[i]; p.Code != csaf.Unknown || name == Schema20Strict {
				add(p.Instance(), p.Message)
			}
		}
		r.Results = append(r.Results, out)
	}
}
