package services

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"
)

// Addresses of the API.
const (
	Production = "https://cveawg.mitre.org/api"
	Test       = "https://cveawg-test.mitre.org/api" // ids of its own that mean nothing
)

// Config says how the API is reached.
type Config struct {
	URL  string // address of the API, such as Production; no slash at its end
	Org  string // short name of the CNA
	User string // user name of the account, usually a mail address
	Key  Key    // its API key

	// OrgID is the UUID of the CNA; empty: asked from the API when a record needs it.
	OrgID string
	// HTTP makes the requests; required, so that nobody reaches the network by
	// accident. Its redirect policy does not count.
	HTTP *http.Client
	// Locker keeps two writers of one id apart; nil is a Locks of this client alone.
	Locker Locker
	// Timeout bounds each request with its answer; 0 is 30 seconds.
	Timeout time.Duration
	// MaxBytes bounds an answer; 0 is 8 MiB.
	MaxBytes int64
	// Tries is how often something is read at most; 0 is 3.
	Tries int
	// Wait pauses between two tries; nil is a timer.
	Wait func(ctx context.Context, d time.Duration) error
}

// Client calls the API for one account. It may be used by many goroutines at once.
type Client struct {
	cfg  Config
	base *url.URL
	http *http.Client
}

// maxWait bounds a pause that the service asks for.
const maxWait = time.Minute

// New makes a client. It fails when the address is not https (http is allowed to this
// machine alone), has a user, a query or a fragment, or when a value is missing or
// cannot stand in a header.
func New(cfg Config) (*Client, error) {
	base, err := url.Parse(strings.TrimRight(cfg.URL, "/"))
	if err != nil {
		return nil, errors.New("the address of the CVE Services cannot be read") // the parser would quote it, with a password in it
	}
	switch {
	case base.Host == "" || base.User != nil || base.RawQuery != "" || base.Fragment != "":
		return nil, fmt.Errorf("%q is no address of an API", base.Redacted())
	case base.Scheme != "https" && !(base.Scheme == "http" && local(base.Hostname())):
		return nil, errors.New("the key goes over https only")
	case cfg.HTTP == nil:
		return nil, errors.New("no HTTP client given")
	}
	for what, v := range map[string]string{"organisation": cfg.Org, "user": cfg.User, "key": cfg.Key.reveal()} {
		if v == "" || len(v) > 512 || strings.ContainsFunc(v, func(r rune) bool { return r < ' ' || r > '~' }) {
			return nil, fmt.Errorf("the %s is missing or has characters that it cannot have", what)
		}
	}
	c := &Client{cfg: cfg, base: base}
	h := *cfg.HTTP
	h.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	h.Jar = nil
	c.http = &h
	if c.cfg.Locker == nil {
		c.cfg.Locker = &Locks{}
	}
	if c.cfg.Timeout <= 0 {
		c.cfg.Timeout = 30 * time.Second
	}
	if c.cfg.MaxBytes <= 0 {
		c.cfg.MaxBytes = 8 << 20
	}
	if c.cfg.Tries <= 0 {
		c.cfg.Tries = 3
	}
	if c.cfg.Wait == nil {
		c.cfg.Wait = pause
	}
	return c, nil
}

func local(host string) bool {
	a, err := netip.ParseAddr(host)
	return host == "localhost" || err == nil && a.IsLoopback()
}

