package advisoryweb

import (
	"context"
	"strings"

	"github.com/tocsin-sec/tocsin/internal/advisory/downstream"
	"github.com/tocsin-sec/tocsin/internal/base/fault"
	"github.com/tocsin-sec/tocsin/internal/base/unit"
	"github.com/tocsin-sec/tocsin/internal/people"
	"github.com/tocsin-sec/tocsin/internal/platform/webui"
)

// Downstreams is the pages and the API of those who follow a project's advisories: for
// its chairs and deputies, and for whoever subscribes by mail.
type Downstreams struct {
	Work       unit.Work
	Downstream *downstream.Service
	People     Names
	Roles      Roles
}

// Register mounts them.
func (p Downstreams) Register(app *webui.App) {
	app.Set("advisory", templates)
	app.Page("GET /teams/{project}/downstreams", webui.SignedIn, p.list)
	app.Page("POST /teams/{project}/downstreams", webui.SignedIn, p.add)
	app.Page("GET /teams/{project}/downstreams/{id}", webui.SignedIn, p.show)
	app.Page("POST /teams/{project}/downstreams/{id}", webui.SignedIn, p.do)
	app.Page("GET /subscribe/{project}", webui.Public, p.askForm)
	app.Page("POST /subscribe/{project}", webui.Public, p.ask)
	app.Page("GET /subscribe/confirm/{token}", webui.Public, p.held("subscribe/confirm"))
	app.Page("POST /subscribe/confirm/{token}", webui.Public, p.confirm)
	app.Page("GET /unsubscribe/{token}", webui.Public, p.held("unsubscribe"))
	app.Page("POST /unsubscribe/{token}", webui.Public, p.unsubscribe)
	p.api(app)
}

type downstreamsView struct {
	Project people.Project
	Base    string
	List    []subscriptionRow
	One     subscriptionRow
	Sent    []deliveryRow
	Dead    bool
	Secret  string // shown once
	Kinds   []webui.Option
	Levels  []webui.Option
	Langs   []webui.Option
	Done    string // catalogue key: what was done, on pages without a session
	What    string
}

type subscriptionRow struct {
	downstream.Subscription
	Badge webui.Badge
	Wants string // one product a line
	About string // why it was paused
}

type deliveryRow struct {
	downstream.Delivery
	Badge webui.Badge
	Why   string
}

func rowOf(c *webui.Ctx, x downstream.Subscription) subscriptionRow {
	out := subscriptionRow{Subscription: x, Wants: wantsText(x.Wants)}
	kind := map[downstream.State]string{downstream.Pending: "wait", downstream.Active: "ok", downstream.Paused: "off", downstream.Ended: "off"}[x.State]
	out.Badge = webui.Badge{Kind: kind, Key: "advisory.down.state." + string(x.State)}
	if !x.Failing.IsZero() {
		out.Badge = webui.Badge{Kind: "stop", Key: "advisory.down.state.failing"}
	}
	if x.Problem != "" {
		out.About = c.T(x.Problem)
	}
	return out
}

// wantsText is one line for each product, "product / branch" for one branch.
func wantsText(list []downstream.Want) string {
	var b strings.Builder
	for _, w := range list {
		b.WriteString(w.Product)
		if w.Branch != "" {
			b.WriteString(" / " + w.Branch)
		}
		b.WriteByte('\n')
	}
	return b.String()
}

// readWants reads what wantsText writes.
func readWants(text string) []downstream.Want {
	var out []downstream.Want
	for line := range strings.Lines(text) {
		product, branch, _ := strings.Cut(strings.TrimSpace(line), " / ")
		if product = strings.TrimSpace(product); product != "" {
			out = append(out, downstream.Want{Product: product, Branch: strings.TrimSpace(branch)})
		}
	}
	return out
}

func choices(prefix string, values ...string) []webui.Option {
	var out []webui.Option
	for _, v := range values {
		out = append(out, webui.Option{Value: v, Key: prefix + v})
	}
	return out
}

// load is what every page of the team shows; id is "" for the list.
func (p Downstreams) load(c *webui.Ctx, id string) (downstreamsView, error) {
	view := downstreamsView{Kinds: choices("advisory.down.kind.", "webhook", "mail"), Levels: choices("advisory.down.level.", "GREEN", "AMBER", "RED"), Langs: choices("lang.", "en", "zh")}
	sc := people.From(c.Context())
	err := p.Work.View(c.Context(), func(ctx context.Context, v unit.View) (err error) {
		if view.Project, err = led(ctx, v, sc, p.People, p.Roles, c.Path("project")); err != nil {
			return err
		}
		if id != "" {
			x, sent, err := p.Downstream.One(ctx, v, sc, view.Project.ID, id)
			if err != nil {
				return err
			}
			view.One = rowOf(c, x)
			for _, d := range sent {
				view.Sent = append(view.Sent, sentRow(c, d))
				view.Dead = view.Dead || d.State == downstream.Dead
			}
			return nil
		}
		all, err := p.Downstream.List(ctx, v, sc, view.Project.ID)
		for _, x := range all {
			view.List = append(view.List, rowOf(c, x))
		}
		return err
	})
	view.Base = "/teams/" + view.Project.Slug + "/downstreams"
	return view, err
}

