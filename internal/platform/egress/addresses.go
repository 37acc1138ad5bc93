package egress

import (
	"context"
	"fmt"
	"net/netip"
)

// Addresses returns the addresses of a host for a program that connects by itself, such as
// git, and must be told where to: resolved once and each checked. It fails with ErrAddress
// when one of them may not be reached.
func (c Config) Addresses(ctx context.Context, host string) ([]netip.Addr, error) {
	addrs, err := c.withDefaults().resolve(ctx, host)
	if err != nil {
		return nil, err
	}
	for _, a := range addrs {
		if !c.allowed(a) {
			return nil, fmt.Errorf("%q is at %s: %w", host, a, ErrAddress)
		}
	}
	return addrs, nil
}
