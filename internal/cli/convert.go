package cli

import (
	"fmt"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/tocsin-sec/tocsin/internal/cli/checkrun"
	"github.com/tocsin-sec/tocsin/internal/cli/convertrun"
)

// convertCommand is `tocsin convert`.
func convertCommand(env Env) *cobra.Command {
	to, asJSON, strict, by := "", false, false, convertrun.Publisher{}
	c := &cobra.Command{
		Use:     "convert --to FORMAT FILE",
		Short:   "Convert a security document to another format",
		Long:    convertrun.Help,
		Example: "  tocsin convert --to csaf-2.1 advisory.json > advisory-2.1.json\n  tocsin convert --to cve --cna-id 8254265b-2729-46b6-b9e3-3dfca2d5bfca --cna-name mitre osv.json\n  tocsin convert --to openvex --strict --json advisory.json",
		Args:    cobra.ExactArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			data, err := checkrun.NewSource(env.In, checkrun.DefaultTimeout, false).One(c.Context(), args[0])
			if err != nil {
				return usageError{fmt.Errorf("%s: %w", checkrun.Safe(args[0]), err)}
			}
			r, err := convertrun.Convert(data, to, by, time.Now())
			if err != nil {
				return usageError{fmt.Errorf("%s: %s", checkrun.Safe(args[0]), checkrun.SafeLines(err.Error()))}
			}
			if _, err := env.Out.Write(r.Out); err != nil {
				return fmt.Errorf("convert: %w", err)
			}
			err = r.Tell(env.Err, asJSON)
			if err == nil && strict && len(r.Notes) > 0 {
				return exitError(exitFound)
			}
			return err
		},
	}
	c.Flags().StringVar(&to, "to", "", "the format: "+strings.Join(convertrun.Targets(), ", "))
	c.Flags().StringVar(&by.Name, "publisher", "", "who publishes the result")
	c.Flags().StringVar(&by.Namespace, "namespace", "", "the publisher's web address, such as https://example.org")
	c.Flags().StringVar(&by.OrgID, "cna-id", "", "UUID of the CNA that publishes the CVE record")
	c.Flags().StringVar(&by.OrgName, "cna-name", "", "short name of that CNA")
	c.Flags().BoolVar(&asJSON, "json", false, "list what is lost as JSON")
	c.Flags().BoolVar(&strict, "strict", false, "end with 1 when anything is lost or has to be decided")
	_ = c.MarkFlagRequired("to")
	return c
}
