package deskweb

import (
	"context"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"github.com/tocsin-sec/tocsin/internal/base/unit"
	"github.com/tocsin-sec/tocsin/internal/desk"
	"github.com/tocsin-sec/tocsin/internal/people"
	"github.com/tocsin-sec/tocsin/internal/platform/webui"
)

// filesAPI registers the originals and files of messages, the key that a report brings,
// and the canned texts.
func (p *Pages) filesAPI(app *webui.App) {
	op := func(id, method, path, summary string) huma.Operation {
		return huma.Operation{OperationID: id, Method: method, Path: path, Summary: summary, Tags: []string{"reports"}}
	}
	slow := webui.Timeout(10 * time.Minute)
	webui.Op(app, op("report-raw", http.MethodGet, "/api/reports/messages/{id}/raw", "A mail as it came; the access is recorded"), webui.SignedIn, p.apiRaw, slow)
	webui.Op(app, op("report-part", http.MethodGet, "/api/reports/messages/{id}/parts/{n}", "A file of a message; the access is recorded"), webui.SignedIn, p.apiPart, slow)
	webui.Op(app, op("report-key", http.MethodPost, "/api/reports/{id}/key", "Register the key that a report brings for its sender"), webui.SignedIn, p.apiKey)
	webui.Op(app, op("text-list", http.MethodGet, "/api/projects/{slug}/texts", "The canned texts of a project, for its team"), webui.SignedIn, p.apiTexts)
	webui.Op(app, op("text-save", http.MethodPost, "/api/projects/{slug}/texts", "Add or change a canned text"), webui.SignedIn, p.apiSaveText)
	webui.Op(app, op("text-remove", http.MethodDelete, "/api/projects/{slug}/texts/{id}", "Remove a canned text"), webui.SignedIn, p.apiRemoveText)
}

type partInput struct {
	ID string `path:"id"`
	N  int    `path:"n" minimum:"0"`
}

func (p *Pages) apiRaw(ctx context.Context, in *oneInput) (*huma.StreamResponse, error) {
	return p.file(ctx, in.ID, -1)
}

func (p *Pages) apiPart(ctx context.Context, in *partInput) (*huma.StreamResponse, error) {
	return p.file(ctx, in.ID, in.N)
}

func (p *Pages) file(ctx context.Context, id string, n int) (*huma.StreamResponse, error) {
	f, err := p.Desk.OpenFile(ctx, people.From(ctx), desk.MessageID(id), n)
	if err != nil {
		return nil, err
	}
	return webui.File(partName(f.Name, n), "application/octet-stream", f), nil
}

type keyInput struct {
	ID   string `path:"id"`
	Body struct {
		Message string `json:"message,omitempty" doc:"id of the message with the key; without it the key of the web form"`
		Part    int    `json:"part,omitempty" minimum:"0"`
	}
}

func (p *Pages) apiKey(ctx context.Context, in *keyInput) (*struct{}, error) {
	return nil, p.register(ctx, desk.ReportID(in.ID), desk.MessageID(in.Body.Message), in.Body.Part)
}

type slugInput struct {
	Slug string `path:"slug"`
}

// apiText is a canned text in the API.
type apiText struct {
	ID    string `json:"id,omitempty"`
	For   string `json:"for" enum:"reject,not_ours,duplicate,ask"`
	Title string `json:"title" maxLength:"200"`
	Body  string `json:"body"`
}

type textsOutput struct {
	Body struct {
		Texts []apiText `json:"texts"`
	}
}

func (p *Pages) bySlug(ctx context.Context, slug string) (people.Project, error) {
	var out people.Project
	err := p.Work.View(ctx, func(ctx context.Context, v unit.View) (err error) {
		out, err = p.Desk.Projects.ProjectBySlug(ctx, v, people.From(ctx), slug)
		return err
	})
	return out, err
}

func (p *Pages) apiTexts(ctx context.Context, in *slugInput) (*textsOutput, error) {
	project, err := p.bySlug(ctx, in.Slug)
	if err != nil {
		return nil, err
	}
	list, err := p.Desk.TextsOf(ctx, people.From(ctx), project.ID)
	out := &textsOutput{}
	out.Body.Texts = []apiText{}
	for _, t := range list {
		out.Body.Texts = append(out.Body.Texts, apiText{string(t.ID), t.For.String(), t.Title, t.Body})
	}
	return out, err
}

type saveTextInput struct {
	Slug string `path:"slug"`
	Body apiText
}

type savedTextOutput struct {
	Body struct {
		ID string `json:"id"`
	}
}

func (p *Pages) apiSaveText(ctx context.Context, in *saveTextInput) (*savedTextOutput, error) {
	project, err := p.bySlug(ctx, in.Slug)
	if err != nil {
		return nil, err
	}
	d, err := desk.ParseDecision(in.Body.For)
	if err != nil {
		return nil, err
	}
	id, err := p.Desk.SaveText(ctx, people.From(ctx), desk.Text{ID: desk.TextID(in.Body.ID), Project: project.ID, For: d, Title: in.Body.Title, Body: in.Body.Body})
	out := &savedTextOutput{}
	out.Body.ID = string(id)
	return out, err
}

type removeTextInput struct {
	Slug string `path:"slug"`
	ID   string `path:"id"`
}

func (p *Pages) apiRemoveText(ctx context.Context, in *removeTextInput) (*struct{}, error) {
	if _, err := p.bySlug(ctx, in.Slug); err != nil {
		return nil, err
	}
	return nil, p.Desk.RemoveText(ctx, people.From(ctx), desk.TextID(in.ID))
}
