package cveweb

import (
	"context"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"github.com/tocsin-sec/tocsin/internal/base/fault"
	"github.com/tocsin-sec/tocsin/internal/base/secret"
	"github.com/tocsin-sec/tocsin/internal/base/span"
	"github.com/tocsin-sec/tocsin/internal/base/unit"
	"github.com/tocsin-sec/tocsin/internal/casework"
	"github.com/tocsin-sec/tocsin/internal/cve"
	"github.com/tocsin-sec/tocsin/internal/people"
	"github.com/tocsin-sec/tocsin/internal/platform/webui"
)

func (p Pages) registerAPI(app *webui.App) {
	tags := []string{"cve"}
	webui.Op(app, huma.Operation{OperationID: "cve-of-case", Method: http.MethodGet, Path: "/api/cases/{id}/cve", Tags: tags,
		Summary: "The CVE numbers of a case, and how its project gets them."}, webui.SignedIn, p.apiCase)
	webui.Op(app, huma.Operation{OperationID: "cve-act", Method: http.MethodPost, Path: "/api/cases/{id}/cve", Tags: tags,
		Summary: "Take, ask for, enter, drop, reject, dispute a CVE number of a case."}, webui.SignedIn, p.apiAct)
	webui.Op(app, huma.Operation{OperationID: "cve-setup-get", Method: http.MethodGet, Path: "/api/projects/{project}/cve", Tags: tags,
		Summary: "How a project gets CVE numbers, and its pool; for its chair and deputies."}, webui.SignedIn, p.apiSetup)
	webui.Op(app, huma.Operation{OperationID: "cve-setup-put", Method: http.MethodPut, Path: "/api/projects/{project}/cve", Tags: tags,
		Summary: "Change how a project gets CVE numbers."}, webui.SignedIn, p.apiSaveSetup)
	webui.Op(app, huma.Operation{OperationID: "cve-give-up", Method: http.MethodPost, Path: "/api/projects/{project}/cve/pool", Tags: tags,
		Summary: "Fill the pool up now, or give a free CVE id up unused."}, webui.SignedIn, p.apiGiveUp)
}

// CVENumber is a number in the API.
type CVENumber struct {
	Number      string       `json:"number" doc:"the id of this entry, not the CVE id"`
	CVE         string       `json:"cve,omitempty"`
	State       string       `json:"state" enum:"requested,reserved,assigned,published,disputed,rejected,dropped"`
	Origin      string       `json:"origin" enum:"pool,member,outside,typed"`
	AssignedBy  string       `json:"assigned_by,omitempty"`
	AssignedAt  *time.Time   `json:"assigned_at,omitempty"`
	Asked       string       `json:"asked,omitempty" doc:"of whom it was asked"`
	Due         *time.Time   `json:"due,omitempty"`
	PublishedAt *time.Time   `json:"published_at,omitempty"`
	RejectedAt  *time.Time   `json:"rejected_at,omitempty"`
	ToReject    *time.Time   `json:"to_reject,omitempty" doc:"since when it is decided that it is rejected"`
	AskReject   *time.Time   `json:"ask_reject,omitempty" doc:"since when somebody has to decide: its advisory was withdrawn"`
	DuplicateOf string       `json:"duplicate_of,omitempty"`
	Reason      string       `json:"reason,omitempty"`
	Disputes    []CVEDispute `json:"disputes,omitempty"`
	Problem     string       `json:"problem,omitempty" doc:"why what has to happen at the CVE Services did not; a catalogue key"`
}

// CVEDispute is a dispute in the API.
type CVEDispute struct {
	By      string    `json:"by"`
	Reason  string    `json:"reason"`
	At      time.Time `json:"at"`
	Settled string    `json:"settled,omitempty"`
}

// CVEAct is what somebody wants to do with a number.
type CVEAct struct {
	Do         string     `json:"do" enum:"take,enter,ask,drop,reject,published,rejected,contest,settle,keep,again"`
	Number     string     `json:"number,omitempty" doc:"which number; for enter the request that is answered"`
	CVE        string     `json:"cve,omitempty" maxLength:"40"`
	AssignedBy string     `json:"assigned_by,omitempty" maxLength:"200" doc:"who assigned it"`
	At         *time.Time `json:"at,omitempty" doc:"when it was assigned"`
	Year       int        `json:"year,omitempty" doc:"of take: another year than this"`
	Another    bool       `json:"another,omitempty" doc:"the case gets a second number on purpose"`
	To         string     `json:"to,omitempty" enum:"member,mail,form" doc:"of ask"`
	Member     string     `json:"member,omitempty"`
	Text       string     `json:"text,omitempty" maxLength:"20000" doc:"of ask: all that is told"`
	Due        *time.Time `json:"due,omitempty"`
	Reason     string     `json:"reason,omitempty" maxLength:"4000"`
	Kept       string     `json:"kept,omitempty" doc:"of reject: of two for one flaw the number that is kept"`
	Rejecter   string     `json:"rejecter,omitempty" maxLength:"200" doc:"of reject: who does it when it is not ours"`
	By         string     `json:"by,omitempty" maxLength:"200" doc:"of contest: who disputes it"`
}

