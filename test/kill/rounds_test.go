package kill

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"os"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/tocsin-sec/tocsin/internal/platform/sqldb/sqldbtest"
	"github.com/tocsin-sec/tocsin/test/shared"
)

// patience is for a recovery on a busy machine, the lease of a killed job included.
const patience = 60 * time.Second

// The steps, as base/killpoint lists them.
func intakeSteps() []string {
	return []string{"intake.begin", "intake.received", "intake.stored", "intake.committed", "intake.answer",
		"intake.leased", "intake.understood", "intake.filing", "intake.filed"}
}

func embargoSteps() []string { return []string{"embargo.due", "embargo.ending", "embargo.lifted"} }

// armedSteps are passed by a publication at the end of an embargo, lateSteps by one
// that a person starts after it.
func armedSteps() []string {
	return []string{"publish.signed", "publish.staged", "publish.flip.before", "publish.flip.inside", "publish.flip.after", "publish.checked"}
}

func lateSteps() []string {
	return []string{"publish.stage", "publish.numbered", "publish.rendered", "publish.flip.inside", "publish.list.dev", "publish.list.announce"}
}

func letterSteps() []string {
	return []string{"letter.rendered", "letter.kept", "letter.send", "letter.sent", "letter.marking"}
}

// histogram counts kills and recoveries by step.
type histogram struct {
	mu   sync.Mutex
	rows map[string]*tally
}

type tally struct {
	kills, recovered int
	slowest          time.Duration
}

func (h *histogram) add(step string, kills int, took time.Duration) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.rows[step] == nil {
		h.rows[step] = &tally{}
	}
	row := h.rows[step]
	row.kills += kills
	row.recovered += kills
	row.slowest = max(row.slowest, took)
}

func (h *histogram) String() string {
	var b strings.Builder
	kills, recovered := 0, 0
	fmt.Fprintf(&b, "%-24s %5s %9s %s\n", "step", "kills", "recovered", "slowest")
	for _, step := range slices.Sorted(maps.Keys(h.rows)) {
		r := h.rows[step]
		kills, recovered = kills+r.kills, recovered+r.recovered
		fmt.Fprintf(&b, "%-24s %5d %9d %7.1fs %s\n", step, r.kills, r.recovered, r.slowest.Seconds(), strings.Repeat("#", r.kills))
	}
	fmt.Fprintf(&b, "%-24s %5d %9d\n", "all", kills, recovered)
	return b.String()
}

// rounds says how often each list of steps is gone through: once in CI, and as
// often as 200 kills need with TOCSIN_SOAK=1.
func rounds() int {
	if n, err := strconv.Atoi(os.Getenv("TOCSIN_KILL_ROUNDS")); err == nil {
		return n
	}
	if os.Getenv("TOCSIN_SOAK") != "" {
		return 6
	}
	return 1
}

// TestKill ends the program inside each named step and holds what is found
// afterwards against what was promised.
func TestKill(t *testing.T) {
	if testing.Short() {
		t.Skip("SKIPPED: -short")
	}
	binary := killable(t)
	h := &histogram{rows: map[string]*tally{}}
	t.Cleanup(func() { t.Logf("kills\n%s", h) })
	for _, lane := range []struct {
		name     string
		postgres bool
		run      func(*world, *histogram)
	}{
		{"intake", false, func(w *world, h *histogram) { w.killIntake(h, intakeSteps()) }},
		{"embargo and letters", false, func(w *world, h *histogram) {
			w.killEmbargo(h, slices.Concat(embargoSteps(), embargoSteps()))
			w.killLetters(h, letterSteps())
		}},
		{"armed publication", false, func(w *world, h *histogram) { w.killArmed(h, armedSteps()) }},
		{"late publication", false, func(w *world, h *histogram) { w.killLate(h, lateSteps()) }},
		{"two servers on one PostgreSQL, intake and letters", true, func(w *world, h *histogram) {
			w.killIntake(h, []string{"intake.received", "intake.stored", "intake.committed", "intake.filing", "intake.filed"})
			w.killLetters(h, []string{"letter.sent"})
		}},
		{"two servers on one PostgreSQL, embargo and publication", true, func(w *world, h *histogram) {
			w.killEmbargo(h, slices.Concat(embargoSteps(), []string{"embargo.ending", "embargo.lifted"}))
			w.killLate(h, []string{"publish.numbered", "publish.flip.inside", "publish.flip.after", "publish.checked", "publish.list.dev"})
		}},
	} {
		t.Run(lane.name, func(t *testing.T) {
			t.Parallel()
			database, servers := "", 1
			if lane.postgres {
				database, servers = postgres(t), 2
			}
			w := newWorld(t, binary, database, servers)
			w.start()
			w.watch()
			for range rounds() {
				lane.run(w, h)
			}
			w.audit()
		})
	}
}

