package validator

import (
	"embed"
	"io"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/tocsin-sec/tocsin/internal/base/fault"
	"github.com/tocsin-sec/tocsin/internal/platform/webui"
	"github.com/tocsin-sec/tocsin/kit/check"
	"github.com/tocsin-sec/tocsin/kit/csaf/validate"
)

//go:embed templates
var templates embed.FS

// Pages is the page "Check a document" and the API of csaf-validator-service on a site
// that everybody reads. Documents are bounded more tightly than in `tocsin validator`,
// each network may have a few checked in a minute, and URLs in documents are never
// asked for: a stranger must not send the site to them.
type Pages struct {
	Now func() time.Time
}

// MaxPage bounds a document on the page and in the API of a site, in bytes.
const MaxPage = 16 << 20

// The presets that the page offers.
var presets = [...]string{"full", "extended", "basic", "schema"}

// Register adds the routes.
func (p Pages) Register(app *webui.App) {
	app.Set("check", templates)
	app.Nav(webui.NavItem{Key: "check.nav", Href: "/check", Order: 90, Access: webui.Public, Foot: true})
	s := newService(&validate.Validator{})
	s.most = MaxPage
	g := &guard{service: s, now: p.Now, reading: make(chan struct{}, mostReading)}
	options := []webui.RouteOption{webui.MaxBody(MaxPage + 1<<16), webui.Timeout(time.Minute), webui.Anyway()}
	app.Page("GET /check", webui.Public, p.form)
	app.Page("POST /check", webui.Public, g.page, options...)
	app.Page("POST /api/v1/validate", webui.Public, g.api, options...)
	app.Mount("GET /api/v1/tests", webui.Public, http.HandlerFunc(s.tests), webui.Cache("public, max-age=3600"))
}

func (p Pages) form(c *webui.Ctx) error { return c.Render("check/check", newView("full")) }

// guard bounds what each network may have checked, and how many documents are in memory.
type guard struct {
	service *service
	now     func() time.Time
	rate    rate
	reading chan struct{}
}

// mostReading are the documents that may be in memory at a time.
const mostReading = 8

// enter takes a place for a document, in time or not at all: who sends slowly must not
// make others wait. It fails with fault.TooMany.
func (g *guard) enter(c *webui.Ctx) error {
	if !g.rate.take(c.Remote(), g.now()) {
		return fault.New(fault.TooMany, "check.fault.too_many")
	}
	select {
	case g.reading <- struct{}{}:
		return nil
	default:
		return fault.New(fault.TooMany, "check.fault.busy")
	}
}

func (g *guard) leave() { <-g.reading }

// api is POST /api/v1/validate.
func (g *guard) api(c *webui.Ctx) error {
	if err := g.enter(c); err != nil {
		c.W.Header().Set("Retry-After", "60")
		refuse(c.W, http.StatusTooManyRequests, "Too many documents are being checked. Try again in a minute, or run `tocsin validator`.")
		return nil
	}
	defer g.leave()
	g.service.validate(c.W, c.R)
	return nil
}

// page checks what was pasted or chosen. Nothing of it is kept: the form is read into
// memory, and the log has the route alone.
func (g *guard) page(c *webui.Ctx) error {
	full := g.enter(c)
	if full == nil {
		defer g.leave()
	} else if c.R.ContentLength < 0 || c.R.ContentLength > 1<<20 {
		return full // what was typed is not read back when it is large
	}
	preset := c.Value("preset")
	if !slices.Contains(presets[:], preset) {
		preset = presets[0]
	}
	v := newView(preset)
	text, err := document(c)
	if full != nil {
		err = full
	}
	v.Text = shown(text)
	if err != nil {
		return c.RenderForm("check/check", v, err)
	}
	if !g.service.enter(c.Context()) {
		return c.Context().Err()
	}
	defer g.service.leave()
	checker := check.Checker{Limits: check.Limits{Bytes: MaxPage}}
	report, err := checker.Check(c.Context(), text, check.Request{Presets: []string{preset}})
	if err != nil {
		return err
	}
	v.fill(report, text)
	c.W.Header().Set("Cache-Control", "no-store")
	return c.Render("check/check", v)
}

// document is the file, or else the text of the form.
func document(c *webui.Ctx) ([]byte, error) {
	if err := c.FormErr(); err != nil {
		return nil, err
	}
	if u, ok := c.File("file"); ok {
		f, err := u.Open()
		if err != nil {
			return nil, err
		}
		return io.ReadAll(f)
	}
	text := strings.ReplaceAll(c.Form().Get("document"), "\r\n", "\n")
	var checks fault.Checks
	checks.Require(strings.TrimSpace(text) != "", "document", "check.fault.nothing")
	return []byte(text), checks.Err()
}
