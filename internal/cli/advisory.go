package cli

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/tocsin-sec/tocsin/internal/advisory/emit"
	"github.com/tocsin-sec/tocsin/internal/platform/i18n"
	"github.com/tocsin-sec/tocsin/kit/client"
)

// advisoryCommand works on advisories over HTTP.
func advisoryCommand(env Env) *cobra.Command {
	c := &cobra.Command{Use: "advisory", Short: "Work on advisories over HTTP: list, show, import, approve, publish, export",
		Long: "Work on the advisories that you may see." + remoteHelp}
	c.AddCommand(advisoryList(env), advisoryShow(env), advisoryDraft(env), advisoryImport(env), advisoryExport(env),
		advisoryDecide(env, "approve", "Approve the revision in work, as its second person"),
		advisoryDecide(env, "arm", "Let the end of the embargo publish the revision in work"),
		advisoryDecide(env, "disarm", "Take the arming back"),
		advisoryDecide(env, "confirm", "Confirm that all is still as approved"),
		advisoryDecide(env, "hold", "Stop the publication, with a reason"),
		advisoryDecide(env, "release", "End the hold"),
		advisoryDecide(env, "publish", "Publish now what no embargo bans"),
		advisoryDecide(env, "withdraw", "Begin the withdrawal of a published advisory"),
		advisoryDecide(env, "supersede", "Begin the supersession of a published advisory by the one that --by names"),
		advisoryDecide(env, "abandon", "Give up an advisory that was never published"),
		advisoryDecide(env, "retry", "Try the failed step after a publication again"), upkept(env).Resign("advisory"), advisoryDownstream(env))
	return c
}

// name is what people call an advisory: its number, else its id.
func name(a client.Advisory) string {
	if a.Number != "" {
		return a.Number
	}
	return a.ID
}

func advisoryList(env Env) *cobra.Command {
	var state string
	c := &cobra.Command{
		Use:     "list",
		Short:   "List the advisories that you work on, newest first",
		Long:    "List the advisories that you work on, newest first." + remoteHelp,
		Example: "  tocsin advisory list\n  tocsin advisory list --state drafting --json",
		Args:    cobra.NoArgs,
	}
	r := remoteFlags(c)
	c.Flags().StringVar(&state, "state", "", "only those in this state, such as drafting, approved, armed, published")
	c.RunE = func(c *cobra.Command, _ []string) error {
		return r.call(c, env, func(ctx context.Context, site *client.Client) error {
			list, err := site.Advisories(ctx)
			if err != nil {
				return err
			}
			list = slices.DeleteFunc(list, func(a client.Advisory) bool { return state != "" && a.State != state })
			return show(env.Out, r.asJSON, list, "ID\tNUMBER\tSTATE\tREVISION\tTITLE", func(a client.Advisory) string {
				return cells(a.ID, a.Number, a.State, fmt.Sprint(a.Revision), a.Title())
			})
		})
	}
	return c
}

func advisoryShow(env Env) *cobra.Command {
	c := &cobra.Command{
		Use:     "show ID",
		Short:   "Show where an advisory stands and what keeps it from being published",
		Long:    "Show where an advisory stands and what keeps it from being published." + remoteHelp,
		Example: "  tocsin advisory show 01JD3Z6Q6B7V0T3N9M4K2R8XWC",
		Args:    cobra.ExactArgs(1),
	}
	r := remoteFlags(c)
	c.RunE = func(c *cobra.Command, args []string) error {
		return r.call(c, env, func(ctx context.Context, site *client.Client) error {
			a, err := site.Advisory(ctx, args[0])
			if err != nil {
				return err
			}
			return printAdvisory(env, r.asJSON, a)
		})
	}
	return c
}

func printAdvisory(env Env, asJSON bool, a client.Advisory) error {
	if asJSON {
		return printJSON(env.Out, a)
	}
	p := printer(env)
	fmt.Fprintf(env.Out, "%s  %s\n%s, revision %d\n", plain(name(a)), plain(a.Title()), a.State, a.Revision)
	if a.Hash != "" {
		fmt.Fprintf(env.Out, "in work: %s\n", a.Hash)
	}
	printReasons(env.Out, p, "problem", a.Problems)
	printReasons(env.Out, p, "blocked", a.Blocked)
	for _, x := range a.Published {
		fmt.Fprintf(env.Out, "published %s  version %s  %s\n", minute(x.Date), x.Version, plain(x.Change))
	}
	for _, s := range a.Steps {
		problem := ""
		if s.Problem != "" {
			problem = ": " + p.T(s.Problem)
		}
		fmt.Fprintf(env.Out, "step %s  %s%s\n", s.Kind, s.State, problem)
	}
	return nil
}

