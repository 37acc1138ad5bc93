package scope

import (
	"encoding/json"
	"flag"
	"fmt"
	"maps"
	"math/rand/v2"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/tocsin-sec/tocsin/internal/platform/webui"
)

func key(r webui.Route) string { return r.Method + " " + r.Path }

func TestEveryRouteHasAComparator(t *testing.T) {
	w := newWorld(t)
	table := comparators()
	for _, r := range w.app.Routes() {
		if table[key(r)] == nil {
			t.Errorf("%s has no comparator in table_test.go: say there who may see what on it", key(r))
		}
		delete(table, key(r))
	}
	for _, k := range slices.Sorted(maps.Keys(table)) {
		t.Errorf("%s has a comparator and is no route", k)
	}
}

// viewerOf is whose eyes an actor has on a route: tokens count on the API alone.
func viewerOf(a *actor, r webui.Route) viewer {
	if a.token != "" && !r.API {
		return viewer{}
	}
	return viewer{person: a.person}
}

// gate says what an actor gets before the route's own answer, 0 when it is asked.
func gate(a *actor, r webui.Route) int {
	switch {
	case a.token != "" && r.API && !a.write && r.Method != "GET":
		return 403
	case r.Access == webui.Public || r.Access == webui.Bearer:
		return 0
	case viewerOf(a, r).person != nil:
		return 0
	case r.API || r.Method != "GET":
		return 401
	}
	return 303
}

// mismatch is where the site and the model differ.
type mismatch struct {
	actor, route, target, fact string
}

func (m *mismatch) Error() string {
	return fmt.Sprintf("%s asks %s (%s): %s", m.actor, m.target, m.route, m.fact)
}

// sweep asks every route as every actor and compares. skip may leave out some pairs of
// a route and an actor.
func (w *world) sweep(skip func() bool) *mismatch {
	table := comparators()
	for _, r := range w.app.Routes() {
		for _, a := range w.actors {
			if skip != nil && skip() {
				continue
			}
			if m := w.compare(a, r, table[key(r)]); m != nil {
				return m
			}
		}
	}
	return nil
}

func (w *world) compare(a *actor, r webui.Route, c comparator) *mismatch {
	v := viewerOf(a, r)
	blocked := gate(a, r)
	probes := c(w, v)
	if blocked != 0 {
		probes = probes[:min(len(probes), 2)] // none of them gets further than the gate
	}
	for _, p := range probes {
		if p.as == nil {
			p.as = &v
		}
		if blocked != 0 {
			p = probe{target: p.target, body: p.body, as: &viewer{}, want: blocked}
		}
		got := w.ask(a, r.Method, p.target, p.body)
		w.looked(r, p, got.status)
		fact := w.judge(p, got)
		if fact == "" && p.id != "" {
			none := w.ask(a, r.Method, strings.ReplaceAll(p.target, p.id, p.never()), strings.ReplaceAll(p.body, p.id, p.never()))
			fact = differ(plain(got, p.id), plain(none, p.never()))
		}
		if fact != "" {
			return &mismatch{a.name, key(r), p.target, fact}
		}
	}
	return nil
}

// looked notes in the model that a person has seen a case: its pages mark it, also with
// a refusal on them. What is not found shows and marks nothing.
func (w *world) looked(r webui.Route, p probe, status int) {
	shown := status == 200 || status == 403 || status == 409 || status == 422
	// These show nothing of the conversation.
	others := r.Path == "/cases/{id}/embargo" || strings.HasPrefix(r.Path, "/cases/{id}/cve") || strings.HasPrefix(r.Path, "/cases/{id}/fixes")
	if p.as.person == nil || !shown || others {
		return
	}
	for _, k := range w.cases {
		at := strings.Index(p.target, string(k.id))
		if at < 0 || !k.sees(*p.as) || strings.HasSuffix(r.Path, "/{file}") {
			continue
		}
		api := r.Path == "/api/cases/{id}" || r.Path == "/api/cases/{id}/items"
		if api && r.Method == "GET" || strings.HasPrefix(r.Path, "/cases/{id}") {
			k.seen[p.as.person] = len(k.items)
		}
	}
}

// judge compares one answer with what the model says of it.
func (w *world) judge(p probe, got answer) string {
	if got.status >= 500 {
		return fmt.Sprintf("status %d: %s", got.status, got.body)
	}
	if p.want != 0 && got.status != p.want {
		return fmt.Sprintf("status %d, the model says %d", got.status, p.want)
	}
	body := got.body
	for _, v := range got.header {
		body += "\n" + strings.Join(v, "\n")
	}
	// What was asked for may be said again.
	told := strings.NewReplacer(p.target, "", strings.ReplaceAll(p.target, "/", "%2F"), "").Replace(body)
	for _, m := range w.markers {
		if !m.sees(*p.as) && strings.Contains(told, m.text) && !strings.Contains(p.target, m.text) {
			return "shows a hidden " + m.what
		}
	}
	for _, m := range w.ids {
		if !m.sees(*p.as) && strings.Contains(told, m.text) && !strings.Contains(p.target, m.text) && !strings.Contains(p.body, m.text) {
			return "shows a hidden " + m.what
		}
	}
	for _, m := range p.must {
		if !strings.Contains(body, m) {
			return fmt.Sprintf("does not show %q, which the model says is seen", m)
		}
	}
	if p.of != nil {
		if have := appearing(body, p.of); !slices.Equal(have, p.order) {
			return fmt.Sprintf("lists %v, the model says %v", have, p.order)
		}
	}
	if p.check != nil && got.status == 200 {
		return p.check(body)
	}
	return ""
}

