package cli

import (
	"context"

	"github.com/spf13/cobra"

	"github.com/tocsin-sec/tocsin/internal/cli/siterun"
	"github.com/tocsin-sec/tocsin/internal/server"
)

// siteChanged prints the addresses that a cache has to forget.
func siteChanged(env Env) *cobra.Command {
	var what siterun.Changed
	c := &cobra.Command{
		Use:   "changed",
		Short: "Print the addresses whose content changed, for a cache to forget",
		Long: `Print the addresses that were written, replaced or removed after a generation of the
published site, one a line. Each publication makes one generation. With --state the
generation is read from a file and the newest one written to it afterwards, so that the
next call prints what changed since this one. What is of TLP:AMBER or RED is never printed:
no cache may keep it.`,
		Example: `  tocsin site changed --since 41
  tocsin site changed --state /var/lib/tocsin/purged | xargs -r -n 30 purge-cdn`,
		Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			return withStore(c, env, func(ctx context.Context, s *server.Store) error {
				return what.Run(ctx, s.Work, s.Config.URL, env.Out)
			})
		},
	}
	c.Flags().Int64Var(&what.Since, "since", 0, "generation after which changes count; 0 for all")
	c.Flags().StringVar(&what.State, "state", "", "file that keeps the generation between calls")
	c.Flags().BoolVar(&what.JSON, "json", false, "print generation and addresses as JSON")
	settingsFlags(c)
	return c
}
