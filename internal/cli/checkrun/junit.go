package checkrun

import (
	"encoding/xml"
	"fmt"
	"io"
	"strings"

	"github.com/tocsin-sec/tocsin/kit/check"
)

// JUnit writes the XML that CI systems read: a case for each document, failed when it
// has findings of the severity FailOn or worse, with an error when it could not be read.
type JUnit struct {
	Out    io.Writer
	FailOn check.Severity // rule.Unrated: nothing fails

	cases []junitCase
}

type (
	junitSuites struct {
		XMLName  xml.Name   `xml:"testsuites"`
		Tests    int        `xml:"tests,attr"`
		Failures int        `xml:"failures,attr"`
		Errors   int        `xml:"errors,attr"`
		Suite    junitSuite `xml:"testsuite"`
	}
	junitSuite struct {
		Name     string      `xml:"name,attr"`
		Tests    int         `xml:"tests,attr"`
		Failures int         `xml:"failures,attr"`
		Errors   int         `xml:"errors,attr"`
		Skipped  int         `xml:"skipped,attr"`
		Cases    []junitCase `xml:"testcase"`
	}
	junitCase struct {
		Name    string      `xml:"name,attr"`
		Class   string      `xml:"classname,attr"`
		File    string      `xml:"file,attr,omitempty"`
		Failure *junitFault `xml:"failure"`
		Error   *junitFault `xml:"error"`
		Out     string      `xml:"system-out,omitempty"`
	}
	junitFault struct {
		Message string `xml:"message,attr"`
		Type    string `xml:"type,attr"`
		Text    string `xml:",chardata"`
	}
)

// Result takes one document.
func (j *JUnit) Result(r *Result) error {
	c := junitCase{Name: r.Name, Class: "tocsin.check"}
	if !isURL(r.Name) && r.Name != "-" {
		c.File = r.Name
	}
	if r.Err != nil {
		c.Error = &junitFault{Message: "could not be read", Type: "read", Text: r.Err.Error()}
		j.cases = append(j.cases, c)
		return nil
	}
	if r.Report.Format != "" {
		c.Class += "." + strings.ReplaceAll(string(r.Report.Format), ".", "_")
	}
	var failing, others strings.Builder
	kind := ""
	for _, f := range r.Report.Findings {
		line := fmt.Sprintf("%d:%d %s %s %s: %s\n", f.Line, f.Column, f.Severity, f.Rule, f.Pointer, f.Message)
		if f.Severity <= j.FailOn {
			failing.WriteString(line)
			if kind == "" {
				kind = f.Rule
			}
		} else {
			others.WriteString(line)
		}
	}
	if failing.Len() > 0 {
		c.Failure = &junitFault{Message: counts(r.Report), Type: kind, Text: failing.String()}
	}
	c.Out = others.String()
	j.cases = append(j.cases, c)
	return nil
}

// Summary writes everything: the numbers stand at the beginning of the format.
func (j *JUnit) Summary(Tally) error {
	out := junitSuites{Suite: junitSuite{Name: "tocsin check", Cases: j.cases}}
	for i := range j.cases {
		c := &j.cases[i]
		out.Suite.Tests++
		if c.Failure != nil {
			out.Suite.Failures++
		}
		if c.Error != nil {
			out.Suite.Errors++
		}
	}
	out.Tests, out.Failures, out.Errors = out.Suite.Tests, out.Suite.Failures, out.Suite.Errors
	raw, err := xml.MarshalIndent(out, "", "  ") // what XML cannot hold it replaces
	if err != nil {
		return err
	}
	_, err = io.WriteString(j.Out, xml.Header+string(raw)+"\n")
	return err
}
