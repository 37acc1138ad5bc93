package gittest

import (
	"bufio"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/tocsin-sec/tocsin/kit/branchfix"
)

// Large is a repository for measuring, made by git fast-import in one stream.
type Large struct {
	*Repo
	Fixes    []branchfix.ID // on main, oldest first
	Branches []string       // main and the releases
}

// Size says how large it is.
type Size struct {
	Commits, Releases, Fixes int
	Files, Lines             int // of the program
}

// Each release branch has so many commits of its own, in part picks of main's.
const ownCommits = 60

// NewLarge makes a repository whose main branch has nearly all the commits, from which
// releases part at even distances. A third of the fixes is picked to each release, a third
// of those without a word, and each release has tags. The same size makes the same
// repository.
func NewLarge(t testing.TB, size Size) *Large {
	t.Helper()
	l := &Large{Repo: New(t)}
	cmd := exec.Command("git", "fast-import", "--quiet", "--export-marks="+filepath.Join(l.Dir, ".git", "marks"))
	cmd.Dir = l.Dir
	in, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	w := &writer{out: bufio.NewWriterSize(in, 1<<20), rand: rand.New(rand.NewPCG(1, 2)), size: size}
	fixes := w.all(l)
	err = w.out.Flush()
	if closed := in.Close(); err == nil {
		err = closed
	}
	if ended := cmd.Wait(); err == nil {
		err = ended
	}
	if err != nil {
		t.Fatal(err)
	}
	marks, err := os.ReadFile(filepath.Join(l.Dir, ".git", "marks"))
	if err != nil {
		t.Fatal(err)
	}
	ids := map[string]branchfix.ID{}
	for line := range strings.Lines(string(marks)) {
		mark, id, _ := strings.Cut(strings.TrimSpace(line), " ")
		ids[mark] = branchfix.ID(id)
	}
	for _, f := range fixes {
		l.Fixes = append(l.Fixes, ids[fmt.Sprintf(":%d", f.mark)])
	}
	return l
}

// tree is the text of every file on one branch.
type tree [][]string

// edit is a line that becomes two others.
type edit struct {
	file     int
	old, now string
}

// made is a commit of main.
type made struct {
	mark, n int
	edits   []edit
}

type writer struct {
	out  *bufio.Writer
	rand *rand.Rand
	size Size
	mark int
}

func (w *writer) name(file int) string { return fmt.Sprintf("src/part%02d/file%03d.c", file%17, file) }

// all writes the whole stream and returns the fixes.
func (w *writer) all(l *Large) (fixes []made) {
	main := make(tree, w.size.Files)
	for f := range main {
		for n := range w.size.Lines {
			main[f] = append(main[f], fmt.Sprintf("\tpart%d_step%d(state, %d);", f, n, w.rand.IntN(1000)))
		}
	}
	l.Branches = []string{"main"}
	first := make([]int, w.size.Files)
	for f := range first {
		first[f] = f
	}
	w.commit("main", "begin", "", 0, first, main)
	parted := map[string]tree{}
	commits := max(1, w.size.Commits-w.size.Releases*ownCommits)
	for n := 1; n < commits; n++ {
		m := made{n: n, edits: w.edits(main, 1+n%3)}
		for i := range m.edits {
			m.edits[i].put(main)
		}
		m.mark = w.commit("main", fmt.Sprintf("part %d: step %d is done in two", n%97, n), "", n, touched(m.edits), main)
		if late := commits - n; w.size.Fixes > 0 && late <= 40*w.size.Fixes && late%40 == 0 {
			fixes = append(fixes, m)
		}
		if r := n * (w.size.Releases + 2) / commits; r > len(parted) && len(parted) < w.size.Releases {
			name := fmt.Sprintf("release-1.%d", len(parted))
			l.Branches = append(l.Branches, name)
			parted[name] = main.clone()
			fmt.Fprintf(w.out, "reset refs/heads/%s\nfrom :%d\n\n", name, m.mark)
		}
	}
	for b, name := range l.Branches[1:] {
		w.release(b, name, parted[name], fixes, commits)
	}
	return fixes
}

// release writes the commits that a release branch has for itself.
func (w *writer) release(b int, name string, t tree, fixes []made, at int) {
	for n := range ownCommits {
		at++
		subject, body := fmt.Sprintf("[1.%d] own change %d", b, n), ""
		edits := w.edits(t, 1)
		if n%4 == 0 && n/4 < len(fixes) && (n/4+b)%3 == 0 {
			f := fixes[n/4]
			// What parted before its lines were there is fixed by another line.
			if edits = f.edits; !edits[0].fits(t) {
				edits = w.edits(t, 1)
			}
			subject = fmt.Sprintf("part %d: step %d is done in two", f.n%97, f.n)
			if n/4%3 > 0 {
				body = fmt.Sprintf("\n\n(cherry picked from commit of step %d)", f.n)
			}
		}
		for i := range edits {
			edits[i].put(t)
		}
		m := w.commit(name, subject, body, at, touched(edits), t)
		if n%20 == 19 {
			fmt.Fprintf(w.out, "reset refs/tags/v1.%d.%d\nfrom :%d\n\n", b, n/20, m)
		}
	}
}

func (t tree) clone() tree {
	out := make(tree, len(t))
	for f := range t {
		out[f] = append([]string(nil), t[f]...)
	}
	return out
}

func (w *writer) edits(t tree, n int) (out []edit) {
	for range n {
		f := w.rand.IntN(len(t))
		old := t[f][w.rand.IntN(len(t[f]))]
		out = append(out, edit{f, old, fmt.Sprintf("\tcheck_%d(state, %d);", w.rand.IntN(1e9), w.rand.IntN(1000))})
	}
	return out
}

func (e edit) at(t tree) int {
	for i, l := range t[e.file] {
		if l == e.old {
			return i
		}
	}
	return -1
}

func (e edit) fits(t tree) bool { return e.at(t) >= 0 }

// put makes the edit; the file keeps its length.
func (e edit) put(t tree) {
	if i := e.at(t); i >= 0 {
		t[e.file][i] = e.now
	}
}

func touched(edits []edit) (out []int) {
	for _, e := range edits {
		out = append(out, e.file)
	}
	return out
}

// commit writes one commit with the files as they stand in t.
func (w *writer) commit(branch, subject, body string, minute int, files []int, t tree) int {
	w.mark++
	who := fmt.Sprintf("Dev %d <dev%d@lantern.example> %d +0000", minute%23, minute%23, 1_600_000_000+60*minute)
	message := subject + body + "\n"
	fmt.Fprintf(w.out, "commit refs/heads/%s\nmark :%d\nauthor %s\ncommitter %s\ndata %d\n%s\n", branch, w.mark, who, who, len(message), message)
	for _, f := range files {
		content := strings.Join(t[f], "\n") + "\n"
		fmt.Fprintf(w.out, "M 100644 inline %s\ndata %d\n", w.name(f), len(content))
		io.WriteString(w.out, content+"\n")
	}
	w.out.WriteString("\n")
	return w.mark
}