// CVESetup is a project's settings in the API. The key is written, never read.
type CVESetup struct {
	CNA         bool   `json:"cna"`
	URL         string `json:"url,omitempty" maxLength:"500"`
	Org         string `json:"org,omitempty" maxLength:"32"`
	OrgID       string `json:"org_id,omitempty" readOnly:"true" doc:"UUID of the CNA, as the CVE Services tell it"`
	User        string `json:"user,omitempty" maxLength:"128"`
	Key         string `json:"key,omitempty" maxLength:"512" writeOnly:"true"`
	HasKey      bool   `json:"has_key,omitempty" readOnly:"true"`
	Low         int    `json:"low,omitempty"`
	Fill        int    `json:"fill,omitempty"`
	OutsideName string `json:"outside_name,omitempty" maxLength:"120"`
	OutsideMail string `json:"outside_mail,omitempty" maxLength:"320"`
	OutsideForm string `json:"outside_form,omitempty" maxLength:"500"`
	Version     int64  `json:"version,omitempty"`

	Quota     int         `json:"quota,omitempty" readOnly:"true"`
	Available int         `json:"available,omitempty" readOnly:"true"`
	Checked   *time.Time  `json:"checked,omitempty" readOnly:"true"`
	Problem   string      `json:"problem,omitempty" readOnly:"true"`
	Free      []CVENumber `json:"free,omitempty" readOnly:"true"`
}

type cveInCase struct {
	ID string `path:"id"`
}

type cveOutCase struct {
	Body struct {
		Numbers []CVENumber `json:"numbers"`
		CNA     bool        `json:"cna" doc:"an id can be taken from the project's pool"`
	}
}

type cveInAct struct {
	ID   string `path:"id"`
	Body CVEAct
}

type cveInProject struct {
	Project string `path:"project"`
}

type cveInSetup struct {
	Project string `path:"project"`
	Body    CVESetup
}

type cveOutSetup struct{ Body CVESetup }

type cveInGiveUp struct {
	Project string `path:"project"`
	Body    struct {
		Number string `json:"number,omitempty" doc:"the entry whose id is given up"`
		Fill   bool   `json:"fill,omitempty" doc:"fill the pool up now"`
	}
}

func moment(t *time.Time) time.Time {
	if t == nil {
		return time.Time{}
	}
	return t.UTC()
}

// body is a number for the API. Who asks whom is the team's business, as on the page.
func body(n cve.Number, team bool) CVENumber {
	b := CVENumber{Number: string(n.ID), CVE: n.CVE, State: n.State.String(), Origin: n.Origin.String(), AssignedBy: n.AssignedBy, AssignedAt: span.Optional(n.AssignedAt),
		PublishedAt: span.Optional(n.PublishedAt), RejectedAt: span.Optional(n.RejectedAt), DuplicateOf: n.ReplacedBy}
	if !team {
		return b
	}
	b.Asked, b.Due, b.ToReject, b.AskReject, b.Reason, b.Problem = n.Asked, span.Optional(n.Due), span.Optional(n.ToReject), span.Optional(n.AskReject), n.Reason, n.Problem
	if n.AskedOf != "" {
		b.Asked = string(n.AskedOf)
	}
	for _, d := range n.Disputes {
		b.Disputes = append(b.Disputes, CVEDispute{By: d.By, Reason: d.Reason, At: d.At, Settled: d.Settled})
	}
	return b
}

func (p Pages) apiCase(ctx context.Context, in *cveInCase) (*cveOutCase, error) {
	out := &cveOutCase{}
	out.Body.Numbers = []CVENumber{}
	err := p.Work.View(ctx, func(ctx context.Context, v unit.View) error {
		sc := people.From(ctx)
		c, role, err := p.Cases.Get(ctx, v, sc, casework.CaseID(in.ID))
		if err != nil {
			return err
		}
		all, err := p.Numbers.OfCase(ctx, v, sc, c.ID)
		if err != nil {
			return err
		}
		for _, n := range all {
			out.Body.Numbers = append(out.Body.Numbers, body(n, role == people.Lead || role == people.Member))
		}
		ways, err := p.Numbers.Ways(ctx, v, sc, c)
		out.Body.CNA = ways.CNA
		return err
	})
	return out, err
}

