package advisory

import (
	"slices"
	"time"

	"github.com/tocsin-sec/tocsin/internal/advisory/pubtree"
	"github.com/tocsin-sec/tocsin/internal/advisory/record"
	"github.com/tocsin-sec/tocsin/internal/base/fault"
	"github.com/tocsin-sec/tocsin/internal/people"
	"github.com/tocsin-sec/tocsin/kit/csaf"
)

// Advisory is one record with its way to publication. Its methods are the rules; they
// change nothing outside.
type Advisory struct {
	ID      ID
	Object  string // whose grants decide: the case, or the project for an import
	Case    string // "" for an import
	Project people.ProjectID
	Number  string // "LAN-2026-0001", taken at staging; an import brings its own
	Import  bool
	Created time.Time
	Initial time.Time       // first publication
	History []csaf.Revision // of the published document
	Dated   time.Time       // of an import of which a record was made: its document's own date

	Working  *Revision // what is being worked at; nil when nothing changed since the last publication
	Last     int       // number of the newest revision
	Approval *Approval
	// LastApproved is the newest revision that was ever approved, 0 for none: what a
	// person who approves the next one has seen before.
	LastApproved int
	Arming       *Arming
	Confirmed    *Confirmation
	Hold         *Hold
	Stage        *Stage
	Published    []Publication
	Steps        []Step // of the newest publication
	Abandoned    *Abandonment
	// Overdue is when the embargo ended without publication, zero when it did not.
	Overdue time.Time
	Alerts  int // letters sent since then
	// Failure is a job that was given up: nothing more happens by itself. A new try,
	// a new revision or a publication ends it.
	Failure *Failure

	Version int64 // of the row, for lost updates

	next *record.Successor // what withSuccessor found
}

// State is where an advisory stands, for people.
type State string

// The states, in the order of a life. The zero value is invalid.
const (
	Drafting     State = "drafting"
	Approved     State = "approved"
	Armed        State = "armed"
	IsStaged     State = "staged"
	Held         State = "held"
	IsPublished  State = "published"
	Correcting   State = "correcting" // published, with a newer revision in work
	IsWithdrawn  State = "withdrawn"
	IsSuperseded State = "superseded"
	IsAbandoned  State = "abandoned"
)

// State returns where the advisory stands.
func (a Advisory) State() State {
	n := len(a.Published)
	switch {
	case a.Abandoned != nil:
		return IsAbandoned
	case n > 0 && a.Working == nil && a.Published[n-1].Withdrawn:
		return IsWithdrawn
	case n > 0 && a.Working == nil && a.Published[n-1].Superseded != nil:
		return IsSuperseded
	case n > 0 && a.Working == nil:
		return IsPublished
	case a.Hold != nil:
		return Held
	case a.Stage != nil:
		return IsStaged
	case a.Arming != nil:
		return Armed
	case a.approved():
		return Approved
	case n > 0:
		return Correcting
	}
	return Drafting
}

// Withdrawn reports whether the newest publication took the advisory back, or the
// revision in work is to.
func (a Advisory) Withdrawn() bool {
	if a.Working != nil {
		return a.Working.Content.Withdrawn != ""
	}
	n := len(a.Published)
	return n > 0 && a.Published[n-1].Withdrawn
}

// superseded is what replaced the advisory with its newest publication, or is to with the
// revision in work; nil for nothing.
func (a Advisory) superseded() *record.Supersession {
	if a.Working != nil {
		return a.Working.Content.Superseded
	}
	if n := len(a.Published); n > 0 {
		return a.Published[n-1].Superseded
	}
	return nil
}

// Retired reports whether the advisory is withdrawn or superseded, or is to be.
func (a Advisory) Retired() bool { return a.Withdrawn() || a.superseded() != nil }

// Successor is the advisory of this site that replaces this one or is to, "" for none.
func (a Advisory) Successor() ID {
	if s := a.superseded(); s != nil {
		return ID(s.Advisory)
	}
	return ""
}

// approved reports whether the approval is for exactly the working revision.
func (a Advisory) approved() bool {
	return a.Working != nil && a.Approval != nil && a.Approval.Hash == a.Working.Hash && a.Approval.Revision == a.Working.N
}

// edit makes a new revision. It voids approval, arming, confirmation and staging;
// a hold and the number stay. The same content again changes nothing and answers false.
func (a *Advisory) edit(c Content, author people.PersonID, now time.Time) (bool, error) {
	if a.Abandoned != nil {
		return false, fault.New(fault.Conflict, "advisory.fault.abandoned")
	}
	if a.Working != nil && a.Working.Hash == c.Hash() {
		return false, nil
	}
	a.Last++
	a.Working = &Revision{N: a.Last, Hash: c.Hash(), Author: author, At: now, Content: c}
	a.Approval, a.Arming, a.Confirmed, a.Stage, a.Failure = nil, nil, nil, nil, nil
	return true, nil
}

