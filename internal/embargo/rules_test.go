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
		"two weeks are plain, over a change of summer time too":      {e: Embargo{}, now: "2026-03-20T14:00", w: Wish{Kind: Set, Until: at(t, "2026-04-03T14:00", berlin)}},
		"a minute more is an exception":                              {e: Embargo{}, now: "2026-03-20T14:00", w: Wish{Kind: Set, Until: at(t, "2026-04-03T14:01", berlin), Reason: "vendor's freeze", Confirmed: true}, exception: true},
		"an exception wants a reason":                                {e: Embargo{}, now: "2026-03-20T14:00", w: Wish{Kind: Set, Until: at(t, "2026-04-10T14:00", berlin), Confirmed: true}, kind: fault.Invalid, field: "reason"},
		"an exception wants that somebody stands for it":             {e: Embargo{}, now: "2026-03-20T14:00", w: Wish{Kind: Set, Until: at(t, "2026-04-10T14:00", berlin), Reason: "freeze"}, kind: fault.Invalid, field: "confirmed"},
		"a date in the past is refused":                              {e: Embargo{}, now: "2026-03-20T14:00", w: Wish{Kind: Set, Until: at(t, "2026-03-20T13:59", berlin)}, kind: fault.Invalid, field: "until"},
		"no date is refused":                                         {e: Embargo{}, now: "2026-03-20T14:00", w: Wish{Kind: Set}, kind: fault.Invalid, field: "until"},
		"a date in twenty years is a typing error":                   {e: Embargo{}, now: "2026-03-20T14:00", w: Wish{Kind: Set, Until: at(t, "2046-04-10T14:00", berlin), Reason: "x", Confirmed: true}, kind: fault.Invalid, field: "until"},
		"a public case gets no embargo":                              {e: Embargo{}, now: "2026-03-20T14:00", w: Wish{Kind: Set, Until: at(t, "2026-03-21T14:00", berlin)}, facts: true, kind: fault.Conflict},
		"an embargo is not set twice":                                {e: running, now: "2026-03-21T14:00", w: Wish{Kind: Set, Until: at(t, "2026-03-25T14:00", berlin)}, kind: fault.Conflict},
		"a restart gives the aim's length again":                     {e: running, now: "2026-03-30T10:00", w: Wish{Kind: Restart, Until: at(t, "2026-04-13T10:00", berlin), Reason: "decided by the team", Problem: "patch 3 breaks migration"}},
		"a restart without a problem of a patch is refused":          {e: running, now: "2026-03-30T10:00", w: Wish{Kind: Restart, Until: at(t, "2026-04-13T10:00", berlin), Reason: "decided"}, kind: fault.Invalid, field: "problem"},
		"a restart past one month is an exception":                   {e: running, now: "2026-04-08T10:00", w: Wish{Kind: Restart, Until: at(t, "2026-04-21T10:00", berlin), Reason: "r", Problem: "p", Confirmed: true}, exception: true},
		"a restart up to one month is plain":                         {e: running, now: "2026-04-08T14:00", w: Wish{Kind: Restart, Until: at(t, "2026-04-20T14:00", berlin), Reason: "r", Problem: "p"}},
		"a public case's clock does not restart":                     {e: running, now: "2026-03-30T10:00", w: Wish{Kind: Restart, Until: at(t, "2026-04-13T10:00", berlin), Reason: "r", Problem: "p"}, facts: true, kind: fault.Conflict},
		"later without a patch's problem is an exception":            {e: running, now: "2026-03-30T10:00", w: Wish{Kind: Extend, Until: at(t, "2026-04-04T10:00", berlin), Reason: "holiday", Confirmed: true}, exception: true},
		"later must be later":                                        {e: running, now: "2026-03-30T10:00", w: Wish{Kind: Extend, Until: at(t, "2026-04-02T10:00", berlin), Reason: "holiday", Confirmed: true}, kind: fault.Invalid, field: "until"},
		"earlier is plain":                                           {e: running, now: "2026-03-30T10:00", w: Wish{Kind: Shorten, Until: at(t, "2026-03-31T10:00", berlin), Reason: "fix is ready"}},
		"earlier is possible when the case is public":                {e: running, now: "2026-03-30T10:00", w: Wish{Kind: Shorten, Until: at(t, "2026-03-31T10:00", berlin), Reason: "leaked"}, facts: true},
		"earlier must be earlier":                                    {e: running, now: "2026-03-30T10:00", w: Wish{Kind: Shorten, Until: at(t, "2026-04-03T14:00", berlin), Reason: "x"}, kind: fault.Invalid, field: "until"},
		"a correction within the aim is plain":                       {e: running, now: "2026-03-30T10:00", w: Wish{Kind: Correct, Until: at(t, "2026-04-03T13:00", berlin), Reason: "summer time"}},
		"a correction is no way around the aim":                      {e: running, now: "2026-03-30T10:00", w: Wish{Kind: Correct, Until: at(t, "2026-04-13T13:00", berlin), Reason: "oops"}, kind: fault.Invalid, field: "confirmed"},
		"a correction to later is no way around a fact":              {e: running, now: "2026-03-30T10:00", w: Wish{Kind: Correct, Until: at(t, "2026-04-03T15:00", berlin), Reason: "oops"}, facts: true, kind: fault.Conflict},
		"an end early needs a reason":                                {e: running, now: "2026-03-30T10:00", w: Wish{Kind: End}, kind: fault.Invalid, field: "reason"},
		"an end early is plain":                                      {e: running, now: "2026-03-30T10:00", w: Wish{Kind: End, Reason: "leaked"}, facts: true},
		"what has ended does not end again":                          {e: over, now: "2026-04-08T10:00", w: Wish{Kind: End, Reason: "x"}, kind: fault.Conflict},
		"what has ended is not extended":                             {e: over, now: "2026-04-08T10:00", w: Wish{Kind: Extend, Until: at(t, "2026-04-13T13:00", berlin), Reason: "x", Confirmed: true}, kind: fault.Conflict},
		"a new embargo after an end is plain within the aim":         {e: over, now: "2026-04-08T10:00", w: Wish{Kind: Set, Until: at(t, "2026-04-13T13:00", berlin)}},
		"a new embargo after an end counts the month from the first": {e: over, now: "2026-04-08T10:00", w: Wish{Kind: Set, Until: at(t, "2026-04-21T10:00", berlin), Reason: "again"}, kind: fault.Invalid, field: "confirmed"},
		"no kind is refused":                                         {e: running, now: "2026-03-30T10:00", w: Wish{}, kind: fault.Invalid},
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

