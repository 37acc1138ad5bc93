package services_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"strings"
	"testing"

	"github.com/tocsin-sec/tocsin/kit/cve/services"
	"github.com/tocsin-sec/tocsin/test/cveservices"
)

// every runs each call of the client and returns its errors.
func every(ctx context.Context, c *services.Client, id string) []error {
	var errs []error
	note := func(err error) { errs = append(errs, err) }
	_, err := c.Quota(ctx)
	note(err)
	_, err = c.Org(ctx)
	note(err)
	_, err = c.Users(ctx)
	note(err)
	_, err = c.User(ctx, cveservices.User)
	note(err)
	_, err = c.ID(ctx, id)
	note(err)
	_, err = c.IDs(ctx, services.Filter{})
	note(err)
	t, err := c.Prepare(ctx, services.Ask{Year: 2026, Amount: 1})
	note(err)
	t.Ask = services.Ask{Year: 2026, Amount: 1}
	_, err = c.Reserve(ctx, t)
	note(err)
	_, err = c.Record(ctx, id)
	note(err)
	_, err = c.Put(ctx, id, []byte(container))
	note(err)
	_, err = c.Create(ctx, id, []byte(container))
	note(err)
	_, err = c.Update(ctx, id, []byte(container))
	note(err)
	_, err = c.Reject(ctx, id, services.Rejection{Reason: "x"})
	note(err)
	_, err = c.SetState(ctx, id, services.Rejected)
	note(err)
	return errs
}

// chatty is a transport that quotes the request in its error, as tracing ones do.
type chatty struct{}

func (chatty) RoundTrip(r *http.Request) (*http.Response, error) {
	return nil, fmt.Errorf("cannot send %v", r.Header)
}

// echo answers with everything it was sent.
type echo int

func (e echo) RoundTrip(r *http.Request) (*http.Response, error) {
	key := r.Header.Get("CVE-API-KEY")
	body, err := json.Marshal(map[string]any{"error": key, "message": "you sent " + key, "cve_ids": []any{map[string]any{"cve_id": key, "state": key}},
		"details": []any{map[string]any{"msg": key, "param": key, "location": key}}, "UUID": key, "short_name": key, key: key, "cveMetadata": key, "id_quota": key})
	return &http.Response{StatusCode: int(e), Header: http.Header{"Location": {"https://elsewhere.invalid/" + key}}, Body: io.NopCloser(bytes.NewReader(body)), Request: r}, err
}

func TestTheKeyIsInNoErrorAndNoLog(t *testing.T) {
	s := cveservices.New(t)
	id := s.Reserve("x", 2026, 1)[0]
	var log bytes.Buffer
	logger := slog.New(slog.NewJSONHandler(&log, nil))
	n := 0
	show := func(err error) {
		if err == nil {
			return
		}
		n++
		fmt.Fprintf(&log, "%v|%+v|%#v|%s|%q\n", err, err, err, err, err)
		logger.Error("x", "error", err)
		for e := err; e != nil; e = errors.Unwrap(e) {
			fmt.Fprintf(&log, "%#v\n", e)
			if b, err := json.Marshal(e); err == nil {
				log.Write(b)
			}
		}
	}
	for _, transport := range []http.RoundTripper{chatty{}, echo(200), echo(301), echo(400), echo(401), echo(403), echo(404), echo(429), echo(500)} {
		c := dial(t, s, func(cfg *services.Config) { cfg.HTTP = &http.Client{Transport: transport} })
		for _, err := range every(t.Context(), c, id) {
			if err == nil {
				t.Errorf("%v: no error", transport)
			}
			show(err)
		}
		fmt.Fprintf(&log, "%v %+v %#v", c, c, c)
	}
	for _, kind := range []cveservices.Kind{cveservices.Cut, cveservices.Lost, cveservices.Garbage, cveservices.Another} {
		for range 60 {
			s.Fail(cveservices.Fault{Kind: kind})
		}
		for _, err := range every(t.Context(), dial(t, s, nil), id) {
			show(err)
		}
	}
	cfg := services.Config{Key: services.NewKey(cveservices.Key)}
	fmt.Fprintf(&log, "%v %+v %#v %s %x %d %q", cfg, cfg, cfg, cfg.Key, cfg.Key, cfg.Key, &cfg.Key)
	logger.Info("config", "cfg", cfg, "key", cfg.Key)
	if b, err := json.Marshal(cfg.Key); err != nil {
		t.Error(err)
	} else {
		log.Write(b)
	}
	if n < 100 {
		t.Errorf("only %d errors were looked at", n)
	}
	for _, shape := range []string{cveservices.Key, "SECRETSECRET", fmt.Sprintf("%x", cveservices.Key)} {
		if at := strings.Index(log.String(), shape); at >= 0 {
			t.Fatalf("the key shows: %s", log.String()[max(0, at-300):at+60])
		}
	}
}

func TestARedirectTakesTheKeyNowhere(t *testing.T) {
	s := cveservices.New(t)
	asked := 0
	h := &http.Client{Transport: transport(func(r *http.Request) (*http.Response, error) {
		asked++
		return echo(307).RoundTrip(r)
	})}
	c := dial(t, s, func(cfg *services.Config) { cfg.HTTP = h })
	if _, err := c.Quota(t.Context()); err == nil || asked != 1 {
		t.Errorf("%v after %d requests", err, asked)
	}
}

type transport func(*http.Request) (*http.Response, error)

func (f transport) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }
