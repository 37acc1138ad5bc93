package services

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"time"
)

// Ask is a wish for ids.
type Ask struct {
	Year       int
	Amount     int
	Sequential bool // the ids follow one another; costs the CVE Programme more room
}

// Ticket is what must be known before asking for ids, so that after an unclear answer
// (or a crash) it can be found out whether the request was carried out. It is plain
// data for JSON: a program that must not lose ids keeps it before it calls Reserve.
type Ticket struct {
	Ask    Ask
	Since  time.Time // by the service's clock
	Before []string  // the ids reserved shortly before that
}

// Batch is what a reservation brought.
type Batch struct {
	IDs   []ID
	Left  int    // what the quota then allows; -1 when the answer does not tell
	Short *Error // fewer ids than asked for, and why (status 206); nil otherwise
	Found bool   // the answer was unclear; the ids were found by looking
}

// margin is how far back a ticket looks: clocks of several machines behind one
// address need not agree.
const margin = 5 * time.Minute

// maxAmount bounds one reservation; the API's own quota is at most 100,000.
const maxAmount = 1000

// Prepare makes the ticket for a reservation. It fails with ErrQuota when the quota
// does not allow that many; then nothing needs to be asked.
func (c *Client) Prepare(ctx context.Context, ask Ask) (Ticket, error) {
	if ask.Amount < 1 || ask.Amount > maxAmount || ask.Year < 1999 || ask.Year > 9999 {
		return Ticket{}, fmt.Errorf("reserve: %d ids of %d cannot be asked for", ask.Amount, ask.Year)
	}
	quota, date, err := c.quota(ctx)
	if err != nil {
		return Ticket{}, err
	}
	if quota.Available < ask.Amount {
		return Ticket{}, fmt.Errorf("reserve: %w: %d ids wanted, %d available", ErrQuota, ask.Amount, quota.Available)
	}
	if date.IsZero() {
		date = time.Now() // a service that does not tell the time; the margin has to do
	}
	t := Ticket{Ask: ask, Since: date.UTC()}
	before, err := c.recent(ctx, t)
	if err != nil {
		return Ticket{}, err
	}
	for _, id := range before {
		t.Before = append(t.Before, id.ID)
	}
	return t, nil
}

// Reserve asks for the ids of a ticket, once. When the answer is unclear it looks what
// has been reserved since the ticket was made: as many ids of this account as were
// asked for are taken as the answer; anything else is an *UnclearError.
func (c *Client) Reserve(ctx context.Context, t Ticket) (Batch, error) {
	batch, err := c.reserve(ctx, t)
	if err == nil || !open(err) {
		return batch, err
	}
	found, look := c.Look(ctx, t)
	if look == nil && len(found) == t.Ask.Amount {
		return Batch{IDs: found, Left: -1, Found: true}, nil
	}
	return Batch{}, &UnclearError{Op: "reserve", Found: found, Err: errors.Join(err, look)}
}

func (c *Client) reserve(ctx context.Context, t Ticket) (Batch, error) {
	q := call{op: "reserve", method: http.MethodPost, path: []string{"cve-id"}, query: url.Values{
		"amount": {strconv.Itoa(t.Ask.Amount)}, "cve_year": {strconv.Itoa(t.Ask.Year)}, "short_name": {c.cfg.Org}}}
	if t.Ask.Amount > 1 {
		q.query.Set("batch_type", map[bool]string{true: "sequential", false: "non-sequential"}[t.Ask.Sequential])
	}
	a, err := c.do(ctx, q)
	if err != nil {
		return Batch{}, err
	}
	w, err := read(c, idsPlan, q, a.body)
	if err != nil {
		return Batch{}, err
	}
	b := Batch{Left: -1}
	if w.Meta.Left != nil {
		b.Left = *w.Meta.Left
	}
	for _, id := range w.IDs {
		got := id.value()
		if got.Year != t.Ask.Year || got.State != Reserved || got.Owner != c.cfg.Org || slices.Contains(t.Before, got.ID) ||
			slices.ContainsFunc(b.IDs, func(o ID) bool { return o.ID == got.ID }) {
			return Batch{}, fmt.Errorf("reserve: %w: %s is not what was asked for", ErrAnswer, got.ID)
		}
		b.IDs = append(b.IDs, got)
	}
	switch {
	case a.status == http.StatusPartialContent && len(b.IDs) < t.Ask.Amount:
		b.Short = &Error{Op: q.op, Status: a.status, Name: c.text(w.Name), Message: c.text(w.Message)}
	case len(b.IDs) != t.Ask.Amount:
		return Batch{}, fmt.Errorf("reserve: %w: %d ids instead of %d", ErrAnswer, len(b.IDs), t.Ask.Amount)
	}
	return b, nil
}

// Look returns the ids of the ticket's year that this account has reserved since the
// ticket was made. After a crash between Reserve and keeping its answer they are the
// answer, if no other program uses the same account.
func (c *Client) Look(ctx context.Context, t Ticket) ([]ID, error) {
	ids, err := c.recent(ctx, t)
	if err != nil {
		return nil, err
	}
	return slices.DeleteFunc(ids, func(id ID) bool {
		return slices.Contains(t.Before, id.ID) || id.User != c.cfg.User || id.Org != c.cfg.Org
	}), nil
}

func (c *Client) recent(ctx context.Context, t Ticket) ([]ID, error) {
	return c.IDs(ctx, Filter{State: Reserved, Year: t.Ask.Year, ReservedAfter: t.Since.Add(-margin)})
}
