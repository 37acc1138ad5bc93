package fixrun

import (
	"context"
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"

	"github.com/tocsin-sec/tocsin/internal/cli/checkrun"
	"github.com/tocsin-sec/tocsin/internal/platform/git"
	"github.com/tocsin-sec/tocsin/kit/branchfix"
)

const watchHelp = `Look whether a fix that is secret still has become public: every public commit is
compared with it, by its diff (whole, or as lines within a bigger commit, under whatever
name), by its author and date, and by what the messages say, CVE ids among it. Run it after each fetch.

Public are the remote branches and the tags; in a repository without remotes its branches
and tags; or what --branches names. Commits that were not there when the repository was
looked at last are marked as new; --since leaves out what is behind a commit or a tag.
The patches stay in memory, nothing of them is kept or shown.

Exit codes: 0 nothing was found, 1 something was (also what a person has to confirm, which
is marked with a question mark), 2 wrong call.`

type watch struct {
	env      Env
	series   series
	branches []string
	since    string
	asJSON   bool
}

func watchCommand(env Env) *cobra.Command {
	w := &watch{env: env}
	c := &cobra.Command{
		Use:   "watch REPO (--patch FILE… | --fix COMMIT,…)",
		Short: "Look whether a secret fix has become public",
		Long:  watchHelp,
		Example: `  git fetch --all && tocsin fix watch . --patch 00*.patch
  tocsin fix watch . --patch embargoed.diff --since v1.1.4 --json
  tocsin fix watch . --fix private-branch --branches 'origin/*'`,
		Args: cobra.MinimumNArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			if err := w.series.read(env, c.InOrStdin(), args[1:]); err != nil {
				return err
			}
			return w.run(c.Context(), args[0])
		},
	}
	w.series.flags(c)
	f := c.Flags()
	f.StringSliceVar(&w.branches, "branches", nil, "names of public branches, with * for anything")
	f.StringVar(&w.since, "since", "", "leave out this commit or tag and what is behind it")
	f.BoolVar(&w.asJSON, "json", false, "print JSON")
	return c
}

func (w *watch) run(ctx context.Context, path string) error {
	r, err := open(path)
	if err != nil {
		return err
	}
	defer r.Close()
	secret, err := w.secret(ctx, r)
	if err != nil {
		return err
	}
	var since []branchfix.ID
	if w.since != "" {
		id, err := r.Resolve(ctx, w.since)
		if err != nil {
			return fmt.Errorf("--since %w", err)
		}
		since = append(since, id)
	}
	tips, err := w.tips(ctx, r)
	if err != nil {
		return err
	}
	known, err := r.growPublic(ctx, w.env, append(tips, since...))
	if err != nil {
		return err
	}
	fresh := func(id branchfix.ID) bool { return known != nil && !known(id) }
	found, lost, err := r.index.Leaks(ctx, r.Repo, tips, since, fresh, secret)
	if err != nil {
		return err
	}
	if lost > 0 {
		fmt.Fprintf(w.env.Err, "%d commits could not be read and were not compared whole\n", lost)
	}
	if err := w.show(found); err != nil {
		return err
	}
	if len(found) > 0 {
		return w.env.Exit(1)
	}
	return nil
}

// tips are the heads of what is public.
func (w *watch) tips(ctx context.Context, r *repository) ([]branchfix.ID, error) {
	var out []branchfix.ID
	if w.branches != nil {
		if err := r.names(ctx, w.branches, nil); err != nil {
			return nil, err
		}
		for _, b := range r.branches {
			out = append(out, b.Head)
		}
		return out, nil
	}
	var local []branchfix.ID
	remote := false
	err := r.Refs(ctx, func(ref git.Ref) {
		switch {
		case strings.HasPrefix(ref.Name, "refs/heads/"):
			local = append(local, ref.Commit)
		case strings.HasPrefix(ref.Name, "refs/remotes/"):
			remote = true
			out = append(out, ref.Commit)
		default:
			out = append(out, ref.Commit)
		}
	})
	if !remote {
		out = append(out, local...)
	}
	return out, err
}

// secret reads the series.
func (w *watch) secret(ctx context.Context, r *repository) (out []branchfix.Secret, err error) {
	for _, m := range w.series.patches {
		out = append(out, branchfix.Secret{Author: m.Author, When: m.When, Message: m.Message, Patch: m.Patch})
	}
	ids, err := w.series.commits(ctx, r)
	if err != nil {
		return nil, err
	}
	for _, id := range ids {
		c, err := r.Commit(ctx, id)
		if err != nil {
			return nil, err
		}
		p, err := r.Patch(ctx, id)
		if err != nil {
			return nil, err
		}
		out = append(out, branchfix.Secret{ID: id, Author: c.Author, When: c.When, Message: c.Message, Patch: p})
	}
	return out, nil
}

func (w *watch) show(found []branchfix.Leak) error {
	if w.asJSON {
		if found == nil {
			found = []branchfix.Leak{}
		}
		return w.env.writeJSON(map[string]any{"leaks": found})
	}
	if len(found) == 0 {
		_, err := fmt.Fprintln(w.env.Out, "No public commit looks like it.")
		return err
	}
	for _, l := range found {
		if err := leak(w.env.Out, l); err != nil {
			return err
		}
	}
	return nil
}

// leak writes one for people. The subject is a public commit's: it may repeat a secret
// one, which then is no secret any more.
func leak(w io.Writer, l branchfix.Leak) error {
	var why []string
	for _, e := range l.Evidence {
		why = append(why, fmt.Sprintf("%s %.2f", e.Kind, e.Weight))
	}
	mark, fresh := "", ""
	if l.Weight < branchfix.Sure {
		mark = " ?"
	}
	if l.New {
		fresh = ", new"
	}
	_, err := fmt.Fprintf(w, "%s looks like patch %d%s (%s%s)\n    %s\n", l.Commit.Short(), l.Part, mark, strings.Join(why, ", "), fresh, checkrun.Safe(l.Subject))
	return err
}
