package cli

import (
	"fmt"
	"net"
	"time"

	"github.com/spf13/cobra"

	"github.com/tocsin-sec/tocsin/internal/platform/egress"
	"github.com/tocsin-sec/tocsin/internal/validator"
	"github.com/tocsin-sec/tocsin/kit/csaf/validate"
)

// validatorCommand serves the API of csaf-validator-service until it is told to stop.
func validatorCommand(env Env) *cobra.Command {
	address, offline := "127.0.0.1:8082", false
	c := &cobra.Command{
		Use:   "validator",
		Short: "Serve the CSAF validator for other tools, without a database",
		Long: `Serve the HTTP API of csaf-validator-service until SIGTERM or interrupt: the tests of
CSAF 2.0 and 2.1, chosen by the version of each document. It keeps nothing, knows
nobody and needs no data folder.

The tests 6.3.6 and 6.3.7 ask for the URLs of a document when they are asked for by
name. They never go to private or loopback addresses; --offline turns them off.`,
		Example: `  tocsin validator
  tocsin validator --listen 127.0.0.1:8082 --offline
  csaf_checker --validator http://127.0.0.1:8082 --validator_preset full example.org`,
		Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			v := &validate.Validator{}
			if !offline {
				v.Fetcher = validator.Fetch(egress.Client(egress.Config{Timeout: 10 * time.Second, MaxBytes: 1 << 20}))
			}
			l, err := (&net.ListenConfig{}).Listen(c.Context(), "tcp", address)
			if err != nil {
				return fmt.Errorf("--listen %s: %w", address, err)
			}
			fmt.Fprintf(env.Out, "The validator listens on http://%s\n", l.Addr())
			return validator.Serve(c.Context(), l, validator.Handler(v))
		},
	}
	c.Flags().StringVar(&address, "listen", address, "address to listen on")
	c.Flags().BoolVar(&offline, "offline", offline, "never ask for the URLs of a document")
	return c
}
