package peopleweb

import (
	"github.com/tocsin-sec/tocsin/internal/base/fault"
	"github.com/tocsin-sec/tocsin/internal/people"
	"github.com/tocsin-sec/tocsin/internal/people/account"
	"github.com/tocsin-sec/tocsin/internal/platform/webui"
)

func (p Pages) registerAdmin(app *webui.App) {
	app.Page("GET /admin/people", webui.Admin, p.adminPeople)
	app.Page("POST /admin/people", webui.Admin, p.invite)
	app.Page("GET /admin/people/{id}", webui.Admin, p.adminPerson)
	app.Page("POST /admin/people/{id}", webui.Admin, p.changePerson)
	app.Page("GET /admin/projects", webui.Admin, p.adminProjects)
	app.Page("POST /admin/projects", webui.Admin, p.createProject)
	app.Page("GET /admin/queue", webui.Admin, p.queue)
	app.Page("GET /admin/jobs", webui.Admin, p.jobs)
	app.Page("POST /admin/jobs/{id}/retry", webui.Admin, p.retryJob)
}

type adminView struct {
	People []people.Person
	Open   []account.Link
	Names  map[people.PersonID]string
	Link   string // shown once
	To     people.Person
}

func (p Pages) adminView(c *webui.Ctx) (adminView, error) {
	list, err := p.Admin.List(c.Context(), scope(c))
	if err != nil {
		return adminView{}, err
	}
	v := adminView{People: list, Names: map[people.PersonID]string{}}
	for _, x := range list {
		v.Names[x.ID] = x.Email
	}
	v.Open, err = p.Admin.OpenLinks(c.Context(), scope(c))
	return v, err
}

func (p Pages) adminPeople(c *webui.Ctx) error {
	v, err := p.adminView(c)
	if err != nil {
		return err
	}
	return c.Render("people/admin_people", v)
}

func (p Pages) invite(c *webui.Ctx) error {
	if err := fresh(c); err != nil {
		return c.Redirect("/prove?next=/admin/people")
	}
	to, link, err := p.Admin.InvitePerson(c.Context(), scope(c), account.InvitePerson{Address: c.Value("address"), Name: c.Value("name"), Admin: c.Checked("admin")})
	v, verr := p.adminView(c)
	if verr != nil {
		return verr
	}
	if err != nil {
		return c.RenderForm("people/admin_people", v, err)
	}
	v.Link, v.To = link.Reveal(), to
	return c.Render("people/admin_people", v)
}

func (p Pages) findPerson(c *webui.Ctx) (people.Person, error) {
	list, err := p.Admin.List(c.Context(), scope(c))
	if err != nil {
		return people.Person{}, err
	}
	for _, x := range list {
		if string(x.ID) == c.Path("id") {
			return x, nil
		}
	}
	return people.Person{}, fault.Missing()
}

type personView struct {
	people.Person
	Link string
}

func (p Pages) adminPerson(c *webui.Ctx) error {
	who, err := p.findPerson(c)
	if err != nil {
		return err
	}
	return c.Render("people/admin_person", personView{Person: who})
}

func (p Pages) changePerson(c *webui.Ctx) error {
	who, err := p.findPerson(c)
	if err != nil {
		return err
	}
	if err := fresh(c); err != nil {
		return c.Redirect("/prove?next=" + escape("/admin/people/"+string(who.ID)))
	}
	ctx, sc := c.Context(), scope(c)
	switch c.Value("do") {
	case "link":
		link, err := p.Admin.NewLink(ctx, sc, who.ID, c.Checked("drop_codes"))
		if err != nil {
			return c.RenderForm("people/admin_person", personView{Person: who}, err)
		}
		if link.Empty() {
			c.Flash("people.admin.link_mailed")
			return c.Redirect("/admin/people/" + string(who.ID))
		}
		return c.Render("people/admin_person", personView{Person: who, Link: link.Reveal()})
	case "admin":
		err = p.Admin.SetAdmin(ctx, sc, who.ID, true)
	case "not_admin":
		err = p.Admin.SetAdmin(ctx, sc, who.ID, false)
	case "disable":
		err = p.Admin.SetDisabled(ctx, sc, who.ID, true)
	case "enable":
		err = p.Admin.SetDisabled(ctx, sc, who.ID, false)
	default:
		err = fault.New(fault.Invalid, "fault.malformed")
	}
	if err != nil {
		return c.RenderForm("people/admin_person", personView{Person: who}, err)
	}
	c.Flash("people.settings.saved")
	return c.Redirect("/admin/people/" + string(who.ID))
}

type adminProjectsView struct {
	Projects []people.Project
	People   []webui.Option
}

func (p Pages) adminProjectsView(c *webui.Ctx) (adminProjectsView, error) {
	var v adminProjectsView
	_, all, err := p.Members.All(c.Context(), scope(c))
	if err != nil {
		return v, err
	}
	v.Projects = all
	list, err := p.Admin.List(c.Context(), scope(c))
	for _, x := range list {
		if x.State != people.Disabled {
			v.People = append(v.People, webui.Option{Value: string(x.ID), Text: x.Name + " <" + x.Email + ">"})
		}
	}
	return v, err
}

func (p Pages) adminProjects(c *webui.Ctx) error {
	v, err := p.adminProjectsView(c)
	if err != nil {
		return err
	}
	return c.Render("people/admin_projects", v)
}

func (p Pages) createProject(c *webui.Ctx) error {
	if err := fresh(c); err != nil {
		return c.Redirect("/prove?next=/admin/projects")
	}
	cmd := account.CreateProject{Chair: people.PersonID(c.Value("chair")), Terms: c.Value("terms"),
		Project: people.Project{Slug: c.Value("slug"), Name: c.Value("name"), Series: c.Value("series"), Addresses: []string{c.Value("addresses")}}}
	if _, err := p.Admin.CreateProject(c.Context(), scope(c), cmd); err != nil {
		v, verr := p.adminProjectsView(c)
		if verr != nil {
			return verr
		}
		return c.RenderForm("people/admin_projects", v, err)
	}
	c.Flash("people.project.made")
	return c.Redirect("/admin/projects")
}

func (p Pages) queue(c *webui.Ctx) error {
	counts, err := p.Mailroom.Counts(c.Context(), scope(c))
	if err != nil {
		return err
	}
	return c.Render("people/admin_queue", counts)
}

func (p Pages) jobs(c *webui.Ctx) error {
	list, err := p.Admin.DeadJobs(c.Context(), scope(c))
	if err != nil {
		return err
	}
	return c.Render("people/admin_jobs", list)
}

func (p Pages) retryJob(c *webui.Ctx) error {
	if err := p.Admin.RetryJob(c.Context(), scope(c), c.Path("id")); err != nil {
		return err
	}
	c.Flash("people.jobs.again")
	return c.Redirect("/admin/jobs")
}
