package cli

import (
	"context"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/tocsin-sec/tocsin/kit/client"
)

// advisoryResign signs everything that a project published anew.
func advisoryResign(env Env) *cobra.Command {
	var project string
	var status bool
	c := &cobra.Command{
		Use:   "resign --project PROJECT",
		Short: "Sign everything anew that a project published, after a key was changed",
		Long: `Sign everything anew that a project published, by the keys that it has in use: after a
key was added, revoked or replaced. The documents stay as they are; each signature is
there at every moment. The site does it in batches and goes on after a stop; --status says
how far it is. A run that was given up goes on where it was. Chairs and deputies may.` + remoteHelp,
		Example: "  tocsin advisory resign --project lanterna\n  tocsin advisory resign --project lanterna --status",
		Args:    cobra.NoArgs,
	}
	r := remoteFlags(c)
	projectFlag(c, &project)
	c.Flags().BoolVar(&status, "status", false, "only say how far the newest run is")
	c.RunE = func(c *cobra.Command, _ []string) error {
		return r.call(c, env, func(ctx context.Context, site *client.Client) error {
			ask := site.Resign
			if status {
				ask = site.ResignState
			}
			run, err := ask(ctx, project)
			if err != nil {
				return err
			}
			if r.asJSON {
				return printJSON(env.Out, run)
			}
			_, err = fmt.Fprintf(env.Out, "%s  %d of %d files  %s\n", run.State, run.Done, run.Total, run.Problem)
			return err
		})
	}
	return c
}
