package webui

import (
	"context"
	"net/http"
	"strings"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"

	"github.com/tocsin-sec/tocsin/internal/base/fault"
)

// apiPrefix is where every API operation lives.
const apiPrefix = "/api/"

// newAPI makes the huma API without its own pages: the description and its page
// are ours, since huma's page loads scripts from elsewhere.
func newAPI(a *App) huma.API {
	cfg := huma.DefaultConfig(a.cfg.Name, a.cfg.Version)
	cfg.OpenAPIPath, cfg.DocsPath, cfg.SchemasPath = "", "", ""
	cfg.Components.Schemas = huma.NewMapRegistry("#/components/schemas/", schemaName)
	cfg.CreateHooks = nil // no $schema links in answers
	cfg.RejectUnknownQueryParameters = true
	cfg.Transformers = append(cfg.Transformers, a.translateProblem)
	if a.cfg.URL != "" {
		cfg.Servers = []*huma.Server{{URL: a.cfg.URL}}
	}
	cfg.Components.SecuritySchemes = map[string]*huma.SecurityScheme{
		"token":   {Type: "http", Scheme: "bearer", Description: "A personal API token (tcs_...)."},
		"session": {Type: "apiKey", In: "cookie", Name: "session", Description: "The session of the pages."},
	}
	return humago.New(a.mux, cfg)
}

// API returns the huma API, for what Op does not cover (schemas, tags).
func (a *App) API() huma.API { return a.api }

// Op registers an API operation. Its path must begin with /api/. The handler
// gets the request's context with the scope in it; its faults become problem
// documents (RFC 9457) in the caller's language with the status of the fault's
// kind, everything else an internal error with a reference number. The body is
// limited as the options or op.MaxBodyBytes say, else to the App's limit.
func Op[I, O any](a *App, op huma.Operation, access Access, h func(context.Context, *I) (*O, error), opts ...RouteOption) {
	if !strings.HasPrefix(op.Path, apiPrefix) {
		panic("webui: the API operation " + op.Path + " is not below " + apiPrefix)
	}
	rt := a.newRoute(access, opts)
	if op.MaxBodyBytes == 0 {
		op.MaxBodyBytes = rt.maxBody
	}
	if op.BodyReadTimeout == 0 {
		op.BodyReadTimeout = rt.timeout
	}
	if access == SignedIn || access == Admin {
		op.Security = []map[string][]string{{"token": {}}, {"session": {}}}
	}
	if len(op.Errors) == 0 {
		op.Errors = errorsOf(access)
	}
	pattern := strings.ToUpper(op.Method) + " " + op.Path
	a.record(pattern, access)
	last := &a.routes[len(a.routes)-1]
	last.API, last.Operation = true, op.OperationID
	a.byPattern[pattern] = rt
	op.Middlewares = append(huma.Middlewares{a.guard(rt)}, op.Middlewares...)
	huma.Register(a.api, op, func(ctx context.Context, in *I) (*O, error) {
		out, err := h(ctx, in)
		if err != nil {
			return nil, a.answerOf(ctx, err)
		}
		return out, nil
	})
}

func errorsOf(access Access) []int {
	codes := []int{http.StatusNotFound, http.StatusConflict, http.StatusUnprocessableEntity, http.StatusTooManyRequests}
	if access == SignedIn || access == Admin {
		codes = append([]int{http.StatusUnauthorized, http.StatusForbidden}, codes...)
	}
	return codes
}

// guard checks the access before huma reads or validates anything, so that
// nobody learns of an operation's rules without the access to it.
func (a *App) guard(rt *route) func(huma.Context, func(huma.Context)) {
	return func(hc huma.Context, next func(huma.Context)) {
		r, w := humago.Unwrap(hc)
		rt.headers(w)
		w.Header().Set("Vary", "Accept-Language, Authorization, Cookie")
		if err := a.admit(r.Context(), rt); err != nil {
			a.writeProblem(w, r, fault.HTTPStatus(err), err)
			return
		}
		if a.owes(r.Context(), rt) != "" {
			a.writeProblem(w, r, fault.HTTPStatus(errOwes()), errOwes())
			return
		}
		lang := a.printer(r, a.cfg.Viewer(r.Context()))
		next(huma.WithValue(hc, langKey{}, lang))
	}
}

// describeAPI serves the description in OpenAPI 3.1.
func (a *App) describeAPI(c *Ctx) error {
	raw, err := a.api.OpenAPI().MarshalJSON()
	if err != nil {
		return err
	}
	c.W.Header().Set("Content-Type", "application/vnd.oai.openapi+json;version=3.1")
	_, _ = c.W.Write(raw)
	return nil
}

// typeName names a Go type for the page of the API.
func typeName(s *huma.Schema) string {
	switch {
	case s == nil:
		return ""
	case s.Ref != "":
		return s.Ref[strings.LastIndexByte(s.Ref, '/')+1:]
	case s.Type == huma.TypeArray:
		return typeName(s.Items) + "[]"
	case s.Format != "":
		return s.Type + " (" + s.Format + ")"
	default:
		return s.Type
	}
}
