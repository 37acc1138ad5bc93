package services

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"net/http"

	"github.com/tocsin-sec/tocsin/kit/strictjson"
)

// Record is a CVE record as the CVE Services hold it.
type Record struct {
	ID    string
	State State  // Published or Rejected
	Owner string // short name of the assigning CNA
	CNA   json.RawMessage
	Raw   json.RawMessage // the whole record; package cve reads it
}

type wireRecord struct {
	Metadata   wireMetadata   `json:"cveMetadata" strict:"req"`
	Containers wireContainers `json:"containers" strict:"req"`
}

type wireMetadata struct {
	ID    string `json:"cveId" strict:"req,like=cve"`
	State string `json:"state" strict:"req,enum=PUBLISHED|REJECTED"`
	Owner string `json:"assignerShortName,omitempty" strict:"null"`
}

type wireContainers struct {
	CNA json.RawMessage `json:"cna" strict:"req,object"`
}

var recordPlan = strictjson.For[wireRecord](rules)

// Record returns the record of an id; ErrNotFound when there is none.
func (c *Client) Record(ctx context.Context, id string) (Record, error) {
	q := call{op: "get record", id: id, method: http.MethodGet, path: []string{"cve", id}}
	if !IsID(id) {
		return Record{}, fmt.Errorf("%q is no CVE id", id)
	}
	a, err := c.do(ctx, q)
	if err != nil {
		return Record{}, err
	}
	w, err := read(c, recordPlan, q, a.body)
	if err != nil {
		return Record{}, err
	}
	if w.Metadata.ID != id {
		return Record{}, fmt.Errorf("%s: %w: it is about %s", about(q.op, id), ErrAnswer, w.Metadata.ID)
	}
	return Record{ID: id, State: State(w.Metadata.State), Owner: w.Metadata.Owner, CNA: w.Containers.CNA, Raw: a.body}, nil
}

// Writer writes to one id while it holds the id's lock.
type Writer struct {
	c  *Client
	id string
}

// Within holds the lock of an id while f runs.
func (c *Client) Within(ctx context.Context, id string, f func(*Writer) error) error {
	if !IsID(id) {
		return fmt.Errorf("%q is no CVE id", id)
	}
	release, err := c.cfg.Locker.Lock(ctx, id)
	if err != nil {
		return fmt.Errorf("lock of %s: %w", id, err)
	}
	defer release()
	return f(&Writer{c, id})
}

func within[T any](ctx context.Context, c *Client, id string, f func(*Writer) (T, error)) (out T, err error) {
	err = c.Within(ctx, id, func(w *Writer) (err error) {
		out, err = f(w)
		return err
	})
	return out, err
}

// Put is Writer.Put under the id's lock.
func (c *Client) Put(ctx context.Context, id string, container []byte) (Record, error) {
	return within(ctx, c, id, func(w *Writer) (Record, error) { return w.Put(ctx, container) })
}

// Create is Writer.Create under the id's lock.
func (c *Client) Create(ctx context.Context, id string, container []byte) (Record, error) {
	return within(ctx, c, id, func(w *Writer) (Record, error) { return w.Create(ctx, container) })
}

// Update is Writer.Update under the id's lock.
func (c *Client) Update(ctx context.Context, id string, container []byte) (Record, error) {
	return within(ctx, c, id, func(w *Writer) (Record, error) { return w.Update(ctx, container) })
}

// Reject is Writer.Reject under the id's lock.
func (c *Client) Reject(ctx context.Context, id string, rejection Rejection) (Record, error) {
	return within(ctx, c, id, func(w *Writer) (Record, error) { return w.Reject(ctx, rejection) })
}

// Put makes the record of the id published with this CNA container (the JSON object
// that stands at containers.cna of a record): it creates the record, or updates it, or
// leaves it when it is so already. It may be called again after any error. The
// record is read back.
func (w *Writer) Put(ctx context.Context, container []byte) (Record, error) {
	return w.put(ctx, "put record", Published, container, "cna")
}

// Create creates the record of an id that has none; *Error when it has one.
func (w *Writer) Create(ctx context.Context, container []byte) (Record, error) {
	return w.write(ctx, write{op: "create record", method: http.MethodPost, end: "cna", state: Published, container: container})
}

// Update replaces the CNA container of a record; *Error when there is none.
func (w *Writer) Update(ctx context.Context, container []byte) (Record, error) {
	return w.write(ctx, write{op: "update record", method: http.MethodPut, end: "cna", state: Published, container: container})
}

// Rejection says why an id is rejected.
type Rejection struct {
	Lang       string // "en" when empty
	Reason     string
	ReplacedBy []string // other ids, of a duplicate
}

