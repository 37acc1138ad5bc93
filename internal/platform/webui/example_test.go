package webui_test

import (
	"context"
	"embed"
	"fmt"
	"html/template"
	"io/fs"
	"net/http"
	"testing"
	"testing/fstest"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"github.com/tocsin-sec/tocsin/internal/base/fault"
	"github.com/tocsin-sec/tocsin/internal/platform/i18n"
	"github.com/tocsin-sec/tocsin/internal/platform/webui"
	"github.com/tocsin-sec/tocsin/internal/platform/webui/svg"
)

//go:embed testdata/example
var exampleFiles embed.FS

var exampleNow = time.Date(2026, 12, 1, 10, 0, 0, 0, time.UTC)

// exampleTexts are the texts of the example pages, beside the real ones.
const exampleTexts = `{"x.triage": "Triage", "x.embargoed": "Embargoed", "x.late": "Answer is late", "x.fixed": "Fixed", "x.open": "Open",
"x.stop": "Held back", "x.closed": "Closed", "x.info": "Draft", "x.signed": "Signed by his key", "x.reply": "Reply to the reporter",
"x.reply.hint": "Goes to Mira by mail, encrypted.", "x.note": "Note for the team", "x.spam": "Spam", "x.release": "Release", "x.reject": "Reject",
"x.f.title": "What is it about?", "x.f.body": "What did you find?", "x.f.body.hint": "How to make it happen, and what it lets an attacker do.",
"x.f.exploited": "Have you seen it exploited?", "x.f.told": "Whom have you told?", "x.f.branch": "Branch", "x.f.deadline": "Your own deadline",
"x.f.email": "Your address", "x.f.files": "Files", "x.f.share": "Vendors may learn who I am", "x.f.share.hint": "They do not if you leave this open.",
"x.o.a": "Yes", "x.o.b": "No", "x.o.b.hint": "As far as I know", "x.panel.people": "People", "x.panel.spark": "Mail", "x.nav.held": "Held reports", "x.nav.cases": "Cases", "x.nav.how": "How to report", "x.nav.all": "Advisories",
"x.did": "{what}: {n} rows"}`

func exampleApp(t testing.TB) *webui.App {
	t.Helper()
	files := fstest.MapFS{"en/x.json": {Data: []byte(exampleTexts)}}
	for _, l := range []string{"en", "zh"} {
		for _, f := range []string{"common", "fault", "ui"} {
			raw, err := catalogFile(l, f)
			if err != nil {
				t.Fatal(err)
			}
			files[l+"/"+f+".json"] = &fstest.MapFile{Data: raw}
		}
	}
	catalog, err := i18n.Load(files)
	if err != nil {
		t.Fatal(err)
	}
	app := webui.New(webui.Config{Catalog: catalog, Now: func() time.Time { return exampleNow },
		Viewer: func(context.Context) webui.Viewer {
			return webui.Viewer{ID: "p", Name: "Ada Lovelace", SignedIn: true, Zone: "Europe/Berlin"}
		}})
	sub, err := fs.Sub(exampleFiles, "testdata/example")
	if err != nil {
		t.Fatal(err)
	}
	app.Set("example", sub)
	app.Nav(webui.NavItem{Key: "x.nav.held", Href: "/list", Access: webui.SignedIn}, webui.NavItem{Key: "x.nav.cases", Href: "/case", Access: webui.SignedIn},
		webui.NavItem{Key: "x.nav.all", Href: "/public", Access: webui.Public}, webui.NavItem{Key: "x.nav.how", Href: "/form", Access: webui.Public})
	examplePages(app)
	return app
}

