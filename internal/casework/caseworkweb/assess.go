package caseworkweb

import (
	"context"
	"fmt"
	"strings"

	"github.com/tocsin-sec/tocsin/internal/base/fault"
	"github.com/tocsin-sec/tocsin/internal/base/unit"
	"github.com/tocsin-sec/tocsin/internal/casework"
	"github.com/tocsin-sec/tocsin/internal/casework/affected"
	"github.com/tocsin-sec/tocsin/internal/people"
	"github.com/tocsin-sec/tocsin/internal/platform/webui"
	"github.com/tocsin-sec/tocsin/internal/product"
)

func (p Pages) registerAssess(app *webui.App) {
	app.Page("GET /cases/{id}/state/{to}", webui.SignedIn, p.stateForm)
	app.Page("POST /cases/{id}/state/{to}", webui.SignedIn, p.advance)
	app.Page("GET /cases/{id}/assess", webui.SignedIn, p.assessForm)
	app.Page("POST /cases/{id}/assess", webui.SignedIn, p.assess)
	app.Page("GET /cases/{id}/affected", webui.SignedIn, p.affectedForm)
	app.Page("POST /cases/{id}/affected", webui.SignedIn, p.setAffected)
	app.Page("GET /cases/{id}/facts/{fact}", webui.SignedIn, p.factForm)
	app.Page("POST /cases/{id}/facts/{fact}", webui.SignedIn, p.setFact)
	app.Page("POST /cases/{id}/claims/{claim}", webui.SignedIn, p.answerClaim)
}

// teamPage is page for those who may change the case; to others on the case the
// form is denied.
func (p Pages) teamPage(c *webui.Ctx, tab string, refusal error) (caseView, error) {
	v, err := p.page(c, tab, refusal)
	if err == nil && !v.Team {
		err = fault.New(fault.Denied, "casework.fault.denied")
	}
	return v, err
}

// stateForm shows what a move will do before it is done.
func (p Pages) stateForm(c *webui.Ctx) error { return p.confirmState(c, nil) }

func (p Pages) confirmState(c *webui.Ctx, err error) error {
	to, bad := casework.ParseState(c.Path("to"))
	if bad != nil {
		return fault.Missing()
	}
	v, bad := p.teamPage(c, "state", err)
	if bad != nil {
		return bad
	}
	return c.Confirm(webui.Confirm{
		Title: c.T("casework.move.title", "state", c.T("casework.state."+to.String()), "title", v.Title),
		Effects: []webui.Effect{
			{Who: c.T("casework.move.case"), What: c.T("casework.move.from_to", "from", c.T("casework.state."+v.State.String()), "to", c.T("casework.state."+to.String()))},
			{Who: c.T("casework.move.everyone"), What: c.T("casework.move.shown")},
		},
		Action: v.Base + "/state/" + to.String(), Button: c.T("casework.move." + to.String()), Danger: to == casework.Closed, Reason: true, Back: v.Base,
		Hidden: map[string]string{"version": fmt.Sprint(v.Version)},
	}, err)
}

func (p Pages) advance(c *webui.Ctx) error {
	to, err := casework.ParseState(c.Path("to"))
	if err != nil {
		return fault.Missing()
	}
	if err := p.Cases.Advance(c.Context(), scope(c), caseID(c), version(c), to, c.Value("reason")); err != nil {
		return p.confirmState(c, err)
	}
	c.Flash("casework.flash.moved")
	return c.Redirect("/cases/" + c.Path("id"))
}

func (p Pages) assessForm(c *webui.Ctx) error { return p.showAssess(c, nil) }

func (p Pages) showAssess(c *webui.Ctx, err error) error {
	v, bad := p.teamPage(c, "assess", err)
	if bad != nil {
		return bad
	}
	return c.RenderForm("casework/assess", v, err)
}

// CWE is the field's text.
func (v caseView) CWE() string { return strings.Join(v.Weaknesses, ", ") }

// words splits a field of several entries.
func words(s string) []string {
	return strings.FieldsFunc(s, func(r rune) bool { return r == ',' || r == ' ' || r == '\n' || r == ';' })
}

func (p Pages) assess(c *webui.Ctx) error {
	a := casework.Assessment{Title: c.Value("title"), Vector31: c.Value("vector31"), Vector40: c.Value("vector40"), Weaknesses: words(c.Value("cwe"))}
	if err := p.Cases.Assess(c.Context(), scope(c), caseID(c), version(c), a); err != nil {
		return p.showAssess(c, err)
	}
	c.Flash("casework.flash.assessed")
	return c.Redirect("/cases/" + c.Path("id"))
}

// affectedView is the form of what is affected: a row for each branch that the
// case or the project's products know, and some empty ones.
type affectedView struct {
	caseView
	Rows     []casework.Affected
	Statuses []webui.Option
}

// emptyRows are for products that are not in the register.
const emptyRows = 2

func (p Pages) affectedForm(c *webui.Ctx) error { return p.showAffected(c, nil, nil) }

