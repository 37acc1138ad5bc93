package embargo

import (
	"strings"
	"time"
	"unicode/utf8"

	"github.com/tocsin-sec/tocsin/internal/base/fault"
	"github.com/tocsin-sec/tocsin/internal/people"
)

// maxReason bounds a reason, in characters.
const maxReason = 4000

// Wish is what somebody wants to change.
type Wish struct {
	Kind    Kind
	Until   time.Time // not for End
	Reason  string
	Problem string // Restart: what is wrong with which patch
	// Confirmed says that the person who decides knows that this is an exception
	// and stands for it by name.
	Confirmed bool
}

// Verdict is what a change would do, before anybody does it.
type Verdict struct {
	Change    Change
	After     Embargo
	Aim       time.Time // what would have been plain
	Most      time.Time // what would have needed no exception
	Warns     bool      // every participant gets a letter that says why
	Exception bool
}

// Judge holds a wish against the rules: it says what would come of it, or why it
// cannot be. It changes nothing. A wrong field is fault.Invalid; what the state or
// a fact forbids is fault.Conflict. by decides by name; it is empty for jobs.
func (e Embargo) Judge(w Wish, r Rules, facts bool, by people.PersonID, actor string, now time.Time) (Verdict, error) {
	if err := e.allows(w, facts); err != nil {
		return Verdict{}, err
	}
	if err := e.checkWish(w, r, now); err != nil {
		return Verdict{}, err
	}
	v := Verdict{After: e}
	a := &v.After
	a.Changes++
	v.Change = Change{Case: e.Case, Number: a.Changes, Kind: w.Kind, At: now, By: actor, From: e.Until, Until: w.Until.UTC(),
		Reason: strings.TrimSpace(w.Reason), Problem: strings.TrimSpace(w.Problem)}
	switch w.Kind {
	case Set:
		a.State, a.ClockStart, a.EndedAt, a.EndAsked = Running, now, time.Time{}, time.Time{}
		if a.Began.IsZero() {
			a.Began = now
		}
	case Restart:
		a.ClockStart = now
		a.Restarts++
	case End:
		a.State, a.EndedAt = Lifted, now
		v.Change.Until = now
		return v, nil
	case Extend, Shorten, Correct:
	}
	a.Until = v.Change.Until
	v.Aim, v.Most = r.AimFrom(a.ClockStart), r.MostFrom(a.Began)
	v.Exception = w.Kind == Extend || a.Until.After(v.Aim) || a.Until.After(v.Most)
	if w.Kind == Shorten || w.Kind == Correct && !a.Until.After(e.Until) {
		// Telling the world earlier was never an exception.
		v.Exception = false
	}
	v.Warns = v.Exception
	if v.Exception {
		v.Change.Exception, v.Change.Decider = true, by
		if err := decided(w, by); err != nil {
			return v, err
		}
	}
	return v, nil
}

// decided wants a person, a reason and the confirmation for an exception.
func decided(w Wish, by people.PersonID) error {
	var c fault.Checks
	c.Require(by != "", "reason", "embargo.field.by_name")
	c.Require(strings.TrimSpace(w.Reason) != "", "reason", "embargo.field.exception_reason")
	c.Require(w.Confirmed, "confirmed", "embargo.field.exception_confirm")
	return c.Err()
}

// allows holds what the state and the facts forbid.
func (e Embargo) allows(w Wish, facts bool) error {
	running := e.State == Running
	switch w.Kind {
	case Set:
		if running {
			return fault.New(fault.Conflict, "embargo.fault.runs")
		}
		if facts {
			return fault.New(fault.Conflict, "embargo.fault.known")
		}
	case Restart, Extend:
		if !running {
			return fault.New(fault.Conflict, "embargo.fault.ended")
		}
		if facts {
			return fault.New(fault.Conflict, "embargo.fault.known")
		}
	case Shorten, Correct, End:
		if !running {
			return fault.New(fault.Conflict, "embargo.fault.ended")
		}
		if facts && w.Kind == Correct && w.Until.After(e.Until) {
			return fault.New(fault.Conflict, "embargo.fault.known")
		}
	default:
		return fault.New(fault.Invalid, "embargo.fault.kind", "kind", w.Kind.String())
	}
	return nil
}

// checkWish holds the fields of a wish.
func (e Embargo) checkWish(w Wish, r Rules, now time.Time) error {
	var c fault.Checks
	for _, t := range []struct{ path, text string }{{"reason", w.Reason}, {"problem", w.Problem}} {
		c.Require(utf8.ValidString(t.text) && !strings.ContainsRune(t.text, 0), t.path, "embargo.field.characters")
		c.Require(utf8.RuneCountInString(t.text) <= maxReason, t.path, "embargo.field.long", "n", maxReason)
	}
	if w.Kind != Set {
		c.Require(strings.TrimSpace(w.Reason) != "", "reason", "embargo.field.reason")
	}
	if w.Kind == Restart {
		c.Require(strings.TrimSpace(w.Problem) != "", "problem", "embargo.field.problem")
	}
	if w.Kind != End {
		e.checkUntil(&c, w, r, now)
	}
	return c.Err()
}

func (e Embargo) checkUntil(c *fault.Checks, w Wish, r Rules, now time.Time) {
	switch {
	case w.Until.IsZero():
		c.Add("until", "embargo.field.until")
	case !w.Until.After(now):
		c.Add("until", "embargo.field.past")
	case w.Until.After(r.farthest(now)):
		c.Add("until", "embargo.field.far")
	case w.Kind == Extend && !w.Until.After(e.Until):
		c.Add("until", "embargo.field.not_later")
	case w.Kind == Shorten && !w.Until.Before(e.Until):
		c.Add("until", "embargo.field.not_earlier")
	case w.Kind == Correct && w.Until.Equal(e.Until):
		c.Add("until", "embargo.field.same")
	}
}
