package advisorydb_test

import (
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/tocsin-sec/tocsin/internal/advisory"
	"github.com/tocsin-sec/tocsin/internal/platform/jobs"
	"github.com/tocsin-sec/tocsin/internal/platform/sqldb/sqldbtest"
)

// TestTwoServersPublishAtOnceAndNothingIsLeftOut: two flips that derived the index from
// what each saw committed would drop each other's document.
func TestTwoServersPublishAtOnceAndNothingIsLeftOut(t *testing.T) {
	sqldbtest.Each(t, sources(), func(t *testing.T, e *sqldbtest.Env) {
		w := newWorld(t, e)
		ctx := t.Context()
		w.over = true
		preview, err := w.svc.Preview(ctx, w.lead, w.approved())
		w.must(err)
		const n = 8
		for i := range n {
			raw := strings.ReplaceAll(string(preview.JSON), "LAN-2026-NNNN", fmt.Sprintf("OLD-2020-%04d", i))
			done, err := w.svc.Import(ctx, w.chair, w.project.ID, []byte(raw), false)
			w.must(err)
			w.must(w.svc.Approve(ctx, w.deputy, done.ID, done.Hash, ""))
			w.must(w.svc.PublishNow(ctx, w.deputy, done.ID, done.Hash))
		}
		// The job that refreshes the site would mend what this test looks for.
		e.Jobs.Handlers = slices.DeleteFunc(e.Jobs.Handlers, func(h jobs.Handler) bool { return h.Kind == advisory.KindSite })
		second := e.Second(t)
		other := *w.svc
		other.Work = second.Work
		second.Handle(jobs.Handler{Kind: advisory.KindPublish, Run: other.Publish})
		var wg sync.WaitGroup
		for _, r := range []*jobs.Runner{e.Jobs, second.Jobs} {
			wg.Go(func() {
				if _, err := r.Drain(ctx); err != nil {
					t.Error(err)
				}
			})
		}
		wg.Wait()
		w.run(time.Minute)
		for _, p := range []string{"csaf/lanterna/white/index.txt", "csaf/lanterna/white/changes.csv"} {
			if got := w.file(p); count(got, "\n") != n {
				t.Errorf("%s has %d lines, want %d:\n%s", p, count(got, "\n"), n, got)
			}
		}
		if got := count(w.file("csaf/lanterna/white/feed-tlp-white.json"), `"format"`); got != n {
			t.Errorf("the feed has %d entries, want %d", got, n)
		}
	})
}
