package cveweb

import (
	"context"
	"strconv"

	"github.com/tocsin-sec/tocsin/internal/base/fault"
	"github.com/tocsin-sec/tocsin/internal/base/secret"
	"github.com/tocsin-sec/tocsin/internal/base/unit"
	"github.com/tocsin-sec/tocsin/internal/cve"
	"github.com/tocsin-sec/tocsin/internal/people"
	"github.com/tocsin-sec/tocsin/internal/platform/webui"
	"github.com/tocsin-sec/tocsin/kit/cve/services"
)

// setupView is the page of a project's settings.
type setupView struct {
	cve.Setup
	Name  string
	Base  string
	Free  []cve.Number
	Years []yearly
}

// yearly is how many ids of a year are free.
type yearly struct{ Year, Free int }

func (p Pages) readSetup(ctx context.Context, sc people.Scope, slug string) (v setupView, err error) {
	err = p.Work.View(ctx, func(ctx context.Context, tx unit.View) error {
		project, err := p.People.ProjectBySlug(ctx, tx, sc, slug)
		if err != nil {
			return err
		}
		v.Name, v.Base = project.Name, "/teams/"+project.Slug
		v.Setup, v.Free, err = p.Numbers.Pool(ctx, tx, sc, project.ID)
		return err
	})
	if err != nil {
		return v, err
	}
	for _, n := range v.Free {
		if last := len(v.Years) - 1; last >= 0 && v.Years[last].Year == n.Year {
			v.Years[last].Free++
		} else {
			v.Years = append(v.Years, yearly{n.Year, 1})
		}
	}
	if v.URL == "" {
		v.URL = services.Production
	}
	if v.Fill == 0 {
		v.Low, v.Fill = 3, 10
	}
	return v, nil
}

func (p Pages) setup(c *webui.Ctx) error {
	v, err := p.readSetup(c.Context(), scope(c), c.Path("project"))
	if err != nil {
		return err
	}
	return c.RenderForm("cve/setup", v, nil)
}

func (p Pages) saveSetup(c *webui.Ctx) error {
	v, err := p.readSetup(c.Context(), scope(c), c.Path("project"))
	if err != nil {
		return err
	}
	var checks fault.Checks
	number := func(name string) int {
		n, err := strconv.Atoi(c.Value(name))
		if err != nil && c.Checked("cna") {
			checks.Add(name, "fault.field.number")
		}
		return n
	}
	in := cve.Setup{Project: v.Project, CNA: c.Checked("cna"), URL: c.Value("url"), Org: c.Value("org"), User: c.Value("user"), Low: number("low"), Fill: number("fill"),
		OutsideName: c.Value("outside_name"), OutsideMail: c.Value("outside_mail"), OutsideForm: c.Value("outside_form")}
	in.Version, _ = strconv.ParseInt(c.Value("version"), 10, 64)
	if err = checks.Err(); err == nil {
		err = p.Numbers.Change(c.Context(), scope(c), in, secret.New(c.Value("key")))
	}
	if err != nil {
		c.Form().Del("key") // a key never goes back to a browser
		return c.RenderForm("cve/setup", v, err)
	}
	c.Flash("cve.flash.saved")
	return c.Redirect(v.Base + "/cve")
}

func (p Pages) pool(c *webui.Ctx) error {
	v, err := p.readSetup(c.Context(), scope(c), c.Path("project"))
	if err != nil {
		return err
	}
	return c.RenderForm("cve/pool", v, nil)
}

// changePool fills the pool up, or gives an id up.
func (p Pages) changePool(c *webui.Ctx) error {
	v, err := p.readSetup(c.Context(), scope(c), c.Path("project"))
	if err != nil {
		return err
	}
	if c.Value("do") == "fill" {
		if err := p.Numbers.FillUp(c.Context(), scope(c), v.Project); err != nil {
			return c.RenderForm("cve/pool", v, err)
		}
		c.Flash("cve.flash.filling")
		return c.Redirect(v.Base + "/cve/pool")
	}
	return p.giveUp(c, v)
}

// giveUp rejects free ids after a page that says so.
func (p Pages) giveUp(c *webui.Ctx, v setupView) error {
	number := c.Value("number")
	for _, n := range v.Free {
		if string(n.ID) != number {
			continue
		}
		if c.Value("sure") == "" {
			return c.Confirm(webui.Confirm{Title: c.T("cve.sure.title", "cve", n.CVE), Danger: true, Effects: []webui.Effect{
				{Who: c.T("cve.effect.world"), What: c.T("cve.effect.unused", "cve", n.CVE)}}, Action: v.Base + "/cve/pool", Back: v.Base + "/cve/pool",
				Button: c.T("cve.do.give_up"), Hidden: map[string]string{"number": number, "sure": "yes"}}, nil)
		}
		if err := p.Numbers.GiveUp(c.Context(), scope(c), v.Project, n.ID); err != nil {
			return c.RenderForm("cve/pool", v, err)
		}
		c.Flash("cve.flash.done")
		return c.Redirect(v.Base + "/cve/pool")
	}
	return fault.Missing()
}
