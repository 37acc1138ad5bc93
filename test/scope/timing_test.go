//go:build bench

package scope

import (
	"fmt"
	"path"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/tocsin-sec/tocsin/internal/base/ident"
	"github.com/tocsin-sec/tocsin/internal/people/account"
	"github.com/tocsin-sec/tocsin/internal/platform/credential"
)

// samples is how many requests are timed on each side; the issue asks for 4,000.
const samples = 4000

// auc is the probability that a sample of a is above one of b (the rank-sum
// statistic over the product of the sizes; ties count half).
func auc(a, b []time.Duration) float64 {
	a, b = slices.Clone(a), slices.Clone(b)
	slices.Sort(a)
	slices.Sort(b)
	sum, lo, hi := 0.0, 0, 0
	for _, x := range a {
		for lo < len(b) && b[lo] < x {
			lo++
		}
		for hi < len(b) && b[hi] <= x {
			hi++
		}
		sum += float64(lo) + float64(hi-lo)/2
	}
	return sum / float64(len(a)) / float64(len(b))
}

// question is one look-up over HTTP: what is there and hidden beside what never was.
type question struct {
	fact           string
	actor          *actor
	method         string
	target, body   string // "{id}" is replaced
	hidden, absent []string
	want           int                       // status of both
	as             func(a *actor, id string) // the secret is the actor's own; nil: it is in the target
	before         func(i int)
}

// TestTimingTellsNothing measures what is hidden beside what does not exist, through the
// handler and interleaved, so that the load of the machine falls on both sides. Package
// bench runs it and prints its lines beside the limits.
func TestTimingTellsNothing(t *testing.T) {
	engines(t, func(t *testing.T, open func() *world) {
		w := open()
		w.populate()
		for _, o := range script() {
			w.apply(o)
		}
		// A cheap hash is the harder test: a real one hides more.
		w.app.Accounts.Hasher = credential.NewHasher(credential.Params{Memory: 1024, Passes: 1, Threads: 1}, 2, 64)
		engine := path.Base(t.Name())
		check := func(q question) {
			t.Run(strings.ReplaceAll(q.fact, " ", "_"), func(t *testing.T) {
				w.t = t
				hidden, absent := w.time(q)
				got := auc(hidden, absent)
				fmt.Printf("TIMING %s, %s: AUC %.4f, median %v against %v\n", q.fact, engine, got, median(hidden), median(absent))
				if got < 0.47 || got > 0.53 {
					t.Errorf("AUC %.4f over %d samples a side", got, samples)
				}
			})
		}
		for _, q := range w.byID() {
			check(q)
		}
		for _, q := range w.bySecret() {
			check(q)
		}
	})
}

func median(list []time.Duration) time.Duration {
	s := slices.Clone(list)
	slices.Sort(s)
	return s[len(s)/2].Round(time.Microsecond)
}

// time asks in pairs whose order changes, so that neither side is always the warm one.
func (w *world) time(q question) (hidden, absent []time.Duration) {
	ask := func(id string) time.Duration {
		if q.as != nil {
			q.as(q.actor, id)
		}
		in := strings.NewReplacer("{id}", id)
		target, body := in.Replace(q.target), in.Replace(q.body)
		start := time.Now()
		got := w.ask(q.actor, q.method, target, body)
		took := time.Since(start)
		if got.status != q.want {
			w.t.Fatalf("%s: status %d, not %d, for %q", q.fact, got.status, q.want, id)
		}
		return took
	}
	for i := range samples + 50 {
		if q.before != nil {
			q.before(i)
		}
		h, a := q.hidden[i%len(q.hidden)], q.absent[i%len(q.absent)]
		var x, y time.Duration
		if i%2 == 0 {
			x = ask(h)
			y = ask(a)
		} else {
			y = ask(a)
			x = ask(h)
		}
		if i >= 50 { // the first warm up
			hidden, absent = append(hidden, x), append(absent, y)
		}
	}
	return hidden, absent
}

// byID are the things that have an id, each by the way to ask for it.
func (w *world) byID() []question {
	var held, mails, drafts, cases, items, files, invites []string
	rival := viewer{person: w.persons["rival"]}
	for _, r := range w.reports {
		if !r.told(rival) {
			held = append(held, string(r.id))
			for _, m := range r.messages {
				mails = append(mails, string(m))
			}
		}
	}
	for _, k := range w.cases {
		if k.sees(rival) {
			continue
		}
		cases = append(cases, string(k.id))
		if k.draft != "" {
			drafts = append(drafts, string(k.draft))
		}
	}
	for _, i := range w.invites {
		if i.open && i.person != rival.person {
			invites = append(invites, i.token)
		}
	}
	// Who is on a case beside what the team keeps to itself.
	reader, at := w.observed(&items, &files)
	asRival := &actor{name: "rival", person: rival.person, remote: "192.0.2.200:4000"}
	asReader := &actor{name: reader.name, person: reader, remote: "192.0.2.201:4000"}
	get := func(fact, target string, hidden []string) question {
		return question{fact: fact, actor: asRival, method: "GET", target: target, hidden: hidden, absent: neverGiven(hidden), want: 404}
	}
	stay := get("an item of a seen case by id", "/api/cases/"+at+"/items?before={id}", items)
	stay.actor = asReader
	file := get("a file of a seen case by id", "/cases/"+at+"/files/{id}", files)
	file.actor = asReader
	who := get("a person by id", "/cases/"+at+"/people/{id}/lead", strangers(w))
	who.actor = asReader
	beside := get("a report beside the list", "/desk?r={id}", held)
	beside.want = 303 // to what there is, as for one that is nothing
	return []question{
		get("a case by id", "/api/cases/{id}", cases),
		get("a case's page by id", "/cases/{id}", cases),
		get("an embargo by its case", "/api/cases/{id}/embargo", cases),
		get("a held report by id", "/api/reports/{id}", held),
		beside,
		get("the original of a report by id", "/desk/messages/{id}/raw", mails),
		get("an advisory's draft by id", "/api/advisories/{id}", drafts),
		stay, file, who,
		get("an invitation by token", "/invitations/{id}", invites),
	}
}

