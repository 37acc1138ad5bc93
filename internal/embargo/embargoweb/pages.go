// Package embargoweb is the embargo on the case page: the panel, the page with its
// history, and the forms that show what a change will do to whom before it is done.
// The rules are in embargo.
package embargoweb

import (
	"context"
	"embed"
	"errors"
	"fmt"
	"html/template"
	"strconv"
	"time"

	"github.com/tocsin-sec/tocsin/internal/base/fault"
	"github.com/tocsin-sec/tocsin/internal/base/span"
	"github.com/tocsin-sec/tocsin/internal/base/unit"
	"github.com/tocsin-sec/tocsin/internal/casework"
	"github.com/tocsin-sec/tocsin/internal/embargo"
	"github.com/tocsin-sec/tocsin/internal/people"
	"github.com/tocsin-sec/tocsin/internal/platform/webui"
	"github.com/tocsin-sec/tocsin/internal/platform/webui/svg"
)

//go:embed templates
var files embed.FS

// Pages are the pages of embargoes.
type Pages struct {
	Work    unit.Work
	Embargo *embargo.Service
	Cases   *casework.Service
	People  *people.Directory
}

// Register adds the pages and the API to the App.
func (p Pages) Register(app *webui.App) {
	app.Set("embargo", files)
	app.Page("GET /cases/{id}/embargo", webui.SignedIn, p.show)
	app.Page("POST /cases/{id}/embargo", webui.SignedIn, p.change)
	p.registerAPI(app)
}

// Panel is the embargo at the side of the case page.
func (p Pages) Panel() webui.Panel {
	return webui.Panel{Key: "embargo.panel.title", Order: 10, Render: p.panel}
}

func scope(c *webui.Ctx) people.Scope { return people.From(c.Context()) }

// view is what panel and page show.
type view struct {
	embargo.Embargo
	Title   string
	Team    bool
	Facts   bool
	History []embargo.Change
	Names   map[string]string
	Rules   embargo.Rules
	Now     time.Time
	Base    string
	Dial    template.HTML
	Kinds   []webui.Option
	Propose time.Time
	Zone    string
}

func (p Pages) read(c *webui.Ctx, id string) (view, error) {
	v := view{Now: c.Now(), Base: "/cases/" + id, Zone: c.Printer().Zone().String()}
	err := p.Work.View(c.Context(), func(ctx context.Context, tx unit.View) error {
		sc := scope(c)
		cs, role, err := p.Cases.Get(ctx, tx, sc, casework.CaseID(id))
		if err != nil {
			return err
		}
		v.Title, v.Facts, v.Team = cs.Title, cs.Facts.Any(), role == people.Lead || role == people.Member
		if v.Embargo, err = p.Embargo.Of(ctx, tx, sc, cs.ID); err != nil {
			return err
		}
		if v.History, err = p.Embargo.History(ctx, tx, sc, cs.ID); err != nil {
			return err
		}
		project, err := p.People.Project(ctx, tx, sc, cs.Project)
		if err != nil {
			return err
		}
		v.Rules = embargo.RulesOf(project.Policy)
		var who []string
		for _, h := range v.History {
			who = append(who, h.By, string(h.Decider))
		}
		v.Names, err = p.Cases.Names(ctx, tx, sc, cs.ID, who...)
		return err
	})
	if err != nil {
		return v, err
	}
	v.choose()
	v.Propose = embargo.DefaultUntil(v.Rules, c.Now())
	if v.State != embargo.None {
		v.Dial = svg.Clock{ID: "embargo-clock", Start: v.Began, Now: c.Now(), Until: v.Until, Aim: v.Rules.AimFrom(v.ClockStart),
			Limit: v.Rules.MostFrom(v.Began), Ended: v.State == embargo.Lifted}.SVG(c.Printer())
	}
	return v, nil
}

// choose lists what can be done now, the plainest first.
func (v *view) choose() {
	var ks []embargo.Kind
	switch {
	case v.State != embargo.Running && !v.Facts:
		ks = []embargo.Kind{embargo.Set}
	case v.State == embargo.Running && v.Facts:
		ks = []embargo.Kind{embargo.End, embargo.Shorten, embargo.Correct}
	case v.State == embargo.Running:
		ks = []embargo.Kind{embargo.Restart, embargo.Shorten, embargo.Extend, embargo.Correct, embargo.End}
	}
	for _, k := range ks {
		v.Kinds = append(v.Kinds, webui.Option{Value: k.String(), Key: "embargo.kind." + k.String(), Hint: "embargo.kind." + k.String() + ".hint"})
	}
}

// First is the kind that the form proposes.
func (v view) First() string {
	if len(v.Kinds) == 0 {
		return ""
	}
	return v.Kinds[0].Value
}

