package cli_test

import (
	"context"
	"io"
	"strings"
	"testing"

	"github.com/spf13/cobra"

	"github.com/tocsin-sec/tocsin/internal/cli"
)

func quiet() cli.Env { return cli.Env{In: strings.NewReader(""), Out: io.Discard, Err: io.Discard} }

// everyCommand visits the tree of commands.
func everyCommand(c *cobra.Command, f func(*cobra.Command)) {
	f(c)
	for _, sub := range c.Commands() {
		everyCommand(sub, f)
	}
}

func TestEveryCommandHasAnExample(t *testing.T) {
	everyCommand(cli.Root(quiet()), func(c *cobra.Command) {
		if c.Short == "" {
			t.Errorf("%s does not say what it does", c.CommandPath())
		}
		if !c.HasSubCommands() && !strings.Contains(c.Example, c.CommandPath()) {
			t.Errorf("%s has no example of itself: %q", c.CommandPath(), c.Example)
		}
	})
}

func TestWrongCallsEndWithTwo(t *testing.T) {
	everyCommand(cli.Root(quiet()), func(c *cobra.Command) {
		path := strings.Fields(c.CommandPath())[1:]
		calls := [][]string{{"--no-such-flag"}}
		if c.HasSubCommands() {
			calls = append(calls, []string{"no-such-command"})
		}
		for _, more := range calls {
			args := append(append([]string(nil), path...), more...)
			if code := cli.Main(context.Background(), quiet(), args); code != 2 {
				t.Errorf("tocsin %s ends with %d, want 2", strings.Join(args, " "), code)
			}
		}
	})
}
