package pubsite

import (
	"context"
	"slices"

	"github.com/tocsin-sec/tocsin/internal/advisory/pubtree"
	"github.com/tocsin-sec/tocsin/internal/base/unit"
	"github.com/tocsin-sec/tocsin/internal/people"
)

// restampMost is how many documents get new entries in one transaction.
const restampMost = 200

// Publish makes documents of a project and their files part of the site, in one flip.
// Written are the files, the documents' rows and the frames of the lists that name them;
// a document that had another level leaves its old address in the same flip, and what was
// there says where it went.
func (s *Site) Publish(ctx context.Context, tx unit.Tx, sc people.Scope, p people.Project, docs []pubtree.Document, files []pubtree.File) (Flipped, error) {
	if err := s.Store.Lock(ctx, tx, sc); err != nil {
		return Flipped{}, err
	}
	var touched []pubtree.Place
	for more := true; more; {
		made, err := s.restamp(ctx, tx, sc, p)
		if err != nil {
			return Flipped{}, err
		}
		touched, more = append(touched, made...), len(made) == restampMost
	}
	var left []pubtree.File
	for _, d := range docs {
		if d.Stamp != pubtree.Stamp(p, s.URL) {
			if err := d.Make(p, s.URL); err != nil {
				return Flipped{}, err
			}
		}
		was, err := s.Store.PutDocument(ctx, tx, sc, d)
		if err != nil {
			return Flipped{}, err
		}
		touched = append(touched, d.Place())
		if was.Name != "" && (was.Place() != d.Place() || was.Member.ID != d.Member.ID) {
			touched = append(touched, was.Place())
			left = append(left, pubtree.Left(p, was, d)...)
		}
	}
	lists, err := s.lists(ctx, tx, sc, p, touched, false)
	if err != nil {
		return Flipped{}, err
	}
	return s.Store.Flip(ctx, tx, sc, slices.Concat(left, files, lists))
}

// restamp makes the entries of documents again that were made under other settings, and
// returns their places.
func (s *Site) restamp(ctx context.Context, tx unit.Tx, sc people.Scope, p people.Project) ([]pubtree.Place, error) {
	old, err := s.Store.Unstamped(ctx, tx, sc, p.ID, pubtree.Stamp(p, s.URL), restampMost)
	if err != nil {
		return nil, err
	}
	var made []pubtree.Place
	for _, d := range old {
		if err := d.Make(p, s.URL); err != nil {
			return nil, err
		}
		if _, err := s.Store.PutDocument(ctx, tx, sc, d); err != nil {
			return nil, err
		}
		made = append(made, d.Place())
	}
	return made, nil
}

// lists makes the frames of the project's lists, those of the touched places marked,
// removes lists that have nothing more to name, and with meta, or when the feeds are
// others than before, makes the metadata.
func (s *Site) lists(ctx context.Context, tx unit.Tx, sc people.Scope, p people.Project, touched []pubtree.Place, meta bool) ([]pubtree.File, error) {
	places, err := s.Store.Places(ctx, tx, sc, p.ID)
	if err != nil {
		return nil, err
	}
	restricted, err := s.Store.Restricted(ctx, tx, sc, p.ID)
	if err != nil {
		return nil, err
	}
	files, err := pubtree.Lists(p, s.URL, places, restricted, s.Texts.Texts(Lang(p)))
	if err != nil {
		return nil, err
	}
	before, err := s.Store.Lists(ctx, tx, sc, p.ID)
	if err != nil {
		return nil, err
	}
	now := make(map[string]bool, len(files))
	for i, f := range files {
		now[f.Path] = true
		files[i].Touched = f.Kind.IsList() && slices.ContainsFunc(touched, func(x pubtree.Place) bool {
			return x.Level == f.Level && (f.Year == 0 || f.Year == x.Year)
		})
		meta = meta || f.Kind == pubtree.Feed && !slices.Contains(before, f.Path)
	}
	t := pubtree.Paths{Slug: p.Slug}
	for _, path := range before {
		if now[path] {
			continue
		}
		meta = true
		files = append(files, pubtree.File{Path: path})
		for _, l := range pubtree.Levels() {
			if path == t.Index(l) {
				files = append(files, pubtree.File{Path: t.Category(l)})
			}
		}
	}
	if !meta {
		return files, nil
	}
	more, err := s.metadata(ctx, tx, sc, p, places, restricted)
	return append(files, more...), err
}

// refresh writes what changed of a project's entries, lists and metadata.
func (s *Site) refresh(ctx context.Context, sc people.Scope, p people.Project) error {
	for more := true; more; {
		err := s.Work.Do(ctx, func(ctx context.Context, tx unit.Tx) error {
			if err := s.Store.Lock(ctx, tx, sc); err != nil {
				return err
			}
			made, err := s.restamp(ctx, tx, sc, p)
			if err != nil {
				return err
			}
			more = len(made) > 0
			files, err := s.lists(ctx, tx, sc, p, made, true)
			if err != nil {
				return err
			}
			_, err = s.Store.Flip(ctx, tx, sc, files)
			return err
		})
		if err != nil {
			return err
		}
	}
	return nil
}