func pause(ctx context.Context, d time.Duration) error {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// call is one request.
type call struct {
	op, id string // for errors
	method string
	path   []string // below the address, not escaped
	query  url.Values
	body   []byte
}

// answer is what came, with status 2xx.
type answer struct {
	status int
	body   []byte
	date   time.Time // the service's clock; zero when it does not tell
}

// do makes a call. Reading is tried again where that can help, writing never.
func (c *Client) do(ctx context.Context, q call) (answer, error) {
	for try := 1; ; try++ {
		a, err := c.once(ctx, q)
		if err == nil || q.method != http.MethodGet || try >= c.cfg.Tries || ctx.Err() != nil || !passing(err) {
			return a, err
		}
		wait := time.Second << (try - 1)
		if e := (*Error)(nil); errors.As(err, &e) && e.Retry > 0 {
			wait = min(e.Retry, maxWait)
		}
		if c.cfg.Wait(ctx, wait) != nil {
			return a, err
		}
	}
}

// passing reports whether the same question may be answered later.
func passing(err error) bool {
	var e *Error
	if errors.As(err, &e) {
		return e.Status == http.StatusTooManyRequests || e.Status >= 500
	}
	return !errors.Is(err, ErrAnswer)
}

func (c *Client) once(ctx context.Context, q call) (answer, error) {
	ctx, cancel := context.WithTimeout(ctx, c.cfg.Timeout)
	defer cancel()
	if slices.ContainsFunc(q.path, func(p string) bool { return p == "" || p == "." || p == ".." }) {
		return answer{}, fmt.Errorf("%s: %q is no name", about(q.op, q.id), q.path[len(q.path)-1])
	}
	u := c.base.JoinPath(escaped(q.path)...)
	u.RawQuery = q.query.Encode()
	req, err := http.NewRequestWithContext(ctx, q.method, u.String(), bytes.NewReader(q.body))
	if err != nil {
		return answer{}, fmt.Errorf("%s: %w", about(q.op, q.id), err)
	}
	req.GetBody = nil // a write must not be sent twice behind our back
	req.Header.Set("CVE-API-ORG", c.cfg.Org)
	req.Header.Set("CVE-API-USER", c.cfg.User)
	req.Header.Set("CVE-API-KEY", c.cfg.Key.reveal())
	req.Header.Set("Accept", "application/json")
	if q.body != nil {
		req.Header.Set("Content-Type", "application/json")
	} else {
		req.Body = http.NoBody
	}
	res, err := c.http.Do(req)
	if err != nil {
		return answer{}, fmt.Errorf("%s: %w", about(q.op, q.id), c.scrubbed(err))
	}
	defer res.Body.Close()
	body, err := io.ReadAll(io.LimitReader(res.Body, c.cfg.MaxBytes+1))
	if res.StatusCode < 200 || res.StatusCode > 299 {
		return answer{}, c.refusal(q, res, body)
	}
	if err != nil {
		return answer{}, fmt.Errorf("%s: the answer was cut: %w", about(q.op, q.id), c.scrubbed(err))
	}
	if int64(len(body)) > c.cfg.MaxBytes {
		return answer{}, fmt.Errorf("%s: %w: more than %d bytes", about(q.op, q.id), ErrAnswer, c.cfg.MaxBytes)
	}
	date, _ := http.ParseTime(res.Header.Get("Date"))
	return answer{res.StatusCode, []byte(c.scrub(string(body))), date}, nil
}

func escaped(path []string) []string {
	out := make([]string, len(path))
	for i, p := range path {
		out[i] = url.PathEscape(p)
	}
	return out
}

// refusal reads an answer that is not 2xx. A redirect is one: it is not followed.
func (c *Client) refusal(q call, res *http.Response, body []byte) error {
	e := &Error{Op: q.op, ID: q.id, Status: res.StatusCode}
	var wire struct {
		Error, Message string
		Details        json.RawMessage
	}
	if len(body) <= 1<<20 && json.Unmarshal(body, &wire) == nil {
		e.Name, e.Message = c.text(wire.Error), c.text(wire.Message)
		var details []struct{ Msg, Param, Location string }
		if json.Unmarshal(wire.Details, &details) == nil {
			for _, d := range details[:min(len(details), 20)] {
				e.Details = append(e.Details, Detail{c.text(d.Msg), c.text(d.Param), c.text(d.Location)})
			}
		}
	}
	if s, err := strconv.Atoi(res.Header.Get("Retry-After")); err == nil && s > 0 {
		e.Retry = time.Duration(min(s, 86400)) * time.Second
	}
	return e
}

// text makes a foreign text bearable: without the key, and not long.
func (c *Client) text(s string) string {
	s = strings.ToValidUTF8(c.scrub(s), "?")
	if len(s) <= 500 {
		return s
	}
	s = s[:500]
	for !utf8.ValidString(s) {
		s = s[:len(s)-1]
	}
	return s + "..."
}

// scrub takes the key out of a foreign text.
func (c *Client) scrub(s string) string {
	key := c.cfg.Key.reveal()
	s = strings.ReplaceAll(s, key, hiddenKey)
	if escaped := url.QueryEscape(key); escaped != key {
		s = strings.ReplaceAll(s, escaped, hiddenKey)
	}
	return s
}

// scrubbed returns err, or when its text holds the key another error of the same kind
// without it: a transport that somebody injected may quote the request.
func (c *Client) scrubbed(err error) error {
	if s := err.Error(); c.scrub(s) != s {
		if unsent(err) {
			return &net.OpError{Op: "dial", Err: errors.New(c.scrub(s))}
		}
		return errors.New(c.scrub(s))
	}
	return err
}
