package advisory

import (
	"context"

	"github.com/tocsin-sec/tocsin/internal/base/unit"
	"github.com/tocsin-sec/tocsin/internal/people"
	"github.com/tocsin-sec/tocsin/kit/csaf"
)

// Store keeps advisories, sealed. An advisory exists for those who work on its case (lead,
// member) or, for an import, on its project, and for jobs that name that object.
// All else is fault.Missing.
type Store interface {
	Insert(ctx context.Context, tx unit.Tx, sc people.Scope, a Advisory) error
	Get(ctx context.Context, v unit.View, sc people.Scope, id ID) (Advisory, error)
	// Lock reads the advisory for a change in this transaction.
	Lock(ctx context.Context, tx unit.Tx, sc people.Scope, id ID) (Advisory, error)
	// Save writes it back; a version that is not the stored one is a lost race.
	Save(ctx context.Context, tx unit.Tx, sc people.Scope, a Advisory) error
	// OfObject returns the advisories of a case or project, oldest first.
	OfObject(ctx context.Context, v unit.View, sc people.Scope, object string) ([]Advisory, error)
	// Unpublished returns a project's advisories of which nothing is published, to a job
	// that names the project.
	Unpublished(ctx context.Context, v unit.View, sc people.Scope, project people.ProjectID) ([]Advisory, error)
	// List returns those that the scope sees, newest first.
	List(ctx context.Context, v unit.View, sc people.Scope, limit int) ([]Advisory, error)
	// KeepRevision stores a revision beside the advisory, so that what was approved
	// can be shown later. Revisions returns them, oldest first.
	KeepRevision(ctx context.Context, tx unit.Tx, sc people.Scope, id ID, r Revision) error
	Revisions(ctx context.Context, v unit.View, sc people.Scope, id ID) ([]Revision, error)
	// PutStaged replaces what is staged, DropStaged removes it, Staged reads it.
	PutStaged(ctx context.Context, tx unit.Tx, sc people.Scope, id ID, s Staged) error
	Staged(ctx context.Context, v unit.View, sc people.Scope, id ID) (Staged, error)
	DropStaged(ctx context.Context, tx unit.Tx, sc people.Scope, id ID) error
}

// Staged is the rendered and signed revision.
type Staged struct {
	Hash    string
	Files   []StagedFile
	Public  PublicDocument
	Subject string // of the list mail
	History []csaf.Revision
}