func sentRow(c *webui.Ctx, d downstream.Delivery) deliveryRow {
	kind := map[downstream.DeliveryState]string{downstream.Waiting: "wait", downstream.Sent: "ok", downstream.Mailed: "ok", downstream.Dead: "stop", downstream.Cancelled: "off"}[d.State]
	out := deliveryRow{Delivery: d, Badge: webui.Badge{Kind: kind, Key: "advisory.down.sent." + string(d.State)}}
	if d.Problem != "" {
		out.Why = c.T(d.Problem, "code", d.Code)
	}
	return out
}

func (p Downstreams) list(c *webui.Ctx) error {
	view, err := p.load(c, "")
	if err != nil {
		return err
	}
	return c.Render("advisory/downstreams", view)
}

func readChange(c *webui.Ctx) downstream.Change {
	return downstream.Change{Kind: downstream.Kind(c.Value("kind")), Name: c.Value("name"), URL: c.Value("url"), Address: c.Value("address"),
		Lang: c.Value("lang"), Clearance: c.Value("clearance"), Wants: readWants(c.Value("products"))}
}

func (p Downstreams) add(c *webui.Ctx) error {
	view, err := p.load(c, "")
	if err != nil {
		return err
	}
	x, key, err := p.Downstream.Add(c.Context(), people.From(c.Context()), view.Project.ID, readChange(c))
	if err != nil {
		return c.RenderForm("advisory/downstreams", view, err)
	}
	view.One, view.Secret = rowOf(c, x), key.Reveal()
	return c.Render("advisory/downstream", view)
}

func (p Downstreams) show(c *webui.Ctx) error {
	view, err := p.load(c, c.Path("id"))
	if err != nil {
		return err
	}
	return c.Render("advisory/downstream", view)
}

func (p Downstreams) do(c *webui.Ctx) error {
	view, err := p.load(c, c.Path("id"))
	if err != nil {
		return err
	}
	sc, project, id := people.From(c.Context()), view.Project.ID, c.Path("id")
	switch c.Value("do") {
	case "save":
		change := readChange(c)
		change.Kind = view.One.Kind
		err = p.Downstream.Save(c.Context(), sc, project, id, change)
	case "pause":
		err = p.Downstream.Pause(c.Context(), sc, project, id, true)
	case "resume":
		err = p.Downstream.Pause(c.Context(), sc, project, id, false)
	case "retry":
		_, err = p.Downstream.Retry(c.Context(), sc, project, id)
	case "secret":
		key, err := p.Downstream.NewSecret(c.Context(), sc, project, id)
		if err != nil {
			return c.RenderForm("advisory/downstream", view, err)
		}
		view.Secret = key.Reveal()
		return c.Render("advisory/downstream", view)
	case "remove":
		if err = p.Downstream.Remove(c.Context(), sc, project, id); err == nil {
			c.Flash("advisory.down.removed")
			return c.Redirect(view.Base)
		}
	default:
		err = fault.New(fault.Invalid, "fault.malformed")
	}
	if err != nil {
		return c.RenderForm("advisory/downstream", view, err)
	}
	c.Flash("advisory.down.saved")
	return c.Redirect(view.Base + "/" + id)
}

// public finds the project of a page that anybody sees.
func (p Downstreams) public(c *webui.Ctx) (downstreamsView, error) {
	view := downstreamsView{}
	err := p.Work.View(c.Context(), func(ctx context.Context, v unit.View) (err error) {
		view.Project, err = p.People.ProjectBySlug(ctx, v, people.Anyone(), c.Path("project"))
		return err
	})
	if err == nil {
		c.Brand(view.Project.Name, "/advisories/"+view.Project.Slug)
	}
	return view, err
}

func (p Downstreams) askForm(c *webui.Ctx) error {
	view, err := p.public(c)
	if err != nil {
		return err
	}
	return c.Render("advisory/subscribe", view)
}

func (p Downstreams) ask(c *webui.Ctx) error {
	view, err := p.public(c)
	if err != nil {
		return err
	}
	err = p.Downstream.Ask(c.Context(), view.Project.ID, c.Value("address"), c.Printer().Lang(), readWants(c.Value("products")))
	if err != nil {
		return c.RenderForm("advisory/subscribe", view, err)
	}
	view.Done = "advisory.down.asked"
	return c.Render("advisory/subscribe", view)
}

// held shows what a link is about; only the button does it, since mail programs open
// links by themselves.
func (p Downstreams) held(what string) func(*webui.Ctx) error {
	return func(c *webui.Ctx) error {
		project, _, err := p.Downstream.Held(c.Context(), what, c.Path("token"))
		if err != nil {
			return err
		}
		c.Brand(project.Name, "/advisories/"+project.Slug)
		return c.Render("advisory/held", downstreamsView{Project: project, What: what})
	}
}

func (p Downstreams) confirm(c *webui.Ctx) error {
	project, _, err := p.Downstream.Held(c.Context(), "subscribe/confirm", c.Path("token"))
	if err == nil {
		err = p.Downstream.Confirm(c.Context(), c.Path("token"))
	}
	if err != nil {
		return err
	}
	return c.Render("advisory/held", downstreamsView{Project: project, What: "subscribe/confirm", Done: "advisory.down.confirmed"})
}

// unsubscribe is the one click of RFC 8058 too: the provider of the mailbox posts it.
func (p Downstreams) unsubscribe(c *webui.Ctx) error {
	project, _, err := p.Downstream.Held(c.Context(), "unsubscribe", c.Path("token"))
	if err == nil {
		err = p.Downstream.Unsubscribe(c.Context(), c.Path("token"))
	}
	if err != nil {
		return err
	}
	return c.Render("advisory/held", downstreamsView{Project: project, What: "unsubscribe", Done: "advisory.down.away"})
}
