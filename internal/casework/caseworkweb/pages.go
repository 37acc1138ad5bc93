// Package caseworkweb is the pages and the API of cases: the list, the case page
// with the panels of other domains, timeline, participants and invitations, files,
// the forms of severity, of what is affected and of the facts, search, and the
// reporter's page behind the secret link. The rules are in casework.
package caseworkweb

import (
	"context"
	"embed"
	"html/template"
	"io"
	"math"
	"strconv"
	"time"

	"github.com/tocsin-sec/tocsin/internal/base/fault"
	"github.com/tocsin-sec/tocsin/internal/base/unit"
	"github.com/tocsin-sec/tocsin/internal/casework"
	"github.com/tocsin-sec/tocsin/internal/embargo"
	"github.com/tocsin-sec/tocsin/internal/people"
	"github.com/tocsin-sec/tocsin/internal/platform/webui"
	"github.com/tocsin-sec/tocsin/internal/product"
)

//go:embed templates
var files embed.FS

// Pages are the pages of cases.
type Pages struct {
	Work     unit.Work
	Cases    *casework.Service
	Embargo  *embargo.Service
	Products *product.Service
	People   *people.Directory
	Desk     Desk
	Panels   []webui.Panel // of other domains, on the case page
}

// Desk is what the pages need of *desk.Service.
type Desk interface {
	// OpenLink returns the bearer's scope of a reporter's secret link.
	OpenLink(ctx context.Context, token string) (people.Scope, error)
}

// uploadLimit is how much one form with files may send: some files of the largest
// size. Each file has its own limit in casework.
const uploadLimit = 4 * casework.MaxFile

// Register adds the pages and the API to the App.
func (p Pages) Register(app *webui.App) {
	app.Set("casework", files)
	app.Nav(webui.NavItem{Key: "casework.nav.cases", Href: "/cases", Order: 20, Access: webui.SignedIn},
		webui.NavItem{Key: "casework.nav.search", Href: "/search", Order: 30, Access: webui.SignedIn})
	app.Page("GET /cases", webui.SignedIn, p.list)
	app.Page("GET /search", webui.SignedIn, p.search)
	app.Page("GET /cases/new", webui.SignedIn, p.newCase)
	app.Page("POST /cases/new", webui.SignedIn, p.openCase)
	app.Page("GET /cases/{id}", webui.SignedIn, p.show)
	app.Page("POST /cases/{id}/messages", webui.SignedIn, p.write, webui.MaxBody(uploadLimit), webui.Timeout(10*time.Minute))
	app.Page("POST /cases/{id}/mails/{item}", webui.SignedIn, p.decideMail)
	app.Page("GET /cases/{id}/timeline", webui.SignedIn, p.timeline)
	app.Page("GET /cases/{id}/files", webui.SignedIn, p.fileList)
	app.Page("GET /cases/{id}/files/{file}", webui.SignedIn, p.download, webui.Timeout(10*time.Minute))
	p.registerAssess(app)
	p.registerPeople(app)
	p.registerBearer(app)
	p.registerAPI(app)
}

func scope(c *webui.Ctx) people.Scope { return people.From(c.Context()) }

func caseID(c *webui.Ctx) casework.CaseID { return casework.CaseID(c.Path("id")) }

// version is the version of the case that the form was made from.
func version(c *webui.Ctx) int64 {
	n, err := strconv.ParseInt(c.Value("version"), 10, 64)
	if err != nil || n <= 0 {
		return -1 // matches no version: the form is broken
	}
	return n
}

// view runs f in a view as the request's scope.
func (p Pages) view(c *webui.Ctx, f func(ctx context.Context, v unit.View, sc people.Scope) error) error {
	return p.Work.View(c.Context(), func(ctx context.Context, v unit.View) error { return f(ctx, v, scope(c)) })
}

// newest is how many items of a conversation one page shows.
const newest = 100

// caseView is the case page.
type caseView struct {
	casework.Case
	Project  people.Project
	Role     people.Role
	Team     bool // lead or member
	Lead     bool
	Write    bool
	Items    []casework.Item
	Before   string // id of the item to go back from; "": everything is shown
	Readers  []readerView
	Insiders []readerView // who sees a note
	Claims   []casework.Claim
	Names    map[string]string
	Panels   []webui.PanelView
	Now      time.Time
	Base     string
	Tab      string
	Dial     template.HTML
	Bearer   bool
}

