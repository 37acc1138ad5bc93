package webui

import (
	"context"
	"io/fs"
	"log/slog"
	"net/http"
	"net/netip"
	"slices"
	"sync"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"github.com/tocsin-sec/tocsin/internal/platform/i18n"
)

// Config is what an App needs. Catalog and Viewer are required.
type Config struct {
	Name    string // the site's name, "Tocsin" when empty
	Version string // shown in the API description
	URL     string // the public origin, "https://security.example.org"; may be empty

	Catalog *i18n.Catalog
	// Viewer says who reads, from what the middleware given to Use has put into
	// the context. It must not do I/O.
	Viewer func(context.Context) Viewer
	Log    *slog.Logger     // nil discards
	Now    func() time.Time // nil is time.Now; only for relative times on pages

	// TrustedProxies may name the client in X-Forwarded-For and the scheme in
	// X-Forwarded-Proto; everybody else's headers are ignored.
	TrustedProxies []netip.Prefix
	MaxBody        int64         // bytes of a request's body, 1 MiB when 0; see MaxBody for one route
	Timeout        time.Duration // of a request, 30 s when 0; see Timeout for one route
	SignIn         string        // where to sign in, "/signin" when empty
	Home           string        // where the work begins: the brand of private pages leads there, "/" when empty
}

// Viewer is the reader of a page. The zero value is an unknown reader with the
// language of his browser.
type Viewer struct {
	ID       string // the person's id
	Name     string
	SignedIn bool
	Admin    bool
	Lang     string // the person's choice, "" to follow the browser
	Zone     string // IANA name, "" for UTC
	NoKeys   bool   // keyboard shortcuts turned off by the person's setting
	// Owes is the page where the reader has something to accept before he may go on;
	// until then only public pages and those with Anyway are open to him. "" is nothing.
	Owes string
}

// NavItem is one entry of the navigation. Items with the access Public are in
// the header of public pages, the others in that of private pages.
type NavItem struct {
	Key     string // catalogue key of the text
	Href    string
	Order   int
	Access  Access
	Visible func(context.Context) bool // nil means for all that have the access
	Foot    bool                       // it stands at the foot of every page instead; only for Public
}

// App is the web face: a router of pages and API operations with their access,
// one middleware chain and the templates of all domains. Register everything
// first, then call Handler once; an App must not change afterwards.
type App struct {
	cfg       Config
	mux       *http.ServeMux
	api       huma.API
	routes    []Route
	byPattern map[string]*route
	uses      []func(http.Handler) http.Handler
	sets      map[string]*Set
	nav       []NavItem
	static    *statics

	zones   sync.Map // name to *time.Location
	build   sync.Once
	handler http.Handler
}

// New makes an App with the static files, the API description and its page. It
// panics when the embedded templates do not parse, which a test shows first.
func New(cfg Config) *App {
	if cfg.Name == "" {
		cfg.Name = "Tocsin"
	}
	if cfg.Log == nil {
		cfg.Log = slog.New(slog.DiscardHandler)
	}
	if cfg.Now == nil {
		cfg.Now = time.Now
	}
	if cfg.MaxBody == 0 {
		cfg.MaxBody = 1 << 20
	}
	if cfg.Timeout == 0 {
		cfg.Timeout = 30 * time.Second
	}
	if cfg.SignIn == "" {
		cfg.SignIn = "/signin"
	}
	if cfg.Home == "" {
		cfg.Home = "/"
	}
	if cfg.Viewer == nil {
		cfg.Viewer = func(context.Context) Viewer { return Viewer{} }
	}
	a := &App{cfg: cfg, mux: http.NewServeMux(), sets: map[string]*Set{}, byPattern: map[string]*route{}, static: newStatics()}
	a.sets[""] = must(common())
	a.api = newAPI(a)
	a.Mount("GET /static/", Public, a.static)
	a.Page("GET /lang/{tag}", Public, a.chooseLanguage)
	a.Page("GET /openapi.json", Public, a.describeAPI)
	a.Page("GET /api/docs", Public, a.apiPage)
	return a
}

// Set adds a domain's templates: every templates/*.html below files (or *.html
// at its root). The file list.html of the domain "desk" becomes the template
// "desk/list" for Ctx.Render; other templates defined in the files must be named
// "desk/..." as well. It panics when one does not parse or is named otherwise. Of
// several calls for a domain, one from each of its parts, the first counts.
func (a *App) Set(domain string, files fs.FS) {
	if a.sets[domain] == nil {
		a.sets[domain] = must(a.sets[""].with(domain, files))
	}
}

// Use adds a middleware that runs after the App's own and before the access
// check: the place to find out who asks and to put the scope into the context.
func (a *App) Use(mw func(http.Handler) http.Handler) { a.uses = append(a.uses, mw) }

// Nav adds entries to the navigation.
func (a *App) Nav(items ...NavItem) {
	a.nav = append(a.nav, items...)
	slices.SortStableFunc(a.nav, func(x, y NavItem) int { return x.Order - y.Order })
}

// Handler returns the finished handler with the whole middleware chain.
func (a *App) Handler() http.Handler {
	a.build.Do(func() { a.handler = a.chain() })
	return a.handler
}

func must[T any](v T, err error) T {
	if err != nil {
		panic("webui: " + err.Error())
	}
	return v
}
