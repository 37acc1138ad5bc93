package advisoryweb

import (
	"context"
	"html/template"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/tocsin-sec/tocsin/internal/advisory"
	"github.com/tocsin-sec/tocsin/internal/advisory/emit"
	"github.com/tocsin-sec/tocsin/internal/advisory/textdiff"
	"github.com/tocsin-sec/tocsin/internal/base/fault"
	"github.com/tocsin-sec/tocsin/internal/base/unit"
	"github.com/tocsin-sec/tocsin/internal/people"
	"github.com/tocsin-sec/tocsin/internal/platform/webui"
)

// Pages is the face for those who write and decide.
type Pages struct {
	Work       unit.Work
	Advisories *advisory.Service
	People     Names
}

// Names is what the pages need of *people.Directory.
type Names interface {
	Names(ctx context.Context, v unit.View, sc people.Scope, ids []people.PersonID) (map[people.PersonID]string, error)
	Project(ctx context.Context, v unit.View, sc people.Scope, id people.ProjectID) (people.Project, error)
	ProjectBySlug(ctx context.Context, v unit.View, sc people.Scope, slug string) (people.Project, error)
}

// Register mounts pages and API.
func (p Pages) Register(app *webui.App) {
	app.Set("advisory", templates)
	app.Nav(webui.NavItem{Key: "advisory.nav.work", Href: "/advisory", Order: 40, Access: webui.SignedIn})
	app.Page("GET /advisory", webui.SignedIn, p.list)
	app.Page("GET /advisory/{id}", webui.SignedIn, p.show)
	app.Page("POST /advisory/{case}/draft", webui.SignedIn, p.draft)
	app.Page("GET /advisory/{id}/edit", webui.SignedIn, p.edit)
	app.Page("POST /advisory/{id}/edit", webui.SignedIn, p.save)
	app.Page("GET /advisory/{id}/preview/{format}", webui.SignedIn, p.preview)
	for _, a := range actions() {
		app.Page("GET /advisory/{id}/"+a.name, webui.SignedIn, p.ask(a))
		app.Page("POST /advisory/{id}/"+a.name, webui.SignedIn, p.do(a))
	}
	p.registerAdopt(app)
	p.api(app)
}

// stateView is everything that the page of an advisory shows.
type stateView struct {
	A        advisory.Advisory
	State    webui.Badge
	Title    string
	Problems []said
	Blocked  []said
	Failures map[advisory.StepKind]string // why a step failed
	Failed   string                       // why a job was given up
	Until    time.Time
	Over     bool
	Names    map[people.PersonID]string
	Project  people.Project
	Solo     bool
	Mine     bool // the reader wrote the working revision
	Now      time.Time
	Page     string // of the published advisory
	Action   string // of a decision's page
	Danger   bool
	Needs    string // "reason", "waiver", "successor" or ""
	Warnings []said
	KeyNotes []said       // which of several signing keys end too early
	Compared *compared    // what is decided about
	Told     []difference // what the case says otherwise
}

// said is a problem or a guard in the reader's language; Label names the field of Path,
// Href is where it is dealt with.
type said struct{ Key, Path, Label, Text, Href string }

// compared is the text of the revision in work, and what changed in it.
type compared struct {
	advisory.Comparison
	Lines, Data []textdiff.Line
}

// Standing is what has to be settled before the publication can be armed or asked for;
// arming and confirming are what the page itself does.
func (v stateView) Standing() []said {
	return slices.DeleteFunc(slices.Clone(v.Blocked), func(b said) bool {
		return b.Key == "advisory.block.not_armed" || b.Key == "advisory.block.not_confirmed" || b.Key == "advisory.block.confirmation_old"
	})
}

func say(c *webui.Ctx, list []fault.Field) []said {
	var out []said
	for _, f := range list {
		out = append(out, said{Key: f.Key, Path: f.Path, Text: c.Printer().Field(f)})
	}
	return out
}

