package scope

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"pgregory.net/rapid"

	"github.com/tocsin-sec/tocsin/internal/advisory"
	"github.com/tocsin-sec/tocsin/internal/base/unit"
	"github.com/tocsin-sec/tocsin/internal/casework"
	"github.com/tocsin-sec/tocsin/internal/desk"
	"github.com/tocsin-sec/tocsin/internal/people"
	"github.com/tocsin-sec/tocsin/internal/platform/sqldb"
)

// operation is one drawn step: what, and three numbers that pick among what there is.
// It is data, so that the same steps can run in two worlds.
type operation struct {
	Kind    string
	A, B, C int
}

var operations = map[string]func(w *world, o operation) bool{
	"mail arrives":     (*world).mailArrives,
	"form arrives":     (*world).formArrives,
	"release":          (*world).release,
	"decide":           (*world).decide,
	"reopen":           (*world).reopen,
	"duty":             (*world).duty,
	"open a case":      (*world).openCase,
	"message":          (*world).message,
	"note":             (*world).note,
	"invite":           (*world).invite,
	"accept":           (*world).accept,
	"remove":           (*world).remove,
	"change role":      (*world).changeRole,
	"dismiss":          (*world).dismiss,
	"mail to a case":   (*world).mailToCase,
	"let in or refuse": (*world).letIn,
	"bearer writes":    (*world).bearerWrites,
	"claim":            (*world).claim,
	"draft":            (*world).draft,
}

func drawOperation() *rapid.Generator[operation] {
	var kinds []string
	for k := range operations {
		kinds = append(kinds, k)
	}
	// A drawn number must mean the same in each run.
	slices.Sort(kinds)
	return rapid.Custom(func(t *rapid.T) operation {
		n := rapid.IntRange(0, 1<<16)
		return operation{rapid.SampledFrom(kinds).Draw(t, "kind"), n.Draw(t, "a"), n.Draw(t, "b"), n.Draw(t, "c")}
	})
}

// apply runs one operation; false says that nothing of that kind was possible.
func (w *world) apply(o operation) bool {
	w.t.Helper()
	w.pass(time.Minute)
	return operations[o.Kind](w, o)
}

func pick[T any](list []T, n int) T { return list[n%len(list)] }

// team lists a project's people in a fixed order.
func (w *world) teamOf(p *project, roles ...people.Role) []*person {
	var out []*person
	for _, a := range w.actors {
		if a.person != nil && a.token == "" && p.has(viewer{person: a.person}, roles...) {
			out = append(out, a.person)
		}
	}
	return out
}

// on lists the people on a case in a fixed order.
func (w *world) on(k *kase, roles ...people.Role) []*person {
	var out []*person
	for _, a := range w.actors {
		if a.person == nil || a.token != "" {
			continue
		}
		for _, r := range roles {
			if k.roles[a.person][r] {
				out = append(out, a.person)
				break
			}
		}
	}
	return out
}

func rawMail(to, subject, text, file string, n int) string {
	return strings.ReplaceAll(fmt.Sprintf("From: Finder <finder%d@research.example>\nTo: %s\nSubject: %s\nDate: Mon, 2 Mar 2026 09:00:00 +0000\n"+
		"Message-ID: <m%d@research.example>\nMIME-Version: 1.0\nContent-Type: multipart/mixed; boundary=bb\n\n"+
		"--bb\nContent-Type: text/plain; charset=utf-8\n\n%s\n--bb\nContent-Type: application/octet-stream; name=%s.bin\n"+
		"Content-Disposition: attachment; filename=%s.bin\nContent-Transfer-Encoding: base64\n\naGVsbG8=\n--bb--\n", n, to, subject, n, text, file, file), "\n", "\r\n")
}

func (w *world) mailIn(to, raw string) {
	w.t.Helper()
	w.must(w.app.Door.Accept(w.ctx, desk.Incoming{From: "finder@research.example", To: []string{to}, HELO: "mail.example", TLS: true, Body: strings.NewReader(raw)}))
	w.drain()
}

func (w *world) mailArrives(o operation) bool {
	p := pick(w.projects, o.A/3) // mostly to either
	r := &report{project: p, state: held, order: len(w.reports)}
	r.title = w.mark("title of a report", r.told)
	body, file := w.mark("words of a report", r.told), w.mark("file of a report", r.told)
	r.texts = []string{body, file}
	before := w.heldIDs(p)
	w.mailIn(p.p.Address(), rawMail(p.p.Address(), r.title, "It says "+body, file, w.names))
	return w.arrived(r, before)
}

