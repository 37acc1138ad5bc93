package truth_test

import (
	"bufio"
	"fmt"
	"io"
	"maps"
	"math/rand/v2"
	"os"
	"os/exec"
	"slices"
	"strings"
	"testing"

	"github.com/tocsin-sec/tocsin/internal/platform/git/gittest"
	"github.com/tocsin-sec/tocsin/kit/branchfix"
)

// line is a branch while it is made.
type line struct {
	name    string
	head    branchfix.ID
	tree    tree
	written tree              // as the head has it
	renamed map[string]string // from the name on main at the time of the fork
	born    int               // functions with a higher number are not here
	pending map[int][]edit    // fixes, or parts of them, that are still to do
	release int
	eol     bool
	dirty   map[string]string // other files of the next commit
}

// history writes a repository by git fast-import, and knows what it wrote.
type history struct {
	t     testing.TB
	repo  *gittest.Repo
	w     writer
	in    *bufio.Writer
	out   *bufio.Reader
	mark  int
	marks map[branchfix.ID]int
	clock int
	main  *line
	lines []*line
	fixes []*fix
	used  map[string]bool // functions that a fix changes
	rules map[string]int  // how often each scenario was made
	tags  []branchfix.Tag
	dev   int
	forks int
}

func newHistory(t testing.TB, seed uint64) (h *history, finish func()) {
	h = &history{t: t, repo: gittest.New(t), w: writer{rand.New(rand.NewPCG(seed, 7))}, used: map[string]bool{}, rules: map[string]int{}, marks: map[branchfix.ID]int{}, clock: 1_600_000_000}
	cmd := exec.Command("git", "fast-import", "--quiet", "--force")
	cmd.Dir, cmd.Stderr = h.repo.Dir, os.Stderr
	in, err1 := cmd.StdinPipe()
	out, err2 := cmd.StdoutPipe()
	if err1 != nil || err2 != nil || cmd.Start() != nil {
		t.Fatal("git fast-import does not start", err1, err2)
	}
	h.in, h.out = bufio.NewWriterSize(in, 1<<20), bufio.NewReader(out)
	h.main = h.newLine("main", "", tree{})
	return h, func() {
		if err := h.in.Flush(); err != nil {
			t.Fatal(err)
		}
		in.Close()
		if err := cmd.Wait(); err != nil {
			t.Fatal(err)
		}
	}
}

func (h *history) newLine(name string, from branchfix.ID, t tree) *line {
	return &line{name: name, head: from, tree: t.clone(), written: t.clone(), renamed: map[string]string{}, born: h.forks, pending: map[int][]edit{}, dirty: map[string]string{}}
}

func (l *line) at(path string) string {
	if to, ok := l.renamed[path]; ok {
		return to
	}
	return path
}

// who is an author and the date of the work.
type who struct {
	name string
	when int
}

func (h *history) someone() who {
	h.clock += 60 + h.w.IntN(9000)
	n := h.w.IntN(12)
	return who{fmt.Sprintf("Dev %d <dev%d@project.example>", n, n), h.clock}
}

// commit writes what changed on the line; merged are further parents.
func (h *history) commit(l *line, by who, message string, merged ...branchfix.ID) branchfix.ID {
	h.mark++
	h.clock += 30
	fmt.Fprintf(h.in, "commit refs/heads/%s\nmark :%d\nauthor %s %d +0000\ncommitter Release Manager <rm@project.example> %d +0000\ndata %d\n%s\n",
		l.name, h.mark, by.name, by.when, h.clock, len(message)+1, message+"\n")
	if l.head != "" {
		fmt.Fprintf(h.in, "from :%d\n", h.marks[l.head])
	}
	for _, m := range merged {
		fmt.Fprintf(h.in, "merge :%d\n", h.marks[m])
	}
	for _, p := range slices.Sorted(maps.Keys(l.written)) {
		if _, ok := l.tree[p]; !ok {
			fmt.Fprintf(h.in, "D %s\n", p)
		}
	}
	put := func(p, text string) {
		fmt.Fprintf(h.in, "M 100644 inline %s\ndata %d\n%s\n", p, len(text), text)
	}
	for _, p := range slices.Sorted(maps.Keys(l.tree)) {
		if now := render(l.tree[p]); l.written[p] == nil || now != render(l.written[p]) {
			put(p, now)
		}
	}
	for _, p := range slices.Sorted(maps.Keys(l.dirty)) {
		put(p, l.dirty[p])
	}
	fmt.Fprintf(h.in, "\nget-mark :%d\n", h.mark)
	if err := h.in.Flush(); err != nil {
		h.t.Fatal(err)
	}
	id, err := h.out.ReadString('\n')
	if err != nil && err != io.EOF || len(id) < 40 {
		h.t.Fatalf("git fast-import does not take %q: %v", message, err)
	}
	l.written, l.head = l.tree.clone(), branchfix.ID(strings.TrimSpace(id))
	clear(l.dirty)
	h.marks[l.head] = h.mark
	return l.head
}

