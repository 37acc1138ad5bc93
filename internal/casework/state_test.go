package casework

import (
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/tocsin-sec/tocsin/internal/base/fault"
)

var day0 = time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)

func TestTransitionsAreVultrons(t *testing.T) {
	allowed := map[State][]State{
		Received: {Valid, Invalid}, Invalid: {Valid, Closed}, Valid: {Accepted, Deferred},
		Accepted: {Deferred, Closed}, Deferred: {Accepted, Closed}, Closed: nil,
	}
	for _, from := range States() {
		for _, to := range States() {
			c := Case{State: from}
			err := c.advance(to, "because", day0)
			if ok := slices.Contains(allowed[from], to); ok != (err == nil) {
				t.Errorf("%s to %s: %v", from, to, err)
			}
			if err != nil && (!fault.Is(err, fault.Conflict) || c.State != from) {
				t.Errorf("%s to %s left %s with %v", from, to, c.State, err)
			}
		}
	}
}

func TestEveryMoveHasAReason(t *testing.T) {
	for _, why := range []string{"", "  ", "\n", "\x00", strings.Repeat("a", maxReason+1), "\xff"} {
		c := Case{State: Received}
		if err := c.advance(Valid, why, day0); !fault.Is(err, fault.Invalid) {
			t.Errorf("%.10q was taken as a reason: %v", why, err)
		}
	}
}

// The case's life under random moves, against a model of its own: it goes Vultron's ways
// only and ends in Closed for good, the assessment is dated once, with the first judgement,
// and the date of the close says that it is closed. Each way must have been gone.
func TestTheLifeOfACase(t *testing.T) {
	ways := map[State]string{Received: "valid invalid", Invalid: "valid closed", Valid: "accepted deferred", Accepted: "deferred closed", Deferred: "accepted closed"}
	gone := map[string]bool{}
	walk := func(t *rapid.T) {
		c, now := Case{State: Received, DueAssess: day0.Add(time.Hour)}, day0
		state := Received
		var assessed, moved, closed time.Time
		t.Repeat(map[string]func(*rapid.T){
			"move": func(t *rapid.T) {
				now = now.Add(10 * time.Minute)
				to := rapid.SampledFrom(States()).Draw(t, "to")
				err := c.advance(to, "why", now)
				if ok := slices.Contains(strings.Fields(ways[state]), to.String()); ok != (err == nil) {
					t.Fatalf("%s to %s: %v", state, to, err)
				}
				if err != nil {
					return
				}
				gone[state.String()+" to "+to.String()] = true
				if state, moved = to, now; assessed.IsZero() {
					assessed = now
				}
				if to == Closed {
					closed = now
				}
			},
			"time": func(*rapid.T) { now = now.Add(25 * time.Minute) },
			"": func(t *rapid.T) {
				if c.State != state || c.AssessedAt != assessed || c.StateAt != moved || c.ClosedAt != closed {
					t.Fatalf("%+v, the model says %s, assessed %s, moved %s, closed %s", c, state, assessed, moved, closed)
				}
				if late := assessed.IsZero() && now.After(day0.Add(time.Hour)); c.OverdueAssessment(now) != late {
					t.Fatalf("overdue is %v at %s", !late, now)
				}
			},
		})
	}
	for range 10 {
		if rapid.Check(t, walk); len(gone) == 10 {
			break
		}
	}
	if len(gone) != 10 {
		t.Errorf("of the model's ten ways only these were gone: %v", gone)
	}
}

func TestFactsNeedEvidenceAndCanBeCorrected(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var c Case
		set := map[FactKind]bool{}
		t.Repeat(map[string]func(*rapid.T){
			"mark": func(t *rapid.T) {
				k := rapid.SampledFrom(FactKinds()).Draw(t, "fact")
				v := rapid.Bool().Draw(t, "value")
				err := c.mark(k, FactMark{Set: v, Evidence: "seen in the list archive", At: day0})
				switch {
				case set[k] == v && !fault.Is(err, fault.Conflict):
					t.Fatalf("marking %s as %v again: %v", k, v, err)
				case set[k] != v && err != nil:
					t.Fatal(err)
				}
				set[k] = v
			},
			"no evidence": func(t *rapid.T) {
				k := rapid.SampledFrom(FactKinds()).Draw(t, "fact")
				if err := c.mark(k, FactMark{Set: !set[k]}); !fault.Is(err, fault.Invalid) {
					t.Fatalf("a fact without evidence: %v", err)
				}
			},
			"": func(t *rapid.T) {
				if c.Facts.Any() != (set[IsPublic] || set[IsExploited] || set[IsAttacked]) {
					t.Fatal("Any does not agree")
				}
			},
		})
	})
}

func TestTheThreadKeepsItsFirstAndItsLastReferences(t *testing.T) {
	var th Thread
	for i := range 50 {
		th.follow(string(rune('a'+i%26)) + "@" + string(rune('0'+i/26)))
	}
	if len(th.References) != maxReferences || th.References[0] != "a@0" || th.References[maxReferences-1] != th.Last {
		t.Errorf("%v", th)
	}
}
