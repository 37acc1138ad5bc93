package client

import (
	"context"
	"net/http"
	"net/url"
	"time"
)

// CaseRow is a case in a list.
type CaseRow struct {
	ID        string     `json:"id"`
	Project   string     `json:"project"`
	Title     string     `json:"title"`
	State     string     `json:"state"` // received, invalid, valid, accepted, deferred, closed
	Rating    string     `json:"rating"`
	Score     float64    `json:"score"`
	Embargo   *time.Time `json:"embargo_until"` // while it runs
	Public    bool       `json:"public"`
	Exploited bool       `json:"exploited"`
	Attacked  bool       `json:"attacked"`
	Opened    time.Time  `json:"opened"`
	Changed   time.Time  `json:"changed"`
	DueAssess *time.Time `json:"due_assess"`
	Unread    int        `json:"unread"`
	Waiting   int        `json:"waiting"` // mails held at the case
	Role      string     `json:"role"`
}

// Case is a case.
type Case struct {
	ID        string     `json:"id"`
	Project   string     `json:"project"`
	Report    string     `json:"report"`
	Title     string     `json:"title"`
	State     string     `json:"state"`
	Reason    string     `json:"reason"`
	Next      []string   `json:"next"` // states that may follow
	Vector31  string     `json:"vector31"`
	Score31   float64    `json:"score31"`
	Vector40  string     `json:"vector40"`
	Score40   float64    `json:"score40"`
	Rating    string     `json:"rating"`
	CWE       []string   `json:"cwe"`
	Affected  []Affected `json:"affected"`
	Facts     []Fact     `json:"facts"`
	Embargo   *time.Time `json:"embargo_until"`
	Opened    time.Time  `json:"opened"`
	DueAssess *time.Time `json:"due_assess"`
	Assessed  *time.Time `json:"assessed"`
	Role      string     `json:"role"`
	Version   int64      `json:"version"`
}

// Affected is a row of what a case affects.
type Affected struct {
	Product  string `json:"product,omitempty"`
	Name     string `json:"name"`
	Branch   string `json:"branch,omitempty"`
	Purl     string `json:"purl,omitempty"`
	Versions string `json:"versions,omitempty"`
	Fix      string `json:"fix,omitempty"`
	Status   string `json:"status"` // unknown, affected, fixed, not_affected, waived
	Reason   string `json:"reason,omitempty"`
}

// Fact says whether a case is public, exploited or attacked.
type Fact struct {
	Fact     string     `json:"fact"`
	Set      bool       `json:"set"`
	Evidence string     `json:"evidence"`
	At       *time.Time `json:"at"`
}

// Item is an item of a case's conversation. Its texts may be foreign.
type Item struct {
	ID       string    `json:"id"`
	Number   int       `json:"number"` // for the team only
	Kind     string    `json:"kind"`
	Audience string    `json:"audience"`
	Hold     string    `json:"hold"`
	Trust    string    `json:"trust"`
	At       time.Time `json:"at"`
	Author   string    `json:"author"`
	From     string    `json:"from"`
	Subject  string    `json:"subject"`
	Text     string    `json:"text"`
	Files    []File    `json:"files"`
}

// File is a file of an item; its bytes are at Href below the site's address.
type File struct {
	ID   string `json:"id"`
	Name string `json:"name"`
	Size int64  `json:"size"`
	Href string `json:"href"`
}

// CaseQuery picks cases. The zero query is the open ones, the last changed first.
type CaseQuery struct {
	State   string // open, all, or a state
	Project string
	Order   string // changed, opened, embargo, severity, due
	Only    string // unread, overdue, waiting
	After   string // Next of the page before
}

func (q CaseQuery) values() url.Values {
	v := url.Values{}
	for name, value := range map[string]string{"state": q.State, "project": q.Project, "order": q.Order, "only": q.Only, "after": q.After} {
		if value != "" {
			v.Set(name, value)
		}
	}
	return v
}

// Cases returns a page of the cases that the token may see, and the cursor of the next
// page, "" after the last.
func (c *Client) Cases(ctx context.Context, q CaseQuery) (list []CaseRow, next string, err error) {
	path := "/api/cases"
	if v := q.values(); len(v) > 0 {
		path += "?" + v.Encode()
	}
	var out struct {
		Cases []CaseRow
		Next  string
	}
	err = c.Call(ctx, http.MethodGet, path, nil, &out)
	return out.Cases, out.Next, err
}

// Case returns one case; status 404 when there is none for this token.
func (c *Client) Case(ctx context.Context, id string) (Case, error) {
	var out Case
	err := c.Call(ctx, http.MethodGet, "/api/cases/"+url.PathEscape(id), nil, &out)
	return out, err
}

// CaseItems returns the newest items of a case's conversation, or those before one. The
// site notes that the token's person has seen them.
func (c *Client) CaseItems(ctx context.Context, id, before string) ([]Item, error) {
	path := "/api/cases/" + url.PathEscape(id) + "/items"
	if before != "" {
		path += "?" + url.Values{"before": {before}}.Encode()
	}
	var out struct{ Items []Item }
	err := c.Call(ctx, http.MethodGet, path, nil, &out)
	return out.Items, err
}

// WriteCase writes a reply, which goes to the reporter, or an internal note, which
// does not. It returns the item's id.
func (c *Client) WriteCase(ctx context.Context, id, text string, note bool) (string, error) {
	in := struct {
		Text string `json:"text"`
		Note bool   `json:"internal,omitempty"`
	}{text, note}
	var out struct{ ID string }
	err := c.Call(ctx, http.MethodPost, "/api/cases/"+url.PathEscape(id)+"/items", in, &out)
	return out.ID, err
}

// MoveCase moves a case to another state, with the reason.
func (c *Client) MoveCase(ctx context.Context, id, state, reason string) error {
	in := struct {
		State  string `json:"to"`
		Reason string `json:"reason"`
	}{state, reason}
	return c.Call(ctx, http.MethodPost, "/api/cases/"+url.PathEscape(id)+"/state", in, nil)
}
