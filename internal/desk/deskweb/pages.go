// Package deskweb is the front desk's face: the public form for reports, the
// reporter's secret status page, the moderators' list with its decisions, canned
// texts, and the API for the same.
//
// Not here: the rules (desk), the case that a release opens (casework; its
// operation is called through Opener), the letters' rendering (people/mailroom).
package deskweb

import (
	"context"
	"embed"
	"net/http"
	"time"

	"github.com/tocsin-sec/tocsin/internal/base/unit"
	"github.com/tocsin-sec/tocsin/internal/casework"
	"github.com/tocsin-sec/tocsin/internal/desk"
	"github.com/tocsin-sec/tocsin/internal/people"
	"github.com/tocsin-sec/tocsin/internal/platform/webui"
)

//go:embed templates
var files embed.FS

// Opener releases a report into a new case: casework.Service is one.
type Opener interface {
	OpenFromReport(ctx context.Context, sc people.Scope, cmd casework.OpenFromReport) (casework.CaseID, error)
}

// Pages is the face of the front desk. Work, Desk, Open and MAC are required.
type Pages struct {
	Work unit.Work
	Desk *desk.Service
	Open Opener
	// MAC is a keyed hash (seal.Sealer.MAC): it marks the forms that we gave out.
	MAC func(purpose, value string) string
	// Keys lets a moderator register the key that a report brings; without it nobody can.
	Keys KeyBook
}

// Register adds the pages and the API to the app.
func (p *Pages) Register(app *webui.App) {
	app.Set("desk", files)
	app.Nav(
		webui.NavItem{Key: "desk.nav.held", Href: "/desk", Order: 10, Access: webui.SignedIn},
		webui.NavItem{Key: "desk.nav.report", Href: "/report", Order: 20, Access: webui.Public},
	)
	// Twice what is taken: who chose too large a file gets the form back, not a dead line.
	upload := webui.MaxBody(2*desk.MaxFilesBytes + 2<<20)
	slow := webui.Timeout(10 * time.Minute) // a large file over a slow line
	app.Page("GET /report", webui.Public, p.choose)
	app.Page("GET /report/{slug}", webui.Public, p.form)
	app.Page("POST /report/{slug}", webui.Public, p.submit, upload, slow)
	app.Page("GET /status/{token}", webui.Bearer, p.status)
	app.Page("POST /status/{token}", webui.Bearer, p.add, upload, slow)

	app.Page("GET /desk", webui.SignedIn, p.list)
	app.Page("POST /desk", webui.SignedIn, p.confirm)
	app.Page("POST /desk/decide", webui.SignedIn, p.decide)
	app.Page("POST /desk/release", webui.SignedIn, p.release)
	app.Page("POST /desk/key", webui.SignedIn, p.takeKey)
	app.Page("GET /desk/messages/{id}/raw", webui.SignedIn, p.raw, slow)
	app.Page("GET /desk/messages/{id}/parts/{n}", webui.SignedIn, p.part, slow)
	app.Page("GET /desk/texts/{slug}", webui.SignedIn, p.texts)
	app.Page("POST /desk/texts/{slug}", webui.SignedIn, p.saveText)
	app.Page("POST /desk/texts/{slug}/remove", webui.SignedIn, p.removeText)
	p.api(app)
}

// project finds the project of a form's address.
func (p *Pages) project(c *webui.Ctx) (people.Project, error) {
	var out people.Project
	err := p.Work.View(c.Context(), func(ctx context.Context, v unit.View) (err error) {
		out, err = p.Desk.Projects.ProjectBySlug(ctx, v, people.From(ctx), c.Path("slug"))
		return err
	})
	return out, err
}

// private keeps what a secret link shows out of caches and of the addresses that
// other sites are told.
func private(w http.ResponseWriter) {
	w.Header().Set("Cache-Control", "no-store")
	w.Header().Set("Referrer-Policy", "no-referrer")
	w.Header().Set("X-Robots-Tag", "noindex")
}
