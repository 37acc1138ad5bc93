package peopleweb

import (
	"strconv"

	"github.com/tocsin-sec/tocsin/internal/base/fault"
	"github.com/tocsin-sec/tocsin/internal/people"
	"github.com/tocsin-sec/tocsin/internal/platform/webui"
)

func (p Pages) registerTeam(app *webui.App) {
	page(app, "GET /teams", webui.SignedIn, p.teams)
	page(app, "GET /teams/{project}", webui.SignedIn, p.team)
	page(app, "POST /teams/{project}/ask", webui.SignedIn, p.ask)
	page(app, "POST /teams/{project}/enter", webui.SignedIn, p.enter)
	page(app, "POST /teams/{project}/joins/{id}", webui.SignedIn, p.decide)
	page(app, "POST /teams/{project}/duty", webui.SignedIn, p.duty)
	page(app, "GET /teams/{project}/members/{person}", webui.SignedIn, p.member)
	page(app, "POST /teams/{project}/members/{person}", webui.SignedIn, p.changeMember)
	page(app, "GET /terms/{project}", webui.SignedIn, p.terms)
	page(app, "POST /terms/{project}", webui.SignedIn, p.acceptTerms)
	p.registerProject(app)
}

type teamsView struct {
	Mine, Others []people.Project
}

func (p Pages) teams(c *webui.Ctx) error {
	mine, all, err := p.Members.All(c.Context(), scope(c))
	if err != nil {
		return err
	}
	v := teamsView{Mine: mine}
	in := map[people.ProjectID]bool{}
	for _, m := range mine {
		in[m.ID] = true
	}
	for _, a := range all {
		if !in[a.ID] {
			v.Others = append(v.Others, a)
		}
	}
	return c.Render("people/teams", v)
}

type teamView struct {
	people.TeamView
	Me     people.PersonID
	Inside bool
	Lead   bool // chair or deputy
	Chair  bool
	Open   []people.Join
	Asked  *people.Join // my own
	Base   string
}

func (p Pages) teamView(c *webui.Ctx) (teamView, error) {
	project, err := p.Members.Find(c.Context(), scope(c), c.Path("project"))
	if err != nil {
		return teamView{}, err
	}
	tv, err := p.Members.View(c.Context(), scope(c), project.ID)
	if err != nil {
		return teamView{}, err
	}
	me, _ := scope(c).Person()
	v := teamView{TeamView: tv, Me: me, Inside: len(tv.Mine) > 0, Lead: tv.May(people.Chair, people.Deputy), Chair: tv.May(people.Chair), Base: "/teams/" + project.Slug}
	for _, j := range tv.Joins {
		if j.Open() && j.Person == me {
			v.Asked = &j
		}
		if j.Open() && v.Inside {
			v.Open = append(v.Open, j)
		}
	}
	return v, nil
}

func (p Pages) team(c *webui.Ctx) error {
	v, err := p.teamView(c)
	if err != nil {
		return err
	}
	return c.Render("people/team", v)
}

// settle shows the team's page again with the problem, or goes back to it.
func (p Pages) settle(c *webui.Ctx, v teamView, err error, done string) error {
	if err != nil {
		return c.RenderForm("people/team", v, err)
	}
	c.Flash(done)
	return c.Redirect(v.Base)
}

func (p Pages) ask(c *webui.Ctx) error {
	v, err := p.teamView(c)
	if err != nil {
		return err
	}
	err = p.Members.Ask(c.Context(), scope(c), v.Project.ID, c.Value("text"))
	return p.settle(c, v, err, "people.join.sent")
}

func (p Pages) enter(c *webui.Ctx) error {
	v, err := p.teamView(c)
	if err != nil {
		return err
	}
	err = p.Members.Enter(c.Context(), scope(c), v.Project.ID, c.Value("address"), c.Value("name"), c.Value("text"))
	return p.settle(c, v, err, "people.join.sent")
}

