package deskweb

import (
	"context"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"github.com/tocsin-sec/tocsin/internal/base/killpoint"
	"github.com/tocsin-sec/tocsin/internal/base/unit"
	"github.com/tocsin-sec/tocsin/internal/casework"
	"github.com/tocsin-sec/tocsin/internal/desk"
	"github.com/tocsin-sec/tocsin/internal/people"
	"github.com/tocsin-sec/tocsin/internal/platform/webui"
)

// apiReport is a report in the API.
type apiReport struct {
	ID           string     `json:"id"`
	Project      string     `json:"project"`
	State        string     `json:"state" enum:"held,released,rejected,not_ours,duplicate,spam"`
	Via          string     `json:"via" enum:"mail,web,api"`
	Title        string     `json:"title"`
	From         string     `json:"from" doc:"as written, unverified"`
	Encrypted    bool       `json:"encrypted"`
	Flagged      bool       `json:"flagged" doc:"reading found trouble that a person should know of"`
	News         bool       `json:"news" doc:"something came in since a moderator last decided or asked"`
	ReceivedAt   time.Time  `json:"received_at"`
	DueAck       time.Time  `json:"due_ack"`
	DueAssess    time.Time  `json:"due_assess"`
	DecidedAt    *time.Time `json:"decided_at,omitempty"`
	Reason       string     `json:"reason,omitempty"`
	Case         string     `json:"case,omitempty"`
	MessageCount int        `json:"messages"`
}

func toAPI(r desk.Report) apiReport {
	out := apiReport{
		ID: string(r.ID), Project: string(r.Project), State: r.State.String(), Via: r.Via.String(), Title: r.Title, From: r.From.Mail,
		Encrypted: r.Encrypted, Flagged: r.Flagged, News: r.News, ReceivedAt: r.ReceivedAt, DueAck: r.DueAck, DueAssess: r.DueAssess,
		Reason: r.Reason, Case: r.Case, MessageCount: r.Messages,
	}
	if !r.DecidedAt.IsZero() {
		out.DecidedAt = &r.DecidedAt
	}
	return out
}

type listInput struct {
	State string `query:"state" enum:"held,rejected,not_ours,duplicate,spam,released" default:"held"`
	After string `query:"after" doc:"id of the last report of the page before"`
	Limit int    `query:"limit" minimum:"1" maximum:"500" default:"100"`
}

type listOutput struct {
	Body struct {
		Reports []apiReport `json:"reports"`
	}
}

type oneInput struct {
	ID string `path:"id"`
}

// apiMessage is one message of a report in the API.
type apiMessage struct {
	ID         string           `json:"id"`
	At         time.Time        `json:"at"`
	Inbound    bool             `json:"inbound"`
	From       string           `json:"from" doc:"as written, unverified"`
	Subject    string           `json:"subject"`
	Text       string           `json:"text"`
	Signatures []desk.Signature `json:"signatures,omitempty"`
	Verified   bool             `json:"verified" doc:"a good signature by a registered key covers all of it"`
	Replayed   bool             `json:"replayed,omitempty"`
	Auth       desk.Auth        `json:"auth"`
	Troubles   []desk.Trouble   `json:"troubles,omitempty"`
	Parts      []desk.Part      `json:"parts,omitempty"`
}

type oneOutput struct {
	Body struct {
		apiReport
		Claims   desk.Claims  `json:"claims"`
		Exchange []apiMessage `json:"exchange"`
	}
}

type decideInput struct {
	ID   string `path:"id"`
	Body struct {
		Do     string `json:"do" enum:"reject,not_ours,duplicate,spam,ask,reopen"`
		Reason string `json:"reason" minLength:"1"`
		Text   string `json:"text,omitempty" doc:"own words to the reporter"`
		Canned string `json:"canned,omitempty" doc:"id of one of the project's texts"`
		Of     string `json:"of,omitempty" doc:"the report or case that it repeats"`
		Quiet  bool   `json:"quiet,omitempty" doc:"send no letter"`
	}
}

type releaseInput struct {
	ID   string `path:"id"`
	Body struct {
		Title    string     `json:"title,omitempty" doc:"of the case; else the report's own"`
		Reason   string     `json:"reason" minLength:"1" doc:"why it is released, for the team"`
		Until    *time.Time `json:"until,omitempty" doc:"end of the embargo; without one the project's aim"`
		Longer   string     `json:"longer,omitempty" doc:"why the embargo is longer than the aim"`
		Public   bool       `json:"public,omitempty" doc:"already public: no embargo"`
		Evidence string     `json:"evidence,omitempty" doc:"of public"`
		Team     bool       `json:"team,omitempty" doc:"the whole team joins, not only chair and deputies"`
	}
}

type releaseOutput struct {
	Body struct {
		Case string `json:"case" doc:"the new case's id"`
	}
}

type submitInput struct {
	Slug string `path:"slug"`
	Body struct {
		Title   string      `json:"title,omitempty"`
		What    string      `json:"what" minLength:"1"`
		Name    string      `json:"name,omitempty"`
		Address string      `json:"address,omitempty"`
		Lang    string      `json:"lang,omitempty" enum:"en,zh" doc:"what letters to the reporter are written in; without one the project's first language"`
		Claims  desk.Claims `json:"claims,omitempty"`
	}
}