func (p Pages) showAffected(c *webui.Ctx, typed []casework.Affected, err error) error {
	cv, bad := p.teamPage(c, "affected", err)
	if bad != nil {
		return bad
	}
	v := affectedView{caseView: cv, Rows: typed}
	for _, st := range affected.Statuses() {
		v.Statuses = append(v.Statuses, webui.Option{Value: st.String(), Key: "casework.status." + st.String()})
	}
	if typed == nil {
		v.Rows = append(v.Rows, cv.Affected...)
		bad = p.view(c, func(ctx context.Context, tx unit.View, sc people.Scope) error {
			all, err := p.Products.List(ctx, tx, sc, cv.Case.Project)
			v.Rows = append(v.Rows, missingRows(cv.Affected, all)...)
			return err
		})
		if bad != nil {
			return bad
		}
		v.Rows = append(v.Rows, make([]casework.Affected, emptyRows)...)
	}
	return c.RenderForm("casework/affected", v, err)
}

// missingRows are the maintained branches of the project's products that the case
// says nothing of yet.
func missingRows(have []casework.Affected, all []product.Product) []casework.Affected {
	known := map[string]bool{}
	for _, a := range have {
		known[string(a.Product)+"\x00"+a.Branch] = true
	}
	var out []casework.Affected
	for _, pr := range all {
		for _, b := range pr.Branches {
			if b.Maintained && !known[string(pr.ID)+"\x00"+b.Name] {
				out = append(out, casework.Affected{Product: pr.ID, Name: pr.Name, Branch: b.Name, Purl: pr.Purl})
			}
		}
		if len(pr.Branches) == 0 && !known[string(pr.ID)+"\x00"] {
			out = append(out, casework.Affected{Product: pr.ID, Name: pr.Name, Purl: pr.Purl})
		}
	}
	return out
}

// maxRows bounds the rows that a form may send.
const maxRows = 600

// affectedRows reads the rows "affected.N.field"; a row with no name is left out, and
// at says which row of the form each of the others was.
func affectedRows(c *webui.Ctx) (typed, rows []casework.Affected, at []int) {
	for i := range maxRows {
		n := fmt.Sprintf("affected.%d.", i)
		if _, ok := c.Form()[n+"name"]; !ok {
			break
		}
		st, err := affected.ParseStatus(c.Value(n + "status"))
		if err != nil {
			st = -1
		}
		a := casework.Affected{Product: product.ID(c.Value(n + "product")), Name: c.Value(n + "name"), Branch: c.Value(n + "branch"),
			Purl: c.Value(n + "purl"), Versions: c.Value(n + "versions"), Fix: c.Value(n + "fix"), Status: st, Reason: c.Value(n + "reason")}
		typed = append(typed, a)
		if a.Name != "" {
			rows, at = append(rows, a), append(at, i)
		}
	}
	return typed, rows, at
}

// besideRows puts each problem beside the form's row that it is about.
func besideRows(err error, at []int) error {
	f, ok := err.(*fault.Error)
	if !ok {
		return err
	}
	out := *f
	out.Fields = nil
	for _, x := range f.Fields {
		var i int
		var name string
		if n, _ := fmt.Sscanf(x.Path, "affected.%d.%s", &i, &name); n == 2 && i < len(at) {
			x.Path = fmt.Sprintf("affected.%d.%s", at[i], name)
		}
		out.Fields = append(out.Fields, x)
	}
	return &out
}

func (p Pages) setAffected(c *webui.Ctx) error {
	if err := c.FormErr(); err != nil {
		return err
	}
	typed, rows, at := affectedRows(c)
	if err := p.Cases.SetAffected(c.Context(), scope(c), caseID(c), version(c), rows); err != nil {
		return p.showAffected(c, typed, besideRows(err, at))
	}
	c.Flash("casework.flash.affected")
	return c.Redirect("/cases/" + c.Path("id"))
}

type factView struct {
	caseView
	Fact casework.FactKind
	Mark casework.FactMark
}

// Index is the fact's place among FactRows.
func (v factView) Index() int { return int(v.Fact) - 1 }

func (p Pages) factForm(c *webui.Ctx) error { return p.showFact(c, nil) }

func (p Pages) showFact(c *webui.Ctx, err error) error {
	k, bad := casework.ParseFact(c.Path("fact"))
	if bad != nil {
		return fault.Missing()
	}
	v, bad := p.page(c, "fact", err)
	if bad != nil {
		return bad
	}
	return c.RenderForm("casework/fact", factView{v, k, v.Facts.Of(k)}, err)
}

// setFact sets or corrects a fact for the team; from anybody else it is a claim
// that alerts the leads and sets nothing.
func (p Pages) setFact(c *webui.Ctx) error {
	k, err := casework.ParseFact(c.Path("fact"))
	if err != nil {
		return fault.Missing()
	}
	flash := "casework.flash.fact"
	if c.Value("do") == "claim" {
		flash, err = "casework.flash.claimed", p.Cases.ClaimFact(c.Context(), scope(c), caseID(c), k, c.Value("evidence"))
	} else {
		err = p.Cases.SetFact(c.Context(), scope(c), caseID(c), k, c.Value("do") == "set", c.Value("evidence"))
	}
	if err != nil {
		return p.showFact(c, err)
	}
	c.Flash(flash)
	return c.Redirect("/cases/" + c.Path("id"))
}

func (p Pages) answerClaim(c *webui.Ctx) error {
	if err := p.Cases.AnswerClaim(c.Context(), scope(c), caseID(c), c.Path("claim"), c.Value("answer_"+c.Path("claim"))); err != nil {
		return p.again(c, err)
	}
	c.Flash("casework.flash.answered")
	return c.Redirect("/cases/" + c.Path("id"))
}
