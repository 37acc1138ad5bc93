package git

import (
	"bytes"
	"context"
	"encoding/hex"
	"fmt"
	"runtime"
	"strings"
	"sync"

	"github.com/tocsin-sec/tocsin/kit/branchfix"
)

// Bounds of what is tried together: files of one change, files of all, and trials that wait
// to be asked for.
const (
	maxPlainFiles = 200
	maxTogether   = 20_000
	maxWaiting    = 20_000
)

// plain is a trial that comes to merges of the contents of single files.
type plain struct {
	key   string
	id    branchfix.ID
	files []contents
}

// contents is one file as it was before the change, on the branch, and after the change.
type contents struct {
	path               string
	base, ours, theirs branchfix.ID
}

// Prepare implements branchfix.Preparer. Most changes only alter files that the branch has
// too, under the same names and modes. Nothing else of the trees has a part in such a
// merge: a rename on the branch cannot lead to or from a file that both have, and the
// change adds nothing that could follow a renamed folder. So the files of many trials are
// put side by side into three trees and git merges them in one process, with the merge of
// contents that it would use for each. All other trials are left to Try, and so is
// everything when git fails.
func (r *Repo) Prepare(ctx context.Context, asked []branchfix.Attempt) {
	w := walk{r, map[branchfix.ID]map[string]entry{}}
	var list []plain
	seen, files := map[string]bool{}, 0
	for _, a := range asked {
		if len(a.Series) != 1 || files > maxTogether || seen[trialKey(a.Head, a.Series)] {
			continue
		}
		if p, ok := w.plain(ctx, a.Head, a.Series[0]); ok {
			seen[p.key], files, list = true, files+len(p.files), append(list, p)
		}
	}
	workers := min(runtime.GOMAXPROCS(0), (len(list)+7)/8)
	var busy sync.WaitGroup
	for n := range workers {
		busy.Go(func() { r.together(ctx, list[len(list)*n/workers:len(list)*(n+1)/workers]) })
	}
	busy.Wait()
}

// trialKey names a trial of one commit; of longer series there is none.
func trialKey(head branchfix.ID, series branchfix.Series) string {
	if len(series) != 1 {
		return ""
	}
	return string(head) + " " + string(series[0])
}

// prepared takes the outcome of a trial that was made by Prepare.
func (r *Repo) prepared(head branchfix.ID, series branchfix.Series) (branchfix.Trial, bool) {
	key := trialKey(head, series)
	r.mu.Lock()
	defer r.mu.Unlock()
	t, ok := r.waiting[key]
	delete(r.waiting, key)
	return t, ok
}

// together merges the files of all the trials at once.
func (r *Repo) together(ctx context.Context, list []plain) {
	var base, ours, theirs strings.Builder
	n := 0
	for _, p := range list {
		for _, f := range p.files {
			for _, side := range []struct {
				to *strings.Builder
				id branchfix.ID
			}{{&base, f.base}, {&ours, f.ours}, {&theirs, f.theirs}} {
				raw, _ := hex.DecodeString(string(side.id)) // it was written by treeEntries
				fmt.Fprintf(side.to, "100644 %08d\x00%s", n, raw)
			}
			n++
		}
	}
	var trees [3]branchfix.ID
	for i, b := range []*strings.Builder{&base, &ours, &theirs} {
		var err error
		if trees[i], err = r.writeObject("tree", b.String()); err != nil {
			return
		}
	}
	merged, conflicts, err := r.merge(ctx, trees[0], trees[1], trees[2])
	if err != nil {
		return
	}
	after, err := r.treeEntries(ctx, merged)
	if err != nil || len(after) != n {
		return
	}
	found := map[string]branchfix.Conflict{}
	for _, c := range conflicts {
		found[c.Path] = c
	}
	n = 0
	for _, p := range list {
		t := branchfix.Trial{Clean: true, Nothing: true}
		for _, f := range p.files {
			name := fmt.Sprintf("%08d", n)
			n++
			if c, ok := found[name]; ok {
				c.Path = f.path
				t.Conflicts = append(t.Conflicts, c)
			}
			t.Nothing = t.Nothing && after[name].id == f.ours
		}
		if len(t.Conflicts) > 0 {
			t = branchfix.Trial{At: p.id, Conflicts: t.Conflicts}
		}
		r.mu.Lock()
		if r.waiting == nil || len(r.waiting) >= maxWaiting {
			r.waiting = map[string]branchfix.Trial{}
		}
		r.waiting[p.key] = t
		r.mu.Unlock()
	}
}

// entry is one name of a tree.
type entry struct {
	mode string
	id   branchfix.ID
}

func (e entry) isTree() bool { return e.mode == "40000" }
func (e entry) isFile() bool { return e.mode == "100644" || e.mode == "100755" }

// treeEntries reads a tree.
func (r *Repo) treeEntries(ctx context.Context, id branchfix.ID) (map[string]entry, error) {
	if !valid(id) {
		return nil, ErrNoObject
	}
	kind, raw, err := r.object(ctx, string(id))
	if err == nil && kind != "tree" {
		err = ErrNoObject
	}
	if err != nil {
		return nil, err
	}
	return r.parseTree(raw)
}

// parseTree takes a tree apart. It refuses one that git would not have made.
func (r *Repo) parseTree(raw []byte) (map[string]entry, error) {
	size := r.newHash().Size()
	out := map[string]entry{}
	for len(raw) > 0 {
		head, rest, ok := bytes.Cut(raw, []byte{0})
		mode, name, parted := strings.Cut(string(head), " ")
		if !ok || !parted || name == "" || strings.Contains(name, "/") || out[name].mode != "" || len(rest) < size {
			return nil, branchfix.ErrUnreadable
		}
		out[name] = entry{mode, branchfix.ID(hex.EncodeToString(rest[:size]))}
		raw = rest[size:]
	}
	return out, nil
}
