package casework

import (
	"slices"
	"time"

	"github.com/tocsin-sec/tocsin/internal/base/fault"
)

// State is where a case stands in the report management model of Vultron
// (CERT/CC, "Designing Vultron", CMU/SEI-2022-SR-012, section 3).
type State int

// The states.
const (
	Received State = iota + 1 // R: nobody has judged it yet
	Invalid                   // I: no security problem as reported
	Valid                     // V: a security problem; whether to work on it is open
	Accepted                  // A: being worked on
	Deferred                  // D: valid, not worked on now
	Closed                    // C: nothing more is done
)

var stateNames = [...]string{"", "received", "invalid", "valid", "accepted", "deferred", "closed"}

// String returns the name that the store, the API and the catalogue keys use.
func (s State) String() string {
	if s < Received || s > Closed {
		return "unknown"
	}
	return stateNames[s]
}

// word is the state as an argument of a fault: the reader gets it in his language.
func (s State) word() fault.Word {
	if s < Received || s > Closed {
		return "word.unknown"
	}
	return fault.Word("casework.state." + stateNames[s])
}

// ParseState reads a name written by State.String; fault.Invalid for any other.
func ParseState(name string) (State, error) {
	for s := Received; s <= Closed; s++ {
		if stateNames[s] == name {
			return s, nil
		}
	}
	return 0, fault.New(fault.Invalid, "casework.fault.state", "state", name)
}

// States lists all states in their order.
func States() []State { return []State{Received, Invalid, Valid, Accepted, Deferred, Closed} }

// Open reports whether there is still something to do about the case.
func (s State) Open() bool { return s != Closed && s != Invalid }

// Next lists the states that may follow s: Vultron's transitions validate,
// invalidate, accept, defer and close. Closed is the end; what comes up later
// is a new case.
func (s State) Next() []State {
	switch s {
	case Received:
		return []State{Valid, Invalid}
	case Invalid:
		return []State{Valid, Closed}
	case Valid:
		return []State{Accepted, Deferred}
	case Accepted:
		return []State{Deferred, Closed}
	case Deferred:
		return []State{Accepted, Closed}
	default: // Closed, and what is no state
		return nil
	}
}

// advance moves the case. It fails with fault.Conflict for a transition that the
// model does not have and with fault.Invalid without a reason.
func (c *Case) advance(to State, why string, now time.Time) error {
	var checks fault.Checks
	checkReason(&checks, why)
	if err := checks.Err(); err != nil {
		return err
	}
	if !slices.Contains(c.State.Next(), to) {
		return fault.New(fault.Conflict, "casework.fault.transition", "from", c.State.word(), "to", to.word())
	}
	if c.State == Received && c.AssessedAt.IsZero() {
		c.AssessedAt = now
	}
	if c.ClosedAt = (time.Time{}); to == Closed {
		c.ClosedAt = now
	}
	c.State, c.StateReason, c.StateAt = to, why, now
	return nil
}

// OverdueAssessment reports whether the team's judgement is late at now.
func (c Case) OverdueAssessment(now time.Time) bool {
	return c.AssessedAt.IsZero() && !c.DueAssess.IsZero() && now.After(c.DueAssess)
}
