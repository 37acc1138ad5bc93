package caseworkweb

import (
	"context"
	"net/http"
	"strconv"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"github.com/tocsin-sec/tocsin/internal/base/unit"
	"github.com/tocsin-sec/tocsin/internal/casework"
	"github.com/tocsin-sec/tocsin/internal/people"
	"github.com/tocsin-sec/tocsin/internal/platform/webui"
)

// op describes an operation of cases.
func op(id, method, path, summary string) huma.Operation {
	return huma.Operation{OperationID: "case-" + id, Method: method, Path: path, Tags: []string{"cases"}, Summary: summary}
}

func (p Pages) registerAPI(app *webui.App) {
	const get, post, put, del = http.MethodGet, http.MethodPost, http.MethodPut, http.MethodDelete
	webui.Op(app, op("list", get, "/api/cases", "The cases that you may see."), webui.SignedIn, p.apiList)
	webui.Op(app, op("open", post, "/api/cases", "Open a case without a report."), webui.SignedIn, p.apiOpen)
	webui.Op(app, op("get", get, "/api/cases/{id}", "A case."), webui.SignedIn, p.apiGet)
	webui.Op(app, op("advance", post, "/api/cases/{id}/state", "Move a case to another state, with a reason."), webui.SignedIn, p.apiAdvance)
	webui.Op(app, op("assess", put, "/api/cases/{id}/assessment", "Set title, severity vectors and weaknesses."), webui.SignedIn, p.apiAssess)
	webui.Op(app, op("affected", put, "/api/cases/{id}/affected", "Replace the table of what is affected."), webui.SignedIn, p.apiAffected)
	webui.Op(app, op("fact", post, "/api/cases/{id}/facts/{fact}", "Set or correct a fact, with evidence (team)."), webui.SignedIn, p.apiFact)
	webui.Op(app, op("claim", post, "/api/cases/{id}/claims/{fact}", "Say that a fact is so; alerts the leads and sets nothing."), webui.SignedIn, p.apiClaim)
	webui.Op(app, op("items", get, "/api/cases/{id}/items", "The conversation, as far as your role sees it."), webui.SignedIn, p.apiItems)
	webui.Op(app, op("write", post, "/api/cases/{id}/items", "Write a reply or an internal note."), webui.SignedIn, p.apiWrite)
	webui.Op(app, op("decide", post, "/api/cases/{id}/items/{item}/decision", "Let a waiting mail in, or refuse it."), webui.SignedIn, p.apiDecide)
	webui.Op(app, op("timeline", get, "/api/cases/{id}/timeline", "The case's ledger."), webui.SignedIn, p.apiTimeline)
	webui.Op(app, op("people", get, "/api/cases/{id}/people", "Who is on the case."), webui.SignedIn, p.apiPeople)
	webui.Op(app, op("invite", post, "/api/cases/{id}/people", "Invite somebody to the case."), webui.SignedIn, p.apiInvite)
	webui.Op(app, op("remove", del, "/api/cases/{id}/people/{person}/{role}", "End somebody's role on the case."), webui.SignedIn, p.apiRemove)
	p.registerFilesAPI(app)
	webui.Op(app, op("search", get, "/api/search", "Search the newest items of your cases."), webui.SignedIn, p.apiSearch)
}

type caseInID struct {
	ID string `path:"id"`
}

// nothing is the answer of an operation that has none (204).
type nothing struct{}

type caseInList struct {
	State   string `query:"state" doc:"open (default), all, or a state"`
	Project string `query:"project"`
	Order   string `query:"order" enum:"changed,opened,embargo,severity,due"`
	Only    string `query:"only" enum:"unread,overdue,waiting"`
	After   string `query:"after" doc:"cursor: next of the page before"`
}

type caseOutList struct {
	Body struct {
		Cases []CaseRowBody `json:"cases"`
		Next  string        `json:"next,omitempty"`
	}
}

func (p Pages) apiList(ctx context.Context, in *caseInList) (*caseOutList, error) {
	q, _ := queryOf(func(name string) string {
		return map[string]string{"state": in.State, "project": in.Project, "order": in.Order, "only": in.Only, "after": in.After}[name]
	})
	out := &caseOutList{}
	out.Body.Cases = []CaseRowBody{}
	err := p.Work.View(ctx, func(ctx context.Context, v unit.View) error {
		page, err := p.Cases.List(ctx, v, people.From(ctx), q)
		for _, r := range page.Rows {
			out.Body.Cases = append(out.Body.Cases, rowBody(r))
		}
		if page.More {
			out.Body.Next = strconv.Itoa(q.Offset + perPage)
		}
		return err
	})
	return out, err
}

// CaseOpeningBody is what opening a case asks for.
type CaseOpeningBody struct {
	Title    string     `json:"title,omitempty" maxLength:"200"`
	Reason   string     `json:"reason" maxLength:"4000"`
	Until    *time.Time `json:"embargo_until,omitempty" doc:"without it: the project's aim"`
	Longer   string     `json:"longer_because,omitempty" doc:"why it is longer than the aim; you stand for it by name"`
	Public   bool       `json:"public,omitempty" doc:"already public: no embargo"`
	Evidence string     `json:"evidence,omitempty"`
	Team     bool       `json:"team,omitempty" doc:"the whole team joins, not only chair and deputies"`
}

