package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"strings"

	"github.com/spf13/cobra"

	"github.com/tocsin-sec/tocsin/internal/base/unit"
	"github.com/tocsin-sec/tocsin/internal/platform/ledger"
	"github.com/tocsin-sec/tocsin/internal/server"
)

// ledgerCommand works on the record of what happened.
func ledgerCommand(env Env) *cobra.Command {
	c := &cobra.Command{
		Use:   "ledger",
		Short: "Export the record, make checkpoints, verify",
		Long: `The ledger is a hash-chained stream of entries for each case, report, person and
project. Once a minute the server signs a checkpoint over all of them. Keep
checkpoints and the public key outside this machine: with them anybody can verify an
export anywhere, and a rewrite of the record shows.`,
	}
	c.AddCommand(ledgerExport(env), ledgerCheckpoint(env), ledgerKey(env), ledgerVerify(env))
	return c
}

// withStore runs f on the open store, with the settings of the command.
func withStore(c *cobra.Command, env Env, f func(context.Context, *server.Store) error) error {
	cfg, err := settings(c, env.Environ)
	if err != nil {
		return err
	}
	s, err := server.OpenStore(c.Context(), cfg, slog.New(slog.NewTextHandler(env.Err, &slog.HandlerOptions{Level: slog.LevelWarn})))
	if err != nil {
		return err
	}
	return errors.Join(f(c.Context(), s), s.Close())
}

func ledgerExport(env Env) *cobra.Command {
	var to string
	c := &cobra.Command{
		Use:     "export --to FILE",
		Short:   "Write the whole record as lines; what entries say stays sealed",
		Example: "  tocsin ledger export --to ledger.jsonl",
		Args:    cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			return withStore(c, env, func(ctx context.Context, s *server.Store) error {
				return writeFile(to, env.Out, func(w io.Writer) error { return s.Ledger.Export(ctx, w) })
			})
		},
	}
	c.Flags().StringVar(&to, "to", "", "the file to write, - for standard output")
	_ = c.MarkFlagRequired("to")
	settingsFlags(c)
	return c
}

func ledgerCheckpoint(env Env) *cobra.Command {
	c := &cobra.Command{
		Use:     "checkpoint",
		Short:   "Sign a checkpoint now and print it, to be kept elsewhere",
		Example: "  tocsin ledger checkpoint | mail -s checkpoint auditor@example.org",
		Args:    cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			return withStore(c, env, func(ctx context.Context, s *server.Store) error {
				note, err := s.Ledger.Now(ctx)
				if err != nil {
					return err
				}
				_, err = io.WriteString(env.Out, note)
				return err
			})
		},
	}
	settingsFlags(c)
	return c
}

func ledgerKey(env Env) *cobra.Command {
	c := &cobra.Command{
		Use:     "key",
		Example: "  tocsin ledger key > ledger.pub",
		Short:   "Print the public keys that verify checkpoints, the newest first",
		Args:    cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			return withStore(c, env, func(ctx context.Context, s *server.Store) error { return printKeys(ctx, env, s) })
		},
	}
	settingsFlags(c)
	return c
}

// printKeys prints the public keys of the checkpoints, the newest first.
func printKeys(ctx context.Context, env Env, s *server.Store) error {
	var keys []string
	err := s.Work.View(ctx, func(ctx context.Context, v unit.View) (err error) {
		keys, err = s.Ledger.Keys(ctx, v)
		return err
	})
	if err != nil {
		return err
	}
	_, err = fmt.Fprintln(env.Out, strings.Join(keys, "\n"))
	return err
}

func ledgerVerify(env Env) *cobra.Command {
	var keyFile string
	var earlier []string
	c := &cobra.Command{
		Use:   "verify FILE --key KEYFILE [--checkpoint FILE]...",
		Short: "Verify an export, on any machine; needs no store",
		Long: `Verify an export: follow every chain, compute the log's root, check the signature, and
hold the record against checkpoints that were kept elsewhere. What was done to it is named:
a changed bit, a removed, reordered or cut-off entry, a rewrite, or an honest restore.
Without an earlier checkpoint a rewrite signed with the true key cannot be seen.

The exit code is 0 when nothing was done to it, else 1.`,
		Example: `  tocsin ledger verify ledger.jsonl --key ledger.pub --checkpoint checkpoint-2026-10-01.txt`,
		Args:    cobra.ExactArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			against, err := knownElsewhere(keyFile, earlier)
			if err != nil {
				return usageError{err}
			}
			in, err := open(env, args[0])
			if err != nil {
				return err
			}
			defer in.Close()
			report, err := ledger.Verify(c.Context(), in, against)
			if err != nil {
				return err
			}
			printReport(env, report, len(earlier) > 0)
			if !report.OK() {
				return errSilent
			}
			return nil
		},
	}
	c.Flags().StringVar(&keyFile, "key", "", "file with the public keys (`tocsin ledger key`), from another place than the export")
	c.Flags().StringSliceVar(&earlier, "checkpoint", nil, "file with a checkpoint that was kept elsewhere; may be repeated")
	_ = c.MarkFlagRequired("key")
	return c
}

func knownElsewhere(keyFile string, earlier []string) (ledger.Against, error) {
	var a ledger.Against
	raw, err := os.ReadFile(keyFile)
	if err != nil {
		return a, fmt.Errorf("--key: %w", err)
	}
	a.Keys = strings.Fields(string(raw))
	for _, path := range earlier {
		raw, err := os.ReadFile(path)
		if err != nil {
			return a, fmt.Errorf("--checkpoint: %w", err)
		}
		a.Earlier = append(a.Earlier, raw)
	}
	return a, nil
}

func printReport(env Env, r ledger.Report, compared bool) {
	p := printer(env)
	fmt.Fprintf(env.Out, "%d entries in %d streams; %d proven by the checkpoint of %s, %d not yet proven, %d erased\n",
		r.Entries, r.Streams, r.Proven, r.At.UTC().Format("2006-01-02 15:04:05 MST"), r.Unproven, r.Erased)
	for _, f := range r.Findings {
		where := f.Stream
		if where == "" {
			where = "(log)"
		}
		fmt.Fprintf(env.Out, "  %s, entry %d: %s\n", where, f.Seq, p.T(f.Kind.String()))
	}
	if r.Found > len(r.Findings) {
		fmt.Fprintf(env.Out, "  and %d more\n", r.Found-len(r.Findings))
	}
	for _, x := range r.Restores {
		lost := ""
		if x.Lost {
			lost = "; an earlier checkpoint covers entries that the backup did not have"
		}
		fmt.Fprintf(env.Out, "  restored from a backup at %s%s\n", x.At.UTC().Format("2006-01-02 15:04:05 MST"), lost)
	}
	switch {
	case !r.OK():
		fmt.Fprintf(env.Out, "NOT INTACT: %d findings\n", r.Found)
	case compared:
		fmt.Fprintln(env.Out, "intact, and consistent with the earlier checkpoints")
	default:
		fmt.Fprintln(env.Out, "intact; without an earlier checkpoint a signed rewrite cannot be seen (--checkpoint)")
	}
}
