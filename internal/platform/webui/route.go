package webui

import (
	"context"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/tocsin-sec/tocsin/internal/base/fault"
)

// Access says who may call a route at all. What a caller sees there is decided
// by his scope in the store, never here.
type Access int

// The kinds of access. The zero value is refused at registration.
const (
	accessUnset Access = iota
	Public             // everybody; the page may be cached by everybody
	SignedIn           // a signed-in person; others are sent to the sign-in page
	Admin              // an administrator; for others the page does not exist
	Bearer             // whoever has the secret link; the handler looks it up and sets the scope
)

// String returns the access as the routes' table and the API description show it.
func (a Access) String() string {
	switch a {
	case Public:
		return "public"
	case SignedIn:
		return "signed in"
	case Admin:
		return "administrator"
	case Bearer:
		return "bearer of the link"
	case accessUnset:
		return "unset"
	}
	return "unknown"
}

// key is the access as the last part of a catalogue key.
func (a Access) key() string {
	switch a {
	case Public:
		return "public"
	case SignedIn:
		return "signed_in"
	case Admin:
		return "admin"
	case Bearer, accessUnset:
	}
	return "bearer"
}

// Route is one registered route, for the tests that walk the router.
type Route struct {
	Method    string // "" for every method
	Path      string // with {wildcards}
	Access    Access
	API       bool
	Operation string // the API operation's id
}

// Routes returns every route in the order of registration.
func (a *App) Routes() []Route { return slices.Clone(a.routes) }

// RouteOption changes one route.
type RouteOption func(*route)

type route struct {
	access  Access
	maxBody int64
	timeout time.Duration
	cache   string
	anyway  bool
}

// MaxBody sets how many bytes a request to this route may have.
func MaxBody(n int64) RouteOption { return func(r *route) { r.maxBody = n } }

// Anyway opens a route to a signed-in reader who owes an acceptance (Viewer.Owes): his
// settings, the terms themselves, and what holds nothing that they protect.
func Anyway() RouteOption { return func(r *route) { r.anyway = true } }

// Timeout sets how long a request to this route may take, to send a large file.
func Timeout(d time.Duration) RouteOption { return func(r *route) { r.timeout = d } }

// Cache sets Cache-Control of successful answers of a public route. Without it
// public pages say "no-cache" (ask again each time), private ones "no-store".
func Cache(control string) RouteOption { return func(r *route) { r.cache = control } }

// Page registers a page. The pattern is that of http.ServeMux with a method:
// "GET /cases/{id}". What h returns becomes the error page, see Ctx.
func (a *App) Page(pattern string, access Access, h func(*Ctx) error, opts ...RouteOption) {
	rt := a.newRoute(access, opts)
	a.record(pattern, access)
	a.byPattern[pattern] = rt
	a.mux.HandleFunc(pattern, func(w http.ResponseWriter, r *http.Request) {
		c := a.newCtx(w, r, rt)
		if err := a.admit(r.Context(), rt); err != nil {
			c.fail(err)
			return
		}
		if to := a.owes(r.Context(), rt); to != "" {
			c.askFirst(to)
			return
		}
		rt.headers(w)
		if err := h(c); err != nil {
			c.fail(err)
		}
	})
}

// Mount registers a plain handler, such as the published tree, with the same
// access checks, limits and headers as a page.
func (a *App) Mount(pattern string, access Access, h http.Handler, opts ...RouteOption) {
	a.Page(pattern, access, func(c *Ctx) error {
		h.ServeHTTP(c.W, c.R)
		return nil
	}, opts...)
}

func (a *App) newRoute(access Access, opts []RouteOption) *route {
	if access <= accessUnset || access > Bearer {
		panic("webui: a route without access")
	}
	rt := &route{access: access, maxBody: a.cfg.MaxBody, timeout: a.cfg.Timeout}
	for _, o := range opts {
		o(rt)
	}
	return rt
}

func (a *App) record(pattern string, access Access) {
	method, path, ok := strings.Cut(pattern, " ")
	if !ok {
		method, path = "", pattern
	}
	// Other people's APIs are plain handlers below /api/; the page about the API is none.
	api := strings.HasPrefix(path, apiPrefix) && path != "/api/docs"
	a.routes = append(a.routes, Route{Method: method, Path: path, Access: access, API: api})
}

// admit checks the route's access against the viewer. Who is no administrator
// learns nothing of an administrator's page.
func (a *App) admit(ctx context.Context, rt *route) error {
	v := a.cfg.Viewer(ctx)
	switch rt.access {
	case SignedIn:
		if !v.SignedIn {
			return fault.New(fault.Unauthenticated, "fault.unauthenticated")
		}
	case Admin:
		if !v.SignedIn {
			return fault.New(fault.Unauthenticated, "fault.unauthenticated")
		}
		if !v.Admin {
			return fault.Missing()
		}
	case Public, Bearer, accessUnset:
	}
	return nil
}

// owes returns where the reader has something to accept before this route.
func (a *App) owes(ctx context.Context, rt *route) string {
	if rt.access != SignedIn || rt.anyway {
		return ""
	}
	return a.cfg.Viewer(ctx).Owes
}

// errOwes is the refusal of a change, or of the API, to who owes an acceptance.
func errOwes() error { return fault.New(fault.Denied, "error.owes") }

func (rt *route) headers(w http.ResponseWriter) {
	h := w.Header()
	switch {
	case rt.access != Public:
		h.Set("Cache-Control", "no-store")
	case rt.cache != "":
		h.Set("Cache-Control", rt.cache)
	default:
		h.Set("Cache-Control", "no-cache")
	}
	if rt.access != Public {
		h.Set("X-Robots-Tag", "noindex, nofollow")
	}
	if rt.access == Bearer {
		h.Set("Referrer-Policy", "no-referrer") // the address itself is the secret
	}
}

// LocalPath returns next when it is a path on this site, else "/". It guards
// every redirect to an address that came with a request.
func LocalPath(next string) string {
	u, err := url.Parse(next)
	if err != nil || u.Scheme != "" || u.Host != "" || u.User != nil || len(next) > 2000 ||
		!strings.HasPrefix(next, "/") || strings.HasPrefix(next, "//") || strings.ContainsAny(next, "\\\r\n\t") {
		return "/"
	}
	return next
}