// approve notes the approval of the revision with this hash. solo is true for a team
// of one, whose only member approves by a waiver with a reason.
func (a *Advisory) approve(hash string, by people.PersonID, waiver string, solo bool, now time.Time) error {
	if err := a.pending(hash); err != nil {
		return err
	}
	if n := len(a.Working.Content.Problems()); n > 0 {
		return fault.New(fault.Conflict, "advisory.fault.problems", "n", n)
	}
	switch {
	case a.Working.Author == "":
		// The end of an embargo made this draft from the case: whoever wrote there would be
		// his own second person.
		return fault.New(fault.Conflict, "advisory.fault.no_author")
	case a.Working.Author != by:
		waiver = ""
	case !solo:
		return fault.New(fault.Denied, "advisory.fault.second_person")
	case waiver == "":
		return &fault.Error{Kind: fault.Invalid, Key: "fault.invalid", Fields: []fault.Field{{Path: "waiver", Key: "advisory.problem.waiver"}}}
	}
	a.LastApproved = a.Working.N
	a.Approval = &Approval{Revision: a.Working.N, Hash: hash, By: by, At: now, Waiver: waiver}
	return nil
}

// pending wants a working revision with exactly this hash, so that nobody decides
// about a text that he has not seen.
func (a Advisory) pending(hash string) error {
	switch {
	case a.Abandoned != nil:
		return fault.New(fault.Conflict, "advisory.fault.abandoned")
	case a.Working == nil:
		return fault.New(fault.Conflict, "advisory.fault.nothing")
	case a.Working.Hash != hash:
		return fault.New(fault.Conflict, "advisory.fault.changed")
	}
	return nil
}

// arm lets the publication happen. The word counts as a confirmation too.
func (a *Advisory) arm(hash string, by people.PersonID, at bool, c CaseView, now time.Time) error {
	if err := a.pending(hash); err != nil {
		return err
	}
	if b := a.blockers(c); len(b) > 0 {
		return fault.New(fault.Conflict, "advisory.fault.blocked").Because(fault.New(fault.Conflict, b[0].Key, b[0].Args...))
	}
	a.Failure = nil
	a.Arming = &Arming{Hash: hash, By: by, At: now, Now: at}
	return a.confirm(hash, by, now)
}

// disarm takes the arming back; what is staged falls with it, the number stays.
func (a *Advisory) disarm() error {
	if a.Arming == nil {
		return fault.New(fault.Conflict, "advisory.fault.not_armed")
	}
	a.Arming, a.Stage = nil, nil
	return nil
}

// confirm renews the word that all is as approved.
func (a *Advisory) confirm(hash string, by people.PersonID, now time.Time) error {
	if err := a.pending(hash); err != nil {
		return err
	}
	if !a.approved() {
		return fault.New(fault.Conflict, "advisory.fault.not_approved")
	}
	a.Confirmed = &Confirmation{Hash: hash, By: by, At: now}
	return nil
}

// hold stops the publication, whatever else is ready. What is staged stays for as
// long as its date holds.
func (a *Advisory) hold(by people.PersonID, reason string, now time.Time) error {
	switch {
	case a.Abandoned != nil:
		return fault.New(fault.Conflict, "advisory.fault.abandoned")
	case a.Hold != nil:
		return fault.New(fault.Conflict, "advisory.fault.held")
	}
	a.Hold = &Hold{By: by, At: now, Reason: reason}
	return nil
}

// release ends the hold.
func (a *Advisory) release() error {
	if a.Hold == nil {
		return fault.New(fault.Conflict, "advisory.fault.not_held")
	}
	a.Hold = nil
	return nil
}

// abandon gives up an advisory that was never published.
func (a *Advisory) abandon(by people.PersonID, reason string, now time.Time) error {
	switch {
	case a.Abandoned != nil:
		return fault.New(fault.Conflict, "advisory.fault.abandoned")
	case len(a.Published) > 0:
		return fault.New(fault.Conflict, "advisory.fault.published")
	}
	a.Abandoned = &Abandonment{By: by, At: now, Reason: reason}
	a.Working, a.Approval, a.Arming, a.Confirmed, a.Stage, a.Overdue = nil, nil, nil, nil, nil, time.Time{}
	return nil
}

// wentPublic reports whether a publication at a level is the first that everybody may read.
func (a Advisory) wentPublic(l pubtree.Level) bool {
	return l.Free() && !slices.ContainsFunc(a.Published, func(p Publication) bool { return p.Level.Free() })
}

// flipped notes the publication of the staged revision.
func (a *Advisory) flipped(p Publication) {
	a.Published = append(a.Published, p)
	a.Working, a.Approval, a.Arming, a.Confirmed, a.Stage = nil, nil, nil, nil, nil
	a.Overdue, a.Alerts, a.Failure = time.Time{}, 0, nil
}
