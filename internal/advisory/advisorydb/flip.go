package advisorydb

import (
	"bytes"
	"context"
	"fmt"
	"strings"

	"github.com/tocsin-sec/tocsin/internal/advisory/pubsite"
	"github.com/tocsin-sec/tocsin/internal/advisory/pubtree"
	"github.com/tocsin-sec/tocsin/internal/base/unit"
	"github.com/tocsin-sec/tocsin/internal/platform/sqldb"
)

// flip writes files under a new generation. What is there is asked for many files at once,
// and new rows are written several at a time: a publication of fifty documents has five
// hundred.
type flip struct {
	s     Site
	tx    unit.Tx
	out   pubsite.Flipped
	fresh []any           // arguments of rows that are not written yet
	paths map[string]bool // of these rows
}

// put writes what changed of some files.
func (w *flip) put(ctx context.Context, files []pubtree.File) error {
	paths := make([]string, len(files))
	for i, f := range files {
		paths[i] = f.Path
	}
	found, err := sqldb.All(ctx, w.tx, scanStored, selectFiles+marks(paths), texts(paths)...)
	if err == nil {
		found, err = w.s.opened(ctx, w.tx, found)
	}
	if err != nil {
		return fmt.Errorf("flip: %w", err)
	}
	there := make(map[string]stored, len(found))
	for _, f := range found {
		there[f.Path] = f
	}
	for _, f := range files {
		old, ok := there[f.Path]
		now, changed, err := w.one(ctx, f, old, ok)
		if err != nil {
			return fmt.Errorf("flip %s: %w", f.Path, err)
		}
		if !changed {
			continue
		}
		if there[f.Path] = now; now.Bytes == nil {
			delete(there, f.Path)
		}
		if w.out.Any = true; f.Level.Free() {
			w.out.Changed = append(w.out.Changed, f.Path)
		}
	}
	return w.write(ctx)
}

// one writes one file that replaces old, where there is one, and returns what is there now
// and whether it changed.
func (w *flip) one(ctx context.Context, f pubtree.File, old stored, there bool) (now stored, changed bool, err error) {
	c := sqldb.Of(w.tx)
	if f.Kind == pubtree.Moved && f.Bytes == nil {
		f.Bytes = []byte{}
	}
	if there && f.Level == "" && f.Kind == pubtree.Plain {
		// Who replaces bytes without a word on who may read them (new signatures) leaves
		// that as it is.
		f.Project, f.Level = old.project, old.Level
	}
	switch {
	case !there && f.Bytes == nil:
		return old, false, nil
	case there && f.Bytes != nil && !f.Touched && bytes.Equal(old.Bytes, f.Bytes) &&
		old.Kind == f.Kind && old.project == f.Project && old.Level == f.Level && old.year == f.Year:
		return old, false, nil
	}
	if w.paths[f.Path] {
		if err := w.write(ctx); err != nil {
			return old, false, err
		}
	}
	next := w.out.Generation
	switch {
	case there && old.Generation == next:
		// Twice in one flip: the later one counts, and history has no room for both.
		_, err = c.Exec(ctx, `delete from advisory_site where path = ? and from_generation = ?`, f.Path, next)
	case there:
		// From now on changed_at is when it was replaced: the sweep counts from there.
		_, err = c.Exec(ctx, `update advisory_site set to_generation = ?, changed_at = ? where path = ? and from_generation = ?`,
			next, w.tx.Now(), f.Path, old.Generation)
	}
	if err != nil || f.Bytes == nil {
		return stored{}, true, err
	}
	now = stored{File: pubsite.File{Path: f.Path, Bytes: f.Bytes, Generation: next, Seq: old.Seq + 1, Kind: f.Kind, Level: f.Level}, project: f.Project, year: f.Year}
	raw, err := w.s.sealBytes(ctx, w.tx, now)
	if err != nil {
		return old, false, err
	}
	w.fresh = append(w.fresh, f.Path, next, w.tx.Now(), len(f.Bytes), string(f.Project), string(f.Level), string(f.Kind), f.Year, now.Seq, raw)
	if w.paths == nil {
		w.paths = map[string]bool{}
	}
	w.paths[f.Path] = true
	return now, true, nil
}

// How many columns a new row has, and how many rows one statement writes.
const (
	columns = 10
	atOnce  = 16
)

// write inserts the new rows.
func (w *flip) write(ctx context.Context) error {
	for len(w.fresh) > 0 {
		n := min(len(w.fresh)/columns, atOnce)
		_, err := sqldb.Of(w.tx).Exec(ctx, `insert into advisory_site (path, from_generation, to_generation, changed_at, size, project, level, kind, year, seq, bytes, sealed)
			values `+strings.Repeat("(?, ?, 0, ?, ?, ?, ?, ?, ?, ?, ?, 1), ", n-1)+"(?, ?, 0, ?, ?, ?, ?, ?, ?, ?, ?, 1)", w.fresh[:n*columns]...)
		if err != nil {
			return err
		}
		w.fresh = w.fresh[n*columns:]
	}
	clear(w.paths)
	return nil
}
