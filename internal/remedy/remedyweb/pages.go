// Package remedyweb is the matrix of branches and fixes on the case page and a page of its
// own, with the forms for fixes and answers, and how a product's mirror stands. The rules
// are in remedy, the picture is drawn by kit/branchfix/show.
package remedyweb

import (
	"bytes"
	"context"
	"embed"
	"html/template"
	"slices"
	"strconv"
	"strings"

	"github.com/tocsin-sec/tocsin/internal/base/fault"
	"github.com/tocsin-sec/tocsin/internal/base/unit"
	"github.com/tocsin-sec/tocsin/internal/casework"
	"github.com/tocsin-sec/tocsin/internal/people"
	"github.com/tocsin-sec/tocsin/internal/platform/webui"
	"github.com/tocsin-sec/tocsin/internal/product"
	"github.com/tocsin-sec/tocsin/internal/remedy"
	"github.com/tocsin-sec/tocsin/internal/remedy/leak"
	"github.com/tocsin-sec/tocsin/kit/branchfix"
	"github.com/tocsin-sec/tocsin/kit/branchfix/show"
)

//go:embed templates
var files embed.FS

// Pages are the pages of fixes.
type Pages struct {
	Work     unit.Work
	Remedies *remedy.Service
	Cases    *casework.Service
	Products *product.Service
	Leaks    *leak.Service
}

// Register adds the pages and the API to the App.
func (p Pages) Register(app *webui.App) {
	app.Set("remedy", files)
	app.Page("GET /cases/{id}/fixes", webui.SignedIn, p.show)
	app.Page("POST /cases/{id}/fixes", webui.SignedIn, p.save)
	app.Page("POST /cases/{id}/fixes/answer", webui.SignedIn, p.answer)
	app.Page("POST /cases/{id}/fixes/take", webui.SignedIn, p.take)
	app.Page("GET /cases/{id}/fixes/matrix.svg", webui.SignedIn, p.picture)
	app.Page("POST /products/{id}/mirror", webui.SignedIn, p.fetch)
	p.registerAPI(app)
	p.registerLeaks(app)
}

// Panel is the matrix at the side of the case page.
func (p Pages) Panel() webui.Panel {
	return webui.Panel{Key: "remedy.panel.title", Order: 20, Render: p.panel}
}

// ProductPanel is the mirror on the page of a product.
func (p Pages) ProductPanel() webui.Panel {
	return webui.Panel{Key: "remedy.mirror.title", Order: 10, Render: p.mirror}
}

func scope(c *webui.Ctx) people.Scope { return people.From(c.Context()) }

// view is what panel and page show.
type view struct {
	Title   string
	Base    string
	Team    bool
	Works   []work
	Chosen  *work
	Others  []product.Product // of the project, without fixes in the case
	Changes []remedy.Change
	Version int64 // of the case, for which Changes were made
	Watches []watch
	Public  bool // nothing is secret any more
}

// Watch is the one of the product that the page is about; the zero watch when there is none.
func (v view) Watch() watch {
	for _, w := range v.Watches {
		if v.Chosen != nil && w.Product == v.Chosen.Product {
			return w
		}
	}
	return watch{}
}

// Takes reports whether anything could be taken over into the case's table.
func (v view) Takes() bool {
	return slices.ContainsFunc(v.Changes, func(c remedy.Change) bool { return c.Why == "" })
}

// begin reads what panel and page have in common.
func (p Pages) begin(ctx context.Context, tx unit.View, sc people.Scope, id casework.CaseID) (view, casework.Case, []remedy.Work, error) {
	v := view{Base: "/cases/" + string(id)}
	cs, role, err := p.Cases.Get(ctx, tx, sc, id)
	if err != nil {
		return v, cs, nil, err
	}
	v.Title, v.Team, v.Public = cs.Title, casework.OfTeam(role), cs.Facts.Public.Set
	if v.Watches, err = p.watches(ctx, tx, sc, id); err != nil {
		return v, cs, nil, err
	}
	all, err := p.Remedies.OfCase(ctx, tx, sc, id)
	return v, cs, all, err
}

