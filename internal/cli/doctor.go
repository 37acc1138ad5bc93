package cli

import (
	"fmt"
	"io"
	"time"

	"github.com/spf13/cobra"

	"github.com/tocsin-sec/tocsin/internal/base/lines"
	"github.com/tocsin-sec/tocsin/internal/doctor"
	"github.com/tocsin-sec/tocsin/internal/platform/i18n"
)

// doctorCommand says what is wrong with the site and what to do about it.
func doctorCommand(env Env) *cobra.Command {
	var asJSON bool
	c := &cobra.Command{
		Use:   "doctor",
		Short: "Say what is missing or wrong, and what to do about it",
		Long: `Examine the site: settings, site key, certificate, smarthost, database, what waits or was
given up, and each project's team and keys. Give it the same settings as the server.
It changes nothing and reads no content of a report or case. The server may run.

Each line is OK, WARN (works, and somebody should do something) or FAIL (does not work,
or is not safe). The exit code is 1 when a line is FAIL, else 0.`,
		Example: `  tocsin doctor --config /etc/tocsin.yaml
  tocsin doctor --json | jq -r '.[] | select(.level != "OK") | .text'`,
		Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			cfg, err := settings(c, env.Environ)
			if err != nil {
				return err
			}
			found := doctor.Examine(c.Context(), cfg, time.Now())
			p := printer(env)
			if asJSON {
				err = doctorJSON(env.Out, p, found)
			} else {
				doctorLines(env.Out, p, found)
			}
			for _, f := range found {
				if f.Level == doctor.Fail && err == nil {
					err = errSilent
				}
			}
			return err
		},
	}
	c.Flags().BoolVar(&asJSON, "json", false, "print a JSON array, for programs")
	settingsFlags(c)
	return c
}

// finding is a line of the doctor for programs; check stays the same between versions.
type finding struct {
	Check string       `json:"check"`
	Level doctor.Level `json:"level"`
	Text  string       `json:"text"`
	Next  string       `json:"next,omitempty"`
}

func findingOf(p *i18n.Printer, f doctor.Check) finding {
	out := finding{Check: f.Name, Level: f.Level, Text: p.T(f.Key, f.Args...)}
	if f.Cause != nil {
		out.Text += " (" + sayIn(p, f.Cause) + ")"
	}
	if f.Next != "" {
		out.Next = p.T(f.Next, f.Args...)
	}
	return out
}

func doctorJSON(w io.Writer, p *i18n.Printer, found []doctor.Check) error {
	out := make([]finding, 0, len(found))
	for _, f := range found {
		out = append(out, findingOf(p, f))
	}
	return printJSON(w, out)
}

func doctorLines(w io.Writer, p *i18n.Printer, found []doctor.Check) {
	counts := map[doctor.Level]int{}
	for _, f := range found {
		counts[f.Level]++
		line := findingOf(p, f)
		fmt.Fprintf(w, "%-4s  %-13s  %s\n", line.Level, line.Check, line.Text)
		if line.Next != "" {
			fmt.Fprintln(w, lines.Wrap(p.T("doctor.next", "text", line.Next), "                     ", 100))
		}
	}
	fmt.Fprintln(w, p.T("doctor.summary", "ok", counts[doctor.OK], "warn", counts[doctor.Warn], "fail", counts[doctor.Fail]))
}
