package kill

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/tocsin-sec/tocsin/internal/advisory/pubtree"
)

// together is how many documents are published in one flip.
const together = 4

// oldPaper is a document that was published elsewhere before.
const oldPaper = `{"document":{"category":"csaf_security_advisory","csaf_version":"2.0","lang":"en","distribution":{"tlp":{"label":"WHITE"}},
"notes":[{"category":"summary","text":"The parser read beyond its buffer."}],
"publisher":{"category":"vendor","name":"Lumen","namespace":"https://lumen.example"},
"references":[{"category":"self","summary":"This document","url":"https://lumen.example/old/%[1]s.json"}],
"title":"Out-of-bounds read in the parser","tracking":{"current_release_date":"2020-03-04T05:06:07Z","id":"%[1]s","initial_release_date":"2020-03-04T05:06:07Z",
"revision_history":[{"date":"2020-03-04T05:06:07Z","number":"1","summary":"Initial version."}],"status":"final","version":"1"}},
"product_tree":{"full_product_names":[{"name":"lumend before 2.0.1","product_id":"P1"}]},
"vulnerabilities":[{"notes":[{"category":"description","text":"A read beyond the buffer."}],"product_status":{"known_affected":["P1"]},
"remediations":[{"category":"vendor_fix","details":"Update to 2.0.1.","product_ids":["P1"]}],"title":"Out-of-bounds read"}]}`

// killBatch kills while imports are published together, before, inside and after the
// flip: everybody sees all of them or none, and at last each is there once.
func (w *world) killBatch(h *histogram) {
	var list []advisoryView
	var names []string
	for i := range together {
		number := fmt.Sprintf("OLD-2020-%d%d", time.Now().UnixMicro(), i)
		a := advisoryView{}
		if err := w.call("POST", "/api/projects/"+slug+"/advisories/import", json.RawMessage(fmt.Appendf(nil, oldPaper, number)), &a); err != nil {
			w.t.Fatal(err)
		}
		if err := w.call("POST", "/api/advisories/"+a.ID+"/approve", map[string]any{"hash": a.Hash, "reason": "The team is one person."}, nil); err != nil {
			w.t.Fatal(err)
		}
		list, names = append(list, a), append(names, "2020/"+strings.ToLower(number)+".json")
	}
	end := make(chan struct{})
	var looks sync.WaitGroup
	looks.Go(func() { w.allOrNone(names, end) })
	w.kill(h, batchSteps(), 1, func() {
		var body []map[string]string
		for _, a := range list {
			body = append(body, map[string]string{"id": a.ID, "hash": a.Hash})
		}
		w.call("POST", "/api/projects/"+slug+"/advisories/publish", map[string]any{"advisories": body}, nil) // may die with the server
	})
	w.recover(h, func() {
		for _, a := range list {
			w.until("an import is published and checked", patience, func() string {
				var now advisoryView
				if err := w.call("GET", "/api/advisories/"+a.ID, nil, &now); err != nil {
					return err.Error()
				}
				if len(now.Published) != 1 || len(now.Steps) == 0 || now.Steps[0].State != "done" {
					return fmt.Sprintf("%s, %d publications, blocked by %s, steps %v", now.State, len(now.Published), now.Blocked, now.Steps)
				}
				return ""
			})
		}
	})
	close(end)
	looks.Wait()
	index, err := w.tree.fetch(pubtree.Paths{Slug: slug}.Index(pubtree.White))
	if err != nil {
		w.t.Fatal(err)
	}
	for _, n := range names {
		if strings.Count(string(index), n+"\n") != 1 {
			w.t.Errorf("index.txt has %s %d times", n, strings.Count(string(index), n+"\n"))
		}
	}
}

// allOrNone looks at the index until the end: it names all documents, or none of them.
func (w *world) allOrNone(names []string, end chan struct{}) {
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for {
		index, err := w.tree.fetch(pubtree.Paths{Slug: slug}.Index(pubtree.White))
		if err == nil {
			listed := slices.DeleteFunc(strings.Fields(string(index)), func(n string) bool { return !slices.Contains(names, n) })
			if len(listed) != 0 && len(listed) != len(names) {
				w.t.Errorf("index.txt names %d of %d that are published together", len(listed), len(names))
			}
		}
		select {
		case <-end:
			return
		case <-tick.C:
		}
	}
}
