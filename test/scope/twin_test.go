package scope

import (
	"context"
	"fmt"
	"maps"
	"math/rand/v2"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/tocsin-sec/tocsin/internal/advisory"
	"github.com/tocsin-sec/tocsin/internal/base/unit"
	"github.com/tocsin-sec/tocsin/internal/casework"
	"github.com/tocsin-sec/tocsin/internal/desk"
	"github.com/tocsin-sec/tocsin/internal/embargo"
	"github.com/tocsin-sec/tocsin/internal/people"
	"github.com/tocsin-sec/tocsin/internal/platform/webui"
)

// hiddenStep does one thing with a report and a case of the project alder that the
// model does not know of: all that happens to a secret case before it is published. Its
// mails are from the sender of all others, who thereby uses up what is counted of him.
func (w *world) hiddenStep(h *hidden) {
	w.t.Helper()
	chair, member, a := w.persons["chair"].sc, w.persons["member"].sc, w.projects[0]
	h.steps++
	switch h.steps {
	case 1:
		before := w.heldIDs(a)
		w.mailIn(a.p.Address(), rawMail(a.p.Address(), "hidden report", "hidden words", "hiddenfile", 90001))
		for id := range w.heldIDs(a) {
			if !before[id] {
				h.report = id
			}
		}
	case 2:
		w.mailIn(a.p.Address(), rawMail(a.p.Address(), "hidden noise", "hidden noise", "hiddenfile", 90002))
	case 3:
		moderator := pick(w.teamOf(a, people.Moderator), 0)
		id, err := w.app.Cases.OpenFromReport(w.ctx, moderator.sc, casework.OpenFromReport{Report: h.report, Title: "hidden case", Reason: "It is real.", Team: true})
		w.must(err)
		h.id = id
		w.drain()
	case 4:
		_, err := w.app.Cases.PostMessage(w.ctx, chair, casework.PostMessage{Case: h.id, Text: "hidden reply"})
		w.must(err)
		_, err = w.app.Cases.PostMessage(w.ctx, member, casework.PostMessage{Case: h.id, Text: "hidden note", Note: true})
		w.must(err)
	case 5:
		w.must(w.app.Cases.Invite(w.ctx, chair, casework.Invite{Case: h.id, Address: "distributor@vendor.example", Role: people.Observer}))
		w.must(w.app.Cases.ClaimFact(w.ctx, member, h.id, casework.IsExploited, "hidden claim"))
	case 6:
		id, err := w.app.Advisories.Draft(w.ctx, member, string(h.id))
		w.must(err)
		k := &kase{draft: id}
		w.edit(k, w.persons["member"], func(r *advisory.Record) { r.Title, r.Summary = "hidden advisory", "hidden summary" })
	case 7:
		version := int64(0)
		w.view(func(ctx context.Context, v unit.View) error {
			e, err := w.app.Embargoes.Of(ctx, v, chair, h.id)
			version = e.Version
			return err
		})
		w.must(w.app.Embargoes.Change(w.ctx, chair, h.id, version, embargo.Wish{Kind: embargo.Shorten, Until: w.now.Add(72 * time.Hour), Reason: "It is easy.", Confirmed: true}))
	case 8:
		w.must(w.app.Cases.Advance(w.ctx, chair, h.id, 0, casework.Valid, "Reproduced."))
		w.must(w.app.Cases.SetFact(w.ctx, chair, h.id, casework.IsExploited, true, "Logs of a victim."))
		w.drain()
	}
}

type hidden struct {
	steps  int
	report desk.ReportID
	id     casework.CaseID
}

// outside are those for whom the hidden case does not exist. The administrator runs
// the site and is told how many letters wait, so that his pages of the queue are left out.
func outside(a *actor) bool {
	if a.person == nil {
		return true
	}
	return slices.Contains([]string{"outsider", "rival", "helper", "visitor", "guest", "root"}, a.person.name)
}

var (
	anyID     = regexp.MustCompile(`[0-9a-hjkmnp-tv-z]{26}`)
	anyHash   = regexp.MustCompile(`\b[0-9a-fA-F]{12,128}\b|(?:[0-9A-F]{4} ?){4,}`)
	anyNumber = regexp.MustCompile(`\b[0-9a-z]{12}\b`)
	anyCode   = regexp.MustCompile(`[A-Za-z0-9+/_-]{32,}=*(\n[A-Za-z0-9+/=]+)*`)
)

