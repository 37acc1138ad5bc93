// Package egress is the only door for outgoing HTTP: a client that will not
// talk to private, loopback or otherwise special addresses, whatever a name
// resolves to and wherever a redirect leads, and that bounds time and size.
//
// Not in here: outgoing mail (platform/mailer) and git (platform/git).
package egress

import (
	"context"
	"crypto/x509"
	"net"
	"net/http"
	"net/netip"
	"time"
)

// Resolver turns a host name into addresses; *net.Resolver is one.
type Resolver interface {
	LookupNetIP(ctx context.Context, network, host string) ([]netip.Addr, error)
}

// Config says what the client may reach and how much it may cost. A zero field
// takes its default.
type Config struct {
	Allow        []netip.Prefix // special addresses that are allowed all the same (--egress-allow)
	Resolver     Resolver       // default: the system's
	Roots        *x509.CertPool // default: the system's
	Timeout      time.Duration  // for a whole exchange, body included; default 60 seconds
	MaxBytes     int64          // of a body, decompressed; default 64 MiB
	MaxRedirects int            // default 5
	UserAgent    string         // default "tocsin"
}

// Client returns a client that obeys c. It uses no proxy from the environment,
// keeps no cookies and knows only http and https.
func Client(c Config) *http.Client { return c.withDefaults().client() }

var _ Resolver = (*net.Resolver)(nil)
