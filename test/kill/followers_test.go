package kill

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"
)

// The steps of what follows a publication: telling subscribers, telling the cache in
// front of the site, and signing all of it anew.
func downstreamSteps() []string {
	return []string{"downstream.fan", "downstream.send", "downstream.sent"}
}

func purgeSteps() []string { return []string{"purge.told"} }

func resignSteps() []string {
	return []string{"resign.signed", "resign.switching", "resign.stored"}
}

// hook is a webhook that notes what it got, by webhook-id.
type hook struct {
	url string
	mu  sync.Mutex
	got map[string][32]byte // the body of each id
	bad []string
}

const subscriber = "distribution@downstream.example"

func newHook(w *world) *hook {
	h := &hook{got: map[string][32]byte{}}
	s := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		raw, err := io.ReadAll(r.Body)
		if err != nil {
			return // the caller was killed in the middle
		}
		id, sum := r.Header.Get("webhook-id"), sha256.Sum256(raw)
		h.mu.Lock()
		defer h.mu.Unlock()
		if before, again := h.got[id]; id == "" || again && before != sum {
			h.bad = append(h.bad, fmt.Sprintf("%q came with another body", id))
		}
		h.got[id] = sum
	}))
	w.t.Cleanup(s.Close)
	h.url = s.URL
	return h
}

// subscribed adds the webhook and a mail address, once.
func (w *world) subscribed() {
	w.t.Helper()
	if w.hook != nil {
		return
	}
	w.hook = newHook(w)
	for _, body := range []map[string]any{
		{"kind": "webhook", "name": "A mirror", "url": w.hook.url},
		{"kind": "mail", "name": "A distribution", "address": subscriber, "lang": "en"},
	} {
		var out struct{ ID string }
		if err := w.call("POST", "/api/projects/"+slug+"/downstreams", body, &out); err != nil {
			w.t.Fatal(err)
		}
		w.downstreams = append(w.downstreams, out.ID)
	}
}

// publishLate begins a publication by a person, after the embargo.
func (w *world) publishLate(h *histogram, steps []string) advisoryView {
	w.t.Helper()
	c := w.open(time.Second)
	w.embargoOver(c)
	a := w.write(c)
	w.kill(h, steps, 1, func() {
		w.call("POST", "/api/advisories/"+a.ID+"/publish", map[string]any{"hash": a.Hash}, nil) // may die with the server
	})
	return a
}

// killDownstreams kills while subscribers are told: each hears of each publication, by one
// webhook-id and one letter, however often it came.
func (w *world) killDownstreams(h *histogram) {
	w.subscribed()
	w.told++
	a := w.publishLate(h, downstreamSteps())
	w.recover(h, func() {
		w.published(a)
		if err := w.call("GET", "/api/advisories/"+a.ID, nil, &a); err != nil {
			w.t.Fatal(err)
		}
		for _, id := range w.downstreams {
			w.until("the subscribers are told", patience, func() string { return w.delivered(id, a.Number) })
		}
		w.until("the subscriber has its mail", patience, func() string {
			// A letter may go out twice, under one Message-ID.
			ids := map[string]bool{}
			for _, l := range w.lettersTo()[subscriber] {
				ids[l.id] = true
			}
			if n := len(ids); n != w.told {
				return fmt.Sprintf("%d letters of %d", n, w.told)
			}
			return ""
		})
	})
	w.hook.mu.Lock()
	defer w.hook.mu.Unlock()
	if len(w.hook.bad) > 0 || len(w.hook.got) != w.told {
		w.t.Errorf("%d publications, %d ids at the webhook: %v", w.told, len(w.hook.got), w.hook.bad)
	}
}

// shown is how many deliveries a subscription's page has, the newest first.
const shown = 50