func (b CaseOpeningBody) until() time.Time {
	if b.Until == nil {
		return time.Time{}
	}
	return b.Until.UTC()
}

type caseInOpen struct {
	Body struct {
		CaseOpeningBody
		Project string `json:"project"`
		Text    string `json:"text,omitempty"`
	}
}

type caseOutCase struct{ Body CaseBody }

func (p Pages) apiOpen(ctx context.Context, in *caseInOpen) (*caseOutCase, error) {
	b := in.Body
	id, err := p.Cases.Open(ctx, people.From(ctx), casework.Open{Project: people.ProjectID(b.Project), Title: b.Title, Text: b.Text, Reason: b.Reason,
		Until: b.until(), Longer: b.Longer, Public: b.Public, Evidence: b.Evidence, Team: b.Team})
	if err != nil {
		return nil, err
	}
	return p.apiGet(ctx, &caseInID{string(id)})
}

func (p Pages) apiGet(ctx context.Context, in *caseInID) (*caseOutCase, error) {
	c, role, _, err := p.Cases.View(ctx, people.From(ctx), casework.CaseID(in.ID))
	if err != nil {
		return nil, err
	}
	return &caseOutCase{Body: caseBody(c, role)}, nil
}

type caseInAdvance struct {
	ID   string `path:"id"`
	Body struct {
		To      string `json:"to" enum:"invalid,valid,accepted,deferred,closed"`
		Reason  string `json:"reason" maxLength:"4000"`
		Version int64  `json:"version,omitempty"`
	}
}

func (p Pages) apiAdvance(ctx context.Context, in *caseInAdvance) (*caseOutCase, error) {
	to, err := casework.ParseState(in.Body.To)
	if err != nil {
		return nil, err
	}
	if err := p.Cases.Advance(ctx, people.From(ctx), casework.CaseID(in.ID), in.Body.Version, to, in.Body.Reason); err != nil {
		return nil, err
	}
	return p.apiGet(ctx, &caseInID{in.ID})
}

type caseInAssess struct {
	ID   string `path:"id"`
	Body struct {
		Title    string   `json:"title" maxLength:"200"`
		Vector31 string   `json:"vector31,omitempty" maxLength:"512"`
		Vector40 string   `json:"vector40,omitempty" maxLength:"512"`
		CWE      []string `json:"cwe,omitempty" maxItems:"50"`
		Version  int64    `json:"version,omitempty"`
	}
}

func (p Pages) apiAssess(ctx context.Context, in *caseInAssess) (*caseOutCase, error) {
	a := casework.Assessment{Title: in.Body.Title, Vector31: in.Body.Vector31, Vector40: in.Body.Vector40, Weaknesses: in.Body.CWE}
	if err := p.Cases.Assess(ctx, people.From(ctx), casework.CaseID(in.ID), in.Body.Version, a); err != nil {
		return nil, err
	}
	return p.apiGet(ctx, &caseInID{in.ID})
}

type caseInAffected struct {
	ID   string `path:"id"`
	Body struct {
		Affected []CaseAffectedBody `json:"affected" maxItems:"500"`
		Version  int64              `json:"version,omitempty"`
	}
}

func (p Pages) apiAffected(ctx context.Context, in *caseInAffected) (*caseOutCase, error) {
	var rows []casework.Affected
	for _, b := range in.Body.Affected {
		r, err := b.row()
		if err != nil {
			return nil, err
		}
		rows = append(rows, r)
	}
	if err := p.Cases.SetAffected(ctx, people.From(ctx), casework.CaseID(in.ID), in.Body.Version, rows); err != nil {
		return nil, err
	}
	return p.apiGet(ctx, &caseInID{in.ID})
}

type caseInFact struct {
	ID   string `path:"id"`
	Fact string `path:"fact" enum:"public,exploited,attacked"`
	Body struct {
		Set      bool   `json:"set"`
		Evidence string `json:"evidence" maxLength:"4000"`
	}
}

func (p Pages) apiFact(ctx context.Context, in *caseInFact) (*caseOutCase, error) {
	k, err := casework.ParseFact(in.Fact)
	if err != nil {
		return nil, err
	}
	if err := p.Cases.SetFact(ctx, people.From(ctx), casework.CaseID(in.ID), k, in.Body.Set, in.Body.Evidence); err != nil {
		return nil, err
	}
	return p.apiGet(ctx, &caseInID{in.ID})
}

type caseInClaim struct {
	ID   string `path:"id"`
	Fact string `path:"fact" enum:"public,exploited,attacked"`
	Body struct {
		Text string `json:"text" maxLength:"4000"`
	}
}

func (p Pages) apiClaim(ctx context.Context, in *caseInClaim) (*nothing, error) {
	k, err := casework.ParseFact(in.Fact)
	if err != nil {
		return nil, err
	}
	return nil, p.Cases.ClaimFact(ctx, people.From(ctx), casework.CaseID(in.ID), k, in.Body.Text)
}
