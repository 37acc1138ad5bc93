package cli

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"github.com/tocsin-sec/tocsin/kit/client"
)

// resignLook is how often a run is looked at.
const resignLook = time.Second

// advisoryResign signs everything that a project published anew.
func advisoryResign(env Env) *cobra.Command {
	var project string
	var wait bool
	c := &cobra.Command{
		Use:   "resign --project PROJECT",
		Short: "Sign everything anew that a project published, after a key was changed",
		Long: `Sign everything anew that a project published, by the keys that it has in use: after a
key was added, revoked or replaced. The documents stay as they are; each signature is
there at every moment. The site does it in batches and goes on after a stop; a run that
was given up goes on where it was. Chairs and deputies may.` + remoteHelp,
		Example: "  tocsin advisory resign --project lanterna --wait",
		Args:    cobra.NoArgs,
	}
	r := remoteFlags(c)
	c.Flags().StringVar(&project, "project", "", "short name of the project")
	c.Flags().BoolVar(&wait, "wait", false, "wait until it is done, five minutes at most, and say how far it is")
	_ = c.MarkFlagRequired("project")
	c.RunE = func(c *cobra.Command, _ []string) error {
		return r.call(c, env, func(ctx context.Context, site *client.Client) error {
			run, err := site.Resign(ctx, project)
			if err == nil && wait {
				run, err = resigned(ctx, env, site, project, run)
			}
			if err != nil {
				return err
			}
			if r.asJSON {
				return printJSON(env.Out, run)
			}
			fmt.Fprintf(env.Out, "%s  %d of %d files\n", run.State, run.Done, run.Total)
			if run.State == "failed" {
				return errors.New(plain(printer(env).T(run.Problem)))
			}
			return nil
		})
	}
	return c
}

// resigned looks at the run until it ends.
func resigned(ctx context.Context, env Env, site *client.Client, project string, run client.Resigning) (client.Resigning, error) {
	tick := time.NewTicker(resignLook)
	defer tick.Stop()
	for last := -1; run.State == "running"; {
		if run.Done != last {
			last = run.Done
			fmt.Fprintf(env.Err, "%d of %d files\n", run.Done, run.Total)
		}
		select {
		case <-ctx.Done():
			return run, ctx.Err()
		case <-tick.C:
		}
		var err error
		if run, err = site.ResignState(ctx, project); err != nil {
			return run, err
		}
	}
	return run, nil
}
