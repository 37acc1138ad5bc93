package advisoryweb

import (
	"context"
	"embed"
	"slices"
	"strings"
	"time"

	"github.com/tocsin-sec/tocsin/internal/advisory"
	"github.com/tocsin-sec/tocsin/internal/advisory/pubtree"
	"github.com/tocsin-sec/tocsin/internal/base/unit"
	"github.com/tocsin-sec/tocsin/internal/people"
	"github.com/tocsin-sec/tocsin/internal/platform/webui"
)

//go:embed templates
var templates embed.FS

// Directory is what the public pages need of *people.Directory.
type Directory interface {
	AllProjects(ctx context.Context, v unit.View, sc people.Scope) ([]people.Project, error)
	ProjectBySlug(ctx context.Context, v unit.View, sc people.Scope, slug string) (people.Project, error)
	Team(ctx context.Context, v unit.View, sc people.Scope, project people.ProjectID) ([]people.Teammate, error)
}

// Terms is what the policy page needs of *people.Agreements.
type Terms interface {
	Current(ctx context.Context, v unit.View, sc people.Scope, project people.ProjectID) (people.Terms, error)
}

// Public is the site that everybody reads.
type Public struct {
	Work   unit.Work
	Site   advisory.SiteStore
	People Directory
	Keys   advisory.Keys
	Terms  Terms
}

// publicView is what the public pages show.
type publicView struct {
	Project   people.Project
	Projects  []people.Project
	Documents []documentRow
	Gaps      []string
	Keys      []keyRow
	Team      []people.Teammate
	Terms     people.Terms
	Policy    people.Policy
	All       bool // documents of every project
}

type documentRow struct {
	advisory.PublicDocument
	Page, Text, JSON string
	Project          string
}

type keyRow struct {
	Fingerprint, Href string
	Encrypts, Signs   bool
	Expires           time.Time
}

// Grouped is the fingerprint in groups of four, to be compared by eye.
func (k keyRow) Grouped() string {
	var b strings.Builder
	for i, r := range strings.ToUpper(k.Fingerprint) {
		if i > 0 && i%4 == 0 {
			b.WriteByte(' ')
		}
		b.WriteRune(r)
	}
	return b.String()
}

func (v publicView) keys(want func(keyRow) bool) []keyRow {
	return slices.DeleteFunc(slices.Clone(v.Keys), func(k keyRow) bool { return !want(k) })
}

// Encrypting are the keys that reports can be encrypted to.
func (v publicView) Encrypting() []keyRow { return v.keys(func(k keyRow) bool { return k.Encrypts }) }

// Signing are the keys that verify what was published, the one in use first.
func (v publicView) Signing() []keyRow { return v.keys(func(k keyRow) bool { return k.Signs }) }

// Register mounts the public pages.
func (p Public) Register(app *webui.App) {
	app.Set("advisory", templates)
	app.Nav(webui.NavItem{Key: "advisory.nav.public", Href: "/advisories", Order: 10, Access: webui.Public},
		webui.NavItem{Key: "advisory.nav.reporting", Href: "/reporting", Order: 20, Access: webui.Public})
	app.Page("GET /{$}", webui.Public, p.home)
	app.Page("GET /advisories", webui.Public, p.home)
	app.Page("GET /advisories/{slug}", webui.Public, p.project)
	app.Page("GET /reporting", webui.Public, p.first("advisory/reporting"))
	app.Page("GET /reporting/{slug}", webui.Public, p.about("advisory/reporting"))
	app.Page("GET /policy/{slug}", webui.Public, p.about("advisory/policy"))
	app.Page("GET /team/{slug}", webui.Public, p.about("advisory/team"))
}

