package cli

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"filippo.io/age"
	"github.com/spf13/cobra"

	"github.com/tocsin-sec/tocsin/internal/server"
)

// backupCommand copies the store into an encrypted file.
func backupCommand(env Env) *cobra.Command {
	var to string
	var recipients []string
	c := &cobra.Command{
		Use:   "backup --recipient age1... --to FILE",
		Short: "Copy the store into one encrypted file while the server runs",
		Long: `Copy the whole store, as it is at one instant, into one age-encrypted file. The server
may run. The site key is not in it: keep a copy of that apart.

A recipient is an age public key (age1...) or a file with one on each line. Make a
key pair with age-keygen, and keep the private half off this machine.`,
		Example: `  tocsin backup --recipient age1ql3z7hjy... --to /backup/tocsin-$(date +%F).age
  tocsin backup --recipient /etc/tocsin/backup-recipients.txt --to - | ssh store 'cat > tocsin.age'`,
		Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			cfg, err := settings(c, env.Environ)
			if err != nil {
				return err
			}
			list, err := parseRecipients(recipients)
			if err != nil {
				return usageError{err}
			}
			tell := func(table string, rows int64) { fmt.Fprintf(env.Err, "%-32s %10d rows\n", table, rows) }
			return writeFile(to, env.Out, func(w io.Writer) error {
				done, err := server.Backup(c.Context(), cfg, w, list, tell)
				if err == nil {
					fmt.Fprintf(env.Err, "%d rows of %d tables, as of %s\n", done.Rows, done.Tables, done.At.Format("2006-01-02 15:04:05 MST"))
				}
				return err
			})
		},
	}
	c.Flags().StringVar(&to, "to", "", "the file to write, - for standard output")
	c.Flags().StringSliceVar(&recipients, "recipient", nil, "age public key or file of them; may be repeated")
	_ = c.MarkFlagRequired("to")
	_ = c.MarkFlagRequired("recipient")
	settingsFlags(c)
	return c
}

func parseRecipients(words []string) ([]age.Recipient, error) {
	var out []age.Recipient
	for _, w := range words {
		if strings.HasPrefix(w, "age1") {
			r, err := age.ParseX25519Recipient(w)
			if err != nil {
				return nil, fmt.Errorf("--recipient %q: %w", w, err)
			}
			out = append(out, r)
			continue
		}
		f, err := os.Open(w)
		if err != nil {
			return nil, fmt.Errorf("--recipient: %w", err)
		}
		list, err := age.ParseRecipients(f)
		f.Close()
		if err != nil {
			return nil, fmt.Errorf("--recipient %s: %w", w, err)
		}
		out = append(out, list...)
	}
	return out, nil
}

// writeFile writes to a new file that appears under its name only when it is
// whole and on the disk; "-" is standard output.
func writeFile(path string, std io.Writer, write func(io.Writer) error) error {
	if path == "-" {
		return write(std)
	}
	f, err := os.CreateTemp(filepath.Dir(path), "."+filepath.Base(path)+".*") // 0600
	if err != nil {
		return err
	}
	defer os.Remove(f.Name())
	err = write(f)
	if err := errors.Join(err, f.Sync(), f.Close()); err != nil {
		return err
	}
	if err := os.Rename(f.Name(), path); err != nil {
		return err
	}
	// The name is on the disk when its folder is.
	dir, err := os.Open(filepath.Dir(path))
	if err != nil {
		return err
	}
	return errors.Join(dir.Sync(), dir.Close())
}

// restoreCommand fills an empty store from a backup.
func restoreCommand(env Env) *cobra.Command {
	var identity string
	var others []string
	c := &cobra.Command{
		Use:   "restore FILE --identity KEYFILE",
		Short: "Fill an empty store from a backup; it starts with everything held back",
		Long: `Fill an empty store (a new --data folder, or an empty database with --database) from a
backup. FILE is - for standard input. The site key must be the one of the old site; a backup
that was made within a rotation of the site key needs the other one too.

The restored site starts with sending, publishing (with the ends of embargoes) and logins
held back. This command lists what would repeat or revive, and so does ` + "`tocsin admin resume`" + `. Decide, then let each go on:
  tocsin admin resume logins --end-sessions
  tocsin admin resume sending --cancel-letters
  tocsin admin resume publishing --disarm`,
		Example: `  tocsin restore tocsin-2026-11-22.age --identity backup-key.txt --data /var/lib/tocsin`,
		Args:    cobra.ExactArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			cfg, err := settings(c, env.Environ)
			if err != nil {
				return err
			}
			keys, err := readIdentities(identity)
			if err != nil {
				return usageError{err}
			}
			in, err := open(env, args[0])
			if err != nil {
				return err
			}
			defer in.Close()
			done, revivals, err := server.Restore(c.Context(), cfg, in, keys, others...)
			if err != nil {
				return err
			}
			fmt.Fprintf(env.Out, "Restored %d rows of %d tables, as of %s.\n", done.Rows, done.Tables, done.At.Format("2006-01-02 15:04:05 MST"))
			fmt.Fprintln(env.Out, "Held back until you decide (`tocsin admin resume NAME`):")
			printRevivals(env, revivals)
			return nil
		},
	}
	c.Flags().StringVar(&identity, "identity", "", "file with the age private key (AGE-SECRET-KEY-...)")
	c.Flags().StringSliceVar(&others, "other-site-key-file", nil, "file with the other site key of a rotation that had not ended")
	_ = c.MarkFlagRequired("identity")
	settingsFlags(c)
	return c
}

func readIdentities(path string) ([]age.Identity, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("--identity: %w", err)
	}
	defer f.Close()
	list, err := age.ParseIdentities(f)
	if err != nil {
		return nil, fmt.Errorf("--identity %s: not a file of age private keys", path)
	}
	return list, nil
}

// migrateCommand brings the schema to this program's version.
func migrateCommand(env Env) *cobra.Command {
	var look bool
	c := &cobra.Command{
		Use:   "migrate",
		Short: "Bring the database's schema to this program's version",
		Long: "Bring the database's schema to this program's version. `tocsin serve` does the same when it starts;\n" +
			"this command is for doing it ahead. It goes forward only: make a backup first.",
		Example: "  tocsin migrate --check   # how much is to do\n  tocsin migrate",
		Args:    cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			cfg, err := settings(c, env.Environ)
			if err != nil {
				return err
			}
			db, err := server.OpenDB(c.Context(), cfg)
			if err != nil {
				return err
			}
			defer db.Close()
			n, err := db.Pending(c.Context(), server.Sources())
			if err != nil {
				return err
			}
			fmt.Fprintf(env.Out, "%d migrations to run\n", n)
			if look || n == 0 {
				return nil
			}
			return db.Migrate(c.Context(), server.Sources())
		},
	}
	c.Flags().BoolVar(&look, "check", false, "only say how many migrations are to run")
	settingsFlags(c)
	return c
}
