package i18n

import (
	"errors"
	"strings"

	"github.com/tocsin-sec/tocsin/internal/base/fault"
)

// Fault returns the text of an expected failure without its fields. Everything
// that is not a *fault.Error is internal: its text names only the reference
// number, which may be empty.
func (p *Printer) Fault(err error, reference string) string {
	var e *fault.Error
	if !errors.As(err, &e) || e.Kind == fault.Internal {
		return p.T("fault.internal", "ref", reference)
	}
	if e.Kind == fault.NotFound {
		// One text for all that is not there for the asker, whatever a domain wrote.
		return p.T("fault.not_found")
	}
	return p.T(e.Key, e.Args...)
}

// Field returns the text of one problem with one input field.
func (p *Printer) Field(f fault.Field) string { return p.T(f.Key, f.Args...) }

// FaultWhole returns the text of err with its fields, one a line: for the
// command line and for mail.
func (p *Printer) FaultWhole(err error, reference string) string {
	lines := []string{p.Fault(err, reference)}
	var e *fault.Error
	if errors.As(err, &e) {
		for _, f := range e.Fields {
			lines = append(lines, f.Path+": "+p.Field(f))
		}
	}
	return strings.Join(lines, "\n")
}
