package deskweb

import (
	"net/url"
	"time"

	"github.com/tocsin-sec/tocsin/internal/base/fault"
	"github.com/tocsin-sec/tocsin/internal/casework"
	"github.com/tocsin-sec/tocsin/internal/desk"
	"github.com/tocsin-sec/tocsin/internal/people"
	"github.com/tocsin-sec/tocsin/internal/platform/webui"
)

// releaseView is the page before a release: a case opens, and who will see it.
type releaseView struct {
	decideView
	Zero time.Time // the embargo's end is the project's aim unless one is given
}

// release opens one case for each picked report: the operation is casework's.
func (p *Pages) release(c *webui.Ctx) error {
	ids := picked(c.Form())
	var checks fault.Checks
	cmd := casework.OpenFromReport{
		Title: c.Value("title"), Reason: c.Value("reason"), Until: c.Time(&checks, "until"), Longer: c.Value("longer"),
		Public: c.Checked("public"), Evidence: c.Value("evidence"), Team: c.Checked("team"),
	}
	checks.Require(len(ids) > 0, "id", "desk.field.none_picked")
	if err := checks.Err(); err != nil {
		return p.showDecision(c, err)
	}
	next := p.next(c, ids)
	var last casework.CaseID
	for _, id := range ids {
		cmd.Report = id
		opened, err := p.Open.OpenFromReport(c.Context(), people.From(c.Context()), cmd)
		if err != nil {
			return p.showDecision(c, err)
		}
		last = opened
	}
	c.Flash("desk.flash.release", "n", len(ids))
	if len(ids) == 1 && c.Value("then") == "case" {
		return c.Redirect("/cases/" + url.PathEscape(string(last)))
	}
	return c.Redirect(next)
}

// textsView is the page of a project's canned texts.
type textsView struct {
	Project people.Project
	Texts   []desk.Text
	Edit    desk.Text
	For     []webui.Option
}

func (p *Pages) texts(c *webui.Ctx) error { return p.showTexts(c, nil) }

func (p *Pages) showTexts(c *webui.Ctx, problem error) error {
	project, err := p.project(c)
	if err != nil {
		return err
	}
	v := textsView{Project: project}
	if v.Texts, err = p.Desk.TextsOf(c.Context(), people.From(c.Context()), project.ID); err != nil {
		return err
	}
	for _, t := range v.Texts {
		if string(t.ID) == c.Query("edit") {
			v.Edit = t
		}
	}
	for _, d := range []desk.Decision{desk.Reject, desk.SayNotOurs, desk.MarkDuplicate, desk.Ask} {
		v.For = append(v.For, webui.Option{Value: d.String(), Key: "desk.do." + d.String()})
	}
	return c.RenderForm("desk/texts", v, problem)
}

func (p *Pages) saveText(c *webui.Ctx) error {
	project, err := p.project(c)
	if err != nil {
		return err
	}
	// An unknown decision is the zero one, which SaveText refuses beside the field.
	d, err := desk.ParseDecision(c.Value("for"))
	if err != nil {
		d = 0
	}
	_, err = p.Desk.SaveText(c.Context(), people.From(c.Context()), desk.Text{
		ID: desk.TextID(c.Value("id")), Project: project.ID, For: d, Title: c.Value("title"), Body: c.Value("body"),
	})
	if err != nil {
		return p.showTexts(c, err)
	}
	c.Flash("desk.texts.saved")
	return c.Redirect("/desk/texts/" + url.PathEscape(project.Slug))
}

func (p *Pages) removeText(c *webui.Ctx) error {
	if err := p.Desk.RemoveText(c.Context(), people.From(c.Context()), desk.TextID(c.Value("id"))); err != nil {
		return err
	}
	c.Flash("desk.texts.removed")
	return c.Redirect("/desk/texts/" + url.PathEscape(c.Path("slug")))
}
