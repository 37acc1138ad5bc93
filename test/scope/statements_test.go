//go:build scopemutants

package scope

import (
	"fmt"
	"regexp"
	"strings"
	"sync"
	"testing"

	"github.com/tocsin-sec/tocsin/internal/platform/sqldb"
	"github.com/tocsin-sec/tocsin/internal/platform/webui"
)

// statements are the texts of SQL that run while f does, in their order.
func statements(f func()) []string {
	var mu sync.Mutex
	var out []string
	sqldb.Watch(func(q string) string {
		mu.Lock()
		defer mu.Unlock()
		out = append(out, q)
		return q
	})
	defer sqldb.Watch(nil)
	f()
	return out
}

// costs compares what is hidden with what was never there on one route: the same
// statements in the same order, the same bytes but for the number of the request. A link
// to the language of the page names the path that was asked for, so the id itself is
// taken out of both.
func (w *world) costs(a *actor, r webui.Route, p probe) string {
	ask := func(id string) (string, []string) {
		var got answer
		ran := statements(func() {
			got = w.ask(a, r.Method, strings.ReplaceAll(p.target, p.id, id), strings.ReplaceAll(p.body, p.id, id))
		})
		return plain(got, id), ran
	}
	ask(p.never()) // the first request of a session may note that it lives
	hidden, h := ask(p.id)
	none, n := ask(p.never())
	if d := differ(hidden, none); d != "" {
		return d
	}
	return sameStatements(h, n)
}

// sameStatements says where two sequences part.
func sameStatements(hidden, none []string) string {
	text := func(list []string, i int) string {
		if i < len(list) {
			return list[i]
		}
		return "nothing more"
	}
	for i := range max(len(hidden), len(none)) {
		if h, n := text(hidden, i), text(none, i); h != n {
			return fmt.Sprintf("statement %d: hidden runs %q, absent %q", i+1, h, n)
		}
	}
	return ""
}

// secret are the parameters of routes that stand for things which may be hidden. Others
// name what is public (a project's slug, a language) or a word of ours (a state, a role).
var secretParameter = regexp.MustCompile(`\{(id|item|file|person|claim|case|invite|token)\}`)

// unhidden are routes with such a parameter where nothing is hidden, with the reason.
var unhidden = map[string]string{
	"GET /advisories/{slug}/{file}": "the published tree",
	"GET /status/{token}":           "a link is kept by its MAC alone: what is replaced is nowhere",
	"POST /status/{token}":          "the same",
	"GET /status/{token}/case":      "the same",
	"POST /status/{token}/case":     "the same",

	"GET /subscribe/confirm/{token}":  "a link names its subscription under a MAC: who holds none can name none",
	"POST /subscribe/confirm/{token}": "the same",
	"GET /unsubscribe/{token}":        "the same",
	"POST /unsubscribe/{token}":       "the same",
}

// TestSameStatementsForHiddenAndAbsent asks each route for which the model knows something
// hidden, as everybody, for that and for what was never there (design, law 3). Each route
// with an id or token in its path must be among them.
func TestSameStatementsForHiddenAndAbsent(t *testing.T) {
	engines(t, func(t *testing.T, open func() *world) {
		w := open()
		w.populate()
		for _, o := range script() {
			w.apply(o)
		}
		table := comparators()
		pairs, wrong := 0, []string(nil)
		for _, r := range w.app.Routes() {
			tried := 0
			for _, a := range w.actors {
				if gate(a, r) != 0 {
					continue
				}
				for _, p := range table[key(r)](w, viewerOf(a, r)) {
					if p.id == "" {
						continue
					}
					tried++
					if d := w.costs(a, r, p); d != "" && len(wrong) < 20 {
						wrong = append(wrong, fmt.Sprintf("%s asks %s (%s): %s", a.name, p.target, key(r), d))
						break
					}
				}
			}
			pairs += tried
			if why := unhidden[key(r)]; (tried == 0) != (why != "") && secretParameter.MatchString(r.Path) {
				t.Errorf("%s: %d pairs of hidden and absent were asked; the list of exceptions says %q", key(r), tried, why)
			}
		}
		for _, x := range wrong {
			t.Error(x)
		}
		t.Logf("%d pairs", pairs)
		if pairs < 1000 {
			t.Errorf("only %d pairs were asked", pairs)
		}
	})
}