// read reads what the page has.
func (p Pages) read(c *webui.Ctx, id, chosen string) (v view, err error) {
	err = p.Work.View(c.Context(), func(ctx context.Context, tx unit.View) error {
		sc := scope(c)
		begun, cs, all, err := p.begin(ctx, tx, sc, casework.CaseID(id))
		if v = begun; err != nil {
			return err
		}
		var who []string
		for _, w := range all {
			for _, a := range w.Answers {
				who = append(who, string(a.By))
			}
		}
		names, err := p.Cases.Names(ctx, tx, sc, cs.ID, who...)
		if err != nil {
			return err
		}
		for _, w := range all {
			v.Works = append(v.Works, workOf(w, names))
		}
		if v.Team {
			if err = p.others(ctx, tx, sc, cs.Project, &v); err != nil {
				return err
			}
		}
		v.choose(chosen)
		if v.Chosen == nil || !v.Team || len(v.Chosen.Found.Branches) == 0 {
			return nil
		}
		v.Changes, v.Version, err = p.Remedies.Proposal(ctx, tx, sc, cs.ID, v.Chosen.Product)
		if fault.Is(err, fault.NotFound) {
			return nil // who does not see the product takes nothing over
		}
		return err
	})
	return v, err
}

// others are the products that fixes could be entered for.
func (p Pages) others(ctx context.Context, tx unit.View, sc people.Scope, project people.ProjectID, v *view) error {
	all, err := p.Products.List(ctx, tx, sc, project)
	for _, x := range all {
		if !slices.ContainsFunc(v.Works, func(w work) bool { return w.Product == x.ID }) {
			v.Others = append(v.Others, x)
		}
	}
	return err
}

// choose is the product that the page is about: the one asked for, else the first.
func (v *view) choose(id string) {
	for i, w := range v.Works {
		if v.Chosen == nil && id == "" || string(w.Product) == id {
			v.Chosen = &v.Works[i]
		}
	}
	for _, o := range v.Others {
		if v.Chosen == nil && (id == "" || string(o.ID) == id) {
			v.Chosen = &work{Work: remedy.Work{Product: o.ID, Name: o.Name}}
		}
	}
}

func (p Pages) panel(c *webui.Ctx, id string) (template.HTML, error) {
	var v view
	err := p.Work.View(c.Context(), func(ctx context.Context, tx unit.View) error {
		begun, _, all, err := p.begin(ctx, tx, scope(c), casework.CaseID(id))
		v = begun
		for _, w := range all {
			v.Works = append(v.Works, workOf(w, nil))
		}
		return err
	})
	if err != nil {
		return "", err
	}
	if len(v.Works) == 0 && !v.Team {
		return "", webui.ErrNoPanel
	}
	return c.HTML("remedy/panel", v)
}

func (p Pages) show(c *webui.Ctx) error { return p.page(c, c.Query("product"), nil) }

func (p Pages) page(c *webui.Ctx, chosen string, failed error) error {
	v, err := p.read(c, c.Path("id"), chosen)
	if err != nil {
		return err
	}
	return c.RenderForm("remedy/page", v, failed)
}

// back is the page after a deed.
func back(c *webui.Ctx, key string) error {
	c.Flash(key)
	return c.Redirect("/cases/" + c.Path("id") + "/fixes?product=" + template.URLQueryEscaper(c.Value("product")))
}

func version(c *webui.Ctx) int64 {
	n, err := strconv.ParseInt(c.Value("version"), 10, 64)
	if err != nil {
		return -1
	}
	return n
}

// maxLines bounds the lines of a text before each is looked at.
const maxLines = 200

func lines(s string) []string {
	all := strings.Split(s, "\n")
	return all[:min(len(all), maxLines)]
}

