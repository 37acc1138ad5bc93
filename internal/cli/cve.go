package cli

import (
	"context"

	"github.com/spf13/cobra"

	"github.com/tocsin-sec/tocsin/kit/client"
)

// cveCommand is work with CVE ids over HTTP.
func cveCommand(env Env) *cobra.Command {
	c := &cobra.Command{Use: "cve", Short: "CVE ids over HTTP: show, take, enter", Long: "Get CVE ids for the cases that you may see." + remoteHelp}
	var another bool
	take := cveAct(env, "take CASE", "Take an id from the project's pool", "  tocsin cve take 01JD3Z6Q6B7V0T3N9M4K2R8XWC", 1,
		func([]string) client.CVEAct { return client.CVEAct{Do: "take", Another: another} })
	take.Flags().BoolVar(&another, "another", false, "the case has an id and needs another on purpose")
	var by, number string
	enter := cveAct(env, "enter CASE CVE", "Enter an id that somebody has assigned", "  tocsin cve enter 01JD3Z6Q6B7V0T3N9M4K2R8XWC CVE-2026-12345 --by 'Red Hat'", 2,
		func(args []string) client.CVEAct {
			return client.CVEAct{Do: "enter", CVE: args[1], AssignedBy: by, Number: number, Another: another}
		})
	enter.Flags().StringVar(&by, "by", "", "who assigned it")
	enter.Flags().StringVar(&number, "request", "", "the request that it answers, as show prints it")
	enter.Flags().BoolVar(&another, "another", false, "the case has an id and needs another on purpose")
	c.AddCommand(cveShow(env), take, enter)
	return c
}

func cveShow(env Env) *cobra.Command {
	c := &cobra.Command{Use: "show CASE", Short: "Show the CVE ids of a case", Long: "Show the CVE ids of a case, and the requests for them." + remoteHelp,
		Example: "  tocsin cve show 01JD3Z6Q6B7V0T3N9M4K2R8XWC --json", Args: cobra.ExactArgs(1)}
	r := remoteFlags(c)
	c.RunE = func(c *cobra.Command, args []string) error {
		return r.call(c, env, func(ctx context.Context, site *client.Client) error {
			list, err := site.CVENumbers(ctx, args[0])
			if err != nil {
				return err
			}
			return showNumbers(env, r.asJSON, list)
		})
	}
	return c
}

func cveAct(env Env, use, short, example string, args int, act func([]string) client.CVEAct) *cobra.Command {
	c := &cobra.Command{Use: use, Short: short, Long: short + "." + remoteHelp, Example: example, Args: cobra.ExactArgs(args)}
	r := remoteFlags(c)
	c.RunE = func(c *cobra.Command, args []string) error {
		return r.call(c, env, func(ctx context.Context, site *client.Client) error {
			list, err := site.CVEAct(ctx, args[0], act(args))
			if err != nil {
				return err
			}
			return showNumbers(env, r.asJSON, list)
		})
	}
	return c
}

func showNumbers(env Env, asJSON bool, list []client.CVENumber) error {
	return show(env.Out, asJSON, list, "CVE\tSTATE\tASSIGNED BY\tREQUEST", func(n client.CVENumber) string {
		request := "-"
		if n.State == "requested" {
			request = n.Number
		}
		return cells(n.CVE, n.State, n.AssignedBy, request)
	})
}
