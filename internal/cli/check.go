package cli

import (
	"fmt"
	"runtime"
	"runtime/debug"
	"slices"
	"time"

	"github.com/spf13/cobra"

	"github.com/tocsin-sec/tocsin/internal/cli/about"
	"github.com/tocsin-sec/tocsin/internal/cli/checkrun"
	"github.com/tocsin-sec/tocsin/internal/cli/mendrun"
	"github.com/tocsin-sec/tocsin/internal/platform/egress"
	"github.com/tocsin-sec/tocsin/internal/validator"
	"github.com/tocsin-sec/tocsin/kit/check"
	"github.com/tocsin-sec/tocsin/kit/csaf/rule"
)

// The exit codes of check beside 0 and 2.
const (
	exitFound   = 1 // findings of the severity of --fail-on or worse
	exitNotRead = 3 // something could not be read, so not everything was checked
)

// exitError ends the program with a code that was explained already.
type exitError int

func (e exitError) Error() string { return fmt.Sprintf("exit %d", int(e)) }

// Is makes it silent.
func (e exitError) Is(target error) bool { return target == errSilent }

// checking holds the flags of check.
type checking struct {
	env            Env
	format, failOn string
	show, colour   string
	as             string
	request        check.Request
	all, knownOnly bool
	listed         bool
	jobs           int
	timeout        time.Duration
	mend           mendrun.Flags
}

// checkCommand is `tocsin check`.
func checkCommand(env Env) *cobra.Command {
	k := &checking{env: env}
	c := &cobra.Command{
		Use:   "check FILE|DIR|URL...",
		Short: "Check security documents of any format: CSAF, OSV, CVE, OpenVEX",
		Long:  checkrun.Help,
		Example: `  tocsin check advisory.json
  tocsin check --preset basic --fail-on error advisories/
  tocsin check --format sarif . > tocsin.sarif
  tocsin check --format junit --fail-on warning advisories/ > junit.xml
  tocsin check --test 6.1.8 --test 6.1.9 advisory.json
  tocsin check all.zip
  tocsin check --fix --dry-run advisories/
  tocsin check --fix advisories/
  tocsin check https://security.example.org/.well-known/csaf/provider-metadata.json
  curl -s https://example.org/advisory.json | tocsin check -`,
		Args: cobra.MinimumNArgs(1),
		RunE: func(c *cobra.Command, args []string) error { return k.run(c, args) },
	}
	f := c.Flags()
	f.StringVar(&k.format, "format", "text", "text, json, sarif or junit")
	f.StringVar(&k.failOn, "fail-on", "error", "error, warning, info or never: the least severity that makes the exit code 1")
	f.StringVar(&k.show, "show", "info", "error, warning or info: the least severity that --format text shows")
	f.BoolVar(&k.all, "all", false, "show all findings of a rule, not the first ten")
	f.StringVar(&k.colour, "color", "auto", "auto (on a terminal), always or never")
	f.StringVar(&k.as, "as", "", "take the documents for this format: "+checkrun.FormatNames())
	f.StringSliceVar(&k.request.Presets, "preset", nil, "run the tests of a preset (default full)")
	f.StringSliceVar(&k.request.Tests, "test", nil, "run a test")
	f.StringSliceVar(&k.request.Without, "without", nil, "leave a test out")
	f.BoolVar(&k.request.Network, "network", false, "run the tests that ask for the URLs in a document")
	f.BoolVar(&k.knownOnly, "known-only", false, "leave out files of folders and archives that are of no known format")
	f.BoolVar(&k.listed, "listed", true, "check what a provider lists as well")
	f.IntVar(&k.jobs, "jobs", runtime.GOMAXPROCS(0), "documents that are checked at a time")
	f.DurationVar(&k.timeout, "timeout", checkrun.DefaultTimeout, "for the whole answer of an URL")
	k.mend.Add(c)
	return c
}

