package advisory

import (
	"context"

	"github.com/tocsin-sec/tocsin/internal/base/unit"
	"github.com/tocsin-sec/tocsin/internal/people"
)

// Store keeps advisories, sealed. An advisory exists for those who work on its case (lead,
// member) or, for an import, on its project, and for jobs that name that object.
// All else is fault.Missing.
type Store interface {
	Insert(ctx context.Context, tx unit.Tx, sc people.Scope, a Advisory) error
	Get(ctx context.Context, v unit.View, sc people.Scope, id ID) (Advisory, error)
	// Lock reads the advisory for a change in this transaction.
	Lock(ctx context.Context, tx unit.Tx, sc people.Scope, id ID) (Advisory, error)
	// GetAll reads several in their order; when the scope does not see one of them it is
	// fault.Missing.
	GetAll(ctx context.Context, v unit.View, sc people.Scope, ids []ID) ([]Advisory, error)
	// LockVersions locks the rows of those that the scope sees and returns their versions:
	// one that was read before and has the same is what was read.
	LockVersions(ctx context.Context, tx unit.Tx, sc people.Scope, ids []ID) (map[ID]int64, error)
	// Save writes it back; a version that is not the stored one is a lost race.
	Save(ctx context.Context, tx unit.Tx, sc people.Scope, a Advisory) error
	// OfObject returns the advisories of a case or project, oldest first.
	OfObject(ctx context.Context, v unit.View, sc people.Scope, object string) ([]Advisory, error)
	// OfProject returns an advisory of the project whatever its case, Numbered those whose
	// number gives their files this name, and Predecessors those that an advisory replaces or
	// is to: each to a job that names the project. OfProject of none is fault.Missing.
	OfProject(ctx context.Context, v unit.View, sc people.Scope, project people.ProjectID, id ID) (Advisory, error)
	Numbered(ctx context.Context, v unit.View, sc people.Scope, project people.ProjectID, name string) ([]Advisory, error)
	Predecessors(ctx context.Context, v unit.View, sc people.Scope, project people.ProjectID, successor ID) ([]Advisory, error)
	// List returns those that the scope sees, newest first.
	List(ctx context.Context, v unit.View, sc people.Scope, limit int) ([]Advisory, error)
	// KeepRevision stores a revision beside the advisory, so that what was approved
	// can be shown later. Revisions returns them, oldest first.
	KeepRevision(ctx context.Context, tx unit.Tx, sc people.Scope, id ID, r Revision) error
	Revisions(ctx context.Context, v unit.View, sc people.Scope, id ID) ([]Revision, error)
	// PutStaged replaces what is staged, DropStaged removes it, Staged reads it.
	PutStaged(ctx context.Context, tx unit.Tx, sc people.Scope, id ID, s Staged) error
	Staged(ctx context.Context, v unit.View, sc people.Scope, id ID) (Staged, error)
	DropStaged(ctx context.Context, tx unit.Tx, sc people.Scope, ids ...ID) error
}
