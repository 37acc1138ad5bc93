package truth_test

import (
	"fmt"
	"slices"
	"strings"

	"github.com/tocsin-sec/tocsin/kit/branchfix"
	"github.com/tocsin-sec/tocsin/kit/patch"
)

// fix is one flaw's end: edits of main in one commit or in a series.
type fix struct {
	n       int
	edits   []edit
	series  branchfix.Series
	subject string
	by      who
	test    string // its test file
	born    int
	cells   map[string]*cell
}

// cell is what was done with a fix on a line, and what is true of it.
type cell struct {
	rule  string
	want  []branchfix.State
	loose bool         // nobody could tell from outside: a wrong "fixed" alone counts
	done  branchfix.ID // the commit with which it was whole
}

var (
	todo    = []branchfix.State{branchfix.Applies, branchfix.Conflicts, branchfix.Affected}
	done    = []branchfix.State{branchfix.Fixed}
	partial = []branchfix.State{branchfix.Partial}
	never   = []branchfix.State{branchfix.NotAffected}
)

// choose finds places for a fix that can be made on main and on every branch that has the
// functions, or returns false.
func (h *history) choose(f *fix) bool {
	p := h.w.of(h.main.paths()...)
	f.born = -1
	for range 1 + h.w.IntN(3) {
		if h.w.IntN(3) == 0 {
			p = h.w.of(h.main.paths()...)
		}
		fn := h.main.tree[p][h.w.IntN(len(h.main.tree[p]))]
		if fn.name == "" || h.used[fn.name] || len(fn.lines) < 14 || f.born >= 0 && fn.born != f.born {
			continue
		}
		e := h.w.edit(p, fn)
		if sameText(e.gone, e.come) || !says(e) || twice(e, fn) || slices.ContainsFunc(f.edits, func(o edit) bool { return o.fn == fn.name }) {
			continue
		}
		f.born = fn.born
		f.edits = append(f.edits, e)
	}
	if len(f.edits) == 0 {
		return false
	}
	for _, l := range append([]*line{h.main}, h.lines...) {
		t := l.tree.clone()
		for _, e := range f.edits {
			if f.born <= l.born && !e.apply(t, l.at(e.path)) {
				return false
			}
		}
	}
	return true
}

// says reports whether an edit has a line of its own that is more than a brace.
func says(e edit) bool {
	more := func(list, other []string) bool {
		return slices.ContainsFunc(list, func(l string) bool { return patch.Telling([]byte(l)) && !slices.Contains(other, l) })
	}
	return more(e.gone, e.come) || more(e.come, e.gone)
}

// twice reports whether an edit puts a block beside another one that is the same: no fix
// does.
func twice(e edit, f function) bool {
	t := tree{e.path: {f}}
	if !e.apply(t, e.path) || len(e.come) == 0 {
		return false
	}
	now := slices.DeleteFunc(slices.Clone(t[e.path][0].lines), func(l string) bool { return strings.TrimSpace(l) == "" })
	for i := range now {
		if n := len(e.come); i+2*n <= len(now) && sameText(now[i:i+n], e.come) && sameText(now[i+n:i+2*n], e.come) {
			return true
		}
	}
	return false
}

// put makes edits on a line.
func (h *history) put(l *line, edits ...edit) {
	for _, e := range edits {
		if !e.apply(l.tree, l.at(e.path)) {
			h.t.Fatalf("an edit of %s in %s cannot be made on %s", e.fn, e.path, l.name)
		}
	}
}

func (f *fix) writeTest(l *line) {
	l.dirty[f.test] = fmt.Sprintf("package box\n\nfunc TestFix%d() {\n\trun(%d)\n}\n", f.n, f.n)
}