// heldIDs asks as the moderators do which reports are held.
func (w *world) heldIDs(p *project) map[desk.ReportID]bool {
	out := map[desk.ReportID]bool{}
	list, err := w.app.Desk.List(w.ctx, pick(w.teamOf(p, people.Moderator), 0).sc, desk.Query{Limit: 500, Project: p.id})
	w.must(err)
	for _, r := range list {
		out[r.ID] = true
	}
	return out
}

func (w *world) arrived(r *report, before map[desk.ReportID]bool) bool {
	w.t.Helper()
	for id := range w.heldIDs(r.project) {
		if !before[id] {
			r.id = id
		}
	}
	if r.id == "" {
		w.t.Fatal("the report is not held")
	}
	w.object(string(r.id), "id of a report", r.told)
	w.reports = append(w.reports, r)
	moderator := pick(w.teamOf(r.project, people.Moderator), 0)
	d, err := w.app.Desk.See(w.ctx, moderator.sc, r.id)
	w.must(err)
	r.link = strings.TrimPrefix(w.app.Desk.StatusURL(d.Report), "http://tocsin.example")
	for _, m := range d.Messages {
		r.messages = append(r.messages, m.ID)
		w.object(string(m.ID), "id of a report's message", r.told)
	}
	return true
}

func (w *world) formArrives(o operation) bool {
	p := pick(w.projects, o.A/3)
	r := &report{project: p, state: held, order: len(w.reports), byForm: true}
	r.title = w.mark("title of a report by form", r.told)
	r.texts = []string{w.mark("words of a report by form", r.told)}
	before := w.heldIDs(p)
	in, err := json.Marshal(map[string]any{"title": r.title, "what": "It says " + r.texts[0], "name": "Finder", "address": "finder@research.example"})
	w.must(err)
	got := w.ask(&actor{name: "a reporter", remote: w.address()}, "POST", "/api/projects/"+p.slug+"/reports", string(in))
	if got.status/100 != 2 {
		w.t.Fatalf("submit: %d %s", got.status, got.body)
	}
	w.drain()
	return w.arrived(r, before)
}

func (w *world) inState(s reportState, projects ...*project) []*report {
	var out []*report
	for _, r := range w.reports {
		if r.state == s {
			out = append(out, r)
		}
	}
	return out
}

func (w *world) release(o operation) bool {
	list := w.inState(held)
	if len(list) == 0 || len(w.cases) >= 8 {
		return false
	}
	r := pick(list, o.A)
	by := pick(w.teamOf(r.project, people.Moderator), o.B)
	why := w.mark("reason of a release", r.told)
	k := &kase{project: r.project, report: r, roles: map[*person]map[people.Role]bool{}, seen: map[*person]int{}}
	k.title = w.mark("title of a case", k.sees)
	id, err := w.app.Cases.OpenFromReport(w.ctx, by.sc, casework.OpenFromReport{Report: r.id, Title: k.title, Reason: why, Team: o.C%2 == 0})
	w.must(err)
	r.state, r.kase = released, k
	w.opened(k, id, by, o.C%2 == 0)
	return true
}

// opened enters a case into the model: the opener, chair and deputies lead, the team
// joins where it was asked to.
func (w *world) opened(k *kase, id casework.CaseID, by *person, all bool) {
	w.t.Helper()
	k.id, k.order = id, len(w.cases)
	w.cases = append(w.cases, k)
	w.object(string(id), "id of a case", k.sees)
	k.join(by, people.Lead)
	for p := range k.project.team {
		switch v := (viewer{person: p}); {
		case p == by:
		case k.project.has(v, people.Chair, people.Deputy):
			k.join(p, people.Lead)
		case all:
			k.join(p, people.Member)
		}
	}
	w.drain()
	w.learn(k, func(i casework.Item) *item { return &item{hold: i.Hold, team: i.Audience == casework.Team} })
}

