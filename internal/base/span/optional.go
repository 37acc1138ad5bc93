package span

import "time"

// Optional is the time for JSON that leaves out what is not known: nil for the zero time.
func Optional(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	return &t
}
