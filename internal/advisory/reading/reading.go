// Package reading makes a record of a document of another kind: OSV, CSAF 2.0 and 2.1, CVE.
// What the record cannot hold is reported with its place and the reason, all of it: each
// value of a document is either in the record, or among what is lost.
//
// The documents are read by the strict readers of kit first, so that what is broken is an
// error and never half a record. The way back, from records to documents, is in emit; what
// becomes of a record that was read is advisory's: a person has to complete it, since the
// record asks for more than most documents say.
package reading

import (
	"bytes"
	"encoding/json"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/tocsin-sec/tocsin/internal/advisory/record"
	"github.com/tocsin-sec/tocsin/kit/csaf"
)

// Result is what a document says.
type Result struct {
	Content record.Content
	// Number is the document's id. Initial and Current are its dates, zero when it has
	// none; History are its revisions before the last, whose line is Content.Change.
	Number  string
	Initial time.Time
	Current time.Time
	History []csaf.Revision
	Lost    []Lost // in the order of the document
}

// Lost is a part of a document that the record cannot hold.
type Lost struct {
	Pointer string // JSON pointer into the document; all that is below it is lost
	Reason  string // in English
}

// String is "/document/notes/2: reason".
func (l Lost) String() string { return l.Pointer + ": " + l.Reason }

// value is a place in a document. Texts that are taken are marked: what is not marked in
// the end is lost.
type value struct {
	v       any
	pointer string
	doc     *document
}

type document struct {
	taken   map[string]bool
	reasons map[string]string // by pointer, for what lies at it or below
}

// open decodes a document that a strict reader has taken: size, depth and repeated members
// are bounded by that one.
func open(data []byte) (value, error) {
	d := json.NewDecoder(bytes.NewReader(data))
	d.UseNumber()
	var v any
	if err := d.Decode(&v); err != nil {
		return value{}, err
	}
	return value{v, "", &document{map[string]bool{}, map[string]string{}}}, nil
}

// at goes down by names of members; what is not there is a value without anything.
func (v value) at(names ...string) value {
	for _, name := range names {
		m, _ := v.v.(map[string]any)
		v = value{m[name], v.pointer + "/" + strings.NewReplacer("~", "~0", "/", "~1").Replace(name), v.doc}
	}
	return v
}

// items are those of an array.
func (v value) items() []value {
	list, _ := v.v.([]any)
	out := make([]value, len(list))
	for i := range list {
		out[i] = value{list[i], v.pointer + "/" + strconv.Itoa(i), v.doc}
	}
	return out
}

// peek is the text, "" for anything else; it is not taken yet.
func (v value) peek() string {
	switch x := v.v.(type) {
	case string:
		return x
	case json.Number:
		return x.String()
	}
	return ""
}

// text takes the text.
func (v value) text() string {
	v.take()
	return v.peek()
}

// is takes the text when it is the one that an output would write there anyway.
func (v value) is(want string) bool {
	if v.peek() == want && v.v != nil {
		v.take()
		return true
	}
	return false
}

// take marks the value as held.
func (v value) take() {
	if v.v != nil {
		v.doc.taken[v.pointer] = true
	}
}

// takeAll marks everything below as held.
func (v value) takeAll() {
	v.take()
	if m, ok := v.v.(map[string]any); ok {
		for name := range m {
			v.at(name).takeAll()
		}
	}
	for _, x := range v.items() {
		x.takeAll()
	}
}

// because says why what is lost here or below is.
func (v value) because(reason string) {
	if v.v != nil {
		v.doc.reasons[v.pointer] = reason
	}
}

// there reports whether the document has the member.
func (v value) there() bool { return v.v != nil }

// lost lists what was not taken, the highest place that is lost as a whole for each.
func (v value) lost() []Lost {
	_, out := v.walk("the record has no place for it")
	return out
}

func (v value) walk(reason string) (whole bool, out []Lost) {
	if r, ok := v.doc.reasons[v.pointer]; ok {
		reason = r
	}
	var kids []value
	switch x := v.v.(type) {
	case map[string]any:
		names := make([]string, 0, len(x))
		for name := range x {
			names = append(names, name)
		}
		slices.Sort(names)
		for _, name := range names {
			kids = append(kids, v.at(name))
		}
	case []any:
		kids = v.items()
	}
	if len(kids) == 0 {
		switch v.v.(type) {
		case map[string]any, []any:
			return true, nil // nothing in it is lost
		}
		if v.doc.taken[v.pointer] {
			return false, nil
		}
		return true, []Lost{{v.pointer, reason}}
	}
	whole = v.pointer != ""
	same := true
	for _, k := range kids {
		all, some := k.walk(reason)
		whole = whole && all
		for _, l := range some {
			same = same && l.Reason == reason
		}
		out = append(out, some...)
	}
	if whole && same && len(out) > 0 {
		return true, []Lost{{v.pointer, reason}}
	}
	return whole, out
}

// instant reads a time of RFC 3339, the zero time for anything else.
func instant(s string) time.Time {
	t, err := time.Parse(time.RFC3339, s)
	if err != nil {
		return time.Time{}
	}
	return t.UTC()
}
