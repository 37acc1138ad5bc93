package cve

import (
	"slices"
	"time"

	"github.com/tocsin-sec/tocsin/internal/base/fault"
	"github.com/tocsin-sec/tocsin/internal/casework"
	"github.com/tocsin-sec/tocsin/internal/people"
)

// NumberID is the ident id of a Number; it says nothing of the CVE id.
type NumberID string

// State is where a number stands.
type State int

// The states; see the package comment.
const (
	Requested State = iota + 1
	Reserved
	Assigned
	Published
	Disputed
	Rejected
	Dropped
)

var stateNames = [...]string{"", "requested", "reserved", "assigned", "published", "disputed", "rejected", "dropped"}

// String returns the name that the API and the catalogue keys use.
func (s State) String() string {
	if s < Requested || s > Dropped {
		return "unknown"
	}
	return stateNames[s]
}

// word is the state as an argument of a fault: the reader gets it in his language.
func (s State) word() fault.Word {
	if s < Requested || s > Dropped {
		return "word.unknown"
	}
	return fault.Word("cve.state." + stateNames[s])
}

// Live reports whether the number stands, or may come to stand, for a flaw.
func (s State) Live() bool { return s >= Requested && s <= Disputed }

// next lists the states that may follow.
func (s State) next() []State {
	switch s {
	case Requested:
		return []State{Assigned, Dropped}
	case Reserved:
		return []State{Assigned, Rejected}
	case Assigned:
		return []State{Published, Rejected}
	case Published:
		return []State{Disputed, Rejected}
	case Disputed:
		return []State{Published, Rejected}
	case Rejected, Dropped:
	}
	return nil
}

// Origin is how a number came to be known.
type Origin int

// The origins.
const (
	OfPool    Origin = iota + 1 // reserved by this project's own CNA account
	OfMember                    // asked of a member
	OfOutside                   // asked of another CNA
	Typed                       // typed in: it was assigned before anybody asked here
)

var originNames = [...]string{"", "pool", "member", "outside", "typed"}

// String returns the name that the API and the catalogue keys use.
func (o Origin) String() string {
	if o < OfPool || o > Typed {
		return "unknown"
	}
	return originNames[o]
}

// Todo is what has to happen at the CVE Services.
type Todo int

// The wishes.
const (
	Nothing     Todo = iota
	PutRecord        // the record as the advisory has it
	PutRejected      // a rejected record
)

// Words are what is sealed of a number.
type Words struct {
	CVE        string    `json:"cve,omitempty"`
	Asked      string    `json:"asked,omitempty"`       // address or page of whom was asked
	AssignedBy string    `json:"assigned_by,omitempty"` // who assigned it
	Reason     string    `json:"reason,omitempty"`      // of a rejection, or of taking a request back
	ReplacedBy string    `json:"replaced_by,omitempty"` // the CVE id that is kept, of a duplicate
	Rejecter   string    `json:"rejecter,omitempty"`    // who has to reject it, when it is not ours
	Disputes   []Dispute `json:"disputes,omitempty"`
	Detail     string    `json:"detail,omitempty"` // of Problem
}

// Dispute is somebody's objection to a number, and how it ended.
type Dispute struct {
	By      string    `json:"by"` // who disputes it
	Reason  string    `json:"reason"`
	At      time.Time `json:"at"`
	Settled string    `json:"settled,omitempty"` // how
	Ended   time.Time `json:"ended,omitzero"`
}

// Number is one CVE id, or the request for one.
type Number struct {
	ID      NumberID
	Project people.ProjectID
	Case    casework.CaseID // "" in the pool
	State   State
	Origin  Origin
	Year    int
	Words

	AskedOf     people.PersonID // of OfMember
	AskedAt     time.Time
	Due         time.Time
	EnteredBy   people.PersonID // who took it or typed it in
	AssignedAt  time.Time
	PublishedAt time.Time
	RejectedAt  time.Time
	ReservedAt  time.Time

	DuplicateOf NumberID  // the number that is kept
	ToReject    time.Time // since when it is decided that it has to be rejected
	AskReject   time.Time // since when a person has to decide: its advisory was withdrawn

	Todo     Todo
	Wish     int       // counts the wishes; a write that is older changes nothing
	Advisory string    // whose record PutRecord publishes
	Writer   string    // the job that is writing
	Until    time.Time // how long nobody else may
	Problem  string    // catalogue key: why Todo is not done yet
	Changed  time.Time
	Version  int64
}

