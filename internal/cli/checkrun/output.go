package checkrun

import (
	"strings"

	"github.com/tocsin-sec/tocsin/kit/check"
)

// Output is one way of writing results.
type Output interface {
	Result(*Result) error
	Summary(Tally) error
}

// NewOutput returns the output of a name: text itself, json, sarif or junit to where the
// text would go; nil for any other name.
func NewOutput(name string, text *Text, version string, failOn check.Severity) Output {
	switch name {
	case "text":
		return text
	case "json":
		return &JSON{Out: text.Out}
	case "sarif":
		return &SARIF{Out: text.Out, Version: version}
	case "junit":
		return &JUnit{Out: text.Out, FailOn: failOn}
	}
	return nil
}

// FormatNames are the formats that a document can be taken for.
func FormatNames() string {
	var out []string
	for _, f := range check.Formats() {
		out = append(out, string(f))
	}
	return strings.Join(out, ", ")
}