func (p Pages) apiAct(ctx context.Context, in *cveInAct) (*cveOutCase, error) {
	sc, id, b := people.From(ctx), casework.CaseID(in.ID), in.Body
	n := cve.NumberID(b.Number)
	var err error
	switch b.Do {
	case "take":
		_, err = p.Numbers.Take(ctx, sc, id, b.Year, b.Another)
	case "enter":
		_, err = p.Numbers.Enter(ctx, sc, id, cve.Entry{Request: n, CVE: b.CVE, AssignedBy: b.AssignedBy, At: moment(b.At), Another: b.Another})
	case "ask":
		_, err = p.Numbers.Request(ctx, sc, id, cve.Ask{Member: people.PersonID(b.Member), Outside: b.To == "mail", Form: b.To == "form", Text: b.Text, Due: moment(b.Due), Another: b.Another})
	case "drop":
		err = p.Numbers.Drop(ctx, sc, id, n, b.Reason)
	case "reject":
		err = p.Numbers.Reject(ctx, sc, id, n, cve.Rejection{Reason: b.Reason, Kept: cve.NumberID(b.Kept), Rejecter: b.Rejecter})
	case "published":
		err = p.Numbers.Done(ctx, sc, id, n, cve.Published)
	case "rejected":
		err = p.Numbers.Done(ctx, sc, id, n, cve.Rejected)
	case "contest":
		err = p.Numbers.Contest(ctx, sc, id, n, b.By, b.Reason)
	case "settle":
		err = p.Numbers.Settle(ctx, sc, id, n, b.Reason)
	case "keep":
		err = p.Numbers.Keep(ctx, sc, id, n, b.Reason)
	case "again":
		err = p.Numbers.Again(ctx, sc, id, n)
	default:
		err = fault.New(fault.Invalid, "fault.malformed")
	}
	if err != nil {
		return nil, err
	}
	return p.apiCase(ctx, &cveInCase{in.ID})
}

func (p Pages) apiSetup(ctx context.Context, in *cveInProject) (*cveOutSetup, error) {
	v, err := p.readSetup(ctx, people.From(ctx), in.Project)
	if err != nil {
		return nil, err
	}
	out := &cveOutSetup{Body: CVESetup{CNA: v.CNA, URL: v.URL, Org: v.Org, OrgID: v.OrgID, User: v.User, HasKey: v.HasKey, Low: v.Low, Fill: v.Fill,
		OutsideName: v.OutsideName, OutsideMail: v.OutsideMail, OutsideForm: v.OutsideForm, Version: v.Version,
		Quota: v.Quota.Quota, Available: v.Quota.Available, Checked: span.Optional(v.Checked), Problem: v.Problem}}
	for _, n := range v.Free {
		out.Body.Free = append(out.Body.Free, body(n, true))
	}
	return out, nil
}

func (p Pages) apiSaveSetup(ctx context.Context, in *cveInSetup) (*cveOutSetup, error) {
	v, err := p.readSetup(ctx, people.From(ctx), in.Project)
	if err != nil {
		return nil, err
	}
	b := in.Body
	set := cve.Setup{Project: v.Project, CNA: b.CNA, URL: b.URL, Org: b.Org, User: b.User, Low: b.Low, Fill: b.Fill,
		OutsideName: b.OutsideName, OutsideMail: b.OutsideMail, OutsideForm: b.OutsideForm, Version: b.Version}
	if err := p.Numbers.Change(ctx, people.From(ctx), set, secret.New(b.Key)); err != nil {
		return nil, err
	}
	return p.apiSetup(ctx, &cveInProject{in.Project})
}

func (p Pages) apiGiveUp(ctx context.Context, in *cveInGiveUp) (*cveOutSetup, error) {
	v, err := p.readSetup(ctx, people.From(ctx), in.Project)
	if err != nil {
		return nil, err
	}
	if in.Body.Fill {
		err = p.Numbers.FillUp(ctx, people.From(ctx), v.Project)
	} else {
		err = p.Numbers.GiveUp(ctx, people.From(ctx), v.Project, cve.NumberID(in.Body.Number))
	}
	if err != nil {
		return nil, err
	}
	return p.apiSetup(ctx, &cveInProject{in.Project})
}
