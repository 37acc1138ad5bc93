package check

import (
	"cmp"
	"slices"

	"github.com/tocsin-sec/tocsin/kit/csaf/rule"
	"github.com/tocsin-sec/tocsin/kit/strictjson"
)

// Severity is how bad a finding is.
type Severity = rule.Severity

// The severities. An Error makes a document invalid; a Warning is against the advice
// of the format, an Info a remark.
const (
	Error   = rule.Error
	Warning = rule.Warning
	Info    = rule.Info
)

// Finding is one thing that is wrong with a document and where it is.
type Finding struct {
	Rule     string   `json:"rule"`            // "6.1.1", "REC:001", "csaf_2_0"
	Title    string   `json:"title,omitempty"` // what the rule is about, in English
	Severity Severity `json:"severity"`
	Pointer  string   `json:"pointer"`       // JSON pointer (RFC 6901), "" for the whole document
	Line     int      `json:"line"`          // from 1
	Column   int      `json:"column"`        // from 1, in characters
	Message  string   `json:"message"`       // English; what it quotes of the document is quoted as %q does
	Fix      rule.Fix `json:"fix,omitempty"` // JSON patch, where exactly one change is right
}

// Report is the outcome of one check. Encoded as JSON it is what `tocsin check` prints.
type Report struct {
	Format   Format    `json:"format"`       // "" when it is not known
	What     string    `json:"what"`         // for people: "CSAF 2.0 advisory", "an HTML page"
	ID       string    `json:"id,omitempty"` // what the document calls itself, as it is written
	Findings []Finding `json:"findings"`     // in the order of the document
	Errors   int       `json:"errors"`       // all of them, also those that Findings has no room for
	Warnings int       `json:"warnings"`
	Infos    int       `json:"infos"`
	Tests    int       `json:"tests"`             // tests and rules that were run
	NotRun   []string  `json:"not_run,omitempty"` // tests whose needs were not met, such as a network
	Broken   bool      `json:"broken,omitempty"`  // not read to its end: no test was run
}

// Valid reports whether there is no error.
func (r *Report) Valid() bool { return r.Errors == 0 }

// Worst is the severity of the worst finding, rule.Unrated when there is none.
func (r *Report) Worst() Severity {
	switch {
	case r.Errors > 0:
		return Error
	case r.Warnings > 0:
		return Warning
	case r.Infos > 0:
		return Info
	}
	return rule.Unrated
}

// maxFindings bounds a report: nobody reads more of one document.
const maxFindings = 5000

// finish counts and sorts the findings and gives those a place that have none and are of
// the severity or worse.
func (r *Report) finish(data []byte, placed Severity) {
	var pointers []string
	var open []int
	for i, f := range r.Findings {
		switch f.Severity {
		case Error:
			r.Errors++
		case Warning:
			r.Warnings++
		default:
			r.Infos++
		}
		if f.Line == 0 && i < maxFindings && (placed == rule.Unrated || f.Severity <= placed) {
			pointers, open = append(pointers, f.Pointer), append(open, i)
		}
	}
	if len(r.Findings) > maxFindings {
		r.Findings = r.Findings[:maxFindings:maxFindings]
	}
	if len(open) > 0 {
		for i, p := range strictjson.Places(data, pointers) {
			r.Findings[open[i]].Line, r.Findings[open[i]].Column = p.Line, p.Column
		}
	}
	if r.Findings == nil {
		r.Findings = []Finding{}
	}
	slices.SortStableFunc(r.Findings, func(a, b Finding) int {
		return cmp.Or(cmp.Compare(a.Line, b.Line), cmp.Compare(a.Column, b.Column), cmp.Compare(a.Severity, b.Severity))
	})
}

// broken reports a document that is none of ours as one error.
func (r *Report) fail(ruleID, title, message string) {
	r.Findings = append(r.Findings, Finding{Rule: ruleID, Title: title, Severity: Error, Line: 1, Column: 1, Message: message})
}
