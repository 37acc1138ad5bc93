// Package incoming reads a document that was published elsewhere, so that it can become an
// advisory with its own id and dates: CSAF 2.0, which is kept and published as it is, and
// CSAF 2.1, OSV and CVE records, of which a record is made.
//
// Not here: how a format becomes a record (reading), and who may import and what becomes
// of it (advisory).
package incoming

import (
	"context"
	"encoding/json"
	"errors"
	"strconv"
	"time"

	"github.com/tocsin-sec/tocsin/internal/advisory/pubtree"
	"github.com/tocsin-sec/tocsin/internal/advisory/reading"
	"github.com/tocsin-sec/tocsin/internal/advisory/record"
	"github.com/tocsin-sec/tocsin/internal/base/fault"
	"github.com/tocsin-sec/tocsin/kit/check"
	"github.com/tocsin-sec/tocsin/kit/csaf"
	"github.com/tocsin-sec/tocsin/kit/csaf/rule"
	"github.com/tocsin-sec/tocsin/kit/csaf/test20/mandatory"
)

// MaxBytes bounds a document.
const MaxBytes = 8 << 20

// maxFindings bounds the problems that one refusal names.
const maxFindings = 100

// Document is one that was read and checked.
type Document struct {
	Format  check.Format
	Content record.Content // Change is "" where the document has no history
	Number  string
	// Initial, Current and History (all revisions) are those of a document of which a
	// record was made; the kept one has its own.
	Initial, Current time.Time
	History          []csaf.Revision
	// Lost names what the record cannot hold: of a kept document it is published as it is,
	// and would be lost by a correction; of others it is lost at once.
	Lost []string
	// Dropped are the pointers of members that the standard does not know: they are not
	// published. Filled names what the record must have and took from elsewhere in the
	// document.
	Dropped, Filled []string
}

// Kept reports whether the document itself is published, byte for byte as it is canonical.
func (d Document) Kept() bool { return d.Content.Source != nil }

// Read reads and checks a document; texts are those of the lines that its history lacks.
// Errors: fault.TooLarge, and fault.Invalid with a field
// for each problem.
func Read(raw []byte, texts func(lang string) pubtree.Texts) (Document, error) {
	if len(raw) > MaxBytes {
		return Document{}, fault.New(fault.TooLarge, "advisory.fault.large", "n", MaxBytes)
	}
	switch format, _ := check.Detect(raw); format {
	case check.CSAF21, check.OSV, check.CVE:
		d, err := converted(raw, format)
		if err == nil {
			d.history(texts)
		}
		return d, err
	}
	return kept(raw) // what is none at all is told as CSAF 2.0 tells it
}

// kept reads CSAF 2.0: schema, mandatory tests, final.
func kept(raw []byte) (Document, error) {
	in := Document{Format: check.CSAF20}
	doc, problems := csaf.ReadAdvisory(raw, csaf.Limits{Bytes: MaxBytes, Problems: maxFindings})
	var c fault.Checks
	for _, p := range problems {
		if p.Code == csaf.Unknown {
			in.Dropped = append(in.Dropped, p.Pointer)
			continue
		}
		c.Add("file", "advisory.problem.document", "place", place(p.Line, p.Column, p.Pointer), "problem", p.Message)
		if p.Code == csaf.Syntax {
			return Document{}, c.Err() // nothing after it was read
		}
	}
	breaches(&c, raw, mandatory.Check(doc))
	c.Require(doc.Document.Tracking.Status == csaf.Final, "file", "advisory.problem.final")
	if err := c.Err(); err != nil {
		return Document{}, err
	}
	canonical, err := csaf.Write(doc)
	if err != nil {
		return Document{}, err
	}
	read, err := reading.FromCSAF(canonical)
	if err != nil {
		return Document{}, err
	}
	in.Content = record.Content{Record: read.Content.Record, Source: canonical, Change: read.Content.Change}
	in.Number, in.Lost = read.Number, lost(read)
	return in, nil
}

