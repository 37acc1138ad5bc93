package webui

import (
	"context"
	"errors"
	"html/template"
	"net/http"
	"net/url"

	"github.com/tocsin-sec/tocsin/internal/base/fault"
)

// fail answers a page's error. What does not exist and what may not be seen are
// the same bytes; an internal error shows its reference number, and the log has
// the rest.
func (c *Ctx) fail(err error) {
	kind := fault.Of(err)
	if errors.Is(err, context.DeadlineExceeded) && kind == fault.Internal {
		err = fault.New(fault.Unavailable, "fault.unavailable").Because(err)
		kind = fault.Unavailable
	}
	if kind == fault.Unavailable {
		err = c.app.outward(c.Context(), err)
		comeBack(c.W.Header(), http.StatusServiceUnavailable, err)
	}
	if kind == fault.Unauthenticated && c.R.Method != http.MethodPost {
		c.W.Header().Set("Cache-Control", "no-store")
		http.Redirect(c.W, c.R, c.app.cfg.SignIn+"?next="+url.QueryEscape(LocalPath(c.R.URL.RequestURI())), http.StatusSeeOther)
		return
	}
	if kind == fault.Internal {
		c.app.cfg.Log.ErrorContext(c.Context(), "request failed", "request", c.state.id, "route", c.R.Pattern, "error", err)
	}
	if c.state.wrote() {
		return // part of an answer is out: nothing sensible can follow it
	}
	c.showError(kind, fault.HTTPStatus(err), c.printer.Fault(err, c.state.id))
}

// askFirst leads to the page where something is to be accepted; a form that was sent
// comes back as text, so that nothing typed is lost.
func (c *Ctx) askFirst(to string) {
	c.W.Header().Set("Cache-Control", "no-store")
	if c.R.Method == http.MethodGet || c.R.Method == http.MethodHead {
		http.Redirect(c.W, c.R, to+"?next="+url.QueryEscape(LocalPath(c.R.URL.RequestURI())), http.StatusSeeOther)
		return
	}
	c.owes = to + "?next=" + url.QueryEscape(c.cameFrom())
	c.fail(errOwes())
}

type errorPage struct {
	Title, Text string
	Owes        string // where to accept first
	SignIn      string
	Typed       []string // what a form had sent whose session is over
}

func (c *Ctx) showError(kind fault.Kind, status int, text string) {
	h := c.W.Header()
	h.Set("Cache-Control", "no-store")
	h.Del("Content-Disposition")
	h.Del("ETag")
	comeBack(h, status, nil)
	data := errorPage{Title: c.T(errorTitle(kind)), Text: text}
	if kind == fault.Unauthenticated {
		data.SignIn = c.app.cfg.SignIn + "?next=" + url.QueryEscape(c.cameFrom())
		data.Typed = c.typed()
	}
	if c.owes != "" {
		data.Owes, data.Typed = c.owes, c.typed()
	}
	if kind == fault.NotFound {
		// The same frame for everybody and every address, so that the answer for a
		// hidden thing has the bytes of the answer for nothing.
		c.layout = "public"
		c.brand = Brand{Name: c.app.cfg.Name, Href: "/"}
		c.nowhere = true
	}
	c.problems = nil
	body, err := c.HTML("error", data)
	if err == nil {
		err = c.write(status, body)
	}
	if err != nil {
		c.app.cfg.Log.ErrorContext(c.Context(), "error page failed", "request", c.state.id, "error", err)
		http.Error(c.W, template.HTMLEscapeString(text), status)
	}
}

func errorTitle(k fault.Kind) string {
	switch k {
	case fault.NotFound:
		return "error.title.not_found"
	case fault.Denied:
		return "error.title.denied"
	case fault.Unauthenticated:
		return "error.title.unauthenticated"
	case fault.TooMany, fault.Unavailable:
		return "error.title.unavailable"
	case fault.Internal:
		return "error.title.internal"
	case fault.Invalid, fault.Conflict, fault.TooLarge:
	}
	return "error.title.invalid"
}
