// Package productweb is the pages and the API of a project's products: their
// branches, releases and package URLs. The rules are in product.
package productweb

import (
	"context"
	"embed"
	"fmt"
	"net/http"
	"strconv"
	"strings"

	"github.com/danielgtaylor/huma/v2"

	"github.com/tocsin-sec/tocsin/internal/base/fault"
	"github.com/tocsin-sec/tocsin/internal/base/span"
	"github.com/tocsin-sec/tocsin/internal/base/unit"
	"github.com/tocsin-sec/tocsin/internal/people"
	"github.com/tocsin-sec/tocsin/internal/platform/webui"
	"github.com/tocsin-sec/tocsin/internal/product"
)

//go:embed templates
var files embed.FS

// Pages are the pages of products.
type Pages struct {
	Work     unit.Work
	Products *product.Service
	People   *people.Directory
	Panels   []webui.Panel // of other domains, on the page of a product
}

// Register adds the pages and the API to the App.
func (p Pages) Register(app *webui.App) {
	app.Set("product", files)
	app.Nav(webui.NavItem{Key: "product.nav", Href: "/products", Order: 50, Access: webui.SignedIn})
	app.Page("GET /products", webui.SignedIn, p.list)
	app.Page("GET /products/new", webui.SignedIn, p.form)
	app.Page("POST /products/new", webui.SignedIn, p.save)
	app.Page("GET /products/{id}", webui.SignedIn, p.form)
	app.Page("POST /products/{id}", webui.SignedIn, p.save)
	p.registerAPI(app)
}

type group struct {
	Project  people.Project
	Products []product.Product
}

func (p Pages) list(c *webui.Ctx) error {
	var groups []group
	err := p.Work.View(c.Context(), func(ctx context.Context, v unit.View) error {
		sc := people.From(ctx)
		mine, err := p.People.MyProjects(ctx, v, sc)
		if err != nil {
			return err
		}
		for _, pr := range mine {
			all, err := p.Products.List(ctx, v, sc, pr.ID)
			if err != nil {
				return err
			}
			groups = append(groups, group{pr, all})
		}
		return nil
	})
	if err != nil {
		return err
	}
	return c.Render("product/list", groups)
}

type formView struct {
	product.Product
	Projects []webui.Option
	Branches string
	Releases string
	Action   string
	Panels   []webui.PanelView
}

func (p Pages) read(c *webui.Ctx) (formView, error) {
	v := formView{Action: "/products/new"}
	err := p.Work.View(c.Context(), func(ctx context.Context, tx unit.View) error {
		sc := people.From(ctx)
		if id := c.Path("id"); id != "" {
			v.Action = "/products/" + id
			var err error
			v.Product, err = p.Products.Get(ctx, tx, sc, product.ID(id))
			v.Branches, v.Releases = branchText(v.Product.Branches), releaseText(v.Product.Releases)
			return err
		}
		mine, err := p.People.MyProjects(ctx, tx, sc)
		for _, pr := range mine {
			v.Projects = append(v.Projects, webui.Option{Value: string(pr.ID), Text: pr.Name})
		}
		return err
	})
	return v, err
}

func (p Pages) form(c *webui.Ctx) error { return p.show(c, nil) }

func (p Pages) show(c *webui.Ctx, failed error) error {
	v, err := p.read(c)
	if err != nil {
		return err
	}
	if v.ID != "" {
		v.Panels = c.Panels(p.Panels, string(v.ID))
	}
	return c.RenderForm("product/form", v, failed)
}

func (p Pages) save(c *webui.Ctx) error {
	var checks fault.Checks
	in := product.Product{ID: product.ID(c.Path("id")), Project: people.ProjectID(c.Value("project")), Name: c.Value("name"), Purl: c.Value("purl"),
		Repository: c.Value("repository"), Branches: branches(&checks, c.Value("branches")), Releases: releases(&checks, c.Value("releases"))}
	in.Version, _ = strconv.ParseInt(c.Value("version"), 10, 64)
	err := checks.Err()
	if err == nil && in.ID == "" {
		_, err = p.Products.Add(c.Context(), people.From(c.Context()), in)
	} else if err == nil {
		err = p.Products.Update(c.Context(), people.From(c.Context()), in)
	}
	if err != nil {
		return p.show(c, err)
	}
	c.Flash("product.flash.saved")
	return c.Redirect("/products")
}

// The two texts have one branch or release on each line: "9.x maintained until
// 2027-05-31", "8.x ended"; "9.4.1 9.x 2026-03-01".

func branchText(bs []product.Branch) string {
	var out []string
	for _, b := range bs {
		l := b.Name + " ended"
		if b.Maintained {
			l = b.Name + " maintained"
		}
		if !b.EOL.IsZero() {
			l += " until " + b.EOL.String()
		}
		out = append(out, l)
	}
	return strings.Join(out, "\n")
}

func releaseText(rs []product.Release) string {
	var out []string
	for _, r := range rs {
		out = append(out, strings.TrimSpace(r.Version+" "+r.Branch+" "+r.Released.String()))
	}
	return strings.Join(out, "\n")
}

// maxLines bounds the lines of a text before each is looked at.
const maxLines = 5000

func lines(s string) []string {
	out := strings.Split(s, "\n")
	return out[:min(len(out), maxLines)]
}

// branches reads a branch from each line; what it does not know is a problem that
// names the line.
func branches(c *fault.Checks, s string) []product.Branch {
	var out []product.Branch
	for _, l := range lines(s) {
		f := strings.Fields(l)
		if len(f) == 0 {
			continue
		}
		b := product.Branch{Name: f[0], Maintained: len(f) == 1 || f[1] == "maintained"}
		ok := len(f) == 1 || f[1] == "maintained" || f[1] == "ended"
		if len(f) > 2 {
			d, err := span.ParseDate(f[len(f)-1])
			ok = ok && err == nil && len(f) == 4 && f[2] == "until"
			b.EOL = d
		}
		c.Require(ok, "branches", "product.field.branch_line", "line", short(l))
		out = append(out, b)
	}
	return out
}

