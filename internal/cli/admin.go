package cli

import (
	"context"
	"fmt"
	"io"
	"strings"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"github.com/tocsin-sec/tocsin/internal/base/unit"
	"github.com/tocsin-sec/tocsin/internal/people"
	"github.com/tocsin-sec/tocsin/internal/people/account"
	"github.com/tocsin-sec/tocsin/internal/platform/i18n"
	"github.com/tocsin-sec/tocsin/internal/server"
)

// adminCommand runs the site from the terminal.
func adminCommand(env Env) *cobra.Command {
	c := &cobra.Command{
		Use:   "admin",
		Short: "Run the site: accounts, projects, work that was given up, keys",
		Long: `Run the site on its store, with the same settings as the server, which may run meanwhile.
Whoever can open the store and the site key is an administrator here. Administrators
read no case: none of these commands shows the content of a report or case, and each
leaves an entry in the ledger.`,
	}
	c.AddCommand(adminInvite(env), adminList(env), adminLink(env), adminFirstLink(env),
		adminSwitch(env, "disable", "Shut an account and end its sessions", func(ctx context.Context, a *server.Services, id people.PersonID) error {
			return a.Admin.SetDisabled(ctx, server.Operator(), id, true)
		}),
		adminSwitch(env, "enable", "Open a shut account again", func(ctx context.Context, a *server.Services, id people.PersonID) error {
			return a.Admin.SetDisabled(ctx, server.Operator(), id, false)
		}),
		adminSwitch(env, "promote", "Make somebody an administrator", func(ctx context.Context, a *server.Services, id people.PersonID) error {
			return a.Admin.SetAdmin(ctx, server.Operator(), id, true)
		}),
		adminSwitch(env, "demote", "Take the administrator's right from somebody", func(ctx context.Context, a *server.Services, id people.PersonID) error {
			return a.Admin.SetAdmin(ctx, server.Operator(), id, false)
		}),
		adminProject(env), adminResume(env), adminJobs(env), adminRotate(env))
	return c
}

// withServices runs f on the open store with the domains wired on it.
func withServices(c *cobra.Command, env Env, f func(context.Context, *server.Store, *server.Services) error) error {
	return withStore(c, env, func(ctx context.Context, s *server.Store) error {
		a, err := server.Wire(s, i18n.Default())
		if err != nil {
			return err
		}
		return f(ctx, s, a)
	})
}

// personAt returns the account of an address.
func personAt(ctx context.Context, s *server.Store, a *server.Services, address string) (people.Person, error) {
	if _, err := people.Address(address); err != nil {
		return people.Person{}, usageError{fmt.Errorf("%q: %w", address, err)}
	}
	var p people.Person
	err := s.Work.View(ctx, func(ctx context.Context, v unit.View) (err error) {
		p, err = a.Directory.PersonByAddress(ctx, v, server.Operator(), address)
		return err
	})
	if err != nil {
		return p, fmt.Errorf("%s: %w", address, err)
	}
	return p, nil
}

func adminInvite(env Env) *cobra.Command {
	var cmd account.InvitePerson
	c := &cobra.Command{
		Use:   "invite ADDRESS",
		Short: "Give somebody an account; prints the one-time link that opens it",
		Long: `Give somebody an account. The one-time link is printed and goes out by letter too. Who has
the link has the account: hand it over in private. It is good for 14 days; inviting the
same address again makes a new link and ends the old one.`,
		Example: `  tocsin admin invite ann@example.org --name "Ann Example"
  tocsin admin invite ops@example.org --admin`,
		Args: cobra.ExactArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			return withServices(c, env, func(ctx context.Context, _ *server.Store, a *server.Services) error {
				cmd.Address = args[0]
				_, link, err := a.Admin.InvitePerson(ctx, server.Operator(), cmd)
				if err != nil {
					return err
				}
				_, err = fmt.Fprintln(env.Out, link.Reveal())
				return err
			})
		},
	}
	c.Flags().StringVar(&cmd.Name, "name", "", "the person's name; may be left to him")
	c.Flags().StringVar(&cmd.Lang, "lang", "", "language of the letter: en or zh")
	c.Flags().BoolVar(&cmd.Admin, "admin", false, "make him an administrator")
	settingsFlags(c)
	return c
}

