package check

import (
	"bytes"
	"context"
	"fmt"
	"slices"
	"unicode/utf8"

	"github.com/tocsin-sec/tocsin/kit/csaf/validate"
	"github.com/tocsin-sec/tocsin/kit/osv"
	"github.com/tocsin-sec/tocsin/kit/strictjson"
)

// Limits bound what is read. Zero values mean the defaults.
type Limits = strictjson.Limits

// Checker checks documents. Its zero value is ready; it may be used by many goroutines
// when its functions may.
type Checker struct {
	// Validator runs the tests of CSAF: its fields say what the tests may use.
	Validator validate.Validator
	// Limits bound what is read, of all formats.
	Limits Limits
	// OSV is what rules of OSV may need from outside.
	OSV osv.Options
}

// Request says what to run. The zero value runs everything but the tests that need
// a network.
type Request struct {
	Format  Format   // "": the document's own, see Detect
	Presets []string // "basic"; without presets and tests it is "full"
	Tests   []string // "6.1.1", "mandatoryTest_6_1_1", "REC:101", "E005"
	Without []string // tests that are left out although a preset has them
	Network bool     // 6.3.6 and 6.3.7 are run when a preset has them
	// Placed is the least severity of findings that get a line and a column: those
	// below it are counted, but nobody will look for them. Unrated: all get one.
	Placed Severity
}

// Check reads a document and runs what the request names. It fails only when the
// request itself is wrong, see Request.Validate.
func (c *Checker) Check(ctx context.Context, data []byte, request Request) (*Report, error) {
	if err := request.Validate(); err != nil {
		return nil, err
	}
	if len(request.Presets) == 0 && len(request.Tests) == 0 {
		request.Presets = []string{"full"}
	}
	r := &Report{}
	most := c.Limits.Bytes
	if most <= 0 {
		most = 64 << 20 // the default of strictjson.Limits
	}
	if len(data) > most {
		r.Format, r.What = Detect(data[:min(len(data), 1<<20)])
		r.Broken = true
		r.fail(jsonRule, jsonTitle, fmt.Sprintf("larger than %d bytes: it was not read", most))
		r.finish(nil, request.Placed)
		return r, nil
	}
	plain, wrong := asUTF8(data, most)
	if wrong != "" {
		r.fail(encodingRule, "Encoding", wrong)
	}
	what := notJSON(plain)
	if plain == nil && wrong != "" {
		r.What = "a file in UTF-32"
	} else if what != "" {
		r.What = what
		r.fail(formatRule, "Format", "this is "+what)
	} else {
		c.document(ctx, r, plain, request)
	}
	r.finish(plain, request.Placed)
	return r, nil
}

// document checks what may be a JSON document.
func (c *Checker) document(ctx context.Context, r *Report, data []byte, request Request) {
	r.Format, r.What = request.Format, request.Format.What()
	if r.Format == "" {
		r.Format, r.What = Detect(data)
	}
	if r.Format == "" {
		c.unknown(r, data)
		return
	}
	j := &job{checker: c, report: r, data: data, request: request, limits: c.Limits}
	j.run(ctx)
}

// unknown tells what is wrong with the JSON of a document of no known format, and what
// it is.
func (c *Checker) unknown(r *Report, data []byte) {
	_, problems := anything.Read(data, c.Limits)
	for _, p := range problems {
		if p.Code == strictjson.Syntax {
			r.Broken = true
			r.Findings = append(r.Findings, Finding{Rule: jsonRule, Title: jsonTitle, Severity: Error, Pointer: p.Pointer, Line: p.Line, Column: p.Column, Message: cutOff(data, p)})
		}
	}
	r.fail(formatRule, "Format", "this is "+r.What)
}

// anything is the plan of a document of which only the JSON is looked at.
var anything = strictjson.For[struct {
	_ struct{} `strict:"unknown=ignore"`
}](strictjson.Rules{Unknown: strictjson.Ignore})

const jsonTitle = "JSON"

// Validate fails when the request names a format, preset or test that nothing here has.
func (q *Request) Validate() error {
	if q.Format != "" && !known(q.Format) {
		return fmt.Errorf("no such format: %q", q.Format)
	}
	for _, p := range q.Presets {
		if !slices.Contains(validate.Presets(validate.V20), p) && !slices.Contains(validate.Presets(validate.V21), p) {
			return fmt.Errorf("no such preset: %q", p)
		}
	}
	if len(q.Tests) == 0 && len(q.Without) == 0 {
		return nil
	}
	rules := Rules()
	for _, t := range slices.Concat(q.Tests, q.Without) {
		id := validate.ID(t)
		if !slices.ContainsFunc(rules, func(r Rule) bool { return r.ID == id }) {
			return fmt.Errorf("no format has a test %q", t)
		}
	}
	return nil
}

// cutOff is the message of a fault of syntax. One at the end of the bytes mostly means
// that something is missing behind it.
func cutOff(data []byte, p strictjson.Problem) string {
	text := bytes.TrimRight(data, " \t\r\n")
	line := bytes.Count(text, []byte("\n")) + 1
	column := utf8.RuneCount(text[bytes.LastIndexByte(text, '\n')+1:]) + 1
	if p.Line > line || p.Line == line && p.Column >= column || p.Message == "a string without end" {
		return p.Message + "; the document ends too early here, it may have been cut off"
	}
	return p.Message
}