func releases(c *fault.Checks, s string) []product.Release {
	var out []product.Release
	for _, l := range lines(s) {
		f := strings.Fields(l)
		if len(f) == 0 {
			continue
		}
		r := product.Release{Version: f[0]}
		rest := f[1:]
		if n := len(rest); n > 0 {
			if d, err := span.ParseDate(rest[n-1]); err == nil {
				r.Released, rest = d, rest[:n-1]
			}
		}
		if len(rest) == 1 {
			r.Branch = rest[0]
		}
		c.Require(len(rest) <= 1, "releases", "product.field.release_line", "line", short(l))
		out = append(out, r)
	}
	return out
}

func short(s string) string {
	if len(s) > 60 {
		return strings.ToValidUTF8(s[:60], "") + "…"
	}
	return s
}

// ProductBody is a product in the API.
type ProductBody struct {
	ID         string           `json:"id,omitempty" readOnly:"true"`
	Project    string           `json:"project"`
	Name       string           `json:"name" maxLength:"120"`
	Purl       string           `json:"purl,omitempty" maxLength:"1024"`
	Repository string           `json:"repository,omitempty" maxLength:"500"`
	Branches   []ProductBranch  `json:"branches,omitempty" maxItems:"100"`
	Releases   []ProductRelease `json:"releases,omitempty" maxItems:"2000"`
	Version    int64            `json:"version,omitempty"`
}

// ProductBranch is a branch in the API. The names of the API's types are one space
// for all domains.
type ProductBranch product.Branch

// ProductRelease is a release in the API.
type ProductRelease product.Release

type productInID struct {
	ID string `path:"id"`
}
type productInBody struct{ Body ProductBody }
type productInChange struct {
	ID   string `path:"id"`
	Body ProductBody
}
type productOutBody struct{ Body ProductBody }
type productInList struct {
	Project string `query:"project"`
}
type productOutList struct {
	Body struct {
		Products []ProductBody `json:"products"`
	}
}

func toBody(p product.Product) ProductBody {
	b := ProductBody{ID: string(p.ID), Project: string(p.Project), Name: p.Name, Purl: p.Purl, Repository: p.Repository, Version: p.Version}
	for _, x := range p.Branches {
		b.Branches = append(b.Branches, ProductBranch(x))
	}
	for _, x := range p.Releases {
		b.Releases = append(b.Releases, ProductRelease(x))
	}
	return b
}

func (b ProductBody) product() product.Product {
	p := product.Product{Project: people.ProjectID(b.Project), Name: b.Name, Purl: b.Purl, Repository: b.Repository, Version: b.Version}
	for _, x := range b.Branches {
		p.Branches = append(p.Branches, product.Branch(x))
	}
	for _, x := range b.Releases {
		p.Releases = append(p.Releases, product.Release(x))
	}
	return p
}

func (p Pages) registerAPI(app *webui.App) {
	tags := []string{"products"}
	webui.Op(app, huma.Operation{OperationID: "product-list", Method: http.MethodGet, Path: "/api/products", Tags: tags, Summary: "The products of a project."}, webui.SignedIn, p.apiList)
	webui.Op(app, huma.Operation{OperationID: "product-get", Method: http.MethodGet, Path: "/api/products/{id}", Tags: tags, Summary: "A product."}, webui.SignedIn, p.apiGet)
	webui.Op(app, huma.Operation{OperationID: "product-add", Method: http.MethodPost, Path: "/api/products", Tags: tags, Summary: "Add a product."}, webui.SignedIn, p.apiAdd)
	webui.Op(app, huma.Operation{OperationID: "product-update", Method: http.MethodPut, Path: "/api/products/{id}", Tags: tags, Summary: "Replace what a product says of itself."}, webui.SignedIn, p.apiUpdate)
}

func (p Pages) apiList(ctx context.Context, in *productInList) (*productOutList, error) {
	out := &productOutList{}
	out.Body.Products = []ProductBody{}
	err := p.Work.View(ctx, func(ctx context.Context, v unit.View) error {
		all, err := p.Products.List(ctx, v, people.From(ctx), people.ProjectID(in.Project))
		for _, x := range all {
			out.Body.Products = append(out.Body.Products, toBody(x))
		}
		return err
	})
	return out, err
}

func (p Pages) apiGet(ctx context.Context, in *productInID) (*productOutBody, error) {
	out := &productOutBody{}
	err := p.Work.View(ctx, func(ctx context.Context, v unit.View) error {
		x, err := p.Products.Get(ctx, v, people.From(ctx), product.ID(in.ID))
		out.Body = toBody(x)
		return err
	})
	return out, err
}

func (p Pages) apiAdd(ctx context.Context, in *productInBody) (*productOutBody, error) {
	id, err := p.Products.Add(ctx, people.From(ctx), in.Body.product())
	if err != nil {
		return nil, fmt.Errorf("add product: %w", err)
	}
	return p.apiGet(ctx, &productInID{string(id)})
}

func (p Pages) apiUpdate(ctx context.Context, in *productInChange) (*productOutBody, error) {
	x := in.Body.product()
	x.ID = product.ID(in.ID)
	if err := p.Products.Update(ctx, people.From(ctx), x); err != nil {
		return nil, fmt.Errorf("update product: %w", err)
	}
	return p.apiGet(ctx, &productInID{in.ID})
}