func (h *history) tag(l *line, name string) {
	fmt.Fprintf(h.in, "reset refs/tags/%s\nfrom :%d\n\n", name, h.marks[l.head])
	h.tags = append(h.tags, branchfix.Tag{Name: name, Commit: l.head})
}

// paths are the names that sources have on the line.
func (l *line) paths() []string { return slices.Sorted(maps.Keys(l.tree)) }

// intact reports whether what is still to do on the line can still be done.
func (l *line) intact(t tree) bool {
	for _, edits := range l.pending {
		for _, e := range edits {
			if !e.apply(t.clone(), l.at(e.path)) {
				return false
			}
		}
	}
	return true
}

// develop makes a commit that has nothing to do with any fix.
func (h *history) develop(l *line) {
	t := l.tree.clone()
	p := h.w.of(l.paths()...)
	list := slices.Clone(t[p])
	i := h.w.IntN(len(list))
	f := list[i]
	kind := h.w.IntN(6)
	switch {
	case f.name == "" || kind == 0 || len(f.lines) < 14: // a new function
		n := h.w.function(strings.HasSuffix(p, ".c"), h.w.name(p), 1000)
		if l == h.main {
			n.born = h.forks
		}
		list = slices.Insert(list, 1+h.w.IntN(len(list)), n)
	case kind == 1 && !h.used[f.name]: // one goes, or two change places
		if j := h.w.IntN(len(list)); j > 0 && l == h.main {
			list[i], list[j] = list[j], list[i]
		}
	default:
		if e := h.w.edit(p, f); (!h.used[f.name] || h.w.IntN(3) == 0 && l.tree[p] != nil && !h.settledOn(l, f.name)) && e.apply(t, p) {
			list = t[p]
		}
	}
	t[p] = list
	if !l.intact(t) {
		t = l.tree.clone()
	}
	l.tree = t
	h.dev++
	h.commit(l, h.someone(), h.w.of("Fix typo", "Update", h.w.of(nouns...)+": "+h.w.of(verbs...)+" it earlier", fmt.Sprintf("%s: rework %s (#%d)", h.w.of(nouns...), h.w.of(nouns...), h.dev), "Bump version"))
}

// settledOn reports whether a function has a fix on the line: later work there would make
// the truth another.
func (h *history) settledOn(l *line, fn string) bool {
	for _, f := range h.fixes {
		for _, e := range f.edits {
			if e.fn == fn {
				for _, p := range l.pending[f.n] {
					if p.fn == fn {
						return false
					}
				}
				return true
			}
		}
	}
	return false
}

// grow makes main and the branches up to where fixes begin.
func (h *history) grow(releases, steps int) {
	for i, p := range []string{"src/runtime/state.c", "src/runtime/context.c", "src/util/domain.c", "internal/box/box.go", "internal/box/mount.go", "internal/net/session.go", "cmd/main.go"} {
		h.main.tree[p] = h.w.file(p, 6+h.w.IntN(8)+i, 0)
	}
	h.commit(h.main, h.someone(), "Begin")
	for r := range releases {
		for range steps {
			h.develop(h.main)
		}
		if r == 1 {
			p := "internal/new/volume.go"
			h.main.tree[p] = h.w.file(p, 9, h.forks)
			h.commit(h.main, h.someone(), "volume: begin")
		}
		l := h.newLine(fmt.Sprintf("release-1.%d", r), h.main.head, h.main.tree)
		h.lines = append(h.lines, l)
		h.tag(h.main, fmt.Sprintf("v1.%d.0", r))
		h.forks++
		h.main.born = h.forks
		for range h.w.IntN(steps / 2) {
			h.develop(l)
		}
	}
	for range steps {
		h.develop(h.main)
	}
}
