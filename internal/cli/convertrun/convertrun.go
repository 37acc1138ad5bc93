// Package convertrun is `tocsin convert`: a document of one format becomes one of another,
// with a list of what is lost or must be decided by a person.
//
// The conversions themselves stand elsewhere: kit/csaf/convert makes CSAF 2.1 of 2.0,
// kit/vex goes between CSAF and OpenVEX, the formats' own packages write canonically;
// every other way goes through the advisory record (advisory/reading, advisory/emit).
package convertrun

import (
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/tocsin-sec/tocsin/internal/advisory/emit"
	"github.com/tocsin-sec/tocsin/internal/cli/checkrun"
	"github.com/tocsin-sec/tocsin/kit/check"
)

// Note is one thing that the result does not have, or that a person has to look at.
type Note struct {
	Kind    string `json:"kind"`             // Lost, Assumed or Open
	Source  string `json:"source"`           // JSON pointer into the document
	Target  string `json:"target,omitempty"` // JSON pointer into the result
	Message string `json:"message"`          // English
}

// The kinds of notes.
const (
	Lost    = "lost"    // the other format cannot hold it
	Assumed = "assumed" // a person should confirm it
	Open    = "open"    // a person must decide: the result is not valid until then
)

// String is the note in one line. Places are those of the document, else of the result.
func (n Note) String() string {
	switch {
	case n.Source != "":
		return n.Kind + " " + n.Source + ": " + n.Message
	case n.Target != "":
		return n.Kind + " in the result, " + n.Target + ": " + n.Message
	}
	return n.Kind + " " + n.Message
}

// Result is a converted document.
type Result struct {
	Out   []byte
	Notes []Note
}

// Open reports whether a person must decide something before the result is valid.
func (r *Result) Open() bool {
	return slices.ContainsFunc(r.Notes, func(n Note) bool { return n.Kind == Open })
}

// way is one conversion.
type way struct {
	from []check.Format
	to   string
	make func(data []byte) (*Result, error)
}

// ways are all conversions, the first that fits is taken.
func ways() []way {
	return []way{
		{[]check.Format{check.CSAF20}, "csaf-2.0", csaf20},
		{[]check.Format{check.CSAF20}, "csaf-2.1", csaf20to21},
		{[]check.Format{check.CSAF21}, "csaf-2.1", csaf21As21},
		{[]check.Format{check.CSAF20, check.CSAF21}, "openvex", csafToVEX},
		{[]check.Format{check.OpenVEX}, "csaf-vex", vexToCSAF},
		{[]check.Format{check.OpenVEX}, "openvex", vexAsVEX},
		{[]check.Format{check.OSV}, "osv", osvAsOSV},
		{[]check.Format{check.CVE}, "cve", cveAsCVE},
	}
}

// Targets are the names of the formats that something can be converted to.
func Targets() []string {
	var out []string
	for _, w := range ways() {
		if !slices.Contains(out, w.to) {
			out = append(out, w.to)
		}
	}
	for _, f := range emit.Formats() {
		if !slices.Contains(out, f.Name) {
			out = append(out, f.Name)
		}
	}
	slices.Sort(out)
	return out
}

// Tell writes the notes, as lines for people or as JSON.
func (r *Result) Tell(to io.Writer, asJSON bool) error {
	if asJSON {
		e := json.NewEncoder(to)
		e.SetIndent("", "  ")
		return e.Encode(map[string]any{"notes": r.Notes})
	}
	for _, n := range r.Notes {
		if _, err := fmt.Fprintln(to, checkrun.Safe(n.String())); err != nil {
			return err
		}
	}
	return nil
}

// Convert makes a document of the format to. It fails when the document is of no known
// format or does not fit its own, and when there is no way to the other format. The ways
// that keep most come first; where there is none, the advisory record stands between.
func Convert(data []byte, to string, by Publisher, now time.Time) (*Result, error) {
	from, what := check.Detect(data)
	if from == "" {
		return nil, fmt.Errorf("this is %s", what)
	}
	var possible []string
	for _, w := range ways() {
		if !slices.Contains(w.from, from) {
			continue
		}
		if w.to == to {
			return w.make(data)
		}
		possible = append(possible, w.to)
	}
	if reader(from) != nil {
		if f, ok := emit.Find(to); ok {
			return throughRecord(data, from, f, by, now)
		}
		for _, f := range emit.Formats() {
			if !slices.Contains(possible, f.Name) {
				possible = append(possible, f.Name)
			}
		}
	}
	if possible == nil {
		return nil, fmt.Errorf("a document of the format %s cannot be converted", from.What())
	}
	return nil, fmt.Errorf("there is no way from %s to %q; there is to %s", from.What(), to, strings.Join(possible, ", "))
}