// bytesOf is what an actor gets on a route, without what is random.
func bytesOf(got answer) string {
	var b strings.Builder
	fmt.Fprintln(&b, got.status)
	for _, k := range slices.Sorted(maps.Keys(got.header)) {
		if k != "X-Request-Id" {
			fmt.Fprintln(&b, k, got.header[k])
		}
	}
	b.WriteString(got.body)
	out := strings.NewReplacer(got.header.Get("X-Request-Id"), "REQUEST", "%2F", "/", "%3F", "?", "%3D", "=", "%26", "&").Replace(b.String())
	for _, re := range []*regexp.Regexp{anyHash, anyID, anyCode, anyNumber} {
		out = re.ReplaceAllString(out, "RANDOM")
	}
	return out
}

const inAnyOrder = ", in any order"

// ties are the lists in which several rows share what is sorted by (the day of an embargo,
// the instant at which a team joins a case): these are in the order of ids, which are
// random. The model holds the order of the other lists.
func ties(r webui.Route, target string) bool {
	return strings.Contains(target, "order=") && !strings.Contains(target, "order=opened") ||
		strings.HasPrefix(r.Path, "/cases/{id}") || strings.HasPrefix(r.Path, "/api/cases/{id}")
}

// bag is an answer without the order of its parts.
func bag(s string) []string {
	out := strings.FieldsFunc(s, func(r rune) bool { return strings.ContainsRune("\n,{}[]<>", r) })
	slices.Sort(out)
	return out
}

// record asks every route as everybody who is outside, in a fixed order.
func (w *world) record() map[string]string {
	table, out := comparators(), map[string]string{}
	for _, r := range w.app.Routes() {
		if r.Method == "GET" && (strings.HasPrefix(r.Path, "/admin/") || r.Path == "/api/people/queue" || r.Path == "/api/people") {
			continue
		}
		for _, a := range w.actors {
			if !outside(a) {
				continue
			}
			v := viewerOf(a, r)
			for n, p := range table[key(r)](w, v) {
				if p.as != nil && p.as.bearer != nil && a.person != nil {
					continue // a link is the same for everybody
				}
				got := w.ask(a, r.Method, p.target, p.body)
				name := fmt.Sprintf("%s asks %s, probe %d", a.name, key(r), n)
				if ties(r, p.target) {
					name += inAnyOrder
				}
				out[name] = bytesOf(got)
			}
		}
	}
	return out
}

// TestAHiddenCaseChangesNoByte runs one history in two worlds, in one of them with a
// hidden case in between, and compares all that is outside.
func TestAHiddenCaseChangesNoByte(t *testing.T) {
	if testing.Short() {
		t.Skip("-short")
	}
	kinds := slices.Sorted(maps.Keys(operations))
	seed := uint64(time.Now().UnixNano())
	dice := rand.New(rand.NewPCG(seed, 1))
	list := script()[:14]
	for range 12 {
		list = append(list, operation{kinds[dice.IntN(len(kinds))], dice.IntN(1 << 16), dice.IntN(1 << 16), dice.IntN(1 << 16)})
	}
	engines(t, func(t *testing.T, open func() *world) {
		var got [2]map[string]string
		for i := range got {
			w := open()
			w.populate()
			h := &hidden{}
			for _, o := range list {
				if o.Kind == "duty" {
					continue // who sees held reports stays the same in both worlds
				}
				w.apply(o)
				if i == 1 && h.steps < 8 {
					w.hiddenStep(h)
				}
			}
			got[i] = w.record()
			w.close()
		}
		for _, k := range slices.Sorted(maps.Keys(got[0])) {
			if got[0][k] == got[1][k] || strings.HasSuffix(k, inAnyOrder) && slices.Equal(bag(got[0][k]), bag(got[1][k])) {
				continue
			}
			if d := differ(got[0][k], got[1][k]); d != "" {
				t.Errorf("seed %d: %s: with and without a hidden case: %s", seed, k, d)
			}
		}
		if len(got[0]) != len(got[1]) || len(got[0]) < 1000 {
			t.Fatalf("%d and %d answers", len(got[0]), len(got[1]))
		}
	})
}