func (p Pages) save(c *webui.Ctx) error {
	id, pr := casework.CaseID(c.Path("id")), c.Value("product")
	err := p.Remedies.SetFixes(c.Context(), scope(c), id, product.ID(pr), version(c), lines(c.Value("fixes")), lines(c.Value("introduced")))
	if err != nil {
		return p.page(c, pr, err)
	}
	return back(c, "remedy.flash.saved")
}

// answer reads fix, head and branch from one field: "COMMIT HEAD BRANCH".
func (p Pages) answer(c *webui.Ctx) error {
	id, pr := casework.CaseID(c.Path("id")), c.Value("product")
	fix, rest, _ := strings.Cut(c.Value("fix"), " ")
	head, branch, _ := strings.Cut(rest, " ")
	err := p.Remedies.Answer(c.Context(), scope(c), id, product.ID(pr), version(c),
		remedy.Answer{Branch: branch, Fix: branchfix.ID(fix), Head: branchfix.ID(head), State: branchfix.State(c.Value("state")), Why: c.Value("why")})
	if err != nil {
		return p.page(c, pr, err)
	}
	return back(c, "remedy.flash.answered")
}

// take does what the page has shown for that version of the case and that matrix.
func (p Pages) take(c *webui.Ctx) error {
	id, pr := casework.CaseID(c.Path("id")), c.Value("product")
	if err := p.Remedies.TakeOver(c.Context(), scope(c), id, product.ID(pr), version(c), c.Value("matrix")); err != nil {
		return p.page(c, pr, err)
	}
	return back(c, "remedy.flash.taken")
}

// texts are the words of the picture in the reader's language.
func texts(c *webui.Ctx) show.Texts {
	return show.Texts{
		Lang:  c.Lang(),
		Title: c.T("remedy.picture.title"),
		State: func(s branchfix.State) string {
			_, word := shape(s)
			return c.T(word)
		},
		Tagged: func(state, tag string) string { return c.T("remedy.picture.tagged", "state", state, "tag", tag) },
		Ask:    func(text string) string { return c.T("remedy.picture.ask", "text", text) },
		Branch: func(name, text string) string { return c.T("remedy.picture.branch", "branch", name, "text", text) },
		And:    c.T("remedy.picture.and"),
		End:    c.T("remedy.picture.end"),
	}
}

// picture is the matrix of one product as SVG.
func (p Pages) picture(c *webui.Ctx) error {
	v, err := p.read(c, c.Path("id"), c.Query("product"))
	if err != nil {
		return err
	}
	if v.Chosen == nil || len(v.Chosen.Found.Branches) == 0 {
		return fault.Missing()
	}
	var b bytes.Buffer
	if err := texts(c).SVG(&b, v.Chosen.Found.Matrix()); err != nil {
		return err
	}
	h := c.W.Header()
	h.Set("Content-Type", "image/svg+xml")
	// It is drawn by us and brings its style; nothing else of it may do anything.
	h.Set("Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'; sandbox")
	_, err = c.W.Write(b.Bytes())
	return err
}

// mirrorView is the panel of a product.
type mirrorView struct {
	remedy.Mirror
	Repository string
	ID         product.ID
}

func (p Pages) mirror(c *webui.Ctx, id string) (template.HTML, error) {
	var v mirrorView
	err := p.Work.View(c.Context(), func(ctx context.Context, tx unit.View) error {
		pr, err := p.Products.Get(ctx, tx, scope(c), product.ID(id))
		if err != nil {
			return err
		}
		v.Repository, v.ID = pr.Repository, pr.ID
		v.Mirror, err = p.Remedies.Mirror(ctx, tx, scope(c), pr.ID)
		return err
	})
	if err != nil {
		return "", err
	}
	if v.Repository == "" {
		return "", webui.ErrNoPanel
	}
	return c.HTML("remedy/mirror", v)
}

func (p Pages) fetch(c *webui.Ctx) error {
	if err := p.Remedies.FetchNow(c.Context(), scope(c), product.ID(c.Path("id"))); err != nil {
		return err
	}
	c.Flash("remedy.flash.fetching")
	return c.Redirect("/products/" + c.Path("id"))
}
