package advisoryweb

import (
	"context"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"github.com/tocsin-sec/tocsin/internal/advisory"
	"github.com/tocsin-sec/tocsin/internal/advisory/record"
	"github.com/tocsin-sec/tocsin/internal/base/fault"
	"github.com/tocsin-sec/tocsin/internal/base/unit"
	"github.com/tocsin-sec/tocsin/internal/people"
	"github.com/tocsin-sec/tocsin/internal/platform/webui"
)

// Advisory is an advisory as the API shows it.
type Advisory struct {
	ID        string              `json:"id"`
	Case      string              `json:"case,omitempty"`
	Project   string              `json:"project"`
	Number    string              `json:"number,omitempty" doc:"Number of the project's series, taken shortly before publication"`
	State     string              `json:"state" enum:"drafting,approved,armed,staged,held,published,correcting,withdrawn,superseded,abandoned"`
	Revision  int                 `json:"revision"`
	Hash      string              `json:"hash,omitempty" doc:"Of the revision in work: approval and publication name it"`
	Record    advisory.Record     `json:"record"`
	Problems  []fault.Field       `json:"problems,omitempty"`
	Blocked   []fault.Field       `json:"blocked,omitempty" doc:"What keeps it from being published"`
	FromCase  []record.Difference `json:"from_case,omitempty" doc:"What the case says of branches and the record does not, or says otherwise"`
	Published []Publication       `json:"published,omitempty"`
	Steps     []Step              `json:"steps,omitempty"`
}

// Publication is one published revision.
type Publication struct {
	Version    string    `json:"version"`
	Date       time.Time `json:"date"`
	Change     string    `json:"change"`
	Withdrawn  bool      `json:"withdrawn,omitempty"`
	Superseded bool      `json:"superseded,omitempty"`
}

// Step is one step after a publication.
type Step struct {
	Kind    string `json:"kind"`
	State   string `json:"state"`
	Tries   int    `json:"tries,omitempty"`
	Problem string `json:"problem,omitempty" doc:"Catalogue key"`
}

type idInput struct {
	ID string `path:"id"`
}

type oneOutput struct{ Body Advisory }

type listOutput struct {
	Body struct {
		Advisories []Advisory `json:"advisories"`
	}
}

type saveInput struct {
	ID   string `path:"id"`
	Body struct {
		Base   string          `json:"base" doc:"Hash of the revision that the change begins with"`
		Record advisory.Record `json:"record"`
		Change string          `json:"change,omitempty" doc:"Line of the revision history"`
	}
}

type decisionInput struct {
	ID   string `path:"id"`
	Body struct {
		Hash   string `json:"hash,omitempty" doc:"Hash of the revision that is decided about"`
		Reason string `json:"reason,omitempty"`
		By     string `json:"by,omitempty" doc:"supersede: number or id of the advisory that replaces this one"`
		URL    string `json:"url,omitempty" doc:"supersede: address of the document that replaces this one, when another publisher has it"`
	}
}

type importInput struct {
	Project string `path:"project" doc:"Short name of the project"`
	Check   bool   `query:"check" doc:"Only say what is wrong with the document; nothing is stored"`
	Accept  bool   `query:"accept_loss" doc:"What a record cannot hold of a document that is not CSAF 2.0 may be lost"`
	RawBody []byte `contentType:"application/json"`
}

type importOutput struct {
	Body struct {
		ID      string   `json:"id" doc:"Empty when it was only checked"`
		Number  string   `json:"number"`
		Hash    string   `json:"hash"`
		Lost    []string `json:"lost,omitempty" doc:"What the record cannot hold, with its place: lost, or lost by a correction when the document is kept"`
		Kept    bool     `json:"kept" doc:"The document is published as it is (CSAF 2.0); of others a record is made"`
		Filled  []string `json:"filled,omitempty" doc:"What the record must have and took from elsewhere in the document: confirm it"`
		Dropped []string `json:"dropped,omitempty" doc:"JSON pointers of members that the standard does not know: not published"`
	}
}

type previewInput struct {
	ID     string `path:"id"`
	Format string `path:"format" enum:"csaf,html,text,csaf-2.0,csaf-2.1,csaf-vex,osv,cve,openvex,updateinfo,mail,markdown,atom" doc:"csaf is csaf-2.0, text is the mail without its subject"`
}

type previewOutput struct {
	ContentType string `header:"Content-Type"`
	Body        []byte
}

type draftInput struct {
	Case string `path:"case"`
}

