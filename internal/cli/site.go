package cli

import (
	"context"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/tocsin-sec/tocsin/internal/cli/siterun"
	"github.com/tocsin-sec/tocsin/internal/server"
)

// siteCommand works on the published tree.
func siteCommand(env Env) *cobra.Command {
	c := &cobra.Command{Use: "site", Short: "Export what is published, say what changed, who reads AMBER and RED, sign anew"}
	readers := siterun.Readers{Out: env.Out, Settings: settingsFlags, Open: func(c *cobra.Command, f func(context.Context, siterun.Site) error) error {
		return withServices(c, env, func(ctx context.Context, s *server.Store, a *server.Services) error {
			return f(ctx, siterun.Site{Readers: a.Readers, Project: siterun.BySlug(s.Work, server.Operator(), a.Directory.ProjectBySlug)})
		})
	}}
	c.AddCommand(siteExport(env), siteChanged(env), readers.Command(), upkept(env).Resign("site"))
	return c
}

func siteExport(env Env) *cobra.Command {
	var prune bool
	c := &cobra.Command{
		Use:   "export DIR",
		Short: "Write the published files to a folder that any web server can serve",
		Long: `Write the public site to DIR, as it is at one moment: advisories, CSAF, feeds, keys,
security.txt, and the pages around them (home, how to report, policy, team) with relative
links, so that any web server serves the copy below any folder. What needs the server
(the form, signing in) leads to --url. The pages are in the first project's language. Files that did not change are not touched. The others are written beside their
place and moved there when all are whole; the indexes and feeds come last, so that nothing
is named before it is there. With --prune files in DIR that are not published are removed.`,
		Example: `  tocsin site export /srv/www/security
  tocsin site export --prune /srv/www/security && rsync -a --delete /srv/www/security/ mirror:/srv/www/`,
		Args: cobra.ExactArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			return withServices(c, env, func(ctx context.Context, s *server.Store, a *server.Services) error {
				done, err := server.ExportSite(ctx, s, a, args[0], prune)
				if err != nil {
					return err
				}
				_, err = fmt.Fprintf(env.Out, "%d files: %d written, %d unchanged, %d removed, %d not published\n", done.Files, done.Written, done.Files-done.Written, done.Removed, done.Foreign)
				return err
			})
		},
	}
	c.Flags().BoolVar(&prune, "prune", false, "remove files from DIR that are not published")
	settingsFlags(c)
	return c
}
