package pubsite

import (
	"context"
	"fmt"
	"time"

	"github.com/tocsin-sec/tocsin/internal/advisory/pubtree"
	"github.com/tocsin-sec/tocsin/internal/base/unit"
	"github.com/tocsin-sec/tocsin/internal/people"
)

// Store keeps the published tree and the tables of documents that it is derived from. What
// is of TLP:WHITE and GREEN every scope reads; files of AMBER and RED exist for jobs that
// name their project and for its readers (people.AsBearer of Reader.Scope), nobody else.
// Only Flip and PutDocument write, within a publication.
type Store interface {
	Files
	Documents
}

// Files is the published tree.
type Files interface {
	// File returns a file of the newest generation, fault.NotFound when there is none
	// for the scope. A list is put together.
	File(ctx context.Context, v unit.View, sc people.Scope, path string) (File, error)
	// Stat is File without the bytes.
	Stat(ctx context.Context, v unit.View, sc people.Scope, path string) (File, error)
	// Stored returns those of some files that are there for the scope, as they are
	// stored: of a list its frame.
	Stored(ctx context.Context, v unit.View, sc people.Scope, paths []string) (map[string]File, error)
	// Gone returns where the document that was at a path lies now ("" for nowhere),
	// fault.NotFound when there was none for the scope.
	Gone(ctx context.Context, v unit.View, sc people.Scope, path string) (string, error)
	// List returns the files of the newest generation below a prefix, by path,
	// without their bytes.
	List(ctx context.Context, v unit.View, sc people.Scope, prefix string) ([]File, error)
	// Lists returns the paths of a project's lists.
	Lists(ctx context.Context, v unit.View, sc people.Scope, project people.ProjectID) ([]string, error)
	// Lock makes further flips wait until this transaction ends. It comes before
	// anything is derived from the documents: two flips that read them at the same
	// time would each leave the other's document out of the index.
	Lock(ctx context.Context, tx unit.Tx, sc people.Scope) error
	// Flip makes the files part of a new generation. A file whose bytes did not
	// change is left alone; nil bytes remove it. Without any change the generation
	// stays.
	Flip(ctx context.Context, tx unit.Tx, sc people.Scope, files []pubtree.File) (Flipped, error)
	// Changed returns the paths that the scope may read and that were written, replaced
	// or removed after a generation. Removed ones are known for 30 days.
	Changed(ctx context.Context, v unit.View, sc people.Scope, since int64) (Flipped, error)
	// SealOld seals some rows of AMBER and RED from before they were, and reports whether
	// there may be more.
	SealOld(ctx context.Context, tx unit.Tx, sc people.Scope) (more bool, err error)
	// Sweep forgets files that were replaced long ago and returns how many.
	Sweep(ctx context.Context, tx unit.Tx, sc people.Scope) (int64, error)
}

// Documents is the table that the lists are put together from.
type Documents interface {
	// PutDocument adds or replaces a document and returns what it replaced, without
	// bytes. It fails with fault.Conflict (advisory.fault.number_taken) when another
	// advisory has its file name.
	PutDocument(ctx context.Context, tx unit.Tx, sc people.Scope, d pubtree.Document) (pubtree.Document, error)
	// Documents returns those of a project ("" for all) that may be told to everybody
	// (TLP:WHITE), the latest change first, without bytes.
	Documents(ctx context.Context, v unit.View, sc people.Scope, project people.ProjectID, limit int) ([]pubtree.Document, error)
	// DocumentByName returns one of any level, fault.NotFound when there is none. It is
	// for those who publish.
	DocumentByName(ctx context.Context, v unit.View, sc people.Scope, project people.ProjectID, name string) (pubtree.Document, error)
	// Named returns those of some file names that there are, by name. It is for those who
	// publish.
	Named(ctx context.Context, v unit.View, sc people.Scope, project people.ProjectID, names []string) (map[string]pubtree.Document, error)
	// Unstamped returns documents whose entries were made under other settings.
	Unstamped(ctx context.Context, v unit.View, sc people.Scope, project people.ProjectID, stamp string, limit int) ([]pubtree.Document, error)
	// Places returns the folders that have documents.
	Places(ctx context.Context, v unit.View, sc people.Scope, project people.ProjectID) ([]pubtree.Place, error)
	// Restricted reports whether somebody may read AMBER or RED of a project now.
	Restricted(ctx context.Context, v unit.View, sc people.Scope, project people.ProjectID) (bool, error)
	// PutGap notes a number that will never be used; Gaps lists them.
	PutGap(ctx context.Context, tx unit.Tx, sc people.Scope, project people.ProjectID, number string) error
	Gaps(ctx context.Context, v unit.View, sc people.Scope, project people.ProjectID) ([]string, error)
}

// File is one file of the tree.
type File struct {
	Path       string
	Bytes      []byte
	Size       int // as stored; a list is longer
	Generation int64
	Seq        int64 // of this path: it grows with each change
	At         time.Time
	Kind       pubtree.Kind
	Level      pubtree.Level
}

// ETag names the state of a file to the public. The time is public, the number of the
// generation is not: it would count what is hidden.
func (f File) ETag() string { return fmt.Sprintf(`"%x-%x"`, f.At.UnixMicro(), f.Seq) }

// Flipped is what a flip did.
type Flipped struct {
	Generation int64
	// Changed are the paths that were written, replaced or removed, in the order in
	// which they were given. What only readers of AMBER and RED may know is not among
	// them: no cache may keep it.
	Changed []string
	Any     bool // something changed, told or not
}
