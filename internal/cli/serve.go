package cli

import (
	"github.com/spf13/cobra"

	"github.com/tocsin-sec/tocsin/internal/server"
)

// serveCommand runs the server until it is told to stop.
func serveCommand(env Env) *cobra.Command {
	c := &cobra.Command{
		Use:   "serve",
		Short: "Run the server: pages, API, incoming mail, jobs",
		Long: `Run the server until SIGTERM or interrupt. It needs nothing else: the database is a
file in --data, or PostgreSQL with --database. The first start prints a one-time
link for the first administrator.

Every flag can be a variable (TOCSIN_LISTEN) or a key of the --config file;
` + "`tocsin config`" + ` explains each.`,
		Example: `  tocsin serve --demo
  tocsin serve --data /var/lib/tocsin --listen 127.0.0.1:8080 --smtp 127.0.0.1:2525
  tocsin serve --config /etc/tocsin.yaml --site-key-file $CREDENTIALS_DIRECTORY/site.key`,
		Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			cfg, err := settings(c, env.Environ)
			if err != nil {
				return err
			}
			return server.Run(c.Context(), cfg, env.Out, env.Err)
		},
	}
	settingsFlags(c)
	return c
}
