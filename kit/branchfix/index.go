package branchfix

import (
	"strings"

	"github.com/tocsin-sec/tocsin/kit/branchfix/message"
	"github.com/tocsin-sec/tocsin/kit/patch"
)

// ID is the name of a commit or another object in hexadecimal: 40 digits, or 64 in a
// repository with SHA-256.
type ID string

// Short is the beginning of the name, for people.
func (id ID) Short() string { return string(id[:min(len(id), 12)]) }

// Commit is what the index is told of one commit.
type Commit struct {
	ID      ID
	Parents []ID
	Tree    ID
	Author  string // name and address as they stand
	When    int64  // the author's date, in seconds since 1970
	Message string
}

// Indexed is what is kept of a commit: enough to find the same change elsewhere, nothing
// of its text beside the subject.
type Indexed struct {
	ID      ID
	Parents []ID
	Author  string
	When    int64
	Subject string // as written, for people
	Same    string // as compared
	Links   []Link
	CVEs    []string
	Print   patch.Print
	Files   []string    // after the change; the old name of one that is deleted
	Renames [][2]string // from, to
	Cut     bool        // the diff was too long: Print is zero, Files a beginning
}

// Merge reports whether the commit has several parents: what it changes came by them.
func (c *Indexed) Merge() bool { return len(c.Parents) > 1 }

// Index is what is known of a repository's commits. It only grows: a commit never
// changes, and one that no branch has any more does no harm. It is not safe for
// concurrent use while it grows.
type Index struct {
	commits  []*Indexed
	at       map[ID]int32
	parents  [][]int32 // -1 for one that is not indexed
	prints   map[patch.Sum][]int32
	lines    map[patch.Sum][]int32
	same     map[string][]int32
	linked   map[ID][]int32 // by the first seven digits of what they point to
	files    map[string][]int32
	pending  map[ID][]int32 // commits that wait for this parent
	short    map[ID]int32   // by the first seven digits, -2 for several; made by prepare, as what follows
	sorted   []int32        // parents first
	depth    []int32        // the place in sorted
	merges   []mergeRevert
	prepared int
}

// NewIndex returns an empty index.
func NewIndex() *Index {
	return &Index{at: map[ID]int32{}, prints: map[patch.Sum][]int32{}, lines: map[patch.Sum][]int32{}, same: map[string][]int32{},
		linked: map[ID][]int32{}, files: map[string][]int32{}, pending: map[ID][]int32{}}
}

// Len is the number of commits.
func (x *Index) Len() int { return len(x.commits) }

// Has reports whether the commit is in the index.
func (x *Index) Has(id ID) bool { _, ok := x.at[id]; return ok }

// Get returns what is known of a commit, or nil. It is the index's own and not to be
// changed.
func (x *Index) Get(id ID) *Indexed {
	if n, ok := x.at[id]; ok {
		return x.commits[n]
	}
	return nil
}

// Heads returns the commits that no other one of the index is built on.
func (x *Index) Heads() []ID {
	inner := x.newSet()
	for _, list := range x.parents {
		for _, p := range list {
			if p >= 0 {
				inner.put(p)
			}
		}
	}
	var out []ID
	for n, c := range x.commits {
		if !inner.has(int32(n)) {
			out = append(out, c.ID)
		}
	}
	return out
}

// Find returns the commits that a name of at least seven digits may mean.
func (x *Index) Find(name ID) []ID {
	if x.Has(name) {
		return []ID{name}
	}
	if len(name) < 7 {
		return nil
	}
	var out []ID
	for _, c := range x.commits {
		if strings.HasPrefix(string(c.ID), string(name)) {
			out = append(out, c.ID)
		}
	}
	return out
}

// Add takes a commit with the print of its diff. What the index has already is passed
// over.
func (x *Index) Add(c *Indexed) {
	if x.Has(c.ID) {
		return
	}
	n := int32(len(x.commits))
	x.commits = append(x.commits, c)
	x.at[c.ID] = n
	list := make([]int32, len(c.Parents))
	for i, p := range c.Parents {
		at, ok := x.at[p]
		if !ok {
			at = -1
			x.pending[p] = append(x.pending[p], n)
		}
		list[i] = at
	}
	x.parents = append(x.parents, list)
	for _, child := range x.pending[c.ID] {
		for i, p := range x.commits[child].Parents {
			if p == c.ID {
				x.parents[child][i] = n
			}
		}
	}
	delete(x.pending, c.ID)
	if c.Print.Strict != (patch.Sum{}) {
		x.prints[c.Print.Strict] = append(x.prints[c.Print.Strict], n)
		x.lines[c.Print.Lines] = append(x.lines[c.Print.Lines], n)
	}
	if c.Same != "" {
		x.same[c.Same] = append(x.same[c.Same], n)
	}
	for _, l := range c.Links {
		x.linked[l.To[:7]] = append(x.linked[l.To[:7]], n)
	}
	for _, f := range c.Files {
		x.files[f] = append(x.files[f], n)
	}
}

// Describe makes what is kept of a commit from what it says and from what its diff comes
// to.
func Describe(c Commit, s patch.Summary) *Indexed {
	subject, _, _ := strings.Cut(strings.TrimLeft(c.Message, "\n"), "\n")
	return &Indexed{ID: c.ID, Parents: c.Parents, Author: c.Author, When: c.When, Subject: subject[:min(len(subject), 200)], Same: message.Subject(c.Message),
		Links: Links(c.Message), CVEs: message.CVEs(c.Message), Print: s.Print, Files: s.Files, Renames: s.Renames, Cut: s.Cut}
}
