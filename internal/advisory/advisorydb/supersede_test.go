package advisorydb_test

import (
	"context"
	"encoding/json"
	"errors"
	"strings"
	"testing"

	"github.com/tocsin-sec/tocsin/internal/advisory"
	"github.com/tocsin-sec/tocsin/internal/advisory/pubtree"
	"github.com/tocsin-sec/tocsin/internal/base/fault"
	"github.com/tocsin-sec/tocsin/internal/base/unit"
	"github.com/tocsin-sec/tocsin/internal/platform/sqldb"
	"github.com/tocsin-sec/tocsin/internal/platform/sqldb/sqldbtest"
)

// taken imports and approves the n-th paper.
func (w *world) taken(n int, l pubtree.Level) advisory.Decided {
	w.t.Helper()
	_, papers := w.paper(n, l, site)
	done, err := w.svc.Import(w.t.Context(), w.chair, w.project.ID, papers[0].Bytes, false)
	w.must(err)
	w.must(w.svc.Approve(w.t.Context(), w.deputy, done.ID, done.Hash, ""))
	return advisory.Decided{ID: done.ID, Hash: done.Hash}
}

// problem is the key beside the field "by".
func problem(err error) string {
	var f *fault.Error
	if errors.As(err, &f) && f.Kind == fault.Invalid {
		for _, x := range f.Fields {
			if x.Path == "by" {
				return x.Key
			}
		}
	}
	return ""
}

func TestASupersededAdvisoryAndItsSuccessorArePublishedInOneFlip(t *testing.T) {
	sqldbtest.Each(t, sources(), func(t *testing.T, e *sqldbtest.Env) {
		w := newWorld(t, e)
		old, next := w.taken(0, pubtree.White), w.taken(3, pubtree.White)
		w.refused(w.svc.Supersede(t.Context(), w.chair, old.ID, w.a(next.ID).Number, "", "why"), fault.Conflict, "what is not published")
		w.must(w.svc.PublishNow(t.Context(), w.chair, old.ID, old.Hash))
		w.Drain(t)
		w.refused(w.svc.Supersede(t.Context(), w.stranger, old.ID, w.a(next.ID).Number, "", "why"), fault.NotFound, "who is not of the team")
		w.must(w.svc.Supersede(t.Context(), w.chair, old.ID, w.a(next.ID).Number, "", "All of it is told there."))
		// The successor waits for the approval, and what it replaces for the successor.
		w.refused(w.svc.PublishNow(t.Context(), w.chair, next.ID, next.Hash), fault.Conflict, "a successor before the approval")
		w.must(w.svc.Approve(t.Context(), w.deputy, old.ID, w.hash(old.ID), ""))
		w.refused(w.svc.PublishNow(t.Context(), w.chair, old.ID, w.hash(old.ID)), fault.Conflict, "alone, before its successor")
		w.must(w.svc.PublishAll(t.Context(), w.chair, w.project.ID, []advisory.Decided{next}))
		w.Drain(t)
		a, b := w.a(old.ID), w.a(next.ID)
		if a.State() != advisory.IsSuperseded || b.State() != advisory.IsPublished || a.Successor() != b.ID || a.Published[1].Generation != b.Published[0].Generation {
			t.Fatalf("old is %s, new is %s: %+v %+v", a.State(), b.State(), a.Published, b.Published)
		}
		tree := pubtree.Paths{Slug: "lanterna"}
		document := func(a advisory.Advisory) string {
			return tree.Document(pubtree.White, a.Initial.UTC().Year(), pubtree.Name(a.Number))
		}
		if n := w.oneCurrent(document(a), document(b)); n < 2 {
			t.Errorf("the tree has %d generations", n)
		}
		raw, page := w.file(document(a)), w.file(tree.Page(pubtree.Name(a.Number)))
		if !strings.Contains(raw, "Superseding Document "+b.Number) || !strings.Contains(raw, site+"/"+document(b)) || w.file(document(b)) == "" {
			t.Errorf("the superseded document is\n%s", raw)
		}
		if !strings.Contains(page, site+"/"+tree.Page(pubtree.Name(b.Number))) {
			t.Errorf("the page has no link to the successor:\n%s", page)
		}
	})
}

