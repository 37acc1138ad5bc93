package advisorydb_test

import (
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
// whether a publication would be right.
type model struct {
	title     string
	author    int // index of who saved last
	open      bool
	approved  bool
	armed     bool
	held      bool
	confirmed time.Time
	published bool
	public    string // title that is public
}

// allowed is the one sentence of the issue: approved by another, every branch
// decided, armed, confirmed within 48 hours before, not held, embargo over.
func (m model) allowed(now time.Time, over bool) bool {
	return m.approved && !m.open && m.armed && !m.held && over && !m.confirmed.Before(now.Add(-advisory.ConfirmWithin))
}

// TestWhateverHappensOnlyWhatTheRulesAllowBecomesPublic drives the service with random
// operations of two members and compares it with the model after each.
func TestWhateverHappensOnlyWhatTheRulesAllowBecomesPublic(t *testing.T) {
	n, published := 0, 0
	rapid.Check(t, func(rt *rapid.T) {
		n++
		w := newWorld(t, sqldbtest.SQLite(t, sources()))
		ctx := t.Context()
		id, err := w.svc.Draft(ctx, w.lead, w.caseID)
		w.must(err)
		m := &model{title: "from the case", open: true, author: 0}
		both := []people.Scope{w.lead, w.member}
		who := func() int { return rapid.IntRange(0, 1).Draw(rt, "who") }
		hash := func() string { return w.hash(id) }
		settle := func() {
			a := w.a(id)
			if len(a.Published) > 0 && !m.published {
				rt.Fatalf("published against the rules: %+v", *m)
			}
			if m.published && len(a.Published) == 0 {
				rt.Fatalf("not published though the rules allow it: %+v, %s", *m, a.State())
			}
			if text := w.file(textPath); m.published != (text != "") {
				rt.Fatalf("the tree holds %d bytes, published is %v", len(text), m.published)
			}
		}
		flip := func() {
			if m.allowed(w.Clock.Now(), w.over) {
				m.published, m.public = true, m.title
			}
			w.Drain(t)
			settle()
		}
		expect := func(err error, ok bool, what string) bool {
			if ok != (err == nil) {
				rt.Fatalf("%s: error %v, the model says %v: %+v", what, err, ok, *m)
			}
			return err == nil
		}
		defer func() {
			if m.published {
				published++
			}
		}()
		rt.Repeat(map[string]func(*rapid.T){
			"save": func(rt *rapid.T) {
				if m.published {
					rt.Skip()
				}
				r := ready()
				r.Title = rapid.StringMatching(`[a-z]{1,3}`).Draw(rt, "title")
				open := rapid.Bool().Draw(rt, "open")
				if open {
					r.Branches[2] = record.Branch{Product: "lanternd", Name: "old", Status: record.Affected, Affected: "0.9.0"}
				}
				same := r.Title == m.title && open == m.open && m.title != "from the case"
				by := who()
				w.must(w.svc.Save(ctx, both[by], id, hash(), r, ""))
				if !same {
					m.title, m.open, m.author, m.approved, m.armed, m.confirmed = r.Title, open, by, false, false, time.Time{}
				}
			},
			"approve": func(rt *rapid.T) {
				by := who()
				ok := !m.published && by != m.author && m.title != "from the case"
				if expect(w.svc.Approve(ctx, both[by], id, hash(), ""), ok, "approve") {
					m.approved = true
				}
			},
			"arm": func(*rapid.T) {
				ok := !m.published && m.approved && !m.open && !m.held && !w.over
				if expect(w.svc.Arm(ctx, both[who()], id, hash()), ok, "arm") {
					m.armed, m.confirmed = true, w.Clock.Now()
				}
			},
			"disarm": func(*rapid.T) {
				if expect(w.svc.Disarm(ctx, both[who()], id), m.armed && !m.published, "disarm") {
					m.armed = false
				}
			},
			"confirm": func(*rapid.T) {
				if expect(w.svc.Confirm(ctx, both[who()], id, hash()), m.approved && !m.published, "confirm") {
					m.confirmed = w.Clock.Now()
				}
			},
			"hold": func(*rapid.T) {
				if expect(w.svc.HoldBack(ctx, both[who()], id, "wait"), !m.held, "hold") {
					m.held = true
				}
			},
			"release": func(*rapid.T) {
				if expect(w.svc.Release(ctx, both[who()], id), m.held, "release") {
					m.held = false
				}
			},
			"publish now": func(rt *rapid.T) {
				if m.published {
					rt.Skip()
				}
				ok := w.over && m.approved && !m.open && !m.held
				if expect(w.svc.PublishNow(ctx, both[who()], id, hash()), ok, "publish now") {
					m.armed, m.confirmed = true, w.Clock.Now()
					flip()
				}
			},
			"time passes": func(rt *rapid.T) {
				w.Clock.Advance(time.Duration(rapid.IntRange(1, 60).Draw(rt, "hours")) * time.Hour)
				w.Drain(t)
				settle()
			},
			"the embargo ends": func(rt *rapid.T) {
				if w.over {
					rt.Skip()
				}
				w.over = true
				if m.allowed(w.Clock.Now(), true) {
					m.published, m.public = true, m.title
				}
				w.end()
				settle()
			},
			"a stranger tries": func(*rapid.T) {
				if err := w.svc.Approve(ctx, w.stranger, id, hash(), ""); !fault.Is(err, fault.NotFound) {
					rt.Fatalf("a stranger approves: %v", err)
				}
			},
		})
	})
	t.Logf("%d histories, %d of them published", n, published)
	if published == 0 {
		t.Error("no history reached publication: the model explores nothing")
	}
}
