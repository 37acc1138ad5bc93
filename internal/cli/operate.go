package cli

import (
	"context"
	"fmt"
	"io"

	"github.com/spf13/cobra"

	"github.com/tocsin-sec/tocsin/internal/base/unit"
	"github.com/tocsin-sec/tocsin/internal/platform/gate"
	"github.com/tocsin-sec/tocsin/internal/platform/jobs"
	"github.com/tocsin-sec/tocsin/internal/server"
)

// adminResume decides about the gates of a restored site.
func adminResume(env Env) *cobra.Command {
	var cmd server.ResumeGate
	c := &cobra.Command{
		Use:   "resume [sending|publishing|logins]",
		Short: "Let a restored site go on; without an argument list what would happen",
		Long: `A restored site sends nothing, publishes nothing and lets nobody in until a person has
decided. Without an argument this lists what is held back and what would repeat or
revive. With one it lets that go on; the flags say what is not to come back.`,
		Example: `  tocsin admin resume
  tocsin admin resume logins --end-sessions --revoke-tokens
  tocsin admin resume sending --cancel-letters
  tocsin admin resume publishing --disarm`,
		Args:      cobra.MaximumNArgs(1),
		ValidArgs: gate.Names(),
		RunE: func(c *cobra.Command, args []string) error {
			return withServices(c, env, func(ctx context.Context, s *server.Store, a *server.Services) error {
				if len(args) == 0 {
					return listGates(ctx, env, s)
				}
				cmd.Name = args[0]
				if (cmd.EndSessions || cmd.RevokeTokens) && cmd.Name != gate.Logins || cmd.CancelLetters && cmd.Name != gate.Sending || cmd.Disarm && cmd.Name != gate.Publishing {
					return usageError{fmt.Errorf("--end-sessions and --revoke-tokens go with logins, --cancel-letters with sending, --disarm with publishing")}
				}
				done, err := server.Resume(ctx, s, a, cmd)
				if err != nil {
					return err
				}
				_, err = fmt.Fprintf(env.Out, "%s goes on; ended %d sessions, %d API tokens, %d letters, %d armed publications\n", cmd.Name, done.Sessions, done.Tokens, done.Letters, done.Armed)
				return err
			})
		},
	}
	c.Flags().BoolVar(&cmd.EndSessions, "end-sessions", false, "with logins: everybody signs in anew")
	c.Flags().BoolVar(&cmd.RevokeTokens, "revoke-tokens", false, "with logins: everybody makes new API tokens")
	c.Flags().BoolVar(&cmd.CancelLetters, "cancel-letters", false, "with sending: give up the letters that wait")
	c.Flags().BoolVar(&cmd.Disarm, "disarm", false, "with publishing: nothing is published by itself until its members arm it anew")
	settingsFlags(c)
	return c
}

func listGates(ctx context.Context, env Env, s *server.Store) error {
	var closed []gate.Gate
	var list []server.Revival
	err := s.Work.View(ctx, func(ctx context.Context, v unit.View) (err error) {
		if closed, err = gate.List(ctx, v); err != nil {
			return err
		}
		list, err = server.Revivals(ctx, v)
		return err
	})
	if err != nil {
		return err
	}
	p := printer(env)
	for _, g := range closed {
		fmt.Fprintln(env.Out, p.T("doctor.gates.closed", "name", g.Name, "since", g.Closed.UTC().Format("2006-01-02 15:04 MST")))
	}
	if len(closed) == 0 {
		_, err := fmt.Fprintln(env.Out, p.T("doctor.gates.ok"))
		return err
	}
	printRevivals(env, list)
	return nil
}

func printRevivals(env Env, list []server.Revival) {
	p := printer(env)
	if len(list) == 0 {
		fmt.Fprintln(env.Out, p.T("restore.nothing"))
	}
	for _, r := range list {
		held := r.Gate
		if held == "" {
			held = p.T("restore.at_once")
		}
		fmt.Fprintf(env.Out, "  %-10s  %6d  %s\n", held, r.Count, p.T(r.Key, r.Args...))
	}
}

// adminJobs looks after the queue.
func adminJobs(env Env) *cobra.Command {
	c := &cobra.Command{Use: "jobs", Short: "List pieces of work; try again or cancel one",
		Long: "List pieces of work that wait, run or were given up. What they are about is not shown: an administrator may not know it."}
	c.AddCommand(jobsList(env),
		jobsDo(env, "retry", "Try work that was given up or cancelled afresh", server.RetryJob),
		jobsDo(env, "cancel", "Cancel work that waits or runs", server.CancelJob))
	return c
}

// jobState is the state behind a word of --state.
func jobState(word string) (jobs.State, bool) {
	switch word {
	case "waiting":
		return jobs.Waiting, true
	case "running":
		return jobs.Leased, true
	case "dead":
		return jobs.Dead, true
	case "cancelled":
		return jobs.Cancelled, true
	}
	return 0, false
}

