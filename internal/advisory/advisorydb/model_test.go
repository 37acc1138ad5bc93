package advisorydb_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/tocsin-sec/tocsin/internal/advisory"
	"github.com/tocsin-sec/tocsin/internal/advisory/record"
	"github.com/tocsin-sec/tocsin/internal/base/fault"
	"github.com/tocsin-sec/tocsin/internal/people"
	"github.com/tocsin-sec/tocsin/internal/platform/sqldb/sqldbtest"
)

// model is what the rules say, kept apart from the code: it decides for itself
// whether an operation would be right and what it would make public.
type model struct {
	work        bool // a revision is in work
	title       string
	open        bool // a branch is undecided
	withdrawing bool
	author      int // index of who saved last
	approved    bool
	armed       bool
	held        bool
	confirmed   time.Time
	published   int
	public      string // title that is public
	withdrawn   bool
	abandoned   bool
}

// fromCase is the title of the first draft, which lacks what an advisory needs.
const fromCase = "from the case"

// ready reports whether nothing but a hold and the embargo keeps the work from going out.
func (m model) ready() bool { return m.work && m.approved && (!m.open || m.withdrawing) }

// takenBack reports whether nothing is left to withdraw: the newest publication did
// it, or the revision in work is to.
func (m model) takenBack() bool { return m.work && m.withdrawing || !m.work && m.withdrawn }

// allowed is the one sentence of the issue: approved by another, every branch
// decided, armed, confirmed within 48 hours before, not held, embargo over.
func (m model) allowed(now time.Time, over bool) bool {
	return m.ready() && m.armed && !m.held && over && !m.confirmed.Before(now.Add(-advisory.ConfirmWithin))
}

// goPublic is what a publication leaves behind.
func (m *model) goPublic() {
	*m = model{title: m.title, author: m.author, held: m.held, published: m.published + 1, public: m.title, withdrawn: m.withdrawing}
}

// revise is what a new revision leaves standing.
func (m *model) revise(title string, open, withdrawing bool, by int) {
	m.work, m.title, m.open, m.withdrawing, m.author = true, title, open, withdrawing, by
	m.approved, m.armed, m.confirmed = false, false, time.Time{}
}

// state is the advisory's state in the model's words.
func (m model) state() advisory.State {
	switch {
	case m.abandoned:
		return advisory.IsAbandoned
	case m.published > 0 && !m.work && m.withdrawn:
		return advisory.IsWithdrawn
	case m.published > 0 && !m.work:
		return advisory.IsPublished
	case m.held:
		return advisory.Held
	case m.armed:
		return advisory.Armed
	case m.approved:
		return advisory.Approved
	case m.published > 0:
		return advisory.Correcting
	}
	return advisory.Drafting
}

// walk is one history: the service, the model, and what was visited.
type walk struct {
	*world
	rt      *rapid.T
	id      advisory.ID
	m       model
	visited map[string]int
}

func (k *walk) who() int { return rapid.IntRange(0, 1).Draw(k.rt, "who") }

func (k *walk) as(n int) people.Scope { return []people.Scope{k.lead, k.member}[n] }

// tried compares an outcome with the model's and notes the visit.
func (k *walk) tried(op string, err error, ok bool) bool {
	if ok != (err == nil) {
		k.rt.Fatalf("%s: error %v, the model says %v: %+v", op, err, ok, k.m)
	}
	if err != nil && fault.Of(err) == fault.Internal {
		k.rt.Fatalf("%s: %v", op, err)
	}
	return err == nil
}

// settle lets the jobs run and compares all that can be seen.
func (k *walk) settle() {
	k.Drain(k.t)
	a := k.a(k.id)
	if len(a.Published) != k.m.published {
		k.rt.Fatalf("published %d times, the rules allow %d: %+v", len(a.Published), k.m.published, k.m)
	}
	if got := a.State(); got != k.m.state() && !(got == advisory.IsStaged && k.m.state() == advisory.Armed) {
		k.rt.Fatalf("the state is %s, the model says %s: %+v", got, k.m.state(), k.m)
	}
	text := k.file(textPath)
	if (k.m.published > 0) != (text != "") || !strings.Contains(text, k.m.public) {
		k.rt.Fatalf("%q is public, the tree holds %q", k.m.public, text)
	}
}

