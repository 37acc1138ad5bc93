package advisoryweb

import (
	"errors"
	"slices"

	"github.com/tocsin-sec/tocsin/internal/advisory"
	"github.com/tocsin-sec/tocsin/internal/base/fault"
	"github.com/tocsin-sec/tocsin/internal/people"
)

// named returns everybody whom the advisory names: for the names on its page.
func named(a advisory.Advisory) []people.PersonID {
	var out []people.PersonID
	add := func(id people.PersonID) {
		if id != "" && !slices.Contains(out, id) {
			out = append(out, id)
		}
	}
	if a.Working != nil {
		add(a.Working.Author)
		for _, b := range a.Working.Content.Record.Branches {
			add(people.PersonID(b.WaivedBy))
		}
	}
	if a.Approval != nil {
		add(a.Approval.By)
	}
	if a.Arming != nil {
		add(a.Arming.By)
	}
	if a.Confirmed != nil {
		add(a.Confirmed.By)
	}
	if a.Hold != nil {
		add(a.Hold.By)
	}
	if a.Abandoned != nil {
		add(a.Abandoned.By)
	}
	return out
}

// shown turns a refusal by a guard into the guard's own words.
func shown(err error) error {
	var f, cause *fault.Error
	if errors.As(err, &f) && f.Kind == fault.Conflict && f.Key == "advisory.fault.blocked" && errors.As(f.Cause, &cause) {
		return cause
	}
	return err
}
