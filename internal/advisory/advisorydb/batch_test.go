package advisorydb_test

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

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
			_, papers := w.paper(n, []pubtree.Level{pubtree.White, pubtree.Green, pubtree.Amber}[n%3], site)
			done, err := w.svc.Import(t.Context(), w.chair, w.project.ID, papers[0].Bytes, false)
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

// What was published together is checked together: a file that the public gets wrong holds
// up its own document, which is tried again alone; and when the common job is given up,
// each goes on by itself.
func TestACheckOfSeveralFailsForTheOneThatIsWrong(t *testing.T) {
	w := newWorld(t, sqldbtest.SQLite(t, sources()))
	var list []advisory.Decided
	for n := range 4 {
		_, papers := w.paper(n, pubtree.White, site)
		done, err := w.svc.Import(t.Context(), w.chair, w.project.ID, papers[0].Bytes, false)
		w.must(err)
		w.must(w.svc.Approve(t.Context(), w.deputy, done.ID, done.Hash, ""))
		list = append(list, advisory.Decided{ID: done.ID, Hash: done.Hash})
	}
	wrong := ""
	w.svc.Fetch = func(_ context.Context, path string) ([]byte, error) {
		if strings.HasSuffix(path, wrong) {
			return []byte("from a cache"), nil
		}
		return []byte(w.file(path)), nil
	}
	w.must(w.svc.PublishAll(t.Context(), w.chair, w.project.ID, list))
	wrong = "/" + pubtree.Name(w.a(list[1].ID).Number) + ".json.sha256"
	w.Drain(t)
	for i, d := range list {
		want := advisory.StepDone
		if i == 1 {
			want = advisory.StepFailed
		}
		if st := w.a(d.ID).Steps[0]; st.State != want {
			t.Errorf("document %d: the check is %s: %s", i, st.State, st.Problem)
		}
	}
	wrong = "none"
	w.run(2 * time.Minute)
	if st := w.a(list[1].ID).Steps[0]; st.State != advisory.StepDone || st.Tries != 1 {
		t.Errorf("tried again the check is %+v", st)
	}
}
