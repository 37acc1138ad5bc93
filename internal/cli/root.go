// Package cli holds the subcommands of tocsin: their flags, help texts and how
// they print. What they do stands elsewhere: serve runs internal/server; admin,
// ledger, site, backup, restore, migrate and doctor open the store through it;
// report, case and advisory are clients of the HTTP API (kit/client); check is
// kit/check over many documents (cli/checkrun).
package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/spf13/cobra"

	"github.com/tocsin-sec/tocsin/internal/base/fault"
	"github.com/tocsin-sec/tocsin/internal/cli/about"
	"github.com/tocsin-sec/tocsin/kit/client"
)

// Env is what a command has of the world around it, so that tests can give
// another one.
type Env struct {
	In       io.Reader
	Out, Err io.Writer
	Environ  []string
}

// Std is the process's own environment.
func Std() Env {
	return Env{In: os.Stdin, Out: os.Stdout, Err: os.Stderr, Environ: os.Environ()}
}

// Main runs the command line and returns its exit code: 0, 2 for a wrong call, else
// that of the fault's kind (fault.ExitCode).
func Main(ctx context.Context, env Env, args []string) int {
	root := Root(env)
	root.SetArgs(args)
	err := root.ExecuteContext(ctx)
	if err == nil || errors.Is(err, errSilent) {
		return exitCode(err)
	}
	fmt.Fprintf(env.Err, "tocsin: %s\n", say(env, err))
	return exitCode(err)
}

// errSilent is a failure that the command has already told.
var errSilent = errors.New("failed")

// usageError is a wrong call of a command.
type usageError struct{ error }

func (u usageError) Unwrap() error { return u.error }

func exitCode(err error) int {
	var usage usageError
	if errors.As(err, &usage) {
		return 2
	}
	var code exitError
	if errors.As(err, &code) {
		return int(code)
	}
	var refused *client.Error
	if errors.As(err, &refused) {
		return exitOf(refused)
	}
	return fault.ExitCode(err)
}

// Root builds the tree of commands.
func Root(env Env) *cobra.Command {
	root := &cobra.Command{
		Use:   "tocsin",
		Short: "The security response centre for open-source projects and distributions",
		Long: `Tocsin takes a private report to a published, signed advisory: moderation,
case work, embargo, advisory, publication, and the record of all of it.

Start it on embedded defaults with the worked example:
  tocsin serve --demo

Check documents of CSAF, OSV, CVE and OpenVEX, without a server:
  tocsin check advisory.json

Each command says more about itself:
  tocsin help serve`,
		Example:           "  tocsin serve --demo\n  tocsin config\n  tocsin doctor",
		Version:           about.Build(),
		SilenceErrors:     true,
		SilenceUsage:      true,
		CompletionOptions: cobra.CompletionOptions{DisableDefaultCmd: true},
	}
	root.SetVersionTemplate("{{.Version}}\n")
	root.SetIn(env.In)
	root.SetOut(env.Out)
	root.SetErr(env.Err)
	root.SetFlagErrorFunc(func(c *cobra.Command, err error) error {
		return usageError{fmt.Errorf("%w\n  usage: %s\n  more:  %s --help", err, c.UseLine(), c.CommandPath())}
	})
	root.AddCommand(serveCommand(env), adminCommand(env), reportCommand(env), caseCommand(env), cveCommand(env), advisoryCommand(env), ledgerCommand(env), siteCommand(env),
		backupCommand(env), restoreCommand(env), migrateCommand(env), doctorCommand(env), configCommand(env),
		checkCommand(env), convertCommand(env), validatorCommand(env), fixCommand(env), about.Version(env.Out), about.Completion(), about.Man())
	root.SetHelpCommand(helpCommand(root))
	tellUsage(root)
	return root
}