func jobsList(env Env) *cobra.Command {
	var word string
	var asJSON bool
	c := &cobra.Command{
		Use:     "list",
		Short:   "List up to 200 pieces of work in a state, the next due first",
		Example: "  tocsin admin jobs list\n  tocsin admin jobs list --state waiting",
		Args:    cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			state, ok := jobState(word)
			if !ok {
				return usageError{fmt.Errorf("--state %q is none of waiting, running, dead, cancelled", word)}
			}
			return withStore(c, env, func(ctx context.Context, s *server.Store) error {
				var list []jobs.Item
				err := s.Work.View(ctx, func(ctx context.Context, v unit.View) (err error) {
					list, err = jobs.List(ctx, v, state, 200)
					return err
				})
				if err != nil {
					return err
				}
				return showJobs(env.Out, env, asJSON, list)
			})
		},
	}
	c.Flags().StringVar(&word, "state", "dead", "waiting, running, dead or cancelled")
	c.Flags().BoolVar(&asJSON, "json", false, "print JSON")
	settingsFlags(c)
	return c
}

func showJobs(w io.Writer, env Env, asJSON bool, list []jobs.Item) error {
	p := printer(env)
	type row struct {
		ID      string `json:"id"`
		Kind    string `json:"kind"`
		State   string `json:"state"`
		Due     string `json:"due"`
		Attempt int    `json:"attempt"`
		Problem string `json:"problem,omitempty"`
	}
	rows := make([]row, 0, len(list))
	for _, i := range list {
		r := row{ID: i.ID, Kind: i.Kind, State: p.T(i.State.String()), Due: i.Due.Format("2006-01-02 15:04:05 MST"), Attempt: i.Attempt}
		if i.FaultKey != "" {
			r.Problem = p.T(i.FaultKey)
		}
		rows = append(rows, r)
	}
	return show(w, asJSON, rows, "ID\tKIND\tSTATE\tDUE\tTRY\tPROBLEM", func(r row) string {
		return cells(r.ID, r.Kind, r.State, r.Due, fmt.Sprint(r.Attempt), r.Problem)
	})
}

func jobsDo(env Env, use, short string, do func(context.Context, *server.Store, string) error) *cobra.Command {
	c := &cobra.Command{
		Use:     use + " ID...",
		Short:   short,
		Example: "  tocsin admin jobs " + use + " 01JD3Z6Q6B7V0T3N9M4K2R8XWC",
		Args:    cobra.MinimumNArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			return withStore(c, env, func(ctx context.Context, s *server.Store) error {
				for _, id := range args {
					if err := do(ctx, s, id); err != nil {
						return fmt.Errorf("%s: %w", id, err)
					}
				}
				return nil
			})
		},
	}
	settingsFlags(c)
	return c
}

// adminRotate replaces the keys of the site itself.
func adminRotate(env Env) *cobra.Command {
	var file string
	c := &cobra.Command{
		Use:   "rotate-key site|checkpoint",
		Short: "Replace the site key, or the key that signs the ledger's checkpoints",
		Long: `checkpoint: make a new key for the ledger's checkpoints and print the public keys; give the
new one to those who verify. Earlier checkpoints stay signed by the old one.

site: wrap every data key with the site key in --to-file, which is made when there is none.
Stop every server first. Afterwards name the new file as --site-key-file; the old key
opens nothing any more but old backups: keep it as long as you keep those. If it is
interrupted, run the same command again.

The OpenPGP keys of a project are its chair's to replace, on its pages.`,
		Example: `  tocsin admin rotate-key checkpoint
  tocsin admin rotate-key site --site-key-file /etc/tocsin/site.key --to-file /etc/tocsin/site-2027.key`,
		Args:      cobra.MatchAll(cobra.ExactArgs(1), cobra.OnlyValidArgs),
		ValidArgs: []string{"site", "checkpoint"},
		RunE: func(c *cobra.Command, args []string) error {
			if args[0] == "site" {
				return rotateSite(c, env, file)
			}
			return withStore(c, env, func(ctx context.Context, s *server.Store) error {
				if err := server.RotateCheckpointKey(ctx, s); err != nil {
					return err
				}
				return printKeys(ctx, env, s)
			})
		},
	}
	c.Flags().StringVar(&file, "to-file", "", "with site: the file of the new key")
	settingsFlags(c)
	return c
}

func rotateSite(c *cobra.Command, env Env, file string) error {
	if file == "" {
		return usageError{fmt.Errorf("name the file of the new key with --to-file")}
	}
	cfg, err := settings(c, env.Environ)
	if err != nil {
		return err
	}
	moved, id, err := server.RotateSiteKey(c.Context(), cfg, file)
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(env.Out, "%d keys are wrapped with the site key %s in %s; start the servers with --site-key-file %s\n", moved, id, file, file)
	return err
}
