package siterun

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"strings"
	"text/tabwriter"
	"time"
	"unicode"

	"github.com/spf13/cobra"

	"github.com/tocsin-sec/tocsin/internal/advisory/access"
	"github.com/tocsin-sec/tocsin/internal/base/unit"
	"github.com/tocsin-sec/tocsin/internal/people"
)

// Site is what the commands on readers need of the open store.
type Site struct {
	Readers *access.Service
	// Project finds a project by its short name.
	Project func(ctx context.Context, slug string) (people.ProjectID, error)
}

// Readers makes the commands on who reads AMBER and RED. open runs f on the open store;
// settings adds the flags that it needs.
type Readers struct {
	Out      io.Writer
	Open     func(c *cobra.Command, f func(context.Context, Site) error) error
	Settings func(c *cobra.Command)
	project  string
	json     bool
}

// Command is "reader" with its sub-commands.
func (r Readers) Command() *cobra.Command {
	c := &cobra.Command{Use: "reader", Short: "Who reads what is published at TLP:AMBER and RED: list, add, end",
		Long: "Who outside of the team reads what a project publishes at TLP:AMBER and RED. The project's\nchair and deputies have the same on its page and in the API."}
	c.AddCommand(r.list(), r.add(), r.end())
	return c
}

// flags are those of each sub-command.
func (r *Readers) flags(c *cobra.Command) *cobra.Command {
	c.Flags().StringVar(&r.project, "project", "", "short name of the project")
	_ = c.MarkFlagRequired("project")
	c.Flags().BoolVar(&r.json, "json", false, "print JSON")
	r.Settings(c)
	return c
}

// on runs f for the project, with a scope that names it and nothing else.
func (r *Readers) on(c *cobra.Command, f func(context.Context, Site, people.Scope, people.ProjectID) error) error {
	return r.Open(c, func(ctx context.Context, s Site) error {
		id, err := s.Project(ctx, r.project)
		if err != nil {
			return fmt.Errorf("project %s: %w", r.project, err)
		}
		return f(ctx, s, people.AsJob("operator", string(id)), id)
	})
}

// shown is a reader as the commands print it.
type shown struct {
	ID          string     `json:"id"`
	Name        string     `json:"name"`
	Level       string     `json:"level"`
	Kind        string     `json:"kind"`
	Fingerprint string     `json:"fingerprint,omitempty"`
	Ends        time.Time  `json:"ends"`
	Ended       *time.Time `json:"ended,omitempty"`
	Used        *time.Time `json:"used,omitempty"`
	Token       string     `json:"token,omitempty"`
}

func of(x access.Reader) shown {
	out := shown{ID: x.ID, Name: x.Name, Level: string(x.Level), Kind: x.Kind, Fingerprint: x.Fingerprint, Ends: x.Ends}
	if !x.Ended.IsZero() {
		out.Ended = &x.Ended
	}
	if !x.Used.IsZero() {
		out.Used = &x.Used
	}
	return out
}

func (r *Readers) list() *cobra.Command {
	return r.flags(&cobra.Command{Use: "list --project PROJECT", Short: "List who reads what, by what, and when it was used", Args: cobra.NoArgs,
		Example: "  tocsin site reader list --project lanterna",
		RunE: func(c *cobra.Command, _ []string) error {
			return r.on(c, func(ctx context.Context, s Site, sc people.Scope, id people.ProjectID) error {
				all, err := s.Readers.List(ctx, sc, id)
				if err != nil {
					return err
				}
				rows := make([]shown, len(all))
				for i, x := range all {
					rows[i] = of(x)
				}
				if r.json {
					return json.NewEncoder(r.Out).Encode(rows)
				}
				return table(r.Out, rows)
			})
		}})
}

func table(to io.Writer, rows []shown) error {
	w := tabwriter.NewWriter(to, 0, 8, 2, ' ', 0)
	fmt.Fprintln(w, "ID\tLEVEL\tKIND\tUNTIL\tLAST USED\tNAME")
	for _, x := range rows {
		until, used := x.Ends.Format(time.DateOnly), "never"
		if x.Ended != nil {
			until = "ended " + x.Ended.Format(time.DateOnly)
		}
		if x.Used != nil {
			used = x.Used.Format("2006-01-02 15:04Z")
		}
		fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%s\t%s\n", x.ID, x.Level, x.Kind, until, used, onTerminal(x.Name))
	}
	return w.Flush()
}

// onTerminal leaves out what would speak to a terminal.
func onTerminal(s string) string {
	return strings.Map(func(r rune) rune {
		if !unicode.IsPrint(r) {
			return -1
		}
		return r
	}, s)
}

func (r *Readers) add() *cobra.Command {
	cmd, file := access.NewReader{}, ""
	c := r.flags(&cobra.Command{Use: "add NAME --project PROJECT", Short: "Let a reader in and print the token, once", Args: cobra.ExactArgs(1),
		Long: `Let a reader in. Without a certificate a token is made and printed this once; the reader
sends it with each request (Authorization: Bearer TOKEN). With --certificate the reader is
known by the key of a TLS client certificate; "serve --client-certs" asks for it.`,
		Example: `  tocsin site reader add Debian --project lanterna --level AMBER --days 180
  tocsin site reader add Fedora --project lanterna --level RED --certificate fedora.pem`,
		RunE: func(c *cobra.Command, args []string) error {
			if cmd.Name = args[0]; file != "" {
				raw, err := os.ReadFile(file)
				if err != nil {
					return err
				}
				cmd.Certificate = string(raw)
			}
			return r.on(c, func(ctx context.Context, s Site, sc people.Scope, id people.ProjectID) error {
				cmd.Project = id
				x, token, err := s.Readers.Add(ctx, sc, cmd)
				if err != nil {
					return err
				}
				out := of(x)
				out.Token = token.Reveal()
				if r.json {
					return json.NewEncoder(r.Out).Encode(out)
				}
				if out.Token != "" {
					_, err = fmt.Fprintf(r.Out, "%s\n%s\n", out.ID, out.Token)
					return err
				}
				_, err = fmt.Fprintf(r.Out, "%s\n%s\n", out.ID, out.Fingerprint)
				return err
			})
		}})
	c.Flags().StringVar(&cmd.Level, "level", "AMBER", "AMBER, or RED for both")
	c.Flags().IntVar(&cmd.Days, "days", 180, "until it ends, 1 to 366")
	c.Flags().StringVar(&file, "certificate", "", "file with a client certificate in PEM, or with its SHA-256 fingerprint")
	return c
}

func (r *Readers) end() *cobra.Command {
	return r.flags(&cobra.Command{Use: "end ID --project PROJECT", Short: "Shut a reader out at once", Args: cobra.ExactArgs(1),
		Example: "  tocsin site reader end 01JD3Z6Q6B7V0T3N9M4K2R8XWC --project lanterna",
		RunE: func(c *cobra.Command, args []string) error {
			return r.on(c, func(ctx context.Context, s Site, sc people.Scope, id people.ProjectID) error {
				return s.Readers.End(ctx, sc, id, args[0])
			})
		}})
}

// BySlug finds a project by its short name.
func BySlug(w unit.Work, sc people.Scope, find func(context.Context, unit.View, people.Scope, string) (people.Project, error)) func(context.Context, string) (people.ProjectID, error) {
	return func(ctx context.Context, slug string) (people.ProjectID, error) {
		var out people.ProjectID
		err := w.View(ctx, func(ctx context.Context, v unit.View) error {
			p, err := find(ctx, v, sc, slug)
			out = p.ID
			return err
		})
		return out, err
	}
}