// api mounts the operations that do what the pages do.
func (p Pages) api(app *webui.App) {
	op := func(id, method, path, summary string) huma.Operation {
		return huma.Operation{OperationID: id, Method: method, Path: path, Summary: summary, Tags: []string{"advisory"}}
	}
	webui.Op(app, op("advisory-list", http.MethodGet, "/api/advisories", "Advisories that one works on"), webui.SignedIn, p.apiList)
	webui.Op(app, op("advisory-get", http.MethodGet, "/api/advisories/{id}", "One advisory"), webui.SignedIn, p.apiGet)
	webui.Op(app, op("advisory-draft", http.MethodPost, "/api/cases/{case}/advisory", "Begin the advisory of a case"), webui.SignedIn, p.apiDraft)
	webui.Op(app, op("advisory-save", http.MethodPut, "/api/advisories/{id}/record", "Save a new revision"), webui.SignedIn, p.apiSave)
	webui.Op(app, op("advisory-preview", http.MethodGet, "/api/advisories/{id}/preview/{format}", "An output as it would be published"), webui.SignedIn, p.apiPreview)
	imports := op("advisory-import", http.MethodPost, "/api/projects/{project}/advisories/import", "Take a published document (CSAF 2.0 or 2.1, OSV, CVE) with its own id and dates")
	imports.MaxBodyBytes = advisory.MaxImport
	imports.SkipValidateBody = true // the CSAF reader names every problem with its place
	webui.Op(app, imports, webui.SignedIn, p.apiImport)
	webui.Op(app, op("advisory-publish-all", http.MethodPost, "/api/projects/{project}/advisories/publish", "Publish approved imports together"), webui.SignedIn, p.apiPublishAll)
	for _, a := range actions() {
		webui.Op(app, op("advisory-"+a.name, http.MethodPost, "/api/advisories/{id}/"+a.name, summaryOf(a.name)), webui.SignedIn, p.apiDo(a))
	}
}

// summaryOf describes a decision in the API's description, which is in English.
func summaryOf(name string) string {
	switch name {
	case "approve":
		return "Approve exactly this revision; reason is the waiver of a team of one"
	case "arm":
		return "Let the end of the embargo publish this revision"
	case "disarm":
		return "Take the arming back"
	case "confirm":
		return "Confirm that all is still as approved"
	case "hold":
		return "Stop the publication for a reason"
	case "release":
		return "End the hold"
	case "publish":
		return "Publish now what no embargo bans"
	case "withdraw":
		return "Begin the withdrawal of a published advisory"
	case "supersede":
		return "Begin the supersession of a published advisory by another one: reason, and by or by and url"
	case "abandon":
		return "Give up an advisory that was never published"
	case "retry":
		return "Try the failed step after a publication again"
	}
	return name
}

func (p Pages) apiView(ctx context.Context, v unit.View, sc people.Scope, a advisory.Advisory) (Advisory, error) {
	out := Advisory{ID: string(a.ID), Case: a.Case, Project: string(a.Project), Number: a.Number, State: string(a.State()), Revision: a.Last}
	var err error
	if out.Record, err = p.Advisories.Current(ctx, v, sc, a); err != nil {
		return Advisory{}, err
	}
	if out.FromCase, err = p.Advisories.FromCase(ctx, v, sc, a); err != nil {
		return Advisory{}, err
	}
	if a.Working != nil {
		out.Hash, out.Problems = a.Working.Hash, a.Working.Content.Problems()
		if out.Blocked, _, _, err = p.Advisories.Blocked(ctx, v, sc, a); err != nil {
			return Advisory{}, err
		}
	}
	for _, x := range a.Published {
		out.Published = append(out.Published, Publication{Version: x.Version, Date: x.Date, Change: x.Change, Withdrawn: x.Withdrawn, Superseded: x.Superseded != nil})
	}
	for _, s := range a.Steps {
		out.Steps = append(out.Steps, Step{Kind: string(s.Kind), State: string(s.State), Tries: s.Tries, Problem: s.Problem})
	}
	return out, nil
}

func (p Pages) apiList(ctx context.Context, _ *struct{}) (*listOutput, error) {
	out := &listOutput{}
	out.Body.Advisories = []Advisory{}
	sc := people.From(ctx)
	err := p.Work.View(ctx, func(ctx context.Context, v unit.View) error {
		all, err := p.Advisories.List(ctx, v, sc)
		if err != nil {
			return err
		}
		for _, a := range all {
			x, err := p.apiView(ctx, v, sc, a)
			if err != nil {
				return err
			}
			out.Body.Advisories = append(out.Body.Advisories, x)
		}
		return nil
	})
	return out, err
}

