package git

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"strings"

	"github.com/tocsin-sec/tocsin/kit/branchfix"
)

// Ref is a name and the commit it means in the end.
type Ref struct {
	Name   string // "refs/heads/main"
	Commit branchfix.ID
}

// Refs gives every branch, remote branch and tag that means a commit to keep, in the order
// of their names.
func (r *Repo) Refs(ctx context.Context, keep func(Ref)) error {
	return r.stream(ctx, r.dir, nil, func(out io.Reader) error {
		s := bufio.NewScanner(out)
		for n := 0; s.Scan(); n++ {
			if n >= r.limits.Refs {
				return fmt.Errorf("more than %d names of branches and tags: %w", r.limits.Refs, ErrTooBig)
			}
			f := strings.SplitN(s.Text(), " ", 5)
			if len(f) != 5 {
				return fmt.Errorf("git for-each-ref: %.100q is not understood", s.Text())
			}
			switch {
			case f[0] == "commit":
				keep(Ref{Name: f[4], Commit: branchfix.ID(f[1])})
			case f[2] == "commit":
				keep(Ref{Name: f[4], Commit: branchfix.ID(f[3])})
			}
		}
		return s.Err()
	}, "for-each-ref", "--format=%(objecttype) %(objectname) %(*objecttype) %(*objectname) %(refname)", "refs/heads", "refs/remotes", "refs/tags")
}

// Link is a commit with its parents.
type Link struct {
	ID      branchfix.ID
	Parents []branchfix.ID
}

// History gives the tips and everything behind them, newest first, without what is
// behind known. At the edge of a shallow clone it ends.
func (r *Repo) History(ctx context.Context, tips, known []branchfix.ID, each func(Link) error) error {
	var in strings.Builder
	for _, t := range tips {
		in.WriteString(string(t) + "\n")
	}
	for _, k := range known {
		in.WriteString("^" + string(k) + "\n")
	}
	return r.stream(ctx, r.view, strings.NewReader(in.String()), func(out io.Reader) error {
		s := bufio.NewScanner(out)
		s.Buffer(nil, 4<<20) // a merge of many thousand parents
		for n := 0; s.Scan(); n++ {
			if n >= r.limits.Commits {
				return fmt.Errorf("more than %d commits: %w", r.limits.Commits, ErrTooBig)
			}
			f := strings.Fields(s.Text())
			if len(f) == 0 {
				continue
			}
			l := Link{ID: branchfix.ID(f[0])}
			for _, p := range f[1:] {
				l.Parents = append(l.Parents, branchfix.ID(p))
			}
			if err := each(l); err != nil {
				return err
			}
		}
		return s.Err()
	}, "rev-list", "--parents", "--ignore-missing", "--stdin")
}
