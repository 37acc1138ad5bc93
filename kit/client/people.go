package client

import (
	"context"
	"net/http"
	"net/url"
	"time"
)

// Person is somebody with an account.
type Person struct {
	ID    string `json:"id"`
	Name  string `json:"name"`
	Email string `json:"email"` // only for those who may know it
	Admin bool   `json:"admin"`
	State string `json:"state"` // invited, active, disabled
	Lang  string `json:"lang"`
	Zone  string `json:"zone"`
}

// Project is a project of the site, as it shows itself to everybody.
type Project struct {
	ID          string   `json:"id"`
	Slug        string   `json:"slug"`
	Name        string   `json:"name"`
	Addresses   []string `json:"addresses"`
	Series      string   `json:"series"`
	Website     string   `json:"website"`
	EmbargoAim  int      `json:"embargo_aim_days"`
	EmbargoMost int      `json:"embargo_most_days"` // 0: one calendar month
	Acknowledge int      `json:"acknowledge_business_days"`
	Assess      int      `json:"assess_business_days"`
}

// Teammate is a member of a project's team.
type Teammate struct {
	Person
	Roles []string  `json:"roles"`
	Since time.Time `json:"since"`
	Terms int       `json:"terms"` // version of the embargo terms accepted last
}

// Me returns the token's person.
func (c *Client) Me(ctx context.Context) (Person, error) {
	var out Person
	err := c.Call(ctx, http.MethodGet, "/api/people/me", nil, &out)
	return out, err
}

// Projects returns the projects of the site. It needs no token.
func (c *Client) Projects(ctx context.Context) ([]Project, error) {
	var out []Project
	err := c.Call(ctx, http.MethodGet, "/api/projects", nil, &out)
	return out, err
}

// Project returns one project by its short name or id.
func (c *Client) Project(ctx context.Context, project string) (Project, error) {
	var out Project
	err := c.Call(ctx, http.MethodGet, "/api/projects/"+url.PathEscape(project), nil, &out)
	return out, err
}

// Team returns the team of a project, as far as the token may know it.
func (c *Client) Team(ctx context.Context, project string) ([]Teammate, error) {
	var out []Teammate
	err := c.Call(ctx, http.MethodGet, "/api/projects/"+url.PathEscape(project)+"/team", nil, &out)
	return out, err
}

// Duty puts the token's person on or off duty as a moderator of a project.
func (c *Client) Duty(ctx context.Context, project string, on bool) error {
	in := struct {
		On bool `json:"on"`
	}{on}
	return c.Call(ctx, http.MethodPost, "/api/projects/"+url.PathEscape(project)+"/duty", in, nil)
}
