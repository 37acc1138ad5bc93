// Package mend makes the changes in a document that are certainly right: the fixes that the
// findings of kit/check carry. The layout of the document stays: nothing changes but what a
// fix is about.
//
//	out, err := mend.Mend(ctx, &check.Checker{}, data, check.Request{})
//	if out.Changed() {
//		os.WriteFile(name, out.Data, 0o644)
//	}
//
// # What is guaranteed
//
// After every change the document is checked again, by all tests of its format whatever the
// request names, but those that need a network. A change is kept when its finding is gone
// and no rule finds more than before; else it is taken back and its finding is left. So a
// document never comes out with a problem that it did not have.
//
// What is not JSON, is of no known format, has a wrong encoding or a member twice is not
// changed at all: where a pointer leads in it is a matter of opinion.
//
// # What it does not do
//
// It gives the document no new version, date or line of history, and knows nothing of hashes
// and signatures beside it. Those are decisions, or come after it.
package mend

import (
	"context"
	"fmt"
	"slices"

	"github.com/tocsin-sec/tocsin/kit/check"
)

// Outcome is what became of a document.
type Outcome struct {
	Data   []byte          // the document, changed or not
	Before *check.Report   // by the request, of what was handed in
	After  *check.Report   // by the request, of Data; Before when nothing changed
	Fixed  []check.Finding // those whose fixes were made, in the order in which they were made
	Left   []check.Finding // those of After that have a fix which would make another finding
}

// Changed reports whether Data is not what was handed in.
func (o *Outcome) Changed() bool { return len(o.Fixed) > 0 }

// Bounds on the work for one document.
const (
	maxRounds = 50  // of changes that are made together
	maxAlone  = 200 // changes that are tried one by one, after some together made a finding
)

// Mend makes the fixes of the findings that the request asks for. It fails as Checker.Check
// does, and when ctx ends.
func Mend(ctx context.Context, checker *check.Checker, data []byte, request check.Request) (*Outcome, error) {
	m := mender{checker: checker, request: request, refused: map[string]bool{}}
	first, err := checker.Check(ctx, data, request)
	if err != nil {
		return nil, err
	}
	out := &Outcome{Data: data, Before: first, After: first}
	if first.Broken || first.Format == "" || !slices.ContainsFunc(first.Findings, fixable) {
		return out, nil
	}
	m.request.Format = first.Format // a fix must not make it another one's
	if m.known, err = m.count(ctx, data); err != nil {
		return nil, err
	}
	for range maxRounds {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		made, next, err := m.round(ctx, out.Data, out.After.Findings)
		if err != nil {
			return nil, err
		}
		if len(made) == 0 {
			break
		}
		out.Data, out.Fixed = next, append(out.Fixed, made...)
		if out.After, err = checker.Check(ctx, next, m.request); err != nil {
			return nil, err
		}
	}
	for _, f := range out.After.Findings {
		if fixable(f) {
			out.Left = append(out.Left, f)
		}
	}
	return out, nil
}

func fixable(f check.Finding) bool { return len(f.Fix) > 0 }

// mender is the work on one document.
type mender struct {
	checker *check.Checker
	request check.Request
	known   map[string]int  // how often each rule finds something now
	refused map[string]bool // fixes that made a finding
	alone   int
}

// count checks by all tests of the format and returns how often each rule finds something.
func (m *mender) count(ctx context.Context, data []byte) (map[string]int, error) {
	r, err := m.checker.Check(ctx, data, check.Request{Format: m.request.Format, Presets: []string{"full"}})
	if err != nil {
		return nil, err
	}
	out := map[string]int{}
	for _, f := range r.Findings {
		out[f.Rule]++
	}
	if r.Broken {
		out["broken"]++
	}
	return out, nil
}

// round makes as many of the fixes as do not touch each other, together when that makes no
// finding, else the first one that makes none.
func (m *mender) round(ctx context.Context, data []byte, findings []check.Finding) ([]check.Finding, []byte, error) {
	root, ok := parse(data)
	if !ok {
		return nil, nil, nil
	}
	var edits []edit
	var made []check.Finding
	for _, f := range findings {
		if !fixable(f) || m.refused[name(f)] {
			continue
		}
		mine, ok := root.edits(data, f.Fix)
		if !ok || !apart(edits, mine) {
			continue // another round sees it where it is then
		}
		edits, made = append(edits, mine...), append(made, f)
	}
	if len(made) == 0 {
		return nil, nil, nil
	}
	next := apply(data, edits)
	if good, err := m.good(ctx, next, made); err != nil || good {
		return made, next, err
	}
	for _, f := range made {
		if m.alone++; m.alone > maxAlone {
			break
		}
		mine, _ := root.edits(data, f.Fix)
		next := apply(data, mine)
		if good, err := m.good(ctx, next, []check.Finding{f}); err != nil || good {
			return []check.Finding{f}, next, err
		}
		m.refused[name(f)] = true
	}
	return nil, nil, nil
}

// name tells a fix from others of the document.
func name(f check.Finding) string { return fmt.Sprint(f.Rule, " ", f.Pointer, " ", f.Fix) }

// good reports whether each rule of the findings finds less than before, by as many at the
// least, and no other one more; then that is what is known.
func (m *mender) good(ctx context.Context, next []byte, made []check.Finding) (bool, error) {
	now, err := m.count(ctx, next)
	if err != nil {
		return false, err
	}
	fixed := map[string]int{}
	for _, f := range made {
		fixed[f.Rule]++
	}
	for r, n := range now {
		if n > m.known[r] {
			return false, nil
		}
	}
	for r, n := range fixed {
		if now[r] > m.known[r]-n {
			return false, nil
		}
	}
	m.known = now
	return true, nil
}

// operations of a fix, as rule writes them.
const (
	opAdd, opRemove, opReplace, opMove = "add", "remove", "replace", "move"
)
