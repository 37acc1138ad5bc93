package check

import (
	"context"
	"slices"
	"strings"

	"github.com/tocsin-sec/tocsin/kit/csaf"
	"github.com/tocsin-sec/tocsin/kit/csaf/csaf21"
	"github.com/tocsin-sec/tocsin/kit/csaf/rule"
	"github.com/tocsin-sec/tocsin/kit/csaf/validate"
	"github.com/tocsin-sec/tocsin/kit/cve"
	"github.com/tocsin-sec/tocsin/kit/osv"
	"github.com/tocsin-sec/tocsin/kit/strictjson"
	"github.com/tocsin-sec/tocsin/kit/vex"
)

// job is one check of one document whose format is known.
type job struct {
	checker *Checker
	report  *Report
	data    []byte
	request Request
	limits  strictjson.Limits
}

func (j *job) run(ctx context.Context) {
	switch j.report.Format {
	case CSAF20, CSAF21:
		j.csaf(ctx)
	case Provider20:
		d, problems := csaf.ReadProvider(j.data, j.limits)
		j.lint(d.CanonicalURL, problems, nil)
	case Provider21:
		d, problems := csaf21.ReadProvider(j.data, j.limits)
		j.lint(d.CanonicalURL, problems, nil)
	case Aggregator20:
		d, problems := csaf.ReadAggregator(j.data, j.limits)
		j.lint(d.CanonicalURL, problems, nil)
	case Aggregator21:
		d, problems := csaf21.ReadAggregator(j.data, j.limits)
		j.lint(d.CanonicalURL, problems, nil)
	case Feed20:
		d, problems := csaf.ReadFeed(j.data, j.limits)
		j.lint(d.Feed.ID, problems, nil)
	case Feed21:
		d, problems := csaf21.ReadFeed(j.data, j.limits)
		j.lint(d.Feed.ID, problems, nil)
	case Service:
		_, problems := csaf.ReadService(j.data, j.limits)
		j.lint("", problems, nil)
	case Category:
		_, problems := csaf.ReadCategory(j.data, j.limits)
		j.lint("", problems, nil)
	case OSV:
		d, problems := osv.Read(j.data, j.limits)
		j.lint(d.ID, problems, func() []rule.Finding { return osv.LintWith(d, j.checker.OSV) })
	case CVE:
		d, problems := cve.Read(j.data, j.limits)
		j.lint(d.Metadata.ID, problems, func() []rule.Finding { return cve.Lint(d) })
	case CNA:
		d, at, problems := cve.ReadCNA(j.data, j.limits)
		j.lint("", problems, func() []rule.Finding { return below(at, cve.LintCNA(d)) })
	case OpenVEX:
		d, problems := vex.Read(j.data, j.limits)
		j.lint(d.ID, problems, func() []rule.Finding { return ofVEX(vex.Lint(d)) })
	}
}

// csaf runs the tests of an advisory. Tests that its version does not have are not run.
func (j *job) csaf(ctx context.Context) {
	version := validate.V20
	if j.report.Format == CSAF21 {
		version = validate.V21
	}
	request := validate.Request{Presets: j.request.Presets, Without: j.request.Without, Network: j.request.Network}
	for _, t := range j.request.Tests {
		if name := validate.Name(version, validate.ID(t)); slices.Contains(validate.Tests(version), name) {
			request.Tests = append(request.Tests, name)
		}
	}
	v := j.checker.Validator
	v.Limits = j.limits
	report, err := v.Check(ctx, j.data, request)
	if err != nil { // Request.Validate has looked: nothing of the request is left to run
		j.report.NotRun = append(j.report.NotRun, err.Error())
		return
	}
	j.report.ID = report.ID
	schema, strict := false, false
	for i := range report.Results {
		res := &report.Results[i]
		switch res.ID {
		case validate.Schema20, validate.Schema21:
			schema = true
		case validate.Schema20Strict:
			schema, strict = true, true
		}
		if res.State != rule.NotRun {
			j.report.Tests++
		} else {
			j.report.NotRun = append(j.report.NotRun, res.ID)
		}
		if res.Name == res.ID { // a schema: the problems of the reader have better places
			continue
		}
		for _, f := range res.Findings {
			j.report.Findings = append(j.report.Findings, Finding{Rule: f.Test, Title: res.Result.Name, Severity: f.Severity, Pointer: f.Pointer, Message: f.Message, Fix: f.Fix})
		}
	}
	for _, p := range report.Problems {
		switch {
		case p.Code == strictjson.Syntax:
			j.report.Broken, j.report.NotRun = true, nil
			j.problem(p, Error)
		case p.Code == strictjson.Unknown && strict, p.Code != strictjson.Unknown && schema:
			j.problem(p, Error)
		}
	}
}

