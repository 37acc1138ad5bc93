package cli

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/tocsin-sec/tocsin/kit/client"
)

// caseCommand is case work over HTTP.
func caseCommand(env Env) *cobra.Command {
	c := &cobra.Command{Use: "case", Short: "Work on cases over HTTP: list, show, message, state", Long: "Work on the cases that you may see." + remoteHelp}
	c.AddCommand(caseList(env), caseShow(env), caseMessage(env), caseState(env))
	return c
}

func caseList(env Env) *cobra.Command {
	var q client.CaseQuery
	c := &cobra.Command{
		Use:     "list",
		Short:   "List the cases that you may see, the open ones unless --state says otherwise",
		Long:    "List the cases that you may see." + remoteHelp,
		Example: "  tocsin case list --order embargo\n  tocsin case list --state all --only overdue --json",
		Args:    cobra.NoArgs,
	}
	r := remoteFlags(c)
	c.Flags().StringVar(&q.State, "state", "", "open, all, or a state")
	c.Flags().StringVar(&q.Project, "project", "", "id of a project")
	c.Flags().StringVar(&q.Order, "order", "", "changed, opened, embargo, severity or due")
	c.Flags().StringVar(&q.Only, "only", "", "unread, overdue or waiting")
	c.RunE = func(c *cobra.Command, _ []string) error {
		return r.call(c, env, func(ctx context.Context, site *client.Client) error {
			list, err := allCases(ctx, site, q)
			if err != nil {
				return err
			}
			return show(env.Out, r.asJSON, list, "ID\tSTATE\tRATING\tEMBARGO\tUNREAD\tTITLE", func(x client.CaseRow) string {
				until := "-"
				if x.Embargo != nil {
					until = minute(*x.Embargo)
				}
				return cells(x.ID, x.State, x.Rating, until, fmt.Sprint(x.Unread), x.Title)
			})
		})
	}
	return c
}

// casePages bounds how many pages a list follows.
const casePages = 200

func allCases(ctx context.Context, site *client.Client, q client.CaseQuery) ([]client.CaseRow, error) {
	all := []client.CaseRow{}
	for range casePages {
		list, next, err := site.Cases(ctx, q)
		if err != nil {
			return nil, err
		}
		all = append(all, list...)
		if next == "" {
			break
		}
		q.After = next
	}
	return all, nil
}

func caseShow(env Env) *cobra.Command {
	var talk bool
	c := &cobra.Command{
		Use:   "show ID",
		Short: "Show a case; with --messages its conversation",
		Long: `Show a case. With --messages its newest conversation is shown too, and the site notes
that you have seen it.` + remoteHelp,
		Example: "  tocsin case show 01JD3Z6Q6B7V0T3N9M4K2R8XWC --messages",
		Args:    cobra.ExactArgs(1),
	}
	r := remoteFlags(c)
	c.Flags().BoolVar(&talk, "messages", false, "show the conversation")
	c.RunE = func(c *cobra.Command, args []string) error {
		return r.call(c, env, func(ctx context.Context, site *client.Client) error {
			one, err := site.Case(ctx, args[0])
			if err != nil {
				return err
			}
			var items []client.Item
			if talk {
				if items, err = site.CaseItems(ctx, args[0], ""); err != nil {
					return err
				}
			}
			if r.asJSON {
				return printJSON(env.Out, struct {
					client.Case
					Items []client.Item `json:"items,omitempty"`
				}{one, items})
			}
			printCase(env, one, items)
			return nil
		})
	}
	return c
}

func printCase(env Env, c client.Case, items []client.Item) {
	fmt.Fprintf(env.Out, "%s\n%s (next: %s), opened %s, you are %s\n", plain(c.Title), c.State, strings.Join(c.Next, ", "), minute(c.Opened), c.Role)
	if c.Embargo != nil {
		fmt.Fprintf(env.Out, "embargo until %s\n", minute(*c.Embargo))
	}
	for _, v := range []struct {
		vector string
		score  float64
	}{{c.Vector31, c.Score31}, {c.Vector40, c.Score40}} {
		if v.vector != "" {
			fmt.Fprintf(env.Out, "%.1f  %s\n", v.score, plain(v.vector))
		}
	}
	if len(c.CWE) > 0 {
		fmt.Fprintln(env.Out, plain(strings.Join(c.CWE, " ")))
	}
	for _, a := range c.Affected {
		fmt.Fprintf(env.Out, "%-12s  %s %s %s\n", a.Status, plain(a.Name), plain(a.Branch), plain(a.Versions))
	}
	for _, f := range c.Facts {
		if f.Set {
			fmt.Fprintf(env.Out, "%s: %s\n", f.Fact, plain(f.Evidence))
		}
	}
	for _, i := range items {
		fmt.Fprintf(env.Out, "\n%s  %s  %s %s (%s)\n%s", minute(i.At), i.Kind, plain(i.Author+i.From), plain(i.Subject), i.Trust, paragraph(i.Text))
	}
}

func caseMessage(env Env) *cobra.Command {
	var note bool
	var text, file string
	c := &cobra.Command{
		Use:   "message ID",
		Short: "Write a reply to the reporter, or with --internal a note for the team",
		Long: `Write to a case. The text is that of --text, or a file (--file, - for standard input). Without
--internal it goes to the reporter too.` + remoteHelp,
		Example: `  tocsin case message ID --internal --text "bisected to the parser"
  tocsin case message ID --file reply.txt`,
		Args: cobra.ExactArgs(1),
	}
	r := remoteFlags(c)
	c.Flags().BoolVar(&note, "internal", false, "a note that the reporter does not see")
	c.Flags().StringVar(&text, "text", "", "the text")
	c.Flags().StringVar(&file, "file", "", "file with the text")
	c.RunE = func(c *cobra.Command, args []string) error {
		if (text == "") == (file == "") {
			return usageError{errors.New("name the text with --text or --file")}
		}
		if file != "" {
			raw, err := input(env, file)
			if err != nil {
				return err
			}
			text = string(raw)
		}
		return r.call(c, env, func(ctx context.Context, site *client.Client) error {
			id, err := site.WriteCase(ctx, args[0], text, note)
			if err != nil {
				return err
			}
			if r.asJSON {
				return printJSON(env.Out, map[string]string{"id": id})
			}
			_, err = fmt.Fprintln(env.Out, id)
			return err
		})
	}
	return c
}

func caseState(env Env) *cobra.Command {
	var reason string
	c := &cobra.Command{
		Use:     "state ID STATE --reason TEXT",
		Short:   "Move a case to another state: invalid, valid, accepted, deferred, closed",
		Long:    "Move a case to another state. `tocsin case show` says which may follow." + remoteHelp,
		Example: "  tocsin case state ID accepted --reason \"fix is in review\"",
		Args:    cobra.ExactArgs(2),
	}
	r := remoteFlags(c)
	c.Flags().StringVar(&reason, "reason", "", "why, for the timeline")
	_ = c.MarkFlagRequired("reason")
	c.RunE = func(c *cobra.Command, args []string) error {
		return r.call(c, env, func(ctx context.Context, site *client.Client) error {
			return site.MoveCase(ctx, args[0], args[1], reason)
		})
	}
	return c
}