func examplePages(app *webui.App) {
	options := []webui.Option{{Value: "a", Key: "x.o.a"}, {Value: "b", Key: "x.o.b", Hint: "x.o.b.hint"}, {Value: "c", Text: "Only <the> maintainers"}}
	start := exampleNow.AddDate(0, 0, -9)
	app.Page("GET /case", webui.SignedIn, func(c *webui.Ctx) error {
		clock := svg.Clock{Start: start, Now: exampleNow, Until: start.AddDate(0, 0, 21), Aim: start.AddDate(0, 0, 14), Limit: start.AddDate(0, 1, 0)}
		panels := []webui.Panel{{Key: "x.panel.people", Order: 1, Render: func(*webui.Ctx, string) (template.HTML, error) {
			return `<dl class="facts"><dt>Lead</dt><dd>Ada Lovelace</dd><dt>Reporter</dt><dd>Mira Okafor</dd></dl>`, nil
		}}, {Key: "x.panel.broken", Order: 3, Render: func(*webui.Ctx, string) (template.HTML, error) { return "", fault.Missing() }},
			{Key: "x.panel.spark", Order: 2, Render: func(c *webui.Ctx, _ string) (template.HTML, error) {
				return svg.Spark{ID: "s1", Label: "Mails a day", Values: []float64{1, 4, 2, 8, 5, 7}}.SVG(c.Printer()), nil
			}}}
		return c.Render("example/case", map[string]any{"Start": start, "Until": start.AddDate(0, 0, 21), "Clock": clock.SVG(c.Printer()),
			"Panels": c.Panels(panels, "id"), "Events": []webui.Event{{At: start, Who: "Mira", Text: "Reported by mail", Icon: "mail"},
				{At: start.Add(5 * time.Hour), Who: "Ada", Text: "Accepted", Icon: "ok", Note: "Reproduced on 2.5.3"}, {At: start.Add(50 * time.Hour), Who: "Ada", Text: "Embargo set", Icon: "secret"}}})
	})
	app.Page("GET /list", webui.SignedIn, func(c *webui.Ctx) error {
		type row struct {
			ID, Title, From string
			State           webui.Badge
			Due             time.Time
		}
		var rows []row
		for i := range 12 {
			rows = append(rows, row{fmt.Sprint(i), fmt.Sprintf("Report %d about a rather long matter in the parser", i), "mira@example.org",
				webui.Badge{Kind: "wait", Key: "x.triage"}, exampleNow.Add(time.Duration(i-3) * 20 * time.Hour)})
		}
		return c.Render("example/list", map[string]any{"Rows": rows})
	})
	app.Page("POST /list", webui.SignedIn, func(c *webui.Ctx) error {
		c.Flash("x.did", "what", c.Value("do"), "n", len(c.Form()["id"]))
		return c.Redirect("/list")
	})
	form := func(c *webui.Ctx, err error) error {
		return c.RenderForm("example/form", map[string]any{"Options": options, "None": []string(nil), "Heard": []string{"b"}, "Zero": time.Time{}}, err)
	}
	app.Page("GET /form", webui.Public, func(c *webui.Ctx) error { c.Brand("Lanterna", "/"); return form(c, nil) })
	app.Page("POST /form", webui.Public, func(c *webui.Ctx) error {
		c.Brand("Lanterna", "/")
		var checks fault.Checks
		checks.Require(c.Value("title") != "", "title", "fault.field.required")
		checks.Require(c.Value("exploited") != "", "exploited", "fault.field.choice")
		c.Time(&checks, "deadline")
		return form(c, checks.Err())
	})
	app.Page("GET /public", webui.Public, func(c *webui.Ctx) error {
		c.Brand("Lanterna", "/")
		line := svg.Timeline{Now: exampleNow, Marks: []svg.Mark{{At: start, Label: "Reported"}, {At: start.AddDate(0, 0, 2), Label: "Confirmed"}, {At: start.AddDate(0, 0, 6), Label: "Exploited", Alarm: true}, {At: start.AddDate(0, 0, 8), Label: "Fixed"}}}
		return c.Render("example/public", map[string]any{"Start": start, "Line": line.SVG(c.Printer()),
			"Spark": svg.Spark{ID: "s2", Label: "Reports a month", Values: []float64{3, 1, 4, 1, 5}}.SVG(c.Printer())})
	})
	type command struct {
		Person string `path:"person" doc:"The person's id"`
		Body   struct {
			Acknowledged string `json:"acknowledged_embargo_terms_at" doc:"When the person accepted the terms"`
		}
	}
	webui.Op(app, huma.Operation{OperationID: "accept", Method: "POST", Path: "/api/projects/{project}/members/{person}/terms/acceptance", Summary: "Accept the terms"},
		webui.SignedIn, func(context.Context, *command) (*struct{}, error) { return nil, nil })
	app.Page("GET /", webui.Public, func(c *webui.Ctx) error {
		if c.R.URL.Path != "/" {
			return fault.Missing()
		}
		http.Redirect(c.W, c.R, "/public", http.StatusSeeOther)
		return nil
	})
}
