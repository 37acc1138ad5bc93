// Package validator serves the HTTP API of csaf-validator-service, so that tools which
// can ask that service (csaf_checker --validator, Secvisogram) can ask Tocsin. The tests
// are in kit/csaf/validate; `tocsin validator` runs this alone, without a database. A
// site has the same API and the page "Check a document" over kit/check (Pages).
//
//	POST /api/v1/validate   {"tests": [{"type": "preset", "name": "basic"}], "document": {...}}
//	GET  /api/v1/tests      [{"name": "mandatoryTest_6_1_1", "preset": "mandatory"}, ...]
//
// Nothing of a document is kept or logged.
package validator

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"runtime"
	"strings"
	"sync/atomic"

	"github.com/tocsin-sec/tocsin/kit/csaf/validate"
	"github.com/tocsin-sec/tocsin/kit/strictjson"
)

// MaxBody bounds a request in bytes; validate bounds depth and memory of the document.
// MaxHeld bounds the bytes of all requests that are here at a time: what comes above it
// is told to come again.
const (
	MaxBody = 64 << 20
	MaxHeld = 8 * MaxBody
)

// Handler answers the two paths. Documents are checked on as many processors as there
// are; further requests wait until one is free or their client goes.
func Handler(v *validate.Validator) http.Handler {
	s := newService(v)
	mux := http.NewServeMux()
	mux.HandleFunc("POST /api/v1/validate", s.validate)
	mux.HandleFunc("GET /api/v1/tests", s.tests)
	mux.HandleFunc("GET /healthz", func(w http.ResponseWriter, _ *http.Request) { io.WriteString(w, "ok\n") })
	return anyOrigin(mux)
}

type service struct {
	validator *validate.Validator
	most      int64 // bytes of a request
	slots     chan struct{}
	total     int64        // bytes of all requests
	held      atomic.Int64 // those that are here
}

func newService(v *validate.Validator) *service {
	return &service{validator: v, most: MaxBody, total: MaxHeld, slots: make(chan struct{}, runtime.GOMAXPROCS(0))}
}

// enter waits until a processor is free; it returns false when the client has gone.
func (s *service) enter(ctx context.Context) bool {
	select {
	case s.slots <- struct{}{}:
		return true
	case <-ctx.Done():
		return false
	}
}

func (s *service) leave() { <-s.slots }

// anyOrigin lets pages of other origins ask, as the service that we stand in for does:
// there is no session here that they could use.
func anyOrigin(h http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Access-Control-Allow-Origin", "*")
		w.Header().Set("X-Content-Type-Options", "nosniff")
		if r.Method == http.MethodOptions {
			w.Header().Set("Access-Control-Allow-Methods", "GET, POST")
			w.Header().Set("Access-Control-Allow-Headers", "Content-Type")
			w.WriteHeader(http.StatusNoContent)
			return
		}
		h.ServeHTTP(w, r)
	})
}

// order is the body of a request.
type order struct {
	Tests    []wanted        `json:"tests" strict:"req,items=1-1000"`
	Document json.RawMessage `json:"document" strict:"req,object"`
}

// wanted is a test or a preset by name.
type wanted struct {
	Type string `json:"type" strict:"req,enum=test|preset"`
	Name string `json:"name" strict:"req,len=1-100"`
}

var orders = strictjson.For[order](strictjson.Rules{NonEmpty: true})

func (s *service) validate(w http.ResponseWriter, r *http.Request) {
	// The request is read first: a slow one must not hold a processor.
	in := &counted{r: http.MaxBytesReader(w, r.Body, s.most), held: &s.held, most: s.total}
	defer in.forget()
	body, err := io.ReadAll(in)
	if large := (*http.MaxBytesError)(nil); errors.As(err, &large) {
		refuse(w, http.StatusRequestEntityTooLarge, fmt.Sprintf("The request is larger than %d MiB.", s.most>>20))
		return
	}
	if errors.Is(err, errBusy) {
		w.Header().Set("Retry-After", "5")
		refuse(w, http.StatusServiceUnavailable, "Too many large requests are being checked. Please try again.")
		return
	}
	if err != nil {
		refuse(w, http.StatusBadRequest, "The request ended too early.")
		return
	}
	if !s.enter(r.Context()) {
		return
	}
	defer s.leave()
	asked, problems := orders.Read(body, strictjson.Limits{Bytes: MaxBody, Problems: 10})
	if broken := ofEnvelope(problems); broken.Fatal() {
		refuse(w, http.StatusBadRequest, broken.Error())
		return
	}
	request := validate.Request{}
	for _, t := range asked.Tests {
		if t.Type == "preset" {
			request.Presets = append(request.Presets, t.Name)
		} else {
			request.Tests = append(request.Tests, t.Name)
		}
	}
	report, err := s.validator.Check(r.Context(), asked.Document, request)
	if err != nil { // the request names what the document's version does not have
		refuse(w, http.StatusBadRequest, err.Error())
		return
	}
	answer(w, http.StatusOK, report.Service())
}

// errBusy is a request that would be held beside too many others.
var errBusy = errors.New("validator: too many bytes held")

// counted counts what is read of a request among those that are held, and fails with
// errBusy above a limit. Slow clients hold what they have sent, not what they may send.
type counted struct {
	r    io.Reader
	held *atomic.Int64
	most int64
	mine int64
}

func (c *counted) Read(p []byte) (int, error) {
	n, err := c.r.Read(p)
	c.mine += int64(n)
	if c.held.Add(int64(n)) > c.most {
		return n, errBusy
	}
	return n, err
}

// forget takes the request off again.
func (c *counted) forget() { c.held.Add(-c.mine) }

// ofEnvelope leaves out what concerns the document alone: members that occur twice are
// the report's to tell.
func ofEnvelope(all strictjson.Problems) strictjson.Problems {
	var out strictjson.Problems
	for _, p := range all {
		if p.Code != strictjson.Duplicate || !strings.HasPrefix(p.Pointer, "/document/") {
			out = append(out, p)
		}
	}
	return out
}

// named is a test in the list and the preset that it belongs to.
type named struct {
	Name   string `json:"name"`
	Preset string `json:"preset"`
}

// tests lists the tests of all versions; those that several have stand once.
func (s *service) tests(w http.ResponseWriter, _ *http.Request) {
	var out []named
	seen := map[string]bool{}
	for _, version := range [...]string{validate.V20, validate.V21} {
		for _, name := range validate.Tests(version) {
			if !seen[name] {
				seen[name] = true
				out = append(out, named{name, presetOf(name)})
			}
		}
	}
	answer(w, http.StatusOK, out)
}

// refusal is the body of an error, in the form of the service that we stand in for.
type refusal struct {
	Status  int    `json:"statusCode"`
	Error   string `json:"error"`
	Message string `json:"message"`
}

func refuse(w http.ResponseWriter, status int, message string) {
	answer(w, status, refusal{status, http.StatusText(status), message})
}

func answer(w http.ResponseWriter, status int, body any) {
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(body) // the client is gone
}

// presetOf is the preset of one part of the standard that a test's name tells.
func presetOf(name string) string {
	for _, preset := range [...]string{"mandatory", "optional", "recommended", "informative"} {
		if strings.HasPrefix(name, preset+"Test_") {
			return preset
		}
	}
	return "schema"
}
