package caseworkweb

import (
	"context"
	"strconv"

	"github.com/tocsin-sec/tocsin/internal/base/fault"
	"github.com/tocsin-sec/tocsin/internal/base/unit"
	"github.com/tocsin-sec/tocsin/internal/casework"
	"github.com/tocsin-sec/tocsin/internal/people"
	"github.com/tocsin-sec/tocsin/internal/platform/webui"
)

func (p Pages) registerPeople(app *webui.App) {
	app.Page("GET /cases/{id}/people", webui.SignedIn, p.participants)
	app.Page("POST /cases/{id}/people/invite", webui.SignedIn, p.invite)
	app.Page("POST /cases/{id}/people/uninvite", webui.SignedIn, p.uninvite)
	app.Page("GET /cases/{id}/people/{person}/{role}", webui.SignedIn, p.removeForm)
	app.Page("POST /cases/{id}/people/{person}/{role}", webui.SignedIn, p.remove)
	app.Page("POST /cases/{id}/people/{person}/{role}/change", webui.SignedIn, p.changeRole)
	app.Page("GET /invitations/{token}", webui.SignedIn, p.invitation, webui.Anyway())
	app.Page("POST /invitations/{token}", webui.SignedIn, p.answerInvitation, webui.Anyway())
}

type peopleView struct {
	caseView
	People  []casework.Participant
	Invites []casework.Invitation
	Me      people.PersonID
	Roles   []webui.Option // to invite for
	Change  []webui.Option // to change to
}

func (p Pages) peopleView(c *webui.Ctx, refusal error) (peopleView, error) {
	cv, err := p.page(c, "people", refusal)
	if err != nil {
		return peopleView{}, err
	}
	v := peopleView{caseView: cv}
	v.Me, _ = scope(c).Person()
	err = p.view(c, func(ctx context.Context, tx unit.View, sc people.Scope) (err error) {
		if v.People, err = p.Cases.Participants(ctx, tx, sc, cv.ID); err != nil {
			return err
		}
		if v.Invites, err = p.Cases.InvitesOf(ctx, tx, sc, cv.ID); err != nil {
			return err
		}
		var who []string
		for _, i := range v.Invites {
			who = append(who, string(i.Person), i.By)
		}
		names, err := p.Cases.Names(ctx, tx, sc, cv.ID, who...)
		for k, n := range names {
			v.Names[k] = n
		}
		return err
	})
	for _, r := range []people.Role{people.Observer, people.Reporter, people.Member, people.Lead} {
		v.Change = append(v.Change, webui.Option{Value: string(r), Key: r.Key()})
		if v.Lead || r == people.Observer || r == people.Reporter {
			v.Roles = append(v.Roles, webui.Option{Value: string(r), Key: r.Key(), Hint: "casework.sees." + string(r)})
		}
	}
	return v, err
}

func (p Pages) participants(c *webui.Ctx) error { return p.showPeople(c, nil) }

func (p Pages) showPeople(c *webui.Ctx, err error) error {
	v, bad := p.peopleView(c, err)
	if bad != nil {
		return bad
	}
	return c.RenderForm("casework/people", v, err)
}

func (p Pages) toPeople(c *webui.Ctx, flash string, err error) error {
	if err != nil {
		return p.showPeople(c, err)
	}
	c.Flash(flash)
	return c.Redirect("/cases/" + c.Path("id") + "/people")
}

func (p Pages) invite(c *webui.Ctx) error {
	err := p.Cases.Invite(c.Context(), scope(c), casework.Invite{Case: caseID(c), Address: c.Value("address"), Role: people.Role(c.Value("role"))})
	return p.toPeople(c, "casework.flash.invited", err)
}

func (p Pages) uninvite(c *webui.Ctx) error {
	return p.toPeople(c, "casework.flash.uninvited", p.Cases.WithdrawInvite(c.Context(), scope(c), caseID(c), c.Value("invite")))
}

func (p Pages) changeRole(c *webui.Ctx) error {
	err := p.Cases.ChangeRole(c.Context(), scope(c), caseID(c), people.PersonID(c.Path("person")), people.Role(c.Path("role")),
		people.Role(c.Value("to_"+c.Path("person")+c.Path("role"))))
	return p.toPeople(c, "casework.flash.role", err)
}

// removeForm says who will no longer see what, before it is done.
func (p Pages) removeForm(c *webui.Ctx) error { return p.confirmRemove(c, nil) }

func (p Pages) confirmRemove(c *webui.Ctx, err error) error {
	who, role := people.PersonID(c.Path("person")), people.Role(c.Path("role"))
	name := ""
	bad := p.view(c, func(ctx context.Context, tx unit.View, sc people.Scope) error {
		list, err := p.Cases.Participants(ctx, tx, sc, caseID(c))
		for _, x := range list {
			if x.Person == who && x.Role == role {
				name = x.Name
			}
		}
		return err
	})
	if bad == nil && name == "" {
		bad = fault.Missing()
	}
	if bad != nil {
		return bad
	}
	v, bad := p.page(c, "people", err)
	if bad != nil {
		return bad
	}
	return c.Confirm(webui.Confirm{Title: c.T("casework.remove.title", "name", name, "title", v.Title),
		Effects: []webui.Effect{{Who: name, What: c.T("casework.remove.effect", "role", c.T(role.Key()))}, {Who: name, What: c.T("casework.remove.keeps")}},
		Action:  v.Base + "/people/" + string(who) + "/" + string(role), Button: c.T("casework.remove.button"), Danger: true, Reason: true, Back: v.Base + "/people"}, err)
}

func (p Pages) remove(c *webui.Ctx) error {
	who := people.PersonID(c.Path("person"))
	if err := p.Cases.Remove(c.Context(), scope(c), caseID(c), who, people.Role(c.Path("role")), c.Value("reason")); err != nil {
		return p.confirmRemove(c, err)
	}
	c.Flash("casework.flash.removed")
	if me, ok := scope(c).Person(); ok && me == who {
		return c.Redirect("/cases")
	}
	return c.Redirect("/cases/" + c.Path("id") + "/people")
}

// invitation shows the terms and the role, and nothing of the case.
func (p Pages) invitation(c *webui.Ctx) error { return p.showInvitation(c, nil) }

func (p Pages) showInvitation(c *webui.Ctx, err error) error {
	var v casework.Invited
	bad := p.view(c, func(ctx context.Context, tx unit.View, sc people.Scope) (err error) {
		v, err = p.Cases.Invitation(ctx, tx, sc, c.Path("token"))
		return err
	})
	if bad != nil {
		return bad
	}
	return c.RenderForm("casework/invitation", struct {
		casework.Invited
		Token string
	}{v, c.Path("token")}, err)
}

func (p Pages) answerInvitation(c *webui.Ctx) error {
	if c.Value("do") == "decline" {
		if err := p.Cases.Decline(c.Context(), scope(c), c.Path("token")); err != nil {
			return p.showInvitation(c, err)
		}
		c.Flash("casework.flash.declined")
		return c.Redirect("/cases")
	}
	var checks fault.Checks
	checks.Require(c.Checked("agree"), "agree", "casework.field.agree")
	err := checks.Err()
	var id casework.CaseID
	if err == nil {
		n, _ := strconv.Atoi(c.Value("terms"))
		id, err = p.Cases.Accept(c.Context(), scope(c), c.Path("token"), n)
	}
	if err != nil {
		return p.showInvitation(c, err)
	}
	c.Flash("casework.flash.joined")
	return c.Redirect("/cases/" + string(id))
}
