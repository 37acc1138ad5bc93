// Package embargo keeps the date before which nobody tells of a case: its rules,
// its changes with their reasons, its end (requirement rows LV-6, LV-7).
//
// The rules are libvirt's, with the project's own numbers where it has some:
//
//   - Every case that is not public gets an embargo in the transaction that opens it.
//   - Two weeks or less is the aim; a date within the aim is plain.
//   - The clock may restart when a proposed patch has a problem, for the aim's
//     length again, by a decision of the team with the reason.
//   - Longer than the aim at the start, or later than one month after the start
//     at any time, is an exception: a decision by name with a reason, and every
//     participant is warned. The month counts from the case's first embargo: to end
//     one and to set another is no way around it.
//   - Once the case is public, exploited or attacked, no embargo can be proposed,
//     and the end of a running one is asked for.
//
// The end is a job with a time, never a timer; it lifts the ban and does nothing
// else. Publication is advisory's. SQL is in embargodb, the panel in embargoweb.
package embargo

import (
	"time"

	"github.com/tocsin-sec/tocsin/internal/base/fault"
	"github.com/tocsin-sec/tocsin/internal/base/span"
	"github.com/tocsin-sec/tocsin/internal/casework"
	"github.com/tocsin-sec/tocsin/internal/people"
)

// State is whether the ban holds.
type State int

// The states. The zero value is "there never was an embargo".
const (
	None State = iota
	Running
	Lifted
)

// String returns the name that the API and the catalogue keys use.
func (s State) String() string {
	switch s {
	case Running:
		return "running"
	case Lifted:
		return "ended"
	case None:
		return "none"
	default:
		return "unknown"
	}
}

// Embargo is the embargo of one case.
type Embargo struct {
	Case       casework.CaseID
	Project    people.ProjectID
	State      State
	Began      time.Time // of the case's first embargo: the month counts from there
	ClockStart time.Time // Began, or the last restart
	Until      time.Time
	EndedAt    time.Time // zero while it runs
	EndAsked   time.Time // when a fact made its end due; zero: not asked
	Restarts   int
	Changes    int   // number of changes so far
	Version    int64 // for lost updates
}

// Rules are the numbers of a project's policy.
type Rules struct {
	Aim  int            // days that are plain
	Most int            // days without exception; 0: one calendar month
	Zone *time.Location // in which days and months count
}

// RulesOf takes the rules from a project's policy (people.Policy).
func RulesOf(p people.Policy) Rules {
	r := Rules{Aim: p.EmbargoAim, Most: p.EmbargoMost, Zone: p.Location()}
	if r.Aim <= 0 {
		r.Aim = people.DefaultPolicy().EmbargoAim
	}
	return r
}

// AimFrom is the last instant that is plain for a clock that starts at t: the
// aim's days later at the same hour on the wall.
func (r Rules) AimFrom(t time.Time) time.Time { return span.AddDays(t, r.Aim, r.Zone) }

// MostFrom is the last instant without an exception for an embargo that began at
// t: one calendar month (31 January and one month is the end of February), or the
// policy's days.
func (r Rules) MostFrom(t time.Time) time.Time {
	if r.Most > 0 {
		return span.AddDays(t, r.Most, r.Zone)
	}
	return span.AddMonths(t, 1, r.Zone)
}

// farthest bounds every embargo: a date ten years off is a typing error.
func (r Rules) farthest(now time.Time) time.Time { return span.AddMonths(now, 24, r.Zone) }

// Kind is what a change does.
type Kind int

// The kinds of changes.
const (
	Set     Kind = iota + 1 // the first date, or a new embargo after one has ended
	Restart                 // a proposed patch has a problem: the clock starts again
	Extend                  // later for another reason: always an exception
	Shorten                 // earlier
	Correct                 // the date was a mistake
	End                     // the ban is lifted now
)

var kindNames = [...]string{"", "set", "restart", "extend", "shorten", "correct", "end"}

// String returns the name that the store, the API and the catalogue keys use.
func (k Kind) String() string {
	if k < Set || k > End {
		return "unknown"
	}
	return kindNames[k]
}

// ParseKind reads a name written by Kind.String; fault.Invalid for any other.
func ParseKind(name string) (Kind, error) {
	for k := Set; k <= End; k++ {
		if kindNames[k] == name {
			return k, nil
		}
	}
	return 0, fault.New(fault.Invalid, "embargo.fault.kind", "kind", name)
}

// Change is one line of an embargo's history. Its texts are sealed.
type Change struct {
	Case      casework.CaseID
	Number    int
	Kind      Kind
	At        time.Time
	By        string // actor; "job:..." when the date was reached
	From      time.Time
	Until     time.Time
	Reason    string
	Problem   string          // Restart: what is wrong with which patch
	Exception bool            // beyond the aim at the start, or beyond the month
	Decider   people.PersonID // who stands for an exception by name
}