// Reject makes the record of the id a rejected one, whether it had a record or not. It
// may be called again after any error. The record and the id's state are read back.
func (w *Writer) Reject(ctx context.Context, r Rejection) (Record, error) {
	if r.Lang == "" {
		r.Lang = "en"
	}
	c := map[string]any{"rejectedReasons": []any{map[string]string{"lang": r.Lang, "value": r.Reason}}}
	if len(r.ReplacedBy) > 0 {
		c["replacedBy"] = r.ReplacedBy
	}
	container, err := json.Marshal(c)
	if err != nil {
		return Record{}, fmt.Errorf("reject %s: %w", w.id, err)
	}
	return w.put(ctx, "reject", Rejected, container, "reject")
}

// put looks first, so that it can be repeated.
func (w *Writer) put(ctx context.Context, op string, state State, container []byte, end string) (Record, error) {
	todo := write{op: op, method: http.MethodPut, end: end, state: state, container: container}
	there, err := w.c.Record(ctx, w.id)
	switch {
	case errors.Is(err, ErrNotFound):
		todo.method = http.MethodPost
	case err != nil:
		return Record{}, err
	case there.State == state:
		// An id that does not follow its record is written once more.
		r, err := w.readBack(ctx, todo)
		if different := (*DifferenceError)(nil); !errors.As(err, &different) {
			return r, err
		}
	}
	return w.write(ctx, todo)
}

type write struct {
	op, method, end string
	state           State
	container       []byte
}

// write sends a container and reads back what is then there.
func (w *Writer) write(ctx context.Context, todo write) (Record, error) {
	body, err := w.envelope(ctx, todo)
	if err != nil {
		return Record{}, err
	}
	_, err = w.c.do(ctx, call{op: todo.op, id: w.id, method: todo.method, path: []string{"cve", w.id, todo.end}, body: body})
	if err != nil && !open(err) {
		return Record{}, err
	}
	r, back := w.readBack(ctx, todo)
	if back == nil {
		return r, nil // also when the answer was lost: what was sent is there
	}
	if err != nil {
		return Record{}, &UnclearError{Op: todo.op, ID: w.id, Err: errors.Join(err, back)}
	}
	if different := (*DifferenceError)(nil); errors.As(back, &different) {
		return Record{}, back
	}
	return Record{}, &UnclearError{Op: todo.op, ID: w.id, Err: back}
}

// envelope wraps a container as the API takes it. The schema of the request demands
// the organisation's id, although the service sets it by itself.
func (w *Writer) envelope(ctx context.Context, todo write) ([]byte, error) {
	var members map[string]json.RawMessage
	if err := json.Unmarshal(todo.container, &members); err != nil || members == nil {
		return nil, fmt.Errorf("%s: the container is no JSON object", about(todo.op, w.id))
	}
	if _, ok := members["providerMetadata"]; !ok {
		id := w.c.cfg.OrgID
		if id == "" {
			org, err := w.c.Org(ctx)
			if err != nil {
				return nil, err
			}
			id = org.ID
		}
		provider, err := json.Marshal(map[string]string{"orgId": id})
		if err != nil {
			return nil, fmt.Errorf("%s: %w", about(todo.op, w.id), err)
		}
		members = maps.Clone(members)
		members["providerMetadata"] = provider
	}
	body, err := json.Marshal(map[string]any{"cnaContainer": members})
	if err != nil {
		return nil, fmt.Errorf("%s: %w", about(todo.op, w.id), err)
	}
	return body, nil
}

// readBack compares record and id with what they have to be.
func (w *Writer) readBack(ctx context.Context, todo write) (Record, error) {
	r, err := w.c.Record(ctx, w.id)
	if err != nil {
		return Record{}, err
	}
	if r.State != todo.state {
		return Record{}, &DifferenceError{Op: todo.op, ID: w.id, Pointer: "/state", Sent: string(todo.state), Got: string(r.State)}
	}
	at, sent, got, err := difference(todo.container, r.CNA)
	if err != nil {
		return Record{}, fmt.Errorf("%s: %w", about(todo.op, w.id), err)
	}
	if sent != got {
		return Record{}, &DifferenceError{Op: todo.op, ID: w.id, Pointer: at, Sent: w.c.text(sent), Got: w.c.text(got)}
	}
	id, err := w.c.ID(ctx, w.id)
	if err != nil {
		return Record{}, err
	}
	if id.State != todo.state {
		// The description of the API warns of a record and an id that disagree.
		return Record{}, &DifferenceError{Op: todo.op, ID: w.id, Pointer: "/state", Sent: string(todo.state), Got: string(id.State)}
	}
	return r, nil
}
