// Package leak watches whether the secret patches of a hidden case have become public: the
// case's team gives them to the case, and whatever a fetch of the product's mirror brings
// is compared with them (requirement row LV-5). A match is kept at the case, stands in its
// ledger and is told to its leads once for each commit.
//
// The patches are sealed under the case's key and are unsealed into memory alone: no commit,
// no file and no line of a log is made of them. How commits and patches are compared is in
// kit/branchfix, mirrors are in server/mirrors, SQL in remedydb, pages in remedyweb. When
// mirrors are fetched, and which branch has a public fix, is in remedy.
package leak

import (
	"bytes"
	"cmp"
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
	"github.com/tocsin-sec/tocsin/kit/patch"
)

// File is what somebody gave: a mailbox of git format-patch, or a diff.
type File struct {
	Name string `json:"name"`
	Text []byte `json:"text"`
}

// Limits of what is given, and of what is kept of what was found.
const (
	MaxSize    = 1 << 20 // bytes of all files of a watch
	maxFiles   = 100
	maxParts   = 100 // patches
	maxName    = 200
	maxMatches = 200 // the heaviest
	maxTold    = 20  // commits that a letter names
	maxWhy     = 2000
)

// Watch is the secret series of a case in one product's repository. All of it but its ids
// is as secret as the case.
type Watch struct {
	Case    casework.CaseID
	Project people.ProjectID
	Product product.ID
	Name    string // the product's when it was written
	Heads   string // the sum over branches and tags that was looked at last
	Seen
	Version int64
}

// Seen is what is known of a series without its text.
type Seen struct {
	By      people.PersonID `json:"by"`
	Given   time.Time       `json:"given"`
	Parts   []Part          `json:"parts"`
	Looked  time.Time       `json:"looked,omitzero"` // zero: nobody has looked yet
	Tips    []branchfix.ID  `json:"tips,omitempty"`  // what is behind them was compared
	Matches []Match         `json:"matches,omitempty"`
	Told    []branchfix.ID  `json:"told,omitempty"`    // commits that the leads know of
	Lost    int             `json:"lost,omitempty"`    // commits that could not be read
	Problem string          `json:"problem,omitempty"` // catalogue key of why nobody could look
	Detail  string          `json:"detail,omitempty"`  // git's own words for it
}

// Part is one patch of the series.
type Part struct {
	Subject string   `json:"subject"`
	Author  string   `json:"author"`
	Files   []string `json:"files"`
}

// Match is a public commit that is, or may be, one of the patches.
type Match struct {
	branchfix.Leak
	At   time.Time `json:"at"`            // when it was found
	Word *Word     `json:"word,omitzero"` // the last thing that a person said of it
}

// Word is what a person says of a match.
type Word struct {
	By        people.PersonID `json:"by"`
	At        time.Time       `json:"at"`
	Dismissed bool            `json:"dismissed"`
	Why       string          `json:"why"`
}

// Dismissed reports whether somebody has looked and it is none of the patches.
func (m Match) Dismissed() bool { return m.Word != nil && m.Word.Dismissed }

// Asks reports whether a person has to look whether it is one.
func (m Match) Asks() bool { return m.Weight < branchfix.Sure }

// read takes the patches of the files apart, in their order. No fault quotes one.
func read(files []File) ([]patch.Mail, error) {
	var c fault.Checks
	var out []patch.Mail
	size := 0
	c.Require(len(files) <= maxFiles, "patches", "remedy.field.many", "n", maxFiles)
	for _, f := range files {
		size += len(f.Text)
	}
	c.Require(size <= MaxSize, "patches", "remedy.field.patches_size", "n", MaxSize>>10)
	if err := c.Err(); err != nil {
		return nil, err
	}
	for _, f := range files {
		mails, err := patch.ReadMails(bytes.NewReader(f.Text))
		c.Require(err == nil, "patches", "remedy.field.patches", "file", typed.Cut(f.Name, maxName))
		out = append(out, mails...)
	}
	c.Require(len(out) <= maxParts, "patches", "remedy.field.many", "n", maxParts)
	return out, c.Err()
}

// partsOf describes patches.
func partsOf(mails []patch.Mail) []Part {
	var out []Part
	for _, m := range mails {
		p := Part{Subject: typed.Cut(firstLine(m.Message), maxName), Author: typed.Cut(m.Author, maxName)}
		for _, f := range m.Patch.Files[:min(len(m.Patch.Files), maxParts)] {
			p.Files = append(p.Files, typed.Cut(f.Path(), maxName))
		}
		out = append(out, p)
	}
	return out
}

func firstLine(s string) string {
	line, _, _ := strings.Cut(s, "\n")
	return line
}

// secrets are the patches as they are compared.
func secrets(mails []patch.Mail) []branchfix.Secret {
	var out []branchfix.Secret
	for _, m := range mails {
		out = append(out, branchfix.Secret{Author: m.Author, When: m.When, Message: m.Message, Patch: m.Patch})
	}
	return out
}

// take adds what was found to the watch, and returns the matches whose commits the leads
// do not know of yet, the heaviest of each commit first.
func (w *Watch) take(a Answer, now time.Time) []Match {
	w.Looked, w.Heads, w.Tips, w.Lost, w.Problem, w.Detail = now, a.Heads, a.Tips, a.Lost, "", ""
	known := map[branchfix.ID]bool{}
	for _, id := range w.Told {
		known[id] = true
	}
	found := slices.Clone(a.Found)
	slices.SortStableFunc(found, func(x, y branchfix.Leak) int { return cmp.Compare(y.Weight, x.Weight) })
	var fresh []Match
	for _, l := range found[:min(len(found), maxMatches)] {
		m := Match{Leak: l, At: now}
		if slices.ContainsFunc(w.Matches, func(o Match) bool { return o.Commit == m.Commit && o.Part == m.Part }) {
			continue
		}
		w.Matches = append(w.Matches, m)
		if !known[m.Commit] {
			known[m.Commit] = true
			w.Told = append(w.Told, m.Commit)
			fresh = append(fresh, m)
		}
	}
	// What somebody has looked at already must not push out what nobody has.
	slices.SortStableFunc(w.Matches, func(x, y Match) int {
		return cmp.Or(rank(x)-rank(y), cmp.Compare(y.Weight, x.Weight))
	})
	w.Matches = w.Matches[:min(len(w.Matches), maxMatches)]
	return fresh
}

func rank(m Match) int {
	if m.Dismissed() {
		return 1
	}
	return 0
}

// judge keeps a person's word on a commit, whichever of the patches it looks like; false
// when no such commit was found.
func (w *Watch) judge(commit branchfix.ID, word Word) (known bool) {
	for i := range w.Matches {
		if w.Matches[i].Commit == commit {
			w.Matches[i].Word, known = &word, true
		}
	}
	return known
}

// entry is one line of the case's stream.
func (w Watch) entry(sc people.Scope, kind string, args map[string]string) unit.Entry {
	if args == nil {
		args = map[string]string{}
	}
	args["product"] = w.Name
	return unit.Entry{Stream: w.Case.Stream(), Kind: kind, Actor: sc.Actor(), Args: args}
}
