package kill

import (
	"math/rand/v2"
	"sync"
	"time"
)

// killDoor kills while mails come in on three connections. Two steps follow each
// other at once, not more: a mail whose reading four servers did not survive is
// filed unread (desk/reading), and the test knows mails by their subject.
func (w *world) killDoor(h *histogram) {
	steps := doorSteps()
	for len(steps) > 0 {
		n := min(2, len(steps))
		end := make(chan struct{})
		var senders sync.WaitGroup
		w.kill(h, steps[:n], 1+rand.IntN(4), func() {
			for range 3 {
				senders.Go(func() { w.pump(end) })
			}
		})
		close(end)
		senders.Wait()
		w.recover(h, w.mailsHeld)
		steps = steps[n:]
	}
}

// pump sends up to 200 mails one after another, in turn to each server, until end. While
// no server takes any, as long as a busy machine needs to start one, it tries at a slower
// pace.
func (w *world) pump(end chan struct{}) {
	for i, sent := 0, 0; sent < 200; i++ {
		select {
		case <-end:
			return
		default:
		}
		if _, err := w.post.send(w.nodes[i%len(w.nodes)].options.SMTP); err == nil {
			sent++
			continue
		}
		select {
		case <-end:
			return
		case <-w.t.Context().Done():
			return
		case <-time.After(20 * time.Millisecond):
		}
	}
}

// batch sends n mails at once; a server may die meanwhile.
func (w *world) batch(n int) {
	var senders sync.WaitGroup
	for i := range n {
		senders.Go(func() { w.post.send(w.nodes[i%len(w.nodes)].options.SMTP) })
	}
	senders.Wait()
}

// killReading kills while the jobs read what came in.
func (w *world) killReading(h *histogram) {
	steps := readingSteps()
	for len(steps) > 0 {
		w.kill(h, steps[:2], 1, func() { w.batch(3) })
		w.recover(h, w.mailsHeld)
		steps = steps[2:]
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
		if count[""] > 0 {
			w.t.Fatalf("%d mails were filed without being read", count[""])
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

// killLetters kills while one automatic answer goes out.
func (w *world) killLetters(h *histogram) {
	w.kill(h, letterSteps(), 1, func() { w.batch(1) })
	w.recover(h, func() { w.mailsHeld(); w.answered() })
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

// killRelease kills while a moderator makes a case of a held report. Who got no
// answer asks again, as a person would; there is one case in the end.
func (w *world) killRelease(h *histogram) {
	for _, s := range releaseSteps() {
		id := w.held()
		w.kill(h, []string{s}, 1, func() { go w.release(id) })
		w.recover(h, func() { w.released(id) })
	}
}

// held sends mail until a report is held, and returns its id: a busy server may put a
// sender off.
func (w *world) held() string {
	w.t.Helper()
	id := ""
	w.until("a report is held", patience, func() string {
		w.batch(1)
		w.mailsHeld()
		list, err := w.reports("held")
		if err != nil {
			return err.Error()
		}
		if len(list) == 0 {
			return "none"
		}
		id = list[0].ID
		return ""
	})
	return id
}

func (w *world) release(report string) error {
	return w.call("POST", "/api/reports/"+report+"/release", map[string]any{"reason": "It is real."}, nil)
}

// released wants one case of the report, whose conversation and embargo came with it.
func (w *world) released(id string) {
	w.t.Helper()
	w.until("the report becomes a case", patience, func() string {
		var r report
		if err := w.call("GET", "/api/reports/"+id, nil, &r); err != nil {
			return err.Error()
		}
		if r.State == "held" {
			if err := w.release(id); err != nil {
				return err.Error()
			}
			return "released just now"
		}
		if r.State != "released" || r.Case == "" {
			w.t.Fatalf("the report is %s with the case %q", r.State, r.Case)
		}
		var c struct {
			ID string `json:"id"`
		}
		if err := w.call("GET", "/api/cases/"+r.Case, nil, &c); err != nil {
			return err.Error()
		}
		return ""
	})
}
