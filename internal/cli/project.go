package cli

import (
	"context"
	"fmt"
	"os"
	"strings"

	"github.com/spf13/cobra"

	"github.com/tocsin-sec/tocsin/internal/base/fault"
	"github.com/tocsin-sec/tocsin/internal/base/unit"
	"github.com/tocsin-sec/tocsin/internal/people"
	"github.com/tocsin-sec/tocsin/internal/people/account"
	"github.com/tocsin-sec/tocsin/internal/server"
)

// adminProject works on projects.
func adminProject(env Env) *cobra.Command {
	c := &cobra.Command{Use: "project", Short: "Make and list projects, name a first chair",
		Long: "Make and list projects. Team, policy and texts of a project are its chair's, who changes them on its pages."}
	c.AddCommand(projectCreate(env), projectList(env), projectChair(env))
	return c
}

// newProject is what the flags of project create say.
type newProject struct {
	project             people.Project
	chair, terms, zone  string
	addresses, langs    []string
	namespace, category string
}

func projectCreate(env Env) *cobra.Command {
	var n newProject
	c := &cobra.Command{
		Use:   "create",
		Short: "Make a project with its role address, number series and keys",
		Long: `Make a project. Its OpenPGP keys for signing and for mail to the role address are generated.
Its chair leads the team once he has accepted the embargo terms; an address without an
account is invited, and the one-time link printed.

The short name and the series stay for good: they are in published addresses and numbers.`,
		Example: `  tocsin admin project create --slug lanterna --name Lanterna --series LAN \
    --address security@lanterna.example --chair ann@example.org \
    --dev dev@lists.lanterna.example --announce announce@lists.lanterna.example \
    --namespace https://lanterna.example --terms terms.txt`,
		Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			return withServices(c, env, func(ctx context.Context, s *server.Store, a *server.Services) error { return n.create(ctx, env, s, a) })
		},
	}
	f := c.Flags()
	f.StringVar(&n.project.Slug, "slug", "", "short name in web addresses, such as lanterna")
	f.StringVar(&n.project.Name, "name", "", "name, such as Lanterna")
	f.StringVar(&n.project.Series, "series", "", "prefix of advisory numbers, such as LAN")
	f.StringSliceVar(&n.addresses, "address", nil, "role address where reports arrive; may be repeated, the first one sends")
	f.StringVar(&n.chair, "chair", "", "mail address of the person who leads the team")
	f.StringVar(&n.terms, "terms", "", "file with the embargo terms that members accept")
	f.StringVar(&n.project.Lists.Dev, "dev", "", "development list that hears of a publication first")
	f.StringVar(&n.project.Lists.Announce, "announce", "", "announcement list")
	f.StringVar(&n.namespace, "namespace", "", "CSAF publisher namespace: a web address under the project's control")
	f.StringVar(&n.category, "category", "vendor", "CSAF publisher category: coordinator, discoverer, other, translator, user or vendor")
	f.StringVar(&n.project.Public.Website, "website", "", "web site")
	f.StringVar(&n.zone, "zone", "UTC", "time zone of the business days, such as Europe/Berlin")
	f.StringSliceVar(&n.langs, "langs", []string{"en"}, "languages that reports may come in")
	for _, name := range []string{"slug", "name", "series", "address"} {
		_ = c.MarkFlagRequired(name)
	}
	settingsFlags(c)
	return c
}

func (n newProject) create(ctx context.Context, env Env, s *server.Store, a *server.Services) error {
	n.project.Addresses, n.project.Langs = n.addresses, n.langs
	n.project.Publisher = people.Publisher{Namespace: n.namespace, Category: n.category}
	n.project.Policy = people.DefaultPolicy()
	n.project.Policy.Zone = n.zone
	cmd := account.CreateProject{Project: n.project}
	if n.terms != "" {
		raw, err := os.ReadFile(n.terms)
		if err != nil {
			return usageError{fmt.Errorf("--terms: %w", err)}
		}
		cmd.Terms = string(raw)
	}
	p, err := a.Admin.CreateProject(ctx, server.Operator(), cmd)
	if err != nil {
		return err
	}
	fmt.Fprintf(env.Out, "%s %s\n", p.Slug, p.ID)
	if n.chair == "" {
		return nil
	}
	return nameChair(ctx, env, s, a, p.ID, n.chair)
}

// nameChair names a chair, and invites him first when he has no account.
func nameChair(ctx context.Context, env Env, s *server.Store, a *server.Services, project people.ProjectID, address string) error {
	who, err := personAt(ctx, s, a, address)
	if fault.Is(err, fault.NotFound) {
		invited, link, inviteErr := a.Admin.InvitePerson(ctx, server.Operator(), account.InvitePerson{Address: address})
		if inviteErr != nil {
			return inviteErr
		}
		who, err = invited, nil
		fmt.Fprintln(env.Out, link.Reveal())
	}
	if err != nil {
		return err
	}
	return a.Admin.NameChair(ctx, server.Operator(), project, who.ID)
}

func projectList(env Env) *cobra.Command {
	var asJSON bool
	c := &cobra.Command{
		Use:     "list",
		Short:   "List the projects",
		Example: "  tocsin admin project list",
		Args:    cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			return withServices(c, env, func(ctx context.Context, s *server.Store, a *server.Services) error {
				type row struct {
					ID        string   `json:"id"`
					Slug      string   `json:"slug"`
					Name      string   `json:"name"`
					Series    string   `json:"series"`
					Addresses []string `json:"addresses"`
				}
				rows := []row{}
				err := s.Work.View(ctx, func(ctx context.Context, v unit.View) error {
					all, err := a.Directory.AllProjects(ctx, v, server.Operator())
					for _, p := range all {
						rows = append(rows, row{string(p.ID), p.Slug, p.Name, p.Series, p.Addresses})
					}
					return err
				})
				if err != nil {
					return err
				}
				return show(env.Out, asJSON, rows, "SLUG\tNAME\tSERIES\tADDRESSES", func(r row) string {
					return cells(r.Slug, r.Name, r.Series, strings.Join(r.Addresses, " "))
				})
			})
		},
	}
	c.Flags().BoolVar(&asJSON, "json", false, "print JSON")
	settingsFlags(c)
	return c
}

func projectChair(env Env) *cobra.Command {
	c := &cobra.Command{
		Use:   "chair PROJECT ADDRESS",
		Short: "Name the chair of a project that nobody leads",
		Long: `Name the chair of a project that nobody leads; an address without an account is invited
and the one-time link printed. It is in the project's ledger. A project that has a chair
is led by him: he names others on its pages.`,
		Example: "  tocsin admin project chair lanterna ann@example.org",
		Args:    cobra.ExactArgs(2),
		RunE: func(c *cobra.Command, args []string) error {
			return withServices(c, env, func(ctx context.Context, s *server.Store, a *server.Services) error {
				var p people.Project
				err := s.Work.View(ctx, func(ctx context.Context, v unit.View) (err error) {
					p, err = a.Directory.ProjectBySlug(ctx, v, server.Operator(), args[0])
					return err
				})
				if err != nil {
					return fmt.Errorf("%s: %w", args[0], err)
				}
				return nameChair(ctx, env, s, a, p.ID, args[1])
			})
		},
	}
	settingsFlags(c)
	return c
}
