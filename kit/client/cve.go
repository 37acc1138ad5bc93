package client

import (
	"context"
	"net/http"
	"net/url"
	"time"
)

// CVENumber is a CVE id of a case, or the request for one.
type CVENumber struct {
	Number      string     `json:"number"` // of the entry, for CVEAct
	CVE         string     `json:"cve"`
	State       string     `json:"state"`  // requested, reserved, assigned, published, disputed, rejected, dropped
	Origin      string     `json:"origin"` // pool, member, outside, typed
	AssignedBy  string     `json:"assigned_by"`
	AssignedAt  *time.Time `json:"assigned_at"`
	Asked       string     `json:"asked"`
	Due         *time.Time `json:"due"`
	DuplicateOf string     `json:"duplicate_of"`
	Reason      string     `json:"reason"`
	Problem     string     `json:"problem"` // why what has to happen at the CVE Services did not
}

// CVEAct is what to do with a number of a case. Do is take, enter, ask, drop, reject,
// published, rejected, contest, settle, keep or again; /openapi.json says which fields
// each of them needs.
type CVEAct struct {
	Do         string     `json:"do"`
	Number     string     `json:"number,omitempty"`
	CVE        string     `json:"cve,omitempty"`
	AssignedBy string     `json:"assigned_by,omitempty"`
	At         *time.Time `json:"at,omitempty"`
	Year       int        `json:"year,omitempty"`
	Another    bool       `json:"another,omitempty"`
	To         string     `json:"to,omitempty"`
	Member     string     `json:"member,omitempty"`
	Text       string     `json:"text,omitempty"`
	Due        *time.Time `json:"due,omitempty"`
	Reason     string     `json:"reason,omitempty"`
	Kept       string     `json:"kept,omitempty"`
	Rejecter   string     `json:"rejecter,omitempty"`
	By         string     `json:"by,omitempty"`
}

// CVEPool is how a project gets CVE ids, with the free ones. It exists for the project's
// chair and deputies.
type CVEPool struct {
	CNA       bool        `json:"cna"`
	URL       string      `json:"url"`
	Org       string      `json:"org"`
	OrgID     string      `json:"org_id"` // UUID of the CNA, "" until the CVE Services told it
	Low       int         `json:"low"`
	Fill      int         `json:"fill"`
	HasKey    bool        `json:"has_key"`
	Quota     int         `json:"quota"`
	Available int         `json:"available"`
	Checked   *time.Time  `json:"checked"`
	Problem   string      `json:"problem"`
	Free      []CVENumber `json:"free"`
}

type cveNumbers struct {
	Numbers []CVENumber `json:"numbers"`
}

// CVENumbers returns the CVE ids of a case.
func (c *Client) CVENumbers(ctx context.Context, caseID string) ([]CVENumber, error) {
	var out cveNumbers
	err := c.Call(ctx, http.MethodGet, "/api/cases/"+url.PathEscape(caseID)+"/cve", nil, &out)
	return out.Numbers, err
}

// CVEAct does something with a CVE id of a case and returns all of them as they are then;
// with an empty Do it is CVENumbers.
func (c *Client) CVEAct(ctx context.Context, caseID string, act CVEAct) ([]CVENumber, error) {
	if act.Do == "" {
		return c.CVENumbers(ctx, caseID)
	}
	var out cveNumbers
	err := c.Call(ctx, http.MethodPost, "/api/cases/"+url.PathEscape(caseID)+"/cve", act, &out)
	return out.Numbers, err
}

// FillCVEPool has the pool filled up now and not at its next turn; it returns the pool as
// it is before that.
func (c *Client) FillCVEPool(ctx context.Context, project string) (CVEPool, error) {
	var out CVEPool
	err := c.Call(ctx, http.MethodPost, "/api/projects/"+url.PathEscape(project)+"/cve/pool", map[string]bool{"fill": true}, &out)
	return out, err
}

// CVEPool returns the pool of a project, by the short name in its URLs.
func (c *Client) CVEPool(ctx context.Context, project string) (CVEPool, error) {
	var out CVEPool
	err := c.Call(ctx, http.MethodGet, "/api/projects/"+url.PathEscape(project)+"/cve", nil, &out)
	return out, err
}
