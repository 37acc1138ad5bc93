package peopleweb

import (
	"context"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"github.com/tocsin-sec/tocsin/internal/base/fault"
	"github.com/tocsin-sec/tocsin/internal/people"
	"github.com/tocsin-sec/tocsin/internal/platform/webui"
)

// registerTeamAPI adds one's profile, the ways into a team and out of it, its terms, and
// the administrator's jobs.
func (p Pages) registerTeamAPI(app *webui.App) {
	op := func(id, method, path, summary string) huma.Operation {
		return huma.Operation{OperationID: id, Method: method, Path: path, Summary: summary, Tags: []string{"people"}}
	}
	const get, post, put = http.MethodGet, http.MethodPost, http.MethodPut
	webui.Op(app, op("profile", put, "/api/people/me", "Change what is said of oneself"), webui.SignedIn, p.apiProfile, webui.Anyway())
	webui.Op(app, op("joins", get, "/api/projects/{project}/joins", "Who asked to join, for the team; else one's own"), webui.SignedIn, p.apiJoins, webui.Anyway())
	webui.Op(app, op("join-decide", post, "/api/projects/{project}/joins/{id}", "Vouch for, approve or refuse who asked to join; withdraw"), webui.SignedIn, p.apiDecide, webui.Anyway())
	webui.Op(app, op("member", post, "/api/projects/{project}/team/{person}", "Change a member's role, or remove the member"), webui.SignedIn, p.apiMember, webui.Anyway())
	webui.Op(app, op("terms", get, "/api/projects/{project}/terms", "The embargo terms in force, and what one accepted"), webui.SignedIn, p.apiTerms, webui.Anyway())
	webui.Op(app, op("terms-set", put, "/api/projects/{project}/terms", "Put new embargo terms in force; chairs may"), webui.SignedIn, p.apiSetTerms, webui.Anyway())
	webui.Op(app, op("terms-accept", post, "/api/projects/{project}/terms/acceptance", "Accept the version that one has read"), webui.SignedIn, p.apiAccept, webui.Anyway())
	webui.Op(app, op("dead-jobs", get, "/api/people/jobs", "Jobs that will not be tried again"), webui.Admin, p.apiJobs)
	webui.Op(app, op("job-retry", post, "/api/people/jobs/{id}/retry", "Start such a job afresh"), webui.Admin, p.apiRetry)
}

type profileIn struct {
	Body struct {
		Name   string `json:"name" maxLength:"100"`
		Lang   string `json:"lang,omitempty" enum:"en,zh"`
		Zone   string `json:"zone,omitempty" maxLength:"64"`
		About  string `json:"about,omitempty" maxLength:"200"`
		Public bool   `json:"public,omitempty" doc:"named on the public team page"`
	}
}

func (p Pages) apiProfile(ctx context.Context, in *profileIn) (*body[personOut], error) {
	b := in.Body
	if err := p.Admin.SaveProfile(ctx, people.From(ctx), people.Profile{Name: b.Name, Lang: b.Lang, Zone: b.Zone, About: b.About, Public: b.Public}); err != nil {
		return nil, err
	}
	return p.apiMe(ctx, nil)
}

type joinOut struct {
	ID      string    `json:"id"`
	Person  string    `json:"person" doc:"empty until who was entered by another has joined"`
	Name    string    `json:"name,omitempty" doc:"as who entered it typed it"`
	Address string    `json:"address,omitempty" doc:"the same"`
	Role    string    `json:"role"`
	State   string    `json:"state"`
	Text    string    `json:"text"`
	Word    string    `json:"word,omitempty"`
	Asked   time.Time `json:"asked"`
}

func (p Pages) apiJoins(ctx context.Context, in *ProjectIn) (*body[[]joinOut], error) {
	v, err := p.apiView(ctx, in.Project)
	out := []joinOut{}
	for _, j := range v.Joins {
		if j.Open() {
			o := joinOut{j.ID, string(j.Person), j.Name, j.Address, string(j.Role), string(j.State), j.Text, j.Word, j.Asked}
			if me, _ := people.From(ctx).Person(); j.Hidden() && j.Person != me {
				o.Person = ""
			}
			out = append(out, o)
		}
	}
	return &body[[]joinOut]{out}, err
}

func (p Pages) apiView(ctx context.Context, project string) (people.TeamView, error) {
	x, err := p.Members.Find(ctx, people.From(ctx), project)
	if err != nil {
		return people.TeamView{}, err
	}
	return p.Members.View(ctx, people.From(ctx), x.ID)
}