// newFix makes a fix on main.
func (h *history) newFix(n int) *fix {
	f := &fix{n: n, cells: map[string]*cell{}}
	for !h.choose(f) {
		f.edits = nil
	}
	f.by = h.someone()
	f.test = fmt.Sprintf("tests/fix%d_test.go", n)
	e := f.edits[0]
	f.subject = h.w.of("Fix tests", "fix typo", fmt.Sprintf("%s: %s before use", e.fn, h.w.of(verbs...)), fmt.Sprintf("%s: handle %s errors", h.w.of(nouns...), h.w.of(nouns...)),
		fmt.Sprintf("Fix possible overflow in %s (CVE-2026-%d)", e.fn, 10000+n))
	for _, e := range f.edits {
		h.used[e.fn] = true
	}
	h.fixes = append(h.fixes, f)
	for _, l := range h.lines {
		if f.born <= l.born {
			l.pending[n] = f.edits
		}
	}
	if len(f.edits) > 1 && h.w.IntN(4) == 0 { // a series
		for i, e := range f.edits {
			h.put(h.main, e)
			f.series = append(f.series, h.commit(h.main, f.by, fmt.Sprintf("%s, part %d", f.subject, i+1)))
			h.develop(h.main)
		}
		return f
	}
	if h.w.IntN(8) == 0 { // a topic branch, merged
		topic := h.newLine("topic", h.main.head, h.main.tree)
		for i, e := range f.edits {
			h.put(topic, e)
			h.commit(topic, f.by, fmt.Sprintf("%s, step %d", f.subject, i+1))
		}
		h.develop(h.main)
		h.put(h.main, f.edits...)
		f.subject = fmt.Sprintf("Merge pull request #%d from dev/topic-%d", 100+n, n)
		f.series = branchfix.Series{h.commit(h.main, f.by, f.subject+"\n\n"+h.w.of(verbs...)+" it", topic.head)}
		return f
	}
	h.put(h.main, f.edits...)
	if h.w.IntN(2) == 0 {
		f.writeTest(h.main)
	}
	f.series = branchfix.Series{h.commit(h.main, f.by, f.subject+h.w.of("", fmt.Sprintf(" (#%d)", 2000+n))+"\n\nSigned-off-by: Dev\n")}
	return f
}

// settle notes that nothing of the fix is left to do on the line.
func (l *line) settle(f *fix) { delete(l.pending, f.n) }

// title is a subject as somebody writes it on a release branch.
func (h *history) title(l *line, f *fix) string {
	return h.w.of(f.subject, "["+strings.TrimPrefix(l.name, "release-")+"] "+f.subject, l.name+": "+f.subject, f.subject+fmt.Sprintf(" (#%d)", 3000+f.n), "[backport] "+f.subject)
}

func picked(f *fix) string {
	var b strings.Builder
	for _, id := range f.series {
		b.WriteString("\n(cherry picked from commit " + string(id) + ")")
	}
	return "\n" + b.String()
}

// adapted are the edits as somebody writes them who has to fit them to older code.
func (h *history) adapted(f *fix) []edit {
	out := slices.Clone(f.edits)
	for i := range out {
		come := slices.Clone(out[i].come)
		if len(come) > 0 && h.w.IntN(2) == 0 {
			j := h.w.IntN(len(come))
			come[j] = strings.NewReplacer("in", "input", "ret", "rc", "len", "size").Replace(come[j])
		}
		out[i].come = come
	}
	return out
}

// backport does one of the things that people do with a fix on a branch.
func (h *history) backport(l *line, f *fix) {
	if f.born > l.born {
		f.cells[l.name] = &cell{rule: "the code is not there", want: never}
		return
	}
	for {
		r := scenarios[h.w.IntN(len(scenarios))]
		before := l.tree.clone()
		head := l.head
		c := r.do(h, l, f)
		if c == nil {
			if l.head != head {
				h.t.Fatalf("%s is given up after a commit", r.name)
			}
			l.tree = before
			clear(l.dirty)
			continue
		}
		c.rule = r.name
		h.rules[r.name]++
		f.cells[l.name] = c
		if c.want[0] == branchfix.Fixed {
			c.done = l.head
			l.settle(f)
		}
		return
	}
}

// release tags the line as it stands.
func (h *history) release(l *line) {
	l.release++
	if h.w.IntN(3) == 0 {
		h.tag(l, fmt.Sprintf("v%s.%d-rc.1", strings.TrimPrefix(l.name, "release-"), l.release))
	}
	h.develop(l)
	h.tag(l, fmt.Sprintf("v%s.%d", strings.TrimPrefix(l.name, "release-"), l.release))
}

// scenario is a thing that people do. It returns nil where it does not fit, before it has
// committed anything.
type scenario struct {
	name string
	do   func(h *history, l *line, f *fix) *cell
}

func single(f *fix) bool { return len(f.series) == 1 }

