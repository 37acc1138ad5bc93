package advisoryweb

import (
	"context"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"github.com/tocsin-sec/tocsin/internal/advisory/resign"
	"github.com/tocsin-sec/tocsin/internal/base/fault"
	"github.com/tocsin-sec/tocsin/internal/base/unit"
	"github.com/tocsin-sec/tocsin/internal/people"
	"github.com/tocsin-sec/tocsin/internal/platform/webui"
)

// Signatures is the page and the API of signing everything anew.
type Signatures struct {
	Work   unit.Work
	Resign *resign.Service
	People Names
	Roles  Roles
}

// Roles is what pages for chairs and deputies need of people.Grants.
type Roles interface {
	RoleOn(ctx context.Context, v unit.View, sc people.Scope, object string) (people.Role, error)
}

// Register mounts them.
func (p Signatures) Register(app *webui.App) {
	app.Set("advisory", templates)
	app.Page("GET /teams/{project}/signatures", webui.SignedIn, p.show)
	app.Page("POST /teams/{project}/signatures", webui.SignedIn, p.start)
	op := func(id, method, summary string) huma.Operation {
		return huma.Operation{OperationID: id, Method: method, Path: "/api/projects/{project}/resign", Summary: summary, Tags: []string{"advisory"}}
	}
	webui.Op(app, op("resign-start", http.MethodPost, "Sign everything that the project published anew; chairs and deputies may"), webui.SignedIn, p.apiStart)
	webui.Op(app, op("resign-get", http.MethodGet, "How far the newest such run is"), webui.SignedIn, p.apiGet)
}

type signaturesView struct {
	Project people.Project
	Base    string
	Run     resign.Run
	Problem string
}

// led returns a project that the scope's person leads; for others the page is not there.
func led(ctx context.Context, v unit.View, sc people.Scope, names Names, roles Roles, name string) (people.Project, error) {
	p, err := names.ProjectBySlug(ctx, v, sc, name)
	if fault.Is(err, fault.NotFound) {
		p, err = names.Project(ctx, v, sc, people.ProjectID(name))
	}
	if err != nil {
		return people.Project{}, err
	}
	r, err := roles.RoleOn(ctx, v, sc, string(p.ID))
	if err == nil && r != people.Chair && r != people.Deputy {
		err = fault.Missing()
	}
	return p, err
}

func (p Signatures) load(ctx context.Context, name string) (view signaturesView, err error) {
	sc := people.From(ctx)
	err = p.Work.View(ctx, func(ctx context.Context, v unit.View) error {
		if view.Project, err = led(ctx, v, sc, p.People, p.Roles, name); err != nil {
			return err
		}
		view.Run, err = p.Resign.Newest(ctx, v, sc, view.Project.ID)
		if fault.Is(err, fault.NotFound) {
			return nil
		}
		return err
	})
	view.Base = "/teams/" + view.Project.Slug
	return view, err
}

func (p Signatures) show(c *webui.Ctx) error {
	view, err := p.load(c.Context(), c.Path("project"))
	if err != nil {
		return err
	}
	if view.Run.Problem != "" {
		view.Problem = c.T(view.Run.Problem, view.Run.Named()...)
	}
	return c.Render("advisory/signatures", view)
}

func (p Signatures) start(c *webui.Ctx) error {
	view, err := p.load(c.Context(), c.Path("project"))
	if err != nil {
		return err
	}
	if _, err := p.Resign.Start(c.Context(), people.From(c.Context()), view.Project.ID); err != nil {
		return c.RenderForm("advisory/signatures", view, err)
	}
	c.Flash("advisory.resign.started")
	return c.Redirect(view.Base + "/signatures")
}

// Resigning is a run as the API shows it.
type Resigning struct {
	State    string     `json:"state" enum:"none,running,done,failed"`
	Done     int        `json:"done" doc:"Files that have their new signature"`
	Total    int        `json:"total"`
	Problem  string     `json:"problem,omitempty" doc:"Catalogue key of the last failure"`
	Started  *time.Time `json:"started,omitempty"`
	Finished *time.Time `json:"finished,omitempty"`
}

type resignInput struct {
	Project string `path:"project" doc:"Short name of the project"`
}

type resignOutput struct{ Body Resigning }

func (p Signatures) apiGet(ctx context.Context, in *resignInput) (*resignOutput, error) {
	view, err := p.load(ctx, in.Project)
	if err != nil {
		return nil, err
	}
	r := view.Run
	out := Resigning{State: string(r.State), Done: r.Done, Total: r.Total, Problem: r.Problem}
	if r.ID == "" {
		out.State = "none"
		return &resignOutput{out}, nil
	}
	out.Started = &r.Started
	if !r.Finished.IsZero() {
		out.Finished = &r.Finished
	}
	return &resignOutput{out}, nil
}

func (p Signatures) apiStart(ctx context.Context, in *resignInput) (*resignOutput, error) {
	view, err := p.load(ctx, in.Project)
	if err != nil {
		return nil, err
	}
	if _, err := p.Resign.Start(ctx, people.From(ctx), view.Project.ID); err != nil {
		return nil, err
	}
	return p.apiGet(ctx, in)
}