// badge is the state as word and shape.
func badge(s advisory.State) webui.Badge {
	kind := "open"
	switch s {
	case advisory.Approved:
		kind = "info"
	case advisory.Armed, advisory.IsStaged:
		kind = "wait"
	case advisory.Held:
		kind = "stop"
	case advisory.IsPublished:
		kind = "ok"
	case advisory.IsWithdrawn, advisory.IsSuperseded, advisory.IsAbandoned:
		kind = "off"
	case advisory.Drafting, advisory.Correcting:
	}
	return webui.Badge{Kind: kind, Key: "advisory.state." + string(s)}
}

func (p Pages) load(c *webui.Ctx, id advisory.ID) (stateView, error) {
	view := stateView{Now: c.Now()}
	sc := people.From(c.Context())
	err := p.Work.View(c.Context(), func(ctx context.Context, v unit.View) (err error) {
		if view.A, err = p.Advisories.Get(ctx, v, sc, id); err != nil {
			return err
		}
		r, err := p.Advisories.Current(ctx, v, sc, view.A)
		if err != nil {
			return err
		}
		view.Title = r.Title
		blocked, until, over, err := p.Advisories.Blocked(ctx, v, sc, view.A)
		if err != nil {
			return err
		}
		view.Blocked, view.Until, view.Over = say(c, blocked), until, over
		for i := range blocked {
			view.Blocked[i].Href = way(view, blocked[i])
		}
		if view.Told, err = p.differences(ctx, c, v, sc, view.A); err != nil {
			return err
		}
		notes, err := p.Advisories.KeyNotes(ctx, v, sc, view.A)
		if err != nil {
			return err
		}
		view.KeyNotes = say(c, notes)
		if view.Solo, err = p.Advisories.Solo(ctx, v, sc, view.A); err != nil {
			return err
		}
		if view.Project, err = p.People.Project(ctx, v, sc, view.A.Project); err != nil {
			return err
		}
		view.Names, err = p.People.Names(ctx, v, sc, named(view.A))
		return err
	})
	if err != nil {
		return stateView{}, err
	}
	view.State = badge(view.A.State())
	if w := view.A.Working; w != nil {
		view.Problems = labelled(c, w.Content.Record, w.Content.Problems())
		view.Warnings = labelled(c, w.Content.Record, w.Content.Warnings())
		me, _ := sc.Person()
		view.Mine = w.Author == me
	}
	if f := view.A.Failure; f != nil {
		view.Failed = c.T(f.Key, f.Named()...)
	}
	view.Failures = map[advisory.StepKind]string{}
	for _, st := range view.A.Steps {
		if st.Problem != "" {
			view.Failures[st.Kind] = c.T(st.Problem, st.Named()...)
		}
	}
	if len(view.A.Published) > 0 {
		view.Page = pageOf(view.Project, view.A.Number)
	}
	return view, nil
}

func (p Pages) list(c *webui.Ctx) error {
	type row struct {
		A     advisory.Advisory
		State webui.Badge
		Title string
	}
	var out []row
	sc := people.From(c.Context())
	err := p.Work.View(c.Context(), func(ctx context.Context, v unit.View) error {
		all, err := p.Advisories.List(ctx, v, sc)
		if err != nil {
			return err
		}
		for _, a := range all {
			r, err := p.Advisories.Current(ctx, v, sc, a)
			if err != nil {
				return err
			}
			out = append(out, row{a, badge(a.State()), r.Title})
		}
		return nil
	})
	if err != nil {
		return err
	}
	return c.Render("advisory/list", out)
}

func (p Pages) show(c *webui.Ctx) error {
	view, err := p.load(c, advisory.ID(c.Path("id")))
	if err != nil {
		return err
	}
	return c.Render("advisory/show", view)
}

func (p Pages) draft(c *webui.Ctx) error {
	id, err := p.Advisories.Draft(c.Context(), people.From(c.Context()), c.Path("case"))
	if err != nil {
		return err
	}
	return c.Redirect("/advisory/" + string(id) + "/edit")
}

