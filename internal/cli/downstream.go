package cli

import (
	"context"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/tocsin-sec/tocsin/kit/client"
)

// advisoryDownstream works on those who hear of a project's publications.
func advisoryDownstream(env Env) *cobra.Command {
	c := &cobra.Command{Use: "downstream", Short: "Who hears of a project's publications: list, show, add, remove, secret, retry",
		Long: "Distributions, vendors and integrators who hear of each publication of a project, by signed\nwebhook (Standard Webhooks) or by mail. Chairs and deputies may." + remoteHelp}
	c.AddCommand(downstreamList(env), downstreamAdd(env),
		downstreamOne(env, "show", "Show one with its newest deliveries", func(site *client.Client) downstreamCall { return site.Downstream }),
		downstreamOne(env, "secret", "Give a webhook a new secret and print it", func(site *client.Client) downstreamCall { return site.NewDownstreamSecret }),
		downstreamOne(env, "retry", "Try again what was given up", func(site *client.Client) downstreamCall { return site.RetryDownstream }),
		downstreamOne(env, "remove", "Forget one", func(site *client.Client) downstreamCall {
			return func(ctx context.Context, project, id string) (client.Downstream, error) {
				return client.Downstream{ID: id, State: "removed"}, site.RemoveDownstream(ctx, project, id)
			}
		}))
	return c
}

// downstreamCall does something with one subscriber and returns him.
type downstreamCall func(ctx context.Context, project, id string) (client.Downstream, error)

// projectFlag adds the flag that names the project.
func projectFlag(c *cobra.Command, into *string) {
	c.Flags().StringVar(into, "project", "", "short name of the project")
	_ = c.MarkFlagRequired("project")
}

func downstreamList(env Env) *cobra.Command {
	var project string
	c := &cobra.Command{Use: "list --project PROJECT", Short: "List who hears of a project's publications", Args: cobra.NoArgs,
		Long: "List who hears of a project's publications." + remoteHelp, Example: "  tocsin advisory downstream list --project lanterna"}
	r := remoteFlags(c)
	projectFlag(c, &project)
	c.RunE = func(c *cobra.Command, _ []string) error {
		return r.call(c, env, func(ctx context.Context, site *client.Client) error {
			list, err := site.Downstreams(ctx, project)
			if err != nil {
				return err
			}
			return show(env.Out, r.asJSON, list, "ID\tKIND\tSTATE\tUP TO\tNAME", func(d client.Downstream) string {
				return cells(d.ID, d.Kind, d.State, d.Clearance, d.Name)
			})
		})
	}
	return c
}

func downstreamAdd(env Env) *cobra.Command {
	var project string
	var d client.Downstream
	var products []string
	c := &cobra.Command{Use: "add NAME --project PROJECT (--webhook URL | --address ADDRESS)", Short: "Add a webhook or a mail address", Args: cobra.ExactArgs(1),
		Long:    "Add a webhook or a mail address. The secret of a webhook is printed once: give it to the\nreceiver, who checks the signature of each message with it." + remoteHelp,
		Example: "  tocsin advisory downstream add Debian --project lanterna --webhook https://hooks.debian.example/lanterna --product lanternd"}
	r := remoteFlags(c)
	projectFlag(c, &project)
	c.Flags().StringVar(&d.URL, "webhook", "", "address of the webhook")
	c.Flags().StringVar(&d.Address, "address", "", "mail address")
	c.Flags().StringVar(&d.Lang, "lang", "en", "language of the mails: en or zh")
	c.Flags().StringVar(&d.Clearance, "clearance", "GREEN", "the strictest TLP label that is told: GREEN, AMBER or RED")
	c.Flags().StringSliceVar(&products, "product", nil, "a product, or \"product / branch\"; may be repeated, none is all")
	c.MarkFlagsOneRequired("webhook", "address")
	c.MarkFlagsMutuallyExclusive("webhook", "address")
	c.RunE = func(c *cobra.Command, args []string) error {
		d.Name, d.Kind = args[0], "webhook"
		if d.Address != "" {
			d.Kind = "mail"
		}
		for _, p := range products {
			product, branch, _ := strings.Cut(p, " / ")
			d.Products = append(d.Products, client.Want{Product: strings.TrimSpace(product), Branch: strings.TrimSpace(branch)})
		}
		return r.call(c, env, func(ctx context.Context, site *client.Client) error {
			out, err := site.AddDownstream(ctx, project, d)
			if err != nil {
				return err
			}
			return printDownstream(env, r.asJSON, out)
		})
	}
	return c
}

func downstreamOne(env Env, name, short string, of func(*client.Client) downstreamCall) *cobra.Command {
	var project string
	c := &cobra.Command{Use: name + " ID --project PROJECT", Short: short, Long: short + "." + remoteHelp, Args: cobra.ExactArgs(1),
		Example: "  tocsin advisory downstream " + name + " 01JD3Z6Q6B7V0T3N9M4K2R8XWC --project lanterna"}
	r := remoteFlags(c)
	projectFlag(c, &project)
	c.RunE = func(c *cobra.Command, args []string) error {
		return r.call(c, env, func(ctx context.Context, site *client.Client) error {
			d, err := of(site)(ctx, project, args[0])
			if err != nil {
				return err
			}
			return printDownstream(env, r.asJSON, d)
		})
	}
	return c
}

// printDownstream prints one; a secret that the site told is printed here, once.
func printDownstream(env Env, asJSON bool, d client.Downstream) error {
	if asJSON {
		return printJSON(env.Out, struct {
			client.Downstream
			Secret string `json:"secret,omitempty"`
		}{d, string(d.Secret)})
	}
	fmt.Fprintf(env.Out, "%s  %s  %s\n", d.ID, d.State, plain(d.Name))
	if d.Secret != "" {
		fmt.Fprintf(env.Out, "secret, told once: %s\n", string(d.Secret))
	}
	p := printer(env)
	for _, t := range d.Deliveries {
		why := strings.TrimSpace(p.T(t.Problem, "code", t.Code)) // "" for none
		fmt.Fprintf(env.Out, "%s  %s (%s)  %s, %d tries  %s\n", minute(t.Created), plain(t.Advisory), plain(t.Revision), t.State, t.Tries, plain(why))
	}
	return nil
}
