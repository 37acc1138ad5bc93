// Package client calls the HTTP API of a Tocsin site.
//
// A Client needs the address of the site and a personal API token, which its owner
// makes on the page "API tokens":
//
//	c := &client.Client{URL: "https://security.example.org", Token: client.Token(os.Getenv("TOCSIN_TOKEN"))}
//	list, err := c.Advisories(ctx)
//
// # Errors
//
// What the site refuses is an *Error: its Status is the HTTP status, its Type names
// the reason in a form that programs compare ("urn:tocsin:fault.not_found"), Title and
// Detail are for people, and Fields says which value of the input was wrong. What does
// not exist and what the token may not see are one and the same answer, 404.
//
//	var e *client.Error
//	if errors.As(err, &e) && e.Status == http.StatusConflict {
//		// somebody else was faster: read again
//	}
//
// A site that cannot be reached, or an answer that is no answer of Tocsin's, is another
// error. Nothing is tried twice: a request that changes something may have arrived
// although its answer did not.
//
// # Limits
//
// An answer is read up to MaxAnswer bytes. Redirects are refused, since none of the
// API's operations makes one and a token must not follow one to another host. For the
// same reason a token is sent over plain http to this machine only (see AllowPlain).
// How long a call may take is the context's business.
//
// # What is in
//
// Advisories and their decisions, projects and teams, accounts: the methods follow the
// operations of the site's /openapi.json, which describes all of them. Call reaches an
// operation that has no method here. Public files (advisories, feeds, security.txt) need
// no client: they are plain HTTPS.
package client

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"strings"
)

// Token is an API token. It prints as a placeholder, so that it does not end up
// in a log; string(t) is the token.
type Token string

// String returns a placeholder.
func (t Token) String() string { return "(token)" }

// GoString returns a placeholder.
func (t Token) GoString() string { return "(token)" }

// MarshalText writes a placeholder.
func (t Token) MarshalText() ([]byte, error) { return []byte("(token)"), nil }

// MaxAnswer is how many bytes of an answer are read unless Client.Limit says otherwise.
const MaxAnswer = 32 << 20

// Client calls one site. It may be used by many goroutines at once.
type Client struct {
	// URL is the address of the site, such as https://security.example.org.
	URL string
	// Token is a personal API token; without one only public operations answer.
	Token Token
	// HTTP makes the requests; nil is a client of this package's own. Its redirect
	// policy does not count: redirects are refused.
	HTTP *http.Client
	// Lang is the language of Title and Detail of errors, such as "zh"; "" is English.
	Lang string
	// Limit bounds an answer, in bytes; 0 is MaxAnswer.
	Limit int64
	// AllowPlain lets the token go over unencrypted http to other machines.
	AllowPlain bool
}

// ErrTooLarge is an answer above the limit.
var ErrTooLarge = errors.New("the answer is larger than the limit")

// ErrPlain is a token that would go over an unencrypted connection.
var ErrPlain = errors.New("a token is not sent over unencrypted http to another machine")

// Call makes one request below the site's address: in, unless nil, is sent as JSON,
// and the answer is read into out, unless that is nil. Path begins with a slash
// and is escaped already (see url.PathEscape). It fails with *Error for what the
// site refuses.
func (c *Client) Call(ctx context.Context, method, path string, in, out any) error {
	var body io.Reader
	if in != nil {
		raw, err := json.Marshal(in)
		if err != nil {
			return fmt.Errorf("%s %s: %w", method, path, err)
		}
		body = bytes.NewReader(raw)
	}
	raw, err := c.Raw(ctx, method, path, "application/json", body)
	if err != nil || out == nil {
		return err
	}
	if err := json.Unmarshal(raw, out); err != nil {
		return fmt.Errorf("%s %s: the answer is not what the API describes: %w", method, path, err)
	}
	return nil
}

// Raw is Call with a body of any type, as it is, and the answer as it came.
func (c *Client) Raw(ctx context.Context, method, path, contentType string, body io.Reader) ([]byte, error) {
	req, err := c.request(ctx, method, path, body)
	if err != nil {
		return nil, fmt.Errorf("%s %s: %w", method, path, err)
	}
	if body != nil {
		req.Header.Set("Content-Type", contentType)
	}
	resp, err := c.http().Do(req)
	if err != nil {
		// The error of net/http repeats the whole address, which may hold a password.
		var u *url.Error
		if errors.As(err, &u) {
			err = u.Err
		}
		return nil, fmt.Errorf("%s %s: %w", method, path, err)
	}
	defer resp.Body.Close()
	limit := c.Limit
	if limit <= 0 {
		limit = MaxAnswer
	}
	raw, err := io.ReadAll(io.LimitReader(resp.Body, limit+1))
	if err == nil && int64(len(raw)) > limit {
		err = ErrTooLarge
	}
	if err != nil {
		return nil, fmt.Errorf("%s %s: %w", method, path, err)
	}
	if resp.StatusCode/100 != 2 {
		return nil, problem(method, path, resp, raw)
	}
	return raw, nil
}

func (c *Client) request(ctx context.Context, method, path string, body io.Reader) (*http.Request, error) {
	u, err := url.Parse(strings.TrimRight(c.URL, "/"))
	if err != nil || u.Scheme != "https" && u.Scheme != "http" || u.Host == "" || u.RawQuery != "" || u.Fragment != "" {
		return nil, errors.New("the site's address is not one such as https://security.example.org")
	}
	if u.Scheme == "http" && c.Token != "" && !c.AllowPlain && !loopback(u.Hostname()) {
		return nil, ErrPlain
	}
	u.User = nil
	if !strings.HasPrefix(path, "/") {
		// Behind the host it would be part of it: "@elsewhere.example" takes the token there.
		return nil, errors.New("the path is not one of an address")
	}
	req, err := http.NewRequestWithContext(ctx, method, u.String()+path, body)
	if err != nil {
		return nil, errors.New("the path is not one of an address")
	}
	req.Header.Set("Accept", "application/json, application/problem+json;q=0.9, */*;q=0.5")
	req.Header.Set("User-Agent", "tocsin-client")
	if c.Lang != "" {
		req.Header.Set("Accept-Language", c.Lang)
	}
	if c.Token != "" {
		req.Header.Set("Authorization", "Bearer "+string(c.Token))
	}
	return req, nil
}

func loopback(host string) bool {
	a, err := netip.ParseAddr(host)
	return host == "localhost" || err == nil && a.Unmap().IsLoopback()
}

// http returns the client that makes the requests, without redirects.
func (c *Client) http() *http.Client {
	out := http.Client{}
	if c.HTTP != nil {
		out = *c.HTTP
	}
	out.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	return &out
}

// problem reads a refusal (RFC 9457). What is no problem document keeps its status.
func problem(method, path string, resp *http.Response, raw []byte) error {
	e := &Error{Status: resp.StatusCode, Method: method, Path: path, RetryAfter: resp.Header.Get("Retry-After")}
	media, _, _ := mime.ParseMediaType(resp.Header.Get("Content-Type"))
	if media == "application/problem+json" || media == "application/json" {
		var doc struct {
			Type, Title, Detail, Instance string
			Errors                        []Field
		}
		if json.Unmarshal(raw, &doc) == nil {
			e.Type, e.Title, e.Detail, e.Instance, e.Fields = doc.Type, doc.Title, doc.Detail, doc.Instance, doc.Errors
		}
	}
	return e
}

// Unreachable reports whether err says that the site could not be reached at all.
func Unreachable(err error) bool {
	var e *net.OpError
	return errors.As(err, &e)
}
