package cli

import (
	"fmt"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/tocsin-sec/tocsin/internal/base/lines"
	"github.com/tocsin-sec/tocsin/internal/config"
)

// settingsFlags gives a command the flags of the settings, --config included.
func settingsFlags(c *cobra.Command) {
	flags := c.Flags()
	flags.String("config", "", "YAML file with the same names as keys (TOCSIN_CONFIG)")
	for _, o := range config.Options() {
		help := fmt.Sprintf("%s (%s)", o.Help, o.Env)
		if o.Bool {
			flags.Bool(o.Name, o.Default == "true", help)
			continue
		}
		flags.String(o.Name, o.Default, help)
	}
	flags.SortFlags = false
}

// settings reads what file, variables and flags say.
func settings(c *cobra.Command, environ []string) (config.Config, error) {
	given := map[string]string{}
	c.Flags().Visit(func(f *pflag.Flag) { given[f.Name] = f.Value.String() })
	file, ok := given["config"]
	if !ok {
		for _, pair := range environ {
			if v, found := strings.CutPrefix(pair, "TOCSIN_CONFIG="); found {
				file = v
			}
		}
	}
	cfg, err := config.Load(file, environ, given)
	if err != nil {
		return cfg, usageError{err}
	}
	return cfg, nil
}

// configCommand explains every setting.
func configCommand(env Env) *cobra.Command {
	return &cobra.Command{
		Use:     "config",
		Example: "  tocsin config",
		Short:   "Explain every setting with its default",
		Long: `Explain every setting: the flag, the variable and what it does. The YAML file of
--config has the same names as keys:

  listen: 0.0.0.0:443
  tls-cert: /etc/tocsin/cert.pem
  tls-key: /etc/tocsin/key.pem
  egress-allow: [10.0.0.0/8]`,
		Args: cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			for _, o := range config.Options() {
				def := o.Default
				if def == "" {
					def = "(none)"
				}
				fmt.Fprintf(env.Out, "%s\n  flag --%s, variable %s, default %s\n%s\n\n", o.Name, o.Name, o.Env, def, lines.Wrap(o.Help, "  ", 78))
			}
			return nil
		},
	}
}
