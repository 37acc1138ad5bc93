package caseworkweb

import (
	"context"
	"time"

	"github.com/tocsin-sec/tocsin/internal/base/fault"
	"github.com/tocsin-sec/tocsin/internal/base/unit"
	"github.com/tocsin-sec/tocsin/internal/casework"
	"github.com/tocsin-sec/tocsin/internal/desk"
	"github.com/tocsin-sec/tocsin/internal/people"
	"github.com/tocsin-sec/tocsin/internal/platform/webui"
)

// registerBearer adds the page behind a reporter's secret link. It is the reporter's
// case page: the conversation that is for everyone, an answer, a claim.
func (p Pages) registerBearer(app *webui.App) {
	app.Page("GET /status/{token}/case", webui.Bearer, p.bearerPage)
	app.Page("POST /status/{token}/case", webui.Bearer, p.bearerWrite, webui.MaxBody(uploadLimit), webui.Timeout(10*time.Minute))
	app.Page("GET /status/{token}/files/{file}", webui.Bearer, p.bearerFile, webui.Timeout(10*time.Minute))
}

// bearer looks the link up and acts as its bearer from here on.
func (p Pages) bearer(c *webui.Ctx) (casework.CaseID, error) {
	sc, err := p.Desk.OpenLink(c.Context(), c.Path("token"))
	if err != nil {
		return "", err
	}
	c.SetContext(people.Into(c.Context(), sc))
	report, ok := sc.Bearer()
	if !ok {
		return "", fault.Missing()
	}
	var id casework.CaseID
	err = p.view(c, func(ctx context.Context, tx unit.View, sc people.Scope) (err error) {
		id, err = p.Cases.Lists.ByReport(ctx, tx, sc, desk.ReportID(report))
		return err
	})
	return id, err
}

func (p Pages) bearerPage(c *webui.Ctx) error { return p.showBearer(c, nil) }

func (p Pages) showBearer(c *webui.Ctx, failed error) error {
	id, err := p.bearer(c)
	if err != nil {
		return err
	}
	c.R.SetPathValue("id", string(id))
	v, err := p.page(c, "case", failed)
	if err != nil {
		return err
	}
	v.Base = "/status/" + c.Path("token")
	c.Brand(v.Project.Name, "/")
	return c.RenderForm("casework/bearer", v, failed)
}

// bearerWrite takes the reporter's answer, or his word that the problem is public,
// exploited or attacked.
func (p Pages) bearerWrite(c *webui.Ctx) error {
	id, err := p.bearer(c)
	if err != nil {
		return err
	}
	cmd, err := p.message(c, id)
	flash := "casework.flash.replied"
	if k, bad := casework.ParseFact(c.Value("do")); err == nil && bad == nil {
		flash, err = "casework.flash.claimed", p.Cases.ClaimFact(c.Context(), scope(c), id, k, cmd.Text)
	} else if err == nil {
		_, err = p.Cases.PostMessage(c.Context(), scope(c), cmd)
	}
	if err != nil {
		return p.showBearer(c, err)
	}
	c.Flash(flash)
	return c.Redirect("/status/" + c.Path("token") + "/case")
}

func (p Pages) bearerFile(c *webui.Ctx) error {
	id, err := p.bearer(c)
	if err != nil {
		return err
	}
	c.R.SetPathValue("id", string(id))
	return p.download(c)
}