func adminList(env Env) *cobra.Command {
	var asJSON bool
	c := &cobra.Command{
		Use:     "list",
		Short:   "List every account",
		Example: "  tocsin admin list\n  tocsin admin list --json | jq -r '.[].address'",
		Args:    cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			return withServices(c, env, func(ctx context.Context, _ *server.Store, a *server.Services) error {
				list, err := a.Admin.List(ctx, server.Operator())
				if err != nil {
					return err
				}
				type row struct {
					Address string `json:"address"`
					Name    string `json:"name"`
					State   string `json:"state"`
					Admin   bool   `json:"admin"`
					Factor  bool   `json:"second_factor"`
				}
				rows := make([]row, 0, len(list))
				for _, p := range list {
					rows = append(rows, row{p.Email, p.Name, string(p.State), p.Admin, p.TOTP})
				}
				return show(env.Out, asJSON, rows, "ADDRESS\tNAME\tSTATE\tADMIN\tSECOND FACTOR", func(r row) string {
					return cells(r.Address, r.Name, r.State, yes(r.Admin), yes(r.Factor))
				})
			})
		},
	}
	c.Flags().BoolVar(&asJSON, "json", false, "print JSON")
	settingsFlags(c)
	return c
}

func adminLink(env Env) *cobra.Command {
	var drop bool
	c := &cobra.Command{
		Use:   "link ADDRESS",
		Short: "Make a new one-time link for somebody who cannot sign in",
		Long: `Make a new one-time link for somebody who lost his password. It is printed and goes out
by letter too, and is good for 48 hours. With --drop-second-factor his one-time codes
end as well: be sure that it is he who asks.`,
		Example: "  tocsin admin link ann@example.org",
		Args:    cobra.ExactArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			return withServices(c, env, func(ctx context.Context, s *server.Store, a *server.Services) error {
				p, err := personAt(ctx, s, a, args[0])
				if err != nil {
					return err
				}
				link, err := a.Admin.NewLink(ctx, server.Operator(), p.ID, drop)
				if err != nil {
					return err
				}
				_, err = fmt.Fprintln(env.Out, link.Reveal())
				return err
			})
		},
	}
	c.Flags().BoolVar(&drop, "drop-second-factor", false, "end his one-time codes too")
	settingsFlags(c)
	return c
}

func adminFirstLink(env Env) *cobra.Command {
	c := &cobra.Command{
		Use:   "first-link",
		Short: "Print a one-time link for the first administrator, while there is none",
		Long: `Print a one-time link for the first administrator, as the first start of the server does.
Each call ends the link before. When an administrator can sign in it fails: then use
` + "`tocsin admin link`.",
		Example: "  tocsin admin first-link --data /var/lib/tocsin",
		Args:    cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			return withServices(c, env, func(ctx context.Context, _ *server.Store, a *server.Services) error {
				link, err := a.Admin.FirstLink(ctx)
				if err != nil {
					return err
				}
				if link.Empty() {
					return fmt.Errorf("there is an administrator who can sign in; `tocsin admin link ADDRESS` makes a link for him")
				}
				_, err = fmt.Fprintln(env.Out, link.Reveal())
				return err
			})
		},
	}
	settingsFlags(c)
	return c
}

func adminSwitch(env Env, use, short string, do func(context.Context, *server.Services, people.PersonID) error) *cobra.Command {
	c := &cobra.Command{
		Use:     use + " ADDRESS",
		Short:   short,
		Example: "  tocsin admin " + use + " ann@example.org",
		Args:    cobra.ExactArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			return withServices(c, env, func(ctx context.Context, s *server.Store, a *server.Services) error {
				p, err := personAt(ctx, s, a, args[0])
				if err != nil {
					return err
				}
				return do(ctx, a, p.ID)
			})
		},
	}
	settingsFlags(c)
	return c
}

func yes(b bool) string {
	if b {
		return "yes"
	}
	return "no"
}

// cells joins the cells of a row of show. What could move the cursor or break the table is
// shown as a space: the text may be foreign.
func cells(text ...string) string {
	for i, s := range text {
		text[i] = plain(s)
	}
	return strings.Join(text, "\t")
}

// plain makes foreign text safe for a terminal: one line without control characters.
func plain(s string) string {
	return strings.Map(func(r rune) rune {
		if r < ' ' || r == 0x7f || r >= 0x80 && r < 0xa0 || r >= 0x202a && r <= 0x202e || r >= 0x2066 && r <= 0x2069 {
			return ' '
		}
		return r
	}, s)
}

// show prints rows as a table, or as JSON for programs.
func show[T any](w io.Writer, asJSON bool, rows []T, head string, row func(T) string) error {
	if asJSON {
		return printJSON(w, rows)
	}
	t := tabwriter.NewWriter(w, 0, 8, 2, ' ', 0)
	fmt.Fprintln(t, head)
	for _, r := range rows {
		fmt.Fprintln(t, row(r))
	}
	return t.Flush()
}
