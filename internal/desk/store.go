package desk

import (
	"context"
	"time"

	"github.com/tocsin-sec/tocsin/internal/base/unit"
	"github.com/tocsin-sec/tocsin/internal/people"
)

// ReportStore keeps reports. Every method answers only for what the scope may
// see: a held or decided report exists for the project's moderators on duty, a
// released one for those who see its case, each for its own bearer and for the
// jobs that name it. All else is fault.Missing.
type ReportStore interface {
	Get(ctx context.Context, v unit.View, sc people.Scope, id ReportID) (Report, error)
	// Lock reads the report for a change in this transaction.
	Lock(ctx context.Context, tx unit.Tx, sc people.Scope, id ReportID) (Report, error)
	// LockToDecide is Lock for those who decide: the project's moderators on duty, as
	// long as the report is not released.
	LockToDecide(ctx context.Context, tx unit.Tx, sc people.Scope, id ReportID) (Report, error)
	// Save writes the report back; it fails with fault.Conflict when another
	// transaction changed it since Lock.
	Save(ctx context.Context, tx unit.Tx, sc people.Scope, r Report) error
	// Insert adds a new held report.
	Insert(ctx context.Context, tx unit.Tx, sc people.Scope, r Report) error
	List(ctx context.Context, v unit.View, sc people.Scope, q Query) ([]Report, error)
	// SeesObject is nil when the scope sees the report or case with this id.
	SeesObject(ctx context.Context, v unit.View, sc people.Scope, object string) error
	// Seen returns through which message the scope's person has seen the report.
	Seen(ctx context.Context, v unit.View, sc people.Scope, id ReportID) (int, error)
	// MarkSeen lets Seen grow.
	MarkSeen(ctx context.Context, tx unit.Tx, sc people.Scope, id ReportID, through int) error
}

// Query selects reports of a list. The newest come last among held ones, so that
// the oldest waits at the top, and first among decided ones.
type Query struct {
	Project people.ProjectID // "" : every project that the scope sees
	States  []State          // empty: held
	After   ReportID         // continue behind this one
	Limit   int              // 0: 100; at most 500
}

// MessageStore keeps messages, sealed under their object's confidence.
type MessageStore interface {
	InsertMessage(ctx context.Context, tx unit.Tx, sc people.Scope, m Message) error
	// Message returns one message to a scope that sees its object.
	Message(ctx context.Context, v unit.View, sc people.Scope, id MessageID) (Message, error)
	// MessagesOf returns the messages of a report or case, oldest first.
	MessagesOf(ctx context.Context, v unit.View, sc people.Scope, object string, limit int) ([]Message, error)
	// PayloadSeen notes the hash of a signed or encrypted payload and reports
	// whether an earlier intake had it.
	PayloadSeen(ctx context.Context, tx unit.Tx, sc people.Scope, in IntakeID, hash string) (bool, error)
}

// KindRead is the job that reads one intake; its subject is the intake's id.
const KindRead = "desk.read"

// SourceMail is the source of an intake that has an original.
const SourceMail = "smtp"

// IntakeStore keeps what arrived, before and after it is read.
type IntakeStore interface {
	// AddIntake stores the row and reports whether it is new: the same source and key
	// again is no error, stores nothing and returns the id of the first.
	AddIntake(ctx context.Context, tx unit.Tx, sc people.Scope, in Intake) (id IntakeID, fresh bool, err error)
	// Intake returns the row to the job that names it.
	Intake(ctx context.Context, v unit.View, sc people.Scope, id IntakeID) (Intake, error)
	// FinishIntake marks the row as read.
	FinishIntake(ctx context.Context, tx unit.Tx, sc people.Scope, id IntakeID) error
	// Waiting returns how many rows are not read yet.
	Waiting(ctx context.Context, v unit.View, sc people.Scope) (int, error)
	// Tidy removes the counters of days gone by.
	Tidy(ctx context.Context, tx unit.Tx, sc people.Scope) error
	// Count adds one to the counter of (purpose, who) for the day of the
	// transaction's time and returns the new count. who is stored as a keyed hash.
	Count(ctx context.Context, tx unit.Tx, sc people.Scope, purpose, who string) (int, error)
}

// Intake is one thing that arrived: its envelope and where its bytes lie.
type Intake struct {
	ID         IntakeID
	Source     string // SourceMail, "web", "api"
	Key        string // what makes it the same again: recipients and hash
	Envelope   Envelope
	Raw        string // blob id
	Small      []byte // the bytes themselves, when they are to be stored in the same transaction
	Size       int64
	ReceivedAt time.Time
}

// Envelope is the SMTP envelope and the connection that it came over.
type Envelope struct {
	From   string   `json:"from,omitempty"`
	To     []string `json:"to,omitempty"`
	Remote string   `json:"remote,omitempty"`
	HELO   string   `json:"helo,omitempty"`
	TLS    bool     `json:"tls,omitempty"`
}

// Confidence is whose key seals the raw bytes, the files and the text of one
// arrival: each its own, so that one mail can be erased alone.
func (in Intake) Confidence() string { return "message:" + string(in.ID) }
