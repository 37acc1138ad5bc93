package webui

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"

	"github.com/danielgtaylor/huma/v2"

	"github.com/tocsin-sec/tocsin/internal/base/fault"
	"github.com/tocsin-sec/tocsin/internal/platform/i18n"
)

type langKey struct{}

// printerOf returns the printer that guard chose, else the base language's.
func (a *App) printerOf(ctx context.Context) *i18n.Printer {
	if p, ok := ctx.Value(langKey{}).(*i18n.Printer); ok {
		return p
	}
	return a.cfg.Catalog.Printer(i18n.Base)
}

// problemOf turns a handler's error into the document that huma sends.
func (a *App) problemOf(ctx context.Context, err error) *huma.ErrorModel {
	id := RequestID(ctx)
	if errors.Is(err, context.DeadlineExceeded) && fault.Of(err) == fault.Internal {
		err = fault.New(fault.Unavailable, "fault.unavailable").Because(err)
	}
	if fault.Of(err) == fault.Internal {
		a.cfg.Log.ErrorContext(ctx, "request failed", "request", id, "error", err)
	}
	err = a.outward(ctx, err)
	return problemFor(a.printerOf(ctx), fault.HTTPStatus(err), err, id)
}

// answerOf is problemOf with the header that says when to come back.
func (a *App) answerOf(ctx context.Context, err error) error {
	problem, h := a.problemOf(ctx, err), http.Header{}
	if problem.Type == "urn:tocsin:store.busy" {
		h.Set("Retry-After", "5")
	}
	if comeBack(h, problem.Status, nil); len(h) == 0 {
		return problem
	}
	return huma.ErrorWithHeaders(problem, h)
}

// problemFor writes err as a problem document. Its type is the fault's key, which
// programs compare; title and detail are for people.
func problemFor(p *i18n.Printer, status int, err error, id string) *huma.ErrorModel {
	m := &huma.ErrorModel{Status: status, Type: "urn:tocsin:fault.internal",
		Title: p.T(errorTitle(fault.Of(err))), Detail: p.Fault(err, id)}
	var e *fault.Error
	if !errors.As(err, &e) || e.Kind == fault.Internal {
		m.Instance = "urn:tocsin:request:" + id
		return m
	}
	m.Type = "urn:tocsin:" + e.Key
	if e.Kind == fault.NotFound {
		m.Type = "urn:tocsin:fault.not_found" // one answer for all that is not there
	}
	for _, f := range e.Fields {
		m.Errors = append(m.Errors, &huma.ErrorDetail{Location: "body." + f.Path, Message: p.Field(f)})
	}
	return m
}

// translateProblem is a huma transformer: it puts our texts into the problems
// that huma itself finds (validation, unreadable bodies), and drops the values
// that it echoes, which may be secrets.
func (a *App) translateProblem(hc huma.Context, _ string, v any) (any, error) {
	m, ok := v.(*huma.ErrorModel)
	if !ok || m.Type != "" {
		return v, nil
	}
	p := a.printerOf(hc.Context())
	key := "fault.malformed"
	switch m.Status {
	case http.StatusUnprocessableEntity:
		key = "fault.invalid"
	case http.StatusRequestEntityTooLarge:
		key = "fault.too_large"
	case http.StatusInternalServerError:
		key = "fault.internal"
	}
	m.Type, m.Title = "urn:tocsin:"+key, p.T("error.title.invalid")
	if m.Detail = p.T(key, "ref", RequestID(hc.Context())); key == "fault.internal" {
		m.Title, m.Errors = p.T("error.title.internal"), nil
	}
	for _, e := range m.Errors {
		e.Value = nil
	}
	return m, nil
}

// writeProblem sends a problem document outside of huma.
func (a *App) writeProblem(w http.ResponseWriter, r *http.Request, status int, err error) {
	if stateOf(r.Context()).wrote() {
		return
	}
	h := w.Header()
	if status == http.StatusUnauthorized {
		h.Set("WWW-Authenticate", "Bearer")
	}
	h.Set("Cache-Control", "no-store")
	h.Set("Content-Type", "application/problem+json")
	err = a.outward(r.Context(), err)
	comeBack(h, status, err)
	w.WriteHeader(status)
	p := a.printer(r, a.cfg.Viewer(r.Context()))
	_ = json.NewEncoder(w).Encode(problemFor(p, status, err, RequestID(r.Context())))
}
