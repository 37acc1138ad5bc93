package scope

import (
	"context"
	"slices"
	"strconv"
	"strings"

	"github.com/tocsin-sec/tocsin/internal/base/unit"
	"github.com/tocsin-sec/tocsin/internal/casework"
	"github.com/tocsin-sec/tocsin/internal/people"
	"github.com/tocsin-sec/tocsin/internal/platform/sqldb"
)

// probe is one request with what the model says of its answer. On every answer it
// is checked besides that no marker and no id is in it which the viewer may not know.
type probe struct {
	target string
	body   string
	as     *viewer // whose eyes; nil: those of the actor
	want   int     // status; 0: any below 500
	must   []string
	order  []string // these in this order, and of all of only these
	of     []string // nil: no list is compared
	id     string   // hidden: the answer is that for an id that does not exist
	check  func(string) string
}

// comparator says for one route which requests to make as a viewer and what comes of
// them. Requests that would succeed in changing something are left to operations.
type comparator func(w *world, v viewer) []probe

// never is what the hidden id is replaced by: of its form, and never given to anything.
func (p probe) never() string {
	if len(p.id) == len(absent) {
		return absent
	}
	// A token is random: backwards it is another one.
	b := []byte(p.id)
	slices.Reverse(b)
	return string(b)
}

// absent has the form of an id and is none.
const absent = "0123456789abcdefghjkmnpqrs"

// public is a route without anything of anybody: only the rule of markers and the
// comparison of bytes in twin_test.go hold it.
func public(targets ...string) comparator {
	return func(*world, viewer) []probe {
		var out []probe
		for _, t := range targets {
			out = append(out, probe{target: t})
		}
		return out
	}
}

// posts is public with a body.
func posts(target, body string) comparator {
	return func(*world, viewer) []probe { return []probe{{target: target, body: body}} }
}

// adminOnly is a route that exists for administrators.
func adminOnly(target, body string) comparator {
	return func(_ *world, v viewer) []probe {
		switch {
		case v.person != nil && !v.person.admin:
			return []probe{{target: target, body: body, want: 404}}
		case body == "" || v.person == nil:
			return []probe{{target: target, body: body}}
		}
		return nil
	}
}

// adminOnes is a route below a thing that only administrators know of.
func adminOnes(path, body string, ids func(w *world) []string) comparator {
	return func(w *world, v viewer) []probe {
		if v.person == nil || v.person.admin {
			return adminOnly(strings.ReplaceAll(path, "{id}", absent), body)(w, v)
		}
		var out []probe
		for _, id := range ids(w) {
			out = append(out, probe{target: strings.ReplaceAll(path, "{id}", id), body: strings.ReplaceAll(body, "{id}", id), want: 404, id: id})
		}
		return out
	}
}

// strangers are ids of accounts that only administrators, and those beside them, know.
func strangers(w *world) []string { return []string{string(w.persons["stranger"].id)} }

func someJobs(w *world) (out []string) {
	w.view(func(ctx context.Context, v unit.View) (err error) {
		out, err = sqldb.All(ctx, v, sqldb.Value[string], `select id from jobs_job order by id limit 2`)
		return err
	})
	return out
}

// foreign is a route below a thing that is a person's own: others' do not exist.
func foreign(path, body string, id func(*person) string) comparator {
	return func(w *world, v viewer) []probe {
		if v.person == nil {
			return []probe{{target: strings.ReplaceAll(path, "{id}", absent), body: body}}
		}
		var out []probe
		for _, name := range []string{"member", "rival", "stranger"} {
			if x := w.persons[name]; x != v.person {
				out = append(out, probe{target: strings.ReplaceAll(path, "{id}", id(x)), body: body, want: 404, id: id(x)})
			}
		}
		return out
	}
}

func tokenOf(p *person) string { return p.tokenID }
func keyOf(p *person) string   { return p.keyID }

// ofTeam is a route below a thing of a project's team, asked below each project by who is
// not in it: the team may, and that is left to operations.
func ofTeam(path, body string, id func(*project, viewer) string) comparator {
	return func(w *world, v viewer) []probe {
		var out []probe
		for _, p := range w.projects {
			for _, x := range w.projects {
				of := id(x, v)
				if len(x.team[v.person]) > 0 || of == "" {
					continue
				}
				in := strings.NewReplacer("{slug}", p.slug, "{id}", of)
				out = append(out, probe{target: in.Replace(path), body: in.Replace(body), id: of})
			}
		}
		return out
	}
}