// oneCurrent looks at every generation of the tree since the old document is there: either
// it is current and the new one is not there, or it is superseded and the new one is there.
func (w *world) oneCurrent(old, next string) int {
	w.t.Helper()
	type row struct {
		path     string
		from, to int64
		bytes    []byte
	}
	var rows []row
	w.View(w.t, func(ctx context.Context, v unit.View) (err error) {
		rows, err = sqldb.All(ctx, v, func(r sqldb.Row) (row, error) {
			var x row
			err := r.Scan(&x.path, &x.from, &x.to, &x.bytes)
			return x, err
		}, `select path, from_generation, to_generation, bytes from advisory_site where path in (?, ?) order by from_generation`, old, next)
		return err
	})
	at := func(path string, g int64) []byte {
		for _, x := range rows {
			if x.path == path && x.from <= g && (x.to == 0 || g < x.to) {
				return x.bytes
			}
		}
		return nil
	}
	n := 0
	for g := rows[0].from; g <= rows[len(rows)-1].from+3; g++ {
		var doc struct{ Document struct{ Title string } }
		if err := json.Unmarshal(at(old, g), &doc); err != nil {
			w.t.Fatalf("generation %d: the old document is not there: %v", g, err)
		}
		n++
		if superseded := strings.HasPrefix(doc.Document.Title, "Superseded: "); superseded != (at(next, g) != nil) {
			w.t.Errorf("generation %d: old superseded %v, new there %v", g, superseded, at(next, g) != nil)
		}
	}
	return n
}

func TestWhoCannotReplaceAnAdvisory(t *testing.T) {
	w := newWorld(t, sqldbtest.SQLite(t, sources()))
	ctx := t.Context()
	old, next, red := w.taken(0, pubtree.White), w.taken(3, pubtree.White), w.taken(6, pubtree.Red)
	for _, d := range []advisory.Decided{old, next, red} {
		w.must(w.svc.PublishNow(ctx, w.chair, d.ID, d.Hash))
	}
	w.Drain(t)
	draft, err := w.svc.Draft(ctx, w.lead, w.caseID)
	w.must(err)
	number := func(d advisory.Decided) string { return w.a(d.ID).Number }
	for _, c := range []struct{ name, by, want string }{
		{"nobody", "LAN-2026-9999", "advisory.problem.successor_unknown"},
		{"nothing", "", "advisory.problem.successor_unknown"},
		{"itself", number(old), "advisory.problem.successor_itself"},
		{"what few may read", string(red.ID), "advisory.problem.successor_level"},
		{"a draft in a case that the person does not see", string(draft), "advisory.problem.successor_unknown"},
	} {
		if got := problem(w.svc.Supersede(ctx, w.chair, old.ID, c.by, "", "why")); got != c.want {
			t.Errorf("%s: %q, want %q", c.name, got, c.want)
		}
	}
	w.must(w.svc.Supersede(ctx, w.chair, old.ID, strings.ToLower(number(next)), "", "why"))
	if got := problem(w.svc.Supersede(ctx, w.chair, next.ID, number(old), "", "why")); got != "advisory.problem.successor_circle" {
		t.Errorf("a circle: %q", got)
	}
	// One of another publisher has an address, and needs nobody here.
	w.refused(w.svc.Supersede(ctx, w.chair, old.ID, "EX-2", "javascript:alert(1)", "why"), fault.Invalid, "a script")
	w.must(w.svc.Supersede(ctx, w.chair, old.ID, "EX-2", "https://psirt.example.org/ex-2.json", "why"))
	w.must(w.svc.Approve(ctx, w.deputy, old.ID, w.hash(old.ID), ""))
	w.must(w.svc.PublishNow(ctx, w.chair, old.ID, w.hash(old.ID)))
	w.Drain(t)
	if a := w.a(old.ID); a.State() != advisory.IsSuperseded || a.Successor() != "" {
		t.Errorf("it is %s by %q", a.State(), a.Successor())
	}
}
