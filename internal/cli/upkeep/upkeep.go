// Package upkeep is the commands that look after a site over HTTP: its signatures and its
// pools of CVE ids. How a command reaches the site is cli's, as Remote.
package upkeep

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"github.com/tocsin-sec/tocsin/internal/cli/checkrun"
	"github.com/tocsin-sec/tocsin/kit/client"
)

// Remote makes one call, or several, to the site that the flags of a command name.
type Remote func(c *cobra.Command, f func(context.Context, *client.Client) error) error

// Site makes the commands.
type Site struct {
	Out, Err io.Writer
	Help     string                                     // that of every command that speaks to a site
	Flags    func(*cobra.Command) (Remote, *bool)       // adds the flags; the second is --json
	Text     func(key string, args ...any) string       // of the catalogue
	Wait     func(context.Context, time.Duration) error // nil: the clock
}

// every is how long --wait waits between two questions.
const every = 2 * time.Second

func (s Site) json(v any) error {
	e := json.NewEncoder(s.Out)
	e.SetIndent("", "  ")
	e.SetEscapeHTML(false)
	return e.Encode(v)
}

// Resign is the command that signs everything anew; within is the command above it.
func (s Site) Resign(within string) *cobra.Command {
	var project string
	var status, wait bool
	c := &cobra.Command{
		Use:   "resign --project PROJECT",
		Short: "Sign everything anew that a project published, after a key was changed",
		Long: `Sign everything anew that a project published, by the keys that it has in use: after a
key was added, revoked or replaced. The documents stay as they are; each signature is
there at every moment. The site does it in batches and goes on after a stop; --status says
how far it is. --wait waits until every signature is new, also of a run that somebody
else began, and fails when it is given up; to interrupt it ends the waiting alone. A run
that was given up goes on where it was. Chairs and deputies may.` + s.Help,
		Example: "  tocsin " + within + " resign --project lanterna --wait\n  tocsin " + within + " resign --project lanterna --status",
		Args:    cobra.NoArgs,
	}
	remote, asJSON := s.Flags(c)
	c.Flags().StringVar(&project, "project", "", "short name of the project")
	_ = c.MarkFlagRequired("project")
	c.Flags().BoolVar(&status, "status", false, "only say how far the newest run is")
	c.Flags().BoolVar(&wait, "wait", false, "wait until the run has ended")
	c.MarkFlagsMutuallyExclusive("status", "wait")
	c.RunE = func(c *cobra.Command, _ []string) error {
		var run client.Resigning
		ask := func(f func(context.Context, *client.Client) (client.Resigning, error)) error {
			return remote(c, func(ctx context.Context, site *client.Client) (err error) {
				run, err = f(ctx, site)
				return err
			})
		}
		state := func(ctx context.Context, site *client.Client) (client.Resigning, error) {
			return site.ResignState(ctx, project)
		}
		first := state
		if !status {
			first = func(ctx context.Context, site *client.Client) (client.Resigning, error) {
				out, err := site.Resign(ctx, project)
				var e *client.Error
				if wait && errors.As(err, &e) && e.Status == http.StatusConflict {
					return site.ResignState(ctx, project) // one is running: wait for that
				}
				return out, err
			}
		}
		if err := ask(first); err != nil {
			return err
		}
		for told := -1; wait && run.State == "running"; {
			if run.Done != told {
				told = run.Done
				fmt.Fprintf(s.Err, "%d of %d files\n", run.Done, run.Total)
			}
			if err := s.pause(c.Context()); err != nil {
				return err
			}
			if err := ask(state); err != nil {
				return err
			}
		}
		return s.ended(run, *asJSON, wait)
	}
	return c
}

// ended prints a run; one that is waited for and was given up is an error.
func (s Site) ended(run client.Resigning, asJSON, wait bool) error {
	problem := ""
	if run.Problem != "" {
		problem = s.Text(run.Problem)
	}
	var err error
	if asJSON {
		err = s.json(run)
	} else {
		_, err = fmt.Fprintf(s.Out, "%s  %d of %d files  %s\n", run.State, run.Done, run.Total, checkrun.Safe(problem))
	}
	if err == nil && wait && run.State != "done" {
		err = fmt.Errorf("not every signature is new: the run is %s %s", run.State, checkrun.Safe(problem))
	}
	return err
}