// joinOf is somebody else's wish to join.
func joinOf(p *project, v viewer) string {
	if v.person == p.asked {
		return ""
	}
	return p.joinID
}

func textOf(p *project, _ viewer) string { return p.textID }

func readerOf(p *project, _ viewer) string { return p.readerID }

func subscriberOf(p *project, _ viewer) string { return p.subscriberID }

// beyond is a route below a case and something else: asked by who sees the case, for a
// thing that is hidden from him.
func beyond(path, body string, ids func(w *world, k *kase, v viewer) []string) comparator {
	return func(w *world, v viewer) []probe {
		var out []probe
		for _, k := range w.cases {
			if !k.sees(v) {
				continue
			}
			for _, id := range ids(w, k, v) {
				in := strings.NewReplacer("{id}", string(k.id), "{other}", id)
				out = append(out, probe{target: in.Replace(path), body: in.Replace(body), id: id})
			}
		}
		return out
	}
}

// unknown is a person on no case.
func unknown(w *world, _ *kase, _ viewer) []string { return strangers(w) }

// elsewhere gives what the other cases have of a kind, of those that the viewer does not see.
func elsewhere(table string) func(w *world, k *kase, v viewer) []string {
	return func(w *world, k *kase, v viewer) (out []string) {
		for _, other := range w.cases {
			if other.sees(v) || len(out) > 1 {
				continue
			}
			w.view(func(ctx context.Context, v unit.View) error {
				ids, err := sqldb.All(ctx, v, sqldb.Value[string], `select id from `+table+` where case_id = ? order by id limit 1`, other.id)
				out = append(out, ids...)
				return err
			})
		}
		return out
	}
}

// onCases is a route below one case. want says what who sees it gets, 0 for not to try.
func onCases(path, body string, want func(k *kase, v viewer) int, must func(k *kase, v viewer) []string) comparator {
	return func(w *world, v viewer) []probe {
		var out []probe
		for _, k := range w.cases {
			p := probe{target: strings.ReplaceAll(path, "{id}", string(k.id)), body: body}
			switch {
			case !k.sees(v):
				p.want, p.id = 404, string(k.id)
			default:
				if p.want = want(k, v); p.want == 0 {
					continue
				}
				if must != nil && p.want == 200 {
					p.must = must(k, v)
				}
			}
			out = append(out, p)
		}
		return out
	}
}

func everyone(*kase, viewer) int { return 200 }

// teamForm is a page for leads and members.
func teamForm(k *kase, v viewer) int {
	if k.team(v) {
		return 200
	}
	return 403
}

// teamChange is a change for leads and members, which operations make.
func teamChange(k *kase, v viewer) int {
	if k.team(v) {
		return 0
	}
	return 403
}

// never: who sees it may do it, or would be refused for another reason.
func never(*kase, viewer) int { return 0 }

// observers may not write.
func writers(k *kase, v viewer) int {
	if k.roleOf(v) == people.Observer {
		return 403
	}
	return 0
}

func titleOf(k *kase, _ viewer) []string { return []string{k.title} }

// talk is what a viewer reads of a conversation.
func talk(k *kase, v viewer) []string {
	var out []string
	for _, i := range k.items {
		if i.text != "" && k.seesItem(i, v) {
			out = append(out, i.text)
		}
	}
	return out
}

func page(k *kase, v viewer) []string { return append(talk(k, v), k.title) }

// onItems is a route below one item of a case, given by f.
func onItems(path, body string, pick func(*item) string, want func(k *kase, i *item, v viewer) int) comparator {
	return func(w *world, v viewer) []probe {
		var out []probe
		for _, k := range w.cases {
			for _, i := range k.items {
				id := pick(i)
				if id == "" {
					continue
				}
				p := probe{target: strings.NewReplacer("{id}", string(k.id), "{item}", id).Replace(path), body: body, want: want(k, i, v)}
				switch {
				case !k.sees(v):
					p.id = string(k.id)
				case !k.seesItem(i, v):
					p.id = id // the case is seen, the item is not
				}
				if p.want != 0 {
					out = append(out, p)
				}
			}
		}
		return out
	}
}

func fileOf(i *item) string { return string(i.file) }

