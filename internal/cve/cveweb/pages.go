// Package cveweb is the pages and the API of CVE numbers: the panel and the page of a
// case, the form that asks another CNA, and the settings and the pool of a project. The
// rules are in cve.
package cveweb

import (
	"context"
	"embed"
	"html/template"
	"strings"
	"time"

	"github.com/tocsin-sec/tocsin/internal/base/fault"
	"github.com/tocsin-sec/tocsin/internal/base/unit"
	"github.com/tocsin-sec/tocsin/internal/casework"
	"github.com/tocsin-sec/tocsin/internal/cve"
	"github.com/tocsin-sec/tocsin/internal/people"
	"github.com/tocsin-sec/tocsin/internal/platform/webui"
)

//go:embed templates
var files embed.FS

// Pages are the pages of CVE numbers.
type Pages struct {
	Work    unit.Work
	Numbers *cve.Service
	Cases   *casework.Service
	People  *people.Directory
}

// Register adds the pages and the API to the App.
func (p Pages) Register(app *webui.App) {
	app.Set("cve", files)
	app.Page("GET /cases/{id}/cve", webui.SignedIn, p.show)
	app.Page("POST /cases/{id}/cve", webui.SignedIn, p.act)
	app.Page("GET /cases/{id}/cve/ask", webui.SignedIn, p.ask)
	app.Page("POST /cases/{id}/cve/ask", webui.SignedIn, p.request)
	app.Page("GET /teams/{project}/cve", webui.SignedIn, p.setup)
	app.Page("POST /teams/{project}/cve", webui.SignedIn, p.saveSetup)
	app.Page("GET /teams/{project}/cve/pool", webui.SignedIn, p.pool)
	app.Page("POST /teams/{project}/cve/pool", webui.SignedIn, p.changePool)
	p.registerAPI(app)
}

// Panel is the numbers at the side of the case page.
func (p Pages) Panel() webui.Panel {
	return webui.Panel{Key: "cve.panel.title", Order: 15, Render: p.panel}
}

func scope(c *webui.Ctx) people.Scope { return people.From(c.Context()) }

// row is a number on a page.
type row struct {
	cve.Number
	Kind  string // of the state's shape
	Word  string
	Asked string // of whom it was asked
	By    string // who entered it
	Kept  []webui.Option
	Team  bool
}

// May reports which actions the row offers; the rules are in cve.
func (r row) May(do string) bool {
	if !r.Team {
		return false
	}
	live := r.State == cve.Assigned || r.State == cve.Published || r.State == cve.Disputed
	switch do {
	case "enter", "drop":
		return r.State == cve.Requested
	case "reject":
		return live && r.ToReject.IsZero()
	case "published":
		return r.State == cve.Assigned && !r.Ours() && r.ToReject.IsZero()
	case "rejected":
		return live && !r.Ours() && !r.ToReject.IsZero()
	case "contest":
		return r.State == cve.Published && r.ToReject.IsZero()
	case "settle":
		return r.State == cve.Disputed
	case "keep":
		return !r.AskReject.IsZero()
	case "again":
		return r.Problem != "" && r.Todo != cve.Nothing
	}
	return false
}

// shape is the state as word and shape.
func shape(n cve.Number) (kind, word string) {
	switch n.State {
	case cve.Requested:
		return "wait", "cve.state.requested"
	case cve.Reserved:
		return "open", "cve.state.reserved"
	case cve.Assigned:
		return "open", "cve.state.assigned"
	case cve.Published:
		return "ok", "cve.state.published"
	case cve.Disputed:
		return "warn", "cve.state.disputed"
	case cve.Rejected:
		return "off", "cve.state.rejected"
	case cve.Dropped:
	}
	return "off", "cve.state.dropped"
}

type view struct {
	Title   string
	Base    string
	Team    bool
	Rows    []row
	Ways    cve.Ways
	Has     bool // a number stands or is asked for: another needs a clear word
	Members []webui.Option
	Now     time.Time
}

