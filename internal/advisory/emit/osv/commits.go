package osv

import (
	"slices"

	"github.com/tocsin-sec/tocsin/internal/advisory/record"
	format "github.com/tocsin-sec/tocsin/kit/osv"
)

// commitRanges are the GIT ranges of the branches of a package: for each repository one
// range for each flaw, with an introduced event for each commit that brought it, or 0, and
// a fixed event for each branch. All branches share a range: a commit is affected when it
// is behind none of the fixed ones, so that ranges of single branches would take each
// other's fixes for affected.
func commitRanges(branches []record.Branch) []format.Range {
	var out []format.Range
	var repos []string
	for _, b := range branches {
		if slices.Contains(repos, b.Commits.Repo) {
			continue
		}
		repos = append(repos, b.Commits.Repo)
		for flaw := range flaws(branches, b.Commits.Repo) {
			r := format.Range{Type: format.Git, Repo: b.Commits.Repo}
			for _, o := range branches {
				if o.Commits.Repo == r.Repo {
					addCommits(&r, o, flaw)
				}
			}
			if len(r.Events) > 0 {
				out = append(out, r)
			}
		}
	}
	return out
}

// flaws is the number of flaws that the branches of a repository know of.
func flaws(branches []record.Branch, repo string) int {
	n := 1
	for _, b := range branches {
		if b.Commits.Repo == repo {
			n = max(n, len(b.Commits.Fixed))
		}
	}
	return n
}

func addCommits(r *format.Range, b record.Branch, flaw int) {
	if b.Status != record.Fixed {
		if len(b.Commits.Introduced) > 0 { // else it would say that every commit is affected
			begin(r, b.Commits.Introduced)
		}
		return
	}
	if flaw >= len(b.Commits.Fixed) || b.Commits.Fixed[flaw] == record.NoCommit {
		return
	}
	begin(r, b.Commits.Introduced)
	id := b.Commits.Fixed[flaw]
	if !slices.ContainsFunc(r.Events, func(e format.Event) bool { return e.Fixed != nil && *e.Fixed == id }) {
		r.Events = append(r.Events, format.Event{Fixed: &id})
	}
}

// begin adds introduced events before those of the fixes.
func begin(r *format.Range, introduced []string) {
	if len(introduced) == 0 && len(r.Events) == 0 {
		introduced = []string{"0"}
	}
	for _, id := range introduced {
		n := 0
		for n < len(r.Events) && r.Events[n].Introduced != nil && *r.Events[n].Introduced != id {
			n++
		}
		if n == len(r.Events) || r.Events[n].Introduced == nil {
			r.Events = slices.Insert(r.Events, n, format.Event{Introduced: &id})
		}
	}
}
