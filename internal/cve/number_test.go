package cve

import (
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/tocsin-sec/tocsin/internal/casework"
)

// TestNoOrderOfDecisionsBreaksANumber explores the state machine: a state never follows
// one that it may not follow, a refused decision changes nothing, and what holds of a
// state holds however it was reached.
func TestNoOrderOfDecisionsBreaksANumber(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		now := time.Unix(1e9, 0)
		n := Number{ID: "n", Case: "c", State: Requested, Origin: rapid.SampledFrom([]Origin{OfMember, OfOutside, Typed}).Draw(t, "origin")}
		if rapid.Bool().Draw(t, "of the pool") {
			n = Number{ID: "n", State: Reserved, Origin: OfPool, Words: Words{CVE: "CVE-2026-0001"}, ReservedAt: now}
		}
		other := Number{ID: "o", Case: "c", State: Assigned, Words: Words{CVE: "CVE-2026-0002"}}
		foreign := Number{ID: "f", Case: "another", State: Assigned, Words: Words{CVE: "CVE-2026-0003"}}
		for range rapid.IntRange(1, 40).Draw(t, "steps") {
			now = now.Add(time.Minute)
			was := n
			was.Disputes = slices.Clone(n.Disputes)
			do := rapid.SampledFrom([]string{"take", "assign", "drop", "published", "rejected", "dispute", "settle", "reject", "duplicate", "self", "foreign", "write"}).Draw(t, "do")
			var err error
			switch do {
			case "take":
				err = n.take(casework.Case{ID: "c"}, "p", now)
			case "assign":
				err = n.assign("CVE-2026-0009", "somebody", "p", now)
			case "drop":
				err = n.drop("x", now)
			case "published":
				err = n.published(now)
			case "rejected":
				err = n.rejected(now)
			case "dispute":
				err = n.dispute(Dispute{By: "v", Reason: "x", At: now})
			case "settle":
				err = n.settle("x", now)
			case "reject":
				err = n.reject("x", "them", nil, now)
			case "duplicate":
				err = n.reject("x", "them", &other, now)
			case "self", "foreign":
				of := n
				if do == "foreign" {
					of = foreign
				}
				if err = n.reject("x", "them", &of, now); err == nil {
					t.Fatalf("%s: a duplicate of what it cannot be", do)
				}
			case "write":
				n.rewrite()
			}
			if err != nil && (n.State != was.State || n.Todo != was.Todo || n.DuplicateOf != was.DuplicateOf || len(n.Disputes) != len(was.Disputes)) {
				t.Fatalf("%s was refused and changed %+v to %+v", do, was, n)
			}
			if n.State != was.State && !slices.Contains(was.State.next(), n.State) {
				t.Fatalf("%s: %s after %s", do, n.State, was.State)
			}
			holds(t, do, was, n)
		}
	})
}

// holds are the promises of every state.
func holds(t *rapid.T, do string, was, n Number) {
	end := was.State == Rejected || was.State == Dropped
	switch {
	case end && n.State != was.State:
		t.Fatalf("%s: %s is an end", do, was.State)
	case n.State == Reserved && n.Case != "", n.State != Reserved && n.State != Rejected && n.Case == "":
		t.Fatalf("%s: %s with case %q", do, n.State, n.Case)
	case (n.State == Assigned || n.State == Published || n.State == Disputed) && (n.CVE == "" || n.AssignedAt.IsZero()):
		t.Fatalf("%s: %s without a number", do, n.State)
	case n.State == Requested && n.CVE != "":
		t.Fatalf("%s: asked for and there: %s", do, n.CVE)
	case was.CVE != "" && n.CVE != was.CVE:
		t.Fatalf("%s: %s became %s", do, was.CVE, n.CVE)
	case was.Case != "" && n.Case != was.Case:
		t.Fatalf("%s: one id for two flaws", do)
	case n.State == Disputed && (len(n.Disputes) == 0 || !n.Disputes[len(n.Disputes)-1].Ended.IsZero()):
		t.Fatalf("%s: disputed by nobody", do)
	case !n.ToReject.IsZero() && n.Stands():
		t.Fatalf("%s: it stands and is to be rejected", do)
	case !n.ToReject.IsZero() && n.Ours() && n.State != Rejected && n.Todo != PutRejected:
		t.Fatalf("%s: the decision to reject it is lost", do)
	case n.Wish < was.Wish || n.Todo != was.Todo && n.Wish == was.Wish:
		t.Fatalf("%s: a wish that is not counted", do)
	}
}

func TestTheNextYearIsFilledInDecember(t *testing.T) {
	full := func(year, n int) (out []Number) {
		for range n {
			out = append(out, Number{Year: year})
		}
		return out
	}
	set := Setup{Low: 2, Fill: 5}
	for name, k := range map[string]struct {
		free         []Number
		now          time.Time
		more         bool
		year, amount int
	}{
		"enough":                           {free: full(2026, 2), now: time.Date(2026, 6, 1, 0, 0, 0, 0, time.UTC)},
		"below the mark":                   {free: full(2026, 1), now: time.Date(2026, 6, 1, 0, 0, 0, 0, time.UTC), year: 2026, amount: 4},
		"a pool that is being filled":      {free: full(2026, 3), now: time.Date(2026, 6, 1, 0, 0, 0, 0, time.UTC), more: true, year: 2026, amount: 2},
		"ids of last year are not counted": {free: full(2025, 9), now: time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC), year: 2026, amount: 5},
		"New Year's Eve west of Greenwich": {free: full(2026, 2), now: time.Date(2026, 12, 31, 20, 0, 0, 0, time.FixedZone("", -5*3600)), year: 2027, amount: 5},
		"the next year in December":        {free: full(2026, 2), now: time.Date(2026, 12, 16, 0, 0, 0, 0, time.UTC), year: 2027, amount: 5},
		"not before":                       {free: full(2026, 2), now: time.Date(2026, 12, 15, 0, 0, 0, 0, time.UTC)},
	} {
		if ask := set.need(k.free, k.now, k.more); ask.Amount != k.amount || ask.Amount > 0 && ask.Year != k.year {
			t.Errorf("%s: %+v", name, ask)
		}
	}
	if ask := (Setup{Low: 50, Fill: 100}).need(nil, time.Now(), false); ask.Amount != maxAsk {
		t.Errorf("%d at once", ask.Amount)
	}
}
