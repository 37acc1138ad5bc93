package peopleweb

import (
	"context"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"github.com/tocsin-sec/tocsin/internal/people"
	"github.com/tocsin-sec/tocsin/internal/people/account"
	"github.com/tocsin-sec/tocsin/internal/platform/webui"
)

// The API says what the pages say. Passwords, second factors and tokens are changed on
// pages alone: what asks for a fresh proof is done by a person.
func (p Pages) registerAPI(app *webui.App) {
	get := func(id, path, summary string) huma.Operation {
		return huma.Operation{OperationID: id, Method: http.MethodGet, Path: path, Summary: summary, Tags: []string{"people"}}
	}
	post := func(id, path, summary string) huma.Operation {
		return huma.Operation{OperationID: id, Method: http.MethodPost, Path: path, Summary: summary, Tags: []string{"people"}, DefaultStatus: http.StatusNoContent}
	}
	webui.Op(app, get("me", "/api/people/me", "The person behind the request"), webui.SignedIn, p.apiMe, webui.Anyway())
	webui.Op(app, get("projects", "/api/projects", "The projects of this site"), webui.Public, p.apiProjects)
	webui.Op(app, get("project", "/api/projects/{project}", "One project"), webui.Public, p.apiProject)
	webui.Op(app, get("team", "/api/projects/{project}/team", "The team of a project, as far as the reader may know it"), webui.Public, p.apiTeam)
	webui.Op(app, post("join-ask", "/api/projects/{project}/joins", "Ask to join the team, or enter who asked by mail"), webui.SignedIn, p.apiAsk, webui.Anyway())
	webui.Op(app, post("duty", "/api/projects/{project}/duty", "Put oneself, or as chair or deputy another, on or off duty as moderator"), webui.SignedIn, p.apiDuty, webui.Anyway())
	webui.Op(app, get("people", "/api/people", "Every account"), webui.Admin, p.apiPeople)
	invite := post("invite", "/api/people", "Invite a person")
	invite.DefaultStatus = http.StatusCreated
	webui.Op(app, invite, webui.Admin, p.apiInvite)
	webui.Op(app, get("mail-queue", "/api/people/queue", "How many letters wait, and why"), webui.Admin, p.apiQueue)
	p.registerTeamAPI(app)
}

type personOut struct {
	ID    string `json:"id"`
	Name  string `json:"name"`
	Email string `json:"email,omitempty" doc:"Only for those who may know it"`
	Admin bool   `json:"admin,omitempty"`
	State string `json:"state,omitempty"`
	Lang  string `json:"lang,omitempty"`
	Zone  string `json:"zone,omitempty"`
}

func outOf(x people.Person) personOut {
	return personOut{ID: string(x.ID), Name: x.Name, Email: x.Email, Admin: x.Admin, State: string(x.State), Lang: x.Lang, Zone: x.Zone}
}

type body[T any] struct{ Body T }

func (p Pages) apiMe(ctx context.Context, _ *struct{}) (*body[personOut], error) {
	me, err := p.Admin.Me(ctx, people.From(ctx))
	return &body[personOut]{outOf(me)}, err
}

type projectOut struct {
	ID        string   `json:"id"`
	Slug      string   `json:"slug"`
	Name      string   `json:"name"`
	Addresses []string `json:"addresses"`
	Series    string   `json:"series"`
	Website   string   `json:"website,omitempty"`
	Policy    string   `json:"policy,omitempty"`
	Scope     string   `json:"scope,omitempty"`
	Aim       int      `json:"embargo_aim_days"`
	Most      int      `json:"embargo_most_days" doc:"0 means one calendar month"`
	Answer    int      `json:"acknowledge_business_days"`
	Assess    int      `json:"assess_business_days"`
}

func projectOf(x people.Project) projectOut {
	return projectOut{ID: string(x.ID), Slug: x.Slug, Name: x.Name, Addresses: x.Addresses, Series: x.Series, Website: x.Public.Website, Policy: x.Public.Policy,
		Scope: x.Public.Scope, Aim: x.Policy.EmbargoAim, Most: x.Policy.EmbargoMost, Answer: x.Policy.Acknowledge, Assess: x.Policy.Assess}
}

func (p Pages) apiProjects(ctx context.Context, _ *struct{}) (*body[[]projectOut], error) {
	_, all, err := p.Members.All(ctx, people.From(ctx))
	out := make([]projectOut, 0, len(all))
	for _, x := range all {
		out = append(out, projectOf(x))
	}
	return &body[[]projectOut]{out}, err
}

