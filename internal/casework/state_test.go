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

// The case's life under random moves: it ends in Closed for good, the assessment
// is dated once, and the date of the close says that it is closed.
func TestTheLifeOfACase(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		c, now := Case{State: Received, DueAssess: day0.Add(time.Hour)}, day0
		var assessed time.Time
		t.Repeat(map[string]func(*rapid.T){
			"move": func(t *rapid.T) {
				before := c
				now = now.Add(time.Minute)
				to := rapid.SampledFrom(States()).Draw(t, "to")
				if err := c.advance(to, "why", now); err != nil {
					if before.State != c.State || before.StateAt != c.StateAt {
						t.Fatal("a refused move changed the case")
					}
					return
				}
				if assessed.IsZero() {
					assessed = now
				}
			},
			"": func(t *rapid.T) {
				if c.AssessedAt != assessed {
					t.Fatalf("assessed at %s, not %s", c.AssessedAt, assessed)
				}
				if (c.State == Closed) == c.ClosedAt.IsZero() {
					t.Fatal("the date of the close does not agree with the state")
				}
				if c.State == Closed && len(c.State.Next()) > 0 {
					t.Fatal("closed is not the end")
				}
				if c.OverdueAssessment(now) && (!assessed.IsZero() || now.Before(c.DueAssess)) {
					t.Fatal("an assessment is shown as overdue that is not")
				}
			},
		})
	})
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
