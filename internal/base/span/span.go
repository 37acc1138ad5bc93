// Package span counts time as people do: calendar dates, business days with
// holidays and a zone, months. How "in 3 days" is said in a language is in
// platform/i18n.
//
// Instants are time.Time; what is in this package needs a zone, because a day
// and a month are not a number of hours. Nothing here reads the clock: the
// caller passes now (design, section 2).
package span

import (
	"errors"
	"fmt"
	"time"
)

// The years that a person may mean. Anything else in a form is a typing error.
const (
	minYear = 1970
	maxYear = 2199
)

// Errors of the parsers. A face turns them into a field problem.
var (
	// ErrDate is what is not a real calendar date YYYY-MM-DD of the years 1970 to 2199.
	ErrDate = errors.New("span: not a date")
	// ErrTime is what is not a date with hour and minute.
	ErrTime = errors.New("span: not a date and time")
	// ErrZone is not a zone of the IANA database.
	ErrZone = errors.New("span: not a time zone")
	// ErrGap is a local time that the clocks skip when summer time begins.
	ErrGap = errors.New("span: the clocks skip this time")
)

// Date is a calendar date without a zone. The zero Date is "no date".
type Date struct {
	Year  int
	Month time.Month
	Day   int
}

// DateOf returns the date that the calendar on the wall in loc shows at t.
func DateOf(t time.Time, loc *time.Location) Date {
	y, m, d := t.In(loc).Date()
	return Date{y, m, d}
}

// ParseDate reads YYYY-MM-DD strictly. It fails with ErrDate also for 30
// February.
func ParseDate(s string) (Date, error) {
	if len(s) != len(time.DateOnly) {
		return Date{}, ErrDate
	}
	t, err := time.Parse(time.DateOnly, s)
	if err != nil || t.Year() < minYear || t.Year() > maxYear {
		return Date{}, ErrDate
	}
	return DateOf(t, time.UTC), nil
}

// IsZero reports whether d is "no date".
func (d Date) IsZero() bool { return d == Date{} }

// String returns YYYY-MM-DD, or "" for no date.
func (d Date) String() string {
	if d.IsZero() {
		return ""
	}
	return fmt.Sprintf("%04d-%02d-%02d", d.Year, d.Month, d.Day)
}

// MarshalText writes YYYY-MM-DD, or nothing for no date.
func (d Date) MarshalText() ([]byte, error) { return []byte(d.String()), nil }

// UnmarshalText reads what MarshalText writes.
func (d *Date) UnmarshalText(b []byte) error {
	if len(b) == 0 {
		*d = Date{}
		return nil
	}
	v, err := ParseDate(string(b))
	if err == nil {
		*d = v
	}
	return err
}

// utc is d as an instant that only this package uses, for arithmetic.
func (d Date) utc() time.Time { return time.Date(d.Year, d.Month, d.Day, 0, 0, 0, 0, time.UTC) }

// Start returns the first instant of d in loc. Where the clocks skip midnight,
// it is the first instant after the gap.
func (d Date) Start(loc *time.Location) time.Time {
	t := time.Date(d.Year, d.Month, d.Day, 0, 0, 0, 0, loc)
	if before := DateOf(t, loc); before.Before(d) {
		return t.Add(time.Hour)
	}
	return t
}

// End returns the last second of d in loc.
func (d Date) End(loc *time.Location) time.Time {
	return d.AddDays(1).Start(loc).Add(-time.Second)
}

// Before reports whether d is an earlier day than e.
func (d Date) Before(e Date) bool { return d.utc().Before(e.utc()) }

// AddDays returns the date n days later.
func (d Date) AddDays(n int) Date { return DateOf(d.utc().AddDate(0, 0, n), time.UTC) }

// AddMonths returns the same day of the month n months later, or that month's
// last day where it has no such day: 31 January and one month is 28 or 29 February.
func (d Date) AddMonths(n int) Date {
	first := time.Date(d.Year, d.Month+time.Month(n), 1, 0, 0, 0, 0, time.UTC)
	last := first.AddDate(0, 1, -1).Day()
	return Date{first.Year(), first.Month(), min(d.Day, last)}
}

// Weekday returns the day of the week of d.
func (d Date) Weekday() time.Weekday { return d.utc().Weekday() }

// DaysUntil returns how many days later e is; negative when it is earlier.
func (d Date) DaysUntil(e Date) int { return int(e.utc().Sub(d.utc()) / (24 * time.Hour)) }
