package fixrun

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/spf13/cobra"

	"github.com/tocsin-sec/tocsin/kit/branchfix"
	"github.com/tocsin-sec/tocsin/kit/branchfix/kept"
)

const tryHelp = `Try a fix on every branch, also one that is secret still: patches from files (git
format-patch, a mailbox, git diff or diff -u) become commits in a folder that only you can
read, outside of the repository, and are tried there. The folder is removed afterwards.
Nothing of the patches is written into the repository or into what is kept of it, and
nothing of their text is shown: the parts of the fix are called patch-1, patch-2 and so on.

The patches are put together on the commit that they say they were made on, on HEAD, or on
the first of the branches to which they apply; --base names another commit. States and
output are those of "tocsin fix matrix".

Exit codes: 0 it applies wherever it is to do, 1 somewhere it conflicts, is there in part, or
nobody can tell, 2 wrong call.`

type try struct {
	env                         Env
	series                      series
	introduced, branches, ended []string
	asJSON                      bool
}

func tryCommand(env Env) *cobra.Command {
	t := &try{env: env}
	c := &cobra.Command{
		Use:   "try REPO (--patch FILE… | --fix COMMIT,…) --branches NAME,…",
		Short: "Try a fix, also a secret one from files, on every branch",
		Long:  tryHelp,
		Example: `  tocsin fix try . --branches 'release-*,main' --patch 00*.patch
  tocsin fix try . --branches 'release-*' --patch embargoed.diff --base v1.1.4
  gpg --decrypt fix.mbox.gpg | tocsin fix try . --branches 'stable/*' --patch -
  tocsin fix try . --branches 'release-*' --fix 1a2b3c4d,5e6f7a8b --json`,
		Args: cobra.MinimumNArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			if err := t.series.read(env, c.InOrStdin(), args[1:]); err != nil {
				return err
			}
			return t.run(c.Context(), args[0])
		},
	}
	t.series.flags(c)
	f := c.Flags()
	f.StringVar(&t.series.base, "base", "", "the commit that the patches were made on")
	f.StringSliceVar(&t.introduced, "introduced", nil, "a commit that brought the flaw")
	f.StringSliceVar(&t.branches, "branches", nil, "names of branches, with * for anything")
	f.StringSliceVar(&t.ended, "eol", nil, "names of branches, with * for anything, that nobody fixes any more")
	f.BoolVar(&t.asJSON, "json", false, "print JSON")
	return c
}

func (t *try) run(ctx context.Context, path string) error {
	if len(t.branches) == 0 {
		return t.env.Usage(errors.New("say which branches (--branches 'release-*,main')"))
	}
	r, err := open(path)
	if err != nil {
		return err
	}
	defer r.Close()
	if err := r.names(ctx, t.branches, t.ended); err != nil {
		return err
	}
	fix, err := t.series.commits(ctx, r)
	if err != nil {
		return err
	}
	req := branchfix.Request{Branches: r.branches, Try: true}
	for _, n := range t.introduced {
		id, err := r.Resolve(ctx, n)
		if err != nil {
			return fmt.Errorf("commit %w", err)
		}
		req.Introduced = append(req.Introduced, id)
	}
	bases, err := t.series.bases(ctx, r)
	if err != nil {
		return err
	}
	if err := r.public(ctx, t.env, slices.Concat(fix, req.Introduced, bases)); err != nil {
		return err
	}
	req.Tags = r.tags
	var secret branchfix.Series
	if len(t.series.patches) > 0 {
		if secret, err = t.series.quarantine(ctx, r, bases); err != nil {
			return err
		}
		fix = secret
	}
	req.Fixes = []branchfix.Series{fix}
	out, err := branchfix.Compute(ctx, r.index, r.Repo, req) // the repository itself: nothing is remembered
	if err != nil {
		return err
	}
	hide(out, secret)
	return t.show(r, out)
}

func (t *try) show(r *repository, out *branchfix.Matrix) error {
	if t.asJSON {
		if err := t.env.writeJSON(out); err != nil {
			return err
		}
	} else if err := table(t.env.Out, kept.Answer{Matrix: out, Subjects: r.index.Subjects(out)}); err != nil {
		return err
	}
	for _, b := range out.Branches {
		if !b.State.Settled() && b.State != branchfix.Applies {
			return t.env.Exit(1)
		}
	}
	return nil
}
