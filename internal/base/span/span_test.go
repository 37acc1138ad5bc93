package span

import (
	"errors"
	"testing"
	"time"
	_ "time/tzdata"

	"pgregory.net/rapid"
)

func zone(t testing.TB, name string) *time.Location {
	t.Helper()
	loc, err := Zone(name)
	if err != nil {
		t.Fatal(err)
	}
	return loc
}

func at(t testing.TB, s string, loc *time.Location) time.Time {
	t.Helper()
	v, err := ParseTime(s, loc)
	if err != nil {
		t.Fatalf("%s: %v", s, err)
	}
	return v
}

func TestMonthsKeepTheDayOrTakeTheLast(t *testing.T) {
	for name, c := range map[string]struct {
		from string
		n    int
		want string
	}{
		"a month keeps the day":                        {"2026-03-15", 1, "2026-04-15"},
		"31 January and a month is 28 February":        {"2026-01-31", 1, "2026-02-28"},
		"in a leap year it is 29 February":             {"2028-01-31", 1, "2028-02-29"},
		"29 February and twelve months is 28 February": {"2028-02-29", 12, "2029-02-28"},
		"December turns the year":                      {"2026-12-31", 2, "2027-02-28"},
		"2100 is no leap year":                         {"2100-01-30", 1, "2100-02-28"},
		"minus a month works":                          {"2026-03-31", -1, "2026-02-28"},
	} {
		t.Run(name, func(t *testing.T) {
			d, err := ParseDate(c.from)
			if err != nil {
				t.Fatal(err)
			}
			if got := d.AddMonths(c.n).String(); got != c.want {
				t.Errorf("got %s, want %s", got, c.want)
			}
		})
	}
}

func TestDaysKeepTheHourOnTheWall(t *testing.T) {
	for name, c := range map[string]struct {
		zone, from string
		days       int
		want       string
	}{
		"two weeks over the start of summer time": {"Europe/Berlin", "2026-03-20T14:00", 14, "2026-04-03T12:00:00Z"},
		"two weeks over its end":                  {"Europe/Berlin", "2026-10-20T14:00", 14, "2026-11-03T13:00:00Z"},
		"a skipped hour moves past the gap":       {"Europe/Berlin", "2026-03-28T02:30", 1, "2026-03-29T01:30:00Z"},
		"leap day counts":                         {"UTC", "2028-02-28T10:00", 1, "2028-02-29T10:00:00Z"},
		"a half-hour zone":                        {"Asia/Kolkata", "2026-06-01T00:10", 14, "2026-06-14T18:40:00Z"},
		"Lord Howe shifts half an hour":           {"Australia/Lord_Howe", "2026-10-03T12:00", 1, "2026-10-04T01:00:00Z"},
	} {
		t.Run(name, func(t *testing.T) {
			loc := zone(t, c.zone)
			if got := AddDays(at(t, c.from, loc), c.days, loc).Format(time.RFC3339); got != c.want {
				t.Errorf("got %s, want %s", got, c.want)
			}
		})
	}
}

func TestParseTime(t *testing.T) {
	berlin := zone(t, "Europe/Berlin")
	for name, c := range map[string]struct {
		in, want string
		err      error
	}{
		"a browser's field":                 {"2026-11-22T14:00", "2026-11-22T13:00:00Z", nil},
		"RFC 3339 keeps its own offset":     {"2026-11-22T14:00:00-05:00", "2026-11-22T19:00:00Z", nil},
		"a skipped time is refused":         {"2026-03-29T02:30", "", ErrGap},
		"a doubled time is the later":       {"2026-10-25T02:30", "2026-10-25T01:30:00Z", nil},
		"29 February of a common year":      {"2026-02-29T10:00", "", ErrTime},
		"a date without a time":             {"2026-02-28", "", ErrTime},
		"the year 9999":                     {"9999-01-01T00:00", "", ErrTime},
		"the year 9999 with offset":         {"9999-12-31T23:59:59Z", "", ErrTime},
		"hour 24":                           {"2026-01-01T24:00", "", ErrTime},
		"a megabyte":                        {string(make([]byte, 1<<20)), "", ErrTime},
		"fullwidth digits":                  {"\uff12026-01-01T10:00", "", ErrTime},
		"words":                             {"tomorrow", "", ErrTime},
		"a space instead of T is also fine": {"2026-11-22 14:00", "2026-11-22T13:00:00Z", nil},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := ParseTime(c.in, berlin)
			if !errors.Is(err, c.err) {
				t.Fatalf("error %v, want %v", err, c.err)
			}
			if err == nil && got.Format(time.RFC3339) != c.want {
				t.Errorf("got %s, want %s", got.Format(time.RFC3339), c.want)
			}
		})
	}
}

