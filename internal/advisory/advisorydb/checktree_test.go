package advisorydb_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/tocsin-sec/tocsin/internal/advisory"
	"github.com/tocsin-sec/tocsin/internal/platform/sqldb/sqldbtest"
)

// TestNoListIsToldWhileThePublicGetsSomethingElse: a cache before the site serves what
// it kept, or nothing at all.
func TestNoListIsToldWhileThePublicGetsSomethingElse(t *testing.T) {
	w := newWorld(t, sqldbtest.SQLite(t, sources()))
	cache := map[string]string{}
	w.svc.Fetch = func(_ context.Context, path string) ([]byte, error) {
		if old, ok := cache[path]; ok {
			return []byte(old), nil
		}
		return []byte(w.file(path)), nil
	}
	w.over = true
	id := w.published()
	w.mailsAre("devel@lists.lanterna.example", "announce@lists.lanterna.example")
	old := w.file(docPath)
	for name, stale := range map[string]map[string]string{
		"advisory.step.differs":    {docPath: old, docPath + ".asc": w.file(docPath + ".asc")},
		"advisory.step.not_listed": {"csaf/lanterna/white/changes.csv": w.file("csaf/lanterna/white/changes.csv")},
		"advisory.step.bad_hash":   {docPath + ".sha256": w.file(docPath + ".sha256")},
	} {
		cache = stale
		w.letters = nil
		w.correct(id, "Better wording: "+strings.TrimPrefix(name, "advisory.step."))
		if st := w.a(id).Steps; st[0].State != advisory.StepFailed || st[0].Problem != name || st[1].State != advisory.StepWaiting {
			t.Errorf("%s: the steps are %+v", name, st)
		}
		w.mailsAre()
		cache = nil
		w.run(time.Minute)
		w.run(3 * time.Minute)
		w.stepsAre(id, advisory.StepDone, advisory.StepDone, advisory.StepDone)
		w.mailsAre("devel@lists.lanterna.example", "announce@lists.lanterna.example")
	}
}

// published publishes the advisory of the case, whose embargo is over.
func (w *world) published() advisory.ID {
	w.t.Helper()
	w.over = true
	id := w.approved()
	w.must(w.svc.PublishNow(w.t.Context(), w.lead, id, w.hash(id)))
	w.run(30 * time.Second)
	return id
}

// correct publishes a correction of the summary.
func (w *world) correct(id advisory.ID, summary string) {
	w.t.Helper()
	w.Clock.Advance(time.Hour)
	r := ready()
	r.Summary = summary
	w.must(w.svc.Save(w.t.Context(), w.member, id, "", r, "Corrected."))
	w.must(w.svc.Approve(w.t.Context(), w.lead, id, w.hash(id), ""))
	w.must(w.svc.PublishNow(w.t.Context(), w.lead, id, w.hash(id)))
	w.run(10 * time.Second)
}
