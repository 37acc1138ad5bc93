package casework

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/tocsin-sec/tocsin/internal/base/fault"
	"github.com/tocsin-sec/tocsin/internal/people"
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

func TestAffected(t *testing.T) {
	me := people.PersonID("me")
	for name, c := range map[string]struct {
		row  Affected
		path string
	}{
		"fixed wants the version":         {Affected{Name: "L", Status: Fixed}, "affected.0.fix"},
		"affected wants the versions":     {Affected{Name: "L", Status: IsAffected}, "affected.0.versions"},
		"waived wants a reason":           {Affected{Name: "L", Status: Waived}, "affected.0.reason"},
		"a purl is checked":               {Affected{Name: "L", Purl: "pkg:nonsense"}, "affected.0.purl"},
		"a product has a name":            {Affected{Branch: "main"}, "affected.0.name"},
		"an unknown status is refused":    {Affected{Name: "L", Status: 77}, "affected.0.status"},
		"a control character is refused":  {Affected{Name: "L\x07"}, "affected.0.name"},
		"a complete row is fine":          {Affected{Name: "L", Branch: "9.x", Status: Fixed, Fix: "9.4.2", Purl: "pkg:generic/lanterna"}, ""},
		"a waiver with a reason is fine":  {Affected{Name: "L", Status: Waived, Reason: "end of life in a week"}, ""},
		"not affected needs nothing more": {Affected{Name: "L", Status: NotAffected}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			var checks fault.Checks
			out := checkAffected(&checks, []Affected{c.row}, nil, me, day0)
			var e *fault.Error
			switch {
			case errors.As(checks.Err(), &e) && e.Fields[0].Path != c.path:
				t.Errorf("got %+v", e.Fields)
			case e == nil && c.path != "":
				t.Error("no problem found")
			case e == nil && out[0].Status == Waived && out[0].WaivedBy != me:
				t.Error("nobody stands for the waiver")
			}
		})
	}
	old := []Affected{{Name: "L", Status: Waived, Reason: "old", WaivedBy: "her", WaivedAt: day0}}
	var checks fault.Checks
	kept := checkAffected(&checks, []Affected{{Name: "L", Status: Waived, Reason: "old"}}, old, me, day0.Add(1))
	anew := checkAffected(&checks, []Affected{{Name: "L", Status: Waived, Reason: "new"}}, old, me, day0.Add(1))
	if kept[0].WaivedBy != "her" || anew[0].WaivedBy != me {
		t.Errorf("waivers by %s and %s", kept[0].WaivedBy, anew[0].WaivedBy)
	}
	twice := checkAffected(&checks, []Affected{{Name: "L"}, {Name: "L"}}, nil, me, day0)
	if checks.Err() == nil || len(twice) != 2 {
		t.Error("the same branch twice was taken")
	}
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

func FuzzAffected(f *testing.F) {
	f.Add("L", "9.x", "pkg:generic/lanterna", "< 9.4", "9.4.2", 2)
	f.Add("\xff", "\x00", "pkg:", "", "", -1)
	f.Fuzz(func(t *testing.T, name, branch, purl, versions, fix string, status int) {
		var checks fault.Checks
		out := checkAffected(&checks, []Affected{{Name: name, Branch: branch, Purl: purl, Versions: versions, Fix: fix, Status: Status(status)}}, nil, "me", day0)
		if checks.Err() == nil && (out[0].Status < Unknown || out[0].Status > Waived || strings.ContainsAny(out[0].Name+out[0].Branch, "\x00\n")) {
			t.Fatalf("%+v passed", out[0])
		}
	})
}