// postgres makes an empty database in the cluster of the tests.
func postgres(t *testing.T) string {
	t.Helper()
	create, err := sqldbtest.Server()
	if err != nil {
		shared.Missing(t, "PostgreSQL: %v", err)
	}
	url, err := create(t.Context(), fmt.Sprintf("kill_%d_%d", os.Getpid(), rand.Uint32()))
	if err != nil {
		t.Fatal(err)
	}
	return url
}

// recovered notes the kills at a step after everything was found in order.
func (w *world) recovered(h *histogram, step string, kills int, since time.Time) {
	suffix := ""
	if len(w.nodes) > 1 {
		suffix = " (2)"
	}
	took := time.Since(since)
	h.add(step+suffix, kills, took)
	w.t.Logf("%s: %d killed, in order after %.1f s", step, kills, took.Seconds())
}

// revive brings back what the kill ended. Of two servers the other goes on alone
// until f found everything in order.
func (w *world) revive(f func()) {
	w.t.Helper()
	if w.alive(); !slices.ContainsFunc(w.nodes, (*node).running) {
		w.start()
	}
	f()
	w.start()
}

// killIntake sends mails on several connections until the server is gone.
func (w *world) killIntake(h *histogram, steps []string) {
	for _, s := range steps {
		w.arm(fmt.Sprintf("%s:%d", s, 1+rand.IntN(6)))
		end := make(chan struct{})
		var senders sync.WaitGroup
		for range 3 {
			senders.Go(func() { w.pump(end) })
		}
		kills := w.died(patience)
		close(end)
		senders.Wait()
		if kills == 0 {
			w.t.Fatalf("no server passed %s\n%s", s, w.alive().server.Output())
		}
		begin := time.Now()
		w.revive(w.mailsHeld)
		w.recovered(h, s, kills, begin)
	}
}

// pump sends mails one after another, in turn to each server, until end or until
// none takes any. At most so many that reading them ends soon.
func (w *world) pump(end chan struct{}) {
	for i := range 40 {
		select {
		case <-end:
			return
		default:
		}
		w.post.send(w.nodes[i%len(w.nodes)].options.SMTP) // what became of it is noted with the mail
	}
}

// mailsHeld wants every mail that got its 250 held exactly once, and every other
// one at most once.
func (w *world) mailsHeld() {
	w.t.Helper()
	var count map[string]int
	w.until("acknowledged mails are held", patience, func() string {
		count = map[string]int{}
		for _, state := range []string{"held", "released"} {
			list, err := w.reports(state)
			if err != nil {
				return err.Error()
			}
			for _, r := range list {
				count[r.Title]++
			}
		}
		for _, m := range w.post.all() {
			if m.acknowledged && count[m.subject] == 0 {
				return m.subject
			}
		}
		return ""
	})
	for _, m := range w.post.all() {
		if n := count[m.subject]; n > 1 {
			w.t.Fatalf("%s is held %d times", m.subject, n)
		}
	}
}

// killEmbargo lets an embargo end while the server is killed.
func (w *world) killEmbargo(h *histogram, steps []string) {
	for _, s := range steps {
		c := w.open(1500 * time.Millisecond)
		w.arm(s)
		kills := w.died(patience)
		if kills == 0 {
			w.t.Fatalf("no server passed %s\n%s", s, w.alive().server.Output())
		}
		begin := time.Now()
		w.revive(func() { w.embargoOver(c) })
		w.recovered(h, s, kills, begin)
	}
}

