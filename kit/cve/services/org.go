package services

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"github.com/tocsin-sec/tocsin/kit/strictjson"
)

// Quota is how many ids the organisation may have reserved at one time.
type Quota struct {
	Quota     int
	Reserved  int
	Available int
}

type wireQuota struct {
	Quota     int `json:"id_quota" strict:"req,max=1000000000"`
	Reserved  int `json:"total_reserved" strict:"req,max=1000000000"`
	Available int `json:"available" strict:"req"`
}

// Org is the CNA.
type Org struct {
	ID        string // UUID
	Name      string
	ShortName string
	Roles     []string // CNA, ...
}

type wireOrg struct {
	ID        string    `json:"UUID" strict:"req,like=uuid"`
	Name      string    `json:"name,omitempty" strict:"null"`
	ShortName string    `json:"short_name" strict:"req"`
	Authority wireRoles `json:"authority,omitzero" strict:"null"`
}

type wireRoles struct {
	Roles []string `json:"active_roles,omitzero" strict:"null"`
}

// User is an account of the CNA.
type User struct {
	ID     string // UUID
	Name   string // user name
	Active bool
	Roles  []string // ADMIN
}

type wireUser struct {
	ID        string          `json:"UUID,omitempty" strict:"null"`
	Name      string          `json:"username" strict:"req"`
	Active    json.RawMessage `json:"active,omitempty"` // a text by the schema, a truth value in fact
	Authority wireRoles       `json:"authority,omitzero" strict:"null"`
}

type wireUsers struct {
	Users    []wireUser `json:"users" strict:"req"`
	NextPage int        `json:"nextPage,omitempty" strict:"null,max=1000000"`
}

var orgRules = strictjson.Rules{Unknown: strictjson.Ignore, Formats: map[string]strictjson.Format{
	"uuid": {What: "a UUID", Match: strictjson.Pattern(`^[0-9A-Fa-f]{8}(-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}$`)},
}}

var (
	quotaPlan = strictjson.For[wireQuota](orgRules)
	orgPlan   = strictjson.For[wireOrg](orgRules)
	userPlan  = strictjson.For[wireUser](orgRules)
	usersPlan = strictjson.For[wireUsers](orgRules)
)

// Quota returns the organisation's quota.
func (c *Client) Quota(ctx context.Context) (Quota, error) {
	q, _, err := c.quota(ctx)
	return q, err
}

func (c *Client) quota(ctx context.Context) (Quota, time.Time, error) {
	q := call{op: "get quota", method: http.MethodGet, path: []string{"org", c.cfg.Org, "id_quota"}}
	a, err := c.do(ctx, q)
	if err != nil {
		return Quota{}, time.Time{}, err
	}
	w, err := read(c, quotaPlan, q, a.body)
	if err != nil {
		return Quota{}, time.Time{}, err
	}
	return Quota(*w), a.date, nil
}

// Org returns the organisation that the account belongs to.
func (c *Client) Org(ctx context.Context) (Org, error) {
	q := call{op: "get organisation", method: http.MethodGet, path: []string{"org", c.cfg.Org}}
	a, err := c.do(ctx, q)
	if err != nil {
		return Org{}, err
	}
	w, err := read(c, orgPlan, q, a.body)
	if err != nil {
		return Org{}, err
	}
	if w.ShortName != c.cfg.Org {
		return Org{}, fmt.Errorf("%s: %w: it is about %q", q.op, ErrAnswer, c.text(w.ShortName))
	}
	return Org{ID: w.ID, Name: w.Name, ShortName: w.ShortName, Roles: w.Authority.Roles}, nil
}

// User returns one account of the organisation.
func (c *Client) User(ctx context.Context, name string) (User, error) {
	q := call{op: "get user", method: http.MethodGet, path: []string{"org", c.cfg.Org, "user", name}}
	a, err := c.do(ctx, q)
	if err != nil {
		return User{}, err
	}
	w, err := read(c, userPlan, q, a.body)
	if err != nil {
		return User{}, err
	}
	return w.value(), nil
}

// Users returns the accounts of the organisation.
func (c *Client) Users(ctx context.Context) ([]User, error) {
	q := call{op: "list users", method: http.MethodGet, path: []string{"org", c.cfg.Org, "users"}, query: url.Values{}}
	var out []User
	for page := 1; ; {
		q.query.Set("page", strconv.Itoa(page))
		a, err := c.do(ctx, q)
		if err != nil {
			return nil, err
		}
		w, err := read(c, usersPlan, q, a.body)
		if err != nil {
			return nil, err
		}
		for _, u := range w.Users {
			out = append(out, u.value())
		}
		if w.NextPage == 0 {
			return out, nil
		}
		if w.NextPage <= page || page >= maxPages {
			return nil, fmt.Errorf("%s: %w: after page %d comes page %d", q.op, ErrAnswer, page, w.NextPage)
		}
		page = w.NextPage
	}
}

func (w wireUser) value() User {
	return User{ID: w.ID, Name: w.Name, Roles: w.Authority.Roles, Active: string(w.Active) == "true" || string(w.Active) == `"true"`}
}