func (p Pages) read(c *webui.Ctx, id string) (view, error) {
	v := view{Base: "/cases/" + id, Now: c.Now()}
	err := p.Work.View(c.Context(), func(ctx context.Context, tx unit.View) error {
		sc := scope(c)
		cs, role, err := p.Cases.Get(ctx, tx, sc, casework.CaseID(id))
		if err != nil {
			return err
		}
		v.Title, v.Team = cs.Title, role == people.Lead || role == people.Member
		all, err := p.Numbers.OfCase(ctx, tx, sc, cs.ID)
		if err != nil {
			return err
		}
		if v.Ways, err = p.Numbers.Ways(ctx, tx, sc, cs); err != nil {
			return err
		}
		var who []string
		for _, n := range all {
			who = append(who, string(n.EnteredBy), string(n.AskedOf))
		}
		names, err := p.Cases.Names(ctx, tx, sc, cs.ID, who...)
		if err != nil {
			return err
		}
		v.rows(c, all, names)
		if v.Team {
			v.Members, err = p.members(ctx, tx, sc, cs)
		}
		return err
	})
	return v, err
}

func (v *view) rows(c *webui.Ctx, all []cve.Number, names map[string]string) {
	for _, n := range all {
		r := row{Number: n, By: names[string(n.EnteredBy)], Asked: names[string(n.AskedOf)], Team: v.Team}
		r.Kind, r.Word = shape(n)
		if n.Origin != cve.OfMember {
			r.Asked = n.Words.Asked
		}
		for _, k := range all {
			if k.ID != n.ID && k.Stands() {
				r.Kept = append(r.Kept, webui.Option{Value: string(k.ID), Text: k.CVE})
			}
		}
		if len(r.Kept) > 0 {
			r.Kept = append([]webui.Option{{Value: "", Text: c.T("cve.kept.none")}}, r.Kept...)
		}
		v.Has = v.Has || n.Stands() || n.State == cve.Requested
		v.Rows = append(v.Rows, r)
	}
}

// members are who may be asked: leads and members of the case.
func (p Pages) members(ctx context.Context, tx unit.View, sc people.Scope, cs casework.Case) ([]webui.Option, error) {
	_, note, err := p.Cases.Readers(ctx, tx, sc, cs)
	var out []webui.Option
	for _, r := range note {
		if r.Person != "" && (r.Role == people.Lead || r.Role == people.Member) {
			out = append(out, webui.Option{Value: string(r.Person), Text: r.Name})
		}
	}
	return out, err
}

func (p Pages) panel(c *webui.Ctx, id string) (template.HTML, error) {
	v, err := p.read(c, id)
	if err != nil {
		return "", err
	}
	if len(v.Rows) == 0 && !v.Team {
		return "", webui.ErrNoPanel
	}
	return c.HTML("cve/panel", v)
}

func (p Pages) show(c *webui.Ctx) error { return p.page(c, nil) }

func (p Pages) page(c *webui.Ctx, failed error) error {
	v, err := p.read(c, c.Path("id"))
	if err != nil {
		return err
	}
	return c.RenderForm("cve/page", v, failed)
}

// act does what a form of the case's page asks for.
func (p Pages) act(c *webui.Ctx) error {
	id, do := casework.CaseID(c.Path("id")), c.Value("do")
	if do == "reject" && c.Value("sure") == "" {
		return p.sure(c, id)
	}
	if err := p.carryOut(c, id, do); err != nil {
		return p.page(c, err)
	}
	c.Flash("cve.flash.done")
	return c.Redirect("/cases/" + string(id) + "/cve")
}