func (p Pages) one(ctx context.Context, id string) (*oneOutput, error) {
	out := &oneOutput{}
	sc := people.From(ctx)
	err := p.Work.View(ctx, func(ctx context.Context, v unit.View) error {
		a, err := p.Advisories.Get(ctx, v, sc, advisory.ID(id))
		if err != nil {
			return err
		}
		out.Body, err = p.apiView(ctx, v, sc, a)
		return err
	})
	return out, err
}

func (p Pages) apiGet(ctx context.Context, in *idInput) (*oneOutput, error) { return p.one(ctx, in.ID) }

func (p Pages) apiDraft(ctx context.Context, in *draftInput) (*oneOutput, error) {
	id, err := p.Advisories.Draft(ctx, people.From(ctx), in.Case)
	if err != nil {
		return nil, err
	}
	return p.one(ctx, string(id))
}

func (p Pages) apiSave(ctx context.Context, in *saveInput) (*oneOutput, error) {
	err := p.Advisories.Save(ctx, people.From(ctx), advisory.ID(in.ID), in.Body.Base, in.Body.Record, oneLine(in.Body.Change))
	if err != nil {
		return nil, err
	}
	return p.one(ctx, in.ID)
}

func (p Pages) apiDo(a action) func(context.Context, *decisionInput) (*oneOutput, error) {
	return func(ctx context.Context, in *decisionInput) (*oneOutput, error) {
		err := a.run(ctx, p.Advisories, people.From(ctx), advisory.ID(in.ID), decided{in.Body.Hash, in.Body.Reason, in.Body.By, in.Body.URL})
		if err != nil {
			return nil, shown(err)
		}
		return p.one(ctx, in.ID)
	}
}

func (p Pages) apiImport(ctx context.Context, in *importInput) (*importOutput, error) {
	sc := people.From(ctx)
	var project people.Project
	err := p.Work.View(ctx, func(ctx context.Context, v unit.View) (err error) {
		project, err = p.People.ProjectBySlug(ctx, v, sc, in.Project)
		return err
	})
	if err != nil {
		return nil, err
	}
	var done advisory.Imported
	if in.Check {
		done, err = p.Advisories.CheckImport(ctx, sc, project.ID, in.RawBody)
	} else {
		done, err = p.Advisories.Import(ctx, sc, project.ID, in.RawBody, in.Accept)
	}
	if err != nil {
		return nil, err
	}
	out := &importOutput{}
	out.Body.ID, out.Body.Number, out.Body.Hash, out.Body.Lost = string(done.ID), done.Number, done.Hash, done.Lost
	out.Body.Dropped, out.Body.Kept, out.Body.Filled = done.Dropped, done.Kept, done.Filled
	return out, nil
}

type publishAllInput struct {
	Project string `path:"project" doc:"Short name of the project"`
	Body    struct {
		Advisories []struct {
			ID   string `json:"id"`
			Hash string `json:"hash" doc:"Hash of the approved revision"`
		} `json:"advisories"`
	}
}

func (p Pages) apiPublishAll(ctx context.Context, in *publishAllInput) (*struct{}, error) {
	sc := people.From(ctx)
	var project people.Project
	err := p.Work.View(ctx, func(ctx context.Context, v unit.View) (err error) {
		project, err = p.People.ProjectBySlug(ctx, v, sc, in.Project)
		return err
	})
	if err != nil {
		return nil, err
	}
	list := make([]advisory.Decided, len(in.Body.Advisories))
	for i, a := range in.Body.Advisories {
		list[i] = advisory.Decided{ID: advisory.ID(a.ID), Hash: a.Hash}
	}
	return nil, shown(p.Advisories.PublishAll(ctx, sc, project.ID, list))
}

func (p Pages) apiPreview(ctx context.Context, in *previewInput) (*previewOutput, error) {
	sc, id := people.From(ctx), advisory.ID(in.ID)
	if in.Format == "text" {
		out, err := p.Advisories.Preview(ctx, sc, id)
		return &previewOutput{"text/plain; charset=utf-8", out.Mail}, err
	}
	if in.Format == "csaf" {
		in.Format = "csaf-2.0"
	}
	out, err := p.Advisories.Output(ctx, sc, id, in.Format)
	return &previewOutput{out.Format.Media, out.Bytes}, err
}