func mailOf(i *item) string {
	if i.hold == casework.Waiting {
		return string(i.id)
	}
	return ""
}

// onDrafts is a route below an advisory.
func onDrafts(path, body string, status int, must func(w *world, k *kase) []string) comparator {
	return func(w *world, v viewer) []probe {
		var out []probe
		for _, k := range w.cases {
			if k.draft == "" {
				continue
			}
			p := probe{target: strings.ReplaceAll(path, "{id}", string(k.draft)), body: body, want: status}
			switch {
			case !k.seesDraft(v):
				p.want, p.id = 404, string(k.draft)
			case status == 0:
				continue
			case must != nil:
				p.must = must(w, k)
			}
			out = append(out, p)
		}
		return out
	}
}

// draftWords are the markers that stand in an advisory.
func draftWords(w *world, k *kase) []string { return k.words }

// onReports is a route below a report.
func onReports(path, body string, status int, must func(*report) []string) comparator {
	return func(w *world, v viewer) []probe {
		var out []probe
		for _, r := range w.reports {
			p := probe{target: strings.ReplaceAll(path, "{id}", string(r.id)), body: strings.ReplaceAll(body, "{id}", string(r.id)), want: status}
			switch {
			case !r.sees(v):
				p.want, p.id = 404, string(r.id)
			case status == 0:
				continue
			case must != nil:
				p.must = must(r)
			}
			out = append(out, p)
		}
		return out
	}
}

// decisions are about reports that wait; a released one does not exist there.
func decisions(path, body string) comparator {
	return func(w *world, v viewer) []probe {
		var out []probe
		for _, r := range w.reports {
			if r.state != released && r.sees(v) {
				continue
			}
			out = append(out, probe{target: strings.ReplaceAll(path, "{id}", string(r.id)), body: strings.ReplaceAll(body, "{id}", string(r.id)), want: 404, id: string(r.id)})
		}
		return out
	}
}

// onMessages is a route below a message of a report.
func onMessages(path string) comparator {
	return func(w *world, v viewer) []probe {
		var out []probe
		for _, r := range w.reports {
			for _, m := range r.messages {
				p := probe{target: strings.ReplaceAll(path, "{id}", string(m)), want: 200}
				if !r.sees(v) {
					p.want, p.id = 404, string(m)
				} else if r.byForm || strings.HasSuffix(path, "0") {
					p.want = 0 // not everything has an original or such a part
				}
				out = append(out, p)
			}
		}
		return out
	}
}

// onProjects is a route below a project for those who lead or belong to its team;
// whoever else asks gets the status others.
func onProjects(path, body string, others int, roles ...people.Role) comparator {
	return func(w *world, v viewer) []probe {
		var out []probe
		for _, p := range w.projects {
			x := probe{target: strings.NewReplacer("{slug}", p.slug, "{project}", string(p.id)).Replace(path), body: body, want: others}
			if p.has(v, roles...) {
				if body != "" {
					continue
				}
				x.want = 200
			}
			out = append(out, x)
		}
		return out
	}
}

// chairs is a change of a project that its chair alone may make. The others of the team
// know that there is something to change.
func chairs(path, body string) comparator {
	return func(w *world, v viewer) []probe {
		var out []probe
		for _, p := range w.projects {
			x := probe{target: strings.ReplaceAll(path, "{slug}", p.slug), body: body, want: 404}
			if p.has(v, people.Chair) {
				continue
			}
			if v.person != nil && len(p.team[v.person]) > 0 {
				x.want = 403
			}
			out = append(out, x)
		}
		return out
	}
}

// behind is a route of the bearer's link. Only its own report's things are there.
func behind(suffix, body string, want func(r *report) int, must func(r *report, v viewer) []string) comparator {
	return func(w *world, _ viewer) []probe {
		out := []probe{{target: "/status/nothing-of-this-kind" + suffix, body: body, want: 404}}
		for _, r := range w.reports {
			v := viewer{bearer: r}
			p := probe{target: r.link + suffix, body: body, as: &v}
			if p.want = want(r); p.want == 0 {
				continue
			}
			if p.want == 200 && must != nil {
				p.must = must(r, v)
			}
			out = append(out, p)
		}
		return out
	}
}

