// Package rule holds what the tests of section 6 of the CSAF standard have in
// common, for CSAF 2.0 and 2.1 alike: the type of a test, its findings with their
// severity and fix, and Env, the shared view of one document. The tests themselves
// are in csaf/test20 and csaf/test21, a package for each of 6.1, 6.2 and 6.3; presets
// and the results in the standard's own format are in csaf/validate.
//
// A test is a function of the document, its Env and a Report:
//
//	func missingGroup(_ *csaf.Advisory, env *rule.Env, report rule.Report) {
//		for _, refs := range env.GroupRefs() {
//			for i, id := range refs.IDs {
//				if _, ok := env.Group(id); !ok {
//					report(refs.At(i), "the product group id %q is not defined", id)
//				}
//			}
//		}
//	}
//
// Pointers are made only when something is found: the indexes of Env hold places, and
// At fills the numbers into a pattern. A test must not panic on a document that the
// schema refuses: the typed document then holds what could be read.
//
// An Env belongs to one goroutine.
package rule

import (
	"fmt"
	"strings"
)

// Severity is how bad a finding is.
type Severity int

// The severities: tests of 6.1 give errors (a document that fails one is invalid),
// those of 6.2 warnings, those of 6.3 infos.
const (
	Unrated Severity = iota
	Error
	Warning
	Info
)

// String is "error", "warning" or "info".
func (s Severity) String() string {
	return [...]string{"unrated", "error", "warning", "info"}[s]
}

// MarshalText makes a severity its word in JSON.
func (s Severity) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

// SeverityOf returns the severity of the findings of a test by its id ("6.1.27.4").
func SeverityOf(id string) Severity {
	switch {
	case strings.HasPrefix(id, "6.1."):
		return Error
	case strings.HasPrefix(id, "6.2."):
		return Warning
	case strings.HasPrefix(id, "6.3."):
		return Info
	}
	return Unrated
}

// Finding is one breach of one test.
type Finding struct {
	Test     string // "6.1.27.4"
	Severity Severity
	Pointer  string // JSON pointer into the document
	Message  string // English
	Fix      Fix    // nil unless exactly one change is right
}

// Report takes a finding's place and text. The result is the finding, so that a test
// can add the fix; it is valid until the next report.
type Report func(pointer, format string, args ...any) *Finding

// Need is what a test cannot run without.
type Need uint8

// The needs of tests. A test whose need the Env does not meet is not run.
const (
	Network Need = 1 << iota // Options.Fetcher: 6.3.6, 6.3.7
	Words                    // Options.Speller: 6.3.8
	Grammar                  // Options.Grammar: 6.3.16 of 2.1
)

// Test is one test of the standard for documents of type D.
type Test[D any] struct {
	ID    string // "6.1.1"
	Name  string // the standard's heading
	Needs Need
	Run   func(doc *D, env *Env, report Report)
}

// Severity is that of its findings.
func (t Test[D]) Severity() Severity { return SeverityOf(t.ID) }

// Set is a list of tests in the order of the standard.
type Set[D any] []Test[D]

// Select returns the tests for which keep is true.
func (s Set[D]) Select(keep func(id string) bool) Set[D] {
	var out Set[D]
	for _, t := range s {
		if keep(t.ID) {
			out = append(out, t)
		}
	}
	return out
}

// ByID returns the test with that id.
func (s Set[D]) ByID(id string) (Test[D], bool) {
	for _, t := range s {
		if t.ID == id {
			return t, true
		}
	}
	return Test[D]{}, false
}

// Preset is a named choice of tests.
type Preset struct {
	Name string
	Has  func(id string) bool
}

// State is what became of a test.
type State int

// The states. NotRun means that a need was not met, which is not the same as passed.
const (
	Unknown State = iota
	Passed
	Failed
	NotRun
)

// String is "passed", "failed", "not run" or "unknown".
func (s State) String() string {
	return [...]string{"unknown", "passed", "failed", "not run"}[s]
}

// Result is one test's outcome.
type Result struct {
	ID       string
	Name     string
	State    State
	Findings []Finding
}

// mostFindings bounds what one test reports: a document of 64 MiB could break one
// rule millions of times.
const mostFindings = 1000

// Run runs the tests of the set and returns a result for each, in its order. A test
// whose findings are all of another severity than its own has passed: those of 6.1 give
// warnings of what they could not check (6.1.50 and 6.1.60 of CSAF 2.1).
func Run[D any](set Set[D], doc *D, env *Env) []Result {
	out := make([]Result, len(set))
	var c collector
	report := c.report
	for i, t := range set {
		out[i] = Result{ID: t.ID, Name: t.Name, State: NotRun}
		if t.Needs&^env.meets() != 0 {
			continue
		}
		c = collector{test: t.ID}
		t.Run(doc, env, report)
		out[i].State, out[i].Findings = Passed, c.found
		for k := range c.found {
			if c.found[k].Severity == SeverityOf(t.ID) {
				out[i].State = Failed
				break
			}
		}
	}
	return out
}

// Findings runs the tests of the set and returns only what they found.
func Findings[D any](set Set[D], doc *D, env *Env) []Finding {
	var out []Finding
	var c collector
	report := c.report
	for _, t := range set {
		if t.Needs&^env.meets() == 0 {
			c = collector{test: t.ID}
			t.Run(doc, env, report)
			out = append(out, c.found...)
		}
	}
	return out
}

// collector gathers the findings of one test.
type collector struct {
	test  string
	found []Finding
	spare Finding // takes what is over the limit
}

func (c *collector) report(pointer, format string, args ...any) *Finding {
	if len(c.found) >= mostFindings {
		return &c.spare
	}
	c.found = append(c.found, Finding{Test: c.test, Severity: SeverityOf(c.test), Pointer: pointer, Message: fmt.Sprintf(format, args...)})
	return &c.found[len(c.found)-1]
}
