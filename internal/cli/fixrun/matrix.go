package fixrun

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"

	"github.com/tocsin-sec/tocsin/kit/branchfix"
	"github.com/tocsin-sec/tocsin/kit/branchfix/show"
)

// Env is where a command reads and writes.
type Env struct {
	Out, Err io.Writer
	Progress io.Writer // nil: none is shown
	// Usage marks an error as one of the call.
	Usage func(error) error
	// Exit ends the program with a code that was explained already.
	Exit func(int) error
}

// matrix holds the flags of `tocsin fix matrix`.
type matrix struct {
	env                                  Env
	fixes, introduced, cves, branches    []string
	ended                                []string
	asJSON, asSVG, asHTML, noTrial, fail bool
}

// Command is `tocsin fix`.
func Command(env Env) *cobra.Command {
	c := &cobra.Command{
		Use:   "fix",
		Short: "Which branch has a fix, and where it is still to do",
		Long:  help,
	}
	c.AddCommand(matrixCommand(env))
	return c
}

func matrixCommand(env Env) *cobra.Command {
	m := &matrix{env: env}
	c := &cobra.Command{
		Use:   "matrix REPO",
		Short: "Show for each branch whether it is affected, fixed or to do",
		Long:  matrixHelp,
		Example: `  tocsin fix matrix . --fix 1a2b3c4d --branches 'release-*,main'
  tocsin fix matrix . --fix 1a2b3c4d,5e6f7a8b --introduced 9c0d1e2f --branches 'stable/*,master'
  tocsin fix matrix ~/src/runc --cve CVE-2024-21626 --branches 'release-*,main'
  tocsin fix matrix . --fix HEAD --branches '*' --eol 'release-1.0' --html > matrix.html
  tocsin fix matrix . --fix HEAD --branches 'release-*' --json | jq '.branches[] | {name, state}'`,
		Args: cobra.ExactArgs(1),
		RunE: func(c *cobra.Command, args []string) error { return m.run(c.Context(), args[0]) },
	}
	f := c.Flags()
	f.StringArrayVar(&m.fixes, "fix", nil, "a commit, or with commas the ordered commits of one fix; repeat it for several flaws")
	f.StringSliceVar(&m.introduced, "introduced", nil, "a commit that brought the flaw")
	f.StringArrayVar(&m.cves, "cve", nil, "take the fixes from the commits that name this CVE id")
	f.StringSliceVar(&m.branches, "branches", nil, "names of branches, with * for anything")
	f.StringSliceVar(&m.ended, "eol", nil, "names of branches, with * for anything, that nobody fixes any more")
	f.BoolVar(&m.asJSON, "json", false, "print JSON")
	f.BoolVar(&m.asSVG, "svg", false, "print a picture")
	f.BoolVar(&m.asHTML, "html", false, "print a page with the picture and the evidence")
	f.BoolVar(&m.noTrial, "no-trial", false, "do not try whether the fix applies")
	f.BoolVar(&m.fail, "fail", false, "exit with 1 while a branch is not settled")
	c.MarkFlagsMutuallyExclusive("json", "svg", "html")
	return c
}

func (m *matrix) run(ctx context.Context, path string) error {
	if len(m.fixes)+len(m.cves) == 0 || len(m.branches) == 0 {
		return m.env.Usage(errors.New("say which fix (--fix COMMIT or --cve CVE-…) and which branches (--branches 'release-*,main')"))
	}
	r, err := open(path)
	if err != nil {
		return err
	}
	defer r.Close()
	if err := r.names(ctx, m.branches, m.ended); err != nil {
		return err
	}
	req, err := m.request(ctx, r)
	if err != nil {
		return err
	}
	out, err := branchfix.Compute(ctx, r.index, r, req)
	if err != nil {
		return err
	}
	// The index is a convenience: that it cannot be kept must not hide the answer.
	if err := r.save(); err != nil {
		fmt.Fprintf(m.env.Err, "the index is not kept: %s\n", err)
	}
	if err := m.show(r, out); err != nil {
		return err
	}
	for _, b := range out.Branches {
		if m.fail && !b.State.Settled() {
			return m.env.Exit(1)
		}
	}
	return nil
}

// request resolves the names and brings the index up to date.
func (m *matrix) request(ctx context.Context, r *repository) (branchfix.Request, error) {
	req := branchfix.Request{Branches: r.branches, Try: !m.noTrial}
	var all []branchfix.ID
	resolve := func(names []string) (out []branchfix.ID, err error) {
		for _, n := range names {
			id, err := r.Resolve(ctx, strings.TrimSpace(n))
			if err != nil {
				return nil, fmt.Errorf("commit %w", err)
			}
			out = append(out, id)
		}
		all = append(all, out...)
		return out, nil
	}
	for _, f := range m.fixes {
		ids, err := resolve(strings.Split(f, ","))
		if err != nil {
			return req, err
		}
		req.Fixes = append(req.Fixes, ids)
	}
	var err error
	if req.Introduced, err = resolve(m.introduced); err != nil {
		return req, err
	}
	if err := r.grow(ctx, all, m.env.Progress); err != nil {
		return req, err
	}
	if err := r.tagsBehind(ctx); err != nil {
		return req, err
	}
	req.Tags = r.tags
	for _, cve := range m.cves {
		series := r.index.Naming(cve)
		if len(series) == 0 {
			return req, fmt.Errorf("no commit of these branches names %s; give the fix with --fix", cve)
		}
		req.Fixes = append(req.Fixes, series)
	}
	return req, nil
}

// show prints the matrix as asked for.
func (m *matrix) show(r *repository, out *branchfix.Matrix) error {
	switch {
	case m.asJSON:
		raw, err := json.MarshalIndent(out, "", "  ")
		if err != nil {
			return err
		}
		_, err = fmt.Fprintf(m.env.Out, "%s\n", raw)
		return err
	case m.asSVG:
		return show.SVG(m.env.Out, out)
	case m.asHTML:
		return show.HTML(m.env.Out, out, show.Page{Subject: func(id branchfix.ID) string {
			if c := r.index.Get(id); c != nil {
				return c.Subject
			}
			return ""
		}})
	}
	return table(m.env.Out, r.index, out)
}
