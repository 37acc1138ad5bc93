package deskweb

import (
	"context"
	"io"
	"net/url"
	"strings"
	"time"

	"github.com/tocsin-sec/tocsin/internal/base/fault"
	"github.com/tocsin-sec/tocsin/internal/base/span"
	"github.com/tocsin-sec/tocsin/internal/base/unit"
	"github.com/tocsin-sec/tocsin/internal/desk"
	"github.com/tocsin-sec/tocsin/internal/people"
	"github.com/tocsin-sec/tocsin/internal/platform/webui"
)

// formView is what the form's template shows besides what was typed.
type formView struct {
	Project people.Project
	Stamp   string
	Kept    string
	Staged  []desk.Staged
	Ack     int
	Assess  int
	Answers []webui.Option
	Share   []webui.Option
	Langs   []webui.Option
	Lang    string // of the page: our letters follow it unless another is chosen
	Limits  map[string]int
	Due     time.Time
	Sub     desk.Submission
}

// choose lists the projects that take reports; a site with one goes there at once.
func (p *Pages) choose(c *webui.Ctx) error {
	var all []people.Project
	err := p.Work.View(c.Context(), func(ctx context.Context, v unit.View) (err error) {
		all, err = p.Desk.Projects.AllProjects(ctx, v, people.From(ctx))
		return err
	})
	if err != nil {
		return err
	}
	if len(all) == 1 {
		return c.Redirect("/report/" + all[0].Slug)
	}
	return c.Render("desk/choose", all)
}

func (p *Pages) view(c *webui.Ctx, project people.Project, id string) formView {
	return formView{
		Project: project, Stamp: p.stamp(id, c.Now()), Ack: project.Policy.Acknowledge, Assess: project.Policy.Assess,
		Due: span.Calendar{Zone: project.Policy.Location()}.Due(c.Now(), project.Policy.Acknowledge),
		Answers: []webui.Option{
			{Value: "unsure", Key: "desk.form.unsure"}, {Value: "no", Key: "desk.form.no"}, {Value: "yes", Key: "desk.form.yes"},
		},
		Share:  []webui.Option{{Value: "no", Key: "desk.form.share_no"}, {Value: "yes", Key: "desk.form.share_yes"}},
		Langs:  []webui.Option{{Value: "en", Key: "lang.en"}, {Value: "zh", Key: "lang.zh"}},
		Lang:   c.Lang(),
		Limits: map[string]int{"count": desk.MaxFiles, "each": desk.MaxFileBytes >> 20, "all": desk.MaxFilesBytes >> 20},
	}
}

func (p *Pages) form(c *webui.Ctx) error {
	project, err := p.project(c)
	if err != nil {
		return err
	}
	c.Brand(project.Name, "/report/"+project.Slug)
	return c.Render("desk/form", p.view(c, project, newForm()))
}

// submit takes the form. Files are stored as they arrive, so that a problem with
// another field loses none of them.
func (p *Pages) submit(c *webui.Ctx) error {
	project, err := p.project(c)
	if err != nil {
		return err
	}
	c.Brand(project.Name, "/report/"+project.Slug)
	// The stamp and the files stored before stand in the address, so that they are
	// known before the first byte of a new file.
	id, timely, ok := p.stamped(c.Query("form"), c.Now())
	if !ok {
		id = newForm()
	}
	staged := p.unpack(id, c.Query("kept"))
	staged, err = p.takeIn(c, id, staged)
	sub := decode(c.Form())
	sub.Project, sub.Via, sub.Form, sub.Staged, sub.Remote = project.ID, desk.ByWeb, id, staged, c.Remote()
	switch {
	case err != nil:
	case strings.TrimSpace(c.Form().Get("website")) != "":
		err = fault.New(fault.Invalid, "desk.fault.trap")
	case !ok || !timely:
		err = fault.New(fault.Invalid, "desk.fault.stale_form")
	}
	var rep desk.Report
	if err == nil {
		rep, err = p.Desk.Submit(c.Context(), sub)
	}
	if err != nil {
		v := p.view(c, project, id)
		v.Kept, v.Staged, v.Sub = p.pack(id, staged), staged, sub
		return c.RenderForm("desk/form", v, err)
	}
	private(c.W)
	c.Flash("desk.form.sent")
	link, err := url.Parse(p.Desk.StatusURL(rep))
	if err != nil {
		return err
	}
	return c.Redirect(link.Path + "?sent=1")
}

