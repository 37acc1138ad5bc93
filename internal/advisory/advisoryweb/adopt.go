package advisoryweb

import (
	"context"
	"net/http"
	"strings"

	"github.com/danielgtaylor/huma/v2"

	"github.com/tocsin-sec/tocsin/internal/advisory"
	"github.com/tocsin-sec/tocsin/internal/advisory/record"
	"github.com/tocsin-sec/tocsin/internal/base/unit"
	"github.com/tocsin-sec/tocsin/internal/people"
	"github.com/tocsin-sec/tocsin/internal/platform/webui"
)

// difference is a branch on which case and text say different things, for people.
type difference struct {
	record.Difference
	There, Here string
}

// toldOf is a branch's difference in the reader's language.
func toldOf(c *webui.Ctx, names map[people.PersonID]string, d record.Difference) difference {
	out := difference{Difference: d, There: decision(c, names, d.There), Here: c.T("advisory.decision.none")}
	if d.Here != nil {
		out.Here = decision(c, names, *d.Here)
	}
	return out
}

// decision says in words what is decided about a branch.
func decision(c *webui.Ctx, names map[people.PersonID]string, b record.Branch) string {
	switch {
	case b.Status == record.Fixed && b.Fixed != "" && b.Commits != nil:
		return c.T("advisory.decision.fixed_by", "version", b.Fixed, "commits", shortly(b.Commits.Fixed))
	case b.Status == record.Fixed && b.Fixed != "":
		return c.T("advisory.decision.fixed", "version", b.Fixed)
	case b.Waiver != "":
		name := names[people.PersonID(b.WaivedBy)]
		if name == "" {
			return c.T("advisory.decision.waived", "reason", b.Waiver)
		}
		return c.T("advisory.decision.waived_by", "name", name, "reason", b.Waiver)
	case b.Status == record.Affected:
		return c.T("advisory.decision.affected")
	case b.Status == "":
		return c.T("advisory.decision.none")
	}
	return c.T("advisory.product." + string(b.Status))
}

// shortly names commits for people.
func shortly(commits []string) string {
	var out []string
	for _, id := range commits {
		out = append(out, id[:min(len(id), 12)])
	}
	return strings.Join(out, ", ")
}

// differences returns what the case says otherwise than the text.
func (p Pages) differences(ctx context.Context, c *webui.Ctx, v unit.View, sc people.Scope, a advisory.Advisory) ([]difference, error) {
	list, err := p.Advisories.FromCase(ctx, v, sc, a)
	if err != nil || len(list) == 0 {
		return nil, err
	}
	var who []people.PersonID
	for _, d := range list {
		who = append(who, people.PersonID(d.There.WaivedBy))
		if d.Here != nil {
			who = append(who, people.PersonID(d.Here.WaivedBy))
		}
	}
	names, err := p.People.Names(ctx, v, sc, who)
	if err != nil {
		return nil, err
	}
	var out []difference
	for _, d := range list {
		out = append(out, toldOf(c, names, d))
	}
	return out, nil
}

func (p Pages) askAdopt(c *webui.Ctx) error { return p.adoptAgain(c, nil) }

func (p Pages) adoptAgain(c *webui.Ctx, err error) error {
	view, loadErr := p.load(c, advisory.ID(c.Path("id")))
	if loadErr != nil {
		return loadErr
	}
	return c.RenderForm("advisory/adopt", view, err)
}

func (p Pages) adopt(c *webui.Ctx) error {
	id := advisory.ID(c.Path("id"))
	if err := p.Advisories.Adopt(c.Context(), people.From(c.Context()), id, c.Value("hash"), c.Form()["branch"]); err != nil {
		return p.adoptAgain(c, err)
	}
	c.Flash("advisory.done.adopt")
	return c.Redirect("/advisory/" + string(id))
}

type adoptInput struct {
	ID   string `path:"id"`
	Body struct {
		Hash     string   `json:"hash,omitempty" doc:"Hash of the revision in work"`
		Branches []string `json:"branches" doc:"Whose decision is taken over from the case, as from_case names them"`
	}
}

func (p Pages) apiAdopt(ctx context.Context, in *adoptInput) (*oneOutput, error) {
	if err := p.Advisories.Adopt(ctx, people.From(ctx), advisory.ID(in.ID), in.Body.Hash, in.Body.Branches); err != nil {
		return nil, err
	}
	return p.one(ctx, in.ID)
}

// registerAdopt mounts the page and the operation that take over what the case says.
func (p Pages) registerAdopt(app *webui.App) {
	app.Page("GET /advisory/{id}/adopt", webui.SignedIn, p.askAdopt)
	app.Page("POST /advisory/{id}/adopt", webui.SignedIn, p.adopt)
	webui.Op(app, huma.Operation{OperationID: "advisory-adopt", Method: http.MethodPost, Path: "/api/advisories/{id}/adopt",
		Summary: "Take over what the case has decided about branches, as a new revision", Tags: []string{"advisory"}}, webui.SignedIn, p.apiAdopt)
}

// way returns where a blocker is dealt with, "" when nothing can be done there yet.
func way(view stateView, f advisory.Blocker) string {
	at := "/advisory/" + string(view.A.ID)
	switch f.Key {
	case "advisory.block.branch":
		return at + "/edit?add=1#f-" + f.Path
	case "advisory.block.branch_case":
		return at + "/adopt"
	case "advisory.block.problems":
		return at + "/edit"
	case "advisory.block.not_approved":
		return at + "/approve"
	case "advisory.block.held":
		return at + "/release"
	case "advisory.block.not_armed":
		if view.A.Approval != nil && !view.Over {
			return at + "/arm"
		}
	case "advisory.block.not_confirmed", "advisory.block.confirmation_old":
		if view.A.Arming != nil {
			return at + "/confirm"
		}
	case "advisory.block.no_key", "advisory.block.key_ends":
		return "/teams/" + string(view.A.Project) + "/keys"
	}
	return ""
}
