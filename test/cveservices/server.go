package cveservices

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"
	"time"
)

// Server is a CVE Services API on a port of this machine.
type Server struct {
	URL  string // as a client is given it
	HTTP *http.Client

	t    testing.TB
	spec *spec

	mu      sync.Mutex
	now     func() time.Time
	orgs    map[string]*org
	ids     map[string]*id
	records map[string]*record
	next    map[int]int // the next number of a year
	room    map[int]int // how many ids a year has left; absent: enough
	faults  []Fault
	calls   []Call
	stop    chan struct{}
	bent    func(container map[string]any)
}

// Call is one request that came.
type Call struct {
	Op     string // operationId
	Query  string
	Status int // 0: no answer was given
	Fault  Kind
}

// Kind is a kind of fault.
type Kind int

// The faults. Those named Lost do the work first.
const (
	None       Kind = iota
	Status          // Fault.Status instead of the work
	Cut             // the connection is cut, nothing is done
	Lost            // the work is done, then the connection is cut
	LostStatus      // the work is done, then the answer is Fault.Status
	Garbage         // the work is done, the answer is no JSON
	Another         // the work is done, the answer is JSON of another form
	Slow            // the work is done, no answer comes until the client gives up
	Huge            // the work is done, the answer never ends
)

// Fault is what goes wrong with the next request of an operation.
type Fault struct {
	Op     string // operationId; "" is any
	Kind   Kind
	Status int
	Retry  string // Retry-After
	Body   string // of Status; "" is an error of the schema
	Skip   int    // so many requests go well before
}

// New starts a server with one CNA, "example", whose user is User with the key Key. It
// ends with the test. Without the shared data the test is skipped.
func New(t testing.TB) *Server {
	t.Helper()
	s := &Server{t: t, spec: load(t), now: time.Now, orgs: map[string]*org{}, ids: map[string]*id{}, records: map[string]*record{},
		next: map[int]int{}, room: map[int]int{}, stop: make(chan struct{})}
	s.spec.prepare(t)
	s.orgs[Org] = &org{short: Org, name: "Example project", uuid: OrgID, quota: 1000, users: map[string]string{User: Key}}
	mux := http.NewServeMux()
	for _, methods := range s.spec.Paths {
		for _, op := range methods {
			mux.HandleFunc(op.method+" /api"+op.path, func(w http.ResponseWriter, r *http.Request) { s.serve(op, w, r) })
		}
	}
	h := httptest.NewServer(mux)
	t.Cleanup(func() {
		close(s.stop)
		h.Close()
	})
	s.URL, s.HTTP = h.URL+"/api", h.Client()
	return s
}

// What New's CNA is.
const (
	Org   = "example"
	User  = "tocsin@example.org"
	Key   = "7HGF3K2-SECRETSECRET-M9QX1ZB-0000001"
	OrgID = "3f6c0a35-0b1e-4d6a-9d0d-6f1f2f3a4b5c"
)

// Fail lets requests go wrong, one fault each, in this order.
func (s *Server) Fail(f ...Fault) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.faults = append(s.faults, f...)
}

// At sets the server's clock.
func (s *Server) At(now func() time.Time) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.now = now
}

// Calls returns the requests so far.
func (s *Server) Calls() []Call {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]Call(nil), s.calls...)
}

// Count is how many requests an operation has had.
func (s *Server) Count(op string) int {
	n := 0
	for _, c := range s.Calls() {
		if c.Op == op {
			n++
		}
	}
	return n
}

// fault takes the fault that is due for an operation.
func (s *Server) fault(op string) Fault {
	for i, f := range s.faults {
		if f.Op != "" && f.Op != op {
			continue
		}
		if f.Skip > 0 {
			s.faults[i].Skip--
			return Fault{}
		}
		s.faults = append(s.faults[:i:i], s.faults[i+1:]...)
		return f
	}
	return Fault{}
}

func (s *Server) serve(op *operation, w http.ResponseWriter, r *http.Request) {
	data, err := io.ReadAll(io.LimitReader(r.Body, 4<<20))
	if err != nil {
		return
	}
	s.mu.Lock()
	f := s.fault(op.OperationID)
	status, body := 0, any(nil)
	switch f.Kind {
	case Status, Cut:
	default:
		status, body = s.work(op, r, data)
		if err := s.spec.answer(op, status, body); err != nil {
			s.t.Errorf("%s: the test server's answer %d does not fit its schema: %v", op.OperationID, status, err)
		}
	}
	now := s.now()
	s.calls = append(s.calls, Call{op.OperationID, r.URL.RawQuery, status, f.Kind})
	s.mu.Unlock()

	w.Header().Set("Date", now.UTC().Format(http.TimeFormat))
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	switch f.Kind {
	case Cut, Lost:
		panic(http.ErrAbortHandler)
	case Slow:
		select {
		case <-r.Context().Done():
		case <-s.stop:
		}
		panic(http.ErrAbortHandler)
	case Status, LostStatus:
		if f.Retry != "" {
			w.Header().Set("Retry-After", f.Retry)
		}
		w.WriteHeader(f.Status)
		if f.Body == "" {
			f.Body = fmt.Sprintf(`{"error":%q,"message":"a fault of the test"}`, http.StatusText(f.Status))
		}
		io.WriteString(w, f.Body)
	case Garbage:
		io.WriteString(w, `<html>It works!`)
	case Another:
		io.WriteString(w, `{"cve_ids":[{"cve_id":7}],"cveMetadata":"no","id_quota":"many","UUID":[]}`)
	case Huge:
		for r.Context().Err() == nil {
			if _, err := io.WriteString(w, `{"cve_ids":[                                                                `); err != nil {
				return
			}
		}
	default:
		w.WriteHeader(status)
		if body != nil {
			if err := json.NewEncoder(w).Encode(body); err != nil {
				return // the client has gone
			}
		}
	}
}
