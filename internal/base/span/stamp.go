package span

import (
	"strings"
	"time"
)

// Stamp writes a time with its zone's name (RFC 9557), for a text whose reader's language is
// not known yet: "2026-12-04T14:00:00+01:00[Europe/Berlin]".
func Stamp(t time.Time) string { return t.Format(time.RFC3339) + "[" + t.Location().String() + "]" }

// ParseStamp reads what Stamp wrote, in its zone; false for anything else.
func ParseStamp(s string) (time.Time, bool) {
	at, zone, ok := strings.Cut(s, "[")
	zone, closed := strings.CutSuffix(zone, "]")
	if !ok || !closed || len(s) > 100 {
		return time.Time{}, false
	}
	t, err := time.Parse(time.RFC3339, at)
	if err != nil {
		return time.Time{}, false
	}
	l, err := time.LoadLocation(zone)
	if err != nil || zone == "" {
		return time.Time{}, false
	}
	return t.In(l), true
}