var scenarios = []scenario{
	{"nothing", func(h *history, l *line, f *fix) *cell { return &cell{want: todo} }},
	{"nothing, but the same boilerplate elsewhere", decoy},
	{"picked with -x", func(h *history, l *line, f *fix) *cell {
		h.put(l, f.edits...)
		h.commit(l, f.by, f.subject+picked(f))
		return &cell{want: done}
	}},
	{"picked, each of the series", func(h *history, l *line, f *fix) *cell {
		if single(f) {
			return nil
		}
		for i, e := range f.edits {
			h.put(l, e)
			h.commit(l, f.by, fmt.Sprintf("%s, part %d%s", f.subject, i+1, h.w.of("", "\n\n(cherry picked from commit "+string(f.series[i])+")")))
			h.develop(l)
		}
		return &cell{want: done}
	}},
	{"picked without a word", func(h *history, l *line, f *fix) *cell {
		if !single(f) {
			return nil
		}
		h.put(l, f.edits...)
		h.commit(l, f.by, f.subject)
		return &cell{want: done}
	}},
	{"put there by another author, with a mark of the branch", func(h *history, l *line, f *fix) *cell {
		if !single(f) {
			return nil
		}
		h.put(l, f.edits...)
		h.commit(l, h.someone(), h.title(l, f))
		return &cell{want: done}
	}},
	{"adapted, with -x", func(h *history, l *line, f *fix) *cell {
		h.put(l, h.adapted(f)...)
		h.commit(l, f.by, h.title(l, f)+picked(f))
		return &cell{want: done}
	}},
	{"adapted, author and date kept", func(h *history, l *line, f *fix) *cell {
		if !single(f) {
			return nil
		}
		h.put(l, h.adapted(f)...)
		h.commit(l, f.by, h.title(l, f))
		return &cell{want: done}
	}},
	{"squashed under another title", func(h *history, l *line, f *fix) *cell {
		h.put(l, f.edits...)
		h.commit(l, h.someone(), fmt.Sprintf("Merge pull request #%d from dev/backport-%d", h.w.IntN(999), f.n))
		return &cell{want: done}
	}},
	{"squashed together with others", func(h *history, l *line, f *fix) *cell {
		h.put(l, f.edits...)
		for range 2 {
			p := h.w.of(l.paths()...)
			l.tree[p] = append(slices.Clone(l.tree[p]), h.w.function(strings.HasSuffix(p, ".c"), h.w.name(p), 1000))
		}
		h.commit(l, h.someone(), "Backport fixes from main")
		return &cell{want: done}
	}},
	{"split", func(h *history, l *line, f *fix) *cell {
		if len(f.edits) < 2 {
			return nil
		}
		for _, e := range f.edits {
			h.put(l, e)
			h.commit(l, h.someone(), e.fn+": "+h.w.of(verbs...)+" the "+h.w.of(nouns...))
			h.develop(l)
		}
		return &cell{want: done}
	}},
	{"a place left out, with -x", func(h *history, l *line, f *fix) *cell {
		if len(f.edits) < 2 || !single(f) {
			return nil
		}
		h.put(l, f.edits[1:]...)
		l.pending[f.n] = f.edits[:1]
		h.commit(l, f.by, f.subject+picked(f))
		return &cell{want: partial}
	}},
	{"a place left out, by hand", func(h *history, l *line, f *fix) *cell {
		if len(f.edits) < 2 || !single(f) {
			return nil
		}
		h.put(l, f.edits[0])
		l.pending[f.n] = f.edits[1:]
		h.commit(l, h.someone(), h.title(l, f))
		return &cell{want: partial}
	}},
	{"a part of the series", func(h *history, l *line, f *fix) *cell {
		if single(f) {
			return nil
		}
		h.put(l, f.edits[0])
		l.pending[f.n] = f.edits[1:]
		h.commit(l, f.by, fmt.Sprintf("%s, part 1%s", f.subject, h.w.of("", "\n\n(cherry picked from commit "+string(f.series[0])+")")))
		return &cell{want: partial}
	}},
	{"only its test", func(h *history, l *line, f *fix) *cell {
		f.writeTest(l)
		h.commit(l, f.by, f.subject+h.w.of("", picked(f)))
		return &cell{want: todo}
	}},
	{"only the change log", func(h *history, l *line, f *fix) *cell {
		l.dirty["CHANGELOG.md"] = "## next\n- " + f.subject + "\n"
		h.commit(l, h.someone(), h.w.of("changelog: "+f.subject, f.subject))
		return &cell{want: todo}
	}},
	{"reverted", func(h *history, l *line, f *fix) *cell { return reverted(h, l, f, false) }},
	{"reverted and applied again", func(h *history, l *line, f *fix) *cell { return reverted(h, l, f, true) }},
	{"reverted inside another change", func(h *history, l *line, f *fix) *cell {
		before := l.tree.clone()
		h.put(l, f.edits...)
		h.commit(l, f.by, f.subject+picked(f))
		for _, e := range f.edits {
			l.tree[l.at(e.path)] = before[l.at(e.path)]
		}
		p := h.w.of(l.paths()...)
		l.tree[p] = append(slices.Clone(l.tree[p]), h.w.function(strings.HasSuffix(p, ".c"), h.w.name(p), 1000))
		h.commit(l, h.someone(), "Rework "+h.w.of(nouns...))
		return &cell{want: todo}
	}},
	{"the file has another name, picked", func(h *history, l *line, f *fix) *cell { return renamed(h, l, f, true) }},
	{"the file has another name", func(h *history, l *line, f *fix) *cell { return renamed(h, l, f, false) }},
	{"another change of the same title", func(h *history, l *line, f *fix) *cell {
		p := l.at(f.edits[0].path)
		if h.w.IntN(2) == 0 {
			p = h.w.of(l.paths()...)
		}
		for range 20 {
			fn := l.tree[p][h.w.IntN(len(l.tree[p]))]
			if fn.name == "" || h.used[fn.name] || len(fn.lines) < 14 {
				continue
			}
			if e := h.w.edit(p, fn); e.apply(l.tree, p) {
				h.commit(l, h.someone(), h.title(l, f))
				return &cell{want: todo}
			}
		}
		return nil
	}},
	{"its lines changed again later", func(h *history, l *line, f *fix) *cell {
		h.put(l, f.edits...)
		h.commit(l, f.by, f.subject+picked(f))
		l.settle(f)
		h.develop(l)
		for _, e := range f.edits {
			if len(e.come) > 0 {
				then := e
				then.gone, then.come, then.nth = e.come, []string{"\t" + h.w.of(verbs...) + "_all(ctx, state);", "\treturn_early(" + h.w.of(nouns...) + ");"}, 0
				then.apply(l.tree, l.at(e.path))
			}
		}
		h.commit(l, h.someone(), "Rework of the whole")
		return &cell{want: done}
	}},
	{"formatted anew later", func(h *history, l *line, f *fix) *cell {
		if !single(f) {
			return nil
		}
		h.put(l, f.edits...)
		h.commit(l, f.by, h.title(l, f)+h.w.of("", picked(f)))
		p := l.at(f.edits[0].path)
		list := slices.Clone(l.tree[p])
		for i := range list {
			list[i].lines = slices.Clone(list[i].lines)
			for j, s := range list[i].lines {
				list[i].lines[j] = strings.ReplaceAll(s, "\t", "    ")
			}
		}
		l.tree[p] = list
		h.commit(l, h.someone(), "Format the code")
		return &cell{want: done}
	}},
	{"merged from a branch for the backport", func(h *history, l *line, f *fix) *cell {
		topic := h.newLine("backport-topic", l.head, l.tree)
		topic.renamed = l.renamed
		for _, e := range f.edits {
			h.put(topic, e)
		}
		h.commit(topic, f.by, f.subject+picked(f))
		h.develop(l)
		h.put(l, f.edits...)
		h.commit(l, h.someone(), fmt.Sprintf("Merge pull request #%d from dev/backport-%d", h.w.IntN(999), f.n), topic.head)
		return &cell{want: done}
	}},
	{"spoken of only", func(h *history, l *line, f *fix) *cell {
		l.dirty["NOTES"] = fmt.Sprint(f.n)
		h.commit(l, h.someone(), h.w.of("Prepare for the backport of ", "We do not need the backport of ", "Like the backport of ")+string(f.series[0]))
		return &cell{want: todo}
	}},
	{"end of life", func(h *history, l *line, f *fix) *cell {
		if !l.eol {
			return nil
		}
		return &cell{want: []branchfix.State{branchfix.WontFix}}
	}},
	{"in other words", func(h *history, l *line, f *fix) *cell {
		for _, e := range f.edits {
			e.come = []string{"\tguard_" + h.w.of(nouns...) + "(ctx);", "\tcheck_" + h.w.of(verbs...) + "(name);"}
			h.put(l, e)
		}
		l.settle(f)
		h.commit(l, h.someone(), "Be careful with "+h.w.of(nouns...)+"s")
		return &cell{want: []branchfix.State{branchfix.Fixed}, loose: true}
	}},
}
