package advisoryweb

import (
	"context"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"github.com/tocsin-sec/tocsin/internal/advisory/downstream"
	"github.com/tocsin-sec/tocsin/internal/base/unit"
	"github.com/tocsin-sec/tocsin/internal/people"
	"github.com/tocsin-sec/tocsin/internal/platform/webui"
)

// Downstream is a subscription as the API shows it.
type Downstream struct {
	ID         string            `json:"id"`
	Kind       string            `json:"kind" enum:"webhook,mail"`
	Name       string            `json:"name"`
	URL        string            `json:"url,omitempty"`
	Address    string            `json:"address,omitempty"`
	Lang       string            `json:"lang,omitempty"`
	Products   []downstream.Want `json:"products" doc:"None: all products and branches"`
	Clearance  string            `json:"clearance" enum:"GREEN,AMBER,RED" doc:"The strictest TLP label that is told"`
	State      string            `json:"state" enum:"pending,active,paused,ended"`
	Created    time.Time         `json:"created"`
	Failing    *time.Time        `json:"failing,omitempty" doc:"Since when deliveries are given up"`
	Deliveries []Told            `json:"deliveries,omitempty" doc:"The newest"`
	Secret     string            `json:"secret,omitempty" doc:"Of a webhook: in the answer that makes it, and nowhere else"`
}

// Told is one delivery as the API shows it.
type Told struct {
	ID       string    `json:"id" doc:"The webhook-id"`
	Advisory string    `json:"advisory"`
	Revision string    `json:"revision"`
	State    string    `json:"state" enum:"waiting,sent,mailed,dead,cancelled"`
	Tries    int       `json:"tries"`
	Problem  string    `json:"problem,omitempty" doc:"Catalogue key"`
	Code     int       `json:"code,omitempty"`
	Created  time.Time `json:"created"`
}

type downInput struct {
	Project string `path:"project" doc:"Short name of the project"`
	ID      string `path:"id"`
}

// downBody is what the team says of a subscription.
type downBody struct {
	Kind      string            `json:"kind,omitempty" enum:"webhook,mail" doc:"Stays as it is in a change"`
	Name      string            `json:"name" maxLength:"200"`
	URL       string            `json:"url,omitempty" maxLength:"2000"`
	Address   string            `json:"address,omitempty" maxLength:"254"`
	Lang      string            `json:"lang,omitempty" enum:"en,zh"`
	Products  []downstream.Want `json:"products,omitempty" maxItems:"50"`
	Clearance string            `json:"clearance,omitempty" enum:"GREEN,AMBER,RED"`
	Paused    bool              `json:"paused,omitempty"`
}

func (b downBody) change() downstream.Change {
	return downstream.Change{Kind: downstream.Kind(b.Kind), Name: b.Name, URL: b.URL, Address: b.Address, Lang: b.Lang, Wants: b.Products, Clearance: b.Clearance}
}

type downAddInput struct {
	Project string `path:"project"`
	Body    downBody
}

type downSaveInput struct {
	Project string `path:"project"`
	ID      string `path:"id"`
	Body    downBody
}

type downOutput struct{ Body Downstream }

type downListInput struct {
	Project string `path:"project"`
}

type downListOutput struct {
	Body struct {
		Downstreams []Downstream `json:"downstreams"`
	}
}

func (p Downstreams) api(app *webui.App) {
	const all, one = "/api/projects/{project}/downstreams", "/api/projects/{project}/downstreams/{id}"
	op := func(id, method, path, summary string) huma.Operation {
		return huma.Operation{OperationID: id, Method: method, Path: path, Summary: summary, Tags: []string{"advisory"}}
	}
	webui.Op(app, op("downstream-list", http.MethodGet, all, "Who hears of the project's publications; for chairs and deputies"), webui.SignedIn, p.apiList)
	webui.Op(app, op("downstream-add", http.MethodPost, all, "Add a webhook or a mail address"), webui.SignedIn, p.apiAdd)
	webui.Op(app, op("downstream-get", http.MethodGet, one, "One, with its newest deliveries"), webui.SignedIn, p.apiGet)
	webui.Op(app, op("downstream-save", http.MethodPut, one, "Change it, pause it, or let it go on"), webui.SignedIn, p.apiSave)
	webui.Op(app, op("downstream-remove", http.MethodDelete, one, "Forget it"), webui.SignedIn, p.apiRemove)
	webui.Op(app, op("downstream-secret", http.MethodPost, one+"/secret", "Give a webhook a new secret"), webui.SignedIn, p.apiSecret)
	webui.Op(app, op("downstream-retry", http.MethodPost, one+"/retry", "Try again what was given up"), webui.SignedIn, p.apiRetry)
}