func (k *walk) save(title string, open bool, by int) {
	r := ready()
	if r.Title = title; open {
		r.Branches[2] = record.Branch{Product: "lanternd", Name: "old", Status: record.Affected, Affected: "0.9.0"}
	}
	err := k.svc.Save(k.t.Context(), k.as(by), k.id, k.hash(k.id), r, "")
	same := k.m.work && !k.m.withdrawing && title == k.m.title && open == k.m.open && k.m.title != fromCase
	if k.tried("save", err, !k.m.abandoned) && !same {
		k.m.revise(title, open, false, by)
	}
}

func (k *walk) withdraw(by int) {
	err := k.svc.Withdraw(k.t.Context(), k.as(by), k.id, "it was none")
	if k.tried("withdraw", err, k.m.published > 0 && !k.m.takenBack()) {
		k.m.revise(k.m.public, false, true, by)
	}
}

func (k *walk) approve(by int) {
	err := k.svc.Approve(k.t.Context(), k.as(by), k.id, k.hash(k.id), "")
	complete := k.m.title != fromCase || k.m.withdrawing
	if k.tried("approve", err, k.m.work && by != k.m.author && complete) {
		k.m.approved = true
	}
}

func (k *walk) arm() {
	ok := k.m.ready() && !k.m.held && !k.over && k.m.published == 0
	if k.tried("arm", k.svc.Arm(k.t.Context(), k.as(k.who()), k.id, k.hash(k.id)), ok) {
		k.m.armed, k.m.confirmed = true, k.Clock.Now()
	}
}

func (k *walk) publishNow() {
	ok := k.m.ready() && !k.m.held && (k.over || k.m.published > 0)
	if k.tried("publish now", k.svc.PublishNow(k.t.Context(), k.as(k.who()), k.id, k.hash(k.id)), ok) {
		k.m.goPublic()
	}
}

func (k *walk) endEmbargo() {
	if k.over {
		k.rt.Skip("it is over")
	}
	if k.m.allowed(k.Clock.Now(), true) {
		k.m.goPublic()
	}
	k.end()
}

// operations are the ways that anybody has; each holds its outcome against the model.
func (k *walk) operations() map[string]func() {
	ctx := k.t.Context()
	return map[string]func(){
		"save": func() {
			k.save(rapid.StringMatching(`[a-z]{4,5}`).Draw(k.rt, "title"), rapid.Bool().Draw(k.rt, "open"), k.who())
		},
		"approve": func() { k.approve(k.who()) },
		"arm":     k.arm,
		"disarm": func() {
			if k.tried("disarm", k.svc.Disarm(ctx, k.as(k.who()), k.id), k.m.armed) {
				k.m.armed = false
			}
		},
		"confirm": func() {
			if k.tried("confirm", k.svc.Confirm(ctx, k.as(k.who()), k.id, k.hash(k.id)), k.m.work && k.m.approved) {
				k.m.confirmed = k.Clock.Now()
			}
		},
		"hold": func() {
			if k.tried("hold", k.svc.HoldBack(ctx, k.as(k.who()), k.id, "wait"), !k.m.held && !k.m.abandoned) {
				k.m.held = true
			}
		},
		"release": func() {
			if k.tried("release", k.svc.Release(ctx, k.as(k.who()), k.id), k.m.held) {
				k.m.held = false
			}
		},
		"publish now": k.publishNow,
		"withdraw":    func() { k.withdraw(k.who()) },
		"abandon": func() {
			if k.m.published == 0 && !k.m.abandoned && rapid.IntRange(0, 7).Draw(k.rt, "really") > 0 {
				k.rt.Skip("most are not given up")
			}
			if k.tried("abandon", k.svc.Abandon(ctx, k.as(k.who()), k.id, "no"), k.m.published == 0 && !k.m.abandoned) {
				k.m.work, k.m.approved, k.m.armed, k.m.confirmed, k.m.abandoned = false, false, false, time.Time{}, true
			}
		},
		"time passes": func() {
			k.Clock.Advance(time.Duration(rapid.IntRange(1, 60).Draw(k.rt, "hours")) * time.Hour)
		},
		"the embargo ends": k.endEmbargo,
		"a stranger tries": func() {
			if err := k.svc.Approve(ctx, k.stranger, k.id, k.hash(k.id), ""); !fault.Is(err, fault.NotFound) {
				k.rt.Fatalf("a stranger approves: %v", err)
			}
		},
	}
}

