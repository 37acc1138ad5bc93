package deskweb

import (
	"net/url"

	"github.com/tocsin-sec/tocsin/internal/base/fault"
	"github.com/tocsin-sec/tocsin/internal/desk"
	"github.com/tocsin-sec/tocsin/internal/people"
	"github.com/tocsin-sec/tocsin/internal/platform/webui"
)

// decideMost is how many reports are decided at once (desk.Service.Decide).
const decideMost = 50

// listMost is how many reports the list shows at once.
const listMost = 100

// listView is the moderators' page: the list at the left, one report at the right.
type listView struct {
	Reports []row
	Open    *paneView
	Decided bool
	More    string // cursor of the next page
	Here    string // this page's own address, to come back to
}

// row is one line of the list.
type row struct {
	desk.Report
	Here  bool
	Href  string
	State webui.Badge
	Late  bool
}

// list shows what waits for a decision; with ?decided=1 what was decided. The
// report of ?r=, else the first, is open beside it and noted as seen.
func (p *Pages) list(c *webui.Ctx) error {
	v := listView{Decided: c.Query("decided") != ""}
	q := desk.Query{After: desk.ReportID(c.Query("after")), Limit: listMost}
	if v.Decided {
		q.States = []desk.State{desk.Rejected, desk.NotOurs, desk.Duplicate, desk.Spam}
	}
	sc := people.From(c.Context())
	reports, err := p.Desk.List(c.Context(), sc, q)
	if err != nil {
		return err
	}
	if len(reports) == listMost {
		v.More = string(reports[listMost-1].ID)
	}
	open := desk.ReportID(c.Query("r"))
	if open == "" && len(reports) > 0 {
		open = reports[0].ID
	}
	for _, r := range reports {
		v.Reports = append(v.Reports, row{
			Report: r, Here: r.ID == open, Href: c.With("r", string(r.ID)), State: stateOf(r), Late: r.PastDue(c.Now()),
		})
	}
	if open != "" {
		d, err := p.Desk.See(c.Context(), sc, open)
		switch {
		case err == nil:
			v.Open = pane(c, d)
		case fault.Is(err, fault.NotFound) && len(reports) > 0 && c.Query("r") != "":
			// Decided by somebody else meanwhile, or never visible: the list stands.
			return c.Redirect("/desk")
		default:
			return err
		}
	}
	private(c.W)
	return c.Render("desk/list", v)
}

// stateOf is the state as word and shape.
func stateOf(r desk.Report) webui.Badge {
	switch {
	case r.State == desk.Held && r.News && !r.AckedAt.IsZero():
		return webui.Badge{Kind: "warn", Key: "desk.state.news"}
	case r.State == desk.Held && !r.AskedAt.IsZero():
		return webui.Badge{Kind: "wait", Key: "desk.state.asked"}
	}
	switch r.State {
	case desk.Held:
		return webui.Badge{Kind: "open", Key: "desk.state.held"}
	case desk.Released:
		return webui.Badge{Kind: "ok", Key: "desk.state.released"}
	case desk.Rejected:
		return webui.Badge{Kind: "off", Key: "desk.state.rejected"}
	case desk.NotOurs:
		return webui.Badge{Kind: "off", Key: "desk.state.not_ours"}
	case desk.Duplicate:
		return webui.Badge{Kind: "info", Key: "desk.state.duplicate"}
	default:
		return webui.Badge{Kind: "off", Key: "desk.state.spam"}
	}
}

// decideView is the page before a decision: what will happen to whom.
type decideView struct {
	Do      string
	Reports []row
	Reason  string
	Options []webui.Option // canned texts
	Tells   bool
	Ask     bool
	Of      bool
	Repeats []webui.Option // what it may repeat
	Picked  int
	Left    int // picked beyond what is decided at once: they stay in the list
	Back    string
	Error   error
}

// picked returns the reports that the form names.
func picked(f url.Values) []desk.ReportID {
	var out []desk.ReportID
	for _, id := range f["id"] {
		out = append(out, desk.ReportID(id))
	}
	return out
}

