// Package peopleweb is the pages and the API of people: signing in, one-time links, a
// person's settings, a project's team and settings, the administrator's pages, and the
// middleware that turns a session's cookie or an API token into a people.Scope.
//
// Which rules hold is in people and people/account; how a page looks in platform/webui.
package peopleweb

import (
	"embed"

	"github.com/tocsin-sec/tocsin/internal/people"
	"github.com/tocsin-sec/tocsin/internal/people/account"
	"github.com/tocsin-sec/tocsin/internal/people/mailroom"
	"github.com/tocsin-sec/tocsin/internal/platform/webui"
)

//go:embed templates
var files embed.FS

// Pages are the pages of people.
type Pages struct {
	Admin    *account.Admin
	Projects *people.Projects
	Members  *people.Members
	Keys     *people.Keys
	Mailroom *mailroom.Mailroom
	// QR draws a QR code as SVG (platform/credential).
	QR func(text, title string) (string, error)
}

// Register adds the pages, the API and the middleware to the App.
func (p Pages) Register(app *webui.App) {
	app.Set("people", files)
	app.Use(p.Middleware)
	app.Nav(
		webui.NavItem{Key: "people.nav.teams", Href: "/teams", Order: 60, Access: webui.SignedIn},
		webui.NavItem{Key: "people.nav.settings", Href: "/settings", Order: 80, Access: webui.SignedIn},
		webui.NavItem{Key: "people.nav.admin", Href: "/admin/people", Order: 90, Access: webui.Admin},
	)
	p.registerSignIn(app)
	p.registerSettings(app)
	p.registerTeam(app)
	p.registerAdmin(app)
	p.registerAPI(app)
}

// scope is who asks.
func scope(c *webui.Ctx) people.Scope { return people.From(c.Context()) }

// fresh fails unless the person proved who he is within the last minutes. A page that
// opens a dangerous form asks for it first, so that nothing typed is lost to it.
func fresh(c *webui.Ctx) error { return people.MustBeFresh(c.Context(), c.Now()) }

// page registers a page of a signed-in person. Nothing here is under embargo, and the way to
// accept, to leave a team or to sign out stays open to who owes an acceptance.
func page(app *webui.App, pattern string, access webui.Access, h func(*webui.Ctx) error, opts ...webui.RouteOption) {
	app.Page(pattern, access, h, append(opts, webui.Anyway())...)
}