func shownDownstream(x downstream.Subscription, sent []downstream.Delivery) Downstream {
	out := Downstream{ID: x.ID, Kind: string(x.Kind), Name: x.Name, URL: x.URL, Address: x.Address, Lang: x.Lang, Products: x.Wants,
		Clearance: x.Clearance, State: string(x.State), Created: x.Created}
	if out.Products == nil {
		out.Products = []downstream.Want{}
	}
	if !x.Failing.IsZero() {
		out.Failing = &x.Failing
	}
	for _, d := range sent {
		out.Deliveries = append(out.Deliveries, Told{d.ID, d.Number, d.Version, string(d.State), d.Tries, d.Problem, d.Code, d.Created})
	}
	return out
}

// of finds the project for one who leads it.
func (p Downstreams) of(ctx context.Context, name string) (people.ProjectID, error) {
	var out people.ProjectID
	err := p.Work.View(ctx, func(ctx context.Context, v unit.View) error {
		project, err := led(ctx, v, people.From(ctx), p.People, p.Roles, name)
		out = project.ID
		return err
	})
	return out, err
}

func (p Downstreams) apiList(ctx context.Context, in *downListInput) (*downListOutput, error) {
	project, err := p.of(ctx, in.Project)
	if err != nil {
		return nil, err
	}
	out := &downListOutput{}
	out.Body.Downstreams = []Downstream{}
	err = p.Work.View(ctx, func(ctx context.Context, v unit.View) error {
		all, err := p.Downstream.List(ctx, v, people.From(ctx), project)
		for _, x := range all {
			out.Body.Downstreams = append(out.Body.Downstreams, shownDownstream(x, nil))
		}
		return err
	})
	return out, err
}

func (p Downstreams) apiAdd(ctx context.Context, in *downAddInput) (*downOutput, error) {
	project, err := p.of(ctx, in.Project)
	if err != nil {
		return nil, err
	}
	x, key, err := p.Downstream.Add(ctx, people.From(ctx), project, in.Body.change())
	if err != nil {
		return nil, err
	}
	out := shownDownstream(x, nil)
	out.Secret = key.Reveal()
	return &downOutput{out}, nil
}

func (p Downstreams) apiGet(ctx context.Context, in *downInput) (*downOutput, error) {
	project, err := p.of(ctx, in.Project)
	if err != nil {
		return nil, err
	}
	var out Downstream
	err = p.Work.View(ctx, func(ctx context.Context, v unit.View) error {
		x, sent, err := p.Downstream.One(ctx, v, people.From(ctx), project, in.ID)
		out = shownDownstream(x, sent)
		return err
	})
	return &downOutput{out}, err
}

func (p Downstreams) apiSave(ctx context.Context, in *downSaveInput) (*downOutput, error) {
	project, err := p.of(ctx, in.Project)
	if err != nil {
		return nil, err
	}
	was, err := p.apiGet(ctx, &downInput{in.Project, in.ID})
	if err != nil {
		return nil, err
	}
	if err := p.Downstream.Save(ctx, people.From(ctx), project, in.ID, in.Body.change()); err != nil {
		return nil, err
	}
	if paused := was.Body.State == string(downstream.Paused); paused != in.Body.Paused {
		if err := p.Downstream.Pause(ctx, people.From(ctx), project, in.ID, in.Body.Paused); err != nil {
			return nil, err
		}
	}
	return p.apiGet(ctx, &downInput{in.Project, in.ID})
}

func (p Downstreams) apiRemove(ctx context.Context, in *downInput) (*struct{}, error) {
	project, err := p.of(ctx, in.Project)
	if err != nil {
		return nil, err
	}
	return nil, p.Downstream.Remove(ctx, people.From(ctx), project, in.ID)
}

func (p Downstreams) apiSecret(ctx context.Context, in *downInput) (*downOutput, error) {
	project, err := p.of(ctx, in.Project)
	if err != nil {
		return nil, err
	}
	key, err := p.Downstream.NewSecret(ctx, people.From(ctx), project, in.ID)
	if err != nil {
		return nil, err
	}
	out, err := p.apiGet(ctx, in)
	if err == nil {
		out.Body.Secret = key.Reveal()
	}
	return out, err
}

func (p Downstreams) apiRetry(ctx context.Context, in *downInput) (*downOutput, error) {
	project, err := p.of(ctx, in.Project)
	if err != nil {
		return nil, err
	}
	if _, err := p.Downstream.Retry(ctx, people.From(ctx), project, in.ID); err != nil {
		return nil, err
	}
	return p.apiGet(ctx, in)
}
