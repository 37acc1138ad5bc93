package webui

import (
	"net/http"
	"strings"

	"github.com/tocsin-sec/tocsin/internal/base/fault"
)

// Refuse answers err where there is no Ctx: in a middleware. It is an error page,
// or problem JSON below /api/.
func (a *App) Refuse(w http.ResponseWriter, r *http.Request, err error) { a.refuse(w, r, err) }

func (a *App) refuse(w http.ResponseWriter, r *http.Request, err error) {
	a.refuseStatus(w, r, fault.HTTPStatus(err), err)
}

func (a *App) refuseStatus(w http.ResponseWriter, r *http.Request, status int, err error) {
	if strings.HasPrefix(r.URL.Path, apiPrefix) {
		a.writeProblem(w, r, status, err)
		return
	}
	c := a.newCtx(w, r, a.newRoute(Public, nil))
	if status == fault.HTTPStatus(err) {
		c.fail(err)
		return
	}
	c.showError(fault.Of(err), status, c.printer.Fault(err, c.state.id))
}

// routeOf returns the options of the route that a request will take.
func (a *App) routeOf(r *http.Request) *route {
	_, pattern := a.mux.Handler(r)
	return a.byPattern[pattern]
}
