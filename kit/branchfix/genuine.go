package branchfix

import (
	"context"
	"errors"
	"path"
	"slices"

	"github.com/tocsin-sec/tocsin/kit/branchfix/look"
	"github.com/tocsin-sec/tocsin/kit/patch"
)

// genuine leaves out commits that call themselves the fix and are not: one that brings
// its tests or its line in the change log alone, one that speaks of it, one that makes the
// same change in another place.
func (e *engine) genuine(ctx context.Context, c *change, st standing, sure []twin) ([]twin, error) {
	var out []twin
	for _, t := range sure {
		if t.at == c.at || len(c.changed) == 0 {
			out = append(out, t)
			continue
		}
		o, err := e.change(ctx, t.at)
		if err != nil {
			return nil, err
		}
		cover := covers(c.changed, o.every)
		switch {
		case cover == 0 && !o.cut && (st.before > 0 && st.after == 0 || !slices.ContainsFunc(e.x.commits[t.at].Files, func(f string) bool { return !look.Aside(f) })):
		case st.untouched() && byDiffAlone(t):
		default:
			out = append(out, t)
		}
	}
	return out, nil
}

// byDiffAlone reports whether nothing but the same lines speaks for the twin.
func byDiffAlone(t twin) bool {
	return !slices.ContainsFunc(t.evidence, func(e Evidence) bool { return e.Kind != SamePatch && e.Kind != SameLines })
}

// quietly returns a commit of the branch that takes the change back without a word, inside
// another change, or -1: behind it something looks as before the fix that looked as after
// it. It is looked for where nothing stands as after it and something as before again.
func (e *engine) quietly(ctx context.Context, c *change, st standing, sure []twin, on set) (int32, error) {
	if len(sure) == 0 || st.literal == 0 || st.after > 0 {
		return -1, nil
	}
	var list []int32
	for _, f := range c.code {
		for _, name := range e.names(f) {
			for _, n := range e.x.files[name] {
				if on.has(n) && !slices.Contains(list, n) && !slices.ContainsFunc(sure, func(t twin) bool { return t.at == n || !e.heir(t.at).has(n) }) {
					list = append(list, n)
				}
			}
		}
	}
	for _, n := range list[max(0, len(list)-maxOthers):] {
		_, lost, err := e.turns(ctx, c, n)
		if err != nil {
			return -1, err
		}
		if lost > 0 {
			return n, nil
		}
	}
	return -1, nil
}

// unmade is quietly for a commit of the branch itself.
func (e *engine) unmade(ctx context.Context, t twin, head ID, on set) (int32, error) {
	c, err := e.change(ctx, t.at)
	if err != nil {
		return -1, err
	}
	st, err := e.stand(ctx, c, head)
	if err != nil {
		return -1, err
	}
	return e.quietly(ctx, c, st, []twin{t}, on)
}

// turns counts the places that look as after the change behind a commit and not before it,
// and those that look as before it, line by line, behind the commit and as after it till then.
func (e *engine) turns(ctx context.Context, c *change, n int32) (gained, lost int, err error) {
	if err := e.take(ctx, c); err != nil {
		return 0, 0, err
	}
	for i, f := range c.code {
		was, is, err := e.sides(ctx, f, n)
		if err != nil {
			return 0, 0, err
		}
		if is == nil {
			continue
		}
		for _, p := range c.places {
			if p.File != i {
				continue
			}
			p.See(was)
			then := p.Look
			p.See(is)
			switch {
			case p.Look == look.After && then != look.After:
				gained++
			case p.Look == look.Before && !p.Loose && then == look.After:
				lost++
			}
		}
	}
	return gained, lost, nil
}

// there reports whether the commit works at one of the functions that the change is made
// to; where the change is in none, at its file.
func (e *engine) there(ctx context.Context, c *change, n int32) (bool, error) {
	for i, f := range c.code {
		was, is, err := e.sides(ctx, f, n)
		if err != nil {
			return false, err
		}
		if is == nil {
			continue
		}
		for _, p := range c.places {
			if p.File == i && p.Touches(was, is) {
				return true, nil
			}
		}
	}
	return false, nil
}

// sides reads a file of the change before and after a commit that changes it; nil for one
// that does not.
func (e *engine) sides(ctx context.Context, f patch.FilePatch, n int32) (was, is *look.Text, err error) {
	x := e.x.commits[n]
	if len(x.Parents) == 0 {
		return nil, nil, nil
	}
	names := e.names(f)
	for _, o := range x.Files { // one that was moved before anybody looked
		if path.Base(o) == path.Base(f.Path()) && !slices.Contains(names, o) && !e.exists(f, o) {
			names = append(names, o)
		}
	}
	for _, name := range names {
		if !x.Merge() && !slices.Contains(x.Files, name) {
			continue
		}
		raw, err := e.repo.File(ctx, x.ID, name)
		if errors.Is(err, ErrAbsent) {
			continue
		}
		if err != nil {
			return nil, nil, err
		}
		old := name
		for _, r := range x.Renames {
			if r[1] == name {
				old = r[0]
			}
		}
		before, err := e.repo.File(ctx, x.Parents[0], old)
		if err != nil && !errors.Is(err, ErrAbsent) {
			return nil, nil, err
		}
		return look.New(before), look.New(raw), nil
	}
	return nil, nil, nil
}
