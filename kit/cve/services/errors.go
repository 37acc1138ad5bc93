package services

import (
	"errors"
	"fmt"
	"net"
	"net/http"
	"strings"
	"time"
)

// What an *Error is, for errors.Is.
var (
	ErrInvalid         = errors.New("the request is not valid")                // 400
	ErrUnauthenticated = errors.New("organisation, user or key are not right") // 401
	ErrForbidden       = errors.New("not allowed")                             // 403
	ErrNotFound        = errors.New("not found")                               // 404
	ErrBusy            = errors.New("too many requests")                       // 429
	ErrUnavailable     = errors.New("the service fails")                       // 5xx
	ErrQuota           = errors.New("the quota of reserved ids is used up")    // 403 EXCEEDED_ID_QUOTA, or seen before asking
)

// ErrAnswer is an answer that is not what the API describes: too large, no JSON, of
// another form, or about something else than was asked.
var ErrAnswer = errors.New("the answer is not what the API describes")

// Error is a refusal by the API, after its schemas errors/generic and
// errors/bad-request.
type Error struct {
	Op      string // what was asked: "reserve", "put record", ...
	ID      string // the CVE id, if it was about one
	Status  int    // HTTP status
	Name    string // the API's name for it, such as EXCEEDED_ID_QUOTA
	Message string // the API's words, cut to a bearable length
	Details []Detail
	Retry   time.Duration // of 429 and 503: how long the service asks to wait
}

// Detail is one parameter that was wrong.
type Detail struct {
	Message  string
	Param    string
	Location string // body, param or query
}

// Error says what was asked and what the API answered; what it said is quoted.
func (e *Error) Error() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s: CVE Services answer %d", about(e.Op, e.ID), e.Status)
	if e.Name != "" {
		fmt.Fprintf(&b, " %q", e.Name)
	}
	if e.Message != "" {
		fmt.Fprintf(&b, ": %q", e.Message)
	}
	for _, d := range e.Details {
		fmt.Fprintf(&b, "; %s %q: %q", d.Location, d.Param, d.Message)
	}
	return b.String()
}

// Is makes errors.Is tell the kinds of refusals apart.
func (e *Error) Is(target error) bool {
	switch target {
	case ErrInvalid:
		return e.Status == http.StatusBadRequest
	case ErrUnauthenticated:
		return e.Status == http.StatusUnauthorized
	case ErrForbidden:
		return e.Status == http.StatusForbidden
	case ErrNotFound:
		return e.Status == http.StatusNotFound
	case ErrBusy:
		return e.Status == http.StatusTooManyRequests
	case ErrUnavailable:
		return e.Status >= 500
	case ErrQuota:
		return e.Name == "EXCEEDED_ID_QUOTA"
	}
	return false
}

// UnclearError is a write of which nobody knows whether it happened.
type UnclearError struct {
	Op    string
	ID    string // of a write to one id
	Found []ID   // of a reservation: ids that appeared meanwhile and may be ours
	Err   error  // what went wrong first
}

// Error says what is not known.
func (e *UnclearError) Error() string {
	s := fmt.Sprintf("%s: it is not clear whether it happened: %v", about(e.Op, e.ID), e.Err)
	if len(e.Found) > 0 {
		s += fmt.Sprintf(" (%d ids appeared meanwhile)", len(e.Found))
	}
	return s
}

// Unwrap returns what went wrong first.
func (e *UnclearError) Unwrap() error { return e.Err }

// DifferenceError is a record that was read back and is not what was sent.
type DifferenceError struct {
	Op      string
	ID      string
	Pointer string // within the container, or /state
	Sent    string // the value there as JSON, shortened; "" when there is none
	Got     string
}

// Error names the place and the values.
func (e *DifferenceError) Error() string {
	return fmt.Sprintf("%s: read back, %s is %s, sent was %s", about(e.Op, e.ID), e.Pointer, orNothing(e.Got), orNothing(e.Sent))
}

func orNothing(s string) string {
	if s == "" {
		return "nothing"
	}
	return s
}

func about(op, id string) string {
	if id == "" {
		return op
	}
	return op + " " + id
}

// unsent reports whether the request cannot have reached the service: there was no
// connection.
func unsent(err error) bool {
	var op *net.OpError
	var dns *net.DNSError
	return errors.As(err, &op) && op.Op == "dial" || errors.As(err, &dns)
}

// open reports whether after err nobody knows if a write happened.
func open(err error) bool {
	if err == nil || unsent(err) {
		return false
	}
	var e *Error
	return !errors.As(err, &e) || e.Status >= 500
}