// embargoOver waits for the end of the case's embargo: the date is lifted and one
// advisory waits for its writer.
func (w *world) embargoOver(c string) {
	w.t.Helper()
	w.until("the embargo ends", patience, func() string {
		all, err := w.advisories()
		if err != nil {
			return err.Error()
		}
		n := 0
		for _, a := range all {
			if a.Case == c {
				n++
			}
		}
		switch n {
		case 0:
			return "no advisory was begun at the end"
		case 1:
			return ""
		default:
			w.t.Fatalf("the embargo's end made %d advisories", n)
			return ""
		}
	})
}

// killLetters kills while the automatic answers go out.
func (w *world) killLetters(h *histogram, steps []string) {
	for _, s := range steps {
		w.arm(fmt.Sprintf("%s:%d", s, 1+rand.IntN(3)))
		end := make(chan struct{})
		var sender sync.WaitGroup
		sender.Go(func() { w.pump(end) })
		kills := w.died(patience)
		close(end)
		sender.Wait()
		if kills == 0 {
			w.t.Fatalf("no server passed %s\n%s", s, w.alive().server.Output())
		}
		begin := time.Now()
		w.revive(func() { w.mailsHeld(); w.answered() })
		w.recovered(h, s, kills, begin)
	}
}

// answered wants the automatic answer with every sender of an acknowledged mail.
func (w *world) answered() {
	w.t.Helper()
	w.until("senders are answered", patience, func() string {
		got := w.lettersTo()
		for _, m := range w.post.all() {
			if m.acknowledged && len(got[m.from]) == 0 {
				return "no answer to " + m.from
			}
		}
		return ""
	})
}

// lettersTo returns the letters by address, after holding copies of one letter
// against each other: they have one Message-ID.
func (w *world) lettersTo() map[string][]letter {
	w.t.Helper()
	all, err := sent(w.sink)
	if err != nil {
		w.t.Fatal(err)
	}
	got := map[string][]letter{}
	for _, l := range all {
		for _, other := range got[l.to] {
			// The chair gets the same words about several cases; subjects of all
			// others are about one thing.
			if l.to != chair && other.subject == l.subject && other.id != l.id {
				w.t.Fatalf("%q to %s went out under two Message-IDs: %s and %s", l.subject, l.to, l.id, other.id)
			}
		}
		got[l.to] = append(got[l.to], l)
	}
	return got
}

// killArmed kills while an armed advisory is staged and published at the end of
// its embargo.
func (w *world) killArmed(h *histogram, steps []string) {
	for _, s := range steps {
		c := w.open(4 * time.Second)
		a := w.write(c)
		w.arm(s)
		w.act(a, "arm")
		w.killPublished(h, s, a)
	}
}

// killLate kills while a person publishes after the embargo.
func (w *world) killLate(h *histogram, steps []string) {
	for _, s := range steps {
		c := w.open(time.Second)
		w.embargoOver(c)
		a := w.write(c)
		w.arm(s)
		w.call("POST", "/api/advisories/"+a.ID+"/publish", map[string]any{"hash": a.Hash}, nil) // may die with the server
		w.killPublished(h, s, a)
	}
}

func (w *world) killPublished(h *histogram, s string, a advisoryView) {
	w.t.Helper()
	kills := w.died(patience)
	if kills == 0 {
		w.t.Fatalf("no server passed %s\n%s", s, w.alive().server.Output())
	}
	begin := time.Now()
	w.revive(func() { w.published(a) })
	w.recovered(h, s, kills, begin)
}

// published waits until the advisory is public with every step done.
func (w *world) published(a advisoryView) {
	w.t.Helper()
	var now advisoryView
	w.until("the advisory is published and every step done", patience, func() string {
		if err := w.call("GET", "/api/advisories/"+a.ID, nil, &now); err != nil {
			return err.Error()
		}
		done := len(now.Published) == 1 && len(now.Steps) == 3
		for _, s := range now.Steps {
			done = done && s.State == "done"
		}
		if !done {
			return fmt.Sprintf("%s, %d publications, blocked by %s, steps %v", now.State, len(now.Published), now.Blocked, now.Steps)
		}
		return ""
	})
	got := w.lettersTo()
	for _, list := range []string{devList, newsList} {
		if !slices.ContainsFunc(got[list], func(l letter) bool { return strings.Contains(l.subject, now.Number) }) {
			w.t.Errorf("%s was not mailed to %s: %v", now.Number, list, got[list])
		}
	}
}
