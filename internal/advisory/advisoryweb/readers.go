package advisoryweb

import (
	"context"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"github.com/tocsin-sec/tocsin/internal/advisory/access"
	"github.com/tocsin-sec/tocsin/internal/advisory/pubsite"
	"github.com/tocsin-sec/tocsin/internal/base/unit"
	"github.com/tocsin-sec/tocsin/internal/people"
	"github.com/tocsin-sec/tocsin/internal/platform/webui"
)

// Access is the operations on readers of AMBER and RED, and what caches ask for.
type Access struct {
	Work    unit.Work
	Site    pubsite.Store
	URL     string // base URL of the site
	Readers *access.Service
	People  Names
	Roles   Roles
}

// Reader is a reader as the API shows it.
type Reader struct {
	ID          string     `json:"id"`
	Name        string     `json:"name"`
	Kind        string     `json:"kind" enum:"token,certificate"`
	Level       string     `json:"level" enum:"AMBER,RED" doc:"RED reads both"`
	Fingerprint string     `json:"fingerprint,omitempty" doc:"SHA-256 of the client certificate"`
	Ends        time.Time  `json:"ends"`
	Ended       *time.Time `json:"ended,omitempty"`
	Used        *time.Time `json:"used,omitempty" doc:"When something was fetched the last time, to the hour"`
}

type readersInput struct {
	Project string `path:"project" doc:"Short name of the project"`
}

type readersOutput struct {
	Body struct {
		Readers []Reader `json:"readers"`
	}
}

type newReaderInput struct {
	Project string `path:"project" doc:"Short name of the project"`
	Body    struct {
		Name        string `json:"name"`
		Level       string `json:"level" doc:"AMBER, or RED for both"`
		Days        int    `json:"days" doc:"Until it ends, 1 to 366"`
		Certificate string `json:"certificate,omitempty" doc:"Client certificate in PEM or its SHA-256 fingerprint; a token is made when it is left out"`
	}
}

type newReaderOutput struct {
	Body struct {
		Reader
		Token string `json:"token,omitempty" doc:"Shown this once"`
	}
}

type endReaderInput struct {
	Project string `path:"project" doc:"Short name of the project"`
	ID      string `path:"id"`
}

// Register mounts the operations.
func (a Access) Register(app *webui.App) {
	app.Set("advisory", templates)
	app.Page("GET /teams/{project}/readers", webui.SignedIn, a.page)
	app.Page("POST /teams/{project}/readers", webui.SignedIn, a.letIn)
	app.Page("POST /teams/{project}/readers/{id}", webui.SignedIn, a.shutOut)
	op := func(id, method, path, summary string) huma.Operation {
		return huma.Operation{OperationID: id, Method: method, Path: path, Summary: summary, Tags: []string{"advisory"}}
	}
	const all = "/api/projects/{project}/readers"
	webui.Op(app, op("reader-list", http.MethodGet, all, "Who reads what is published at TLP:AMBER and RED"), webui.SignedIn, a.list)
	webui.Op(app, op("reader-add", http.MethodPost, all, "Let a reader of TLP:AMBER and RED in"), webui.SignedIn, a.add)
	webui.Op(app, op("reader-end", http.MethodDelete, all+"/{id}", "Shut a reader out"), webui.SignedIn, a.end)
	webui.Op(app, op("site-changed", http.MethodGet, "/api/site/changed", "Addresses that changed after a generation of the published site"), webui.Admin, a.changed)
}

type changedInput struct {
	Since int64 `query:"since" doc:"Generation after which changes count"`
}

type changedOutput struct {
	Body struct {
		Generation int64    `json:"generation" doc:"The newest; ask with it the next time"`
		Changed    []string `json:"changed" doc:"Addresses that were written, replaced or removed; none of TLP:AMBER or RED"`
	}
}

func (a Access) changed(ctx context.Context, in *changedInput) (*changedOutput, error) {
	out := &changedOutput{}
	out.Body.Changed = []string{}
	err := a.Work.View(ctx, func(ctx context.Context, v unit.View) error {
		f, err := a.Site.Changed(ctx, v, people.Anyone(), in.Since)
		out.Body.Generation = f.Generation
		for _, path := range f.Changed {
			out.Body.Changed = append(out.Body.Changed, a.URL+"/"+path)
		}
		return err
	})
	return out, err
}

func (a Access) project(ctx context.Context, slug string) (people.ProjectID, error) {
	var id people.ProjectID
	err := a.Work.View(ctx, func(ctx context.Context, v unit.View) error {
		p, err := a.People.ProjectBySlug(ctx, v, people.From(ctx), slug)
		id = p.ID
		return err
	})
	return id, err
}

func shownReader(r access.Reader) Reader {
	out := Reader{ID: r.ID, Name: r.Name, Kind: r.Kind, Level: string(r.Level), Fingerprint: r.Fingerprint, Ends: r.Ends}
	if !r.Ended.IsZero() {
		out.Ended = &r.Ended
	}
	if !r.Used.IsZero() {
		out.Used = &r.Used
	}
	return out
}

func (a Access) list(ctx context.Context, in *readersInput) (*readersOutput, error) {
	project, err := a.project(ctx, in.Project)
	if err != nil {
		return nil, err
	}
	all, err := a.Readers.List(ctx, people.From(ctx), project)
	if err != nil {
		return nil, err
	}
	out := &readersOutput{}
	out.Body.Readers = []Reader{}
	for _, r := range all {
		out.Body.Readers = append(out.Body.Readers, shownReader(r))
	}
	return out, nil
}

func (a Access) add(ctx context.Context, in *newReaderInput) (*newReaderOutput, error) {
	project, err := a.project(ctx, in.Project)
	if err != nil {
		return nil, err
	}
	b := in.Body
	r, token, err := a.Readers.Add(ctx, people.From(ctx), access.NewReader{Project: project, Name: b.Name, Level: b.Level, Days: b.Days, Certificate: b.Certificate})
	if err != nil {
		return nil, err
	}
	out := &newReaderOutput{}
	out.Body.Reader, out.Body.Token = shownReader(r), token.Reveal()
	return out, nil
}

func (a Access) end(ctx context.Context, in *endReaderInput) (*struct{}, error) {
	project, err := a.project(ctx, in.Project)
	if err != nil {
		return nil, err
	}
	return nil, a.Readers.End(ctx, people.From(ctx), project, in.ID)
}