// neverGiven makes an id of the same length for each sample: what is absent costs what the
// row costs that stands for it (sqldb.Nearest), and a few ids would be a few rows, by chance
// all of one kind.
func neverGiven(like []string) []string {
	out := make([]string, samples)
	for i := range out {
		id := like[i%len(like)]
		for len(out[i]) < len(id) {
			out[i] += ident.New()
		}
		out[i] = out[i][:len(id)]
	}
	return out
}

// observed finds somebody who sees a case and not all of its items and files.
func (w *world) observed(items, files *[]string) (*person, string) {
	for _, k := range w.cases {
		for _, name := range []string{"guest", "visitor", "helper", "second"} {
			v := viewer{person: w.persons[name]}
			if !k.sees(v) || k.team(v) {
				continue
			}
			*items, *files = nil, nil
			for _, i := range k.items {
				if k.seesItem(i, v) {
					continue
				}
				*items = append(*items, string(i.id))
				if i.file != "" {
					*files = append(*files, string(i.file))
				}
			}
			if len(*items) > 0 && len(*files) > 0 {
				return v.person, string(k.id)
			}
		}
	}
	w.t.Fatal("nobody sees a part of a case")
	return nil, ""
}

// bySecret are the look-ups by what one has or types: sessions, tokens, links, logins.
func (w *world) bySecret() []question {
	var sessions, tokens, spent, logins, nobody []string
	for i := range 30 {
		w.pass(20 * time.Minute)
		p := w.addPerson(fmt.Sprintf("timed%d", i), false)
		w.addToken(p, false)
		list, err := w.app.Accounts.MyTokens(w.ctx, p.sc)
		w.must(err)
		w.must(w.app.Accounts.RevokeToken(w.ctx, p.sc, list[0].ID))
		w.must(w.app.Accounts.EndSession(w.ctx, p.sc, "", ""))
		sessions, tokens, spent = append(sessions, p.session), append(tokens, p.tokens[false]), append(spent, p.link)
		logins, nobody = append(logins, p.name+"@people.example"), append(nobody, fmt.Sprintf("never%d@people.example", i))
	}
	cookie := &actor{name: "an ended session", person: &person{}}
	bearer := &actor{name: "a revoked token", person: &person{}}
	anybody := &actor{name: "anybody"}
	// Tries are counted for each address on the network: a pair has one of its own.
	fresh := func(a *actor) func(int) { return func(int) { a.remote = w.address() } }
	var noToken []string
	for range tokens {
		noToken = append(noToken, account.TokenPrefix+ident.New()+ident.New())
	}
	link := w.inState(released)[0].link
	files := w.otherFiles(link)
	signIn := fresh(anybody)
	return []question{
		{fact: "an ended session", actor: cookie, method: "GET", target: "/settings", hidden: sessions, absent: neverGiven(sessions), want: 303, before: fresh(cookie),
			as: func(a *actor, id string) { a.person.session = id }},
		{fact: "a revoked API token", actor: bearer, method: "GET", target: "/api/people/me", hidden: tokens, absent: noToken, want: 401, before: fresh(bearer),
			as: func(a *actor, id string) { a.token = id }},
		{fact: "a spent one-time link", actor: anybody, method: "GET", target: "/link/{id}", hidden: spent, absent: neverGiven(spent), want: 422, before: fresh(anybody)},
		{fact: "a file behind a report's link", actor: anybody, method: "GET", target: link + "/files/{id}", hidden: files, absent: neverGiven(files), want: 404, before: fresh(anybody)},
		{fact: "a forgotten password", actor: anybody, method: "POST", target: "/signin/forgot", body: "address={id}", hidden: logins, absent: nobody, want: 200,
			before: func(i int) { signIn(i); w.pass(3 * time.Minute) }},
		{fact: "a login", actor: anybody, method: "POST", target: "/signin", body: "password=wrong+wrong+wrong&address={id}", hidden: logins, absent: nobody, want: 422,
			before: func(i int) { signIn(i); w.pass(5 * time.Minute) }},
	}
}

// otherFiles are the files of the cases that the report with this link did not become.
func (w *world) otherFiles(link string) (out []string) {
	for _, k := range w.cases {
		if k.report != nil && k.report.link == link {
			continue
		}
		for _, i := range k.items {
			if i.file != "" {
				out = append(out, string(i.file))
			}
		}
	}
	return out
}
