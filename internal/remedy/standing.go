package remedy

import (
	"context"
	"slices"
	"strings"

	"github.com/tocsin-sec/tocsin/internal/base/fault"
	"github.com/tocsin-sec/tocsin/internal/base/unit"
	"github.com/tocsin-sec/tocsin/internal/casework"
	"github.com/tocsin-sec/tocsin/internal/people"
	"github.com/tocsin-sec/tocsin/internal/product"
	"github.com/tocsin-sec/tocsin/kit/branchfix"
)

// Standing is a branch that is not settled.
type Standing struct {
	Product string // its name
	Branch  string
	State   branchfix.State
	Asks    bool // a person has not confirmed it yet
}

// Unsettled lists the branches that still get fixes and of which the matrix says that
// something is to do, or that a person should look. It is empty for a case without
// fixes, and before the first matrix: who then says that a branch is fixed stands for it.
func (s *Service) Unsettled(ctx context.Context, v unit.View, sc people.Scope, id casework.CaseID) ([]Standing, error) {
	all, err := s.Store.OfCase(ctx, v, sc, id)
	var out []Standing
	for _, w := range all {
		for _, b := range w.Found.Branches {
			if !b.Settled() {
				out = append(out, Standing{Product: w.Name, Branch: b.Name, State: b.State, Asks: b.Asks()})
			}
		}
	}
	return out, err
}

// Change is what taking over would do to one branch of the case's table.
type Change struct {
	Branch   string
	State    branchfix.State
	From, To casework.Affected
	New      bool // the table has no row of it
	// Why is a catalogue key of why nothing is taken over; "" when something is.
	Why string
}

// Proposal says what taking over the matrix would do to the case's table, and the version
// of the case that it was made for.
func (s *Service) Proposal(ctx context.Context, v unit.View, sc people.Scope, id casework.CaseID, p product.ID) ([]Change, int64, error) {
	out, err := s.proposal(ctx, v, sc, id, p)
	return out.changes, out.version, err
}

// proposal is what taking over would do, and what it was made of.
type proposal struct {
	changes []Change
	rows    []casework.Affected // the case's table afterwards
	version int64               // of the case
	matrix  string              // its sum
}

func (s *Service) proposal(ctx context.Context, v unit.View, sc people.Scope, id casework.CaseID, p product.ID) (proposal, error) {
	c, _, err := s.Cases.Get(ctx, v, sc, id)
	if err != nil {
		return proposal{}, err
	}
	w, err := s.Store.Get(ctx, v, sc, id, p)
	if err != nil {
		return proposal{}, err
	}
	pr, err := s.Products.Get(ctx, v, sc, p)
	if err != nil {
		return proposal{}, err
	}
	rows := slices.Clone(c.Affected)
	var out []Change
	for _, b := range w.Found.Branches {
		i := slices.IndexFunc(rows, func(a casework.Affected) bool {
			return a.Branch == b.Name && (a.Product == p || a.Product == "" && a.Name == w.Name)
		})
		ch := Change{Branch: b.Name, State: b.State, New: i < 0, From: casework.Affected{Product: p, Name: pr.Name, Branch: b.Name, Purl: pr.Purl}}
		if i >= 0 {
			ch.From = rows[i]
		}
		ch.To, ch.Why = taken(b, ch.From, pr)
		if ch.Why == "" && !ch.New && ch.From == ch.To {
			ch.Why = "remedy.take.same"
		}
		if ch.Why == "" && ch.New {
			rows = append(rows, ch.To)
		} else if ch.Why == "" {
			rows[i] = ch.To
		}
		out = append(out, ch)
	}
	return proposal{out, rows, c.Version, w.Found.Sum()}, nil
}

// taken is a row of the case's table as the matrix has it, or why it is left to a person:
// a waiver stands for a name, and a version that nobody released cannot be invented.
func taken(b Branch, a casework.Affected, p product.Product) (casework.Affected, string) {
	switch {
	case b.Asks():
		return a, "remedy.take.asks"
	case a.Status == casework.Waived:
		return a, "remedy.take.waived"
	}
	switch b.State {
	case branchfix.NotAffected:
		a.Status = casework.NotAffected
	case branchfix.Released:
		a.Status, a.Fix = casework.Fixed, releaseOf(b, p)
	case branchfix.Fixed:
		if a.Fix == "" {
			return a, "remedy.take.no_version"
		}
		a.Status = casework.Fixed
	case branchfix.Affected, branchfix.Applies, branchfix.Conflicts, branchfix.Partial:
		if a.Versions == "" {
			return a, "remedy.take.no_versions"
		}
		a.Status = casework.IsAffected
	case branchfix.WontFix:
		return a, "remedy.take.wont_fix"
	case branchfix.Unknown:
		return a, "remedy.take.unknown"
	}
	return a, ""
}

// releaseOf is the version that has all fixes: the product's release that the tag ends
// with ("v9.4.1" and "lantern-9.4.1" are 9.4.1), else the tag from its first digit on. Of several
// fixes the tag that the last one came with is the last in their order.
func releaseOf(b Branch, p product.Product) string {
	tag := ""
	for _, f := range b.Fixes {
		if f.Tag != "" && (tag == "" || newer(f.Tag, tag)) {
			tag = f.Tag
		}
	}
	for _, r := range p.Releases {
		if rest, ok := strings.CutSuffix(tag, r.Version); ok && (rest == "" || strings.Trim(rest[len(rest)-1:], "0123456789.") != "") {
			return r.Version
		}
	}
	if i := strings.IndexAny(tag, "0123456789"); i > 0 {
		return tag[i:]
	}
	return tag
}

// newer compares two tags of one branch by their numbers.
func newer(a, b string) bool {
	digits := func(r rune) bool { return r < '0' || r > '9' }
	x, y := strings.FieldsFunc(a, digits), strings.FieldsFunc(b, digits)
	for i := range min(len(x), len(y)) {
		m, n := strings.TrimLeft(x[i], "0"), strings.TrimLeft(y[i], "0")
		if m != n {
			return len(m) > len(n) || len(m) == len(n) && m > n
		}
	}
	return len(x) > len(y)
}

// TakeOver writes the states of the matrix into the case's table, as Proposal has shown it
// for that version of the case and for the matrix with that sum; whoever does it stands for
// it. Errors as of casework's SetAffected, fault.Conflict when the case or the matrix is
// another by now, or nothing can be taken over.
func (s *Service) TakeOver(ctx context.Context, sc people.Scope, id casework.CaseID, p product.ID, version int64, matrix string) error {
	var made proposal
	err := s.Work.View(ctx, func(ctx context.Context, v unit.View) (err error) {
		made, err = s.proposal(ctx, v, sc, id, p)
		return err
	})
	switch {
	case err != nil:
		return err
	case made.version != version:
		return fault.New(fault.Conflict, "casework.fault.changed")
	case made.matrix != matrix:
		return fault.New(fault.Conflict, "remedy.fault.matrix")
	case !slices.ContainsFunc(made.changes, func(c Change) bool { return c.Why == "" }):
		return fault.New(fault.Conflict, "remedy.fault.nothing")
	}
	return s.Cases.SetAffected(ctx, sc, id, version, made.rows)
}