func (p Pages) decide(c *webui.Ctx) error {
	v, err := p.teamView(c)
	if err != nil {
		return err
	}
	word := c.Value("word_" + c.Path("id"))
	switch c.Value("do") {
	case "vouch":
		err = p.Members.Vouch(c.Context(), scope(c), c.Path("id"), word)
	case "approve":
		err = p.Members.Approve(c.Context(), scope(c), c.Path("id"), word)
	case "refuse":
		err = p.Members.Refuse(c.Context(), scope(c), c.Path("id"), word)
	default:
		err = fault.New(fault.Invalid, "fault.malformed")
	}
	return p.settle(c, v, err, "people.join.decided")
}

func (p Pages) duty(c *webui.Ctx) error {
	v, err := p.teamView(c)
	if err != nil {
		return err
	}
	who := people.PersonID(c.Value("person"))
	if who == "" {
		who = v.Me
	}
	err = p.Members.Duty(c.Context(), scope(c), v.Project.ID, who, c.Value("do") == "on")
	return p.settle(c, v, err, "people.duty.changed")
}

type memberView struct {
	teamView
	Mate people.Teammate
}

func (p Pages) memberView(c *webui.Ctx) (memberView, error) {
	v, err := p.teamView(c)
	if err != nil {
		return memberView{}, err
	}
	for _, t := range v.Team {
		if string(t.Person.ID) == c.Path("person") && v.Inside {
			return memberView{v, t}, nil
		}
	}
	return memberView{}, fault.Missing()
}

func (p Pages) member(c *webui.Ctx) error {
	v, err := p.memberView(c)
	if err != nil {
		return err
	}
	return c.Render("people/member", v)
}

// changeMember changes a role or removes the member; both are on a page of their own
// that says what will happen.
func (p Pages) changeMember(c *webui.Ctx) error {
	v, err := p.memberView(c)
	if err != nil {
		return err
	}
	who := v.Mate.Person.ID
	switch c.Value("do") {
	case "remove":
		err = p.Members.Remove(c.Context(), scope(c), v.Project.ID, who, c.Value("why"))
	case "chair", "deputy":
		err = p.Members.SetRole(c.Context(), scope(c), v.Project.ID, who, people.Role(c.Value("do")), true)
	case "not_chair":
		err = p.Members.SetRole(c.Context(), scope(c), v.Project.ID, who, people.Chair, false)
	case "not_deputy":
		err = p.Members.SetRole(c.Context(), scope(c), v.Project.ID, who, people.Deputy, false)
	default:
		err = fault.New(fault.Invalid, "fault.malformed")
	}
	if err != nil {
		return c.RenderForm("people/member", v, err)
	}
	c.Flash("people.team.changed")
	if who == v.Me {
		return c.Redirect("/teams")
	}
	return c.Redirect(v.Base)
}

type termsView struct {
	teamView
	people.Agreed
	Owes bool   // nothing under embargo is shown before he accepts
	Next string // where he wanted to go
}

func (p Pages) termsView(c *webui.Ctx, next string) (termsView, error) {
	tv, err := p.teamView(c)
	if err != nil {
		return termsView{}, err
	}
	v := termsView{teamView: tv, Next: webui.LocalPath(next)}
	for _, t := range people.VisitOf(c.Context()).Owed {
		v.Owes = v.Owes || t.Project == tv.Project.ID
	}
	v.Agreed, err = p.Members.Agreed(c.Context(), scope(c), tv.Project.ID)
	return v, err
}

func (p Pages) terms(c *webui.Ctx) error {
	v, err := p.termsView(c, c.Query("next"))
	if err != nil {
		return err
	}
	return c.Render("people/terms", v)
}

func (p Pages) acceptTerms(c *webui.Ctx) error {
	v, err := p.termsView(c, c.Value("next"))
	if err != nil {
		return err
	}
	n, err := strconv.Atoi(c.Value("version"))
	if err != nil {
		return fault.New(fault.Invalid, "fault.malformed")
	}
	if err := p.Members.Accept(c.Context(), scope(c), v.Project.ID, n); err != nil {
		return c.RenderForm("people/terms", v, err)
	}
	c.Flash("people.terms.thanks")
	if v.Next != "/" {
		return c.Redirect(v.Next)
	}
	return c.Redirect(v.Base)
}