// learn reads the items that the model does not know yet, as a lead.
func (w *world) learn(k *kase, fresh func(casework.Item) *item) {
	w.t.Helper()
	lead := pick(w.on(k, people.Lead), 0)
	w.view(func(ctx context.Context, v unit.View) error {
		items, err := w.app.Cases.Conversation(ctx, v, lead.sc, k.id, 0, 500)
		if err != nil {
			return err
		}
		for _, i := range items[min(len(k.items), len(items)):] {
			x := fresh(i)
			x.id = i.ID
			if len(i.Files) > 0 {
				x.file = i.Files[0].ID
			}
			k.items = append(k.items, x)
			w.object(string(i.ID), "id of an item", func(v viewer) bool { return k.seesItem(x, v) })
			for _, f := range i.Files {
				w.object(string(f.ID), "id of a file", func(v viewer) bool { return k.seesItem(x, v) })
			}
		}
		return nil
	})
}

func (w *world) decide(o operation) bool {
	list := w.inState(held)
	if len(list) == 0 {
		return false
	}
	r := pick(list, o.A)
	by := pick(w.teamOf(r.project, people.Moderator), o.B)
	why := w.mark("reason of a decision", r.sees)
	d := pick([]desk.Decision{desk.Reject, desk.SayNotOurs, desk.MarkSpam}, o.C)
	w.must(w.app.Desk.Decide(w.ctx, by.sc, desk.Decide{Reports: []desk.ReportID{r.id}, Do: d, Reason: why}))
	r.state = decided
	return true
}

func (w *world) reopen(o operation) bool {
	list := w.inState(decided)
	if len(list) == 0 {
		return false
	}
	r := pick(list, o.A)
	by := pick(w.teamOf(r.project, people.Moderator), o.B)
	w.must(w.app.Desk.Decide(w.ctx, by.sc, desk.Decide{Reports: []desk.ReportID{r.id}, Do: desk.Reopen, Reason: "A mistake."}))
	r.state = held
	return true
}

// duty puts somebody on or off; the last one stays.
func (w *world) duty(o operation) bool {
	p := pick(w.projects, o.A)
	who := pick(w.teamOf(p, people.Chair, people.Deputy, people.TeamMember), o.B)
	on := !p.team[who][people.Moderator]
	if !on && len(w.teamOf(p, people.Moderator)) == 1 {
		return false
	}
	w.must(w.app.Members.Duty(w.ctx, who.sc, p.id, who.id, on))
	p.grant(who, people.Moderator)
	if !on {
		delete(p.team[who], people.Moderator)
	}
	return true
}

func (w *world) openCase(o operation) bool {
	if len(w.cases) >= 8 {
		return false
	}
	p := pick(w.projects, o.A/3)
	by := pick(w.teamOf(p, people.Chair, people.Deputy, people.TeamMember), o.B)
	k := &kase{project: p, roles: map[*person]map[people.Role]bool{}, seen: map[*person]int{}}
	k.title = w.mark("title of a case of our own", k.sees)
	text := w.mark("first words of a case", k.sees)
	id, err := w.app.Cases.Open(w.ctx, by.sc, casework.Open{Project: p.id, Title: k.title, Text: text, Reason: w.mark("reason of a case", k.sees), Team: o.C%2 == 0})
	w.must(err)
	w.opened(k, id, by, o.C%2 == 0)
	return true
}

func (w *world) write(o operation, note bool, what string, roles ...people.Role) bool {
	if len(w.cases) == 0 {
		return false
	}
	k := pick(w.cases, o.A)
	by := pick(w.on(k, roles...), o.B)
	i := &item{team: note, hold: casework.Posted}
	i.text = w.mark(what, func(v viewer) bool { return k.seesItem(i, v) })
	cmd := casework.PostMessage{Case: k.id, Text: "It says " + i.text, Note: note}
	if o.C%2 == 0 {
		name := w.mark("file of "+what, func(v viewer) bool { return k.seesItem(i, v) })
		f, err := w.app.Cases.Upload(w.ctx, by.sc, k.id, name+".txt", "text/plain", strings.NewReader("bytes"))
		w.must(err)
		cmd.Files = []casework.File{f}
	}
	_, err := w.app.Cases.PostMessage(w.ctx, by.sc, cmd)
	w.must(err)
	w.learn(k, func(casework.Item) *item { return i })
	return true
}

func (w *world) message(o operation) bool {
	return w.write(o, false, "a message", people.Lead, people.Member, people.Reporter)
}

func (w *world) note(o operation) bool {
	return w.write(o, true, "an internal note", people.Lead, people.Member)
}

