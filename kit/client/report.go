package client

import (
	"context"
	"encoding/json"
	"net/http"
	"net/url"
	"strconv"
	"time"
)

// Report is a report as moderators see it. Title and From are as the sender wrote
// them: foreign text.
type Report struct {
	ID         string     `json:"id"`
	Project    string     `json:"project"`
	State      string     `json:"state"` // held, released, rejected, not_ours, duplicate, spam
	Via        string     `json:"via"`   // mail, web, api
	Title      string     `json:"title"`
	From       string     `json:"from"` // unverified
	Encrypted  bool       `json:"encrypted"`
	Flagged    bool       `json:"flagged"` // reading it found trouble that a person should know of
	News       bool       `json:"news"`    // something came in since a moderator last decided
	ReceivedAt time.Time  `json:"received_at"`
	DueAck     time.Time  `json:"due_ack"`
	DueAssess  time.Time  `json:"due_assess"`
	DecidedAt  *time.Time `json:"decided_at"`
	Reason     string     `json:"reason"`
	Case       string     `json:"case"`
	Messages   int        `json:"messages"`
}

// ReportDetail is a report with what was written and what the reporter answered.
type ReportDetail struct {
	Report
	Claims   json.RawMessage `json:"claims"`
	Exchange []Message       `json:"exchange"`
}

// Message is one message of a report. Its texts are foreign.
type Message struct {
	ID       string    `json:"id"`
	At       time.Time `json:"at"`
	Inbound  bool      `json:"inbound"`
	From     string    `json:"from"` // unverified
	Subject  string    `json:"subject"`
	Text     string    `json:"text"`
	Verified bool      `json:"verified"` // a good signature by a registered key covers all of it
	Replayed bool      `json:"replayed"`
}

// Reports returns a page of reports in a state, "" for held ones; after is the id of the
// last one of the page before.
func (c *Client) Reports(ctx context.Context, state, after string, limit int) ([]Report, error) {
	q := url.Values{}
	for name, value := range map[string]string{"state": state, "after": after} {
		if value != "" {
			q.Set(name, value)
		}
	}
	if limit > 0 {
		q.Set("limit", strconv.Itoa(limit))
	}
	path := "/api/reports"
	if len(q) > 0 {
		path += "?" + q.Encode()
	}
	var out struct{ Reports []Report }
	err := c.Call(ctx, http.MethodGet, path, nil, &out)
	return out.Reports, err
}

// Report returns one report; status 404 when there is none for this token.
func (c *Client) Report(ctx context.Context, id string) (ReportDetail, error) {
	var out ReportDetail
	err := c.Call(ctx, http.MethodGet, "/api/reports/"+url.PathEscape(id), nil, &out)
	return out, err
}

// ReportDecision is a moderator's decision about a held report.
type ReportDecision struct {
	Do     string `json:"do"`               // reject, not_ours, duplicate, spam, ask, reopen
	Reason string `json:"reason"`           // for the team
	Text   string `json:"text,omitempty"`   // own words to the reporter
	Canned string `json:"canned,omitempty"` // id of one of the project's texts
	Of     string `json:"of,omitempty"`     // the report or case that a duplicate repeats
	Quiet  bool   `json:"quiet,omitempty"`  // send no letter
}

// DecideReport decides about a report.
func (c *Client) DecideReport(ctx context.Context, id string, d ReportDecision) error {
	return c.Call(ctx, http.MethodPost, "/api/reports/"+url.PathEscape(id)+"/decide", d, nil)
}

// ReportRelease releases a report into a new case.
type ReportRelease struct {
	Title  string     `json:"title,omitempty"`
	Reason string     `json:"reason"`
	Until  *time.Time `json:"until,omitempty"`  // end of the embargo; nil is the project's aim
	Longer string     `json:"longer,omitempty"` // why it is longer than the aim
}

// ReleaseReport opens a case from a report and returns the case's id.
func (c *Client) ReleaseReport(ctx context.Context, id string, r ReportRelease) (string, error) {
	var out struct{ Case string }
	err := c.Call(ctx, http.MethodPost, "/api/reports/"+url.PathEscape(id)+"/release", r, &out)
	return out.Case, err
}

// Submission is a new report.
type Submission struct {
	Title   string         `json:"title,omitempty"`
	What    string         `json:"what"`
	Name    string         `json:"name,omitempty"`
	Address string         `json:"address,omitempty"`
	Claims  map[string]any `json:"claims,omitempty"` // see the schema Claims in /openapi.json
}

// Submitted says where a new report went. Status is the secret link to it.
type Submitted struct {
	ID     string `json:"id"`
	Status string `json:"status"`
}

// Submit reports a security problem to a project. It needs no token.
func (c *Client) Submit(ctx context.Context, project string, s Submission) (Submitted, error) {
	var out Submitted
	err := c.Call(ctx, http.MethodPost, "/api/projects/"+url.PathEscape(project)+"/reports", s, &out)
	return out, err
}
