package advisory

import (
	"time"

	"github.com/tocsin-sec/tocsin/internal/people"
)

// Revision is one saved state of the content.
type Revision struct {
	N       int // 1 for the first
	Hash    string
	Author  people.PersonID
	At      time.Time
	Content Content
}

// Approval is somebody's word for exactly one revision.
type Approval struct {
	Revision int
	Hash     string
	By       people.PersonID
	At       time.Time
	// Waiver is the reason when the author approved alone (a team of one).
	Waiver string
}

// Arming says that the advisory may be published when its embargo ends.
type Arming struct {
	Hash string
	By   people.PersonID
	At   time.Time
	// Now asks for publication without waiting: the case is public, or this is a
	// correction.
	Now bool
}

// Confirmation is a member's word, shortly before, that all is still as approved.
type Confirmation struct {
	Hash string
	By   people.PersonID
	At   time.Time
}

// ConfirmWithin is how long before the publication the last confirmation may lie.
const ConfirmWithin = 48 * time.Hour

// clockSlack is how far the clocks of two servers may differ before a date that lies
// ahead is taken for one that a wrong clock wrote.
const clockSlack = time.Minute

// Hold stops the publication.
type Hold struct {
	By     people.PersonID
	At     time.Time
	Reason string
}

// Stage is what is rendered, signed and stored sealed, ready for the flip.
type Stage struct {
	Hash string
	For  time.Time // the date that the documents carry
	At   time.Time
	Key  string // fingerprint of the signing key
}

// Publication is one published revision.
type Publication struct {
	Revision   int
	Hash       string
	Version    string // of the document: "1", "2"
	Date       time.Time
	At         time.Time // of the flip
	Generation int64
	Change     string
	Withdrawn  bool
}

// Abandonment ends an advisory that never became public. Its number, if it had
// one, is not used again.
type Abandonment struct {
	By     people.PersonID
	At     time.Time
	Reason string
}