// delivered returns what a subscription still misses, up to the publication of a number.
func (w *world) delivered(id, number string) string {
	var now struct {
		State      string
		Deliveries []struct{ Advisory, State, Problem string }
	}
	if err := w.call("GET", "/api/projects/"+slug+"/downstreams/"+id, nil, &now); err != nil {
		return err.Error()
	}
	numbers := map[string]bool{}
	for _, d := range now.Deliveries {
		if d.State != "sent" && d.State != "mailed" {
			return fmt.Sprintf("%s is %s %s", d.Advisory, d.State, d.Problem)
		}
		if numbers[d.Advisory] {
			w.t.Fatalf("%s is delivered twice", d.Advisory)
		}
		numbers[d.Advisory] = true
	}
	if len(numbers) != min(w.told, shown) || !numbers[number] || now.State != "active" {
		return fmt.Sprintf("%d deliveries of %d, %s among them: %v; it is %s", len(numbers), w.told, number, numbers[number], now.State)
	}
	return ""
}

// told is what the program in front of the cache got: each list with a line of newList
// before it.
const (
	told    = "told.txt"
	newList = "--"
)

// purging makes the program that hears what changed on the site.
func (w *world) purging() []string {
	w.t.Helper()
	script := filepath.Join(w.dir, "purge.sh")
	if err := os.WriteFile(script, []byte("#!/bin/sh\n{ echo "+newList+"; cat; } >>"+filepath.Join(w.dir, told)+"\n"), 0o700); err != nil {
		w.t.Fatal(err)
	}
	return []string{"--purge-command", script}
}

// lists returns what was told, each list by itself.
func (w *world) lists() [][]string {
	w.t.Helper()
	raw, err := os.ReadFile(filepath.Join(w.dir, told))
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		w.t.Fatal(err)
	}
	var out [][]string
	for line := range strings.Lines(string(raw)) {
		if line = strings.TrimSuffix(line, "\n"); line == newList {
			out = append(out, nil)
		} else {
			out[len(out)-1] = append(out[len(out)-1], line)
		}
	}
	return out
}

// hooks lets the program call webhooks on this machine.
func (w *world) hooks() []string { return []string{"--egress-allow", "127.0.0.0/8"} }

// killResign kills after the cache was told of a publication, which is told again, and
// while everything is signed anew: the watcher sees a signature that holds all the time.
func (w *world) killResign(h *histogram) {
	w.tree.thorough.Store(true)
	before := len(w.lists())
	a := w.publishLate(h, purgeSteps())
	w.recover(h, func() {
		w.published(a)
		if err := w.call("GET", "/api/advisories/"+a.ID, nil, &a); err != nil {
			w.t.Fatal(err)
		}
		// The list that was told before the kill comes once more, with what changed since:
		// nobody wrote down that it was told. It may be that of the last new signatures.
		w.until("the cache is told again", patience, func() string {
			lists, number := w.lists()[before:], "/"+strings.ToLower(a.Number)+".json"
			heard := slices.ContainsFunc(lists, func(l []string) bool {
				return slices.ContainsFunc(l, func(s string) bool { return strings.HasSuffix(s, number) })
			})
			if !heard {
				return a.Number + " was not told"
			}
			for i, first := range lists {
				for _, second := range lists[i+1:] {
					if len(first) > 0 && !slices.ContainsFunc(first, func(s string) bool { return !slices.Contains(second, s) }) {
						return ""
					}
				}
			}
			return fmt.Sprintf("none of %d lists was told again", len(lists))
		})
	})
	w.resigned++
	w.kill(h, resignSteps(), 1, func() {
		err := w.call("POST", "/api/projects/"+slug+"/resign", nil, nil)
		if err != nil && !errors.Is(err, errGone) {
			w.t.Fatal(err)
		}
	})
	w.recover(h, func() {
		w.until("everything is signed anew", patience, func() string {
			var run struct {
				State       string
				Done, Total int
			}
			if err := w.call("GET", "/api/projects/"+slug+"/resign", nil, &run); err != nil {
				return err.Error()
			}
			if run.State != "done" || run.Done != run.Total || run.Done == 0 {
				return fmt.Sprintf("%s, %d of %d", run.State, run.Done, run.Total)
			}
			return ""
		})
	})
	w.record()
	n := 0
	for _, count := range w.ledger.count {
		n += count["advisory.ledger.resigned"]
	}
	if n != w.resigned {
		w.t.Errorf("%d runs, the record has %d that were done", w.resigned, n)
	}
}

// followerSteps are those of both.
func followerSteps() []string {
	return slices.Concat(downstreamSteps(), purgeSteps(), resignSteps())
}
