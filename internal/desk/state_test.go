package desk

import (
	"testing"
	"time"

	"github.com/tocsin-sec/tocsin/internal/base/fault"
	"pgregory.net/rapid"
)

// TestReportStates walks the state machine against the rules written as a model:
// a held report can be decided, asked about once, and released; a decided one can
// be reopened; a released one is at its end here.
func TestReportStates(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		now := time.Date(2026, 2, 27, 23, 30, 0, 0, time.UTC)
		r := Report{State: Held}
		asked, acked := false, false
		step := func(err error, allowed bool) bool {
			if allowed != (err == nil) {
				t.Fatalf("allowed %v, got %v", allowed, err)
			}
			if err != nil && !fault.Is(err, fault.Conflict) {
				t.Fatalf("want a conflict, got %v", err)
			}
			return err == nil
		}
		actions := map[string]func(*rapid.T){
			"release": func(*rapid.T) {
				before := r
				if step(r.release("a real hole", now), before.State == Held) {
					acked = true
					if r.State != Released || !r.AssessedAt.IsZero() {
						t.Fatalf("after release: %+v", r)
					}
				} else if r != before {
					t.Fatalf("a refused release changed the report")
				}
			},
			"ask": func(*rapid.T) {
				before := r
				if step(r.decide(Ask, "which version?", now), before.State == Held && !asked) {
					asked, acked = true, true
				} else if r != before {
					t.Fatalf("a refused question changed the report")
				}
			},
			"reopen": func(*rapid.T) {
				before := r
				if step(r.decide(Reopen, "was a mistake", now), before.State != Held && before.State != Released) {
					if r.State != Held || !r.DecidedAt.IsZero() || r.Case != "" {
						t.Fatalf("after reopen: %+v", r)
					}
				} else if r != before {
					t.Fatalf("a refused reopening changed the report")
				}
			},
			"wait": func(*rapid.T) { now = now.Add(13 * time.Hour) },
			"hear": func(*rapid.T) { r.heard() },
			"": func(t *rapid.T) {
				if r.AckedAt.IsZero() == acked {
					t.Fatalf("acknowledged %v at %v", acked, r.AckedAt)
				}
				if (r.State == Held) != r.DecidedAt.IsZero() {
					t.Fatalf("state %v, decided %v", r.State, r.DecidedAt)
				}
			},
		}
		for d, want := range map[Decision]State{Reject: Rejected, SayNotOurs: NotOurs, MarkDuplicate: Duplicate, MarkSpam: Spam} {
			actions[d.String()] = func(*rapid.T) {
				before := r
				if step(r.decide(d, "reason", now), before.State == Held) {
					acked = true
					if r.State != want {
						t.Fatalf("%v gave %v", d, r.State)
					}
				} else if r != before {
					t.Fatalf("a refused decision changed the report")
				}
			}
		}
		t.Repeat(actions)
	})
}

func TestEveryDecisionNeedsAReason(t *testing.T) {
	for d := Reject; d <= Reopen; d++ {
		r := Report{State: Held}
		if d == Reopen {
			r.State = Spam
		}
		if err := r.decide(d, " \n", time.Unix(0, 0)); !fault.Is(err, fault.Invalid) {
			t.Errorf("%v without a reason: %v", d, err)
		}
	}
	r := Report{State: Held}
	if err := r.release("", time.Unix(0, 0)); !fault.Is(err, fault.Invalid) {
		t.Errorf("release without a reason: %v", err)
	}
}

func TestNamesReadBack(t *testing.T) {
	for s := Held; s <= Spam; s++ {
		if got, err := ParseState(s.String()); err != nil || got != s {
			t.Errorf("%v: %v %v", s, got, err)
		}
	}
	for d := Reject; d <= Reopen; d++ {
		if got, err := ParseDecision(d.String()); err != nil || got != d {
			t.Errorf("%v: %v %v", d, got, err)
		}
	}
	for v := ByMail; v <= ByAPI; v++ {
		if got, err := ParseVia(v.String()); err != nil || got != v {
			t.Errorf("%v: %v %v", v, got, err)
		}
	}
}