// lint reports the problems of a reader and what the rules of a linter found.
func (j *job) lint(id string, problems strictjson.Problems, rules func() []rule.Finding) {
	j.report.ID = id
	want := j.wanted()
	schema := j.report.Format.Schema()
	for _, p := range problems {
		severity := Error
		if p.Code == strictjson.Unknown {
			severity = Warning
		}
		if p.Code == strictjson.Syntax {
			j.report.Broken = true
		}
		if j.report.Broken || want(schema, severity) {
			j.problem(p, severity)
		}
	}
	if want(schema, Error) {
		j.report.Tests++
	}
	if rules == nil || j.report.Broken {
		return
	}
	titles := map[string]string{}
	for _, r := range linter(j.report.Format) {
		if want(r.ID, r.Severity) {
			titles[r.ID] = r.Title
			j.report.Tests++
		}
	}
	for _, f := range rules() {
		if title, ok := titles[f.Test]; ok && !told(problems, f.Pointer) {
			j.report.Findings = append(j.report.Findings, Finding{Rule: f.Test, Title: title, Severity: f.Severity, Pointer: f.Pointer, Message: f.Message, Fix: f.Fix})
		}
	}
}

// told reports whether the reader has refused the value at a pointer or one above it:
// what a rule says of it then is about a value that nobody wrote.
func told(problems strictjson.Problems, pointer string) bool {
	return slices.ContainsFunc(problems, func(p strictjson.Problem) bool {
		switch p.Code {
		case strictjson.Unknown, strictjson.Forbidden, strictjson.Repeated, strictjson.Duplicate:
			return false
		}
		return p.Pointer != "" && (p.Pointer == pointer || strings.HasPrefix(pointer, p.Pointer+"/"))
	})
}

func (j *job) problem(p strictjson.Problem, severity Severity) {
	f := Finding{Rule: j.report.Format.Schema(), Title: "JSON schema", Severity: severity, Pointer: p.Pointer, Line: p.Line, Column: p.Column, Message: p.Message}
	if p.Code == strictjson.Syntax {
		f.Rule, f.Title, f.Message = jsonRule, jsonTitle, cutOff(j.data, p)
	}
	j.report.Findings = append(j.report.Findings, f)
}

// wanted says whether the request asks for a rule of a linter or a schema.
func (j *job) wanted() func(id string, severity Severity) bool {
	q, schema := &j.request, j.report.Format.Schema()
	return func(id string, severity Severity) bool {
		if slices.Contains(q.Without, id) {
			return false
		}
		if slices.Contains(q.Tests, id) {
			return true
		}
		return slices.ContainsFunc(q.Presets, func(preset string) bool {
			switch preset {
			case "schema":
				return id == schema && severity == Error
			case "mandatory":
				return id != schema && severity == Error
			case "optional", "recommended":
				return id != schema && severity == Warning
			case "basic":
				return severity == Error
			case "extended":
				return severity == Error || severity == Warning
			case "full", "external-request-free":
				return true
			}
			return false
		})
	}
}

// below puts pointers of a part under the place of the part.
func below(at string, found []rule.Finding) []rule.Finding {
	for i := range found {
		found[i].Pointer = at + found[i].Pointer
		for k := range found[i].Fix {
			found[i].Fix[k].Path = at + found[i].Fix[k].Path
		}
	}
	return found
}

func ofVEX(found []vex.Finding) []rule.Finding {
	var out []rule.Finding
	for _, f := range found {
		severity := Warning
		if f.Severity == vex.Error {
			severity = Error
		}
		out = append(out, rule.Finding{Test: f.Rule, Severity: severity, Pointer: f.Pointer, Message: f.Message})
	}
	return out
}
