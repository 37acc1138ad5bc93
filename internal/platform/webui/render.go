package webui

import (
	"bytes"
	"errors"
	"fmt"
	"html/template"
	"net/http"
	"slices"
	"strings"

	"github.com/tocsin-sec/tocsin/internal/base/fault"
)

// Render answers with a page: the template "domain/name" with data, within the
// page's layout. The whole page is made before its first byte is sent, so that a
// failing template becomes an error page.
func (c *Ctx) Render(name string, data any) error { return c.render(http.StatusOK, name, data) }

// RenderForm answers with a form's page after err: the status of the fault (422
// for invalid input), an error summary that links to the fields, each field's
// problem beside it, and everything typed still in place. An err that is no
// fault of the input (internal, not found, not signed in) becomes the error
// page; nil renders the page plainly. Return what it returns.
func (c *Ctx) RenderForm(name string, data any, err error) error {
	if err == nil {
		return c.Render(name, data)
	}
	if !c.noteProblems(err) {
		return err
	}
	return c.render(fault.HTTPStatus(err), name, data)
}

// Shows reports whether a form can show err beside its fields. It cannot show that
// something is not there, is a failure of ours, or asks for a sign-in: such an err ends
// the request. Ask before a page is marked as seen that will not be shown.
func (c *Ctx) Shows(err error) bool {
	switch fault.Of(err) {
	case fault.Internal, fault.NotFound, fault.Unauthenticated:
		return false
	case fault.Invalid, fault.Conflict, fault.Denied, fault.TooMany, fault.TooLarge, fault.Unavailable:
	}
	return true
}

// noteProblems keeps the problems for the fields and the summary; it is false for an
// err that a form cannot show.
func (c *Ctx) noteProblems(err error) bool {
	if !c.Shows(err) {
		return false
	}
	if err != nil && c.problems == nil {
		err = c.app.outward(c.Context(), err)
		comeBack(c.W.Header(), fault.HTTPStatus(err), err)
		c.problems = c.newProblems(err)
	}
	return err != nil
}

// HTML executes a template without a layout, for a panel.
func (c *Ctx) HTML(name string, data any) (template.HTML, error) {
	set, err := c.setOf(name)
	if err != nil {
		return "", err
	}
	in, err := set.take(c)
	if err != nil {
		return "", err
	}
	defer set.give(in)
	var b bytes.Buffer
	if err := in.tmpl.ExecuteTemplate(&b, name, data); err != nil {
		return "", fmt.Errorf("render %s: %w", name, err)
	}
	return template.HTML(b.String()), nil
}

func (c *Ctx) setOf(name string) (*Set, error) {
	domain, _, ok := strings.Cut(name, "/")
	if !ok {
		domain = ""
	}
	set := c.app.sets[domain]
	if set == nil {
		return nil, fmt.Errorf("render %s: no templates of %q", name, domain)
	}
	return set, nil
}

// frame is what a layout shows.
type frame struct {
	Body     template.HTML
	Title    string
	Brand    Brand
	Site     string
	Nav      []navLink
	Foot     []navLink
	Viewer   Viewer
	Flash    string
	Problems *problems
	Langs    []langLink
	SignIn   string
	Home     string
	Path     string
	Public   bool
}

type navLink struct {
	Text, Href string
	Here       bool
}

type langLink struct {
	Tag, Name, Href string // Name is the catalogue key of its name in itself
	Here            bool
}

// script returns the tag that a page in the catalogue's language carries: ours in Chinese
// are in simplified characters, and fonts, hyphenation and voices follow the script.
func script(lang string) string {
	if lang == "zh" {
		return "zh-Hans"
	}
	return lang
}

func (c *Ctx) render(status int, name string, data any) error {
	body, err := c.HTML(name, data)
	if err != nil {
		return err
	}
	return c.write(status, body)
}