func (p Public) home(c *webui.Ctx) error {
	var view publicView
	view.All = true
	err := p.Work.View(c.Context(), func(ctx context.Context, v unit.View) (err error) {
		if view.Projects, err = p.People.AllProjects(ctx, v, people.Anyone()); err != nil {
			return err
		}
		docs, err := p.Site.Documents(ctx, v, people.Anyone(), "", maxRows)
		view.Documents = rows(docs, view.Projects)
		return err
	})
	if err != nil {
		return err
	}
	if len(view.Projects) == 1 {
		view.Project = view.Projects[0]
		c.Brand(view.Project.Name, "/")
	}
	return c.Render("advisory/home", view)
}

// maxRows bounds a public list; index.txt and the feeds hold all.
const maxRows = 500

func rows(docs []advisory.PublicDocument, projects []people.Project) []documentRow {
	byID := map[people.ProjectID]people.Project{}
	for _, p := range projects {
		byID[p.ID] = p
	}
	var out []documentRow
	for _, d := range docs {
		p := byID[d.Project]
		t := pubtree.Paths{Slug: p.Slug}
		out = append(out, documentRow{PublicDocument: d, Page: "/" + t.Page(d.Name), Text: "/" + t.Text(d.Name),
			JSON: "/" + t.Document(d.Level, d.Year, d.Name), Project: p.Name})
	}
	return out
}

func (p Public) load(c *webui.Ctx, slug string) (publicView, error) {
	var view publicView
	anyone := people.Anyone()
	err := p.Work.View(c.Context(), func(ctx context.Context, v unit.View) (err error) {
		if slug == "" {
			all, err := p.People.AllProjects(ctx, v, anyone)
			if err != nil || len(all) != 1 {
				view.Projects = all
				return err
			}
			slug = all[0].Slug
		}
		if view.Project, err = p.People.ProjectBySlug(ctx, v, anyone, slug); err != nil {
			return err
		}
		view.Projects = []people.Project{view.Project}
		view.Policy = view.Project.Policy
		return p.fill(ctx, v, &view)
	})
	if view.Project.Slug != "" {
		c.Brand(view.Project.Name, "/advisories/"+view.Project.Slug)
	}
	return view, err
}

func (p Public) fill(ctx context.Context, v unit.View, view *publicView) error {
	anyone, id := people.Anyone(), view.Project.ID
	docs, err := p.Site.Documents(ctx, v, anyone, id, maxRows)
	if err != nil {
		return err
	}
	view.Documents = rows(docs, view.Projects)
	if view.Gaps, err = p.Site.Gaps(ctx, v, anyone, id); err != nil {
		return err
	}
	keys, err := p.Keys.Public(ctx, v, id)
	if err != nil {
		return err
	}
	t := pubtree.Paths{Slug: view.Project.Slug}
	for _, k := range keys {
		view.Keys = append(view.Keys, keyRow{Fingerprint: k.Fingerprint, Href: "/" + t.Key(k.Fingerprint), Encrypts: k.Encrypts, Signs: k.Signs, Expires: k.Expires})
	}
	if view.Project.Public.TeamPage {
		if view.Team, err = p.People.Team(ctx, v, anyone, id); err != nil {
			return err
		}
	}
	view.Terms, err = p.Terms.Current(ctx, v, anyone, id)
	return err
}

func (p Public) project(c *webui.Ctx) error {
	view, err := p.load(c, c.Path("slug"))
	if err != nil {
		return err
	}
	return c.Render("advisory/home", view)
}

func (p Public) about(name string) func(*webui.Ctx) error {
	return func(c *webui.Ctx) error {
		view, err := p.load(c, c.Path("slug"))
		if err != nil {
			return err
		}
		return c.Render(name, view)
	}
}

// first shows a page of the only project, or the choice of projects.
func (p Public) first(name string) func(*webui.Ctx) error {
	return func(c *webui.Ctx) error {
		view, err := p.load(c, "")
		if err != nil {
			return err
		}
		if view.Project.Slug == "" {
			return c.Render("advisory/choose", view)
		}
		return c.Render(name, view)
	}
}
