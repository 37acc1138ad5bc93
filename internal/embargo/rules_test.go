package embargo

import (
	"testing"
	"time"
	_ "time/tzdata"

	"pgregory.net/rapid"

	"github.com/tocsin-sec/tocsin/internal/base/fault"
	"github.com/tocsin-sec/tocsin/internal/base/span"
	"github.com/tocsin-sec/tocsin/internal/people"
)

func zone(t testing.TB, name string) *time.Location {
	t.Helper()
	loc, err := span.Zone(name)
	if err != nil {
		t.Fatal(err)
	}
	return loc
}

func at(t testing.TB, s string, loc *time.Location) time.Time {
	t.Helper()
	v, err := span.ParseTime(s, loc)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

const lead = people.PersonID("lead")

// TestRules is libvirt's policy in sentences.
func TestRules(t *testing.T) {
	berlin := zone(t, "Europe/Berlin")
	r := Rules{Aim: 14, Zone: berlin}
	start := at(t, "2026-03-20T14:00", berlin)
	running := Embargo{Case: "c", State: Running, Began: start, ClockStart: start, Until: at(t, "2026-04-03T14:00", berlin), Changes: 1}
	over := Embargo{Case: "c", State: Lifted, Began: start, ClockStart: start, Until: running.Until, EndedAt: running.Until}
	for name, c := range map[string]struct {
		e         Embargo
		now       string
		w         Wish
		facts     bool
		kind      fault.Kind
		field     string
		exception bool
	}{
		"two weeks are plain, over a change of summer time too": {e: Embargo{}, now: "2026-03-20T14:00", w: Wish{Kind: Set, Until: at(t, "2026-04-03T14:00", berlin)}},
		"a minute more is an exception":                         {e: Embargo{}, now: "2026-03-20T14:00", w: Wish{Kind: Set, Until: at(t, "2026-04-03T14:01", berlin), Reason: "vendor's freeze", Confirmed: true}, exception: true},
		"an exception wants a reason":                           {e: Embargo{}, now: "2026-03-20T14:00", w: Wish{Kind: Set, Until: at(t, "2026-04-10T14:00", berlin), Confirmed: true}, kind: fault.Invalid, field: "reason"},
		"an exception wants that somebody stands for it":        {e: Embargo{}, now: "2026-03-20T14:00", w: Wish{Kind: Set, Until: at(t, "2026-04-10T14:00", berlin), Reason: "freeze"}, kind: fault.Invalid, field: "confirmed"},
		"a date in the past is refused":                         {e: Embargo{}, now: "2026-03-20T14:00", w: Wish{Kind: Set, Until: at(t, "2026-03-20T13:59", berlin)}, kind: fault.Invalid, field: "until"},
		"no date is refused":                                    {e: Embargo{}, now: "2026-03-20T14:00", w: Wish{Kind: Set}, kind: fault.Invalid, field: "until"},
		"a date in twenty years is a typing error":              {e: Embargo{}, now: "2026-03-20T14:00", w: Wish{Kind: Set, Until: at(t, "2046-04-10T14:00", berlin), Reason: "x", Confirmed: true}, kind: fault.Invalid, field: "until"},
		"a public case gets no embargo":                         {e: Embargo{}, now: "2026-03-20T14:00", w: Wish{Kind: Set, Until: at(t, "2026-03-21T14:00", berlin)}, facts: true, kind: fault.Conflict},
		"an embargo is not set twice":                           {e: running, now: "2026-03-21T14:00", w: Wish{Kind: Set, Until: at(t, "2026-03-25T14:00", berlin)}, kind: fault.Conflict},
		"a restart gives the aim's length again":                {e: running, now: "2026-03-30T10:00", w: Wish{Kind: Restart, Until: at(t, "2026-04-13T10:00", berlin), Reason: "decided by the team", Problem: "patch 3 breaks migration"}},
		"a restart without a problem of a patch is refused":     {e: running, now: "2026-03-30T10:00", w: Wish{Kind: Restart, Until: at(t, "2026-04-13T10:00", berlin), Reason: "decided"}, kind: fault.Invalid, field: "problem"},
		"a restart past one month is an exception":              {e: running, now: "2026-04-08T10:00", w: Wish{Kind: Restart, Until: at(t, "2026-04-21T10:00", berlin), Reason: "r", Problem: "p", Confirmed: true}, exception: true},
		"a restart up to one month is plain":                    {e: running, now: "2026-04-08T14:00", w: Wish{Kind: Restart, Until: at(t, "2026-04-20T14:00", berlin), Reason: "r", Problem: "p"}},
		"a public case's clock does not restart":                {e: running, now: "2026-03-30T10:00", w: Wish{Kind: Restart, Until: at(t, "2026-04-13T10:00", berlin), Reason: "r", Problem: "p"}, facts: true, kind: fault.Conflict},
		"later without a patch's problem is an exception":       {e: running, now: "2026-03-30T10:00", w: Wish{Kind: Extend, Until: at(t, "2026-04-04T10:00", berlin), Reason: "holiday", Confirmed: true}, exception: true},
		"later must be later":                                   {e: running, now: "2026-03-30T10:00", w: Wish{Kind: Extend, Until: at(t, "2026-04-02T10:00", berlin), Reason: "holiday", Confirmed: true}, kind: fault.Invalid, field: "until"},
		"earlier is plain":                                      {e: running, now: "2026-03-30T10:00", w: Wish{Kind: Shorten, Until: at(t, "2026-03-31T10:00", berlin), Reason: "fix is ready"}},
		"earlier is possible when the case is public":           {e: running, now: "2026-03-30T10:00", w: Wish{Kind: Shorten, Until: at(t, "2026-03-31T10:00", berlin), Reason: "leaked"}, facts: true},
		"earlier must be earlier":                               {e: running, now: "2026-03-30T10:00", w: Wish{Kind: Shorten, Until: at(t, "2026-04-03T14:00", berlin), Reason: "x"}, kind: fault.Invalid, field: "until"},
		"a correction within the aim is plain":                  {e: running, now: "2026-03-30T10:00", w: Wish{Kind: Correct, Until: at(t, "2026-04-03T13:00", berlin), Reason: "summer time"}},
		"a correction is no way around the aim":                 {e: running, now: "2026-03-30T10:00", w: Wish{Kind: Correct, Until: at(t, "2026-04-13T13:00", berlin), Reason: "oops"}, kind: fault.Invalid, field: "confirmed"},
		"a correction to later is no way around a fact":         {e: running, now: "2026-03-30T10:00", w: Wish{Kind: Correct, Until: at(t, "2026-04-03T15:00", berlin), Reason: "oops"}, facts: true, kind: fault.Conflict},
		"an end early needs a reason":                           {e: running, now: "2026-03-30T10:00", w: Wish{Kind: End}, kind: fault.Invalid, field: "reason"},
		"an end early is plain":                                 {e: running, now: "2026-03-30T10:00", w: Wish{Kind: End, Reason: "leaked"}, facts: true},
		"what has ended does not end again":                     {e: over, now: "2026-04-08T10:00", w: Wish{Kind: End, Reason: "x"}, kind: fault.Conflict},
		"what has ended is not extended":                        {e: over, now: "2026-04-08T10:00", w: Wish{Kind: Extend, Until: at(t, "2026-04-13T13:00", berlin), Reason: "x", Confirmed: true}, kind: fault.Conflict},
		"a new embargo after an end is plain within the aim":    {e: over, now: "2026-04-08T10:00", w: Wish{Kind: Set, Until: at(t, "2026-04-13T13:00", berlin)}},
		"no kind is refused":                                    {e: running, now: "2026-03-30T10:00", w: Wish{}, kind: fault.Invalid},
	} {
		t.Run(name, func(t *testing.T) {
			v, err := c.e.Judge(c.w, r, c.facts, lead, "person:lead", at(t, c.now, berlin))
			if fault.Of(err) != c.kind || (err == nil) != (c.kind == fault.Internal) {
				t.Fatalf("got %v", err)
			}
			if f, ok := err.(*fault.Error); ok && c.field != "" && f.Fields[0].Path != c.field {
				t.Errorf("the problem is at %q, not %q", f.Fields[0].Path, c.field)
			}
			if err == nil && (v.Exception != c.exception || v.Warns != c.exception || (v.Change.Decider == lead) != c.exception) {
				t.Errorf("exception %v, warns %v, decided by %q", v.Exception, v.Warns, v.Change.Decider)
			}
		})
	}
}

func TestOneMonthOverLeapDayAndShortMonths(t *testing.T) {
	utc := Rules{Aim: 14, Zone: time.UTC}
	for name, c := range map[string]struct{ from, want string }{
		"31 January is 28 February":             {"2026-01-31T10:00", "2026-02-28T10:00:00Z"},
		"31 January of a leap year is the 29th": {"2028-01-31T10:00", "2028-02-29T10:00:00Z"},
		"29 February is 29 March":               {"2028-02-29T10:00", "2028-03-29T10:00:00Z"},
		"15 December turns the year":            {"2026-12-15T10:00", "2027-01-15T10:00:00Z"},
	} {
		if got := utc.MostFrom(at(t, c.from, time.UTC)).Format(time.RFC3339); got != c.want {
			t.Errorf("%s: got %s", name, got)
		}
	}
	days := Rules{Aim: 7, Most: 20, Zone: time.UTC}
	if got := days.MostFrom(at(t, "2026-01-31T10:00", time.UTC)).Format(time.RFC3339); got != "2026-02-20T10:00:00Z" {
		t.Errorf("a policy of 20 days gives %s", got)
	}
}

// TestNoWayAroundTheRules walks random wishes in random zones: however an embargo
// gets its date, a date beyond the aim of its clock or one month after its beginning
// was decided by name with a reason, and no fact lets it grow.
func TestNoWayAroundTheRules(t *testing.T) {
	zones := []string{"UTC", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Africa/Cairo", "Pacific/Apia", "Asia/Tehran"}
	rapid.Check(t, func(t *rapid.T) {
		loc, _ := span.Zone(rapid.SampledFrom(zones).Draw(t, "zone"))
		r := Rules{Aim: rapid.IntRange(1, 30).Draw(t, "aim"), Most: rapid.SampledFrom([]int{0, 30, 60}).Draw(t, "most"), Zone: loc}
		if r.Most > 0 && r.Most < r.Aim {
			r.Most = r.Aim
		}
		now := time.Unix(rapid.Int64Range(1.7e9, 2.0e9).Draw(t, "start"), 0).UTC()
		var e Embargo
		facts, confirmed := false, false
		t.Repeat(map[string]func(*rapid.T){
			"wish": func(t *rapid.T) {
				w := Wish{Kind: Kind(rapid.IntRange(0, 7).Draw(t, "kind")), Until: now.Add(time.Duration(rapid.Int64Range(-3600, 80*86400).Draw(t, "until")) * time.Second),
					Reason: rapid.SampledFrom([]string{"", "r"}).Draw(t, "reason"), Problem: rapid.SampledFrom([]string{"", "p"}).Draw(t, "problem"),
					Confirmed: rapid.Bool().Draw(t, "confirmed")}
				before := e
				v, err := e.Judge(w, r, facts, lead, "person:lead", now)
				if err != nil {
					if fault.Of(err) == fault.Internal {
						t.Fatal(err)
					}
					return
				}
				e = v.After
				if facts && e.State == Running && (before.State != Running || e.Until.After(before.Until)) {
					t.Fatal("a fact let the embargo grow")
				}
				if e.State != Running {
					if e.EndedAt.IsZero() || w.Kind != End {
						t.Fatal("it ended without an end")
					}
					return
				}
				grew := before.State != Running || e.Until.After(before.Until)
				beyond := e.Until.After(r.AimFrom(e.ClockStart)) || e.Until.After(r.MostFrom(e.Began))
				if grew && beyond && !(w.Confirmed && w.Reason != "" && v.Change.Exception && v.Change.Decider == lead && v.Warns) {
					t.Fatalf("beyond the rules without a decision: %+v", v)
				}
				confirmed = confirmed || v.Exception
			},
			"time": func(t *rapid.T) {
				now = now.Add(time.Duration(rapid.Int64Range(1, 10*86400).Draw(t, "s")) * time.Second)
			},
			"fact": func(t *rapid.T) { facts = rapid.Bool().Draw(t, "facts") },
			"": func(t *rapid.T) {
				if e.State == Running && e.Until.After(r.MostFrom(e.Began)) && !confirmed {
					t.Fatal("past the month without any exception in its history")
				}
			},
		})
	})
}

func TestTheDefaultIsWithinTheAimOnTheFullHour(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		loc, _ := span.Zone(rapid.SampledFrom([]string{"UTC", "Europe/Berlin", "Asia/Kolkata", "America/St_Johns", "Australia/Lord_Howe"}).Draw(t, "zone"))
		r := Rules{Aim: 14, Zone: loc}
		now := time.Unix(rapid.Int64Range(1.7e9, 2.0e9).Draw(t, "now"), 0)
		u := DefaultUntil(r, now)
		if u.After(r.AimFrom(now)) || r.AimFrom(now).Sub(u) > 2*time.Hour {
			t.Fatalf("%s for %s", u, now)
		}
		v, err := Embargo{}.Judge(Wish{Kind: Set, Until: u}, r, false, "", "job:x", now)
		if err != nil || v.Exception {
			t.Fatalf("the default is no plain date: %v", err)
		}
	})
}