func (s Site) pause(ctx context.Context) error {
	if s.Wait != nil {
		return s.Wait(ctx, every)
	}
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-time.After(every):
		return nil
	}
}

// Pool is how a project's pool of CVE ids stands, as `tocsin cve pool --json` prints it.
type Pool struct {
	Project   string     `json:"project"`
	Org       string     `json:"org"`       // the CNA
	Free      int        `json:"free"`      // reserved, and in no case
	Used      int        `json:"used"`      // reserved at the CVE Services and not free: taken, and no record is published yet
	Low       int        `json:"low"`       // below it the pool is filled up
	Fill      int        `json:"fill"`      // up to this
	Quota     int        `json:"quota"`     // reserved ids that the CNA may have at a time
	Available int        `json:"available"` // of these
	Checked   *time.Time `json:"checked"`   // when the CVE Services were asked
	Problem   string     `json:"problem"`   // catalogue key of the last failure
	Said      string     `json:"said"`      // the same for people
	Numbers   []string   `json:"numbers"`   // the free ones
}

// Pools is the command that shows the pools of reserved CVE ids.
func (s Site) Pools() *cobra.Command {
	var project string
	c := &cobra.Command{
		Use:   "pool",
		Short: "Show the pools of reserved CVE ids of the projects that you lead and that are a CNA",
		Long: `Show the pool of reserved CVE ids of each project that is a CNA and that you lead: FREE are
in no case, USED are taken and no record of them is published yet, as the CVE Services said
when they were asked last. Below LOW the pool is filled up.` + s.Help,
		Example: "  tocsin cve pool\n  tocsin cve pool --project lanterna --json",
		Args:    cobra.NoArgs,
	}
	remote, asJSON := s.Flags(c)
	c.Flags().StringVar(&project, "project", "", "short name of one project")
	c.RunE = func(c *cobra.Command, _ []string) error {
		list := []Pool{}
		err := remote(c, func(ctx context.Context, site *client.Client) error {
			slugs := []string{project}
			if project == "" {
				all, err := site.Projects(ctx)
				if err != nil {
					return err
				}
				slugs = nil
				for _, p := range all {
					slugs = append(slugs, p.Slug)
				}
			}
			for _, slug := range slugs {
				p, err := site.CVEPool(ctx, slug)
				var e *client.Error
				if project == "" && errors.As(err, &e) && e.Status == http.StatusNotFound {
					continue // a project that one does not lead
				}
				if err != nil {
					return err
				}
				if p.CNA {
					list = append(list, s.pool(slug, p))
				}
			}
			return nil
		})
		if err != nil {
			return err
		}
		if *asJSON {
			return s.json(list)
		}
		return s.table(list)
	}
	return c
}

func (s Site) pool(slug string, p client.CVEPool) Pool {
	out := Pool{Project: slug, Org: p.Org, Free: len(p.Free), Low: p.Low, Fill: p.Fill, Quota: p.Quota, Available: p.Available, Checked: p.Checked, Problem: p.Problem, Numbers: []string{}}
	if p.Checked != nil {
		out.Used = max(0, p.Quota-p.Available-len(p.Free))
	}
	if p.Problem != "" {
		out.Said = s.Text(p.Problem)
	}
	for _, n := range p.Free {
		out.Numbers = append(out.Numbers, n.CVE)
	}
	return out
}

func (s Site) table(list []Pool) error {
	t := tabwriter.NewWriter(s.Out, 0, 8, 2, ' ', 0)
	fmt.Fprintln(t, "PROJECT\tCNA\tFREE\tUSED\tLOW\tQUOTA LEFT\tASKED\tPROBLEM")
	for _, p := range list {
		asked := "-"
		if p.Checked != nil {
			asked = p.Checked.UTC().Format("2006-01-02 15:04 MST")
		}
		fmt.Fprintf(t, "%s\t%s\t%d\t%d\t%d\t%d of %d\t%s\t%s\n", checkrun.Safe(p.Project), checkrun.Safe(p.Org), p.Free, p.Used, p.Low, p.Available, p.Quota, asked, checkrun.Safe(p.Said))
	}
	return t.Flush()
}
