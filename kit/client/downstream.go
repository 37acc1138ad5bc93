package client

import (
	"context"
	"net/http"
	"net/url"
	"time"
)

// Downstream is one who hears of a project's publications, by webhook or by mail.
type Downstream struct {
	ID        string     `json:"id,omitempty"`
	Kind      string     `json:"kind,omitempty"` // "webhook" or "mail"
	Name      string     `json:"name"`
	URL       string     `json:"url,omitempty"`
	Address   string     `json:"address,omitempty"`
	Lang      string     `json:"lang,omitempty"`
	Products  []Want     `json:"products,omitempty"`  // none: all
	Clearance string     `json:"clearance,omitempty"` // "GREEN", "AMBER" or "RED": the strictest TLP label that is told
	State     string     `json:"state,omitempty"`     // "pending", "active", "paused" or "ended"
	Created   *time.Time `json:"created,omitempty"`
	Failing   *time.Time `json:"failing,omitempty"` // since when deliveries are given up
	// Deliveries are the newest, where one subscriber is asked for.
	Deliveries []Told `json:"deliveries,omitempty"`
	// Secret is that of a new webhook: keep it, it is told once.
	Secret Token `json:"-"`
}

// Want is a product, or one branch of it.
type Want struct {
	Product string `json:"product"`
	Branch  string `json:"branch,omitempty"`
}

// Told is one message to a subscriber.
type Told struct {
	ID       string    `json:"id"` // the webhook-id
	Advisory string    `json:"advisory"`
	Revision string    `json:"revision"`
	State    string    `json:"state"` // "waiting", "sent", "mailed", "dead" or "cancelled"
	Tries    int       `json:"tries"`
	Problem  string    `json:"problem,omitempty"` // catalogue key
	Code     int       `json:"code,omitempty"`
	Created  time.Time `json:"created"`
}

// downstreams is the address of a project's subscribers, or of one.
func downstreams(project string, more ...string) string {
	out := "/api/projects/" + url.PathEscape(project) + "/downstreams"
	for _, m := range more {
		out += "/" + url.PathEscape(m)
	}
	return out
}

// secretive is a Downstream as the answer that makes it has it.
type secretive struct {
	Downstream
	Secret string `json:"secret"`
}

func (s secretive) told() Downstream {
	out := s.Downstream
	out.Secret = Token(s.Secret)
	return out
}

// Downstreams lists who hears of a project's publications; chairs and deputies may.
func (c *Client) Downstreams(ctx context.Context, project string) ([]Downstream, error) {
	var out struct{ Downstreams []Downstream }
	err := c.Call(ctx, http.MethodGet, downstreams(project), nil, &out)
	return out.Downstreams, err
}

// Downstream returns one with its newest deliveries.
func (c *Client) Downstream(ctx context.Context, project, id string) (Downstream, error) {
	var out Downstream
	err := c.Call(ctx, http.MethodGet, downstreams(project, id), nil, &out)
	return out, err
}

// AddDownstream adds one. The answer to a webhook holds its secret.
func (c *Client) AddDownstream(ctx context.Context, project string, d Downstream) (Downstream, error) {
	var out secretive
	err := c.Call(ctx, http.MethodPost, downstreams(project), d, &out)
	return out.told(), err
}

// RemoveDownstream forgets one.
func (c *Client) RemoveDownstream(ctx context.Context, project, id string) error {
	return c.Call(ctx, http.MethodDelete, downstreams(project, id), nil, nil)
}

// NewDownstreamSecret gives a webhook a new secret, which the answer holds.
func (c *Client) NewDownstreamSecret(ctx context.Context, project, id string) (Downstream, error) {
	var out secretive
	err := c.Call(ctx, http.MethodPost, downstreams(project, id, "secret"), nil, &out)
	return out.told(), err
}

// RetryDownstream tries again what was given up.
func (c *Client) RetryDownstream(ctx context.Context, project, id string) (Downstream, error) {
	var out Downstream
	err := c.Call(ctx, http.MethodPost, downstreams(project, id, "retry"), nil, &out)
	return out, err
}