// appearing are the texts of a list that are in the body, in the order of their first
// appearance.
func appearing(body string, of []string) []string {
	at := map[string]int{}
	out := []string{}
	for _, x := range of {
		if i := strings.Index(body, x); i >= 0 {
			at[x] = i
			out = append(out, x)
		}
	}
	slices.SortFunc(out, func(a, b string) int { return at[a] - at[b] })
	return out
}

var requestID = regexp.MustCompile(`[0-9a-z]{12}`)

// plain is an answer without what differs between any two: the request's number, and the id
// that was asked for.
func plain(got answer, id string) string {
	number := got.header.Get("X-Request-Id")
	var b strings.Builder
	fmt.Fprintln(&b, got.status)
	for _, k := range slices.Sorted(maps.Keys(got.header)) {
		if k != "X-Request-Id" {
			fmt.Fprintln(&b, k, got.header[k])
		}
	}
	b.WriteString(got.body)
	out := b.String()
	if requestID.MatchString(number) {
		out = strings.ReplaceAll(out, number, "REQUEST")
	}
	return strings.ReplaceAll(out, id, "ID")
}

// differ says where two answers part.
func differ(a, b string) string {
	if a == b {
		return ""
	}
	n := 0
	for n < len(a) && n < len(b) && a[n] == b[n] {
		n++
	}
	cut := func(s string) string { return s[max(0, min(n-30, len(s))):min(len(s), n+60)] }
	return fmt.Sprintf("hidden and absent differ: %q against %q", cut(a), cut(b))
}

// counts reads unread, waiting and role of each row of the API's list of cases.
func counts(body string) []string {
	var list struct {
		Cases []struct {
			Unread, Waiting int
			Role            string
		}
	}
	body, _, _ = strings.Cut(body, "\n")
	if err := json.Unmarshal([]byte(body), &list); err != nil {
		return []string{err.Error()}
	}
	var out []string
	for _, c := range list.Cases {
		out = append(out, strconv.Itoa(c.Unread)+"/"+strconv.Itoa(c.Waiting)+"/"+c.Role)
	}
	return out
}

// script is a history in which everything happens once or more.
func script() []operation {
	var out []operation
	for i, k := range []string{"mail arrives", "mail arrives", "mail arrives", "form arrives", "mail arrives", "form arrives",
		"release", "release", "open a case", "release", "open a case", "message", "note", "message", "note", "invite", "invite", "invite", "accept", "accept",
		"mail to a case", "mail to a case", "mail to a case", "let in or refuse", "bearer writes", "bearer writes", "claim", "draft", "draft", "draft",
		"decide", "decide", "reopen", "duty", "duty", "remove", "change role", "invite", "accept", "note", "message", "mail arrives", "invite"} {
		out = append(out, operation{k, i * 5, i * 7, i * 3})
	}
	// In the end an observer and a reporter are on each of the first cases, which have
	// notes, waiting mail, claims and drafts that neither may see nor has seen.
	for k := range 3 {
		out = append(out, operation{"invite", k, 0, 0}, operation{"invite", k, 1, 1}, operation{"accept", 0, 0, 0}, operation{"accept", 0, 0, 0},
			operation{"message", k, 0, 0}, operation{"note", k, 0, 0}, operation{"mail to a case", k, 0, 0}, operation{"claim", k, 0, 0}, operation{"draft", k, 0, 0})
	}
	// One was on a case and is no more; one is invited and has not accepted.
	return append(out, operation{"invite", 3, 1, 0}, operation{"accept", 0, 0, 0}, operation{"dismiss", 3, 1, 0}, operation{"invite", 3, 0, 0})
}

func TestWhatIsSeenIsWhatTheGrantsSay(t *testing.T) {
	engines(t, func(t *testing.T, open func() *world) {
		w := open()
		w.populate()
		for _, o := range script() {
			w.apply(o)
		}
		if m := w.sweep(nil); m != nil {
			t.Fatal(m)
		}
	})
}

// fewer lowers the number of checks, each of which makes a site of its own, unless
// the command line asks for a number (make soak).
func fewer(t *testing.T, n string) {
	t.Helper()
	f := flag.Lookup("rapid.checks")
	if f == nil || f.Value.String() != f.DefValue {
		return
	}
	if err := f.Value.Set(n); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := f.Value.Set(f.DefValue); err != nil {
			t.Error(err)
		}
	})
}

// TestRandomHistoriesAgreeWithTheModel draws histories; after each step some routes
// are asked by some actors, at the end many by many.
func TestRandomHistoriesAgreeWithTheModel(t *testing.T) {
	if testing.Short() {
		t.Skip("-short")
	}
	fewer(t, "3")
	rapid.Check(t, func(rt *rapid.T) {
		w := newWorld(t)
		defer w.close()
		w.t = rt
		w.populate()
		list := rapid.SliceOfN(drawOperation(), 15, 40).Draw(rt, "operations")
		dice := rand.New(rand.NewPCG(1, rapid.Uint64().Draw(rt, "which pairs")))
		some := func(percent int) func() bool { return func() bool { return dice.IntN(100) >= percent } }
		// Without a report or two most operations find nothing to do.
		for i, o := range append([]operation{{"mail arrives", 0, 0, 0}, {"mail arrives", 3, 0, 0}, {"release", 0, 0, 1}}, list...) {
			if !w.apply(o) {
				continue
			}
			if m := w.sweep(some(1)); m != nil {
				rt.Fatalf("after step %d, %s: %v", i, o.Kind, m)
			}
		}
		if m := w.sweep(some(20)); m != nil {
			rt.Fatalf("at the end: %v", m)
		}
	})
}
