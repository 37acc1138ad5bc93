package span

import "time"

// Calendar knows which days a team works. The zero Calendar works Monday to
// Friday in UTC without holidays.
type Calendar struct {
	Zone     *time.Location // nil is UTC
	Weekend  []time.Weekday // nil is Saturday and Sunday
	Holidays map[Date]bool
}

// maxSearch bounds the walk over days, so that a calendar that never works ends.
const maxSearch = 3660

// Works reports whether d is a business day.
func (c Calendar) Works(d Date) bool {
	if c.Holidays[d] {
		return false
	}
	if c.Weekend == nil {
		return d.Weekday() != time.Saturday && d.Weekday() != time.Sunday
	}
	for _, w := range c.Weekend {
		if d.Weekday() == w {
			return false
		}
	}
	return true
}

func (c Calendar) zone() *time.Location {
	if c.Zone == nil {
		return time.UTC
	}
	return c.Zone
}

// Due returns the end of the n-th business day after the day of t: what arrives
// on Friday and is due in one business day is due at the end of Monday. With a
// calendar that hardly ever works it gives the day where the search stopped.
func (c Calendar) Due(t time.Time, n int) time.Time {
	d := DateOf(t, c.zone())
	for i := 0; n > 0 && i < maxSearch; i++ {
		d = d.AddDays(1)
		if c.Works(d) {
			n--
		}
	}
	return d.End(c.zone()).UTC()
}

// Between counts the business days after the day of a up to and with the day of
// b; 0 when b is not later.
func (c Calendar) Between(a, b time.Time) int {
	from, to := DateOf(a, c.zone()), DateOf(b, c.zone())
	n := 0
	for i := 0; from.Before(to) && i < maxSearch; i++ {
		from = from.AddDays(1)
		if c.Works(from) {
			n++
		}
	}
	return n
}

// Remind returns when to remind next of what is due: at the end of the business day before,
// when it is due, and after that at the end of the next business day, again and again.
func (c Calendar) Remind(now, due time.Time) time.Time {
	d := DateOf(due, c.zone()).AddDays(-1)
	for i := 0; !c.Works(d) && i < maxSearch; i++ {
		d = d.AddDays(-1)
	}
	for _, at := range []time.Time{d.End(c.zone()).UTC(), due} {
		if at.After(now) {
			return at
		}
	}
	return c.Due(now, 1)
}
