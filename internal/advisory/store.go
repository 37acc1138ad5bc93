package advisory

import (
	"context"
	"time"

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

// SiteStore keeps the published tree and the public tables. All of it is public, so
// that every scope reads it; only Flip and PutDocument write, within a publication.
type SiteStore interface {
	// File returns a file of the newest generation, fault.NotFound when there is none.
	File(ctx context.Context, v unit.View, sc people.Scope, path string) (SiteFile, error)
	// List returns the files of the newest generation below a prefix, by path,
	// without their bytes.
	List(ctx context.Context, v unit.View, sc people.Scope, prefix string) ([]SiteFile, error)
	// Lock makes further flips wait until this transaction ends. It comes before
	// anything is derived from the documents: two flips that read them at the same
	// time would each leave the other's document out of the index.
	Lock(ctx context.Context, tx unit.Tx, sc people.Scope) error
	// Flip makes the files part of a new generation and returns it. A file whose
	// bytes did not change is left alone; nil bytes remove it. Without any change
	// the generation stays.
	Flip(ctx context.Context, tx unit.Tx, sc people.Scope, files []StagedFile) (int64, error)
	// PutDocument adds or replaces a document. It fails with fault.Conflict
	// (advisory.fault.number_taken) when another advisory has its file name.
	PutDocument(ctx context.Context, tx unit.Tx, sc people.Scope, d PublicDocument) error
	// Sweep forgets files that were replaced long ago and returns how many.
	Sweep(ctx context.Context, tx unit.Tx, sc people.Scope) (int64, error)
	// Documents returns the documents of a project ("" for all), the latest change
	// first, without their JSON.
	Documents(ctx context.Context, v unit.View, sc people.Scope, project people.ProjectID) ([]PublicDocument, error)
	// DocumentByName returns one, fault.NotFound when there is none.
	DocumentByName(ctx context.Context, v unit.View, sc people.Scope, project people.ProjectID, name string) (PublicDocument, error)
	// PutGap notes a number that will never be used; Gaps lists them.
	PutGap(ctx context.Context, tx unit.Tx, sc people.Scope, project people.ProjectID, number string) error
	Gaps(ctx context.Context, v unit.View, sc people.Scope, project people.ProjectID) ([]string, error)
}

// SiteFile is one file of the tree.
type SiteFile struct {
	Path       string
	Bytes      []byte
	Size       int
	Generation int64
	At         time.Time
}
