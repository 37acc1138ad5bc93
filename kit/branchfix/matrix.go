package branchfix

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/tocsin-sec/tocsin/kit/patch"
)

// State says how a branch stands to a fix.
type State string

// The states, in the order in which they ask for somebody's attention: the state of a
// branch is the first of those of its fixes.
const (
	Partial     State = "partial"      // some of it is there and the rest is not: an alarm
	Conflicts   State = "conflicts"    // to do, and the fix does not apply as it is
	Affected    State = "affected"     // to do, and nobody tried
	Unknown     State = "unknown"      // the repository does not tell
	Applies     State = "applies"      // to do, and the fix applies; whether it is right is another question
	WontFix     State = "wont_fix"     // to do, but the branch is at its end of life
	Fixed       State = "fixed"        // on the branch
	Released    State = "released"     // on the branch and in a tag
	NotAffected State = "not_affected" // the flaw is not there
)

// States returns all of them in their order.
func States() []State {
	return []State{Partial, Conflicts, Affected, Unknown, Applies, WontFix, Fixed, Released, NotAffected}
}

// Settled reports whether nothing is left to do on the branch.
func (s State) Settled() bool {
	return s == WontFix || s == Fixed || s == Released || s == NotAffected
}

// Kind names a kind of evidence.
type Kind string

// The kinds of evidence, with what they weigh at most in brackets.
const (
	Ancestry    Kind = "ancestry"       // [1] the commit itself is behind the branch's head
	SamePatch   Kind = "patch_id"       // [0.98] a commit with the same names, context and changed lines
	Picked      Kind = "cherry_pick"    // [0.9] a commit says that it was picked or backported from it
	UpstreamOf  Kind = "upstream"       // [0.9] a commit says that it is this one of upstream
	AuthorDate  Kind = "author_date"    // [0.9] same author and author's date, which a backport keeps, and the same subject
	SameLines   Kind = "lines"          // [0.8] a commit with the same changed lines in other surroundings or files
	AuthorTitle Kind = "author"         // [0.6] same author and subject
	Title       Kind = "subject"        // [0.5] same subject
	Covered     Kind = "content"        // the share of the fix's lines that a commit changes in the same way
	PostImage   Kind = "post_image"     // the share of its places that look on the branch as they do after it
	PreImage    Kind = "pre_image"      // the share of its places that look as they did before it
	NoFile      Kind = "absent_file"    // the files that it changes do not exist on the branch
	NoCode      Kind = "absent_code"    // the functions that it changes do not exist in the branch's files
	Undone      Kind = "revert"         // a later commit takes it back
	Introduced  Kind = "introduced"     // the commit that brought the flaw is behind the head
	NotBrought  Kind = "not_introduced" // it is not
	Tried       Kind = "trial"          // the fix was put on the branch's head
	InTag       Kind = "tag"            // the first tag that has it
	Ended       Kind = "end_of_life"    // nobody keeps the branch any more
	Shallow     Kind = "shallow"        // the history ends before it was searched to its beginning
	Unreadable  Kind = "unreadable"     // objects are missing or damaged
	Answered    Kind = "answer"         // a person said so
)

// Evidence is one reason for a state. Weight is from 0, says nothing, to 1, certain.
type Evidence struct {
	Kind   Kind    `json:"kind"`
	Commit ID      `json:"commit,omitempty"`
	Weight float64 `json:"weight"`
	Note   string  `json:"note,omitempty"` // a name or a place, for people
}

// Series are the commits of one fix, in the order in which they are applied.
type Series []ID

// Branch is one line of development that is kept up, or was.
type Branch struct {
	Name      string
	Head      ID
	EndOfLife bool // nobody fixes it any more
}

// Tag is a release. Commit is what it points to in the end.
type Tag struct {
	Name   string
	Commit ID
}

// Answer is what a person said about a fix on a branch while the branch's head was Head.
// It holds for this head, and for later ones as long as nothing between them speaks
// about the fix's files.
type Answer struct {
	Branch string
	Fix    ID // the last of its series
	Head   ID
	State  State
}

// Request asks for a matrix.
type Request struct {
	Fixes      []Series
	Introduced []ID // the commits that brought the flaw; nil takes those of the fixes' "Fixes:" lines
	Branches   []Branch
	Tags       []Tag
	Answers    []Answer
	Try        bool // put the fix on the heads that need it
}

// Matrix is the answer: each branch by each fix.
type Matrix struct {
	Branches []BranchState `json:"branches"`
}

