package fixrun

import (
	"context"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/tocsin-sec/tocsin/internal/platform/git"
	"github.com/tocsin-sec/tocsin/kit/branchfix"
)

// repository is an open one with its index.
type repository struct {
	*git.Repo
	index    *branchfix.Index // of what is asked about; nil until learn
	all      *branchfix.Index // what was learnt before as well
	lost     int              // commits that could not be read
	keep     keep
	branches []branchfix.Branch
	tags     []branchfix.Tag
}

// open opens the repository. What was learnt of it is read when it is needed.
func open(path string) (*repository, error) {
	repo, err := git.Open(path, git.Limits{})
	if err != nil {
		return nil, err
	}
	return &repository{Repo: repo, keep: newKeep(repo)}, nil
}

// names reads branches and tags. The patterns are of branch names, with * for anything;
// each is looked for among the local branches first, then among the remote ones, whose
// name is then given without the remote. ended are patterns of branches at their end of
// life. An exact name is a pattern, too.
func (r *repository) names(ctx context.Context, patterns, ended []string) error {
	type found struct {
		branchfix.Branch
		pattern int
	}
	var local, remote []found
	at := func(name string) int {
		return slices.IndexFunc(patterns, func(p string) bool { return match(p, name) })
	}
	err := r.Refs(ctx, func(ref git.Ref) {
		if name, ok := strings.CutPrefix(ref.Name, "refs/tags/"); ok {
			r.tags = append(r.tags, branchfix.Tag{Name: name, Commit: ref.Commit})
		} else if name, ok := strings.CutPrefix(ref.Name, "refs/heads/"); ok {
			if i := at(name); i >= 0 {
				local = append(local, found{branchfix.Branch{Name: name, Head: ref.Commit}, i})
			}
		} else if name, ok := strings.CutPrefix(ref.Name, "refs/remotes/"); ok {
			_, short, _ := strings.Cut(name, "/")
			if i := at(short); i >= 0 && short != "HEAD" {
				remote = append(remote, found{branchfix.Branch{Name: short, Head: ref.Commit}, i})
			} else if i := at(name); i >= 0 {
				remote = append(remote, found{branchfix.Branch{Name: name, Head: ref.Commit}, i})
			}
		}
	})
	if err != nil {
		return err
	}
	for _, f := range remote {
		if !slices.ContainsFunc(local, func(l found) bool { return l.Name == f.Name }) {
			local = append(local, f)
		}
	}
	for i, p := range patterns {
		if !slices.ContainsFunc(local, func(f found) bool { return match(p, f.Name) }) {
			return fmt.Errorf("no branch is called %q; `git branch -a` lists them, and * stands for anything", patterns[i])
		}
	}
	slices.SortStableFunc(local, func(a, b found) int { return a.pattern - b.pattern })
	for _, f := range local {
		f.EndOfLife = slices.ContainsFunc(ended, func(p string) bool { return match(p, f.Name) })
		r.branches = append(r.branches, f.Branch)
	}
	return nil
}

// match holds a name against a pattern in which * is any run of characters.
func match(pattern, name string) bool {
	parts := strings.Split(pattern, "*")
	if len(parts) == 1 {
		return pattern == name
	}
	rest, ok := strings.CutPrefix(name, parts[0])
	if !ok {
		return false
	}
	for _, p := range parts[1 : len(parts)-1] {
		i := strings.Index(rest, p)
		if i < 0 {
			return false
		}
		rest = rest[i+len(p):]
	}
	return strings.HasSuffix(rest, parts[len(parts)-1])
}

// learn brings the index up to date with the branches and the commits, and leaves in tags
// those that a branch, or a commit on one, stands for: the others are none of the
// branches' releases. The index then holds what is behind these and nothing else, so that
// an answer does not hang on what was asked before.
func (r *repository) learn(ctx context.Context, commits []branchfix.ID, progress io.Writer) error {
	if r.all == nil {
		r.all = r.keep.index()
	}
	tips := slices.Clone(commits)
	for _, b := range r.branches {
		tips = append(tips, b.Head)
	}
	if err := r.grow(ctx, tips, progress); err != nil {
		return err
	}
	base := r.all.Behind(tips)
	var out []branchfix.Tag
	var beside []branchfix.ID
	for _, t := range r.tags {
		if base.Has(t.Commit) {
			out = append(out, t)
			continue
		}
		c, err := r.Commit(ctx, t.Commit)
		if err != nil || !slices.ContainsFunc(c.Parents, base.Has) {
			continue
		}
		out, beside = append(out, t), append(beside, t.Commit)
	}
	r.tags, r.index = out, base
	if len(beside) == 0 {
		return nil
	}
	if err := r.grow(ctx, beside, progress); err != nil {
		return err
	}
	r.index = r.all.Behind(append(tips, beside...))
	return nil
}

func (r *repository) grow(ctx context.Context, tips []branchfix.ID, progress io.Writer) error {
	if !slices.ContainsFunc(tips, func(id branchfix.ID) bool { return !r.all.Has(id) }) {
		return nil // what is behind an indexed commit is indexed
	}
	shown := false
	lost, err := r.Index(ctx, r.all, tips, func(done, all int) {
		if progress != nil && all > 2000 {
			shown = true
			fmt.Fprintf(progress, "\r\x1b[Kreading commits: %d of %d", done, all)
		}
	})
	if shown {
		fmt.Fprint(progress, "\r\x1b[K")
	}
	if err != nil {
		return err
	}
	if r.lost += lost; lost > 0 && progress != nil {
		fmt.Fprintf(progress, "%d commits could not be read whole; what they change is not known\n", lost)
	}
	return nil
}