func printReasons(w io.Writer, p *i18n.Printer, what string, list []client.Reason) {
	for _, x := range list {
		where := x.Path
		if where != "" {
			where += ": "
		}
		fmt.Fprintf(w, "%s  %s%s\n", what, where, plain(p.T(x.Key, x.Args...)))
	}
}

func advisoryDraft(env Env) *cobra.Command {
	c := &cobra.Command{
		Use:     "draft CASE",
		Short:   "Begin the advisory of a case with what the case knows",
		Long:    "Begin the advisory of a case with what the case knows." + remoteHelp,
		Example: "  tocsin advisory draft 01JD3Z6Q6B7V0T3N9M4K2R8XWC",
		Args:    cobra.ExactArgs(1),
	}
	r := remoteFlags(c)
	c.RunE = func(c *cobra.Command, args []string) error {
		return r.call(c, env, func(ctx context.Context, site *client.Client) error {
			a, err := site.Draft(ctx, args[0])
			if err != nil {
				return err
			}
			return printAdvisory(env, r.asJSON, a)
		})
	}
	return c
}

func advisoryImport(env Env) *cobra.Command {
	var project string
	var check, partial, accept bool
	c := &cobra.Command{
		Use:   "import FILE... --project PROJECT",
		Short: "Take published CSAF, OSV and CVE documents with their own ids and dates",
		Long: `Take documents that are published already, with their own ids and dates: CSAF 2.0 and 2.1,
OSV, CVE. Each becomes an advisory that is approved and published as any other. CSAF 2.0 is
published as it is; of the others a record is made, what it cannot hold is listed, and
--accept-loss says that this may be lost. A FILE of - is standard input.

All documents are checked first: the schema and the mandatory tests of the standard, each
problem with its test, line and JSON pointer. When one has a problem, none is taken,
unless --partial asks for the good ones. The exit code tells.` + remoteHelp,
		Example: "  tocsin advisory import --project lanterna --check old/*.json\n  tocsin advisory import --project lanterna old/*.json",
		Args:    cobra.MinimumNArgs(1),
	}
	r := remoteFlags(c)
	c.Flags().StringVar(&project, "project", "", "short name of the project")
	c.Flags().BoolVar(&check, "check", false, "only say what is wrong, take nothing")
	c.Flags().BoolVar(&partial, "partial", false, "take the good documents even when others have problems")
	c.Flags().BoolVar(&accept, "accept-loss", false, "take documents of which a record cannot hold everything")
	_ = c.MarkFlagRequired("project")
	c.RunE = func(c *cobra.Command, args []string) error {
		return r.call(c, env, func(ctx context.Context, site *client.Client) error {
			batch := importBatch{env: env, site: site, project: project, accept: accept}
			batch.check(ctx, args)
			if !check && (batch.failed == nil || partial) {
				batch.take(ctx)
			} else if !check && len(batch.good) > 0 {
				fmt.Fprintf(env.Err, "tocsin: nothing was taken: correct the others, or take the %d good ones with --partial\n", len(batch.good))
			}
			err := show(env.Out, r.asJSON, batch.done, "ID\tNUMBER\tREVISION TO APPROVE", func(i client.Imported) string { return cells(i.ID, i.Number, i.Hash) })
			if err == nil && batch.failed != nil {
				err = errors.Join(errSilent, batch.failed)
			}
			return err
		})
	}
	return c
}

// importBatch is several documents that are checked before the first is taken.
type importBatch struct {
	env     Env
	site    *client.Client
	project string
	accept  bool // what is lost may be
	good    []importFile
	done    []client.Imported
	failed  error // the first
}

type importFile struct {
	path string
	raw  []byte
}

func (b *importBatch) fail(path string, err error) {
	if b.failed == nil {
		b.failed = fmt.Errorf("%s: %w", path, err)
	}
	fmt.Fprintf(b.env.Err, "tocsin: %s: %s\n", path, say(b.env, err))
}

// check reads every file and asks the site about it.
func (b *importBatch) check(ctx context.Context, paths []string) {
	b.done = []client.Imported{}
	first := map[string]string{} // path by number
	for _, path := range paths {
		raw, err := input(b.env, path)
		var one client.Imported
		if err == nil {
			one, err = b.site.CheckImport(ctx, b.project, bytes.NewReader(raw))
		}
		if other, twice := first[one.Number]; err == nil && twice {
			err = fmt.Errorf("%s has the same id %q", other, one.Number)
		}
		if err != nil {
			b.fail(path, err)
			if client.Unreachable(err) || ctx.Err() != nil {
				return // the others would fail alike
			}
			continue
		}
		for _, filled := range one.Filled {
			fmt.Fprintf(b.env.Err, "%s: it has no %s; what stands there is said elsewhere in it\n", path, plain(filled))
		}
		if len(one.Lost) > 0 && !one.Kept && !b.accept {
			b.fail(path, fmt.Errorf("%d parts would be lost, listed below; --accept-loss takes the document without them", len(one.Lost)))
		}
		first[one.Number] = path
		b.good = append(b.good, importFile{path, raw})
		for _, dropped := range one.Dropped {
			fmt.Fprintf(b.env.Err, "%s: unknown to the standard, not published: %s\n", path, plain(dropped))
		}
		for _, lost := range one.Lost {
			how := "lost: "
			if one.Kept {
				how = "published as it is, lost by a later correction: "
			}
			fmt.Fprintf(b.env.Err, "%s: %s%s\n", path, how, plain(lost))
		}
	}
}