func (w *world) invite(o operation) bool {
	if len(w.cases) == 0 {
		return false
	}
	k := pick(w.cases, o.A)
	who := w.persons[pick([]string{"guest", "visitor", "guest", "helper", "second"}, o.B)]
	role := pick([]people.Role{people.Observer, people.Reporter, people.Member}, o.C)
	if k.sees(viewer{person: who}) {
		return false
	}
	for _, i := range w.invites {
		if i.open && i.kase == k && i.person == who {
			return false
		}
	}
	lead := pick(w.on(k, people.Lead), o.C)
	w.must(w.app.Cases.Invite(w.ctx, lead.sc, casework.Invite{Case: k.id, Person: who.id, Role: role}))
	w.invites = append(w.invites, &invitation{kase: k, person: who, role: role, token: w.lastLink(), open: true})
	return true
}

// lastLink reads the link out of the newest letter, as its recipient does.
func (w *world) lastLink() string {
	w.t.Helper()
	link := ""
	w.view(func(ctx context.Context, v unit.View) error {
		id, err := sqldb.One(ctx, v, sqldb.Value[string], `select d.id from people_delivery d order by d.created_at desc, d.id limit 1`)
		if err != nil {
			return err
		}
		_, l, err := w.app.Mailroom.Letters.LoadDelivery(ctx, v, people.AsJob(people.KindSend, id), id)
		link = l.Link
		return err
	})
	at := strings.LastIndex(link, "/invitations/")
	if at < 0 {
		w.t.Fatalf("the letter's link is %q", link)
	}
	return link[at+len("/invitations/"):]
}

func (w *world) accept(o operation) bool {
	for n := range w.invites {
		i := w.invites[(n+o.A)%len(w.invites)]
		if !i.open {
			continue
		}
		_, err := w.app.Cases.Accept(w.ctx, i.person.sc, i.token, 1)
		w.must(err)
		i.open = false
		i.kase.join(i.person, i.role)
		i.kase.comes(i.person, "", i.role)
		return true
	}
	return false
}

// remove ends a role; the last lead stays.
func (w *world) remove(o operation) bool {
	if len(w.cases) == 0 {
		return false
	}
	k := pick(w.cases, o.A)
	who := pick(w.on(k, people.Lead, people.Member, people.Reporter, people.Observer), o.B)
	role := k.roleOf(viewer{person: who})
	leads := w.on(k, people.Lead)
	if role == people.Lead && len(leads) == 1 {
		return false
	}
	w.must(w.app.Cases.Remove(w.ctx, pick(leads, o.C).sc, k.id, who.id, role, "Not needed here."))
	delete(k.roles[who], role)
	return true
}

// dismiss ends every role of a guest on a case.
func (w *world) dismiss(o operation) bool {
	if len(w.cases) == 0 {
		return false
	}
	k := pick(w.cases, o.A)
	who := w.persons[pick([]string{"guest", "visitor", "helper"}, o.B)]
	role := k.roleOf(viewer{person: who})
	if role == "" || role == people.Lead {
		return false
	}
	w.must(w.app.Cases.Remove(w.ctx, w.on(k, people.Lead)[0].sc, k.id, who.id, role, "Not needed here."))
	delete(k.roles[who], role)
	return true
}

func (w *world) changeRole(o operation) bool {
	if len(w.cases) == 0 {
		return false
	}
	k := pick(w.cases, o.A)
	who := pick(w.on(k, people.Member, people.Reporter, people.Observer, people.Lead), o.B)
	from := k.roleOf(viewer{person: who})
	to := pick([]people.Role{people.Observer, people.Member, people.Reporter}, o.C)
	leads := w.on(k, people.Lead)
	if from == to || from == people.Lead || k.roles[who][to] {
		return false
	}
	w.must(w.app.Cases.ChangeRole(w.ctx, leads[0].sc, k.id, who.id, from, to))
	delete(k.roles[who], from)
	k.join(who, to)
	k.comes(who, from, to)
	return true
}

