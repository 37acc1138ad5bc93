package branchfix

import (
	"context"
	"errors"
	"path"
	"slices"

	"github.com/tocsin-sec/tocsin/kit/branchfix/look"
	"github.com/tocsin-sec/tocsin/kit/patch"
)

// standing is how the places of one commit look at the head of a branch. The counts are
// of places; a place whose code is another is in none but all.
type standing struct {
	all, before, after, both, missing, lacking int
	literal                                    int // of those before, the ones that stand there line by line
	places                                     []look.Place
	files                                      int // of the commit's code
	absent                                     int // of them that are not there, under no name
}

// whole reports that everything looks as the commit leaves it.
func (s standing) whole() bool { return s.all > 0 && s.after == s.all }

// untouched reports that everything stands there as it was before, line by line.
func (s standing) untouched() bool { return s.all > 0 && s.literal == s.all }

// nowhere reports that nothing of what the change is made to is there.
func (s standing) nowhere() bool { return s.lacking > 0 && s.lacking+s.missing == s.all }

func (s standing) share(n int) float64 {
	if s.all == 0 {
		return 0
	}
	return float64(n) / float64(s.all)
}

// stand looks at every place of the change on the head.
func (e *engine) stand(ctx context.Context, c *change, head ID) (standing, error) {
	if err := e.take(ctx, c); err != nil {
		return standing{}, err
	}
	s := standing{files: len(c.code), places: slices.Clone(c.places)}
	texts, found := make([]*look.Text, len(c.code)), make([]bool, len(c.code))
	for i, f := range c.code {
		t, err := e.find(ctx, f, head)
		switch {
		case errors.Is(err, ErrAbsent):
			if f.Old != "" { // one that the fix makes need not be there
				s.absent++
			}
		case err != nil:
			return standing{}, err
		}
		texts[i] = t
	}
	for i := range s.places {
		p := &s.places[i]
		f, t := c.code[p.File], texts[p.File]
		switch {
		case f.New == "" && t == nil: // it deletes the file
			p.Look = look.After
		case t == nil:
			p.Look = look.Missing
		default:
			p.See(t)
		}
		if p.Look == look.Lacking || p.Look == look.Missing && f.Old != "" {
			other, err := e.sibling(ctx, f, p, head)
			if err != nil {
				return standing{}, err
			}
			if other != nil {
				p.See(other)
				found[p.File] = t == nil
			}
		}
		s.count(*p)
	}
	for _, b := range found {
		if b {
			s.absent--
		}
	}
	return s, nil
}

// maxSiblings bounds how many files of a folder are read for a function that is gone from
// its own.
const maxSiblings = 200

// sibling finds the file that the place's function was moved to: the only other one of its
// folder and kind that has it, else nil.
func (e *engine) sibling(ctx context.Context, f patch.FilePatch, p *look.Place, head ID) (*look.Text, error) {
	all, err := e.paths(ctx, head)
	if err != nil {
		return nil, err
	}
	var out *look.Text
	names := all[path.Dir(f.Path())+"/"]
	for _, name := range names[:min(maxSiblings, len(names))] {
		if path.Ext(name) != path.Ext(f.Path()) || name == f.Path() || look.Aside(name) {
			continue
		}
		t, err := e.text(ctx, head, name)
		if err != nil && !errors.Is(err, ErrAbsent) {
			return nil, err
		}
		if err == nil && p.Lives(t) {
			if out != nil {
				return nil, nil // in several: none of them is it for sure
			}
			out = t
		}
	}
	return out, nil
}

func (s *standing) count(p look.Place) {
	s.all++
	switch p.Look {
	case look.Before:
		s.before++
		if !p.Loose {
			s.literal++
		}
	case look.After:
		s.after++
	case look.Both:
		s.both++
	case look.Lacking:
		s.lacking++
	case look.Missing:
		s.missing++
	}
}