// onward does what a team in its right mind would do next, so that histories get far.
func (k *walk) onward() {
	switch {
	case k.m.abandoned:
		k.rt.Skip("given up")
	case k.m.held:
		k.operations()["release"]()
	case !k.m.work && rapid.Bool().Draw(k.rt, "withdraw"):
		k.withdraw(0)
	case !k.m.work || !k.m.withdrawing && (k.m.title == fromCase || k.m.open):
		k.save(rapid.StringMatching(`[a-z]{6,7}`).Draw(k.rt, "title"), false, 0)
	case !k.m.approved:
		k.approve(1 - k.m.author)
	case k.over || k.m.published > 0:
		k.publishNow()
	case !k.m.armed:
		k.arm()
	default:
		k.operations()["confirm"]()
		k.endEmbargo()
	}
}

// TestWhateverHappensOnlyWhatTheRulesAllowBecomesPublic drives the service with random
// operations of two members and compares it with the model after each: from the draft to
// publication, corrections and withdrawal. Each way on must have been gone from each state
// that has it, and each operation tried in each state.
func TestWhateverHappensOnlyWhatTheRulesAllowBecomesPublic(t *testing.T) {
	visited := map[string]int{}
	histories := func(rt *rapid.T) {
		k := &walk{world: newWorld(t, sqldbtest.SQLite(t, sources())), rt: rt, visited: visited}
		var err error
		k.id, err = k.svc.Draft(t.Context(), k.lead, k.caseID)
		k.must(err)
		k.m = model{title: fromCase, open: true, work: true}
		step := func(name string, do func()) func(*rapid.T) {
			return func(rt *rapid.T) {
				k.rt = rt
				from := k.m.state()
				do()
				k.settle()
				visited[string(from)+"/"+name]++
				if to := k.m.state(); to != from {
					visited[string(from)+" -> "+string(to)]++
				}
			}
		}
		steps := map[string]func(*rapid.T){}
		for name, do := range k.operations() {
			steps[name] = step(name, do)
		}
		for _, more := range []string{"onward", "onward again", "further", "on and on"} {
			steps[more] = step("onward", k.onward)
		}
		rt.Repeat(steps)
	}
	for range 5 {
		if rapid.Check(t, histories); len(unvisited(visited)) == 0 {
			break
		}
	}
	if left := unvisited(visited); len(left) > 0 {
		t.Errorf("never visited: %v", left)
	}
}

// unvisited lists what no history came by.
func unvisited(visited map[string]int) []string {
	want := []string{
		"drafting -> approved", "drafting -> held", "drafting -> abandoned", "approved -> drafting", "approved -> armed", "approved -> held",
		"approved -> published", "armed -> approved", "armed -> held", "armed -> published", "held -> drafting", "held -> approved", "held -> armed",
		"published -> correcting", "correcting -> approved", "approved -> withdrawn", "withdrawn -> correcting", "approved -> correcting",
	}
	for _, from := range []advisory.State{advisory.Drafting, advisory.Approved, advisory.Armed, advisory.Held, advisory.IsPublished, advisory.Correcting, advisory.IsWithdrawn} {
		for _, op := range []string{"save", "approve", "arm", "disarm", "confirm", "hold", "release", "publish now", "withdraw", "time passes"} {
			want = append(want, string(from)+"/"+op)
		}
	}
	return slices.DeleteFunc(want, func(key string) bool { return visited[key] > 0 })
}
