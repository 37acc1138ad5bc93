package egress

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/netip"
	"time"

	"github.com/tocsin-sec/tocsin/internal/base/fault"
)

// The ways in which a request is refused or cut. errors.Is finds them behind
// the *url.Error of the client; their faults have kind Denied and TooLarge.
var (
	ErrAddress   = fault.New(fault.Denied, "egress.address")
	ErrScheme    = fault.New(fault.Denied, "egress.scheme")
	ErrRedirects = fault.New(fault.Denied, "egress.redirects")
	ErrTooLarge  = fault.New(fault.TooLarge, "egress.too_large")
)

func (c Config) withDefaults() Config {
	if c.Resolver == nil {
		c.Resolver = &net.Resolver{PreferGo: true}
	}
	if c.Timeout <= 0 {
		c.Timeout = time.Minute
	}
	if c.MaxBytes <= 0 {
		c.MaxBytes = 64 << 20
	}
	if c.MaxRedirects <= 0 {
		c.MaxRedirects = 5
	}
	if c.UserAgent == "" {
		c.UserAgent = "tocsin"
	}
	return c
}

func (c Config) client() *http.Client {
	t := &http.Transport{
		Proxy:                  nil, // an environment variable must not lead around the guard
		DialContext:            c.dial,
		TLSClientConfig:        &tls.Config{MinVersion: tls.VersionTLS12, RootCAs: c.Roots},
		TLSHandshakeTimeout:    10 * time.Second,
		ResponseHeaderTimeout:  30 * time.Second,
		MaxResponseHeaderBytes: 64 << 10,
		MaxIdleConns:           16,
		MaxConnsPerHost:        8,
		IdleConnTimeout:        30 * time.Second,
		ForceAttemptHTTP2:      true,
	}
	return &http.Client{
		Transport:     guard{next: t, config: c},
		Timeout:       c.Timeout,
		CheckRedirect: c.redirect,
	}
}

// dial resolves once, checks every address and connects to the checked address
// itself, so that a second answer of the DNS cannot slip in between.
func (c Config) dial(ctx context.Context, network, address string) (net.Conn, error) {
	host, port, err := net.SplitHostPort(address)
	if err != nil {
		return nil, fmt.Errorf("egress dial: %w", err)
	}
	addrs, err := c.resolve(ctx, host)
	if err != nil {
		return nil, err
	}
	// One bad address refuses the name: a name that mixes public and private
	// addresses is an attack or a mistake, never something to try our luck with.
	for _, a := range addrs {
		if !c.allowed(a) {
			return nil, fmt.Errorf("%q is at %s: %w", host, a, ErrAddress)
		}
	}
	d := net.Dialer{Timeout: 10 * time.Second}
	var errs []error
	for _, a := range addrs {
		conn, err := d.DialContext(ctx, "tcp", net.JoinHostPort(a.String(), port))
		if err == nil {
			return conn, nil
		}
		errs = append(errs, err)
	}
	return nil, errors.Join(errs...)
}

func (c Config) resolve(ctx context.Context, host string) ([]netip.Addr, error) {
	if a, err := netip.ParseAddr(host); err == nil {
		return []netip.Addr{a.Unmap()}, nil
	}
	addrs, err := c.Resolver.LookupNetIP(ctx, "ip", host)
	if err != nil {
		return nil, fmt.Errorf("egress resolve %q: %w", host, err)
	}
	if len(addrs) == 0 {
		return nil, fmt.Errorf("egress resolve %q: no address", host)
	}
	const most = 16 // a bound on the work one name can cause
	return addrs[:min(len(addrs), most)], nil
}

// redirect bounds and re-checks each hop; the address of the new host is
// checked when it is dialled.
func (c Config) redirect(r *http.Request, via []*http.Request) error {
	if len(via) > c.MaxRedirects {
		return ErrRedirects
	}
	if via[len(via)-1].URL.Scheme == "https" && r.URL.Scheme != "https" {
		return fmt.Errorf("redirect from https to http: %w", ErrScheme)
	}
	return nil
}

// guard checks each request, redirects included, and bounds each body.
type guard struct {
	next   http.RoundTripper
	config Config
}

// RoundTrip implements http.RoundTripper.
func (g guard) RoundTrip(r *http.Request) (*http.Response, error) {
	if s := r.URL.Scheme; s != "https" && s != "http" {
		return nil, ErrScheme
	}
	if r.URL.User != nil {
		return nil, fmt.Errorf("credentials in the address: %w", ErrScheme)
	}
	if r.Header.Get("User-Agent") == "" {
		r = r.Clone(r.Context())
		r.Header.Set("User-Agent", g.config.UserAgent)
	}
	resp, err := g.next.RoundTrip(r)
	if err != nil {
		return nil, err
	}
	if resp.ContentLength > g.config.MaxBytes {
		resp.Body.Close()
		return nil, ErrTooLarge
	}
	resp.Body = &bounded{ReadCloser: resp.Body, left: g.config.MaxBytes}
	return resp, nil
}

// bounded fails after left bytes instead of cutting silently: half a document
// must not pass for a whole one.
type bounded struct {
	io.ReadCloser
	left int64
}

// Read implements io.Reader.
func (b *bounded) Read(p []byte) (int, error) {
	if b.left < 0 {
		return 0, ErrTooLarge
	}
	if int64(len(p)) > b.left+1 {
		p = p[:b.left+1]
	}
	n, err := b.ReadCloser.Read(p)
	if b.left -= int64(n); b.left < 0 {
		return n - 1, ErrTooLarge
	}
	return n, err
}