// ProjectIn names a project in the path. It is exported because huma reads no parameter of
// an embedded type that is not: such an operation finds no project.
type ProjectIn struct {
	Project string `path:"project" maxLength:"64" doc:"Short name or id"`
}

func (p Pages) apiProject(ctx context.Context, in *ProjectIn) (*body[projectOut], error) {
	x, err := p.Members.Find(ctx, people.From(ctx), in.Project)
	return &body[projectOut]{projectOf(x)}, err
}

type mateOut struct {
	personOut
	Roles []string  `json:"roles"`
	Since time.Time `json:"since"`
	Terms int       `json:"terms,omitempty" doc:"Version of the embargo terms accepted last"`
}

func (p Pages) apiTeam(ctx context.Context, in *ProjectIn) (*body[[]mateOut], error) {
	x, err := p.Members.Find(ctx, people.From(ctx), in.Project)
	if err != nil {
		return nil, err
	}
	v, err := p.Members.View(ctx, people.From(ctx), x.ID)
	out := make([]mateOut, 0, len(v.Team))
	for _, t := range v.Team {
		m := mateOut{personOut: personOut{ID: string(t.Person.ID), Name: t.Person.Name, Email: t.Person.Email}, Since: t.Since, Terms: t.Terms}
		for _, r := range t.Roles {
			if len(v.Mine) > 0 || r != people.Moderator {
				m.Roles = append(m.Roles, string(r)) // who is on duty is the team's own business
			}
		}
		out = append(out, m)
	}
	return &body[[]mateOut]{out}, err
}

type askIn struct {
	ProjectIn
	Body struct {
		Text    string `json:"text" minLength:"1" maxLength:"4000" doc:"Who you are and for whom you stand"`
		Address string `json:"address,omitempty" maxLength:"254" doc:"Of somebody who asked by mail; a member enters it"`
		Name    string `json:"name,omitempty" maxLength:"100" doc:"Of the same"`
	}
}

func (p Pages) apiAsk(ctx context.Context, in *askIn) (*struct{}, error) {
	x, err := p.Members.Find(ctx, people.From(ctx), in.Project)
	if err != nil {
		return nil, err
	}
	if in.Body.Address != "" {
		return nil, p.Members.Enter(ctx, people.From(ctx), x.ID, in.Body.Address, in.Body.Name, in.Body.Text)
	}
	return nil, p.Members.Ask(ctx, people.From(ctx), x.ID, in.Body.Text)
}

type dutyIn struct {
	ProjectIn
	Body struct {
		On     bool   `json:"on"`
		Person string `json:"person,omitempty" doc:"Without it: oneself"`
	}
}

func (p Pages) apiDuty(ctx context.Context, in *dutyIn) (*struct{}, error) {
	sc := people.From(ctx)
	x, err := p.Members.Find(ctx, sc, in.Project)
	if err != nil {
		return nil, err
	}
	who := people.PersonID(in.Body.Person)
	if who == "" {
		who, _ = sc.Person()
	}
	return nil, p.Members.Duty(ctx, sc, x.ID, who, in.Body.On)
}

func (p Pages) apiPeople(ctx context.Context, _ *struct{}) (*body[[]personOut], error) {
	list, err := p.Admin.List(ctx, people.From(ctx))
	out := make([]personOut, 0, len(list))
	for _, x := range list {
		out = append(out, outOf(x))
	}
	return &body[[]personOut]{out}, err
}

type inviteIn struct {
	Body struct {
		Address string `json:"address" maxLength:"254"`
		Name    string `json:"name,omitempty" maxLength:"100"`
	}
}

// apiInvite sends the link by letter and does not return it: a token must not be
// worth an account.
func (p Pages) apiInvite(ctx context.Context, in *inviteIn) (*body[personOut], error) {
	x, _, err := p.Admin.InvitePerson(ctx, people.From(ctx), account.InvitePerson{Address: in.Body.Address, Name: in.Body.Name})
	return &body[personOut]{outOf(x)}, err
}

type queueOut struct {
	State   string    `json:"state"`
	Problem string    `json:"problem,omitempty" doc:"Catalogue key"`
	Count   int       `json:"count"`
	Oldest  time.Time `json:"oldest"`
}

func (p Pages) apiQueue(ctx context.Context, _ *struct{}) (*body[[]queueOut], error) {
	list, err := p.Mailroom.Counts(ctx, people.From(ctx))
	out := make([]queueOut, 0, len(list))
	for _, q := range list {
		out = append(out, queueOut{string(q.State), q.Problem, q.Count, q.Oldest})
	}
	return &body[[]queueOut]{out}, err
}
