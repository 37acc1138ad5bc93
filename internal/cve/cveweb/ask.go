package cveweb

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/tocsin-sec/tocsin/internal/base/fault"
	"github.com/tocsin-sec/tocsin/internal/base/unit"
	"github.com/tocsin-sec/tocsin/internal/casework"
	"github.com/tocsin-sec/tocsin/internal/cve"
	"github.com/tocsin-sec/tocsin/internal/people"
	"github.com/tocsin-sec/tocsin/internal/platform/webui"
)

// askView is the form that asks somebody for a number.
type askView struct {
	view
	To   string
	Tos  []webui.Option
	With []string // what the person chose to tell
	May  []webui.Option
	Text string
	Due  time.Time
}

// dueIn is the date that the form proposes.
const dueIn = 3 * 24 * time.Hour

// told are the parts of a case that a prepared text may have. Nothing is chosen at first.
func told() []webui.Option {
	return []webui.Option{{Value: "title", Key: "cve.with.title"}, {Value: "products", Key: "cve.with.products"},
		{Value: "weakness", Key: "cve.with.weakness"}, {Value: "severity", Key: "cve.with.severity"}, {Value: "embargo", Key: "cve.with.embargo"}}
}

func (p Pages) askView(c *webui.Ctx) (askView, error) {
	v, err := p.read(c, c.Path("id"))
	if err != nil {
		return askView{}, err
	}
	if !v.Team {
		return askView{}, fault.New(fault.Denied, "cve.fault.denied")
	}
	a := askView{view: v, To: c.Value("to"), With: c.R.URL.Query()["with"], May: told(), Due: c.Now().Add(dueIn)}
	if a.To == "" {
		a.To = c.Query("to")
	}
	if len(v.Members) > 0 {
		a.Tos = append(a.Tos, webui.Option{Value: "member", Key: "cve.to.member"})
	}
	if v.Ways.OutsideMail != "" {
		a.Tos = append(a.Tos, webui.Option{Value: "mail", Text: c.T("cve.to.mail", "name", v.Ways.OutsideName, "mail", v.Ways.OutsideMail)})
	}
	if v.Ways.OutsideForm != "" {
		a.Tos = append(a.Tos, webui.Option{Value: "form", Text: c.T("cve.to.form", "form", v.Ways.OutsideForm)})
	}
	if a.To == "" && len(a.Tos) > 0 {
		a.To = a.Tos[0].Value
	}
	err = p.Work.View(c.Context(), func(ctx context.Context, tx unit.View) error {
		cs, _, err := p.Cases.Get(ctx, tx, scope(c), casework.CaseID(c.Path("id")))
		if err != nil {
			return err
		}
		project, err := p.People.Project(ctx, tx, people.AsJob("cve.ask", string(cs.Project)), cs.Project)
		a.Text = prepared(c, cs, project, a.With)
		return err
	})
	return a, err
}

// prepared is the text of a request: that one id is needed, and of the case only what
// was chosen.
func prepared(c *webui.Ctx, cs casework.Case, project people.Project, with []string) string {
	out := []string{c.T("cve.text.one", "project", project.Name)}
	say := func(part, text string) {
		if slices.Contains(with, part) && text != "" {
			out = append(out, text)
		}
	}
	say("title", c.T("cve.text.title", "title", cs.Title))
	var products []string
	for _, a := range cs.Affected {
		if line := strings.TrimSpace(a.Name + " " + a.Branch + " " + a.Versions); !slices.Contains(products, line) {
			products = append(products, line)
		}
	}
	if len(products) > 0 {
		say("products", c.T("cve.text.products", "products", strings.Join(products, "; ")))
	}
	if len(cs.Weaknesses) > 0 {
		say("weakness", c.T("cve.text.weakness", "weaknesses", strings.Join(cs.Weaknesses, ", ")))
	}
	if vector := cs.Severity.Vector40 + " " + cs.Severity.Vector31; strings.TrimSpace(vector) != "" {
		say("severity", c.T("cve.text.severity", "vector", strings.TrimSpace(vector)))
	}
	if cs.Clock.Running {
		say("embargo", c.T("cve.text.embargo", "until", cs.Clock.Until.UTC().Format("2006-01-02 15:04 MST")))
	} else {
		say("embargo", c.T("cve.text.public"))
	}
	return strings.Join(out, "\n")
}

func (p Pages) ask(c *webui.Ctx) error {
	v, err := p.askView(c)
	if err != nil {
		return err
	}
	return c.RenderForm("cve/ask", v, nil)
}

// request shows first what goes to whom, and sends it only after that page.
func (p Pages) request(c *webui.Ctx) error {
	v, err := p.askView(c)
	if err != nil {
		return err
	}
	var checks fault.Checks
	due := c.Time(&checks, "due")
	err = checks.Err()
	a := cve.Ask{Text: c.Value("text"), Due: due, Another: c.Checked("another"), Outside: v.To == "mail", Form: v.To == "form"}
	if v.To == "member" {
		a.Member = people.PersonID(c.Value("member"))
	}
	if err == nil && a.Outside && c.Value("sure") == "" {
		return c.Confirm(webui.Confirm{Title: c.T("cve.ask.sure"), Effects: []webui.Effect{
			{Who: v.Ways.OutsideMail, What: c.T("cve.effect.letter")},
			{Who: c.T("cve.effect.text"), What: a.Text}},
			Action: v.Base + "/cve/ask", Button: c.T("cve.do.send"), Back: v.Base + "/cve/ask",
			Hidden: map[string]string{"to": "mail", "text": a.Text, "due": c.Value("due"), "another": c.Value("another"), "sure": "yes"}}, nil)
	}
	if err == nil {
		_, err = p.Numbers.Request(c.Context(), scope(c), casework.CaseID(c.Path("id")), a)
	}
	if err != nil {
		return c.RenderForm("cve/ask", v, err)
	}
	c.Flash("cve.flash.asked")
	return c.Redirect(v.Base + "/cve")
}