func (p Pages) panel(c *webui.Ctx, id string) (template.HTML, error) {
	v, err := p.read(c, id)
	if err != nil {
		return "", err
	}
	if v.State == embargo.None && !v.Team {
		return "", webui.ErrNoPanel
	}
	return c.HTML("embargo/panel", v)
}

func (p Pages) show(c *webui.Ctx) error { return p.page(c, nil) }

func (p Pages) page(c *webui.Ctx, failed error) error {
	v, err := p.read(c, c.Path("id"))
	if err != nil {
		return err
	}
	return c.RenderForm("embargo/page", v, failed)
}

// wish reads the form; until is a date in the zone that is named beside it.
func wish(c *webui.Ctx) (embargo.Wish, int64, error) {
	var checks fault.Checks
	w := embargo.Wish{Reason: c.Value("reason"), Problem: c.Value("problem"), Confirmed: c.Value("confirmed") == "yes"}
	var err error
	if w.Kind, err = embargo.ParseKind(c.Value("kind")); err != nil {
		checks.Add("kind", "embargo.fault.kind", "kind", c.Value("kind"))
	}
	if raw := c.Value("until"); raw != "" && w.Kind != embargo.End {
		w.Until = until(&checks, raw, c.Value("zone"))
	}
	v, err := strconv.ParseInt(c.Value("version"), 10, 64)
	if err != nil {
		v = -1
	}
	return w, v, checks.Err()
}

func until(checks *fault.Checks, raw, name string) time.Time {
	zone, err := span.Zone(name)
	if err != nil {
		checks.Add("zone", "embargo.field.zone")
		return time.Time{}
	}
	t, err := span.ParseTime(raw, zone)
	if errors.Is(err, span.ErrGap) {
		checks.Add("until", "embargo.field.gap")
	} else if err != nil {
		checks.Add("until", "embargo.field.time")
	}
	return t
}

// change shows first what the change will do, and does it only after that page.
func (p Pages) change(c *webui.Ctx) error {
	w, version, err := wish(c)
	if err != nil {
		return p.page(c, err)
	}
	id := casework.CaseID(c.Path("id"))
	if c.Value("do") != "change" {
		return p.preview(c, id, w, version)
	}
	if err := p.Embargo.Change(c.Context(), scope(c), id, version, w); err != nil {
		return p.page(c, err)
	}
	c.Flash("embargo.flash." + w.Kind.String())
	return c.Redirect("/cases/" + string(id))
}

// preview is the page between the form and the deed.
func (p Pages) preview(c *webui.Ctx, id casework.CaseID, w embargo.Wish, version int64) error {
	asked := w
	asked.Confirmed = true // the page that follows asks for it
	var v embargo.Verdict
	var readers []casework.Reader
	err := p.Work.View(c.Context(), func(ctx context.Context, tx unit.View) (err error) {
		if v, err = p.Embargo.Propose(ctx, tx, scope(c), id, asked); err != nil {
			return err
		}
		cs, _, err := p.Cases.Get(ctx, tx, scope(c), id)
		if err == nil {
			readers, _, err = p.Cases.Readers(ctx, tx, scope(c), cs)
		}
		return err
	})
	if err != nil {
		return p.page(c, err)
	}
	return c.Confirm(webui.Confirm{
		Title: c.T("embargo.preview." + w.Kind.String()), Intro: w.Reason, Effects: effects(c, v, readers),
		Action: "/cases/" + string(id) + "/embargo", Button: c.T("embargo.do." + w.Kind.String()), Danger: v.Exception || w.Kind == embargo.End,
		Back: "/cases/" + string(id) + "/embargo",
		Hidden: map[string]string{"do": "change", "kind": w.Kind.String(), "until": rfc(w.Until), "zone": "UTC", "reason": w.Reason, "problem": w.Problem,
			"version": fmt.Sprint(version), "confirmed": "yes"},
	}, nil)
}

func rfc(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.Format(time.RFC3339)
}

// effects says what will happen to whom.
func effects(c *webui.Ctx, v embargo.Verdict, readers []casework.Reader) []webui.Effect {
	var out []webui.Effect
	all := c.T("embargo.effect.everyone")
	if v.After.State == embargo.Lifted {
		out = append(out, webui.Effect{Who: all, What: c.T("embargo.effect.lifted")},
			webui.Effect{Who: c.T("embargo.effect.world"), What: c.T("embargo.effect.armed")})
		return out
	}
	out = append(out, webui.Effect{Who: all, What: c.T("embargo.effect.until", "until", v.After.Until)})
	if v.Exception {
		out = append(out, webui.Effect{Who: c.T("embargo.effect.you"), What: c.T("embargo.effect.by_name", "aim", v.Aim, "most", v.Most)})
	}
	if v.Warns {
		for _, r := range readers {
			name := r.Name
			if name == "" {
				name = c.T("people.somebody")
			}
			out = append(out, webui.Effect{Who: name, What: c.T("embargo.effect.warned")})
		}
	}
	return out
}