func (k *checking) run(c *cobra.Command, args []string) error {
	fail, out, err := k.flags(args)
	if err != nil {
		return usageError{fmt.Errorf("%w\n  more:  %s --help", err, c.CommandPath())}
	}
	checker := &check.Checker{}
	checker.Validator.Fetcher = validator.Fetch(egress.Client(egress.Config{Timeout: 10 * time.Second, MaxBytes: 1 << 20}))
	mend := &mendrun.Run{Flags: k.mend, Checker: checker, Request: k.request, Out: k.env.Out, Err: k.env.Err}
	source := checkrun.NewSource(k.env.In, k.timeout, k.listed)
	run := &checkrun.Run{Checker: checker, Request: k.request, Jobs: k.jobs, KnownOnly: k.knownOnly}
	if text, is := out.(*checkrun.Text); is {
		run.Lines = text.Show
	}
	// Documents are short-lived and small beside the word lists: collecting them less
	// often saves a tenth of the time for some 20 MB.
	defer debug.SetGCPercent(debug.SetGCPercent(400))
	progress := &checkrun.Progress{}
	if checkrun.Terminal(k.env.Err) {
		progress.Out = k.env.Err
	}
	tally, err := run.Each(c.Context(), func(yield func(checkrun.Document) bool) {
		source.Each(c.Context(), args, func(d checkrun.Document) bool { progress.Found(); return yield(mend.Wrap(d)) })
	}, func(r *checkrun.Result) error {
		progress.Done(r)
		if k.format == "text" && checkrun.Terminal(k.env.Out) {
			progress.Clear()
		}
		if err := mend.Tell(r.Name); err != nil || k.mend.Dry {
			return err
		}
		return out.Result(r)
	})
	progress.Clear()
	if err != nil {
		return fmt.Errorf("check: %w", err)
	}
	if text, is := out.(*checkrun.Text); !k.mend.Dry && (!is || text.Many || tally.NotRead > 0) {
		err = out.Summary(tally)
	}
	switch {
	case err != nil:
		return fmt.Errorf("check: %w", err)
	case tally.NotRead > 0:
		return exitError(exitNotRead)
	case tally.Worst != rule.Unrated && tally.Worst <= fail:
		return exitError(exitFound)
	}
	return nil
}

// flags reads the flags that are words.
func (k *checking) flags(args []string) (fail check.Severity, out checkrun.Output, err error) {
	severities := map[string]check.Severity{"error": check.Error, "warning": check.Warning, "info": check.Info, "never": rule.Unrated}
	fail, known := severities[k.failOn]
	if !known {
		return 0, nil, fmt.Errorf("--fail-on is error, warning, info or never, not %q", k.failOn)
	}
	show, known := severities[k.show]
	if !known || show == rule.Unrated {
		return 0, nil, fmt.Errorf("--show is error, warning or info, not %q", k.show)
	}
	if !slices.Contains([]string{"auto", "always", "never"}, k.colour) {
		return 0, nil, fmt.Errorf("--color is auto, always or never, not %q", k.colour)
	}
	if slices.Contains(args, "-") && len(slices.DeleteFunc(slices.Clone(args), func(a string) bool { return a != "-" })) > 1 {
		return 0, nil, fmt.Errorf("standard input can be read once")
	}
	if err := k.mend.Check(args); err != nil {
		return 0, nil, err
	}
	k.request.Format = check.Format(k.as)
	if err := k.request.Validate(); err != nil {
		return 0, nil, err
	}
	text := &checkrun.Text{Out: k.env.Out, Colour: k.coloured(), Show: show, All: k.all, Many: checkrun.Several(args)}
	if out = checkrun.NewOutput(k.format, text, about.Build(), fail); out == nil {
		return 0, nil, fmt.Errorf("--format is text, json, sarif or junit, not %q", k.format)
	}
	return fail, out, nil
}

// coloured reports whether text is written in colours: on a terminal, unless NO_COLOR
// (no-color.org) or a terminal that has none says otherwise.
func (k *checking) coloured() bool {
	if k.colour != "auto" {
		return k.colour == "always"
	}
	return checkrun.Terminal(k.env.Out) && variable(k.env, "NO_COLOR") == "" && variable(k.env, "TERM") != "dumb"
}
