// Package remedy knows which commits fix the flaw of a case, and which branch of the
// product has them (requirement rows LV-5, LV-9): the matrix of kit/branchfix, computed by
// a job on a mirror of the product's repository and again when a branch moves.
//
// Products with their repository and branches are in product, the table of a case that an
// advisory is made from is in casework; what the matrix says is taken over into it by a
// person's hand. Git and the mirrors are in server/mirrors, SQL in remedydb, pages in
// remedyweb.
package remedy

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/tocsin-sec/tocsin/internal/base/fault"
	"github.com/tocsin-sec/tocsin/internal/base/unit"
	"github.com/tocsin-sec/tocsin/internal/casework"
	"github.com/tocsin-sec/tocsin/internal/casework/typed"
	"github.com/tocsin-sec/tocsin/internal/people"
	"github.com/tocsin-sec/tocsin/internal/product"
	"github.com/tocsin-sec/tocsin/kit/branchfix"
)

// Mirror is how the copy of a product's repository stands. It is public knowledge about
// public software, shown to the project's team.
type Mirror struct {
	Product product.ID
	Project people.ProjectID
	URL     string    // that it was fetched from
	Tried   time.Time // the last fetch
	Fetched time.Time // the last one that succeeded; zero: none did
	Heads   string    // a sum over all branches and tags
	Commits int       // in the index
	Problem string    // catalogue key of why the last fetch failed, "" when it did not
	Detail  string    // git's own words for it, if any
}

// Work is what belongs to a case in one product's repository. All of it is as secret as
// the case: which commits fix a flaw tells where it is.
type Work struct {
	Case       casework.CaseID
	Project    people.ProjectID
	Product    product.ID
	Name       string   // the product's when it was written
	Fixes      []string // each the commits of one flaw's fix in their order, with commas
	Introduced []string // the commits that brought the flaws, as far as they are known
	Answers    []Answer
	Found      Found
	Version    int64 // of what people typed; what jobs find leaves it as it is
}

// Answer is what a person said about a fix on a branch while its head was Head.
type Answer struct {
	Branch string          `json:"branch"`
	Fix    branchfix.ID    `json:"fix"`  // the last commit of its series
	Head   branchfix.ID    `json:"head"` // that the person looked at
	State  branchfix.State `json:"state"`
	Why    string          `json:"why"`
	By     people.PersonID `json:"by"`
	At     time.Time       `json:"at"`
}

// Found is what the last job found.
type Found struct {
	At       time.Time               `json:"at,omitzero"` // zero: nobody has looked yet
	Heads    string                  `json:"heads,omitempty"`
	Branches []Branch                `json:"branches,omitempty"`
	Subjects map[branchfix.ID]string `json:"subjects,omitempty"` // of the commits that are named
	Problem  string                  `json:"problem,omitempty"`  // catalogue key of why there is no matrix
	What     string                  `json:"what,omitempty"`     // what the problem is with: a commit, a branch
}

// Branch is one branch of the product.
type Branch struct {
	branchfix.BranchState
	Absent bool `json:"absent,omitempty"` // the repository has no branch of this name
}

// Settled reports whether nothing is left to do or to say about the branch: every fix is
// there, or not needed, or will not come, and no evidence asks for a person.
func (b Branch) Settled() bool {
	return b.State.Settled() && !slices.ContainsFunc(b.Fixes, func(f branchfix.FixState) bool { return f.Ask })
}

// Asks reports whether the evidence is weak or contradicts itself somewhere.
func (b Branch) Asks() bool {
	return slices.ContainsFunc(b.Fixes, func(f branchfix.FixState) bool { return f.Ask })
}

// Matrix is what was found in the form that kit/branchfix/show draws.
func (f Found) Matrix() *branchfix.Matrix {
	m := &branchfix.Matrix{}
	for _, b := range f.Branches {
		m.Branches = append(m.Branches, b.BranchState)
	}
	return m
}

