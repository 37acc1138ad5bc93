package caseworkweb

import (
	"context"
	"time"

	"github.com/tocsin-sec/tocsin/internal/base/fault"
	"github.com/tocsin-sec/tocsin/internal/base/span"
	"github.com/tocsin-sec/tocsin/internal/base/unit"
	"github.com/tocsin-sec/tocsin/internal/casework"
	"github.com/tocsin-sec/tocsin/internal/embargo"
	"github.com/tocsin-sec/tocsin/internal/people"
	"github.com/tocsin-sec/tocsin/internal/platform/webui"
)

// openView is the form that opens a case without a report. The form that releases a
// report into a case is deskweb's.
type openView struct {
	Projects []people.Project
	Chosen   string
	Aim      int
	Until    time.Time // what the form proposes
	Zone     string
	Now      time.Time
}

// proposal fills in the date that is plain for a project.
func (v *openView) proposal(c *webui.Ctx, p people.Project) {
	r := embargo.RulesOf(p.Policy)
	// The field shows the date in the reader's zone, so that is the zone it is read in.
	v.Aim, v.Until, v.Zone = r.Aim, embargo.DefaultUntil(r, c.Now()), c.Printer().Zone().String()
}

// untilOf reads date and zone; an empty date is the project's aim.
func untilOf(c *webui.Ctx, checks *fault.Checks) time.Time {
	raw, name := c.Value("until"), c.Value("zone")
	if raw == "" {
		return time.Time{}
	}
	if name == "" {
		return c.Time(checks, "until")
	}
	zone, err := span.Zone(name)
	if err != nil {
		checks.Add("zone", "casework.field.zone")
		return time.Time{}
	}
	t, err := span.ParseTime(raw, zone)
	switch err {
	case nil:
	case span.ErrGap:
		checks.Add("until", "casework.field.gap")
	default:
		checks.Add("until", "casework.field.time")
	}
	return t
}

// rename puts the embargo's problems beside the fields of the opening form, whose
// reason is that of the opening and whose word for an exception is "longer".
func rename(err error) error {
	f, ok := err.(*fault.Error)
	if !ok {
		return err
	}
	out := *f
	out.Fields = nil
	for _, x := range f.Fields {
		if x.Key == "embargo.field.exception_reason" || x.Key == "embargo.field.exception_confirm" {
			x.Path = "longer"
		}
		out.Fields = append(out.Fields, x)
	}
	return &out
}

func (p Pages) newView(c *webui.Ctx) (openView, error) {
	v := openView{Now: c.Now(), Chosen: c.Query("project")}
	err := p.view(c, func(ctx context.Context, tx unit.View, sc people.Scope) (err error) {
		v.Projects, err = p.People.MyProjects(ctx, tx, sc)
		return err
	})
	if len(v.Projects) > 0 {
		v.proposal(c, v.Projects[0])
		if v.Chosen == "" {
			v.Chosen = string(v.Projects[0].ID)
		}
	}
	return v, err
}

// Options are the projects to choose from.
func (v openView) Options() []webui.Option {
	out := make([]webui.Option, len(v.Projects))
	for i, p := range v.Projects {
		out[i] = webui.Option{Value: string(p.ID), Text: p.Name}
	}
	return out
}

func (p Pages) newCase(c *webui.Ctx) error {
	v, err := p.newView(c)
	if err != nil {
		return err
	}
	return c.Render("casework/new", v)
}

func (p Pages) openCase(c *webui.Ctx) error {
	var checks fault.Checks
	cmd := casework.Open{Project: people.ProjectID(c.Value("project")), Title: c.Value("title"), Text: c.Value("text"), Reason: c.Value("reason"),
		Until: untilOf(c, &checks), Longer: c.Value("longer"), Public: c.Checked("public"), Evidence: c.Value("evidence"), Team: c.Checked("team")}
	err := checks.Err()
	var id casework.CaseID
	if err == nil {
		id, err = p.Cases.Open(c.Context(), scope(c), cmd)
	}
	if err != nil {
		v, bad := p.newView(c)
		if bad != nil {
			return bad
		}
		return c.RenderForm("casework/new", v, rename(err))
	}
	c.Flash("casework.flash.opened")
	return c.Redirect("/cases/" + string(id))
}
