package record

import (
	"regexp"
	"slices"
	"strings"

	"github.com/tocsin-sec/tocsin/internal/advisory/pubtree"
	"github.com/tocsin-sec/tocsin/internal/base/fault"
)

// Commits are those of a branch in its public repository.
type Commits struct {
	Repo string `json:"repo"`
	// Introduced brought the problem; none when nobody knows them.
	Introduced []string `json:"introduced,omitempty"`
	// Fixed has one commit for each flaw, in the same order at all branches of a
	// repository: from it on the branch has the fix. NoCommit stands where the branch never
	// had the flaw.
	Fixed []string `json:"fixed,omitempty"`
}

// NoCommit stands in Fixed for a flaw that a branch never had.
const NoCommit = "-"

// The words of a line of commits.
const (
	wordIntroduced = "introduced"
	wordFixed      = "fixed"
)

// ParseCommits reads what Lines has written: the address of the repository, then a commit
// on each line after what it did. Blank text is nil. What is no such line is kept as a
// commit, so that the check of the record names it.
func ParseCommits(text string) *Commits {
	var c Commits
	for line := range strings.Lines(text) {
		words := strings.Fields(line)
		switch {
		case len(words) == 0:
		case len(words) == 2 && words[0] == wordIntroduced:
			c.Introduced = append(c.Introduced, strings.ToLower(words[1]))
		case len(words) == 2 && words[0] == wordFixed:
			c.Fixed = append(c.Fixed, strings.ToLower(words[1]))
		case c.Repo == "":
			c.Repo = strings.Join(words, " ")
		default:
			c.Fixed = append(c.Fixed, strings.Join(words, " "))
		}
	}
	if c.Repo == "" && c.Introduced == nil && c.Fixed == nil {
		return nil
	}
	return &c
}

// Lines is the text that ParseCommits reads; "" for nil.
func (c *Commits) Lines() string {
	if c == nil {
		return ""
	}
	out := []string{c.Repo}
	for _, id := range c.Introduced {
		out = append(out, wordIntroduced+" "+id)
	}
	for _, id := range c.Fixed {
		out = append(out, wordFixed+" "+id)
	}
	return strings.Join(out, "\n")
}

// Equal reports whether both name the same commits.
func (c *Commits) Equal(o *Commits) bool {
	if c == nil || o == nil {
		return c == o
	}
	return c.Repo == o.Repo && slices.Equal(c.Introduced, o.Introduced) && slices.Equal(c.Fixed, o.Fixed)
}

var commitName = regexp.MustCompile(`^([0-9a-f]{40}|[0-9a-f]{64})$`)

// maxCommits bounds each list of a branch.
const maxCommits = 100

func (b Branch) checkCommits(c *fault.Checks, at func(string) string) {
	if b.Commits == nil {
		return
	}
	c.Require(pubtree.IsWeb(b.Commits.Repo), at("commits"), "advisory.problem.commits_repo")
	c.Require(len(b.Commits.Introduced) <= maxCommits && len(b.Commits.Fixed) <= maxCommits, at("commits"), "advisory.problem.many", "n", maxCommits)
	for _, id := range slices.Concat(b.Commits.Introduced, b.Commits.Fixed) {
		c.Require(commitName.MatchString(id) || id == NoCommit, at("commits"), "advisory.problem.commit", "text", short(id))
	}
	c.Require(b.Status == Fixed || len(b.Commits.Fixed) == 0, at("commits"), "advisory.problem.commits_status")
	c.Require(b.Status == Fixed || b.Status == Affected, at("commits"), "advisory.problem.commits_status")
}