// Sum tells one matrix from another: the heads that it was computed of and all that it says
// of them, without the evidence. Who takes a matrix over names the one that he has seen.
func (f Found) Sum() string {
	sum := sha256.New()
	for _, b := range f.Branches {
		fmt.Fprintf(sum, "%q %s %s\n", b.Name, b.Head, b.State)
		for _, x := range b.Fixes {
			fmt.Fprintf(sum, "\t%s %s %q %t %q\n", x.Commit, x.State, x.Tag, x.Ask, x.By)
		}
	}
	return hex.EncodeToString(sum.Sum(nil)[:16])
}

// branch returns the branch of that name.
func (f Found) branch(name string) (Branch, bool) {
	i := slices.IndexFunc(f.Branches, func(b Branch) bool { return b.Name == name })
	if i < 0 {
		return Branch{}, false
	}
	return f.Branches[i], true
}

// Answerable lists the states that a person may say: what the code is, not what would
// happen if somebody tried.
func Answerable() []branchfix.State {
	return []branchfix.State{branchfix.Fixed, branchfix.NotAffected, branchfix.Partial, branchfix.Affected, branchfix.WontFix}
}

// Limits of what people type.
const (
	maxFixes   = 20  // flaws of one case
	maxSeries  = 100 // commits of one fix
	maxCommit  = 100 // characters of a commit's name
	maxAnswers = 2000
	maxWhy     = 2000
)

// commits normalises lines of commits, separated by commas or blanks, and notes each
// problem beside the field.
func commits(c *fault.Checks, field string, lines []string) []string {
	var out []string
	for _, l := range lines {
		series := strings.FieldsFunc(l, func(r rune) bool { return r == ',' || r == ' ' || r == '\t' || r == '\r' })
		if len(series) == 0 {
			continue
		}
		c.Require(len(series) <= maxSeries, field, "remedy.field.many", "n", maxSeries)
		for _, id := range series {
			c.Require(isCommit(id), field, "remedy.field.commit", "commit", typed.Cut(id, maxCommit))
		}
		if s := strings.ToLower(strings.Join(series, ",")); !slices.Contains(out, s) {
			out = append(out, s)
		}
	}
	c.Require(len(out) <= maxFixes, field, "remedy.field.many", "n", maxFixes)
	return out
}

// isCommit takes the hexadecimal name of a commit or the beginning of one. Names of
// branches move, so that they say nothing that stays.
func isCommit(s string) bool {
	if len(s) < 7 || len(s) > 64 {
		return false
	}
	return strings.Trim(strings.ToLower(s), "0123456789abcdef") == ""
}

// answer checks and keeps what a person says; it takes the place of an earlier word on the
// same fix and branch. The head may have moved on since the person looked: whether the word
// holds for the new one is found when the matrix is computed.
func (w *Work) answer(a Answer) error {
	var c fault.Checks
	b, ok := w.Found.branch(a.Branch)
	i := slices.IndexFunc(b.Fixes, func(f branchfix.FixState) bool { return f.Last() == a.Fix })
	c.Require(ok && i >= 0, "fix", "remedy.field.no_cell")
	c.Require(slices.Contains(Answerable(), a.State), "state", "remedy.field.state")
	c.Require(isCommit(string(a.Head)), "fix", "remedy.field.no_cell")
	typed.Text(&c, "why", a.Why, maxWhy)
	if err := c.Err(); err != nil {
		return err
	}
	w.Answers = slices.DeleteFunc(w.Answers, func(o Answer) bool { return o.Branch == a.Branch && o.Fix == a.Fix })
	w.Answers = append(w.Answers, a)
	if len(w.Answers) > maxAnswers {
		w.Answers = w.Answers[len(w.Answers)-maxAnswers:]
	}
	return nil
}

// entry is one line of the case's stream.
func (w Work) entry(sc people.Scope, kind string, args map[string]string) unit.Entry {
	if args == nil {
		args = map[string]string{}
	}
	args["product"] = w.Name
	return unit.Entry{Stream: w.Case.Stream(), Kind: kind, Actor: sc.Actor(), Args: args}
}
