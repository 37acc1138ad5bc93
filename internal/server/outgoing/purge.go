package outgoing

import (
	"context"

	"github.com/tocsin-sec/tocsin/internal/base/fault"
	"github.com/tocsin-sec/tocsin/internal/platform/command"
)

// Purge returns what gives a list of addresses to the operator's program (--purge-command),
// nil when there is none. A program that fails, or takes more than 30 seconds, gets the
// list again.
func Purge(line string) func(ctx context.Context, list []byte) error {
	if line == "" {
		return nil
	}
	return func(ctx context.Context, list []byte) error {
		words, err := command.Split(line)
		if err == nil {
			_, err = command.Command{Words: words}.Run(ctx, list)
		}
		if err != nil {
			return fault.New(fault.Unavailable, "advisory.fault.purge").Because(err)
		}
		return nil
	}
}
