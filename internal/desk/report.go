package desk

import (
	"fmt"
	"time"

	"github.com/tocsin-sec/tocsin/internal/base/fault"
	"github.com/tocsin-sec/tocsin/internal/people"
)

// ReportID is the ident id of a report. It is also the object of a bearer's scope.
type ReportID string

// State is where a report stands with the moderators.
type State int

// The states of a report. Only a held report can be decided; every decision but
// a release can be reopened. What happens after a release is the case's state.
const (
	Held      State = iota + 1 // waits for a moderator
	Released                   // became a case
	Rejected                   // not a security problem, or not acceptable; the sender is told why
	NotOurs                    // belongs to somebody else; the sender is told
	Duplicate                  // the same as another report or case
	Spam                       // noise; nobody is told
)

var stateNames = [...]string{"", "held", "released", "rejected", "not_ours", "duplicate", "spam"}

// String returns the name that the store, the API and the catalogue keys use.
func (s State) String() string {
	if s < Held || s > Spam {
		return fmt.Sprintf("State(%d)", int(s))
	}
	return stateNames[s]
}

// ParseState reads a name written by State.String. It fails with
// fault.Invalid for any other text.
func ParseState(name string) (State, error) {
	for s := Held; s <= Spam; s++ {
		if stateNames[s] == name {
			return s, nil
		}
	}
	return 0, fault.New(fault.Invalid, "desk.fault.state", name)
}

// Via is how a report reached us.
type Via int

// The ways in.
const (
	ByMail Via = iota + 1
	ByWeb
	ByAPI
)

var viaNames = [...]string{"", "mail", "web", "api"}

// String returns the name that the store, the API and the catalogue keys use.
func (v Via) String() string {
	if v < ByMail || v > ByAPI {
		return fmt.Sprintf("Via(%d)", int(v))
	}
	return viaNames[v]
}

// ParseVia reads a name written by Via.String. It fails with fault.Invalid
// for any other text.
func ParseVia(name string) (Via, error) {
	for v := ByMail; v <= ByAPI; v++ {
		if viaNames[v] == name {
			return v, nil
		}
	}
	return 0, fault.New(fault.Invalid, "desk.fault.via", name)
}

// Address is a mail address with the name that was written beside it. Neither is
// verified by being here: Message.Signatures and Message.Auth say what is.
type Address struct {
	Name string `json:"name,omitempty"`
	Mail string `json:"mail,omitempty"`
}

// Report is one report as the moderators see it. Its text lies in its messages.
type Report struct {
	ID         ReportID
	Project    people.ProjectID
	State      State
	Via        Via
	Title      string  // the subject as written, protected header first
	From       Address // as written; see Message for what is verified
	Claims     Claims  // what the web form asks and mail leaves out
	Lang       string  // what letters to the reporter are written in, BCP 47; "": the project's first language
	Encrypted  bool    // the first message came encrypted
	ReceivedAt time.Time
	DueAck     time.Time // a moderator's decision or question is due
	DueAssess  time.Time // the assessment of the case is due
	AckedAt    time.Time // zero until then
	AssessedAt time.Time // zero until then
	AskedAt    time.Time // when what is missing was asked for; zero: not yet
	DecidedAt  time.Time
	Reason     string  // of the last decision
	Case       string  // the case that it became, or the report or case that it repeats
	Silence    Silence // why the sender got no automatic answer
	News       bool    // something came in since a moderator last decided or asked
	Flagged    bool    // reading found trouble that a person should know of
	LinkSerial int     // the running number of the reporter's secret link
	Messages   int     // how many messages it has
	Version    int64   // grows with each change; a decision on an older version is a conflict
}

// Claims are the answers to the questions of the web form, as the reporter gave
// them. Nothing of it is verified, and none of it sets a fact of a case.
type Claims struct {
	Product       string `json:"product,omitempty"` // product and version, free text
	Steps         string `json:"steps,omitempty"`
	Impact        string `json:"impact,omitempty"`
	Deadline      string `json:"deadline,omitempty"` // YYYY-MM-DD: the reporter's own date or talk
	DeadlineWhy   string `json:"deadline_why,omitempty"`
	ToldTo        string `json:"told_to,omitempty"`
	Exploited     Answer `json:"exploited,omitempty"`
	AlreadyPublic Answer `json:"already_public,omitempty"`
	PublicWhere   string `json:"public_where,omitempty"`
	Credit        string `json:"credit,omitempty"` // the name for the credit; empty: none
	ShareIdentity bool   `json:"share_identity,omitempty"`
	// Key is the public key that the reporter gave for answers, KeyFingerprint its own.
	// Nobody has verified that it is the address's owner's.
	Key            string `json:"key,omitempty"`
	KeyFingerprint string `json:"key_fingerprint,omitempty"`
}

// Answer is an answer to a yes-or-no question.
type Answer int

// The answers. The zero value is a question that was not asked or not answered.
const (
	NoAnswer Answer = iota
	No
	Yes
	Unsure
)

// PastDue reports whether a moderator's first answer is late at now.
func (r Report) PastDue(now time.Time) bool {
	return r.State == Held && r.AckedAt.IsZero() && !r.DueAck.IsZero() && now.After(r.DueAck)
}
