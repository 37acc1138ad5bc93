package csaf

import (
	"fmt"
	"strings"
	"time"

	"github.com/tocsin-sec/tocsin/kit/strictjson"
)

// Date is a date-time as RFC 3339 writes it, kept as it was written so that a
// document that is read and written stays the same.
type Date string

// At returns the date-time of t in UTC, in whole seconds when it has no fraction.
func At(t time.Time) Date { return Date(t.UTC().Format(time.RFC3339Nano)) }

// Time returns the instant; a leap second (23:59:60) is the first second of the next
// minute, as Go's time has none. It fails when the text is no RFC 3339 date-time.
func (d Date) Time() (time.Time, error) {
	t, err := time.Parse(time.RFC3339Nano, string(d))
	if err == nil {
		return t, nil
	}
	if strictjson.IsDateTime(string(d)) {
		// What Go refuses of RFC 3339: small letters and leap seconds.
		s, leap := strings.ToUpper(string(d)), time.Duration(0)
		if s[17:19] == "60" {
			s, leap = s[:17]+"59"+s[19:], time.Second
		}
		if t, err = time.Parse(time.RFC3339Nano, s); err == nil {
			return t.Add(leap), nil
		}
	}
	if err != nil {
		return time.Time{}, fmt.Errorf("date-time %q: not RFC 3339", string(d))
	}
	return t, nil
}
