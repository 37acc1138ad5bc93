package egress_test

import (
	"context"
	"crypto/x509"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/tocsin-sec/tocsin/internal/base/fault"
	"github.com/tocsin-sec/tocsin/internal/platform/egress"
)

// names answers from a table; each look-up takes the next answer, so that a name
// can change its mind (DNS rebinding).
type names map[string][][]string

func (n names) LookupNetIP(_ context.Context, _, host string) ([]netip.Addr, error) {
	answers := n[host]
	if len(answers) == 0 {
		return nil, &net.DNSError{Err: "no such host", Name: host, IsNotFound: true}
	}
	if len(answers) > 1 {
		n[host] = answers[1:]
	}
	var out []netip.Addr
	for _, a := range answers[0] {
		out = append(out, netip.MustParseAddr(a))
	}
	return out, nil
}

var loopback = []netip.Prefix{netip.MustParsePrefix("127.0.0.1/32")}

func get(t *testing.T, c *http.Client, u string) (string, error) {
	t.Helper()
	resp, err := c.Get(u)
	if err != nil {
		return "", err
	}
	defer resp.Body.Close()
	b, err := io.ReadAll(resp.Body)
	return string(b), err
}

func TestSpecialAddressesAreRefused(t *testing.T) {
	c := egress.Client(egress.Config{Resolver: names{
		"private.test": {{"10.1.2.3"}},
		"mixed.test":   {{"198.41.0.4", "127.0.0.1"}},
		"mapped.test":  {{"::ffff:169.254.169.254"}},
		"local.test":   {{"fe80::1"}},
	}})
	for name, u := range map[string]string{
		"loopback":                           "http://127.0.0.1:1/",
		"loopback by name":                   "http://private.test/",
		"one bad address among good ones":    "http://mixed.test/",
		"the metadata service, mapped":       "http://mapped.test/",
		"link local":                         "http://local.test/",
		"IPv6 loopback":                      "http://[::1]:1/",
		"mapped loopback":                    "http://[::ffff:127.0.0.1]:1/",
		"IPv4-compatible loopback":           "http://[::127.0.0.1]:1/",
		"NAT64 of a private one":             "http://[64:ff9b::10.0.0.1]:1/",
		"6to4 of a private one":              "http://[2002:a00:1::1]:1/",
		"unique local":                       "http://[fd00::1]:1/",
		"with a zone":                        "http://[fe80::1%25lo]:1/",
		"all zeros, which Linux takes for 1": "http://0.0.0.0:1/",
		"multicast":                          "http://224.0.0.1/",
		"broadcast":                          "http://255.255.255.255/",
		"carrier NAT":                        "https://100.64.0.1/",
	} {
		t.Run(name, func(t *testing.T) {
			_, err := get(t, c, u)
			if !errors.Is(err, egress.ErrAddress) || !fault.Is(err, fault.Denied) {
				t.Errorf("error %v", err)
			}
		})
	}
}

func TestAllowedAddressIsReached(t *testing.T) {
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.WriteString(w, r.UserAgent())
	}))
	defer srv.Close()
	c := egress.Client(egress.Config{Allow: loopback, UserAgent: "tocsin/test"})
	if got, err := get(t, c, srv.URL); err != nil || got != "tocsin/test" {
		t.Errorf("%q, %v", got, err)
	}
	t.Setenv("HTTP_PROXY", "http://127.0.0.1:1")
	if _, err := get(t, egress.Client(egress.Config{Allow: loopback}), srv.URL); err != nil {
		t.Errorf("a proxy from the environment was used: %v", err)
	}
}

func TestNameThatChangesItsMindIsCheckedAgain(t *testing.T) {
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.Header().Set("Connection", "close") }))
	defer srv.Close()
	_, port, _ := net.SplitHostPort(srv.Listener.Addr().String())
	c := egress.Client(egress.Config{Allow: loopback, Resolver: names{"two.test": {{"127.0.0.1"}, {"127.0.0.2"}}}})
	if _, err := get(t, c, "http://two.test:"+port); err != nil {
		t.Fatal(err)
	}
	if _, err := get(t, c, "http://two.test:"+port); !fault.Is(err, fault.Denied) {
		t.Errorf("error %v", err)
	}
}

func TestRedirects(t *testing.T) {
	var srv *httptest.Server
	srv = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/private":
			http.Redirect(w, r, "http://10.0.0.1/", http.StatusFound)
		case "/file":
			http.Redirect(w, r, "file:///etc/passwd", http.StatusFound)
		case "/user":
			http.Redirect(w, r, "http://u:p@10.0.0.1/", http.StatusFound)
		case "/loop":
			http.Redirect(w, r, srv.URL+"/loop", http.StatusFound)
		}
	}))
	defer srv.Close()
	c := egress.Client(egress.Config{Allow: loopback})
	for _, path := range []string{"/private", "/file", "/user", "/loop"} {
		if _, err := get(t, c, srv.URL+path); !fault.Is(err, fault.Denied) {
			t.Errorf("%s: error %v", path, err)
		}
	}
	secure := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, srv.URL, http.StatusFound)
	}))
	defer secure.Close()
	pool := x509.NewCertPool()
	pool.AddCert(secure.Certificate())
	if _, err := get(t, egress.Client(egress.Config{Allow: loopback, Roots: pool}), secure.URL); !fault.Is(err, fault.Denied) {
		t.Errorf("https to http: error %v", err)
	}
	if _, err := get(t, c, secure.URL); err == nil {
		t.Error("an unknown certificate was taken")
	}
}

func TestSizeAndTime(t *testing.T) {
	stop := make(chan struct{})
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/told":
			w.Header().Set("Content-Length", "1001")
		case "/wait":
			<-stop
			return
		}
		for range 1001 {
			_, _ = io.WriteString(w, "x")
			if r.URL.Path == "/chunked" {
				w.(http.Flusher).Flush()
			}
		}
	}))
	defer srv.Close()
	defer close(stop)
	c := egress.Client(egress.Config{Allow: loopback, MaxBytes: 1000})
	for _, path := range []string{"/told", "/chunked"} {
		body, err := get(t, c, srv.URL+path)
		if !fault.Is(err, fault.TooLarge) || len(body) > 1000 {
			t.Errorf("%s: %d bytes, error %v", path, len(body), err)
		}
	}
	exact := egress.Client(egress.Config{Allow: loopback, MaxBytes: 1001})
	if body, err := get(t, exact, srv.URL+"/chunked"); err != nil || len(body) != 1001 {
		t.Errorf("exactly the limit: %d bytes, error %v", len(body), err)
	}
	short := egress.Client(egress.Config{Allow: loopback, Timeout: 20 * time.Millisecond})
	if _, err := get(t, short, srv.URL+"/wait"); err == nil || !strings.Contains(err.Error(), "deadline") && !strings.Contains(err.Error(), "Timeout") {
		t.Errorf("error %v", err)
	}
}
