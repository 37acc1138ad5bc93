package webui

import (
	"context"
	"fmt"
	"io"
	"mime"
	"net/http"
	"net/netip"
	"net/url"
	"strings"
	"time"

	"github.com/tocsin-sec/tocsin/internal/platform/i18n"
)

// Ctx is one request to a page: what was asked, who reads, and how to answer.
// It lives as long as the handler. A handler either answers through it or
// returns an error, not both.
type Ctx struct {
	W http.ResponseWriter
	R *http.Request

	app     *App
	route   *route
	state   *state
	viewer  Viewer
	printer *i18n.Printer

	problems *problems // after RenderForm
	fields   int       // shown so far
	parsed   bool      // the form was read, or formErr says why not
	form     url.Values
	files    map[string][]Upload
	formErr  error
	title    string
	layout   string
	brand    Brand
	nowhere  bool // the page must not name its address
	owes     string
}

// Brand is the name at the head of public pages: a project's, or the site's.
type Brand struct{ Name, Href string }

func (a *App) newCtx(w http.ResponseWriter, r *http.Request, rt *route) *Ctx {
	c := &Ctx{W: w, R: r, app: a, route: rt, state: stateOf(r.Context())}
	c.viewer = a.cfg.Viewer(r.Context())
	c.printer = a.printer(r, c.viewer)
	c.brand = Brand{Name: a.cfg.Name, Href: "/"}
	c.layout = "app"
	if rt.access == Public || rt.access == Bearer {
		c.layout = "public"
	}
	r.Body = http.MaxBytesReader(w, r.Body, rt.maxBody)
	return c
}

// Context returns the request's context with the scope that the middleware put
// in; people.From reads it.
func (c *Ctx) Context() context.Context { return c.R.Context() }

// SetContext replaces the request's context, for a Bearer page that has looked
// up its link and puts the scope in.
func (c *Ctx) SetContext(ctx context.Context) { c.R = c.R.WithContext(ctx) }

// Viewer returns who reads.
func (c *Ctx) Viewer() Viewer { return c.viewer }

// Printer returns the printer for the reader's language and zone.
func (c *Ctx) Printer() *i18n.Printer { return c.printer }

// Lang returns the reader's language tag.
func (c *Ctx) Lang() string { return c.printer.Lang() }

// T returns a text of the catalogue in the reader's language.
func (c *Ctx) T(key string, args ...any) string { return c.printer.T(key, args...) }

// Now returns the time that relative times on this page count from.
func (c *Ctx) Now() time.Time { return c.app.cfg.Now() }

// Path returns the part of the address that the pattern calls {name}.
func (c *Ctx) Path(name string) string { return c.R.PathValue(name) }

// Query returns the first value of a parameter after the address's "?".
func (c *Ctx) Query(name string) string { return c.R.URL.Query().Get(name) }

// Remote returns the client's address, as named by a trusted proxy if there is one.
func (c *Ctx) Remote() netip.Addr { return c.state.remote }

// Layout chooses the page's frame: "app" (with the navigation, the default for
// SignedIn and Admin) or "public" (plain, the default for Public and Bearer).
func (c *Ctx) Layout(name string) { c.layout = name }

// Brand sets the name at the head of a public page to a project's.
func (c *Ctx) Brand(name, href string) { c.brand = Brand{Name: name, Href: href} }

// Redirect sends the browser to a path of this site with GET (303). Anything
// that is not a local path goes to "/".
func (c *Ctx) Redirect(path string) error {
	http.Redirect(c.W, c.R, LocalPath(path), http.StatusSeeOther)
	return nil
}

// Download sends r as a file to keep. Its type is passed on only for the few
// types that browsers never run; everything else is an octet stream. When r fails the
// connection is broken off, so that the browser knows the file for incomplete.
func (c *Ctx) Download(name, contentType string, r io.Reader) error {
	asFile(c.W.Header(), name, contentType)
	if s, ok := r.(io.ReadSeeker); ok {
		http.ServeContent(c.W, c.R, "", time.Time{}, s)
		return nil
	}
	if _, err := io.Copy(c.W, r); err != nil {
		c.app.cfg.Log.WarnContext(c.Context(), "download broke off", "request", c.state.id)
		panic(http.ErrAbortHandler) // half a file must not look like a whole one
	}
	return nil
}

func harmless(contentType string) string {
	t, _, err := mime.ParseMediaType(contentType)
	if err == nil {
		switch t {
		case "text/plain":
			return "text/plain; charset=utf-8"
		case "application/json", "application/pdf", "application/pgp-signature", "application/pgp-keys",
			"image/png", "image/jpeg", "image/gif", "application/zip", "application/gzip":
			return t
		}
	}
	return "application/octet-stream"
}

// cleanName keeps a file's name from leaving its folder or hiding its end.
func cleanName(name string) string {
	name = name[strings.LastIndexAny(name, `/\`)+1:]
	name = strings.Map(func(r rune) rune {
		if r < ' ' || r == 0x7f || r >= 0x202a && r <= 0x202e || r >= 0x2066 && r <= 0x2069 {
			return -1
		}
		return r
	}, name)
	if r := []rune(name); len(r) > 150 {
		name = string(r[len(r)-150:])
	}
	if strings.Trim(name, ". ") == "" {
		return "file"
	}
	return name
}

// With returns the present address with one parameter changed, for links of
// filters and pages of a list.
func (c *Ctx) With(name, value string) string {
	q := c.R.URL.Query()
	if value == "" {
		q.Del(name)
	} else {
		q.Set(name, value)
	}
	u := url.URL{Path: c.R.URL.Path, RawQuery: q.Encode()}
	return u.String()
}

// printer chooses the language: the person's setting, then the choice kept in
// the browser, then what the browser asks for.
func (a *App) printer(r *http.Request, v Viewer) *i18n.Printer {
	kept := ""
	if ck, err := r.Cookie(langCookie); err == nil {
		kept = ck.Value
	}
	p := a.cfg.Catalog.Printer(a.cfg.Catalog.Choose(v.Lang, kept, r.Header.Get("Accept-Language")))
	if v.Zone != "" {
		p = p.In(a.zone(v.Zone))
	}
	return p
}

// zone returns a time zone by its name, UTC for an unknown one. Go reads a file for
// each time.LoadLocation, so the App keeps those that exist.
func (a *App) zone(name string) *time.Location {
	if kept, ok := a.zones.Load(name); ok {
		return kept.(*time.Location)
	}
	zone, err := time.LoadLocation(name)
	if err != nil {
		return time.UTC
	}
	a.zones.Store(name, zone)
	return zone
}

const langCookie = "lang"

func (a *App) chooseLanguage(c *Ctx) error {
	lang := a.cfg.Catalog.Choose(c.Path("tag"))
	http.SetCookie(c.W, &http.Cookie{Name: langCookie, Value: lang, Path: "/", MaxAge: 365 * 86400,
		HttpOnly: true, SameSite: http.SameSiteLaxMode, Secure: c.state.https})
	return c.Redirect(c.Query("next"))
}

// String names the request for logs and tests without its content.
func (c *Ctx) String() string { return fmt.Sprintf("%s %s", c.R.Method, c.R.Pattern) }
