package i18n

import (
	"time"
)

// None is written where there is no value, such as a zero time.
const None = "–"

// Date writes a time with its hour and zone: "Fri 4 Dec 2026, 14:00 CET". The
// zero time is None.
func (p *Printer) Date(t time.Time) string {
	if t.IsZero() {
		return None
	}
	t = t.In(p.zone)
	return p.T("time.date_hour", "day", p.day(t), "hour", t.Format("15:04"), "zone", t.Format("MST"))
}

// Day writes a time's day in the printer's zone without the hour.
func (p *Printer) Day(t time.Time) string {
	if t.IsZero() {
		return None
	}
	return p.day(t.In(p.zone))
}

func (p *Printer) day(t time.Time) string {
	return p.T("time.day", "weekday", p.T("time.weekday."+t.Format("Mon")), "day", t.Format("2"),
		"month", p.T("time.month."+t.Format("Jan")), "year", t.Format("2006"))
}

// Relative writes how far t is from now: "in 3 days", "2 hours ago". From two
// days on it counts calendar days in the printer's zone, so that it agrees with
// the dates on the page.
func (p *Printer) Relative(t, now time.Time) string {
	if t.IsZero() {
		return None
	}
	key := "time.in"
	d := t.Sub(now)
	if d < 0 {
		key, d = "time.ago", -d
	}
	if d < time.Minute {
		return p.T("time.now")
	}
	unit, n := p.coarse(t, now, d)
	return p.T(key, "span", p.T("time.span."+unit, "n", n))
}

// Left writes how long it is from now to t, in the unit and number that Relative uses:
// "3 days" beside "in 3 days".
func (p *Printer) Left(t, now time.Time) string {
	d := t.Sub(now)
	if d < time.Minute {
		return p.Span(max(d, 0))
	}
	unit, n := p.coarse(t, now, d)
	return p.T("time.span."+unit, "n", n)
}

func (p *Printer) coarse(t, now time.Time, d time.Duration) (unit string, n int) {
	switch {
	case d < time.Hour:
		return "minute", int(d.Minutes())
	case d < 48*time.Hour:
		return "hour", int(d.Hours())
	}
	n = days(t.In(p.zone)) - days(now.In(p.zone))
	n = max(n, -n)
	switch {
	case n < 60:
		return "day", n
	case n < 730:
		return "month", n * 12 / 365
	default:
		return "year", n / 365
	}
}

// days numbers the calendar day of t.
func days(t time.Time) int {
	y, m, d := t.Date()
	return int(time.Date(y, m, d, 0, 0, 0, 0, time.UTC).Unix() / 86400)
}

// Span writes a length of time by its largest unit: "3 days".
func (p *Printer) Span(d time.Duration) string {
	d = max(d, -d)
	switch {
	case d < time.Minute:
		return p.T("time.span.second", "n", int(d.Seconds()))
	case d < time.Hour:
		return p.T("time.span.minute", "n", int(d.Minutes()))
	case d < 48*time.Hour:
		return p.T("time.span.hour", "n", int(d.Hours()))
	default:
		return p.T("time.span.day", "n", int(d.Hours()/24))
	}
}
