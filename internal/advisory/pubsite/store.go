package pubsite

import (
	"context"
	"time"

	"github.com/tocsin-sec/tocsin/internal/advisory/pubtree"
	"github.com/tocsin-sec/tocsin/internal/base/unit"
	"github.com/tocsin-sec/tocsin/internal/people"
)

// Store keeps the published tree and the public tables. All of it is public, so
// that every scope reads it; only Flip and PutDocument write, within a publication.
type Store interface {
	// File returns a file of the newest generation, fault.NotFound when there is none.
	File(ctx context.Context, v unit.View, sc people.Scope, path string) (File, error)
	// List returns the files of the newest generation below a prefix, by path,
	// without their bytes.
	List(ctx context.Context, v unit.View, sc people.Scope, prefix string) ([]File, error)
	// Lock makes further flips wait until this transaction ends. It comes before
	// anything is derived from the documents: two flips that read them at the same
	// time would each leave the other's document out of the index.
	Lock(ctx context.Context, tx unit.Tx, sc people.Scope) error
	// Flip makes the files part of a new generation. A file whose bytes did not
	// change is left alone; nil bytes remove it. Without any change the generation
	// stays.
	Flip(ctx context.Context, tx unit.Tx, sc people.Scope, files []pubtree.File) (Flipped, error)
	// PutDocument adds or replaces a document. It fails with fault.Conflict
	// (advisory.fault.number_taken) when another advisory has its file name.
	PutDocument(ctx context.Context, tx unit.Tx, sc people.Scope, d pubtree.Document) error
	// Sweep forgets files that were replaced long ago and returns how many.
	Sweep(ctx context.Context, tx unit.Tx, sc people.Scope) (int64, error)
	// Documents returns the documents of a project ("" for all), the latest change
	// first, without their JSON.
	Documents(ctx context.Context, v unit.View, sc people.Scope, project people.ProjectID) ([]pubtree.Document, error)
	// DocumentByName returns one, fault.NotFound when there is none.
	DocumentByName(ctx context.Context, v unit.View, sc people.Scope, project people.ProjectID, name string) (pubtree.Document, error)
	// PutGap notes a number that will never be used; Gaps lists them.
	PutGap(ctx context.Context, tx unit.Tx, sc people.Scope, project people.ProjectID, number string) error
	Gaps(ctx context.Context, v unit.View, sc people.Scope, project people.ProjectID) ([]string, error)
}

// File is one file of the tree.
type File struct {
	Path       string
	Bytes      []byte
	Size       int
	Generation int64
	At         time.Time
}

// Flipped is what a flip did.
type Flipped struct {
	Generation int64
	// Changed are the paths that were written, replaced or removed, in the order in
	// which they were given.
	Changed []string
}
