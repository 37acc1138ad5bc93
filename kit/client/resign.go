package client

import (
	"context"
	"net/http"
	"net/url"
	"time"
)

// Resigning is how far a run is that signs everything anew which a project published.
type Resigning struct {
	State    string     `json:"state"` // "none", "running", "done" or "failed"
	Done     int        `json:"done"`  // files that have their new signature
	Total    int        `json:"total"`
	Problem  string     `json:"problem,omitempty"` // catalogue key of the last failure
	Started  *time.Time `json:"started,omitempty"`
	Finished *time.Time `json:"finished,omitempty"`
}

// Resign begins such a run, or goes on with one that was given up; chairs and deputies
// may. It is status 409 while one is running.
func (c *Client) Resign(ctx context.Context, project string) (Resigning, error) {
	var out Resigning
	err := c.Call(ctx, http.MethodPost, "/api/projects/"+url.PathEscape(project)+"/resign", nil, &out)
	return out, err
}

// ResignState says how far the newest run is.
func (c *Client) ResignState(ctx context.Context, project string) (Resigning, error) {
	var out Resigning
	err := c.Call(ctx, http.MethodGet, "/api/projects/"+url.PathEscape(project)+"/resign", nil, &out)
	return out, err
}
