package embargoweb

import (
	"context"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"github.com/tocsin-sec/tocsin/internal/base/span"
	"github.com/tocsin-sec/tocsin/internal/base/unit"
	"github.com/tocsin-sec/tocsin/internal/casework"
	"github.com/tocsin-sec/tocsin/internal/embargo"
	"github.com/tocsin-sec/tocsin/internal/people"
	"github.com/tocsin-sec/tocsin/internal/platform/webui"
)

func (p Pages) registerAPI(app *webui.App) {
	tags := []string{"embargo"}
	webui.Op(app, huma.Operation{OperationID: "embargo-get", Method: http.MethodGet, Path: "/api/cases/{id}/embargo", Tags: tags,
		Summary: "The embargo of a case with its history."}, webui.SignedIn, p.apiGet)
	webui.Op(app, huma.Operation{OperationID: "embargo-propose", Method: http.MethodPost, Path: "/api/cases/{id}/embargo/proposal", Tags: tags,
		Summary: "What a change of the embargo would do; changes nothing."}, webui.SignedIn, p.apiPropose)
	webui.Op(app, huma.Operation{OperationID: "embargo-change", Method: http.MethodPost, Path: "/api/cases/{id}/embargo", Tags: tags,
		Summary: "Set, restart, extend, shorten, correct or end the embargo."}, webui.SignedIn, p.apiChange)
}

// EmbargoBody is an embargo in the API.
type EmbargoBody struct {
	Case     string              `json:"case"`
	State    string              `json:"state" enum:"none,running,ended"`
	Until    *time.Time          `json:"until,omitempty"`
	Began    *time.Time          `json:"began,omitempty"`
	EndedAt  *time.Time          `json:"ended_at,omitempty"`
	EndAsked *time.Time          `json:"end_asked,omitempty" doc:"since when a fact asks for its end"`
	Restarts int                 `json:"restarts"`
	Version  int64               `json:"version"`
	History  []EmbargoChangeBody `json:"history,omitempty"`
}

// EmbargoChangeBody is a change of an embargo in the API.
type EmbargoChangeBody struct {
	Kind      string     `json:"kind"`
	At        time.Time  `json:"at"`
	By        string     `json:"by"`
	Until     *time.Time `json:"until,omitempty"`
	Reason    string     `json:"reason,omitempty"`
	Problem   string     `json:"problem,omitempty"`
	Exception bool       `json:"exception"`
	Decider   string     `json:"decider,omitempty"`
}

// EmbargoWishBody is what somebody wants to change.
type EmbargoWishBody struct {
	Kind      string     `json:"kind" enum:"set,restart,extend,shorten,correct,end"`
	Until     *time.Time `json:"until,omitempty"`
	Reason    string     `json:"reason,omitempty" maxLength:"4000"`
	Problem   string     `json:"problem,omitempty" maxLength:"4000" doc:"for a restart: what is wrong with which patch"`
	Confirmed bool       `json:"confirmed,omitempty" doc:"the caller stands for an exception by name"`
	Version   int64      `json:"version,omitempty"`
}

func body(e embargo.Embargo, h []embargo.Change) EmbargoBody {
	b := EmbargoBody{Case: string(e.Case), State: e.State.String(), Until: span.Optional(e.Until), Began: span.Optional(e.Began), EndedAt: span.Optional(e.EndedAt),
		EndAsked: span.Optional(e.EndAsked), Restarts: e.Restarts, Version: e.Version}
	for _, c := range h {
		b.History = append(b.History, EmbargoChangeBody{Kind: c.Kind.String(), At: c.At, By: c.By, Until: span.Optional(c.Until), Reason: c.Reason, Problem: c.Problem,
			Exception: c.Exception, Decider: string(c.Decider)})
	}
	return b
}

func (w EmbargoWishBody) wish() (embargo.Wish, error) {
	k, err := embargo.ParseKind(w.Kind)
	out := embargo.Wish{Kind: k, Reason: w.Reason, Problem: w.Problem, Confirmed: w.Confirmed}
	if w.Until != nil {
		out.Until = w.Until.UTC()
	}
	return out, err
}

type embargoInCase struct {
	ID string `path:"id"`
}

type embargoInWish struct {
	ID   string `path:"id"`
	Body EmbargoWishBody
}

type embargoOutBody struct{ Body EmbargoBody }

type embargoOutVerdict struct {
	Body struct {
		Until     *time.Time `json:"until,omitempty"`
		Aim       *time.Time `json:"aim,omitempty" doc:"the last instant that is plain"`
		Most      *time.Time `json:"most,omitempty" doc:"the last instant without an exception"`
		Exception bool       `json:"exception"`
		Warns     bool       `json:"warns" doc:"every participant gets a letter"`
	}
}

func (p Pages) apiGet(ctx context.Context, in *embargoInCase) (*embargoOutBody, error) {
	out := &embargoOutBody{}
	err := p.Work.View(ctx, func(ctx context.Context, v unit.View) error {
		sc, id := people.From(ctx), casework.CaseID(in.ID)
		if _, _, err := p.Cases.Get(ctx, v, sc, id); err != nil {
			return err
		}
		e, err := p.Embargo.Of(ctx, v, sc, id)
		if err != nil {
			return err
		}
		h, err := p.Embargo.History(ctx, v, sc, id)
		out.Body = body(e, h)
		return err
	})
	return out, err
}

func (p Pages) apiPropose(ctx context.Context, in *embargoInWish) (*embargoOutVerdict, error) {
	w, err := in.Body.wish()
	if err != nil {
		return nil, err
	}
	out := &embargoOutVerdict{}
	err = p.Work.View(ctx, func(ctx context.Context, v unit.View) error {
		got, err := p.Embargo.Propose(ctx, v, people.From(ctx), casework.CaseID(in.ID), w)
		out.Body.Until, out.Body.Aim, out.Body.Most = span.Optional(got.After.Until), span.Optional(got.Aim), span.Optional(got.Most)
		out.Body.Exception, out.Body.Warns = got.Exception, got.Warns
		return err
	})
	return out, err
}

func (p Pages) apiChange(ctx context.Context, in *embargoInWish) (*embargoOutBody, error) {
	w, err := in.Body.wish()
	if err != nil {
		return nil, err
	}
	if err := p.Embargo.Change(ctx, people.From(ctx), casework.CaseID(in.ID), in.Body.Version, w); err != nil {
		return nil, err
	}
	return p.apiGet(ctx, &embargoInCase{in.ID})
}