// ban is what the rules say of an embargo, kept apart from the code: it judges a wish
// by the sentences of the policy and knows no Embargo.
type ban struct {
	ever, on bool
	first    time.Time // beginning of the first embargo
	clock    time.Time // last set or restart
	until    time.Time
	known    bool // public, exploited or attacked
}

// The outcomes of a wish.
const (
	allowed   = "plain"
	excepted  = "exception" // by name, with a reason, everybody is warned
	unsaid    = "unsaid"    // an exception that nobody stands for
	wrong     = "wrong"     // a field is wrong
	wrongTime = "not now"   // the state or a fact forbids it
)

func (b ban) judge(w Wish, r Rules, now time.Time) string {
	starts := w.Kind == Set
	if w.Kind < Set || w.Kind > End {
		return wrong
	}
	if starts == b.on {
		return wrongTime
	}
	later := w.Until.After(b.until)
	if b.known && (starts || w.Kind == Restart || w.Kind == Extend || w.Kind == Correct && later) {
		return wrongTime
	}
	if !starts && w.Reason == "" || w.Kind == Restart && w.Problem == "" {
		return wrong
	}
	if w.Kind == End {
		return allowed
	}
	if !w.Until.After(now) || w.Until.After(span.AddMonths(now, 24, r.Zone)) ||
		w.Kind == Extend && !later || w.Kind == Shorten && !w.Until.Before(b.until) || w.Kind == Correct && w.Until.Equal(b.until) {
		return wrong
	}
	first, clock := b.first, b.clock
	if !b.ever {
		first = now
	}
	if starts || w.Kind == Restart {
		clock = now
	}
	month := span.AddMonths(first, 1, r.Zone)
	if r.Most > 0 {
		month = span.AddDays(first, r.Most, r.Zone)
	}
	beyond := w.Until.After(span.AddDays(clock, r.Aim, r.Zone)) || w.Until.After(month)
	earlier := w.Kind == Shorten || w.Kind == Correct && !later
	switch {
	case earlier || !beyond && w.Kind != Extend:
		return allowed
	case w.Reason != "" && w.Confirmed:
		return excepted
	}
	return unsaid
}

