package convert

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/tocsin-sec/tocsin/kit/csaf"
	"github.com/tocsin-sec/tocsin/kit/csaf/csaf21"
	"github.com/tocsin-sec/tocsin/kit/csaf/rule"
	"github.com/tocsin-sec/tocsin/kit/cwe"
	"github.com/tocsin-sec/tocsin/kit/strictjson"
)

// Level is how much a decision matters.
type Level uint8

// The levels. A Warning says what was assumed; an Error says what could not be
// resolved: the document fails a test of CSAF 2.1 until a person has decided.
const (
	NoLevel Level = iota
	Warning
	Error
)

// String is "warning" or "error".
func (l Level) String() string {
	switch l {
	case Warning:
		return "warning"
	case Error:
		return "error"
	}
	return ""
}

// Decision is one thing that a person has to look at.
type Decision struct {
	Level    Level
	Rule     string // what the clause speaks of: "branches_t", "document.title"
	Source   string // JSON pointer into the 2.0 document
	Target   string // JSON pointer into the result, "" when nothing is there
	Reason   string // why it was not certain
	Original string // the value of the source that was the cause, may be ""
	Assumed  string // what the result has, "" when nothing was assumed
}

// String is the decision in one line.
func (d Decision) String() string {
	s := d.Level.String() + " " + d.Source
	if d.Target != d.Source && d.Target != "" {
		s += " -> " + d.Target
	}
	s += ": " + d.Reason
	if d.Original != "" {
		s += fmt.Sprintf(" (was %q)", d.Original)
	}
	if d.Assumed != "" {
		s += fmt.Sprintf(", assumed %q", d.Assumed)
	}
	return s
}

// Options are the choices that the clause gives to people. The zero value has the
// defaults of the clause.
type Options struct {
	// Now is what "in the future" means for the dates of vendor fixes; zero is the
	// document's current release date, so that a conversion can be repeated.
	Now time.Time
	// TLPFromText takes a TLP 2.0 label out of distribution.text ("TLP v2.0: TLP:...").
	TLPFromText bool
	// OtherIsMultiplier makes publishers of the category other multipliers;
	// QuietPublisher drops the warning about them.
	OtherIsMultiplier, QuietPublisher bool
	// CompleteNumbers takes model numbers, serial numbers and SKUs as complete: no star
	// is added. LiteralQuestion and LiteralStar escape ? and * in them.
	CompleteNumbers, LiteralQuestion, LiteralStar bool
	// NewestCWE takes the newest version of CWE that still matches.
	NewestCWE bool
	// The following leave a step out: KeepBranches the repair of product trees, KeepRanges
	// that of version ranges, KeepAlgorithms the renaming of unknown hash algorithms, KeepIDs
	// the look at vulnerability ids, NoLicense, NoCVSS4 and NoFixed the finding of licence
	// expressions, the making of CVSS 4 scores from links, and that of fixed products.
	KeepBranches, KeepRanges, KeepAlgorithms, KeepIDs, NoLicense, NoCVSS4, NoFixed bool
	// Invalid lets Write write a document that has errors.
	Invalid bool
}

// Result is a converted document and what a person must decide.
type Result struct {
	Document  *csaf21.Advisory
	Decisions []Decision
	invalid   bool
}

// ErrUndecided is a document with errors among its decisions: it does not pass the
// tests of CSAF 2.1.
var ErrUndecided = errors.New("convert: the document has errors that a person must decide")

// Errors reports whether any decision is an error.
func (r *Result) Errors() bool {
	for _, d := range r.Decisions {
		if d.Level == Error {
			return true
		}
	}
	return false
}

// Write returns the canonical bytes of the result. It fails with ErrUndecided when there
// are errors, unless Options.Invalid was set: the clause wants an invalid document only
// on demand.
func (r *Result) Write() ([]byte, error) {
	if r.Errors() && !r.invalid {
		return nil, ErrUndecided
	}
	return csaf21.Write(r.Document)
}