type submitOutput struct {
	Body struct {
		ID     string `json:"id"`
		Status string `json:"status" doc:"the secret link: state, exchange, additions"`
	}
}

// api registers what the pages do, for programs.
func (p *Pages) api(app *webui.App) {
	webui.Op(app, huma.Operation{OperationID: "report-list", Method: http.MethodGet, Path: "/api/reports", Summary: "List held or decided reports", Tags: []string{"reports"}},
		webui.SignedIn, p.apiList)
	webui.Op(app, huma.Operation{OperationID: "report-get", Method: http.MethodGet, Path: "/api/reports/{id}", Summary: "One report with its messages", Tags: []string{"reports"}},
		webui.SignedIn, p.apiGet)
	webui.Op(app, huma.Operation{OperationID: "report-decide", Method: http.MethodPost, Path: "/api/reports/{id}/decide", Summary: "Decide about a held report", Tags: []string{"reports"}},
		webui.SignedIn, p.apiDecide)
	webui.Op(app, huma.Operation{OperationID: "report-release", Method: http.MethodPost, Path: "/api/reports/{id}/release", Summary: "Open a case from a report", Tags: []string{"reports"}},
		webui.SignedIn, p.apiRelease)
	webui.Op(app, huma.Operation{OperationID: "report-submit", Method: http.MethodPost, Path: "/api/projects/{slug}/reports", Summary: "Report a security problem", Tags: []string{"reports"}},
		webui.Public, p.apiSubmit)
	p.filesAPI(app)
}

func (p *Pages) apiList(ctx context.Context, in *listInput) (*listOutput, error) {
	state, err := desk.ParseState(in.State)
	if err != nil {
		return nil, err
	}
	list, err := p.Desk.List(ctx, people.From(ctx), desk.Query{States: []desk.State{state}, After: desk.ReportID(in.After), Limit: in.Limit})
	if err != nil {
		return nil, err
	}
	out := &listOutput{}
	out.Body.Reports = make([]apiReport, len(list))
	for i, r := range list {
		out.Body.Reports[i] = toAPI(r)
	}
	return out, nil
}

func (p *Pages) apiGet(ctx context.Context, in *oneInput) (*oneOutput, error) {
	d, err := p.Desk.See(ctx, people.From(ctx), desk.ReportID(in.ID))
	if err != nil {
		return nil, err
	}
	out := &oneOutput{}
	out.Body.apiReport, out.Body.Claims = toAPI(d.Report), d.Report.Claims
	for _, m := range d.Messages {
		_, verified := m.Authenticates()
		out.Body.Exchange = append(out.Body.Exchange, apiMessage{
			ID: string(m.ID), At: m.At, Inbound: m.Inbound, From: m.From.Mail, Subject: m.Subject, Text: m.Text, Signatures: m.Signatures,
			Verified: verified, Replayed: m.Replayed, Auth: m.Auth, Troubles: m.Troubles, Parts: m.Parts,
		})
	}
	return out, nil
}

func (p *Pages) apiDecide(ctx context.Context, in *decideInput) (*struct{}, error) {
	d, err := desk.ParseDecision(in.Body.Do)
	if err != nil {
		return nil, err
	}
	return nil, p.Desk.Decide(ctx, people.From(ctx), desk.Decide{
		Reports: []desk.ReportID{desk.ReportID(in.ID)}, Do: d, Reason: in.Body.Reason, Text: in.Body.Text,
		Canned: desk.TextID(in.Body.Canned), Of: in.Body.Of, Quiet: in.Body.Quiet,
	})
}

// apiRelease opens the case of a report: the operation is casework's.
func (p *Pages) apiRelease(ctx context.Context, in *releaseInput) (*releaseOutput, error) {
	cmd := casework.OpenFromReport{
		Report: desk.ReportID(in.ID), Title: in.Body.Title, Reason: in.Body.Reason, Longer: in.Body.Longer,
		Public: in.Body.Public, Evidence: in.Body.Evidence, Team: in.Body.Team,
	}
	if in.Body.Until != nil {
		cmd.Until = *in.Body.Until
	}
	id, err := p.Open.OpenFromReport(ctx, people.From(ctx), cmd)
	if err != nil {
		return nil, err
	}
	killpoint.At("release.done")
	out := &releaseOutput{}
	out.Body.Case = string(id)
	return out, nil
}

func (p *Pages) apiSubmit(ctx context.Context, in *submitInput) (*submitOutput, error) {
	var project people.Project
	err := p.Work.View(ctx, func(ctx context.Context, v unit.View) (err error) {
		project, err = p.Desk.Projects.ProjectBySlug(ctx, v, people.From(ctx), in.Slug)
		return err
	})
	if err != nil {
		return nil, err
	}
	rep, err := p.Desk.Submit(ctx, desk.Submission{
		Project: project.ID, Via: desk.ByAPI, Title: in.Body.Title, What: in.Body.What, Name: in.Body.Name,
		Address: in.Body.Address, Lang: in.Body.Lang, Claims: in.Body.Claims, Remote: webui.Remote(ctx),
	})
	if err != nil {
		return nil, err
	}
	out := &submitOutput{}
	out.Body.ID, out.Body.Status = string(rep.ID), p.Desk.StatusURL(rep)
	return out, nil
}
