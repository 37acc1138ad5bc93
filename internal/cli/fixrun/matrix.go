package fixrun

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"

	"github.com/tocsin-sec/tocsin/internal/platform/git"
	"github.com/tocsin-sec/tocsin/kit/branchfix"
	"github.com/tocsin-sec/tocsin/kit/branchfix/kept"
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

// writeJSON writes a value for programs.
func (e Env) writeJSON(v any) error {
	raw, err := json.MarshalIndent(v, "", "  ")
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(e.Out, "%s\n", raw)
	return err
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
	c.AddCommand(matrixCommand(env), tryCommand(env), watchCommand(env))
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
	answers := r.keep.answers()
	out, err := m.answer(ctx, r, answers)
	if err != nil {
		return err
	}
	// What is kept is a convenience: that it cannot be must not hide the answer. And a
	// repository with objects missing may be mended.
	if r.lost == 0 {
		if err := r.keep.save(r.all, answers); err != nil {
			fmt.Fprintf(m.env.Err, "what was learnt of the repository is not kept: %s\n", err)
		}
	}
	if err := m.show(out); err != nil {
		return err
	}
	for _, b := range out.Matrix.Branches {
		if m.fail && !b.State.Settled() {
			return m.env.Exit(1)
		}
	}
	return nil
}

// answer gives the matrix: the kept one, if the same was asked of the same commits.
func (m *matrix) answer(ctx context.Context, r *repository, answers *kept.Store) (kept.Answer, error) {
	req, named, err := m.request(ctx, r)
	if err != nil {
		return kept.Answer{}, err
	}
	tool := git.Tool()
	key, err := kept.Question{Tool: tool, Edges: r.Edges(), CVEs: m.cves, Request: req}.Key()
	if err != nil {
		return kept.Answer{}, err
	}
	if a, ok := answers.Get(key); ok {
		return a, nil
	}
	if err := r.learn(ctx, named, m.env.Progress); err != nil {
		return kept.Answer{}, err
	}
	req.Tags = r.tags
	for _, cve := range m.cves {
		series := r.index.Naming(cve)
		if len(series) == 0 {
			return kept.Answer{}, fmt.Errorf("no commit of these branches names %s; give the fix with --fix", cve)
		}
		req.Fixes = append(req.Fixes, series)
	}
	a := kept.Answer{}
	if a.Matrix, err = branchfix.Compute(ctx, r.index, answers.Repo(r, tool), req); err != nil {
		return a, err
	}
	a.Subjects = r.index.Subjects(a.Matrix)
	if r.lost == 0 {
		answers.Put(key, a)
	}
	return a, nil
}

// request resolves the names; named are the commits among them.
func (m *matrix) request(ctx context.Context, r *repository) (req branchfix.Request, named []branchfix.ID, err error) {
	req = branchfix.Request{Branches: r.branches, Tags: r.tags, Try: !m.noTrial}
	var names []string
	for _, f := range m.fixes {
		names = append(names, strings.Split(f, ",")...)
	}
	names = append(names, m.introduced...)
	for i, n := range names {
		names[i] = strings.TrimSpace(n)
	}
	if len(names) == 0 {
		return req, nil, nil
	}
	if named, err = r.ResolveAll(ctx, names); err != nil {
		return req, nil, fmt.Errorf("commit %w", err)
	}
	left := named
	for _, f := range m.fixes {
		n := strings.Count(f, ",") + 1
		req.Fixes, left = append(req.Fixes, left[:n:n]), left[n:]
	}
	req.Introduced = left
	return req, named, nil
}

// show prints the matrix as asked for.
func (m *matrix) show(a kept.Answer) error {
	out := a.Matrix
	switch {
	case m.asJSON:
		return m.env.writeJSON(out)
	case m.asSVG:
		return show.SVG(m.env.Out, out)
	case m.asHTML:
		return show.HTML(m.env.Out, out, show.Page{Subject: func(id branchfix.ID) string { return a.Subjects[id] }})
	}
	return table(m.env.Out, a)
}
