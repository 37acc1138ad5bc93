package casework

import (
	"time"

	"github.com/tocsin-sec/tocsin/internal/desk"
	"github.com/tocsin-sec/tocsin/internal/people"
)

// ItemID is the ident id of one item of the conversation.
type ItemID string

// ItemKind is what an item is.
type ItemKind int

// The kinds of items.
const (
	KindMessage ItemKind = iota + 1 // written on the page or by the API
	KindMail                        // came in by mail
	KindBounce                      // one of our mails came back
	KindReport                      // part of the report that the case began with
)

var kindNames = [...]string{"", "message", "mail", "bounce", "report"}

// String returns the name that the API and the catalogue keys use.
func (k ItemKind) String() string {
	if k < KindMessage || k > KindReport {
		return "unknown"
	}
	return kindNames[k]
}

// Audience is who on the case may see an item.
type Audience int

// The audiences. Everyone is the rule (requirement row LV-2), Team the marked exception.
const (
	Everyone Audience = iota + 1 // leads, members, the reporter and observers
	Team                         // leads and members: an internal note
)

var audienceNames = [...]string{"", "everyone", "team"}

// String returns the name that the API and the catalogue keys use.
func (a Audience) String() string {
	if a < Everyone || a > Team {
		return "unknown"
	}
	return audienceNames[a]
}

// Hold is whether an item is part of the conversation.
type Hold int

// The ways an item can stand.
const (
	Posted  Hold = iota + 1 // part of the conversation
	Waiting                 // mail that a member must let in; only the team sees it
	Refused                 // mail that a member did not let in; kept, only the team sees it
)

var holdNames = [...]string{"", "posted", "waiting", "refused"}

// String returns the name that the API and the catalogue keys use.
func (h Hold) String() string {
	if h < Posted || h > Refused {
		return "unknown"
	}
	return holdNames[h]
}

// Trust is what is known of who wrote an item.
type Trust int

// The degrees. Only Session and Signed say who wrote it.
const (
	Session    Trust = iota + 1 // written here by a signed-in person or the bearer of a link
	Signed                      // a registered key signed the whole body, not seen before
	Aligned                     // the sending domain signed it (DKIM); who wrote it is not known
	Unverified                  // anybody may have written it
)

var trustNames = [...]string{"", "session", "signed", "aligned", "unverified"}

// String returns the name that the API and the catalogue keys use.
func (t Trust) String() string {
	if t < Session || t > Unverified {
		return "unknown"
	}
	return trustNames[t]
}

// Item is one numbered piece of a case's conversation.
type Item struct {
	ID       ItemID
	Case     CaseID
	Number   int // 1, 2, ... within the case; shown to the team only, for the gaps would tell of notes
	Kind     ItemKind
	Audience Audience
	Hold     Hold
	Trust    Trust
	At       time.Time
	Author   people.PersonID // "" when it is not an account
	Letter   string          // id of the letter that carried it to the reporter, if one did
	Mail     desk.MessageID  // what came in, for KindMail, KindBounce and KindReport
	Bounced  bool            // the letter came back
	Replayed bool            // its payload had been seen before
	Content  Content         // sealed
	Closed   bool            // not stored: it went out encrypted, so a reporter's link does not show it
	Files    []File
}

// Content is what is sealed of an item.
type Content struct {
	From     string `json:"from,omitempty"` // "Name <address>" as written, for mail
	Address  string `json:"address,omitempty"`
	Subject  string `json:"subject,omitempty"`
	Text     string `json:"text,omitempty"`
	Note     string `json:"note,omitempty"`     // why it was let in or refused
	Sent     string `json:"sent,omitempty"`     // address that it was mailed to
	Troubles int    `json:"troubles,omitempty"` // problems that reading the mail found
	Cipher   bool   `json:"cipher,omitempty"`   // it came encrypted
}

// FileID is the ident id of one file of an item.
type FileID string

// File is one attachment. Its bytes lie in the blob store.
type File struct {
	ID   FileID
	Case CaseID
	Item ItemID
	Blob string
	Size int64
	Name string // sealed
	Type string // as it was declared; never trusted
}
