package cli

import (
	"context"
	"strings"

	"github.com/spf13/cobra"

	"github.com/tocsin-sec/tocsin/kit/client"
)

// cveCommand is work with CVE ids over HTTP.
func cveCommand(env Env) *cobra.Command {
	c := &cobra.Command{Use: "cve", Short: "CVE ids over HTTP: show, take, enter, pool", Long: "Get CVE ids for the cases that you may see." + remoteHelp}
	act := client.CVEAct{}
	for _, x := range []struct{ do, use, short, example string }{
		{"", "show CASE", "Show the CVE ids of a case", "  tocsin cve show 01JD3Z6Q6B7V0T3N9M4K2R8XWC --json"},
		{"take", "take CASE", "Take an id from the project's pool", "  tocsin cve take 01JD3Z6Q6B7V0T3N9M4K2R8XWC"},
		{"enter", "enter CASE CVE", "Enter an id that somebody has assigned", "  tocsin cve enter 01JD3Z6Q6B7V0T3N9M4K2R8XWC CVE-2026-12345 --by 'Red Hat'"},
	} {
		one := &cobra.Command{Use: x.use, Short: x.short, Long: x.short + "." + remoteHelp, Example: x.example, Args: cobra.ExactArgs(1)}
		if x.do == "enter" {
			one.Args = cobra.ExactArgs(2)
			one.Flags().StringVar(&act.AssignedBy, "by", "", "who assigned it")
			one.Flags().StringVar(&act.Number, "request", "", "the request that it answers, as show prints it")
			one.Flags().BoolVar(&act.Another, "another", false, "the case has an id and needs another on purpose")
		}
		r := remoteFlags(one)
		one.RunE = func(c *cobra.Command, args []string) error {
			return r.call(c, env, func(ctx context.Context, site *client.Client) error {
				act.Do, act.CVE = x.do, strings.Join(args[1:], "")
				list, err := site.CVEAct(ctx, args[0], act)
				if err != nil {
					return err
				}
				return show(env.Out, r.asJSON, list, "CVE\tSTATE\tASSIGNED BY\tNUMBER", func(n client.CVENumber) string { return cells(n.CVE, n.State, n.AssignedBy, n.Number) })
			})
		}
		c.AddCommand(one)
	}
	c.AddCommand(upkept(env).Pools())
	return c
}
