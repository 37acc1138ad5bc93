package cli

import (
	"github.com/spf13/cobra"

	"github.com/tocsin-sec/tocsin/internal/cli/checkrun"
	"github.com/tocsin-sec/tocsin/internal/cli/fixrun"
)

// fixCommand is `tocsin fix`.
func fixCommand(env Env) *cobra.Command {
	e := fixrun.Env{Out: env.Out, Err: env.Err, Usage: func(err error) error { return usageError{err} }, Exit: func(code int) error { return exitError(code) }}
	if checkrun.Terminal(env.Err) {
		e.Progress = env.Err
	}
	return fixrun.Command(e)
}