// listed compares a list: exactly these ids, in this order.
func listed[T any](target string, all func(w *world) []T, seen func(w *world, v viewer) []T, id func(T) string) comparator {
	return func(w *world, v viewer) []probe {
		p := probe{target: target, want: 200, of: []string{}, order: []string{}}
		for _, x := range all(w) {
			p.of = append(p.of, id(x))
		}
		for _, x := range seen(w, v) {
			p.order = append(p.order, id(x))
		}
		return []probe{p}
	}
}

func allCases(w *world) []*kase     { return w.cases }
func allReports(w *world) []*report { return w.reports }
func caseID(k *kase) string         { return string(k.id) }
func caseTitle(k *kase) string      { return k.title }
func reportID(r *report) string     { return string(r.id) }
func draftID(k *kase) string        { return string(k.draft) }
func draftTitle(k *kase) string     { return first(k.words) }
func drafts(w *world) (out []*kase) {
	for _, k := range w.cases {
		if k.draft != "" {
			out = append(out, k)
		}
	}
	return out
}

func first(s []string) string {
	if len(s) == 0 {
		return ""
	}
	return s[0]
}

// draftsFor are in the order of their making, newest first.
func draftsFor(w *world, v viewer) (out []*kase) {
	for _, k := range drafts(w) {
		if k.seesDraft(v) {
			out = append(out, k)
		}
	}
	slices.SortFunc(out, func(a, b *kase) int { return b.drafted - a.drafted })
	return out
}

func inOrder(s reportState) func(w *world, v viewer) []*report {
	return func(w *world, v viewer) []*report { return w.reportsFor(v, s) }
}

// counted compares the numbers of the list of cases: unread items and waiting mail.
func counted(w *world, v viewer) []probe {
	out := listed("/api/cases?state=all&order=opened", allCases, (*world).visible, caseID)(w, v)
	var want []string
	for _, k := range w.visible(v) {
		want = append(want, strconv.Itoa(k.unread(v.person))+"/"+strconv.Itoa(k.waiting(v.person))+"/"+string(k.roleOf(v)))
	}
	out[0].check = func(body string) string {
		if got := counts(body); !slices.Equal(got, want) {
			return "unread/waiting/role are " + strings.Join(got, " ") + ", the model says " + strings.Join(want, " ")
		}
		return ""
	}
	// Filters and the other orders show no more and no less.
	for _, only := range []string{"unread", "waiting"} {
		f := func(w *world, v viewer) (out []*kase) {
			for _, k := range w.visible(v) {
				if only == "unread" && k.unread(v.person) > 0 || only == "waiting" && k.waiting(v.person) > 0 {
					out = append(out, k)
				}
			}
			return out
		}
		out = append(out, listed("/api/cases?state=all&order=opened&only="+only, allCases, f, caseID)(w, v)...)
	}
	for _, order := range []string{"changed", "embargo", "severity", "due"} {
		p := listed("/api/cases?state=all&order="+order, allCases, (*world).visible, caseID)(w, v)[0]
		p.must, p.order, p.of = p.order, nil, nil // who sees what; the order is sorted by what all of them may see
		out = append(out, p)
	}
	return out
}

// searched looks for every marker of the conversations by its own word, and for a word
// that all have.
func searched(path string) comparator {
	return func(w *world, v viewer) []probe {
		all := probe{target: path + "?q=says", want: 200}
		for _, k := range w.cases {
			for at, i := range k.items {
				if i.text == "" || !k.seesItem(i, v) {
					continue
				}
				// Where it is; its words only where the viewer has read them.
				all.must = append(all.must, string(k.id))
				if at < k.seen[v.person] {
					all.must = append(all.must, i.text)
				}
			}
		}
		out := []probe{all}
		n := 0
		for _, k := range w.cases {
			for _, i := range k.items {
				if n++; i.text == "" || n%3 != len(k.items)%3 {
					continue // a third of them, another third as cases grow
				}
				p := probe{target: path + "?q=" + i.text, want: 200}
				see := k.seesItem(i, v)
				if see {
					p.must = []string{string(k.id)}
				}
				id := string(k.id)
				p.check = func(body string) string {
					if !see && strings.Contains(body, id) {
						return "finds what is hidden"
					}
					return ""
				}
				out = append(out, p)
			}
		}
		return out
	}
}

