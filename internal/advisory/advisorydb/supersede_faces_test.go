package advisorydb_test

import (
	"context"
	"encoding/json"
	"net/url"
	"strings"
	"testing"

	"github.com/tocsin-sec/tocsin/internal/advisory"
	"github.com/tocsin-sec/tocsin/internal/base/ident"
	"github.com/tocsin-sec/tocsin/internal/base/unit"
	"github.com/tocsin-sec/tocsin/internal/people"
	"github.com/tocsin-sec/tocsin/internal/platform/sqldb/sqldbtest"
)

// otherCase is a second case of the project with people of its own.
func (w *world) otherCase() (id string, lead, member people.Scope) {
	w.t.Helper()
	id = ident.New()
	w.cases = append(w.cases, id)
	lead, member = w.person(""), w.person("")
	w.joins(id, lead, people.Lead)
	w.joins(id, member, people.Member)
	return id, lead, member
}

// joins gives somebody a role on a case.
func (w *world) joins(object string, sc people.Scope, r people.Role) {
	w.t.Helper()
	who, _ := sc.Person()
	w.Do(w.t, func(ctx context.Context, tx unit.Tx) error {
		return w.people.AddGrant(ctx, tx, people.AsJob("test", object, string(w.project.ID)),
			people.Grant{Object: object, Holder: who, Role: r, By: "test", Since: tx.Now()})
	})
}

// TestAnAdvisoryOfAnotherCaseSupersedesThroughPageAndAPI: by one who works on both cases; to
// one who works on the first alone the successor is not there, whatever he asks.
func TestAnAdvisoryOfAnotherCaseSupersedesThroughPageAndAPI(t *testing.T) {
	for _, way := range []string{"page", "API"} {
		t.Run(way, func(t *testing.T) {
			w := newWorld(t, sqldbtest.SQLite(t, sources()))
			f := newFace(w)
			ctx := t.Context()
			w.over = true
			old := w.approved()
			w.must(w.svc.PublishNow(ctx, w.lead, old, w.hash(old)))
			w.Drain(t)
			second, lead2, member2 := w.otherCase()
			next, err := w.svc.Draft(ctx, lead2, second)
			w.must(err)
			r := ready()
			r.Title, r.CVE = "Lamps that burn for ever", "CVE-2026-31338"
			hash := func() (hash string) {
				w.View(t, func(ctx context.Context, v unit.View) error {
					a, err := w.svc.Get(ctx, v, lead2, next)
					hash = a.Working.Hash
					return err
				})
				return hash
			}
			w.must(w.svc.Save(ctx, lead2, next, hash(), r, ""))
			w.must(w.svc.Approve(ctx, member2, next, hash(), ""))

			supersede := func(who, by string) (int, string) {
				if way == "page" {
					return f.do("POST", who, "/advisory/"+string(old)+"/supersede", "application/x-www-form-urlencoded",
						url.Values{"by": {by}, "reason": {"All of it is told there."}}.Encode())
				}
				body, _ := json.Marshal(map[string]string{"by": by, "reason": "All of it is told there."})
				return f.do("POST", who, "/api/advisories/"+string(old)+"/supersede", "application/json", string(body))
			}
			absent := ident.New()
			code, hidden := supersede("member", string(next))
			none, nothing := supersede("member", absent)
			if code != 422 || none != code || strings.ReplaceAll(hidden, string(next), "ID") != strings.ReplaceAll(nothing, absent, "ID") {
				t.Errorf("a hidden successor is told from one that is not there: %d, %d\n%s\n%s", code, none, hidden, nothing)
			}
			if a := w.a(old); a.State() != advisory.IsPublished {
				t.Fatalf("the old one is %s", a.State())
			}
			if code, body := supersede("stranger", absent); code != 404 {
				t.Errorf("a stranger gets %d: %s", code, body)
			}

			w.joins(second, w.lead, people.Member)
			if code, body := supersede("lead", string(next)); code != map[string]int{"page": 303, "API": 200}[way] {
				t.Fatalf("who works on both gets %d: %s", code, body)
			}
			// The second person of the first case approves without learning what the second is about.
			for _, path := range []string{"", "/approve", "/preview/csaf", "/preview/html"} {
				if body := f.get("member", "/advisory/"+string(old)+path, 200); strings.Contains(body, r.Title) {
					t.Errorf("%s tells the successor's title", path)
				}
			}
			w.must(w.svc.Approve(ctx, w.member, old, w.hash(old), ""))
			w.must(w.svc.PublishNow(ctx, lead2, next, hash()))
			w.Drain(t)
			a, b := w.a(old), advisory.Advisory{}
			w.View(t, func(ctx context.Context, v unit.View) (err error) {
				b, err = w.svc.Get(ctx, v, lead2, next)
				return err
			})
			if a.State() != advisory.IsSuperseded || b.State() != advisory.IsPublished || a.Published[1].Generation != b.Published[0].Generation {
				t.Fatalf("the old one is %s, the new one %s: %+v %+v", a.State(), b.State(), a.Failure, b.Failure)
			}
			if page := f.get("", "/advisories/lanterna/"+strings.ToLower(a.Number)+".html", 200); !strings.Contains(page, strings.ToLower(b.Number)+".html") {
				t.Errorf("the page does not lead to the successor:\n%s", page)
			}
		})
	}
}