// Ours reports whether the project's own account can write the number's record.
func (n Number) Ours() bool { return n.Origin == OfPool }

// Stands reports whether the number is the flaw's: not a duplicate, not to be rejected.
func (n Number) Stands() bool {
	return n.CVE != "" && n.State.Live() && n.DuplicateOf == "" && n.ToReject.IsZero()
}

func (n *Number) move(to State, at time.Time) error {
	if !slices.Contains(n.State.next(), to) {
		return fault.New(fault.Conflict, "cve.fault.state", "state", n.State.word())
	}
	n.State, n.Changed = to, at
	return nil
}

// take gives a number of the pool to a case.
func (n *Number) take(c casework.Case, by people.PersonID, at time.Time) error {
	if n.Case != "" || n.Todo != Nothing {
		return fault.New(fault.Conflict, "cve.fault.state", "state", n.State.word())
	}
	if err := n.move(Assigned, at); err != nil {
		return err
	}
	n.Case, n.EnteredBy, n.AssignedAt = c.ID, by, at
	return nil
}

// assign notes the number that somebody gave.
func (n *Number) assign(cve, assignedBy string, by people.PersonID, at time.Time) error {
	if n.State != Requested {
		return fault.New(fault.Conflict, "cve.fault.state", "state", n.State.word())
	}
	if err := n.move(Assigned, at); err != nil {
		return err
	}
	n.CVE, n.AssignedBy, n.EnteredBy, n.AssignedAt, n.Year = cve, assignedBy, by, at, YearOf(cve)
	return nil
}

// drop takes a request back.
func (n *Number) drop(reason string, at time.Time) error {
	if err := n.move(Dropped, at); err != nil {
		return err
	}
	n.Reason = reason
	return nil
}

// published notes that the record is there. A disputed one stays disputed.
func (n *Number) published(at time.Time) error {
	if n.State == Published || n.State == Disputed {
		n.Changed = at
		return nil
	}
	if err := n.move(Published, at); err != nil {
		return err
	}
	n.PublishedAt = at
	return nil
}

// rejected notes that the id is rejected.
func (n *Number) rejected(at time.Time) error {
	if err := n.move(Rejected, at); err != nil {
		return err
	}
	n.RejectedAt = at
	return nil
}

// dispute notes an objection.
func (n *Number) dispute(d Dispute) error {
	if err := n.move(Disputed, d.At); err != nil {
		return err
	}
	n.Disputes = append(n.Disputes, d)
	return nil
}

// settle ends the objection.
func (n *Number) settle(how string, at time.Time) error {
	if n.State != Disputed {
		return fault.New(fault.Conflict, "cve.fault.state", "state", n.State.word())
	}
	if err := n.move(Published, at); err != nil {
		return err
	}
	if last := len(n.Disputes) - 1; last >= 0 {
		n.Disputes = slices.Clone(n.Disputes)
		n.Disputes[last].Settled, n.Disputes[last].Ended = how, at
	}
	return nil
}

// reject decides that the number has to be rejected: by the API when it is ours, else by
// the one who is named. of is the number that is kept, if it is a duplicate.
func (n *Number) reject(reason, rejecter string, of *Number, at time.Time) error {
	if !slices.Contains(n.State.next(), Rejected) || !n.ToReject.IsZero() {
		return fault.New(fault.Conflict, "cve.fault.state", "state", n.State.word())
	}
	if of != nil {
		if of.ID == n.ID || of.Case != n.Case || !of.Stands() {
			return fault.New(fault.Invalid, "cve.fault.kept")
		}
		n.DuplicateOf, n.ReplacedBy = of.ID, of.CVE
	}
	n.Reason, n.ToReject, n.AskReject, n.Changed = reason, at, time.Time{}, at
	if n.Ours() {
		n.wish(PutRejected)
		return nil
	}
	n.Rejecter = rejecter
	return nil
}

// wish asks for a write. Whatever is under way for an older wish counts for nothing.
func (n *Number) wish(t Todo) {
	n.Todo, n.Problem, n.Detail = t, "", ""
	n.Wish++
}

// YearOf is the year in a CVE id; 0 when it is none.
func YearOf(cve string) int {
	if !isID(cve) {
		return 0
	}
	year := 0
	for _, d := range cve[4:8] {
		year = year*10 + int(d-'0')
	}
	return year
}