func TestZonesAreNamedExactly(t *testing.T) {
	for _, bad := range []string{"", "Local", "../../etc/passwd", "Europe/Nowhere", `Europe\Berlin`, string(make([]byte, 500))} {
		if _, err := Zone(bad); !errors.Is(err, ErrZone) {
			t.Errorf("%q was taken as a zone", bad)
		}
	}
}

func TestBusinessDays(t *testing.T) {
	berlin := zone(t, "Europe/Berlin")
	xmas := map[Date]bool{{2026, 12, 25}: true, {2026, 12, 26}: true}
	for name, c := range map[string]struct {
		cal  Calendar
		from string
		n    int
		want string
	}{
		"Friday and one is Monday":           {Calendar{Zone: berlin}, "2026-11-20T09:00", 1, "2026-11-23T22:59:59Z"},
		"Sunday and one is Monday":           {Calendar{Zone: berlin}, "2026-11-22T09:00", 1, "2026-11-23T22:59:59Z"},
		"holidays do not count":              {Calendar{Zone: berlin, Holidays: xmas}, "2026-12-24T09:00", 1, "2026-12-28T22:59:59Z"},
		"another weekend":                    {Calendar{Weekend: []time.Weekday{time.Friday, time.Saturday}}, "2026-11-19T09:00", 1, "2026-11-22T23:59:59Z"},
		"no days is the end of today":        {Calendar{}, "2026-11-20T09:00", 0, "2026-11-20T23:59:59Z"},
		"over the end of summer time":        {Calendar{Zone: berlin}, "2026-10-23T09:00", 1, "2026-10-26T22:59:59Z"},
		"the day is that of the team's zone": {Calendar{Zone: berlin}, "2026-11-19T23:30:00Z", 1, "2026-11-23T22:59:59Z"},
	} {
		t.Run(name, func(t *testing.T) {
			if got := c.cal.Due(at(t, c.from, c.cal.zone()), c.n).Format(time.RFC3339); got != c.want {
				t.Errorf("got %s, want %s", got, c.want)
			}
		})
	}
	never := Calendar{Weekend: []time.Weekday{0, 1, 2, 3, 4, 5, 6}}
	never.Due(at(t, "2026-01-01T00:00", time.UTC), 5) // ends
}

func TestDueIsABusinessDayAndCountsBack(t *testing.T) {
	names := []string{"UTC", "Europe/Berlin", "America/Santiago", "Asia/Tehran", "Pacific/Apia", "Africa/Cairo"}
	rapid.Check(t, func(t *rapid.T) {
		loc, _ := Zone(rapid.SampledFrom(names).Draw(t, "zone"))
		from := time.Unix(rapid.Int64Range(0, 4e9).Draw(t, "from"), 0)
		n := rapid.IntRange(0, 40).Draw(t, "n")
		c := Calendar{Zone: loc}
		due := c.Due(from, n)
		if n > 0 && !c.Works(DateOf(due, loc)) {
			t.Fatalf("%s is no business day", due)
		}
		if got := c.Between(from, due); got != n {
			t.Fatalf("%d days come back as %d", n, got)
		}
		if m := AddMonths(from, 1, loc); m.Sub(from) > 32*24*time.Hour || m.Sub(from) < 27*24*time.Hour {
			t.Fatalf("a month of %s", m.Sub(from))
		}
	})
}

func FuzzParseTime(f *testing.F) {
	for _, s := range []string{"2026-11-22T14:00", "2026-03-29T02:30", "2026-11-22T14:00:00+14:00", "0000-00-00T00:00", "2026-11-22T14:00:61"} {
		f.Add(s)
	}
	loc := zone(f, "Europe/Berlin")
	f.Fuzz(func(t *testing.T, s string) {
		v, err := ParseTime(s, loc)
		if err == nil && (v.Year() < minYear || v.Year() > maxYear || v.Location() != time.UTC) {
			t.Fatalf("%q became %v", s, v)
		}
		if d, err := ParseDate(s); err == nil && d.String() != s {
			t.Fatalf("%q became %q", s, d)
		}
	})
}

func TestRemindersComeOnBusinessDays(t *testing.T) {
	c := Calendar{Holidays: map[Date]bool{{2026, 12, 25}: true}}
	at := func(s string) time.Time {
		v, err := time.Parse("2006-01-02 15:04:05", s)
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
	due := at("2026-12-28 23:59:59") // a Monday after a holiday and a weekend
	for fact, x := range map[string][2]string{
		"long before: the end of the business day before":  {"2026-12-01 10:00:00", "2026-12-24 23:59:59"},
		"after that: when it is due":                       {"2026-12-24 23:59:59", "2026-12-28 23:59:59"},
		"when it is due: the end of the next business day": {"2026-12-28 23:59:59", "2026-12-29 23:59:59"},
		"late on a Friday: the end of Monday":              {"2027-01-08 12:00:00", "2027-01-11 23:59:59"},
	} {
		if got := c.Remind(at(x[0]), due); !got.Equal(at(x[1])) {
			t.Errorf("%s: %v", fact, got)
		}
	}
}
