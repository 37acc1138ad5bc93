package truth_test

import (
	"fmt"
	"slices"
	"strings"
)

// decoy puts the fix's lines, as they stand, into a function that has nothing to do with it.
func decoy(h *history, l *line, f *fix) *cell {
	put := false
	for _, e := range f.edits {
		p := l.at(e.path)
		for i, fn := range l.tree[p] {
			if fn.name == "" || h.used[fn.name] || len(fn.lines) < 10 || len(e.come) == 0 {
				continue
			}
			list := slices.Clone(l.tree[p])
			at := 6 + h.w.IntN(len(fn.lines)-8)
			list[i].lines = slices.Concat(fn.lines[:at], e.come, fn.lines[at:])
			l.tree[p] = list
			put = true
			break
		}
	}
	if !put {
		return nil
	}
	h.commit(l, h.someone(), h.w.of("Handle errors", "Update", "more checks in "+h.w.of(nouns...)))
	return &cell{want: todo}
}

// reverted picks the fix and takes it back, and perhaps picks it again.
func reverted(h *history, l *line, f *fix, again bool) *cell {
	if !single(f) {
		return nil
	}
	before := l.tree.clone()
	by := f.by
	h.put(l, f.edits...)
	after := l.tree.clone()
	id := h.commit(l, by, f.subject+h.w.of("", picked(f)))
	l.tree = before.clone()
	back := h.commit(l, h.someone(), h.w.of(fmt.Sprintf("Revert %q\n\nThis reverts commit %s.", f.subject, id), "As it was before"))
	if !again {
		return &cell{want: todo}
	}
	l.tree = after
	h.commit(l, by, h.w.of(f.subject+picked(f), fmt.Sprintf("Revert \"Revert %q\"\n\nThis reverts commit %s.", f.subject, back), fmt.Sprintf("Reapply %q\n\nThis reverts commit %s.", f.subject, back)))
	return &cell{want: done}
}

// renamed moves the fix's files before it is picked.
func renamed(h *history, l *line, f *fix, pick bool) *cell {
	p := l.at(f.edits[0].path)
	for _, e := range f.edits {
		if l.at(e.path) != p {
			return nil
		}
	}
	to := "lib" + p
	if h.w.IntN(2) == 0 {
		to = strings.Replace(p, ".", "_base.", 1)
	}
	if l.tree[to] != nil {
		return nil
	}
	l.tree[to] = l.tree[p]
	delete(l.tree, p)
	for from, at := range l.renamed {
		if at == p {
			l.renamed[from] = to
		}
	}
	if l.at(f.edits[0].path) != to {
		l.renamed[f.edits[0].path] = to
	}
	h.commit(l, h.someone(), "Move files")
	if !pick {
		return &cell{want: todo}
	}
	h.put(l, f.edits...)
	h.commit(l, f.by, f.subject+h.w.of("", picked(f)))
	if !single(f) {
		return &cell{want: done, loose: true}
	}
	return &cell{want: done}
}