func (p Pages) carryOut(c *webui.Ctx, id casework.CaseID, do string) error {
	ctx, sc := c.Context(), scope(c)
	n := cve.NumberID(c.Value("number"))
	// The fields of each row carry its number, so that what was typed comes back there.
	field := func(name string) string { return c.Value(name + "_" + string(n)) }
	switch do {
	case "take":
		_, err := p.Numbers.Take(ctx, sc, id, 0, c.Checked("another"))
		return err
	case "enter":
		return p.enter(c, id)
	case "answer":
		_, err := p.Numbers.Enter(ctx, sc, id, cve.Entry{Request: n, CVE: field("cve"), AssignedBy: field("by")})
		return named(err, n)
	case "drop":
		return named(p.Numbers.Drop(ctx, sc, id, n, field("reason")), n)
	case "reject":
		return p.Numbers.Reject(ctx, sc, id, n, cve.Rejection{Reason: field("reason"), Kept: cve.NumberID(field("kept")), Rejecter: field("rejecter")})
	case "published":
		return p.Numbers.Done(ctx, sc, id, n, cve.Published)
	case "rejected":
		return p.Numbers.Done(ctx, sc, id, n, cve.Rejected)
	case "contest":
		return named(p.Numbers.Contest(ctx, sc, id, n, field("by"), field("reason")), n)
	case "settle":
		return named(p.Numbers.Settle(ctx, sc, id, n, field("reason")), n)
	case "keep":
		return named(p.Numbers.Keep(ctx, sc, id, n, field("reason")), n)
	case "again":
		return p.Numbers.Again(ctx, sc, id, n)
	}
	return fault.New(fault.Invalid, "fault.malformed")
}

func (p Pages) enter(c *webui.Ctx, id casework.CaseID) error {
	var checks fault.Checks
	e := cve.Entry{CVE: c.Value("cve"), AssignedBy: c.Value("assigned_by"), Another: c.Checked("another")}
	if c.Value("at") != "" {
		e.At = c.Time(&checks, "at")
	}
	if err := checks.Err(); err != nil {
		return err
	}
	_, err := p.Numbers.Enter(c.Context(), scope(c), id, e)
	return err
}

// named gives the fields of a fault the names that they have in a row's form.
func named(err error, n cve.NumberID) error {
	f, ok := err.(*fault.Error)
	if !ok || len(f.Fields) == 0 {
		return err
	}
	out := *f
	out.Fields = nil
	for _, x := range f.Fields {
		if x.Path == "assigned_by" {
			x.Path = "by"
		}
		x.Path += "_" + string(n)
		out.Fields = append(out.Fields, x)
	}
	return &out
}

// sure is the page before a rejection: it is public, and it is for good.
func (p Pages) sure(c *webui.Ctx, id casework.CaseID) error {
	v, err := p.read(c, string(id))
	if err != nil {
		return err
	}
	number := c.Value("number")
	for _, r := range v.Rows {
		if string(r.ID) != number || !r.May("reject") {
			continue
		}
		suffix := "_" + number
		reason := strings.TrimSpace(c.Value("reason" + suffix))
		if reason == "" {
			var checks fault.Checks
			checks.Add("reason"+suffix, "cve.field.reason")
			return c.RenderForm("cve/page", v, checks.Err())
		}
		effect := webui.Effect{Who: c.T("cve.effect.world"), What: c.T("cve.effect.reject", "cve", r.CVE, "reason", reason)}
		if !r.Ours() {
			effect = webui.Effect{Who: c.Value("rejecter" + suffix), What: c.T("cve.effect.task", "cve", r.CVE)}
		}
		return c.Confirm(webui.Confirm{Title: c.T("cve.sure.title", "cve", r.CVE), Effects: []webui.Effect{effect}, Danger: true,
			Action: v.Base + "/cve", Button: c.T("cve.do.reject"), Back: v.Base + "/cve",
			Hidden: map[string]string{"do": "reject", "sure": "yes", "number": number, "reason" + suffix: reason,
				"kept" + suffix: c.Value("kept" + suffix), "rejecter" + suffix: c.Value("rejecter" + suffix)}}, nil)
	}
	return fault.Missing()
}
