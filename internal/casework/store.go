package casework

import (
	"context"
	"io"
	"time"

	"github.com/tocsin-sec/tocsin/internal/base/unit"
	"github.com/tocsin-sec/tocsin/internal/desk"
	"github.com/tocsin-sec/tocsin/internal/people"
)

// CaseStore keeps cases. A case exists for whoever holds a role on it, for the bearer
// of its report's link, and for jobs that name it; for others every method is
// fault.NotFound.
type CaseStore interface {
	Get(ctx context.Context, v unit.View, sc people.Scope, id CaseID) (Case, error)
	// Lock reads the case for a change in this transaction.
	Lock(ctx context.Context, tx unit.Tx, sc people.Scope, id CaseID) (Case, error)
	// Insert adds a new case. The scope needs no right on it yet.
	Insert(ctx context.Context, tx unit.Tx, sc people.Scope, c Case) error
	// Save writes the case back with Version one higher; fault.Conflict when
	// another transaction changed it since Lock.
	Save(ctx context.Context, tx unit.Tx, sc people.Scope, c Case) error
	// SetClock writes the copy of the embargo's date, and nothing else.
	SetClock(ctx context.Context, tx unit.Tx, sc people.Scope, id CaseID, c Clock) error
}

// ListStore answers lists of cases.
type ListStore interface {
	List(ctx context.Context, v unit.View, sc people.Scope, q Query) (Page, error)
	// ByReport returns the id of the case that a report became.
	ByReport(ctx context.Context, v unit.View, sc people.Scope, id desk.ReportID) (CaseID, error)
	// Search looks at limit items of the scope's cases, newest first, older than the
	// cursor, and gives those that may hold the words (in lower case) to match until it
	// says stop. It returns how many it looked at and the last one.
	Search(ctx context.Context, v unit.View, sc people.Scope, cur Cursor, limit int, words []string, match func(Hit) (more bool)) (int, Cursor, error)
}

// ItemStore keeps the items of conversations. A scope gets those that its role
// on the case may see, no others, in lists, counts and by id.
type ItemStore interface {
	Item(ctx context.Context, v unit.View, sc people.Scope, id ItemID) (Item, error)
	// Items returns up to limit items with a number below before (0: the newest),
	// in the order of their numbers, with their files.
	Items(ctx context.Context, v unit.View, sc people.Scope, id CaseID, before, limit int) ([]Item, error)
	// AddItem stores an item with its files.
	AddItem(ctx context.Context, tx unit.Tx, sc people.Scope, i Item) error
	// SaveItem writes number, audience, hold, trust, bounced and content back.
	SaveItem(ctx context.Context, tx unit.Tx, sc people.Scope, i Item) error
	// ByLetter returns the item that a letter carried.
	ByLetter(ctx context.Context, v unit.View, sc people.Scope, id CaseID, letter string) (Item, error)
}

// FileStore keeps the files of items.
type FileStore interface {
	// File returns a file whose item the scope may see.
	File(ctx context.Context, v unit.View, sc people.Scope, id FileID) (File, error)
	// Files lists the files of a case whose items the scope may see.
	Files(ctx context.Context, v unit.View, sc people.Scope, id CaseID) ([]File, error)
}

// Bytes keeps the contents of files, sealed. They are written before the
// transaction that names them.
type Bytes interface {
	Write(ctx context.Context, confidence string, r io.Reader, limit int64) (blob string, size int64, err error)
	Open(ctx context.Context, blob string) (io.ReadSeekCloser, error)
}

// InviteStore keeps invitations.
type InviteStore interface {
	AddInvite(ctx context.Context, tx unit.Tx, sc people.Scope, i Invitation) error
	// InviteByToken finds the invitation of a link, for anybody who has the link.
	InviteByToken(ctx context.Context, v unit.View, sc people.Scope, token string) (Invitation, error)
	// Invites lists the open invitations of a case to its team.
	Invites(ctx context.Context, v unit.View, sc people.Scope, id CaseID) ([]Invitation, error)
	// CloseInvite ends an invitation: accepted, declined or withdrawn.
	CloseInvite(ctx context.Context, tx unit.Tx, sc people.Scope, id string, how string, at time.Time) error
}

// ClaimStore keeps claims about facts.
type ClaimStore interface {
	AddClaim(ctx context.Context, tx unit.Tx, sc people.Scope, c Claim) error
	// Claims lists the claims on a case to its team, open ones first.
	Claims(ctx context.Context, v unit.View, sc people.Scope, id CaseID) ([]Claim, error)
	// AnswerClaim closes a claim, fault.Conflict when it is closed.
	AnswerClaim(ctx context.Context, tx unit.Tx, sc people.Scope, id CaseID, claim, answer string, at time.Time) error
}

// SeenStore keeps how far everybody has seen each case.
type SeenStore interface {
	// Seen returns the number up to which the actor has seen the case.
	Seen(ctx context.Context, v unit.View, sc people.Scope, id CaseID) (int, error)
	// Grow raises it and reports whether it was lower.
	Grow(ctx context.Context, tx unit.Tx, sc people.Scope, id CaseID, through int) (bool, error)
	// Forget takes back how far a person has seen the case. It goes before a role that
	// sees more: what was hidden below the mark has not been seen.
	Forget(ctx context.Context, tx unit.Tx, sc people.Scope, id CaseID, who people.PersonID) error
	// Viewers lists who has seen how much, to the case's team.
	Viewers(ctx context.Context, v unit.View, sc people.Scope, id CaseID) ([]Viewed, error)
}

// Viewed says how far somebody has seen a case and when that last grew.
type Viewed struct {
	Actor   string
	Through int
	At      time.Time
}

// Timeline reads the case's stream of the ledger.
type Timeline interface {
	// Lines returns up to limit lines after the given sequence number.
	Lines(ctx context.Context, v unit.View, s unit.Stream, after int64, limit int) ([]Line, error)
}

// Line is one line of the timeline.
type Line struct {
	Seq    int64
	At     time.Time
	Kind   string // catalogue key
	Actor  string
	Args   map[string]string
	Proven bool // covered by a signed checkpoint
}
