package advisorydb_test

import (
	"encoding/json"
	"fmt"
	"testing"

	"github.com/tocsin-sec/tocsin/internal/advisory"
	"github.com/tocsin-sec/tocsin/internal/advisory/pubtree"
	"github.com/tocsin-sec/tocsin/internal/base/fault"
	"github.com/tocsin-sec/tocsin/internal/platform/sqldb/sqldbtest"
)

func TestImportsArePublishedTogether(t *testing.T) {
	sqldbtest.Each(t, sources(), func(t *testing.T, e *sqldbtest.Env) {
		w := newWorld(t, e)
		var list []advisory.Decided
		for n := range 7 {
			d, _ := w.paper(n, []pubtree.Level{pubtree.White, pubtree.Green, pubtree.Amber}[n%3], site)
			done, err := w.svc.Import(t.Context(), w.chair, w.project.ID, d.JSON, false)
			w.must(err)
			list = append(list, advisory.Decided{ID: done.ID, Hash: done.Hash})
			if n == 5 {
				w.refused(w.svc.PublishAll(t.Context(), w.chair, w.project.ID, list), fault.Conflict, "one that nobody approved")
			}
			w.must(w.svc.Approve(t.Context(), w.deputy, done.ID, done.Hash, ""))
		}
		w.refused(w.svc.PublishAll(t.Context(), w.stranger, w.project.ID, list), fault.NotFound, "who is not of the team")
		w.must(w.svc.PublishAll(t.Context(), w.chair, w.project.ID, list))
		w.Drain(t)
		generations := map[int64]bool{}
		for _, d := range list {
			a := w.a(d.ID)
			if a.State() != advisory.IsPublished || a.Steps[0].State != advisory.StepDone {
				raw, _ := json.Marshal(a.Steps)
				t.Fatalf("%s is %s: %s", a.Number, a.State(), raw)
			}
			generations[a.Published[0].Generation] = true
		}
		if len(generations) != 1 {
			t.Errorf("published in %d flips", len(generations))
		}
		w.mailsAre()
		if got := fmt.Sprint(count(w.file("csaf/lanterna/white/index.txt"), ".json"), count(w.file("csaf/lanterna/green/index.txt"), ".json")); got != "3 2" {
			t.Errorf("white and green hold %s documents", got)
		}
	})
}