// page reads what every page of a case shows, refusal beside it when there is one. The
// mark of what was seen is made before, and only when something will be shown.
func (p Pages) page(c *webui.Ctx, tab string, refusal error) (caseView, error) {
	if refusal != nil && !c.Shows(refusal) {
		return caseView{}, refusal
	}
	sc := scope(c)
	before, err := p.before(c.Context(), sc, caseID(c), c.Query("after"), c.Query("to"))
	if err != nil {
		return caseView{}, err
	}
	cs, role, through, err := p.Cases.View(c.Context(), sc, caseID(c))
	if err != nil {
		return caseView{}, err
	}
	v := caseView{Case: cs, Role: role, Lead: role == people.Lead, Now: c.Now(), Base: "/cases/" + string(cs.ID), Tab: tab}
	v.Team = v.Lead || role == people.Member
	v.Write = sc.MayWrite() && role != people.Observer
	_, v.Bearer = sc.Bearer()
	err = p.view(c, func(ctx context.Context, tx unit.View, sc people.Scope) error {
		return p.fill(ctx, c, tx, &v, min(before, through+1))
	})
	if err != nil {
		return v, err
	}
	v.Dial, err = p.dial(c, v)
	return v, err
}

// before finds where a page of the conversation ends: in front of the item after, or
// with the item to; else with the newest. Addresses carry ids, not numbers, whose
// gaps would tell a reporter of notes.
func (p Pages) before(ctx context.Context, sc people.Scope, id casework.CaseID, after, to string) (int, error) {
	if after == "" && to == "" {
		return math.MaxInt, nil
	}
	var i casework.Item
	err := p.Work.View(ctx, func(ctx context.Context, tx unit.View) (err error) {
		i, err = p.Cases.Items.Item(ctx, tx, sc, casework.ItemID(after+to))
		return err
	})
	switch {
	case err != nil:
		return 0, err
	case i.Case != id:
		return 0, fault.Missing()
	case to != "":
		return i.Number + 1, nil
	}
	return i.Number, nil
}

func (p Pages) fill(ctx context.Context, c *webui.Ctx, tx unit.View, v *caseView, before int) (err error) {
	sc := scope(c)
	if v.Project, err = p.People.Project(ctx, tx, sc, v.Case.Project); err != nil {
		return err
	}
	if v.Tab == "case" {
		if v.Items, err = p.Cases.Conversation(ctx, tx, sc, v.ID, before, newest); err != nil {
			return err
		}
		if len(v.Items) == newest {
			v.Before = string(v.Items[0].ID)
		}
	}
	if v.Team {
		if v.Claims, err = p.Cases.ClaimsOn(ctx, tx, sc, v.ID); err != nil {
			return err
		}
	}
	if v.Write && v.Tab == "case" && !v.Bearer {
		reply, note, err := p.Cases.Readers(ctx, tx, sc, v.Case)
		if err != nil {
			return err
		}
		v.Readers, v.Insiders = readers(c, reply), readers(c, note)
	}
	v.Names, err = p.Cases.Names(ctx, tx, sc, v.ID, v.actors()...)
	return err
}

// readerView is one who will see a message, in words. There may be a hundred on a page.
type readerView struct{ Name, Way string }

func readers(c *webui.Ctx, list []casework.Reader) []readerView {
	type way struct {
		role people.Role
		how  casework.Way
	}
	words := map[way]string{}
	out := make([]readerView, len(list))
	for n, r := range list {
		w := way{r.Role, r.How}
		if _, ok := words[w]; !ok {
			words[w] = c.T(r.Role.Key())
			if r.How == casework.ByMail {
				words[w] += " · " + c.T("casework.write.by_mail")
			}
		}
		if r.Name == "" {
			r.Name = c.T("people.somebody")
		}
		out[n] = readerView{r.Name, words[w]}
	}
	return out
}

// talkItem is an item with the page it stands on, for its template. What is as usual is
// "": a message of somebody signed in that is part of the conversation.
type talkItem struct {
	I                 casework.Item
	V                 *caseView
	Note              bool
	Who               string // the author's name
	Kind, Trust, Hold string
}

// Talk is the conversation for the templates.
func (v caseView) Talk() []talkItem {
	out := make([]talkItem, len(v.Items))
	for n, i := range v.Items {
		out[n] = talkItem{I: i, V: &v, Note: i.Audience == casework.Team, Who: v.Names[string(i.Author)]}
		if i.Kind != casework.KindMessage {
			out[n].Kind = i.Kind.String()
		}
		if i.Trust != casework.Session {
			out[n].Trust = i.Trust.String()
		}
		if i.Hold != casework.Posted {
			out[n].Hold = i.Hold.String()
		}
	}
	return out
}

