package fixrun

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/tocsin-sec/tocsin/internal/platform/git"
	"github.com/tocsin-sec/tocsin/kit/branchfix"
)

// repository is an open one with its index.
type repository struct {
	*git.Repo
	index    *branchfix.Index
	file     string // where the index is kept
	kept     int    // commits of it
	branches []branchfix.Branch
	tags     []branchfix.Tag
}

// open opens the repository and reads the index that was kept of it.
func open(path string) (*repository, error) {
	repo, err := git.Open(path, git.Limits{})
	if err != nil {
		return nil, err
	}
	r := &repository{Repo: repo, index: branchfix.NewIndex()}
	if cache, err := os.UserCacheDir(); err == nil {
		name := sha256.Sum256([]byte(repo.Folder()))
		r.file = filepath.Join(cache, "tocsin", "fix", hex.EncodeToString(name[:12])+".index")
		if data, err := os.ReadFile(r.file); err == nil {
			if x, err := branchfix.ReadIndex(data); err == nil {
				r.index, r.kept = x, x.Len()
			}
		}
	}
	return r, nil
}

// save keeps the index for the next time, if it has grown: beside, then in place of the
// old one.
func (r *repository) save() error {
	if r.file == "" || r.index.Len() == r.kept {
		return nil
	}
	if err := os.MkdirAll(filepath.Dir(r.file), 0o700); err != nil {
		return err
	}
	f, err := os.CreateTemp(filepath.Dir(r.file), ".new-*")
	if err != nil {
		return err
	}
	_, err = r.index.WriteTo(f)
	if err = errors.Join(err, f.Close()); err == nil {
		err = os.Rename(f.Name(), r.file)
	}
	if err != nil {
		return errors.Join(err, os.Remove(f.Name()))
	}
	return nil
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

// grow brings the index up to date with the branches and the commits.
func (r *repository) grow(ctx context.Context, commits []branchfix.ID, progress io.Writer) error {
	tips := slices.Clone(commits)
	for _, b := range r.branches {
		tips = append(tips, b.Head)
	}
	shown := false
	lost, err := r.Index(ctx, r.index, tips, func(done, all int) {
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
	if lost > 0 && progress != nil {
		fmt.Fprintf(progress, "%d commits could not be read whole; what they change is not known\n", lost)
	}
	return nil
}

// tagsBehind brings in the tags that a branch, or a commit on one, stands for: the others
// are none of the branches' releases.
func (r *repository) tagsBehind(ctx context.Context) error {
	var out []branchfix.Tag
	var beside []branchfix.ID
	for _, t := range r.tags {
		if r.index.Has(t.Commit) {
			out = append(out, t)
			continue
		}
		c, err := r.Commit(ctx, t.Commit)
		if err != nil || !slices.ContainsFunc(c.Parents, r.index.Has) {
			continue
		}
		out, beside = append(out, t), append(beside, t.Commit)
	}
	r.tags = out
	_, err := r.Index(ctx, r.index, beside, nil)
	return err
}