// From reads a CSAF 2.0 document and converts it. When problems are fatal the result is
// nil: only CSAF 2.0 documents are converted. Members that the standard does not know
// are decisions: they are not converted.
func From(data []byte, limits csaf.Limits, o Options) (*Result, csaf.Problems) {
	doc, problems := csaf.ReadAdvisory(data, limits)
	if problems.Fatal() {
		return nil, problems
	}
	return Convert(doc, problems, o), problems
}

// Convert converts a document that ReadAdvisory has read without fatal problems; the
// problems given are those warnings, for the members that are lost. The document is
// not changed; the result shares its texts.
func Convert(doc *csaf.Advisory, problems csaf.Problems, o Options) *Result {
	c := &conv{Options: o, src: doc, formats: csaf21.Formats(), out: &csaf21.Advisory{Schema: csaf21.SchemaURL},
		fixed: map[string]string{}, budget: 10_000_000}
	for _, p := range problems {
		if p.Code == csaf.Unknown {
			// Clause 18, first group: a warning for each additional property, which is ignored.
			name := p.Pointer[strings.LastIndexByte(p.Pointer, '/')+1:]
			c.warn("additional property", p.Pointer, nil, name, "", "the property is not known to CSAF 2.0 and was not converted")
		}
	}
	if c.Now.IsZero() {
		c.Now, _ = doc.Document.Tracking.CurrentReleaseDate.Time() // checked by the reader
	}
	c.document()
	c.productTree()
	c.indexGroups()
	for i := range doc.Vulnerabilities {
		c.vulnerability(i)
	}
	c.finishTree()
	c.specialNotes()
	c.profile()
	return &Result{Document: c.out, Decisions: c.finish(), invalid: o.Invalid}
}

// conv is one conversion.
type conv struct {
	Options
	src      *csaf.Advisory
	out      *csaf21.Advisory
	formats  map[string]strictjson.Format
	list     []pending
	tree     *tree
	fixed    map[string]string // the fixed product that was added for an affected one
	versions map[versionAt]*node
	groups   map[string][]string
	releases []cwe.Release
	budget   int // of products listed through groups
}

// spot is a place in the result whose pointer is known when the result is finished.
type spot struct{ pointer string }

// pending is a decision whose target is not known yet.
type pending struct {
	Decision
	at *spot
}

// warn adds a warning; at is nil when the target is the source, and a spot without
// pointer when there is none.
func (c *conv) warn(rule, source string, at *spot, original, assumed, reason string, args ...any) {
	c.add(Warning, rule, source, at, original, assumed, reason, args...)
}

// fail adds an error.
func (c *conv) fail(rule, source string, at *spot, original, assumed, reason string, args ...any) {
	c.add(Error, rule, source, at, original, assumed, reason, args...)
}

func (c *conv) add(l Level, rule, source string, at *spot, original, assumed, reason string, args ...any) {
	c.list = append(c.list, pending{Decision{l, rule, source, "", fmt.Sprintf(reason, args...), original, assumed}, at})
}

// gone is the place of what the result does not have.
func gone() *spot { return &spot{} }

func (c *conv) finish() []Decision {
	var out []Decision
	for _, p := range c.list {
		switch {
		case p.at != nil:
			p.Target = p.at.pointer
		case p.Rule != "additional property":
			p.Target = p.Source
		}
		out = append(out, p.Decision)
	}
	return out
}

// fits reports whether a text follows a format of CSAF 2.1's reader.
func (c *conv) fits(format, s string) bool { return c.formats[format].Match(s) }

// at is rule.At: a pattern with numbers for each %.
func at(pattern string, numbers ...int) string { return rule.At(pattern, numbers...) }

// place is a spot that is known at once.
func place(pattern string, numbers ...int) *spot { return &spot{at(pattern, numbers...)} }
