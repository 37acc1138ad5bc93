package branchfix

import (
	"cmp"
	"context"
	"errors"
	"hash/maphash"
	"slices"
	"strings"

	"github.com/tocsin-sec/tocsin/kit/branchfix/message"
	"github.com/tocsin-sec/tocsin/kit/patch"
)

// Secret is one change of a series that nobody is to see yet.
type Secret struct {
	ID      ID // of a commit that the repository has; empty for a patch from a file
	Author  string
	When    int64
	Message string
	Patch   patch.Patch
}

// Leak is a public commit that is, or may be, a part of a secret series. Weight is that of
// its heaviest evidence; below Sure a person has to look.
type Leak struct {
	Commit   ID         `json:"commit"`
	Part     int        `json:"part"` // of the series, counted from 1
	Subject  string     `json:"subject"`
	Weight   float64    `json:"weight"`
	New      bool       `json:"new"` // it was not public when somebody looked last
	Evidence []Evidence `json:"evidence"`
}

// Sure is from where on evidence needs nobody's confirmation.
const Sure = strong

// Kinds of evidence that only leaks have.
const (
	SameCVE   Kind = "cve"     // [0.7] both messages name a CVE id
	SameWords Kind = "message" // the share of the secret message's lines that a public one has
)

// LeakRepo is what is asked of a repository about public commits.
type LeakRepo interface {
	Patch(context.Context, ID) (patch.Patch, error)
	Commit(context.Context, ID) (Commit, error)
}

// Bounds of what is read, the newest first.
const (
	maxLeakDiffs    = 2000  // diffs that are compared line by line
	maxLeakMessages = 20000 // messages
	leakCovers      = 0.5   // the share of the changed lines from which on they are told
	fewLeakLines    = 3     // fewer equal lines are chance, unless they are all
	longWords       = 24    // bytes of a line of a message that nobody writes twice by chance
)

// Leaks compares the public commits, those behind the tips and not behind since, with the
// secret series: by patch id, by changed lines wherever they stand, and by what the
// messages say. Diffs are read of commits that touch a file of the series by name, and of
// fresh ones; fresh, which may be nil, says which those are. Nothing of the series is
// added to the index. It fails when tips are not indexed or the repository cannot be read;
// single commits that cannot be read are counted.
func (x *Index) Leaks(ctx context.Context, repo LeakRepo, tips, since []ID, fresh func(ID) bool, series []Secret) (out []Leak, unreadable int, err error) {
	x.prepare()
	if slices.ContainsFunc(tips, func(t ID) bool { return !x.Has(t) }) {
		return nil, 0, ErrNotIndexed
	}
	public := x.behindAll(tips)
	for w, bits := range x.behindAll(since) {
		public[w] &^= bits
	}
	l := &leaks{x: x, repo: repo, hash: hasher{maphash.MakeSeed()}, fresh: fresh}
	for i := len(x.sorted) - 1; i >= 0; i-- {
		if public.has(x.sorted[i]) {
			l.scope = append(l.scope, x.sorted[i])
		}
	}
	for i, s := range series {
		found, err := l.of(ctx, i+1, s)
		if err != nil {
			return nil, l.lost, err
		}
		out = append(out, found...)
	}
	return out, l.lost, nil
}

// leaks is one comparison.
type leaks struct {
	x     *Index
	repo  LeakRepo
	hash  hasher
	fresh func(ID) bool
	scope []int32 // public commits, newest first
	lost  int
}

// of finds the commits that look like one part.
func (l *leaks) of(ctx context.Context, number int, s Secret) ([]Leak, error) {
	found := map[int32]*twin{}
	note := func(n int32, kind Kind, weight float64) {
		t := found[n]
		if t == nil {
			t = &twin{at: n}
			found[n] = t
		}
		t.note(Evidence{Kind: kind, Commit: l.x.commits[n].ID, Weight: weight})
	}
	l.indexed(s, note)
	if err := l.lines(ctx, s, note); err != nil {
		return nil, err
	}
	if err := l.words(ctx, s, note); err != nil {
		return nil, err
	}
	var out []Leak
	for _, n := range l.scope {
		if t := found[n]; t != nil {
			c := l.x.commits[n]
			out = append(out, Leak{Commit: c.ID, Part: number, Subject: c.Subject, Weight: t.weight, New: l.isFresh(c.ID), Evidence: t.evidence})
		}
	}
	slices.SortStableFunc(out, func(a, b Leak) int { return cmp.Compare(b.Weight, a.Weight) })
	return out, nil
}

