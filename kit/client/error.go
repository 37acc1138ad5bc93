package client

import (
	"errors"
	"fmt"
	"net/http"
	"strings"
)

// Error is what the site refused: a problem document (RFC 9457).
type Error struct {
	Status     int    // HTTP status
	Type       string // "urn:tocsin:fault.not_found"; programs compare this
	Title      string // for people, in the language asked for
	Detail     string // for people
	Instance   string // "urn:tocsin:request:..." of an internal error: what the site's log knows it by
	Fields     []Field
	Method     string
	Path       string
	RetryAfter string // of a 429 or 503, as the site sent it
}

// Field is one wrong value of the input.
type Field struct {
	Location string `json:"location"` // "body.record.summary"
	Message  string `json:"message"`
}

// Error returns the texts for people and what they are about.
func (e *Error) Error() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s %s: ", e.Method, e.Path)
	switch {
	case e.Detail != "":
		b.WriteString(e.Detail)
	case e.Title != "":
		b.WriteString(e.Title)
	default:
		fmt.Fprintf(&b, "status %d %s", e.Status, http.StatusText(e.Status))
	}
	for _, f := range e.Fields {
		fmt.Fprintf(&b, "\n  %s: %s", strings.TrimPrefix(f.Location, "body."), f.Message)
	}
	return b.String()
}

// Is reports whether err is a refusal with this HTTP status.
func Is(err error, status int) bool {
	var e *Error
	return errors.As(err, &e) && e.Status == status
}
