// Package fault gives every expected failure a kind, a catalogue key and
// arguments, so that the faces (pages, API, SMTP, CLI) can say it in the
// reader's language and answer with the right code.
//
// What is not a *fault.Error is internal: the user sees a reference number and
// the log has the rest. The tables that turn kinds into HTTP, SMTP and exit
// codes are HTTPStatus, SMTPCode and ExitCode in this package.
package fault

import (
	"errors"
	"fmt"
	"strings"
)

// Kind is the class of an expected failure. The zero value is Internal: an
// error that nobody gave a kind.
type Kind int

// The kinds. NotFound is also the answer to everything that the asker's scope
// may not see: same text, same code (design, law 3).
const (
	Internal        Kind = iota
	Invalid              // the input is wrong; Fields says where
	NotFound             // does not exist, or does not exist for this scope
	Conflict             // the thing changed meanwhile, or the state forbids it
	Denied               // visible, but this role may not do it
	Unauthenticated      // sign in first
	TooMany              // a rate or count limit; try again later
	TooLarge             // a size, depth or part limit
	Unavailable          // a part we depend on is down; try again later
)

// Word is an argument that is itself a key of the catalogue, such as
// "casework.state.closed": the reader gets its text in his language.
type Word string

// Field is one problem with one input field. Path is the form or JSON name
// ("until", "affected.0.purl"), Key a catalogue key with Args.
type Field struct {
	Path string `json:"path"`
	Key  string `json:"key"`
	Args []any  `json:"args,omitempty"`
}

// Error is an expected failure: a kind, a catalogue key and its arguments,
// never prose. Args must not hold secrets or text of a confidential case.
type Error struct {
	Kind   Kind
	Key    string
	Args   []any
	Fields []Field
	Cause  error
}

// Error returns the key and arguments for logs and tests; people read the
// catalogue's text instead.
func (e *Error) Error() string {
	var b strings.Builder
	b.WriteString(e.Key)
	for _, a := range e.Args {
		fmt.Fprintf(&b, " %q", fmt.Sprint(a))
	}
	for _, f := range e.Fields {
		fmt.Fprintf(&b, "; %s: %s", f.Path, f.Key)
		for _, a := range f.Args {
			fmt.Fprintf(&b, " %q", fmt.Sprint(a))
		}
	}
	if e.Cause != nil {
		b.WriteString(": ")
		b.WriteString(e.Cause.Error())
	}
	return b.String()
}

// Unwrap returns the cause, if there is one.
func (e *Error) Unwrap() error { return e.Cause }

// New returns a fault of the given kind with a catalogue key and its arguments.
func New(k Kind, key string, args ...any) *Error { return &Error{Kind: k, Key: key, Args: args} }

// Missing is the one answer for what does not exist and for what the scope may
// not see. It has no arguments on purpose.
func Missing() *Error { return New(NotFound, "fault.not_found") }

// Because returns a copy of e that wraps cause.
func (e *Error) Because(cause error) *Error {
	c := *e
	c.Cause = cause
	return &c
}

// Of returns the kind of err: that of the first *Error in its chain, else Internal.
func Of(err error) Kind {
	var e *Error
	if errors.As(err, &e) {
		return e.Kind
	}
	return Internal
}

// Is reports whether err is a fault of kind k.
func Is(err error, k Kind) bool { return err != nil && Of(err) == k }
