package client

import (
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"time"
)

// Advisory is an advisory on the way to publication, or published.
type Advisory struct {
	ID        string          `json:"id"`
	Case      string          `json:"case"`
	Project   string          `json:"project"`
	Number    string          `json:"number"` // "" until shortly before publication
	State     string          `json:"state"`  // drafting, approved, armed, staged, held, published, correcting, withdrawn, superseded, abandoned
	Revision  int             `json:"revision"`
	Hash      string          `json:"hash"`   // of the revision in work: decisions name it
	Record    json.RawMessage `json:"record"` // see the record's schema in /openapi.json
	Problems  []Reason        `json:"problems"`
	Blocked   []Reason        `json:"blocked"` // what keeps it from being published
	Published []Publication   `json:"published"`
	Steps     []Step          `json:"steps"`
}

// Title returns the record's title.
func (a Advisory) Title() string {
	var r struct {
		Title string `json:"title"`
	}
	_ = json.Unmarshal(a.Record, &r) // a record without a title has none
	return r.Title
}

// Reason is a catalogue key with the place that it is about.
type Reason struct {
	Path string `json:"path"`
	Key  string `json:"key"`
	Args []any  `json:"args"`
}

// Publication is one published revision of an advisory.
type Publication struct {
	Version    string    `json:"version"`
	Date       time.Time `json:"date"`
	Change     string    `json:"change"`
	Withdrawn  bool      `json:"withdrawn"`
	Superseded bool      `json:"superseded"`
}

// Step is one step after a publication, such as the mail to a list.
type Step struct {
	Kind    string `json:"kind"`
	State   string `json:"state"`
	Tries   int    `json:"tries"`
	Problem string `json:"problem"` // catalogue key
}

// Imported says what became of an imported document.
type Imported struct {
	ID     string   `json:"id"`
	Number string   `json:"number"`
	Hash   string   `json:"hash"` // to approve
	Lost   []string `json:"lost"` // what the record cannot hold, with its place
	// Kept says that the document is published as it is: then it is lost by a correction
	// alone. Filled was taken from elsewhere in the document.
	Kept   bool     `json:"kept"`
	Filled []string `json:"filled"`
	// Dropped are the JSON pointers of members that the standard does not know: they
	// are not published.
	Dropped []string `json:"dropped"`
}

// Advisories returns the advisories that the token's person works on, newest first.
func (c *Client) Advisories(ctx context.Context) ([]Advisory, error) {
	var out struct{ Advisories []Advisory }
	err := c.Call(ctx, http.MethodGet, "/api/advisories", nil, &out)
	return out.Advisories, err
}

// Advisory returns one advisory; status 404 when there is none for this token.
func (c *Client) Advisory(ctx context.Context, id string) (Advisory, error) {
	var out Advisory
	err := c.Call(ctx, http.MethodGet, "/api/advisories/"+url.PathEscape(id), nil, &out)
	return out, err
}

// Draft begins the advisory of a case with what the case knows.
func (c *Client) Draft(ctx context.Context, caseID string) (Advisory, error) {
	var out Advisory
	err := c.Call(ctx, http.MethodPost, "/api/cases/"+url.PathEscape(caseID)+"/advisory", nil, &out)
	return out, err
}

// Decide makes a decision about an advisory: approve, arm, disarm, confirm, hold,
// release, publish, withdraw, supersede, abandon or retry. Hash is that of the revision that the
// person has seen; one that is not in work any more is status 409. Reason is asked for
// by hold, withdraw, supersede, abandon, and by approve in a team of one. Only supersede has
// a successor: its number or id and, when another publisher has it, its address.
func (c *Client) Decide(ctx context.Context, id, decision, hash, reason string, successor ...string) (Advisory, error) {
	in := struct {
		Hash   string `json:"hash,omitempty"`
		Reason string `json:"reason,omitempty"`
		By     string `json:"by,omitempty"`
		URL    string `json:"url,omitempty"`
	}{Hash: hash, Reason: reason}
	if len(successor) > 0 {
		in.By = successor[0]
	}
	if len(successor) > 1 {
		in.URL = successor[1]
	}
	var out Advisory
	err := c.Call(ctx, http.MethodPost, "/api/advisories/"+url.PathEscape(id)+"/"+url.PathEscape(decision), in, &out)
	return out, err
}

// Preview returns an output as it would be published; format is csaf-2.0, csaf-2.1,
// csaf-vex, osv, cve, openvex, updateinfo, mail, text (the mail without its subject),
// markdown, html or atom. A record that has nothing for the format to say is status 422.
func (c *Client) Preview(ctx context.Context, id, format string) ([]byte, error) {
	return c.Raw(ctx, http.MethodGet, "/api/advisories/"+url.PathEscape(id)+"/preview/"+url.PathEscape(format), "", nil)
}

// Import hands in a document that is published already, with its own id and dates: CSAF
// 2.0 or 2.1, OSV or CVE. Of what is not CSAF 2.0 a record is made; what that cannot hold is
// status 409 unless acceptLoss. It is approved and published as any other afterwards. A document with
// problems is status 422, each problem in Fields with its line; nothing of it is taken.
func (c *Client) Import(ctx context.Context, project string, document io.Reader, acceptLoss bool) (Imported, error) {
	return c.importing(ctx, project, "?accept_loss="+strconv.FormatBool(acceptLoss), document)
}

// CheckImport says what Import would do, or refuse, and stores nothing.
func (c *Client) CheckImport(ctx context.Context, project string, document io.Reader) (Imported, error) {
	return c.importing(ctx, project, "?check=true", document)
}

func (c *Client) importing(ctx context.Context, project, query string, document io.Reader) (Imported, error) {
	var out Imported
	raw, err := c.Raw(ctx, http.MethodPost, "/api/projects/"+url.PathEscape(project)+"/advisories/import"+query, "application/json", document)
	if err != nil {
		return out, err
	}
	return out, json.Unmarshal(raw, &out)
}