// take takes the change apart, with both sides of its files as far as they can be read.
func (e *engine) take(ctx context.Context, c *change) error {
	c.taken.Do(func() {
		sides := make([]look.Sides, len(c.code))
		x := e.x.commits[c.at]
		for i, f := range c.code {
			if f.Old == "" || f.New == "" || len(x.Parents) == 0 || f.Binary {
				continue
			}
			before, err1 := e.text(ctx, x.Parents[0], f.Old)
			after, err2 := e.text(ctx, x.ID, f.New)
			if err1 == nil && err2 == nil {
				sides[i] = look.Sides{Old: before, New: after}
			}
		}
		c.places = look.Places(c.code, sides)
	})
	return ctx.Err()
}

// maxNames bounds how many names of one file are tried.
const maxNames = 24

// find reads the file of a change at a head, under its name or under one that a rename
// gave it. Of several files with the same last name, somewhere else in the tree, one is
// taken only if it is the only one.
func (e *engine) find(ctx context.Context, f patch.FilePatch, head ID) (*look.Text, error) {
	for _, name := range e.names(f) {
		t, err := e.text(ctx, head, name)
		if !errors.Is(err, ErrAbsent) {
			return t, err
		}
	}
	if f.Old == "" { // a new file: another of its last name is another file
		return nil, ErrAbsent
	}
	all, err := e.paths(ctx, head)
	if err != nil {
		return nil, err
	}
	var alike []string
	for _, name := range all[path.Base(f.Path())] {
		if !e.exists(f, name) {
			alike = append(alike, name)
		}
	}
	if len(alike) != 1 {
		return nil, ErrAbsent
	}
	return e.text(ctx, head, alike[0])
}

// exists reports whether the other name is that of another file where the change was
// made: then it is not ours under a new name.
func (e *engine) exists(f patch.FilePatch, other string) bool {
	return len(e.x.files[other]) > 0 && len(e.x.files[f.Path()]) > 0 && e.together(f.Path(), other)
}

// together reports whether one commit of the index changes both: then they are two files.
func (e *engine) together(a, b string) bool {
	short, long := e.x.files[a], b
	if len(e.x.files[b]) < len(short) {
		short, long = e.x.files[b], a
	}
	for _, n := range short {
		c := e.x.commits[n]
		if slices.Contains(c.Files, long) && !slices.ContainsFunc(c.Renames, func(r [2]string) bool {
			return r == [2]string{a, b} || r == [2]string{b, a}
		}) {
			return true
		}
	}
	return false
}

// names are what a file may be called, its own names first.
func (e *engine) names(f patch.FilePatch) []string {
	var out []string
	for _, n := range []string{f.New, f.Old} {
		if n != "" && !slices.Contains(out, n) {
			out = append(out, n)
		}
	}
	for i := 0; i < len(out) && len(out) < maxNames; i++ {
		for _, other := range e.renamed[out[i]] {
			if !slices.Contains(out, other) {
				out = append(out, other)
			}
		}
	}
	return out
}

// text reads and keeps a file of a head.
func (e *engine) text(ctx context.Context, head ID, name string) (*look.Text, error) {
	key := string(head) + ":" + name
	e.mu.Lock()
	t, ok := e.texts[key]
	e.mu.Unlock()
	if ok {
		if t == nil {
			return nil, ErrAbsent
		}
		return t, nil
	}
	content, err := e.repo.File(ctx, head, name)
	if err != nil && !errors.Is(err, ErrAbsent) {
		return nil, err
	}
	if err == nil {
		t = look.New(content)
	}
	e.mu.Lock()
	e.texts[key] = t
	e.mu.Unlock()
	if t == nil {
		return nil, ErrAbsent
	}
	return t, nil
}

// paths returns the files of a head by their last names, and by their folders with a slash.
func (e *engine) paths(ctx context.Context, head ID) (map[string][]string, error) {
	e.mu.Lock()
	kept, ok := e.trees[head]
	e.mu.Unlock()
	if ok {
		return kept, nil
	}
	all, err := e.repo.Paths(ctx, head)
	if err != nil {
		return nil, err
	}
	by := map[string][]string{}
	for _, p := range all {
		base, folder := path.Base(p), path.Dir(p)+"/"
		by[base], by[folder] = append(by[base], p), append(by[folder], p)
	}
	e.mu.Lock()
	e.trees[head] = by
	e.mu.Unlock()
	return by, nil
}
