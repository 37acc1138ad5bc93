package desk

import (
	"testing"
	"time"

	"github.com/tocsin-sec/tocsin/internal/base/fault"
	"pgregory.net/rapid"
)

// moderated is what the rules say of a report, kept apart from the code: a held report can be
// decided, asked about once, and released; a decided one can be reopened; a released one
// is at its end here.
type moderated struct {
	state           State
	asked, answered bool
	assessed        bool
	news            bool
}

// may reports whether the model lets a move happen, and makes it.
func (m *moderated) may(move string) bool {
	became := map[string]State{"reject": Rejected, "not_ours": NotOurs, "duplicate": Duplicate, "spam": Spam, "release": Released}
	switch to, decides := became[move]; {
	case decides && m.state == Held:
		m.state, m.answered, m.news, m.assessed = to, true, false, to != Released
	case move == "ask" && m.state == Held && !m.asked:
		m.asked, m.answered, m.news = true, true, false
	case move == "reopen" && m.state != Held && m.state != Released:
		m.state, m.news, m.assessed = Held, true, false
	default:
		return false
	}
	return true
}

// TestReportStates walks the state machine against the model and wants every move
// tried in every state.
func TestReportStates(t *testing.T) {
	moves := map[string]func(*Report, time.Time) error{
		"release": func(r *Report, now time.Time) error { return r.release("a real hole", now) },
	}
	for d := Reject; d <= Reopen; d++ {
		moves[d.String()] = func(r *Report, now time.Time) error { return r.decide(d, "reason", now) }
	}
	visited := map[string]int{}
	rapid.Check(t, func(t *rapid.T) {
		now := time.Date(2026, 2, 27, 23, 30, 0, 0, time.UTC)
		r, m := Report{State: Held, Case: ""}, moderated{state: Held}
		var acked, decided time.Time
		actions := map[string]func(*rapid.T){
			"wait": func(*rapid.T) { now = now.Add(13 * time.Hour) },
			"hear": func(*rapid.T) { r.heard(); m.news = true },
			"": func(t *rapid.T) {
				if r.State != m.state || r.AskedAt.IsZero() == m.asked || r.AckedAt != acked || r.AssessedAt.IsZero() == m.assessed || r.DecidedAt != decided || r.News != m.news {
					t.Fatalf("%+v is not %+v, acknowledged at %s, decided at %s", r, m, acked, decided)
				}
			},
		}
		for name, move := range moves {
			actions[name] = func(t *rapid.T) {
				before, from := r, m.state
				ok := m.may(name)
				err := move(&r, now)
				if ok != (err == nil) || err != nil && !fault.Is(err, fault.Conflict) {
					t.Fatalf("%s when %s: allowed %v, got %v", name, from, ok, err)
				}
				if err != nil && r != before {
					t.Fatalf("a refused %s changed the report", name)
				}
				visited[from.String()+"/"+name]++
				if m.answered && acked.IsZero() {
					acked = now // the first answer is dated once, whatever comes later
				}
				switch {
				case ok && name == "reopen":
					decided = time.Time{}
				case ok && name != "ask":
					decided = now
				}
			}
		}
		t.Repeat(actions)
	})
	for s := Held; s <= Spam; s++ {
		for name := range moves {
			if visited[s.String()+"/"+name] == 0 {
				t.Errorf("%s was never tried when %s", name, s)
			}
		}
	}
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
