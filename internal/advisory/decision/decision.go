// Package decision is what people and the program have decided about the revisions of
// an advisory: plain data with names and dates.
//
// Not here: what is decided about (record), and the rules of who may decide what and
// when (advisory), which knows these types by the same names.
package decision

import (
	"time"

	"github.com/tocsin-sec/tocsin/internal/advisory/pubtree"
	"github.com/tocsin-sec/tocsin/internal/advisory/record"
	"github.com/tocsin-sec/tocsin/internal/people"
)

// Revision is one saved state of the content.
type Revision struct {
	N       int // 1 for the first
	Hash    string
	Author  people.PersonID
	At      time.Time
	Content record.Content
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
	Superseded *record.Supersession `json:",omitempty"` // what replaced it
	Level      pubtree.Level        // "" in those from before there were levels: WHITE
}

// Abandonment ends an advisory that never became public. Its number, if it had
// one, is not used again.
type Abandonment struct {
	By     people.PersonID
	At     time.Time
	Reason string
}