func (b *importBatch) take(ctx context.Context) {
	for _, f := range b.good {
		one, err := b.site.Import(ctx, b.project, bytes.NewReader(f.raw), b.accept)
		if err != nil {
			b.fail(f.path, err)
			if client.Unreachable(err) || ctx.Err() != nil {
				return
			}
			continue
		}
		b.done = append(b.done, one)
	}
}

// outputNames are the names of all outputs.
func outputNames() []string {
	var out []string
	for _, f := range emit.Formats() {
		out = append(out, f.Name)
	}
	return out
}

func advisoryExport(env Env) *cobra.Command {
	var format, to string
	c := &cobra.Command{
		Use:   "export ID",
		Short: "Print an output as it would be published: CSAF, OSV, CVE, VEX, updateinfo and others",
		Long: `Print an output of the revision in work, or of the published one, as it would be published.
The formats are ` + strings.Join(outputNames(), ", ") + `;
csaf is csaf-2.0, text is the mail without its subject.
The files that are public already are plain HTTPS, and ` + "`tocsin site export`" + ` copies them all.` + remoteHelp,
		Example: "  tocsin advisory export 01JD3Z6Q6B7V0T3N9M4K2R8XWC --format osv --to advisory.json",
		Args:    cobra.ExactArgs(1),
	}
	r := remoteFlags(c)
	c.Flags().StringVar(&format, "format", "csaf-2.0", "one of "+strings.Join(outputNames(), ", "))
	c.Flags().StringVar(&to, "to", "-", "the file to write, - for standard output")
	c.RunE = func(c *cobra.Command, args []string) error {
		if !slices.Contains(append(outputNames(), "csaf", "text"), format) {
			return usageError{fmt.Errorf("--format %q is none of %s", format, strings.Join(outputNames(), ", "))}
		}
		return r.call(c, env, func(ctx context.Context, site *client.Client) error {
			raw, err := site.Preview(ctx, args[0], format)
			if err != nil {
				return err
			}
			return writeFile(to, env.Out, func(w io.Writer) error { _, err := w.Write(raw); return err })
		})
	}
	return c
}

func advisoryDecide(env Env, decision, short string) *cobra.Command {
	var hash, reason, by, address string
	c := &cobra.Command{
		Use:   decision + " ID...",
		Short: short,
		Long: short + `. The decision is about exactly one revision: name its hash
with --hash, or leave it out to decide about the one that is in work now.` + remoteHelp,
		Example: "  tocsin advisory " + decision + " 01JD3Z6Q6B7V0T3N9M4K2R8XWC",
		Args:    cobra.MinimumNArgs(1),
	}
	r := remoteFlags(c)
	c.Flags().StringVar(&hash, "hash", "", "hash of the revision that you have seen")
	c.Flags().StringVar(&reason, "reason", "", "the reason, where one is asked for")
	if decision == "supersede" {
		c.Example += " --by LAN-2026-0009 --reason \"All of it is told there.\""
		c.Flags().StringVar(&by, "by", "", "number or id of the advisory that replaces it, which may be published later")
		c.Flags().StringVar(&address, "document", "", "address of its document, when another publisher has it")
	}
	c.RunE = func(c *cobra.Command, args []string) error {
		if hash != "" && len(args) > 1 {
			return usageError{errors.New("--hash is that of one advisory: name one")}
		}
		return r.call(c, env, func(ctx context.Context, site *client.Client) error {
			for _, id := range args {
				seen := hash
				if seen == "" {
					a, err := site.Advisory(ctx, id)
					if err != nil {
						return fmt.Errorf("advisory %s: %w", id, err)
					}
					seen = a.Hash
				}
				a, err := site.Decide(ctx, id, decision, seen, reason, by, address)
				if err != nil {
					return fmt.Errorf("advisory %s: %w", id, err)
				}
				if err := printAdvisory(env, r.asJSON, a); err != nil {
					return err
				}
			}
			return nil
		})
	}
	return c
}
