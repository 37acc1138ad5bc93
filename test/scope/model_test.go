package scope

import (
	"fmt"
	"slices"

	"github.com/tocsin-sec/tocsin/internal/advisory"
	"github.com/tocsin-sec/tocsin/internal/casework"
	"github.com/tocsin-sec/tocsin/internal/desk"
	"github.com/tocsin-sec/tocsin/internal/people"
)

// The model: what there is, and a few lines that say who sees it. It is written from
// the issue and the design, not from the code.

// viewer is for whom a request runs: a person, the bearer of a report's link, or
// neither.
type viewer struct {
	person *person
	bearer *report
}

// actor is one way to come to the site.
type actor struct {
	name   string
	person *person
	token  string // of the API; "" for the session's cookie
	write  bool   // of the token
	remote string
}

type reportState int

const (
	held reportState = iota + 1
	decided
	released
)

type report struct {
	id       desk.ReportID
	project  *project
	state    reportState
	kase     *kase
	link     string // path of the reporter's secret page
	title    string // marker
	texts    []string
	order    int // of arrival
	messages []desk.MessageID
	byForm   bool
}

// item is one of a case's conversation, in the order of numbers.
type item struct {
	id   casework.ItemID
	text string // marker
	team bool   // an internal note
	hold casework.Hold
	file casework.FileID // "" without
}

type kase struct {
	id      casework.CaseID
	project *project
	report  *report // nil: the team's own finding
	title   string  // marker
	roles   map[*person]map[people.Role]bool
	items   []*item
	seen    map[*person]int
	draft   advisory.ID
	words   []string // markers of its advisory, the title first
	drafted int
	order   int
	claimed map[*person]bool // nobody answers in this world
}

type invitation struct {
	kase   *kase
	person *person
	role   people.Role
	token  string
	open   bool
}

// marker is a text that is nowhere else, so that any answer which has it came to know
// the thing it stands in.
type marker struct {
	text, what string
	sees       func(viewer) bool
}

func (w *world) mark(what string, sees func(viewer) bool) string {
	w.names++
	text := fmt.Sprintf("mk%05dx", w.names)
	w.markers = append(w.markers, &marker{text, what, sees})
	return text
}

// object notes the id of a thing: who does not see it must not meet its id.
func (w *world) object(id, what string, sees func(viewer) bool) {
	w.ids = append(w.ids, &marker{id, what, sees})
}

func (p *project) has(v viewer, roles ...people.Role) bool {
	if v.person == nil {
		return false
	}
	for _, r := range roles {
		if p.team[v.person][r] {
			return true
		}
	}
	return false
}

// sees: held and decided reports are for the moderators on duty, released ones for
// those who work on the case.
func (r *report) sees(v viewer) bool {
	if r.state != released {
		return r.project.has(v, people.Moderator)
	}
	return r.kase.team(v)
}

// told: what the report says is also read by everyone on its case, where it is the
// first item, and by the bearer of its link.
func (r *report) told(v viewer) bool {
	return r.sees(v) || v.bearer == r && v.bearer != nil || r.state == released && r.kase.sees(v)
}

// roleOf is the best role on the case, "" for none. The bearer of the link of its
// report is a reporter.
func (k *kase) roleOf(v viewer) people.Role {
	if v.bearer != nil && v.bearer == k.report {
		return people.Reporter
	}
	for _, r := range []people.Role{people.Lead, people.Member, people.Reporter, people.Observer} {
		if v.person != nil && k.roles[v.person][r] {
			return r
		}
	}
	return ""
}

func (k *kase) sees(v viewer) bool { return k.roleOf(v) != "" }

// team: leads and members work on the case.
func (k *kase) team(v viewer) bool {
	r := k.roleOf(v)
	return r == people.Lead || r == people.Member
}

// seesItem: notes, and mail that waits or was refused, are the team's.
func (k *kase) seesItem(i *item, v viewer) bool {
	return k.team(v) || k.sees(v) && !i.team && i.hold == casework.Posted
}

// seesDraft: an advisory that is not published is for those who work on its case.
func (k *kase) seesDraft(v viewer) bool { return k.team(v) }

func (k *kase) join(p *person, r people.Role) {
	if k.roles[p] == nil {
		k.roles[p] = map[people.Role]bool{}
	}
	k.roles[p][r] = true
}

// comes forgets what somebody has seen who comes to the team: his mark passed notes and
// held mail that he did not see.
func (k *kase) comes(p *person, from, to people.Role) {
	if !casework.OfTeam(from) && casework.OfTeam(to) {
		delete(k.seen, p)
	}
}

// unread counts what the person sees of what came since he looked.
func (k *kase) unread(p *person) (n int) {
	for at, i := range k.items {
		if at >= k.seen[p] && k.seesItem(i, viewer{person: p}) {
			n++
		}
	}
	return n
}

// waiting counts held mail, for the team.
func (k *kase) waiting(p *person) (n int) {
	for _, i := range k.items {
		if i.hold == casework.Waiting && k.team(viewer{person: p}) {
			n++
		}
	}
	return n
}

// visible are the cases that a viewer sees, newest first.
func (w *world) visible(v viewer) []*kase {
	var out []*kase
	for _, k := range slices.Backward(w.cases) {
		if k.sees(v) {
			out = append(out, k)
		}
	}
	return out
}

// reportsFor are the reports in a state that a viewer sees, oldest first.
func (w *world) reportsFor(v viewer, s reportState) []*report {
	var out []*report
	for _, r := range w.reports {
		if r.state == s && r.sees(v) {
			out = append(out, r)
		}
	}
	return out
}

// makeActors lists everybody who asks.
func (w *world) makeActors() {
	add := func(a actor) {
		a.remote = fmt.Sprintf("192.0.2.%d:4000", len(w.actors)+1)
		w.actors = append(w.actors, &a)
	}
	add(actor{name: "anybody"})
	for _, name := range []string{"outsider", "rival", "helper", "guest", "visitor", "root", "chair", "deputy", "member", "second"} {
		add(actor{name: name, person: w.persons[name]})
	}
	for _, name := range []string{"member", "rival", "root", "guest"} {
		add(actor{name: name + "'s reading token", person: w.persons[name], token: w.persons[name].tokens[false]})
	}
	for _, name := range []string{"chair", "helper", "outsider"} {
		add(actor{name: name + "'s writing token", person: w.persons[name], token: w.persons[name].tokens[true], write: true})
	}
}