// invitedBy: an invitation is there for the invited person while it is open.
func invitedBy(path, body string) comparator {
	return func(w *world, v viewer) []probe {
		out := []probe{{target: path + "nothing-of-this-kind", body: body, want: 404}}
		for _, i := range w.invites {
			p := probe{target: path + i.token, body: body, want: 404, id: i.token}
			if v.person == i.person && i.open {
				if p.want, p.id = 200, ""; body != "" {
					continue
				}
			}
			out = append(out, p)
		}
		return out
	}
}

// spent is a one-time link that was used: for everybody it is no more.
func spent(body string) comparator {
	return func(w *world, _ viewer) []probe {
		out := []probe{{target: "/link/nothing-of-this-kind", body: body}}
		for _, name := range []string{"member", "stranger"} {
			out = append(out, probe{target: "/link/" + w.persons[name].link, body: body, id: w.persons[name].link})
		}
		return out
	}
}

// nobodyOnly is a change that every person may try for himself: only who is nobody is
// probed, so that the world stays as it is.
func nobodyOnly(target, body string) comparator {
	return func(_ *world, v viewer) []probe {
		if v.person != nil {
			return nil
		}
		return []probe{{target: target, body: body}}
	}
}

// own is a page about the person himself: nobody else's name or address is on it.
func own(target string) comparator {
	return func(w *world, v viewer) []probe {
		p := probe{target: target, want: 200}
		p.check = func(body string) string {
			for _, x := range w.persons {
				if x != v.person && strings.Contains(body, x.name+"@people.example") {
					return "shows " + x.name
				}
			}
			return ""
		}
		return []probe{p}
	}
}

// inside are the people whose team a viewer may read: members, and administrators.
func (p *project) inside(v viewer) bool {
	return len(p.team[v.person]) > 0 || v.person != nil && v.person.admin
}

// teamList compares who is named as a team: all for its members, nobody for others,
// since none agreed to be named in public.
func teamList(path string) comparator {
	return func(w *world, v viewer) []probe {
		var out []probe
		for _, p := range w.projects {
			x := probe{target: strings.ReplaceAll(path, "{slug}", p.slug), want: 200}
			x.check = func(body string) string {
				for who := range p.team {
					if strings.Contains(body, string(who.id)) != (v.person != nil && p.inside(v)) {
						return "names of " + p.slug + ": " + who.name
					}
				}
				return ""
			}
			out = append(out, x)
		}
		return out
	}
}

// members is the page of one member, for who leads the team.
func members(path, body string) comparator {
	return func(w *world, v viewer) []probe {
		var out []probe
		for _, p := range w.projects {
			if p.has(v, people.Chair, people.Deputy, people.TeamMember) {
				continue
			}
			out = append(out, probe{target: strings.NewReplacer("{slug}", p.slug, "{person}", string(p.chair.id)).Replace(path), body: body, want: 404, id: string(p.chair.id)})
		}
		return out
	}
}

// products: a project's products are its team's.
func products(path string) comparator {
	return func(w *world, v viewer) []probe {
		var out []probe
		for _, p := range w.projects {
			x := probe{target: strings.ReplaceAll(path, "{project}", string(p.id)), want: 200}
			if len(p.team[v.person]) > 0 {
				x.must = []string{p.product, p.productID}
				if !strings.Contains(path, "api") {
					x.must = x.must[:1]
				}
			}
			out = append(out, x)
		}
		return out
	}
}

// oneProductID is a route that shows no more of a product than its id.
func oneProductID(path string) comparator {
	of := oneProduct(path, "")
	return func(w *world, v viewer) []probe {
		out := of(w, v)
		for i := range out {
			out[i].must = nil
		}
		return out
	}
}

func oneProduct(path, body string) comparator {
	return func(w *world, v viewer) []probe {
		var out []probe
		for _, p := range w.projects {
			x := probe{target: strings.ReplaceAll(path, "{id}", p.productID), body: body, want: 200}
			switch {
			case len(p.team[v.person]) == 0:
				x.want, x.id = 404, p.productID
			case body != "":
				continue
			default:
				x.must = []string{p.product}
			}
			out = append(out, x)
		}
		return out
	}
}

// texts are the canned texts of a project: for its team.
func texts(path string) comparator {
	return func(w *world, v viewer) []probe {
		var out []probe
		for _, p := range w.projects {
			x := probe{target: strings.ReplaceAll(path, "{slug}", p.slug)}
			if len(p.team[v.person]) > 0 {
				x.want, x.must = 200, []string{p.text}
			}
			out = append(out, x)
		}
		return out
	}
}