// converted makes a record of a document of another format, after the checks that make one
// invalid.
func converted(raw []byte, format check.Format) (Document, error) {
	report, err := (&check.Checker{}).Check(context.Background(), raw, check.Request{Format: format, Presets: []string{"basic"}})
	if err != nil {
		return Document{}, err
	}
	var c fault.Checks
	told := 0
	for _, f := range report.Findings {
		if f.Severity != check.Error {
			continue
		}
		if told++; told <= maxFindings {
			c.Add("file", "advisory.problem.test", "place", place(f.Line, f.Column, f.Pointer), "test", f.Rule, "problem", f.Message)
		}
	}
	if told > maxFindings {
		c.Add("file", "advisory.problem.more", "n", told-maxFindings)
	}
	if err := c.Err(); err != nil {
		return Document{}, err
	}
	d := Document{Format: format}
	read, err := reader(format)(raw)
	if err != nil {
		return Document{}, err
	}
	version, status := tracking(raw)
	c.Require(format != check.CSAF21 || status == csaf.Final, "file", "advisory.problem.final")
	c.Require(read.Content.Withdrawn == "", "file", "advisory.problem.taken_back")
	c.Require(read.Number != "" && !read.Current.IsZero(), "file", "advisory.problem.undated")
	if err := c.Err(); err != nil {
		return Document{}, err
	}
	d.Filled = reading.Complete(&read.Content)
	d.Content, d.Number, d.Lost = read.Content, read.Number, lost(read)
	d.Initial, d.Current = read.Initial, read.Current
	d.History = append(read.History, csaf.Revision{Date: csaf.At(read.Current), Number: version, Summary: read.Content.Change})
	return d, nil
}

// history gives the document the lines that neither OSV nor CVE has: its two dates.
func (d *Document) history(texts func(lang string) pubtree.Texts) {
	last := len(d.History) - 1
	if d.History[last].Number != "" {
		return
	}
	t := texts(d.Content.Record.Lang)
	d.History[last].Number, d.Content.Change = "1", t.T("advisory.doc.initial")
	if d.Initial.Before(d.Current) {
		d.History = []csaf.Revision{{Date: csaf.At(d.Initial), Number: "1", Summary: d.Content.Change}, {Date: csaf.At(d.Current), Number: "2"}}
		d.Content.Change = t.T("advisory.doc.corrected")
	}
	d.History[len(d.History)-1].Summary = d.Content.Change
}

func reader(format check.Format) func([]byte) (reading.Result, error) {
	switch format {
	case check.OSV:
		return reading.FromOSV
	case check.CVE:
		return reading.FromCVE
	case check.CSAF21:
		return reading.FromCSAF
	}
	return func([]byte) (reading.Result, error) {
		return reading.Result{}, errors.New("no reader for " + string(format))
	}
}

// tracking is what only CSAF says of a document: its version and whether it is final.
func tracking(raw []byte) (version, status string) {
	var doc struct {
		Document struct {
			Tracking struct{ Version, Status string }
		}
	}
	_ = json.Unmarshal(raw, &doc) // the strict reader has taken it; other formats have none
	return doc.Document.Tracking.Version, doc.Document.Tracking.Status
}

// lost are the lines of the report, without what the advisory keeps beside the record.
func lost(read reading.Result) []string {
	var out []string
	for _, l := range read.Lost {
		if l.Pointer != "/document/tracking/revision_history" && l.Pointer != "/document/tracking/version" {
			out = append(out, l.String())
		}
	}
	return out
}

// breaches adds what the mandatory tests found, each with its test, line and pointer. A
// document that breaks the schema is tested as far as it could be read, so that all
// problems are seen in one go.
func breaches(c *fault.Checks, raw []byte, found []rule.Finding) {
	more := max(0, len(found)-maxFindings)
	found = found[:len(found)-more]
	pointers := make([]string, len(found))
	for i, f := range found {
		pointers[i] = f.Pointer
	}
	at := csaf.Locate(raw, pointers, csaf.Limits{Bytes: MaxBytes})
	for i, f := range found {
		c.Add("file", "advisory.problem.test", "place", place(at[i].Line, at[i].Column, f.Pointer), "test", f.Test, "problem", f.Message)
	}
	if more > 0 {
		c.Add("file", "advisory.problem.more", "n", more)
	}
}

// place is "12:7 /document/title".
func place(line, column int, pointer string) string {
	return strconv.Itoa(line) + ":" + strconv.Itoa(column) + " " + pointer
}