// preview shows one output of the working revision. The HTML page is shown in a frame
// of its own without any right to load or run anything but its style.
func (p Pages) preview(c *webui.Ctx) error {
	sc, id, format := people.From(c.Context()), advisory.ID(c.Path("id")), c.Path("format")
	switch format {
	case "csaf":
		format = "csaf-2.0"
	case "text":
		format = "mail"
	case "html":
		out, err := p.Advisories.Preview(c.Context(), sc, id)
		if err != nil {
			return err
		}
		c.W.Header().Set("Content-Type", "text/html; charset=utf-8")
		c.W.Header().Set("Cache-Control", "no-store")
		_, err = c.W.Write(out.Page)
		return err
	}
	out, err := p.Advisories.Output(c.Context(), sc, id, format)
	if err != nil && !fault.Is(err, fault.Invalid) {
		return err
	}
	// What the record has nothing to say for is told on the page, beside the others.
	if err != nil {
		out.Breach = err
	}
	breach := ""
	if out.Breach != nil {
		breach = c.Printer().Fault(out.Breach, "")
	}
	return c.Render("advisory/preview", previewView{ID: string(id), Number: out.Number, Format: format, Text: string(out.Bytes), Breach: breach, Outputs: outputs()})
}

// previewView is one output beside the names of all.
type previewView struct {
	ID, Number, Format, Text, Breach string
	Outputs                          []output
}

// output is an output by its name, with the key of what people call it.
type output struct{ Name, Key string }

func outputs() []output {
	var out []output
	for _, f := range emit.Formats() {
		out = append(out, output{f.Name, "advisory.output." + f.Name})
	}
	return out
}

// action is a decision with a page of its own that says what will happen to whom
// before it does (design, section 6).
type action struct {
	name   string
	danger bool
	needs  string // a field that the decision needs: "reason", "waiver" or "successor"
	run    func(ctx context.Context, s *advisory.Service, sc people.Scope, id advisory.ID, d decided) error
}

// decided is what a person gives with a decision: the hash of the revision that she saw, a
// reason or waiver, and the successor of what is superseded.
type decided struct{ hash, text, by, url string }

func actions() []action {
	return []action{
		{"approve", false, "waiver", func(ctx context.Context, s *advisory.Service, sc people.Scope, id advisory.ID, d decided) error {
			return s.Approve(ctx, sc, id, d.hash, d.text)
		}},
		{"arm", true, "", func(ctx context.Context, s *advisory.Service, sc people.Scope, id advisory.ID, d decided) error {
			return s.Arm(ctx, sc, id, d.hash)
		}},
		{"disarm", false, "", func(ctx context.Context, s *advisory.Service, sc people.Scope, id advisory.ID, _ decided) error {
			return s.Disarm(ctx, sc, id)
		}},
		{"confirm", false, "", func(ctx context.Context, s *advisory.Service, sc people.Scope, id advisory.ID, d decided) error {
			return s.Confirm(ctx, sc, id, d.hash)
		}},
		{"hold", false, "reason", func(ctx context.Context, s *advisory.Service, sc people.Scope, id advisory.ID, d decided) error {
			return s.HoldBack(ctx, sc, id, d.text)
		}},
		{"release", false, "", func(ctx context.Context, s *advisory.Service, sc people.Scope, id advisory.ID, _ decided) error {
			return s.Release(ctx, sc, id)
		}},
		{"publish", true, "", func(ctx context.Context, s *advisory.Service, sc people.Scope, id advisory.ID, d decided) error {
			return s.PublishNow(ctx, sc, id, d.hash)
		}},
		{"withdraw", true, "reason", func(ctx context.Context, s *advisory.Service, sc people.Scope, id advisory.ID, d decided) error {
			return s.Withdraw(ctx, sc, id, d.text)
		}},
		{"supersede", true, "successor", func(ctx context.Context, s *advisory.Service, sc people.Scope, id advisory.ID, d decided) error {
			return s.Supersede(ctx, sc, id, d.by, d.url, d.text)
		}},
		{"abandon", true, "reason", func(ctx context.Context, s *advisory.Service, sc people.Scope, id advisory.ID, d decided) error {
			return s.Abandon(ctx, sc, id, d.text)
		}},
		{"retry", false, "", func(ctx context.Context, s *advisory.Service, sc people.Scope, id advisory.ID, _ decided) error {
			return s.RetryStep(ctx, sc, id)
		}},
	}
}

