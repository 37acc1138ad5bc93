package mailer

import (
	"context"
	"net"
	"strings"
)

// NewResolver returns a resolver that asks only the server at addr ("host:port",
// the value of --dns) or, when addr is "", the system's.
func NewResolver(addr string) *net.Resolver {
	if addr == "" {
		return &net.Resolver{PreferGo: true}
	}
	return &net.Resolver{PreferGo: true, StrictErrors: true,
		Dial: func(ctx context.Context, network, _ string) (net.Conn, error) {
			var d net.Dialer
			return d.DialContext(ctx, network, addr)
		}}
}

// rooted asks for names as they are, never with a search domain of this machine
// behind them.
type rooted struct{ r *net.Resolver }

func root(name string) string { return strings.TrimSuffix(name, ".") + "." }

// LookupTXT implements Resolver.
func (d rooted) LookupTXT(ctx context.Context, name string) ([]string, error) {
	return d.r.LookupTXT(ctx, root(name))
}

// LookupMX implements Resolver.
func (d rooted) LookupMX(ctx context.Context, name string) ([]*net.MX, error) {
	return d.r.LookupMX(ctx, root(name))
}

// LookupIPAddr implements Resolver.
func (d rooted) LookupIPAddr(ctx context.Context, host string) ([]net.IPAddr, error) {
	return d.r.LookupIPAddr(ctx, root(host))
}

// LookupAddr implements Resolver.
func (d rooted) LookupAddr(ctx context.Context, addr string) ([]string, error) {
	return d.r.LookupAddr(ctx, addr)
}
