package cli

import (
	"errors"
	"fmt"
	"strings"

	"github.com/spf13/cobra"
)

// tellUsage makes every wrong call of c and its subcommands a usageError, exit code 2,
// that says how the command is called and what to do next. cobra's own answers end
// with 1, and a wrong word behind a group of commands with 0.
func tellUsage(c *cobra.Command) {
	if c.HasSubCommands() {
		if !c.Runnable() {
			c.Args, c.RunE = noSuchCommand, func(c *cobra.Command, _ []string) error { return c.Help() }
		}
		for _, sub := range c.Commands() {
			tellUsage(sub)
		}
		return
	}
	takes := c.Args
	c.Args = func(c *cobra.Command, args []string) error {
		var err error
		if takes != nil {
			err = takes(c, args)
		}
		if err == nil {
			err = c.ValidateRequiredFlags()
		}
		if err == nil {
			err = c.ValidateFlagGroups()
		}
		if err == nil {
			return nil
		}
		if strings.HasPrefix(err.Error(), "unknown command") {
			err = fmt.Errorf("%q is one argument too many", args[0])
		}
		if len(c.ValidArgs) > 0 {
			err = fmt.Errorf("%w; it takes one of %s", err, strings.Join(c.ValidArgs, ", "))
		}
		return usageError{fmt.Errorf("%w\n  usage: %s\n  more:  %s --help", err, c.UseLine(), c.CommandPath())}
	}
}

// noSuchCommand refuses a word that names no command, and offers those that look like it.
func noSuchCommand(c *cobra.Command, args []string) error {
	if len(args) == 0 {
		return nil
	}
	text := fmt.Sprintf("there is no command %q", c.CommandPath()+" "+args[0])
	if c.SuggestionsMinimumDistance <= 0 {
		c.SuggestionsMinimumDistance = 2
	}
	if near := c.SuggestionsFor(args[0]); len(near) > 0 {
		text += "; did you mean " + strings.Join(near, " or ") + "?"
	}
	return usageError{errors.New(text + "\n  all commands: " + c.CommandPath() + " --help")}
}

// helpCommand is cobra's, but a topic that is not there is a wrong call.
func helpCommand(root *cobra.Command) *cobra.Command {
	return &cobra.Command{
		Use:     "help [COMMAND]",
		Short:   "Help about any command",
		Long:    "Help about any command: what it does, its flags, and an example.",
		Example: "  tocsin help serve\n  tocsin help report release",
		Args:    cobra.ArbitraryArgs,
		RunE: func(_ *cobra.Command, args []string) error {
			found, rest, err := root.Find(args)
			if found == nil || err != nil {
				found, rest = root, args
			}
			if len(rest) > 0 {
				return noSuchCommand(found, rest)
			}
			return found.Help()
		},
	}
}