// confirm shows what a decision will do before it is done.
func (p *Pages) confirm(c *webui.Ctx) error { return p.showDecision(c, nil) }

// showDecision renders the page of a decision, with what is wrong with it.
func (p *Pages) showDecision(c *webui.Ctx, problem error) error {
	do := c.Value("do")
	v := decideView{Do: do, Back: "/desk"}
	ids := picked(c.Form())
	if at := c.Value("at"); len(ids) == 0 && at != "" {
		ids = []desk.ReportID{desk.ReportID(at)} // nothing is ticked: the report that is open
	}
	if len(ids) == 0 {
		c.Flash("desk.flash.none_picked")
		return c.Redirect("/desk")
	}
	v.Picked = len(ids)
	if len(ids) > decideMost {
		v.Left, ids = len(ids)-decideMost, ids[:decideMost]
	}
	seen := map[desk.TextID]bool{}
	for _, id := range ids {
		d, err := p.Desk.See(c.Context(), people.From(c.Context()), id)
		if err != nil {
			return err
		}
		v.Reports = append(v.Reports, row{Report: d.Report, State: stateOf(d.Report)})
		for _, t := range d.Texts {
			if t.For.String() == do && !seen[t.ID] {
				seen[t.ID] = true
				v.Options = append(v.Options, webui.Option{Value: string(t.ID), Text: t.Title})
			}
		}
	}
	v.Back = "/desk?r=" + url.QueryEscape(string(ids[0]))
	if do == "release" {
		return c.RenderForm("desk/release", releaseView{decideView: v}, problem)
	}
	d, err := desk.ParseDecision(do)
	if err != nil {
		return err
	}
	v.Tells, v.Ask, v.Of = d.Tells(), d == desk.Ask, d == desk.MarkDuplicate
	if v.Of {
		if v.Repeats, err = p.repeats(c, v.Reports); err != nil {
			return err
		}
	}
	v.Reason = c.T("desk.reason." + do)
	if d == desk.Ask {
		v.Options = append([]webui.Option{{Value: "", Key: "desk.canned.own"}}, v.Options...)
	} else {
		v.Options = append([]webui.Option{{Value: "", Key: "desk.canned.standard"}}, v.Options...)
	}
	return c.RenderForm("desk/decide", v, problem)
}

// decide does it and opens the next report of the list.
func (p *Pages) decide(c *webui.Ctx) error {
	d, err := desk.ParseDecision(c.Value("do"))
	if err != nil {
		return err
	}
	cmd := desk.Decide{
		Reports: picked(c.Form()), Do: d, Reason: c.Value("reason"), Text: c.Value("text"),
		Canned: desk.TextID(c.Value("canned")), Of: repeated(c.Value("of"), c.Value("repeats")), Quiet: c.Checked("quiet"),
	}
	next := p.next(c, cmd.Reports)
	if err := p.Desk.Decide(c.Context(), people.From(c.Context()), cmd); err != nil {
		return p.showDecision(c, err)
	}
	c.Flash("desk.flash."+d.String(), "n", len(cmd.Reports))
	return c.Redirect(next)
}

// next is the list's address with the first report behind the decided ones open.
func (p *Pages) next(c *webui.Ctx, decided []desk.ReportID) string {
	held, err := p.Desk.List(c.Context(), people.From(c.Context()), desk.Query{Limit: 500})
	if err != nil || len(decided) == 0 {
		return "/desk" // the list itself says what is wrong
	}
	gone := map[desk.ReportID]bool{}
	for _, id := range decided {
		gone[id] = true
	}
	behind, after := "", false
	first := ""
	for _, r := range held {
		switch {
		case gone[r.ID]:
			after, behind = true, ""
		case first == "":
			first = string(r.ID)
			fallthrough
		default:
			if after && behind == "" {
				behind = string(r.ID)
			}
		}
	}
	if behind == "" {
		behind = first
	}
	if behind == "" {
		return "/desk"
	}
	return "/desk?r=" + url.QueryEscape(behind)
}
