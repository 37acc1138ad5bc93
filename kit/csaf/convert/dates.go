package convert

import (
	"strings"
	"time"

	"github.com/tocsin-sec/tocsin/kit/csaf"
)

// date converts a date-time: a leap second becomes the last microsecond of its minute
// (clause 18, value type string with format date-time).
func (c *conv) date(source string, d csaf.Date) csaf.Date {
	s := string(d)
	if len(s) < 19 || s[17:19] != "60" {
		return d
	}
	zone := strings.TrimLeft(s[19:], ".0123456789")
	out := s[:17] + "59.999999" + zone
	kind := "which was none"
	if t, err := d.Time(); err == nil && leapSecond(t.Add(-time.Second).UTC()) {
		kind = "which was a valid one"
	}
	c.warn("date-time", source, nil, s, out, "leap seconds are prohibited in CSAF 2.1; the value has a leap second, %s", kind)
	return csaf.Date(out)
}

// leapDays are the days that ended with a leap second (IERS Bulletin C).
const leapDays = "1972-06-30 1972-12-31 1973-12-31 1974-12-31 1975-12-31 1976-12-31 1977-12-31 1978-12-31 1979-12-31 " +
	"1981-06-30 1982-06-30 1983-06-30 1985-06-30 1987-12-31 1989-12-31 1990-12-31 1992-06-30 1993-06-30 1994-06-30 " +
	"1995-12-31 1997-06-30 1998-12-31 2005-12-31 2008-12-31 2012-06-30 2015-06-30 2016-12-31"

// leapSecond reports whether the second after t (UTC) was a leap second.
func leapSecond(t time.Time) bool {
	return t.Hour() == 23 && t.Minute() == 59 && t.Second() == 59 && strings.Contains(leapDays, t.Format(time.DateOnly))
}