func (p Pages) ask(a action) func(*webui.Ctx) error {
	return func(c *webui.Ctx) error { return p.askAgain(c, a, nil) }
}

func (p Pages) askAgain(c *webui.Ctx, a action, err error) error {
	view, loadErr := p.load(c, advisory.ID(c.Path("id")))
	if loadErr != nil {
		return loadErr
	}
	view.Action, view.Danger, view.Needs = a.name, a.danger, a.needs
	if a.needs == "waiver" && !(view.Solo && view.Mine) {
		view.Needs = ""
	}
	if view.A.Working != nil && (a.name == "approve" || a.name == "arm" || a.name == "publish" || a.name == "confirm") {
		both, compareErr := p.Advisories.Compare(c.Context(), people.From(c.Context()), view.A.ID)
		if compareErr != nil {
			return compareErr
		}
		view.Compared = &compared{Comparison: both}
		if both.Since > 0 {
			view.Compared.Lines, view.Compared.Data = textdiff.Lines(both.Before, both.Text), textdiff.Lines(both.JSONThen, both.JSON)
		}
	}
	return c.RenderForm("advisory/decide", view, shown(err))
}

func (p Pages) do(a action) func(*webui.Ctx) error {
	return func(c *webui.Ctx) error {
		text := c.Value("reason")
		if a.needs == "waiver" {
			text = c.Value("waiver")
		}
		err := a.run(c.Context(), p.Advisories, people.From(c.Context()), advisory.ID(c.Path("id")),
			decided{c.Value("hash"), text, c.Value("by"), c.Value("url")})
		if err != nil {
			return p.askAgain(c, a, err)
		}
		c.Flash("advisory.done." + a.name)
		return c.Redirect("/advisory/" + c.Path("id"))
	}
}

// Panel is the part of the case page: where the advisory stands and what it waits for.
func (p Pages) Panel() webui.Panel {
	return webui.Panel{Key: "advisory.panel", Order: 40, Render: func(c *webui.Ctx, caseID string) (template.HTML, error) {
		sc := people.From(c.Context())
		var list []advisory.Advisory
		err := p.Work.View(c.Context(), func(ctx context.Context, v unit.View) error {
			may, err := p.Advisories.MayWork(ctx, v, sc, caseID)
			if err != nil {
				return err
			}
			if !may {
				return webui.ErrNoPanel
			}
			list, err = p.Advisories.OfCase(ctx, v, sc, caseID)
			return err
		})
		if err != nil {
			return "", err
		}
		// The template asks for View also when there is none yet.
		view := map[string]any{"Case": caseID, "View": nil}
		for _, a := range list {
			if a.Abandoned != nil {
				continue
			}
			full, err := p.load(c, a.ID)
			if err != nil {
				return "", err
			}
			view["View"] = full
		}
		return c.HTML("advisory/panel", view)
	}}
}

// answered lets a page that shows problems without being refused say 200: the
// editor shows them while one writes.
type answered struct{ http.ResponseWriter }

// WriteHeader implements http.ResponseWriter.
func (a answered) WriteHeader(status int) {
	if status == http.StatusUnprocessableEntity {
		status = http.StatusOK
	}
	a.ResponseWriter.WriteHeader(status)
}

// Unwrap serves http.ResponseController.
func (a answered) Unwrap() http.ResponseWriter { return a.ResponseWriter }

func oneLine(s string) string { return strings.Join(strings.Fields(s), " ") }