type decideIn struct {
	ProjectIn
	ID   string `path:"id"`
	Body struct {
		Do   string `json:"do" enum:"vouch,approve,refuse" doc:"refuse one's own to withdraw"`
		Word string `json:"word,omitempty" maxLength:"4000"`
	}
}

func (p Pages) apiDecide(ctx context.Context, in *decideIn) (*struct{}, error) {
	if _, err := p.Members.Find(ctx, people.From(ctx), in.Project); err != nil {
		return nil, err
	}
	f := p.Members.Refuse
	switch in.Body.Do {
	case "vouch":
		f = p.Members.Vouch
	case "approve":
		f = p.Members.Approve
	}
	return nil, f(ctx, people.From(ctx), in.ID, in.Body.Word)
}

type memberIn struct {
	ProjectIn
	Person string `path:"person"`
	Body   struct {
		Do  string `json:"do" enum:"chair,not_chair,deputy,not_deputy,remove"`
		Why string `json:"why,omitempty" maxLength:"4000" doc:"of a removal"`
	}
}

func (p Pages) apiMember(ctx context.Context, in *memberIn) (*struct{}, error) {
	v, err := p.apiView(ctx, in.Project)
	if err != nil {
		return nil, err
	}
	who := people.PersonID(in.Person)
	mate := false
	for _, t := range v.Team {
		mate = mate || t.Person.ID == who && len(v.Mine) > 0
	}
	if !mate {
		return nil, fault.Missing()
	}
	sc, id := people.From(ctx), v.Project.ID
	switch in.Body.Do {
	case "chair", "deputy":
		err = p.Members.SetRole(ctx, sc, id, who, people.Role(in.Body.Do), true)
	case "not_chair":
		err = p.Members.SetRole(ctx, sc, id, who, people.Chair, false)
	case "not_deputy":
		err = p.Members.SetRole(ctx, sc, id, who, people.Deputy, false)
	default:
		err = p.Members.Remove(ctx, sc, id, who, in.Body.Why)
	}
	return nil, err
}

type termsOut struct {
	Version  int        `json:"version" doc:"0: there are none"`
	Text     string     `json:"text"`
	Since    *time.Time `json:"since,omitempty"`
	Accepted int        `json:"accepted" doc:"the version that you accepted last, 0 for none"`
}

func (p Pages) apiTerms(ctx context.Context, in *ProjectIn) (*body[termsOut], error) {
	v, err := p.apiView(ctx, in.Project)
	out := termsOut{Version: v.Terms.Version, Text: v.Terms.Text, Accepted: v.Accepted.Version}
	if !v.Terms.Since.IsZero() {
		out.Since = &v.Terms.Since
	}
	return &body[termsOut]{out}, err
}

type setTermsIn struct {
	ProjectIn
	Body struct {
		Text string `json:"text" minLength:"1" maxLength:"100000"`
	}
}

func (p Pages) apiSetTerms(ctx context.Context, in *setTermsIn) (*body[termsOut], error) {
	x, err := p.Members.Find(ctx, people.From(ctx), in.Project)
	if err != nil {
		return nil, err
	}
	if err := p.Projects.SetTerms(ctx, people.From(ctx), x.ID, in.Body.Text); err != nil {
		return nil, err
	}
	return p.apiTerms(ctx, &in.ProjectIn)
}

type acceptIn struct {
	ProjectIn
	Body struct {
		Version int `json:"version" minimum:"0"`
	}
}

func (p Pages) apiAccept(ctx context.Context, in *acceptIn) (*struct{}, error) {
	x, err := p.Members.Find(ctx, people.From(ctx), in.Project)
	if err != nil {
		return nil, err
	}
	return nil, p.Members.Accept(ctx, people.From(ctx), x.ID, in.Body.Version)
}

type jobOut struct {
	ID       string    `json:"id"`
	Kind     string    `json:"kind"`
	Problem  string    `json:"problem,omitempty" doc:"Catalogue key"`
	Attempts int       `json:"attempts"`
	Created  time.Time `json:"created"`
}

func (p Pages) apiJobs(ctx context.Context, _ *struct{}) (*body[[]jobOut], error) {
	list, err := p.Admin.DeadJobs(ctx, people.From(ctx))
	out := []jobOut{}
	for _, j := range list {
		out = append(out, jobOut{j.ID, j.Kind, j.Problem, j.Attempts, j.Created})
	}
	return &body[[]jobOut]{out}, err
}

type jobIn struct {
	ID string `path:"id"`
}

func (p Pages) apiRetry(ctx context.Context, in *jobIn) (*struct{}, error) {
	return nil, p.Admin.RetryJob(ctx, people.From(ctx), in.ID)
}
