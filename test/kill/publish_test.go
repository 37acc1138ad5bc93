package kill

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"time"
)

// killEmbargo kills while an embargo ends.
func (w *world) killEmbargo(h *histogram) {
	w.kill(h, embargoSteps(), 1, func() {
		if _, err := w.tryOpen(time.Second); err != nil && !errors.Is(err, errGone) {
			w.t.Fatal(err)
		}
	})
	w.recover(h, func() { w.embargoOver(w.theCase(w.lastOpened())) })
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

// killArmed kills while an armed advisory is staged and published at the end of
// its embargo.
func (w *world) killArmed(h *histogram) {
	var a advisoryView
	w.kill(h, armedSteps(), 1, func() { a = w.armed(3 * time.Second) })
	w.recover(h, func() { w.published(a) })
}

// armed opens a case and arms its advisory before its embargo ends; on a busy machine
// that takes another, longer embargo. A server that died with the answer on its way
// died in what the arming began.
func (w *world) armed(ends time.Duration) advisoryView {
	w.t.Helper()
	for ; ; ends *= 2 {
		a := w.write(w.open(ends))
		err := w.call("POST", "/api/advisories/"+a.ID+"/arm", map[string]any{"hash": a.Hash}, nil)
		if err == nil || errors.Is(err, errGone) {
			return a
		}
		if !strings.Contains(err.Error(), "advisory.fault.over") || ends > 5*time.Minute {
			w.t.Fatal(err)
		}
	}
}

// killLate kills while a person publishes after the embargo.
func (w *world) killLate(h *histogram) {
	a := w.publishLate(h, lateSteps())
	w.recover(h, func() { w.published(a) })
}

// anyInstant is the histogram's row of kills that no step names.
const anyInstant = "at any instant"

// killAnyInstant kills one server at an instant that nobody chose, while mails come
// in, answers go out, a report becomes a case and an advisory is published.
func (w *world) killAnyInstant(h *histogram) {
	id := w.held()
	a := w.armed(2 * time.Second)
	end := make(chan struct{})
	var busy sync.WaitGroup
	busy.Go(func() { w.pump(end) })
	busy.Go(func() { w.release(id) })
	n := w.nodes[rand.IntN(len(w.nodes))]
	timer := time.NewTimer(rand.N(3500 * time.Millisecond))
	<-timer.C // the one wait in these tests that is the point of it
	n.server().Kill()
	h.killed(w, anyInstant, 1)
	w.pending = append(w.pending, strike{step: anyInstant, kills: 1, at: time.Now()})
	close(end)
	busy.Wait()
	w.recover(h, func() { w.released(id); w.mailsHeld(); w.answered(); w.published(a) })
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
