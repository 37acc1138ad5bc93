// Package secret holds values that must never print: keys, passwords, tokens.
// Formatting, JSON, text marshalling and slog show a placeholder.
package secret

import (
	"crypto/subtle"
	"fmt"
	"io"
	"log/slog"
)

const placeholder = "[secret]"

// String is text that prints as a placeholder. Reveal gives the text to the
// one place that needs it. The text stands behind a pointer because package fmt
// looks into unexported fields of foreign structs without asking for a method;
// so compare with Equal, not with ==.
type String struct{ v *string }

// New wraps v.
func New(v string) String { return String{&v} }

// Reveal returns the text. Its callers are the places to review.
func (s String) Reveal() string {
	if s.v == nil {
		return ""
	}
	return *s.v
}

// Empty reports whether there is no text.
func (s String) Empty() bool { return s.Reveal() == "" }

// Equal compares in constant time for equal lengths.
func (s String) Equal(o String) bool {
	return subtle.ConstantTimeCompare([]byte(s.Reveal()), []byte(o.Reveal())) == 1
}

// String implements fmt.Stringer with a placeholder.
func (String) String() string { return placeholder }

// Format implements fmt.Formatter with a placeholder for every verb.
func (String) Format(s fmt.State, _ rune) { io.WriteString(s, placeholder) }

// GoString implements fmt.GoStringer with a placeholder.
func (String) GoString() string { return placeholder }

// MarshalText implements encoding.TextMarshaler with a placeholder.
func (String) MarshalText() ([]byte, error) { return []byte(placeholder), nil }

// LogValue implements slog.LogValuer with a placeholder.
func (String) LogValue() slog.Value { return slog.StringValue(placeholder) }