// mailToCase sends a mail that nothing authenticates: it waits at the case.
func (w *world) mailToCase(o operation) bool {
	if len(w.cases) == 0 {
		return false
	}
	k := pick(w.cases, o.A)
	lead := w.on(k, people.Lead)[0]
	tag := ""
	w.do(func(ctx context.Context, tx unit.Tx) (err error) {
		tag, err = w.app.Desk.Threads.Tag(ctx, tx, lead.sc, string(k.id), "finder@research.example")
		return err
	})
	i := &item{hold: casework.Waiting}
	sees := func(v viewer) bool { return k.seesItem(i, v) }
	i.text = w.mark("a mail to a case", sees)
	to := desk.TaggedAddress(k.project.p.Address(), tag)
	w.mailIn(to, rawMail(to, w.mark("subject of a mail to a case", sees), "It says "+i.text, w.mark("file of a mail to a case", sees), w.names))
	w.learn(k, func(casework.Item) *item { return i })
	return true
}

func (w *world) letIn(o operation) bool {
	for n := range w.cases {
		k := w.cases[(n+o.A)%len(w.cases)]
		for at, i := range k.items {
			if i.hold != casework.Waiting {
				continue
			}
			cmd := casework.Decide{Case: k.id, Item: i.id, LetIn: o.B%3 != 0, Team: o.B%3 == 1, Reason: "Looked at."}
			w.must(w.app.Cases.DecideMail(w.ctx, w.on(k, people.Lead)[0].sc, cmd))
			i.hold, i.team = casework.Posted, cmd.Team
			if !cmd.LetIn {
				i.hold = casework.Refused
				return true
			}
			// It is the newest now. Whoever had seen it wait has seen one less of the others.
			for p, through := range k.seen {
				if at < through {
					k.seen[p]--
				}
			}
			k.items = append(slices.Delete(k.items, at, at+1), i)
			return true
		}
	}
	return false
}

// bearerWrites is the reporter without an account, over his link.
func (w *world) bearerWrites(o operation) bool {
	if len(w.reports) == 0 {
		return false
	}
	r := pick(w.reports, o.A)
	if r.state != released {
		return false
	}
	k := r.kase
	i := &item{hold: casework.Posted}
	i.text = w.mark("a word of the bearer", func(v viewer) bool { return k.seesItem(i, v) })
	_, err := w.app.Cases.PostMessage(w.ctx, people.AsBearer(string(r.id)), casework.PostMessage{Case: k.id, Text: "It says " + i.text})
	w.must(err)
	w.learn(k, func(casework.Item) *item { return i })
	return true
}

// claim says that something is exploited: the team reads it. Who waits for the answer
// to his claim cannot repeat it.
func (w *world) claim(o operation) bool {
	if len(w.cases) == 0 {
		return false
	}
	k := pick(w.cases, o.A)
	by := pick(w.on(k, people.Lead, people.Member, people.Reporter, people.Observer), o.B)
	if k.claimed[by] {
		return false
	}
	if k.claimed == nil {
		k.claimed = map[*person]bool{}
	}
	k.claimed[by] = true
	w.must(w.app.Cases.ClaimFact(w.ctx, by.sc, k.id, casework.IsExploited, w.mark("a claim", k.team)))
	return true
}

// draft begins the advisory of a case and writes into it.
func (w *world) draft(o operation) bool {
	if len(w.cases) == 0 {
		return false
	}
	k := pick(w.cases, o.A)
	if k.draft != "" {
		return false
	}
	by := pick(w.on(k, people.Lead, people.Member), o.B)
	id, err := w.app.Advisories.Draft(w.ctx, by.sc, string(k.id))
	w.must(err)
	k.draft = id
	w.object(string(id), "id of an advisory", k.seesDraft)
	k.words = []string{w.mark("title of a draft", k.seesDraft), w.mark("summary of a draft", k.seesDraft)}
	k.drafted = w.names
	w.edit(k, by, func(r *advisory.Record) { r.Title, r.Summary = k.words[0], "It says "+k.words[1] })
	return true
}

func (w *world) edit(k *kase, by *person, f func(*advisory.Record)) {
	w.t.Helper()
	var a advisory.Advisory
	var r advisory.Record
	w.view(func(ctx context.Context, v unit.View) (err error) {
		if a, err = w.app.Advisories.Get(ctx, v, by.sc, k.draft); err != nil {
			return err
		}
		r, err = w.app.Advisories.Current(ctx, v, by.sc, a)
		return err
	})
	f(&r)
	w.must(w.app.Advisories.Save(w.ctx, by.sc, k.draft, a.Working.Hash, r, ""))
}