// BranchState is one branch. State is the one of its fixes that asks for most attention.
type BranchState struct {
	Name  string     `json:"name"`
	Head  ID         `json:"head"`
	State State      `json:"state"`
	Fixes []FixState `json:"fixes"`
}

// FixState is one fix on one branch.
type FixState struct {
	Commit   string     `json:"commit"` // the fix; of a series all, with commas
	State    State      `json:"state"`
	Tag      string     `json:"tag,omitempty"` // the first that has it
	By       []ID       `json:"by,omitempty"`  // the branch's own commits that bring it
	Ask      bool       `json:"ask"`           // a person should confirm the state
	Evidence []Evidence `json:"evidence"`
	Trial    *Trial     `json:"trial,omitempty"`
}

// Last is the last commit of the fix: an Answer names the fix by it.
func (f FixState) Last() ID { return ID(f.Commit[strings.LastIndexByte(f.Commit, ',')+1:]) }

// Subjects are those of the commits that the matrix names, as far as they are indexed.
func (x *Index) Subjects(m *Matrix) map[ID]string {
	out := map[ID]string{}
	note := func(ids ...ID) {
		for _, id := range ids {
			if c := x.Get(id); c != nil {
				out[id] = c.Subject
			}
		}
	}
	for _, b := range m.Branches {
		for _, f := range b.Fixes {
			for id := range strings.SplitSeq(f.Commit, ",") {
				note(ID(id))
			}
			note(f.By...)
			for _, e := range f.Evidence {
				note(e.Commit)
			}
			if f.Trial != nil {
				for _, c := range f.Trial.Conflicts {
					note(c.Missing...)
				}
			}
		}
	}
	return out
}

// Trial is what came of putting a series on a branch.
type Trial struct {
	Clean     bool       `json:"clean"`
	Nothing   bool       `json:"nothing,omitempty"` // it applies and changes nothing
	At        ID         `json:"at,omitempty"`      // the commit of the series that did not apply
	Conflicts []Conflict `json:"conflicts,omitempty"`
}

// Conflict is a file in which a fix does not apply. Lines are the first and last line of
// each place in the merged file, counted from 1; Missing are commits that the branch does
// not have and that made the lines the fix builds on, likeliest first.
type Conflict struct {
	Path    string   `json:"path"`
	Reason  string   `json:"reason"` // git's word: "content", "modify/delete", "rename/delete", "binary", …
	Lines   [][2]int `json:"lines,omitempty"`
	Missing []ID     `json:"missing,omitempty"`
}

// Repo is what the engine asks of a repository. It may be asked from several goroutines
// at once.
type Repo interface {
	// Patch returns what a commit changes against its first parent.
	Patch(context.Context, ID) (patch.Patch, error)
	// File returns a file of a commit, or ErrAbsent; nothing for one that is too large.
	File(ctx context.Context, at ID, path string) ([]byte, error)
	// Paths returns the names of all files of a commit.
	Paths(ctx context.Context, at ID) ([]string, error)
	// Try puts the series on the head, one after the other, in a place that nobody sees.
	Try(ctx context.Context, head ID, series Series) (Trial, error)
}

// Preparer is a Repo that can make many trials at once at a lower price. What it cannot
// make so is left to Try, whose answers are the same with it and without.
type Preparer interface {
	Prepare(context.Context, []Attempt)
}

// Attempt is a trial that is likely to be asked for.
type Attempt struct {
	Head   ID
	Series Series
}

// ErrAbsent says that a commit has no such file.
var ErrAbsent = errors.New("no such file in that commit")

// ErrUnreadable says that objects of the repository are damaged or missing.
var ErrUnreadable = errors.New("objects of the repository are missing or damaged")

// ErrNotIndexed says that a commit is not in the index.
var ErrNotIndexed = errors.New("the repository does not have this commit, or it was not indexed")

// check finds what cannot be worked with.
func (r Request) check(x *Index) error {
	if len(r.Fixes) == 0 {
		return errors.New("no fix is given")
	}
	for _, s := range r.Fixes {
		if len(s) == 0 {
			return errors.New("a fix has no commits")
		}
		for _, id := range s {
			if !x.Has(id) {
				return fmt.Errorf("fix %s: %w", id.Short(), ErrNotIndexed)
			}
		}
	}
	for _, id := range r.Introduced {
		if !x.Has(id) {
			return fmt.Errorf("introducing commit %s: %w", id.Short(), ErrNotIndexed)
		}
	}
	for _, b := range r.Branches {
		if !x.Has(b.Head) {
			return fmt.Errorf("head %s of branch %q: %w", b.Head.Short(), b.Name, ErrNotIndexed)
		}
	}
	return nil
}