// become is the ban after a wish that was granted.
func (b *ban) become(w Wish, now time.Time) {
	switch w.Kind {
	case Set:
		if !b.ever {
			b.first = now
		}
		b.ever, b.on, b.clock, b.until = true, true, now, w.Until
	case Restart:
		b.clock, b.until = now, w.Until
	case End:
		b.on = false
	default:
		b.until = w.Until
	}
}

// TestEveryWishIsJudgedAsThePolicySays walks random wishes in random zones, many of them
// on the borders, and holds each verdict against the model. Every kind must have
// been wished in every state with every outcome that it can have.
func TestEveryWishIsJudgedAsThePolicySays(t *testing.T) {
	zones := []string{"UTC", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Africa/Cairo", "Pacific/Apia", "Asia/Tehran"}
	visited := map[string]int{}
	walk := func(t *rapid.T) {
		loc, _ := span.Zone(rapid.SampledFrom(zones).Draw(t, "zone"))
		r := Rules{Aim: rapid.IntRange(1, 30).Draw(t, "aim"), Most: rapid.SampledFrom([]int{0, 30, 60}).Draw(t, "most"), Zone: loc}
		now := time.Unix(rapid.Int64Range(1.7e9, 2.0e9).Draw(t, "start"), 0).UTC()
		var e Embargo
		var b ban
		// until is a date on or beside one that matters.
		until := func(t *rapid.T) time.Time {
			border := rapid.SampledFrom([]time.Time{now, b.until, r.AimFrom(now), r.AimFrom(e.ClockStart), r.MostFrom(e.Began), r.MostFrom(now),
				span.AddMonths(now, 24, loc), now.Add(time.Duration(rapid.Int64Range(0, 80*86400).Draw(t, "seconds")) * time.Second)}).Draw(t, "border")
			return border.Add(time.Duration(rapid.IntRange(-1, 1).Draw(t, "beside")) * time.Second).UTC()
		}
		wish := func(t *rapid.T) {
			w := Wish{Kind: Kind(rapid.IntRange(0, 7).Draw(t, "kind")), Until: until(t), Confirmed: rapid.Bool().Draw(t, "confirmed"),
				Reason: rapid.SampledFrom([]string{"", "r", "r"}).Draw(t, "reason"), Problem: rapid.SampledFrom([]string{"", "p", "p"}).Draw(t, "problem")}
			want := b.judge(w, r, now)
			v, err := e.Judge(w, r, b.known, lead, "person:lead", now)
			got := allowed
			switch {
			case fault.Is(err, fault.Conflict):
				got = wrongTime
			case fault.Is(err, fault.Invalid):
				if got = wrong; v.Exception {
					got = unsaid
				}
			case err != nil:
				t.Fatal(err)
			case v.Exception:
				got = excepted
			}
			if got != want {
				t.Fatalf("%s until %s at %s: %s (%v), the policy says %s: %+v", w.Kind, w.Until, now, got, err, want, b)
			}
			visited[b.name()+"/"+w.Kind.String()+"/"+got]++
			if err != nil {
				return
			}
			if c := v.Change; c.Exception != (got == excepted) || v.Warns != c.Exception || (c.Decider == lead) != c.Exception || c.From != e.Until || c.By != "person:lead" {
				t.Fatalf("the change says %+v of %s", c, got)
			}
			e = v.After
			b.become(w, now)
			if (e.State == Running) != b.on || e.EndedAt.IsZero() != b.on || e.Began != b.first || e.ClockStart != b.clock || w.Kind != End && e.Until != b.until {
				t.Fatalf("%+v is not %+v", e, b)
			}
		}
		// Most steps are wishes, most of the time nothing is known: what is rare otherwise
		// (a correction to later, while a fact stands) is visited too.
		t.Repeat(map[string]func(*rapid.T){
			"wish": wish, "another wish": wish, "a third": wish, "a fourth": wish,
			"time": func(t *rapid.T) {
				now = now.Add(time.Duration(rapid.Int64Range(1, 10*86400).Draw(t, "s")) * time.Second)
			},
			"fact": func(t *rapid.T) { b.known = rapid.SampledFrom([]bool{false, false, true}).Draw(t, "known") },
		})
	}
	// Chance has a hundred histories at a time, and as many more as it takes to come by
	// everywhere: one round leaves out a rare verdict now and then.
	for range 30 {
		if rapid.Check(t, walk); len(missing(visited)) == 0 {
			break
		}
	}
	if left := missing(visited); len(left) > 0 {
		t.Errorf("never visited: %v", left)
	}
	t.Logf("%d verdicts of different kinds", len(visited))
}

// missing lists the verdicts that nobody came by: every kind in every state with every
// outcome that it can have there.
func missing(visited map[string]int) []string {
	var out []string
	for state, kinds := range map[string]map[Kind][]string{
		"none":          {Set: {allowed, excepted, unsaid, wrong}, Restart: {wrongTime}, Extend: {wrongTime}, Shorten: {wrongTime}, Correct: {wrongTime}, End: {wrongTime}},
		"none, known":   {Set: {wrongTime}, Restart: {wrongTime}, Extend: {wrongTime}, Shorten: {wrongTime}, Correct: {wrongTime}, End: {wrongTime}},
		"runs":          {Set: {wrongTime}, Restart: {allowed, excepted, unsaid, wrong}, Extend: {excepted, unsaid, wrong}, Shorten: {allowed, wrong}, Correct: {allowed, excepted, unsaid, wrong}, End: {allowed, wrong}},
		"runs, known":   {Set: {wrongTime}, Restart: {wrongTime}, Extend: {wrongTime}, Shorten: {allowed, wrong}, Correct: {allowed, wrong, wrongTime}, End: {allowed, wrong}},
		"lifted":        {Set: {allowed, excepted, unsaid, wrong}, Restart: {wrongTime}, Extend: {wrongTime}, Shorten: {wrongTime}, Correct: {wrongTime}, End: {wrongTime}},
		"lifted, known": {Set: {wrongTime}, Restart: {wrongTime}, Extend: {wrongTime}, Shorten: {wrongTime}, Correct: {wrongTime}, End: {wrongTime}},
	} {
		for kind, outcomes := range kinds {
			for _, o := range outcomes {
				if key := state + "/" + kind.String() + "/" + o; visited[key] == 0 {
					out = append(out, key)
				}
			}
		}
	}
	return out
}

func (b ban) name() string {
	out := "none"
	if b.ever {
		out = "lifted"
	}
	if b.on {
		out = "runs"
	}
	if b.known {
		out += ", known"
	}
	return out
}

func TestTheDefaultIsWithinTheAimOnTheFullHour(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		loc, _ := span.Zone(rapid.SampledFrom([]string{"UTC", "Europe/Berlin", "Asia/Kolkata", "America/St_Johns", "Australia/Lord_Howe"}).Draw(t, "zone"))
		r := Rules{Aim: rapid.SampledFrom([]int{1, 14, 60}).Draw(t, "aim"), Zone: loc}
		now := time.Unix(rapid.Int64Range(1.7e9, 2.0e9).Draw(t, "now"), 0)
		u := DefaultUntil(r, now)
		last := r.AimFrom(now)
		if r.Aim == 60 {
			last = r.MostFrom(now) // an aim of two months is beyond the one without an exception
		}
		if u.After(last) || last.Sub(u) > 2*time.Hour {
			t.Fatalf("%s for %s", u, now)
		}
		v, err := Embargo{}.Judge(Wish{Kind: Set, Until: u}, r, false, "", "job:x", now)
		if err != nil || v.Exception {
			t.Fatalf("the default is no plain date: %v", err)
		}
	})
}
