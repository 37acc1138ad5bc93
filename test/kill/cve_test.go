package kill

import (
	"errors"
	"os"
	"testing"
	"time"

	"github.com/tocsin-sec/tocsin/test/cveservices"
)

// The steps of reserving CVE ids, and of publishing a record.
func refillSteps() []string {
	return []string{"cve.asking", "cve.reserved", "cve.pooling", "cve.pooled"}
}

func recordSteps() []string {
	return []string{"cve.claimed", "cve.answered", "cve.readback", "cve.recording", "cve.recorded"}
}

type numberView struct {
	CVE, State string
}

type poolView struct {
	Free    []numberView
	Problem string
	Version int64
}

// TestKillNumbers ends the program in each step around a reservation and around a
// publication at CVE Services made from their description: no id is lost, reserved or
// published twice, and no state runs ahead.
func TestKillNumbers(t *testing.T) {
	if testing.Short() {
		t.Skip("SKIPPED: -short")
	}
	t.Parallel()
	api := cveservices.New(t)
	w := newWorld(t, killable(t), "", 1)
	w.nodes[0].options.Flags = append(w.nodes[0].options.Flags, "--egress-allow", "127.0.0.0/8")
	w.start()
	t.Cleanup(w.stop)
	h := &histogram{begun: time.Now(), rows: map[string]*tally{}}
	path := "/api/projects/" + slug + "/cve"
	w.kill(h, refillSteps(), 1, func() {
		err := w.call("PUT", path, map[string]any{"cna": true, "url": api.URL, "org": cveservices.Org, "user": cveservices.User,
			"key": cveservices.Key, "low": 1, "fill": 3, "version": 0}, nil)
		if err != nil && !errors.Is(err, errGone) {
			t.Fatal(err)
		}
	})
	w.recover(h, func() { w.pooled(path, 3) })
	if ids := api.IDs(); len(ids) != 3 {
		t.Fatalf("reserved are %v", ids)
	}
	n := 1 // a round takes the better part of a minute
	if os.Getenv("TOCSIN_SOAK") != "" {
		n = rounds()
	}
	for i := range n {
		c := w.open(3 * time.Second)
		var taken struct{ Numbers []numberView }
		if err := w.call("POST", "/api/cases/"+c+"/cve", map[string]any{"do": "take"}, &taken); err != nil {
			t.Fatal(err)
		}
		name := taken.Numbers[0].CVE
		w.embargoOver(c)
		a := w.write(c)
		if a.Record["cve"] != name {
			t.Fatalf("the draft begins with the number %v, not %s", a.Record["cve"], name)
		}
		w.kill(h, recordSteps(), 1, func() {
			w.call("POST", "/api/advisories/"+a.ID+"/publish", map[string]any{"hash": a.Hash}, nil) // may die with the server
		})
		w.recover(h, func() {
			w.published(a)
			w.until(name+" is published", patience, func() string {
				var now struct{ Numbers []numberView }
				if err := w.call("GET", "/api/cases/"+c+"/cve", nil, &now); err != nil {
					return err.Error()
				}
				if len(now.Numbers) != 1 || now.Numbers[0].State != "published" {
					return "its state is not"
				}
				return ""
			})
		})
		if api.State(name) != "PUBLISHED" || api.Count("cveCnaCreateSingle") != i+1 || api.Count("cveCnaUpdateSingle") != 0 {
			t.Errorf("%s is %s after %d and %d writes", name, api.State(name), api.Count("cveCnaCreateSingle"), api.Count("cveCnaUpdateSingle"))
		}
	}
	t.Logf("killed and recovered: %d steps", len(h.rows))
}

// pooled waits until the pool has n free ids.
func (w *world) pooled(path string, n int) {
	w.t.Helper()
	w.until("the pool is full", patience, func() string {
		var pool poolView
		if err := w.call("GET", path, nil, &pool); err != nil {
			return err.Error()
		}
		if len(pool.Free) != n {
			return pool.Problem + " is what it says"
		}
		return ""
	})
}
