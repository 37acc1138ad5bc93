package git

import (
	"cmp"
	"context"
	"slices"
	"strings"

	"github.com/tocsin-sec/tocsin/kit/branchfix"
)

// walk reads trees, each once.
type walk struct {
	repo  *Repo
	trees map[branchfix.ID]map[string]entry
}

func (w walk) tree(ctx context.Context, id branchfix.ID) (map[string]entry, error) {
	if t, ok := w.trees[id]; ok {
		return t, nil
	}
	t, err := w.repo.treeEntries(ctx, id)
	if err == nil && len(w.trees) < maxTogether {
		w.trees[id] = t
	}
	return t, err
}

// plain reports whether the commit only alters files that the head has as well, and which.
func (w walk) plain(ctx context.Context, head, id branchfix.ID) (plain, bool) {
	ours, err1 := w.repo.Commit(ctx, head)
	theirs, err2 := w.repo.Commit(ctx, id)
	if err1 != nil || err2 != nil || len(theirs.Parents) == 0 {
		return plain{}, false
	}
	base, err := w.repo.Commit(ctx, theirs.Parents[0])
	if err != nil {
		return plain{}, false
	}
	p := plain{key: trialKey(head, branchfix.Series{id}), id: id}
	if !w.altered(ctx, base.Tree, theirs.Tree, "", &p.files) || len(p.files) == 0 {
		return plain{}, false
	}
	slices.SortFunc(p.files, func(a, b contents) int { return cmp.Compare(a.path, b.path) })
	for i := range p.files {
		f := &p.files[i]
		before, ok1 := w.at(ctx, base.Tree, f.path)
		now, ok2 := w.at(ctx, ours.Tree, f.path)
		if !ok1 || !ok2 || now.mode != before.mode {
			return plain{}, false
		}
		f.ours = now.id
	}
	return p, true
}

// altered lists the files whose contents differ between two trees. It fails where anything
// else does: a name, a mode, a kind.
func (w walk) altered(ctx context.Context, before, after branchfix.ID, folder string, out *[]contents) bool {
	if strings.Count(folder, "/") > 100 {
		return false
	}
	old, err1 := w.tree(ctx, before)
	now, err2 := w.tree(ctx, after)
	if err1 != nil || err2 != nil || len(old) != len(now) {
		return false
	}
	for name, a := range old {
		b := now[name]
		switch {
		case a == b:
		case a.mode != b.mode || len(*out) >= maxPlainFiles:
			return false
		case a.isTree():
			if !w.altered(ctx, a.id, b.id, folder+name+"/", out) {
				return false
			}
		case a.isFile():
			*out = append(*out, contents{path: folder + name, base: a.id, theirs: b.id})
		default:
			return false
		}
	}
	return true
}

// at finds a file of a tree.
func (w walk) at(ctx context.Context, tree branchfix.ID, path string) (entry, bool) {
	for {
		t, err := w.tree(ctx, tree)
		if err != nil {
			return entry{}, false
		}
		name, rest, deeper := strings.Cut(path, "/")
		e := t[name]
		if !deeper {
			return e, e.isFile()
		}
		if !e.isTree() {
			return entry{}, false
		}
		tree, path = e.id, rest
	}
}
