package services

import (
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
)

// Key is an API key. No way of printing, encoding or logging it shows it.
type Key struct{ v *string } // package fmt does not look behind a pointer in a struct

const hiddenKey = "[key]"

// NewKey wraps a key.
func NewKey(key string) Key { return Key{&key} }

// Empty reports whether there is no key.
func (k Key) Empty() bool { return k.reveal() == "" }

// reveal returns the key; the one caller is the place that sets the header.
func (k Key) reveal() string {
	if k.v == nil {
		return ""
	}
	return *k.v
}

// String returns a placeholder.
func (Key) String() string { return hiddenKey }

// Format writes a placeholder for every verb.
func (Key) Format(s fmt.State, _ rune) { io.WriteString(s, hiddenKey) }

// GoString returns a placeholder.
func (Key) GoString() string { return hiddenKey }

// MarshalText returns a placeholder.
func (Key) MarshalText() ([]byte, error) { return []byte(hiddenKey), nil }

// MarshalJSON returns a placeholder.
func (Key) MarshalJSON() ([]byte, error) { return json.Marshal(hiddenKey) }

// LogValue returns a placeholder.
func (Key) LogValue() slog.Value { return slog.StringValue(hiddenKey) }
