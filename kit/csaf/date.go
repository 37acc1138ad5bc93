package csaf

import (
	"fmt"
	"time"
)

// Date is a date-time as RFC 3339 writes it, kept as it was written so that a
// document that is read and written stays the same.
type Date string

// At returns the date-time of t in UTC, in whole seconds when it has no fraction.
func At(t time.Time) Date { return Date(t.UTC().Format(time.RFC3339Nano)) }

// Time returns the instant. It fails when the text is no RFC 3339 date-time.
func (d Date) Time() (time.Time, error) {
	t, err := time.Parse(time.RFC3339Nano, string(d))
	if err != nil {
		return time.Time{}, fmt.Errorf("date-time %q: not RFC 3339", string(d))
	}
	return t, nil
}
