package kill

import (
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
)

// histogram counts kills and recoveries by step and engine.
type histogram struct {
	mu    sync.Mutex
	begun time.Time
	rows  map[string]*tally
}

// tally is one step: index 0 is one server on SQLite, 1 two servers on PostgreSQL.
type tally struct {
	kills, inOrder [2]int
	slowest        [2]time.Duration
}

func engine(w *world) int {
	if len(w.nodes) > 1 {
		return 1
	}
	return 0
}

func (h *histogram) row(step string) *tally {
	if h.rows[step] == nil {
		h.rows[step] = &tally{}
	}
	return h.rows[step]
}

func (h *histogram) killed(w *world, step string, kills int) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.row(step).kills[engine(w)] += kills
}

func (h *histogram) recovered(w *world, s strike) {
	h.mu.Lock()
	defer h.mu.Unlock()
	r, e := h.row(s.step), engine(w)
	r.inOrder[e] += s.kills
	r.slowest[e] = max(r.slowest[e], time.Since(s.at))
}

// String shows, for each step and engine, the kills, how many of them everything was
// found in order after, and the longest time from a kill to that finding.
func (h *histogram) String() string {
	h.mu.Lock()
	defer h.mu.Unlock()
	var b strings.Builder
	var sum tally
	line := "%-22s %6v %8v %8v %12v %8v %8v  %s\n"
	fmt.Fprintf(&b, line, "", "SQLite", "in order", "slowest", "2×PostgreSQL", "in order", "slowest", "")
	for _, step := range slices.Sorted(maps.Keys(h.rows)) {
		r := h.rows[step]
		for e := range 2 {
			sum.kills[e], sum.inOrder[e], sum.slowest[e] = sum.kills[e]+r.kills[e], sum.inOrder[e]+r.inOrder[e], max(sum.slowest[e], r.slowest[e])
		}
		fmt.Fprintf(&b, line, step, r.kills[0], r.inOrder[0], seconds(r.slowest[0]), r.kills[1], r.inOrder[1], seconds(r.slowest[1]),
			strings.Repeat("#", r.kills[0])+strings.Repeat("+", r.kills[1]))
	}
	fmt.Fprintf(&b, line, "all", sum.kills[0], sum.inOrder[0], seconds(sum.slowest[0]), sum.kills[1], sum.inOrder[1], seconds(sum.slowest[1]), "")
	total := sum.kills[0] + sum.kills[1]
	fmt.Fprintf(&b, "%d kills, everything in order after %d of them, %.0f s in all\n", total, sum.inOrder[0]+sum.inOrder[1], time.Since(h.begun).Seconds())
	return b.String()
}

func seconds(d time.Duration) string { return fmt.Sprintf("%.1fs", d.Seconds()) }

// publish prints the histogram, and writes it to the file that TOCSIN_KILL_REPORT names.
func (h *histogram) publish(t *testing.T) {
	t.Helper()
	text := h.String()
	t.Logf("kills\n%s", text)
	if path := os.Getenv("TOCSIN_KILL_REPORT"); path != "" {
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			t.Error(err)
		}
	}
}

// wantEach fails for a step that was hit fewer than n times on an engine.
func (h *histogram) wantEach(t *testing.T, steps []string, n int) {
	t.Helper()
	h.mu.Lock()
	defer h.mu.Unlock()
	for _, s := range steps {
		for e := range 2 {
			if got := h.row(s).kills[e]; got < n {
				t.Errorf("%s: %d kills on %s, want %d", s, got, []string{"SQLite", "PostgreSQL"}[e], n)
			}
		}
	}
}
