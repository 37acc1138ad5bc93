package advisorydb_test

import (
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"syscall"
	"testing"
	"time"

	"github.com/tocsin-sec/tocsin/internal/advisory"
	"github.com/tocsin-sec/tocsin/internal/advisory/pubtree"
	"github.com/tocsin-sec/tocsin/internal/platform/sqldb/sqldbtest"
	"github.com/tocsin-sec/tocsin/test/shared"
)

// used is the processor time of this process.
func used(t testing.TB) time.Duration {
	runtime.GC()
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		t.Fatal(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// TestCost prints what one document costs in a tree of 10,000 and in a batch; TOCSIN_COST
// asks for it.
func TestCost(t *testing.T) {
	if os.Getenv("TOCSIN_COST") == "" {
		t.Skip("TOCSIN_COST is not set")
	}
	w := newWorld(t, sqldbtest.SQLite(t, sources()))
	w.over = true
	files, _ := filepath.Glob(filepath.Join(shared.Dir(t), "data/csaf/cisa/OT/white/20*/icsa-*.json"))
	var docs []pubtree.Document
	at := w.Clock.Now().UTC().Truncate(time.Second)
	for n := range 10_000 {
		docs = append(docs, w.doc(n+100_000, 2016+n%10, pubtree.White, at.Add(-time.Duration(n)*time.Minute)))
		if len(docs) == 500 {
			w.shelve(docs...)
			docs = nil
		}
	}
	began := used(t)
	for n := range 20 {
		w.Clock.Advance(time.Minute)
		w.shelve(w.doc(100_000+n*37, 2016+n%10, pubtree.White, w.Clock.Now().UTC().Truncate(time.Second)))
	}
	fmt.Printf("one flip: %s\n", (used(t)-began)/20)
	ctx, n := t.Context(), 0
	var whole time.Duration
	for _, f := range files {
		raw, err := os.ReadFile(f)
		w.must(err)
		done, err := w.svc.Import(ctx, w.chair, w.project.ID, raw, false)
		if err != nil {
			continue
		}
		w.must(w.svc.Approve(ctx, w.deputy, done.ID, done.Hash, ""))
		b := used(t)
		w.must(w.svc.PublishNow(ctx, w.deputy, done.ID, done.Hash))
		w.Drain(t)
		whole += used(t) - b
		if n++; n == 5 {
			break
		}
	}
	fmt.Println("publishing one by one:", whole/time.Duration(n), n)
	w.costBatch(t, files)
}

// costBatch publishes 500 documents together on a site of its own.
func (w *world) costBatch(t *testing.T, files []string) {
	w = newWorld(t, sqldbtest.SQLite(t, sources()))
	w.over = true
	var list []advisory.Decided
	for _, f := range files {
		raw, err := os.ReadFile(f)
		w.must(err)
		done, err := w.svc.Import(t.Context(), w.chair, w.project.ID, raw, false)
		if err != nil {
			continue
		}
		w.must(w.svc.Approve(t.Context(), w.deputy, done.ID, done.Hash, ""))
		if list = append(list, advisory.Decided{ID: done.ID, Hash: done.Hash}); len(list) == 500 {
			break
		}
	}
	began := used(t)
	w.must(w.svc.PublishAll(t.Context(), w.chair, w.project.ID, list))
	w.Drain(t)
	fmt.Println("publishing together:", (used(t)-began)/time.Duration(len(list)), "each of", len(list))
	if n := count(w.file("csaf/lanterna/white/index.txt"), ".json"); n != len(list) {
		t.Errorf("%d of %d are published", n, len(list))
	}
}
