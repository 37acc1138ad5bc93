package services

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"time"

	"github.com/tocsin-sec/tocsin/kit/strictjson"
)

// State is the state of an id at the CVE Services.
type State string

// The states. An id becomes Published by its record (see Put), not by itself.
const (
	Reserved  State = "RESERVED"
	Published State = "PUBLISHED"
	Rejected  State = "REJECTED"
)

// ID is a CVE id as the CVE Services know it.
type ID struct {
	ID       string // CVE-2026-12345
	Year     int
	Owner    string // short name of the owning CNA; hidden by the API for reserved ids of others
	State    State
	Org      string // who asked for it
	User     string
	Reserved time.Time
	Modified time.Time
}

// wireID is an id as the API writes it.
type wireID struct {
	ID        string    `json:"cve_id" strict:"req,like=cve"`
	Year      string    `json:"cve_year,omitempty" strict:"like=year,null"`
	Owner     string    `json:"owning_cna,omitempty" strict:"null"`
	State     string    `json:"state" strict:"req,enum=RESERVED|PUBLISHED|REJECTED"`
	Requested wireAsker `json:"requested_by,omitzero" strict:"null"`
	Reserved  string    `json:"reserved,omitempty" strict:"like=time,null"`
	Time      wireTimes `json:"time,omitzero" strict:"null"`
}

type wireAsker struct {
	CNA  string `json:"cna,omitempty" strict:"null"`
	User string `json:"user,omitempty" strict:"null"`
}

type wireTimes struct {
	Created  string `json:"created,omitempty" strict:"like=time,null"`
	Modified string `json:"modified,omitempty" strict:"like=time,null"`
}

type wireIDs struct {
	IDs      []wireID `json:"cve_ids" strict:"req"`
	NextPage int      `json:"nextPage,omitempty" strict:"null,max=1000000"`
	Meta     struct {
		Left *int `json:"remaining_quota,omitempty" strict:"null"`
	} `json:"meta,omitzero" strict:"null"`
	Name    string `json:"error,omitempty" strict:"null"`
	Message string `json:"message,omitempty" strict:"null"`
}

// rules of all answers: what the package does not know is ignored.
var rules = strictjson.Rules{Unknown: strictjson.Ignore, Formats: map[string]strictjson.Format{
	"cve":  {What: "a CVE id", Match: IsID},
	"year": {What: "a year", Match: strictjson.Pattern(`^[0-9]{4}$`)},
	"time": {What: "a date-time (RFC 3339)", Match: strictjson.IsDateTime},
}}

var (
	idPlan  = strictjson.For[wireID](rules)
	idsPlan = strictjson.For[wireIDs](rules)
)

// IsID reports whether s has the form of a CVE id: CVE-, four digits, a hyphen, and 4
// to 19 digits (the record format's pattern).
func IsID(s string) bool {
	if len(s) < len("CVE-2026-1234") || len(s) > len("CVE-2026-")+19 || s[:4] != "CVE-" || s[8] != '-' {
		return false
	}
	digits := s[4:8] + s[9:]
	return !slices.ContainsFunc([]byte(digits), func(b byte) bool { return b < '0' || b > '9' })
}

func (w wireID) value() ID {
	year, _ := strconv.Atoi(w.ID[4:8])
	at := func(s string) time.Time { t, _ := time.Parse(time.RFC3339, s); return t }
	return ID{ID: w.ID, Year: year, Owner: w.Owner, State: State(w.State), Org: w.Requested.CNA, User: w.Requested.User,
		Reserved: at(w.Reserved), Modified: at(w.Time.Modified)}
}

// read reads the body of an answer by a plan; its error is ErrAnswer.
func read[T any](c *Client, plan *strictjson.Plan[T], q call, body []byte) (*T, error) {
	v, problems := plan.Read(body, strictjson.Limits{Bytes: int(c.cfg.MaxBytes), Depth: 64, Problems: 3})
	if problems.Fatal() {
		return nil, fmt.Errorf("%s: %w: %s", about(q.op, q.id), ErrAnswer, c.text(problems.Error()))
	}
	return v, nil
}

// ID returns what the CVE Services know of one id; ErrNotFound when there is none.
func (c *Client) ID(ctx context.Context, id string) (ID, error) {
	q := call{op: "get id", id: id, method: http.MethodGet, path: []string{"cve-id", id}}
	if !IsID(id) {
		return ID{}, fmt.Errorf("%q is no CVE id", id)
	}
	a, err := c.do(ctx, q)
	if err != nil {
		return ID{}, err
	}
	w, err := read(c, idPlan, q, a.body)
	if err != nil {
		return ID{}, err
	}
	if w.ID != id {
		return ID{}, fmt.Errorf("%s: %w: it is about %s", about(q.op, id), ErrAnswer, w.ID)
	}
	return w.value(), nil
}

// Filter chooses ids of the own organisation; zero fields do not choose.
type Filter struct {
	State         State
	Year          int
	ReservedAfter time.Time
	ModifiedAfter time.Time
}

// maxPages bounds a list: 500 ids a page.
const maxPages = 2000

// IDs returns the organisation's ids that fit the filter, all pages of them.
func (c *Client) IDs(ctx context.Context, f Filter) ([]ID, error) {
	q := call{op: "list ids", method: http.MethodGet, path: []string{"cve-id"}, query: url.Values{}}
	if f.State != "" {
		q.query.Set("state", string(f.State))
	}
	if f.Year != 0 {
		q.query.Set("cve_id_year", strconv.Itoa(f.Year))
	}
	if !f.ReservedAfter.IsZero() {
		q.query.Set("time_reserved.gt", f.ReservedAfter.UTC().Format(time.RFC3339))
	}
	if !f.ModifiedAfter.IsZero() {
		q.query.Set("time_modified.gt", f.ModifiedAfter.UTC().Format(time.RFC3339))
	}
	var out []ID
	seen := map[string]bool{} // an id that is reserved meanwhile moves the pages
	for page := 1; ; {
		q.query.Set("page", strconv.Itoa(page))
		a, err := c.do(ctx, q)
		if err != nil {
			return nil, err
		}
		w, err := read(c, idsPlan, q, a.body)
		if err != nil {
			return nil, err
		}
		for _, id := range w.IDs {
			if !seen[id.ID] {
				seen[id.ID] = true
				out = append(out, id.value())
			}
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

// SetState moves an id between Reserved and Rejected without a record: an id that was
// never used is given up so. Published is what Put does. It reads back.
func (w *Writer) SetState(ctx context.Context, s State) (ID, error) {
	c, op := w.c, "set state"
	if s != Reserved && s != Rejected {
		return ID{}, fmt.Errorf("%s: an id cannot be set to %q", about(op, w.id), s)
	}
	_, err := c.do(ctx, call{op: op, id: w.id, method: http.MethodPut, path: []string{"cve-id", w.id}, query: url.Values{"state": {string(s)}}})
	if err != nil && !open(err) {
		return ID{}, err
	}
	got, back := c.ID(ctx, w.id)
	switch {
	case back == nil && got.State == s:
		return got, nil
	case err != nil:
		return ID{}, &UnclearError{Op: op, ID: w.id, Err: err}
	case back != nil:
		return ID{}, &UnclearError{Op: op, ID: w.id, Err: back}
	}
	return ID{}, &DifferenceError{Op: op, ID: w.id, Pointer: "/state", Sent: string(s), Got: string(got.State)}
}

// SetState is Writer.SetState under the id's lock.
func (c *Client) SetState(ctx context.Context, id string, s State) (ID, error) {
	return within(ctx, c, id, func(w *Writer) (ID, error) { return w.SetState(ctx, s) })
}
