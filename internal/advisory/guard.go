package advisory

import (
	"errors"
	"slices"
	"time"

	"github.com/tocsin-sec/tocsin/internal/advisory/record"
	"github.com/tocsin-sec/tocsin/internal/base/fault"
)

// Blocker is one reason why nothing is published: a catalogue key and arguments.
type Blocker = fault.Field

// Blockers returns everything that stands in the way of a publication at the
// instant at; none means that it would happen. c names the branches that the project
// maintains and the case is about; those that the record does not mention are open.
// The case's own decisions count for nothing here: only the text is published, and it
// changes by nobody's hand but a person's (Adopt). The blocker says that there are some.
func (a Advisory) Blockers(at time.Time, c CaseView) []Blocker {
	out := a.blockers(c)
	add := func(key string, args ...any) { out = append(out, Blocker{Key: key, Args: args}) }
	if a.Arming == nil && !a.Import {
		add("advisory.block.not_armed")
	}
	if !a.Import && a.Working != nil {
		switch c := a.Confirmed; {
		case c == nil || c.Hash != a.Working.Hash:
			add("advisory.block.not_confirmed")
		// A word from the future was given under a clock that has been put back since:
		// nobody knows how old it is.
		case c.At.Before(at.Add(-ConfirmWithin)), c.At.After(at.Add(clockSlack)):
			add("advisory.block.confirmation_old", "since", c.At)
		}
	}
	return out
}

// blockers are those that arming depends on: everything but arming and
// confirmation themselves. The path of an open branch is its status in the record.
func (a Advisory) blockers(c CaseView) []Blocker {
	var out []Blocker
	add := func(key string, args ...any) { out = append(out, Blocker{Key: key, Args: args}) }
	if a.Abandoned != nil {
		add("advisory.block.abandoned")
		return out
	}
	if a.Working == nil {
		add("advisory.block.nothing")
		return out
	}
	if n := len(a.Working.Content.Problems()); n > 0 {
		add("advisory.block.problems", "n", n)
	}
	if !a.approved() {
		add("advisory.block.not_approved")
	}
	if a.Hold != nil {
		add("advisory.block.held", "reason", a.Hold.Reason)
	}
	out = append(out, c.Linked...)
	// An imported document was published with its branches; a withdrawal has none.
	if a.Working.Content.Source == nil && !a.Working.Content.Retired() && !a.elsewhere() {
		r := a.Working.Content.Record
		told := r.Differences(c.Record.Branches)
		for _, o := range r.OpenBranches(c.Needed) {
			key := "advisory.block.branch"
			if slices.ContainsFunc(told, func(d record.Difference) bool { return d.Lacking && d.Label == o.Branch.Label() }) {
				key = "advisory.block.branch_case"
			}
			out = append(out, Blocker{Path: "branches." + itoa(o.At) + ".status", Key: key, Args: []any{"branch", o.Branch.Label()}})
		}
		for _, i := range r.Claimed(c.Unsettled) {
			out = append(out, Blocker{Path: "branches." + itoa(i) + ".status", Key: "advisory.block.matrix", Args: []any{"branch", r.Branches[i].Label()}})
		}
	}
	return out
}

// asBlockers reports whether err is a refusal by a guard.
func asBlockers(err error) bool {
	var f *fault.Error
	return errors.As(err, &f) && f.Kind == fault.Conflict && f.Key == "advisory.fault.blocked"
}