// takeIn stores the files of a form, named "files", and reads the fields around them. A
// file that is refused ends nothing: what is typed behind it must come back, too.
func (p *Pages) takeIn(c *webui.Ctx, form string, staged []desk.Staged) ([]desk.Staged, error) {
	var refused error
	err := c.Stream(func(field string, u webui.Upload, r io.Reader) error {
		if field != "files" || refused != nil {
			return nil
		}
		s, err := p.Desk.Stage(c.Context(), form, c.Remote(), staged, desk.Upload{Name: u.Name, Type: u.Type, Body: r})
		if err == nil && s.Size > 0 {
			staged = append(staged, s)
		}
		refused = err
		return nil
	})
	if err == nil {
		err = refused
	}
	return staged, err
}

// decode reads the form's fields; desk.Service.Submit says what is wrong with them.
func decode(f url.Values) desk.Submission {
	get := func(k string) string { return strings.ReplaceAll(f.Get(k), "\r\n", "\n") }
	return desk.Submission{
		Title: get("title"), What: get("what"), Name: get("name"), Address: get("address"), Lang: get("lang"),
		Claims: desk.Claims{
			Product: get("product"), Steps: get("steps"), Impact: get("impact"),
			Deadline: get("deadline"), DeadlineWhy: get("deadline_why"), ToldTo: get("told_to"),
			Exploited: answer(get("exploited")), AlreadyPublic: answer(get("already_public")), PublicWhere: get("public_where"),
			Credit: get("credit"), ShareIdentity: get("share") == "yes", Key: get("key"),
		},
	}
}

func answer(s string) desk.Answer {
	switch s {
	case "":
		return desk.NoAnswer
	case "no":
		return desk.No
	case "yes":
		return desk.Yes
	case "unsure":
		return desk.Unsure
	default:
		return -1 // desk says that it is none of the choices
	}
}

// statusView is the reporter's page.
type statusView struct {
	desk.Status
	Sent  bool
	Link  string
	State webui.Badge
}

func (p *Pages) status(c *webui.Ctx) error { return p.showStatus(c, nil) }

// showStatus renders the page of a secret link, with what is wrong with an addition.
func (p *Pages) showStatus(c *webui.Ctx, problem error) error {
	private(c.W)
	sc, err := p.Desk.OpenLink(c.Context(), c.Path("token"))
	if err != nil {
		return err
	}
	st, err := p.Desk.Status(c.Context(), sc)
	if err != nil {
		return err
	}
	if st.Report.Case != "" && st.Report.State == desk.Released {
		// From here on the exchange is the case's; casework has the page.
		return c.Redirect("/status/" + url.PathEscape(c.Path("token")) + "/case")
	}
	c.Brand(st.Project.Name, "/report/"+st.Project.Slug)
	v := statusView{Status: st, Sent: c.Query("sent") != "", Link: p.Desk.StatusURL(st.Report), State: reporterState(st.Report)}
	return c.RenderForm("desk/status", v, problem)
}

// reporterState is the state in words for the reporter: what the moderators call
// spam is to him a report that was closed.
func reporterState(r desk.Report) webui.Badge {
	switch r.State {
	case desk.Held:
		if !r.AskedAt.IsZero() && !r.News {
			return webui.Badge{Kind: "warn", Key: "desk.status.asked"}
		}
		return webui.Badge{Kind: "wait", Key: "desk.status.held"}
	case desk.Released:
		return webui.Badge{Kind: "open", Key: "desk.status.released"}
	case desk.Duplicate:
		return webui.Badge{Kind: "ok", Key: "desk.status.duplicate"}
	case desk.NotOurs:
		return webui.Badge{Kind: "off", Key: "desk.status.not_ours"}
	default: // rejected and spam
		return webui.Badge{Kind: "off", Key: "desk.status.rejected"}
	}
}

func (p *Pages) add(c *webui.Ctx) error {
	private(c.W)
	sc, err := p.Desk.OpenLink(c.Context(), c.Path("token"))
	if err != nil {
		return err
	}
	cmd := desk.Add{Remote: c.Remote()}
	form := newForm()
	cmd.Staged, err = p.takeIn(c, form, nil)
	if err == nil {
		cmd.Text = c.Value("text")
		err = p.Desk.Add(c.Context(), sc, cmd)
	}
	if err != nil {
		return p.showStatus(c, err)
	}
	c.Flash("desk.status.added")
	return c.Redirect("/status/" + url.PathEscape(c.Path("token")))
}