func (c *Ctx) write(status int, body template.HTML) error {
	c.problems.sort()
	f := c.frame(body)
	set := c.app.sets[""]
	in, err := set.take(c)
	if err != nil {
		return err
	}
	defer set.give(in)
	var b bytes.Buffer
	layout := "layout-app"
	if c.layout == "public" {
		layout = "layout-public"
	}
	if err := in.tmpl.ExecuteTemplate(&b, layout, f); err != nil {
		return fmt.Errorf("layout: %w", err)
	}
	h := c.W.Header()
	h.Set("Content-Type", "text/html; charset=utf-8")
	h.Set("Content-Language", script(c.Lang()))
	h.Add("Vary", "Accept-Language, Cookie")
	c.W.WriteHeader(status)
	if c.R.Method == http.MethodHead {
		return nil
	}
	// A reader who has gone away is no failure of the page.
	_, _ = c.W.Write(b.Bytes())
	return nil
}

func (c *Ctx) frame(body template.HTML) frame {
	f := frame{Body: body, Title: c.title, Brand: c.brand, Site: c.app.cfg.Name, Viewer: c.viewer,
		Flash: c.takeFlash(), Problems: c.problems, SignIn: c.app.cfg.SignIn, Home: c.app.cfg.Home, Path: c.R.URL.Path}
	f.Public = c.layout == "public"
	here := c.R.URL.RequestURI()
	if c.R.Method != http.MethodGet && c.R.Method != http.MethodHead {
		here = c.R.URL.Path // there may be no page to come back to with these parameters
	}
	if c.nowhere {
		f.Path, here = "/", "/"
	}
	for _, n := range c.app.nav {
		if n.Foot {
			f.Foot = append(f.Foot, navLink{Text: c.T(n.Key), Href: n.Href, Here: f.Path == n.Href})
			continue
		}
		if (n.Access == Public) != (c.layout == "public") || n.Access == Admin && !c.viewer.Admin ||
			n.Access != Public && !c.viewer.SignedIn || n.Visible != nil && !n.Visible(c.Context()) {
			continue
		}
		at := f.Path == n.Href || n.Href != "/" && strings.HasPrefix(f.Path, n.Href+"/")
		f.Nav = append(f.Nav, navLink{Text: c.T(n.Key), Href: n.Href, Here: at})
	}
	for _, l := range c.app.cfg.Catalog.Langs() {
		f.Langs = append(f.Langs, langLink{Tag: script(l), Name: "lang." + l, Here: l == c.Lang(), Href: "/lang/" + l + "?next=" + template.URLQueryEscaper(here)})
	}
	return f
}

// problems is what RenderForm shows: a sentence and the fields' texts.
type problems struct {
	Text   string
	Fields []problem
}

// problem is one field's. Label and ID are filled when the page shows the field;
// the summary links to those and names the others by their path.
type problem struct {
	Path, Text string
	Label, ID  string
	order      int
}

func (c *Ctx) newProblems(err error) *problems {
	p := &problems{Text: c.printer.Fault(err, c.state.id)}
	var e *fault.Error
	if errors.As(err, &e) {
		for _, f := range e.Fields {
			p.Fields = append(p.Fields, problem{Path: f.Path, Text: c.printer.Field(f)})
		}
	}
	return p
}

// of returns the text of the first problem of a field.
func (p *problems) of(path string) string {
	if p == nil {
		return ""
	}
	for _, f := range p.Fields {
		if f.Path == path {
			return f.Text
		}
	}
	return ""
}

// shown notes that the page shows the field, in the order of the page.
func (p *problems) shown(path, label string, order int) {
	if p == nil {
		return
	}
	for i := range p.Fields {
		if f := &p.Fields[i]; f.Path == path && f.ID == "" {
			f.Label, f.ID, f.order = label, fieldID(path), order
		}
	}
}

// sort puts the problems into the order of the fields on the page; what belongs to
// no field of it comes first.
func (p *problems) sort() {
	if p != nil {
		slices.SortStableFunc(p.Fields, func(a, b problem) int { return a.order - b.order })
	}
}