// factRow is a fact with the page it stands on.
type factRow struct {
	Kind string
	Mark casework.FactMark
	V    caseView
}

// FactRows are the three facts for the templates.
func (v caseView) FactRows() []factRow {
	var out []factRow
	for _, k := range casework.FactKinds() {
		out = append(out, factRow{k.String(), v.Facts.Of(k), v})
	}
	return out
}

// actors are those whose names the page says.
func (v caseView) actors() []string {
	out := []string{v.OpenedBy}
	for _, i := range v.Items {
		out = append(out, string(i.Author))
	}
	for _, k := range casework.FactKinds() {
		out = append(out, string(v.Facts.Of(k).By))
	}
	for _, a := range v.Affected {
		out = append(out, string(a.WaivedBy))
	}
	for _, cl := range v.Claims {
		out = append(out, cl.By)
	}
	return out
}

// show is the case page.
func (p Pages) show(c *webui.Ctx) error {
	v, err := p.page(c, "case", nil)
	if err != nil {
		return err
	}
	v.Panels = c.Panels(p.Panels, string(v.ID))
	return c.Render("casework/case", v)
}

// again shows the case page after a failed post, with what was typed.
func (p Pages) again(c *webui.Ctx, err error) error {
	v, bad := p.page(c, "case", err)
	if bad != nil {
		return bad
	}
	v.Panels = c.Panels(p.Panels, string(v.ID))
	return c.RenderForm("casework/case", v, err)
}

// write posts a message: the button says whether it is the reply or the note.
func (p Pages) write(c *webui.Ctx) error {
	cmd, err := p.message(c, caseID(c))
	if err == nil {
		cmd.Note = c.Value("do") == "note"
		_, err = p.Cases.PostMessage(c.Context(), scope(c), cmd)
	}
	if err != nil {
		return p.again(c, err)
	}
	if cmd.Note {
		c.Flash("casework.flash.noted")
	} else {
		c.Flash("casework.flash.replied")
	}
	return c.Redirect("/cases/" + string(cmd.Case) + "#write")
}

// message reads the form of a message; files go to the store as they arrive.
func (p Pages) message(c *webui.Ctx, id casework.CaseID) (casework.PostMessage, error) {
	cmd := casework.PostMessage{Case: id}
	err := c.Stream(func(field string, u webui.Upload, r io.Reader) error {
		if field != "files" || u.Name == "" {
			return nil
		}
		if len(cmd.Files) == 20 {
			return fault.New(fault.TooLarge, "casework.field.many", "n", 20)
		}
		f, err := p.Cases.Upload(c.Context(), scope(c), id, u.Name, u.Type, r)
		if err == nil && f.Size > 0 {
			cmd.Files = append(cmd.Files, f)
		}
		return err
	})
	cmd.Text = c.Value("text")
	return cmd, err
}

// decideMail lets a waiting mail in or refuses it.
func (p Pages) decideMail(c *webui.Ctx) error {
	do := c.Value("do")
	err := p.Cases.DecideMail(c.Context(), scope(c), casework.Decide{Case: caseID(c), Item: casework.ItemID(c.Path("item")),
		LetIn: do == "in" || do == "note", Team: do == "note", Reason: c.Value("why_" + c.Path("item"))})
	if err != nil {
		return p.again(c, err)
	}
	if do == "in" || do == "note" {
		c.Flash("casework.flash.mail_in")
	} else {
		c.Flash("casework.flash.mail_refused")
	}
	return c.Redirect("/cases/" + c.Path("id"))
}

// fileList shows all files of the case.
func (p Pages) fileList(c *webui.Ctx) error {
	v, err := p.page(c, "files", nil)
	if err != nil {
		return err
	}
	var fs []casework.File
	err = p.view(c, func(ctx context.Context, tx unit.View, sc people.Scope) (err error) {
		fs, err = p.Cases.FilesOf(ctx, tx, sc, v.ID)
		return err
	})
	if err != nil {
		return err
	}
	return c.Render("casework/files", struct {
		caseView
		Files []casework.File
	}{v, fs})
}

// download sends a file as something to keep. The entry in the ledger is made
// before the first byte.
func (p Pages) download(c *webui.Ctx) error {
	f, r, err := p.Cases.Download(c.Context(), scope(c), casework.FileID(c.Path("file")))
	if err != nil {
		return err
	}
	defer r.Close()
	if f.Case != caseID(c) {
		return fault.Missing()
	}
	return c.Download(f.Name, f.Type, r)
}