func (r *report) words() []string { return append([]string{r.title}, r.texts...) }

// deskList is the moderators' list, and each report opened beside it.
func deskList(path string) comparator {
	return func(w *world, v viewer) []probe {
		out := listed(path, func(w *world) []*report { return w.inState(held) }, inOrder(held), func(r *report) string { return "r=" + string(r.id) })(w, v)
		out = append(out, listed(path+"?decided=1", func(w *world) []*report { return w.inState(decided) },
			func(w *world, v viewer) []*report { return nil }, reportID)(w, v)...)
		out[1].of, out[1].order = nil, nil
		for _, r := range w.reportsFor(v, decided) {
			out[1].must = append(out[1].must, string(r.id))
		}
		for _, r := range w.reports {
			p := probe{target: path + "?r=" + string(r.id), want: 200}
			switch {
			case r.sees(v):
				p.must = r.words()
			default:
				p.want, p.id = 0, string(r.id)
			}
			out = append(out, p)
		}
		return out
	}
}

// reportLists compares the lists of the API: which reports, in which order.
func reportLists(w *world, v viewer) []probe {
	out := listed("/api/reports", allReports, inOrder(held), reportID)(w, v)
	for _, q := range []struct {
		state string
		of    reportState
	}{{"released", released}} {
		p := listed("/api/reports?state="+q.state, allReports, inOrder(q.of), reportID)(w, v)[0]
		slices.Reverse(p.order) // newest first
		out = append(out, p)
	}
	// A cursor that is hidden is the list's beginning, like one that is nothing.
	for _, r := range w.reports {
		if !r.sees(v) {
			out = append(out, probe{target: "/api/reports?after=" + string(r.id), want: 200, id: string(r.id)})
			break
		}
	}
	return out
}

// openOnly gives one status for a report that waits or is decided, another for one
// that became a case.
func openOnly(waits, became int) func(*report) int {
	return func(r *report) int {
		if r.state == released {
			return became
		}
		return waits
	}
}

func noneOf(*report) int { return 0 }

func bearerPage(r *report, v viewer) []string { return talk(r.kase, v) }

// bearerFiles asks with every link for the files of its case and of the others.
func bearerFiles(w *world, _ viewer) []probe {
	var out []probe
	for _, r := range w.reports {
		if r.state != released {
			continue
		}
		v := viewer{bearer: r}
		for _, k := range w.cases {
			for _, i := range k.items {
				if i.file == "" {
					continue
				}
				p := probe{target: r.link + "/files/" + string(i.file), as: &v, want: 200}
				if !k.seesItem(i, v) {
					p.want, p.id = 404, string(i.file)
				}
				out = append(out, p)
			}
		}
	}
	return out
}

// decideItem: the team decides about mail that waits; who sees the case and is not of
// the team is denied, for others there is no case.
func decideItem(denied int) func(k *kase, i *item, v viewer) int {
	return func(k *kase, _ *item, v viewer) int {
		switch {
		case k.team(v):
			return 0
		case k.sees(v):
			return denied
		}
		return 404
	}
}

func readItem(k *kase, i *item, v viewer) int {
	if k.seesItem(i, v) {
		return 200
	}
	return 404
}

func titleOfDraft(_ *world, k *kase) []string { return k.words[:1] }

// draftOf begins the advisory of a case: for who does not work on it there is none.
func draftOf(path, body string) comparator {
	return func(w *world, v viewer) []probe {
		var out []probe
		for _, k := range w.cases {
			if !k.team(v) {
				out = append(out, probe{target: strings.ReplaceAll(path, "{id}", string(k.id)), body: body, want: 404, id: string(k.id)})
			}
		}
		return out
	}
}

// loosely leaves the status open for those who may: a page may first ask for a proof.
func loosely(c comparator) comparator {
	return func(w *world, v viewer) []probe {
		out := c(w, v)
		for i := range out {
			if out[i].want == 200 {
				out[i].want = 0
			}
		}
		return out
	}
}

// both asks what two comparators ask.
func both(a, b comparator) comparator {
	return func(w *world, v viewer) []probe { return append(a(w, v), b(w, v)...) }
}

func anyItem(i *item) string { return string(i.id) }
