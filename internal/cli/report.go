package cli

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"github.com/tocsin-sec/tocsin/kit/client"
)

// reportCommand is moderation over HTTP.
func reportCommand(env Env) *cobra.Command {
	c := &cobra.Command{Use: "report", Short: "Moderate reports over HTTP: list, show, release, reject", Long: "Moderate the reports that you may see." + remoteHelp}
	c.AddCommand(reportList(env), reportShow(env), reportRelease(env),
		reportDecide(env, "reject", "reject", "Reject a report, with a letter to the reporter"),
		reportDecide(env, "not-ours", "not_ours", "Say that a report is about somebody else's product"),
		reportDecide(env, "duplicate", "duplicate", "Say that a report repeats another (--of)"),
		reportDecide(env, "spam", "spam", "Throw a report away; no letter goes out"),
		reportDecide(env, "ask", "ask", "Ask the reporter once for what is missing"),
		reportDecide(env, "reopen", "reopen", "Hold a decided report again"))
	return c
}

// call runs f with a client and bounded time.
func (r *remote) call(c *cobra.Command, env Env, f func(context.Context, *client.Client) error) error {
	site, err := r.client(env)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(c.Context(), remoteTime)
	defer cancel()
	return f(ctx, site)
}

func reportList(env Env) *cobra.Command {
	var state, after string
	var limit int
	c := &cobra.Command{
		Use:     "list",
		Short:   "List the reports of a state, held ones unless --state says otherwise",
		Long:    "List reports. Titles and senders are as they were written, unverified." + remoteHelp,
		Example: "  tocsin report list\n  tocsin report list --state rejected --json",
		Args:    cobra.NoArgs,
	}
	r := remoteFlags(c)
	c.Flags().StringVar(&state, "state", "", "held, released, rejected, not_ours, duplicate or spam")
	c.Flags().StringVar(&after, "after", "", "id of the last report of the page before")
	c.Flags().IntVar(&limit, "limit", 0, "at most so many")
	c.RunE = func(c *cobra.Command, _ []string) error {
		return r.call(c, env, func(ctx context.Context, site *client.Client) error {
			list, err := site.Reports(ctx, state, after, limit)
			if err != nil {
				return err
			}
			return show(env.Out, r.asJSON, list, "ID\tSTATE\tRECEIVED\tANSWER BY\tFROM\tTITLE", func(x client.Report) string {
				return cells(x.ID, x.State, minute(x.ReceivedAt), minute(x.DueAck), x.From, x.Title)
			})
		})
	}
	return c
}

func reportShow(env Env) *cobra.Command {
	c := &cobra.Command{
		Use:     "show ID",
		Short:   "Show a report with its messages",
		Long:    "Show a report with its messages. Their texts are foreign; control characters are shown as spaces." + remoteHelp,
		Example: "  tocsin report show 01JD3Z6Q6B7V0T3N9M4K2R8XWC",
		Args:    cobra.ExactArgs(1),
	}
	r := remoteFlags(c)
	c.RunE = func(c *cobra.Command, args []string) error {
		return r.call(c, env, func(ctx context.Context, site *client.Client) error {
			d, err := site.Report(ctx, args[0])
			if err != nil {
				return err
			}
			if r.asJSON {
				return printJSON(env.Out, d)
			}
			fmt.Fprintf(env.Out, "%s\n%s, received %s by %s, from %s (unverified)\nanswer by %s, assess by %s\n",
				plain(d.Title), d.State, minute(d.ReceivedAt), d.Via, plain(d.From), minute(d.DueAck), minute(d.DueAssess))
			if d.Reason != "" {
				fmt.Fprintf(env.Out, "decided: %s\n", plain(d.Reason))
			}
			if d.Case != "" {
				fmt.Fprintf(env.Out, "case %s\n", d.Case)
			}
			for _, m := range d.Exchange {
				how := "unverified"
				if m.Verified {
					how = "signed by a registered key"
				}
				if !m.Inbound {
					how = "ours"
				}
				fmt.Fprintf(env.Out, "\n%s  %s  %s (%s)\n%s", minute(m.At), plain(m.From), plain(m.Subject), how, paragraph(m.Text))
			}
			return nil
		})
	}
	return c
}

func reportRelease(env Env) *cobra.Command {
	var in client.ReportRelease
	var until string
	c := &cobra.Command{
		Use:   "release ID --reason TEXT",
		Short: "Open a case from a report; prints the case's id",
		Long:  "Open a case from a report. Without --until the embargo ends at the project's aim." + remoteHelp,
		Example: `  tocsin report release 01JD3Z6Q6B7V0T3N9M4K2R8XWC --reason "crash confirmed"
  tocsin report release ID --reason "vendor asks for more" --until 2026-12-20T12:00:00Z --longer "kernel fix first"`,
		Args: cobra.ExactArgs(1),
	}
	r := remoteFlags(c)
	c.Flags().StringVar(&in.Reason, "reason", "", "why, for the timeline")
	c.Flags().StringVar(&in.Title, "title", "", "title of the case; else that of the report")
	c.Flags().StringVar(&until, "until", "", "end of the embargo, such as 2026-12-20T12:00:00Z")
	c.Flags().StringVar(&in.Longer, "longer", "", "why the embargo is longer than the project's aim")
	_ = c.MarkFlagRequired("reason")
	c.RunE = func(c *cobra.Command, args []string) error {
		if until != "" {
			at, err := time.Parse(time.RFC3339, until)
			if err != nil {
				return usageError{errors.New("--until is not a time with zone such as 2026-12-20T12:00:00Z")}
			}
			in.Until = &at
		}
		return r.call(c, env, func(ctx context.Context, site *client.Client) error {
			id, err := site.ReleaseReport(ctx, args[0], in)
			if err != nil {
				return err
			}
			if r.asJSON {
				return printJSON(env.Out, map[string]string{"case": id})
			}
			_, err = fmt.Fprintln(env.Out, id)
			return err
		})
	}
	return c
}

func reportDecide(env Env, use, do, short string) *cobra.Command {
	in := client.ReportDecision{Do: do}
	c := &cobra.Command{
		Use:     use + " ID... --reason TEXT",
		Short:   short,
		Long:    short + "." + remoteHelp,
		Example: "  tocsin report " + use + " 01JD3Z6Q6B7V0T3N9M4K2R8XWC --reason \"seen and checked\"",
		Args:    cobra.MinimumNArgs(1),
	}
	r := remoteFlags(c)
	c.Flags().StringVar(&in.Reason, "reason", "", "why, for the team")
	_ = c.MarkFlagRequired("reason")
	if do != "spam" && do != "reopen" {
		c.Flags().StringVar(&in.Text, "text", "", "own words to the reporter")
		c.Flags().StringVar(&in.Canned, "canned", "", "id of one of the project's texts")
		c.Flags().BoolVar(&in.Quiet, "quiet", false, "send no letter")
	}
	if do == "duplicate" {
		c.Flags().StringVar(&in.Of, "of", "", "the report or case that it repeats")
	}
	c.RunE = func(c *cobra.Command, args []string) error {
		return r.call(c, env, func(ctx context.Context, site *client.Client) error {
			for _, id := range args {
				if err := site.DecideReport(ctx, id, in); err != nil {
					return fmt.Errorf("report %s: %w", id, err)
				}
			}
			return nil
		})
	}
	return c
}
