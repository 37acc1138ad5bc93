package span

import (
	"strings"
	"time"
)

// Zone loads a zone by its IANA name ("Europe/Berlin", "UTC"). It fails with
// ErrZone for everything else, "Local" and "" included: a date for many readers
// must not depend on the server's own zone.
func Zone(name string) (*time.Location, error) {
	if name == "" || name == "Local" || len(name) > 64 || strings.ContainsAny(name, `\.`) {
		return nil, ErrZone
	}
	loc, err := time.LoadLocation(name)
	if err != nil {
		return nil, ErrZone
	}
	return loc, nil
}

// localLayouts are the forms of a local time: what a browser's datetime-local
// field sends, with and without seconds, and what people type.
func localLayouts() [4]string {
	return [...]string{"2006-01-02T15:04", "2006-01-02T15:04:05", "2006-01-02 15:04", "2006-01-02 15:04:05"}
}

// ParseTime reads a time that a person typed: RFC 3339 with its own offset, or a
// local time in loc. A local time that the clocks skip fails with ErrGap. One
// that they show twice means the later instant: an embargo must not end an hour
// before anybody thought. All else fails with ErrTime.
func ParseTime(s string, loc *time.Location) (time.Time, error) {
	s = strings.TrimSpace(s)
	if len(s) > 40 {
		return time.Time{}, ErrTime
	}
	if t, err := time.Parse(time.RFC3339, s); err == nil {
		return bounded(t)
	}
	for _, layout := range localLayouts() {
		t, err := time.ParseInLocation(layout, s, loc)
		if err != nil {
			continue
		}
		if t.Format(layout) != s {
			return time.Time{}, ErrGap
		}
		if later := t.Add(time.Hour); later.Format(layout) == s {
			t = later
		}
		return bounded(t)
	}
	return time.Time{}, ErrTime
}

// bounded refuses years that nobody means.
func bounded(t time.Time) (time.Time, error) {
	t = t.UTC().Truncate(time.Second)
	if t.Year() < minYear || t.Year() > maxYear {
		return time.Time{}, ErrTime
	}
	return t, nil
}

// AddDays returns the instant n days later at the same hour on the wall in loc,
// so that "two weeks" over a change of summer time keeps the hour. A time that
// the clocks skip moves to the end of the gap.
func AddDays(t time.Time, n int, loc *time.Location) time.Time {
	return onWall(DateOf(t, loc).AddDays(n), t, loc)
}

// AddMonths returns the instant n months later at the same hour on the wall in
// loc, on the month's last day where it is shorter.
func AddMonths(t time.Time, n int, loc *time.Location) time.Time {
	return onWall(DateOf(t, loc).AddMonths(n), t, loc)
}

// onWall is date d at the hour that the clock on the wall in loc shows at t.
func onWall(d Date, t time.Time, loc *time.Location) time.Time {
	l := t.In(loc)
	out := time.Date(d.Year, d.Month, d.Day, l.Hour(), l.Minute(), l.Second(), l.Nanosecond(), loc)
	return out.UTC()
}
