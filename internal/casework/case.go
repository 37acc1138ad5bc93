package casework

import (
	"slices"
	"time"

	"github.com/tocsin-sec/tocsin/internal/base/fault"
	"github.com/tocsin-sec/tocsin/internal/base/unit"
	"github.com/tocsin-sec/tocsin/internal/casework/typed"
	"github.com/tocsin-sec/tocsin/internal/desk"
	"github.com/tocsin-sec/tocsin/internal/people"
)

// CaseID is the ident id of a case. It is also the object of the grants on it.
type CaseID string

// Case is one case. Its words (title, reasons, evidence, the reporter, what is
// affected) are sealed at rest under the confidence "case:"+ID.
type Case struct {
	ID      CaseID
	Project people.ProjectID
	Report  desk.ReportID // "" for a case of the team's own
	Title   string

	State       State
	StateReason string
	StateAt     time.Time

	Severity   Severity
	Weaknesses []string // "CWE-79"
	Affected   []Affected
	Facts      Facts

	Reporter Reporter
	Thread   Thread
	Clock    Clock

	OpenedAt   time.Time
	OpenedBy   string // people.Scope.Actor()
	ChangedAt  time.Time
	DueAssess  time.Time // zero: nothing is due
	AssessedAt time.Time
	ClosedAt   time.Time

	Items   int   // number of the last item
	Version int64 // of what people edit; grows with each change
}

// Reporter is who reported, as far as known. Mail is where replies go.
type Reporter struct {
	Person people.PersonID `json:"person,omitempty"` // only when the report was authenticated
	Name   string          `json:"name,omitempty"`
	Mail   string          `json:"mail,omitempty"`
	Lang   string          `json:"lang,omitempty"`
	Serial int             `json:"serial,omitempty"` // of the secret link to the report
	// Typed is desk.Typed of Mail: it stays when the person joins, for the link does too.
	Typed bool `json:"typed,omitempty"`
}

// Thread is the reporter's mail thread, so that a reply lands in it (RFC 5322
// section 3.6.4).
type Thread struct {
	Subject    string   `json:"subject,omitempty"`
	Last       string   `json:"last,omitempty"` // Message-ID without brackets
	References []string `json:"references,omitempty"`
}

// maxReferences bounds the References field; RFC 5322 allows shortening it.
const maxReferences = 20

// follow notes the newest Message-ID of the thread.
func (t *Thread) follow(id string) {
	if id == "" {
		return
	}
	if t.Last = id; !slices.Contains(t.References, id) {
		t.References = append(t.References, id)
	}
	if n := len(t.References); n > maxReferences {
		// The first one is what mail programs hang the thread on.
		t.References = append(t.References[:1:1], t.References[n-maxReferences+1:]...)
	}
}

// Clock is the embargo as the lists of cases need it: a copy that the embargo's
// own domain keeps right through Service.SetClock.
type Clock struct {
	Until   time.Time // zero: there is none
	Running bool
}

// Limits of what people type, in characters or entries.
const (
	maxTitle    = 200
	maxReason   = 4000
	maxText     = 200_000 // bytes of one message
	maxAffected = 500
	maxFiles    = 20
)

// Stream names the case's chain in the ledger.
func (id CaseID) Stream() unit.Stream { return unit.Stream{Kind: "case", ID: string(id)} }

// Confidence names the key under which the case's texts are sealed.
func (id CaseID) Confidence() string { return "case:" + string(id) }

// entry is one line of the case's stream.
func (c Case) entry(sc people.Scope, kind string, args map[string]string) unit.Entry {
	return unit.Entry{Stream: c.ID.Stream(), Kind: kind, Actor: sc.Actor(), Args: args}
}

// checkReason is typed.Text for the field "reason" of every decision.
func checkReason(c *fault.Checks, s string) { typed.Text(c, "reason", s, maxReason) }
