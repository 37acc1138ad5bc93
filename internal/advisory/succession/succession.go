// Package succession has the rules of what may replace an advisory, and where a successor
// lies.
//
// Not here: what a superseded document says (record), and how both are published in one
// flip (advisory).
package succession

import (
	"slices"
	"strings"
	"time"

	"github.com/tocsin-sec/tocsin/internal/advisory/decision"
	"github.com/tocsin-sec/tocsin/internal/advisory/pubtree"
	"github.com/tocsin-sec/tocsin/internal/advisory/record"
	"github.com/tocsin-sec/tocsin/internal/base/fault"
)

// Pair is an advisory and what a person names as its successor, by their ids.
type Pair struct {
	Old, New string
	NewBy    string // what replaces the successor, or is to
	Gone     bool   // the successor is given up, withdrawn or superseded itself
	OldLevel pubtree.Level
	NewLevel pubtree.Level
}

// Check refuses, beside the field, a successor that is the advisory itself, one that it
// replaces, one that is gone, and one that readers of the advisory may not read.
func Check(p Pair) error {
	strict := func(l pubtree.Level) int { return slices.Index(pubtree.Levels(), l) }
	switch {
	case p.Old == p.New:
		return Problem("by", "advisory.problem.successor_itself")
	case p.NewBy == p.Old:
		return Problem("by", "advisory.problem.successor_circle")
	case p.Gone:
		return Problem("by", "advisory.problem.successor_gone")
	case strict(p.NewLevel) > strict(p.OldLevel):
		return Problem("by", "advisory.problem.successor_level")
	}
	return nil
}

// Elsewhere is a successor of another publisher: the id of its document and where it is.
func Elsewhere(id, url string) (*record.Supersession, error) {
	var c fault.Checks
	c.Require(id != "" && len(id) <= 300 && !strings.ContainsFunc(id, func(r rune) bool { return r <= ' ' || r > '~' }), "by", "advisory.problem.id", "id", id)
	c.Require(pubtree.IsWeb(url), "url", "advisory.problem.url")
	return &record.Supersession{ID: id, URL: url}, c.Err()
}

// Problem is a refusal beside a field.
func Problem(path, key string) error {
	return &fault.Error{Kind: fault.Invalid, Key: "fault.invalid", Fields: []fault.Field{{Path: path, Key: key}}}
}

// Year is the one below which the document of a successor lies: that of its first publication,
// of an imported document as it came its own, else the one that it is staged for. It fails
// when an imported document cannot be read.
func Year(initial time.Time, work *decision.Revision, stage *decision.Stage, now time.Time) (int, error) {
	switch {
	case !initial.IsZero():
		return initial.UTC().Year(), nil
	case work != nil && work.Content.Source != nil:
		f, err := record.Input{Content: work.Content}.Facts()
		return f.Initial.Year(), err
	case stage != nil:
		return stage.For.UTC().Year(), nil
	}
	return now.UTC().Year(), nil
}

// Place is a successor of this site.
func Place(site, slug, number string, level pubtree.Level, year int) *record.Successor {
	tree, name := pubtree.Paths{Slug: slug}, pubtree.Name(number)
	out := &record.Successor{ID: number, Ours: true, URL: site + "/" + tree.Document(level, year, name)}
	out.Page = out.URL
	if level.Free() {
		out.Page = site + "/" + tree.Page(name)
	}
	return out
}