func (l *leaks) isFresh(id ID) bool { return l.fresh != nil && l.fresh(id) }

// indexed compares what the index has: prints, subjects, CVE ids.
func (l *leaks) indexed(s Secret, note func(int32, Kind, float64)) {
	print := patch.Summarise(s.Patch).Print
	title, cves := message.Subject(s.Message), message.CVEs(s.Message)
	for _, n := range l.scope {
		c := l.x.commits[n]
		if c.ID == s.ID {
			note(n, Ancestry, 1)
		}
		switch {
		case print.Strict == (patch.Sum{}) || c.Print.Strict == (patch.Sum{}):
		case c.Print.Strict == print.Strict:
			note(n, SamePatch, weighsPatch)
		case c.Print.Lines == print.Lines && print.Weight >= fewLines:
			note(n, SameLines, weighsLines)
		}
		if title != "" && c.Same == title && !c.Merge() {
			switch {
			case c.Author == s.Author && c.When == s.When:
				note(n, AuthorDate, weighsDate)
			case c.Author == s.Author:
				note(n, AuthorTitle, weighsAuthor)
			default:
				note(n, Title, weighsTitle)
			}
		}
		if slices.ContainsFunc(cves, func(v string) bool { return slices.Contains(c.CVEs, v) }) {
			note(n, SameCVE, 0.7)
		}
	}
}

// lines compares changed lines: a part of the change, or one in a bigger commit.
func (l *leaks) lines(ctx context.Context, s Secret, note func(int32, Kind, float64)) error {
	mine := l.hash.changed(s.Patch.Files)
	all := 0
	for _, n := range mine {
		all += n
	}
	if all == 0 {
		return nil
	}
	names := map[string]bool{}
	for _, f := range s.Patch.Files {
		names[f.Old], names[f.New] = true, true
	}
	read := 0
	for _, n := range l.scope {
		c := l.x.commits[n]
		if c.Merge() || !l.isFresh(c.ID) && !slices.ContainsFunc(c.Files, func(f string) bool { return names[f] }) {
			continue
		}
		if read++; read > maxLeakDiffs {
			return nil
		}
		p, err := l.repo.Patch(ctx, c.ID)
		if errors.Is(err, ErrUnreadable) {
			l.lost++
			continue
		}
		if err != nil {
			return err
		}
		share := covers(mine, l.hash.changed(p.Files))
		if equal := share * float64(all); share >= leakCovers && (equal >= fewLeakLines || share == 1) {
			note(n, Covered, share*weighsDate)
		}
	}
	return nil
}

// words compares the lines of the messages, trailers left out: who signed off says nothing.
func (l *leaks) words(ctx context.Context, s Secret, note func(int32, Kind, float64)) error {
	mine := telling(s.Message)
	if len(mine) == 0 {
		return nil
	}
	for _, n := range l.scope[:min(len(l.scope), maxLeakMessages)] {
		c, err := l.repo.Commit(ctx, l.x.commits[n].ID)
		if errors.Is(err, ErrUnreadable) {
			l.lost++
			continue
		}
		if err != nil {
			return err
		}
		equal := 0
		for line := range telling(c.Message) {
			if mine[line] {
				equal++
			}
		}
		if equal > 0 {
			note(n, SameWords, weighsLines*float64(equal)/float64(len(mine)))
		}
	}
	return nil
}

// telling are the long lines of a message's body in the form in which they are compared.
func telling(text string) map[string]bool {
	out := map[string]bool{}
	_, body, _ := strings.Cut(strings.TrimLeft(text[:min(len(text), message.Max)], "\n"), "\n")
	for line := range strings.Lines(body) {
		line = strings.ToLower(strings.Join(strings.Fields(line), " "))
		word, _, ok := strings.Cut(line, ": ")
		if len(line) >= longWords && (!ok || strings.Contains(word, " ") || !strings.Contains(word, "-")) {
			out[line] = true
		}
	}
	return out
}
