package caseworkweb

import (
	"time"

	"github.com/tocsin-sec/tocsin/internal/base/span"
	"github.com/tocsin-sec/tocsin/internal/casework"
	"github.com/tocsin-sec/tocsin/internal/casework/affected"
	"github.com/tocsin-sec/tocsin/internal/people"
	"github.com/tocsin-sec/tocsin/internal/product"
)

// CaseRowBody is a case in a list of the API.
type CaseRowBody struct {
	ID        string     `json:"id"`
	Project   string     `json:"project"`
	Title     string     `json:"title"`
	State     string     `json:"state"`
	Rating    string     `json:"rating,omitempty"`
	Score     float64    `json:"score,omitempty"`
	Embargo   *time.Time `json:"embargo_until,omitempty" doc:"while it runs"`
	Public    bool       `json:"public"`
	Exploited bool       `json:"exploited"`
	Attacked  bool       `json:"attacked"`
	Opened    time.Time  `json:"opened"`
	Changed   time.Time  `json:"changed"`
	DueAssess *time.Time `json:"due_assess,omitempty"`
	Unread    int        `json:"unread"`
	Waiting   int        `json:"waiting"`
	Role      string     `json:"role"`
}

// CaseBody is a case in the API.
type CaseBody struct {
	ID         string             `json:"id"`
	Project    string             `json:"project"`
	Report     string             `json:"report,omitempty"`
	Title      string             `json:"title"`
	State      string             `json:"state" enum:"received,invalid,valid,accepted,deferred,closed"`
	Reason     string             `json:"reason,omitempty"`
	Next       []string           `json:"next" doc:"states that may follow"`
	Vector31   string             `json:"vector31,omitempty"`
	Score31    float64            `json:"score31,omitempty"`
	Vector40   string             `json:"vector40,omitempty"`
	Score40    float64            `json:"score40,omitempty"`
	Rating     string             `json:"rating,omitempty"`
	CWE        []string           `json:"cwe"`
	Affected   []CaseAffectedBody `json:"affected"`
	Facts      []CaseFactBody     `json:"facts"`
	Embargo    *time.Time         `json:"embargo_until,omitempty"`
	Opened     time.Time          `json:"opened"`
	DueAssess  *time.Time         `json:"due_assess,omitempty"`
	AssessedAt *time.Time         `json:"assessed,omitempty"`
	Role       string             `json:"role"`
	Version    int64              `json:"version,omitempty" doc:"for the team only"`
}

// CaseAffectedBody is a row of what is affected.
type CaseAffectedBody struct {
	Product  string `json:"product,omitempty"`
	Name     string `json:"name" maxLength:"200"`
	Branch   string `json:"branch,omitempty" maxLength:"200"`
	Purl     string `json:"purl,omitempty" maxLength:"1024"`
	Versions string `json:"versions,omitempty" maxLength:"200"`
	Fix      string `json:"fix,omitempty" maxLength:"200"`
	Status   string `json:"status" enum:"unknown,affected,fixed,not_affected,waived"`
	Reason   string `json:"reason,omitempty" maxLength:"4000"`
	WaivedBy string `json:"waived_by,omitempty" readOnly:"true"`
}

// CaseFactBody is one of the facts.
type CaseFactBody struct {
	Fact     string     `json:"fact"`
	Set      bool       `json:"set"`
	Evidence string     `json:"evidence,omitempty"`
	By       string     `json:"by,omitempty"`
	At       *time.Time `json:"at,omitempty"`
}

// CaseItemBody is an item of the conversation.
type CaseItemBody struct {
	ID       string         `json:"id"`
	Number   int            `json:"number,omitempty" doc:"for the team only"`
	Kind     string         `json:"kind"`
	Audience string         `json:"audience"`
	Hold     string         `json:"hold"`
	Trust    string         `json:"trust"`
	At       time.Time      `json:"at"`
	Author   string         `json:"author,omitempty"`
	From     string         `json:"from,omitempty"`
	Subject  string         `json:"subject,omitempty"`
	Text     string         `json:"text"`
	Files    []CaseFileBody `json:"files,omitempty"`
}

// CaseFileBody is a file of an item; its bytes are at href.
type CaseFileBody struct {
	ID   string `json:"id"`
	Name string `json:"name"`
	Size int64  `json:"size"`
	Href string `json:"href"`
}

// CaseLineBody is a line of the timeline.
type CaseLineBody struct {
	Seq    int64             `json:"seq"`
	At     time.Time         `json:"at"`
	Kind   string            `json:"kind"`
	Actor  string            `json:"actor"`
	Args   map[string]string `json:"args,omitempty"`
	Proven bool              `json:"proven"`
}

// CasePersonBody is a participant.
type CasePersonBody struct {
	Person string    `json:"person"`
	Name   string    `json:"name"`
	Role   string    `json:"role"`
	Since  time.Time `json:"since"`
	Seen   int       `json:"seen,omitempty"`
}

func rowBody(r casework.Row) CaseRowBody {
	b := CaseRowBody{ID: string(r.ID), Project: string(r.Project), Title: r.Title, State: r.State.String(), Rating: string(r.Rating), Score: r.Score,
		Public: r.Facts[0], Exploited: r.Facts[1], Attacked: r.Facts[2], Opened: r.OpenedAt, Changed: r.ChangedAt, DueAssess: span.Optional(r.DueAssess),
		Unread: r.Unread, Waiting: r.Waiting, Role: string(r.Role)}
	if r.Clock.Running {
		b.Embargo = span.Optional(r.Clock.Until)
	}
	return b
}

func caseBody(c casework.Case, role people.Role) CaseBody {
	b := CaseBody{ID: string(c.ID), Project: string(c.Project), Report: string(c.Report), Title: c.Title, State: c.State.String(), Reason: c.StateReason,
		Vector31: c.Severity.Vector31, Score31: c.Severity.Score31, Vector40: c.Severity.Vector40, Score40: c.Severity.Score40, Rating: string(c.Severity.Rating),
		CWE: append([]string{}, c.Weaknesses...), Affected: []CaseAffectedBody{}, Next: []string{}, Opened: c.OpenedAt, DueAssess: span.Optional(c.DueAssess),
		AssessedAt: span.Optional(c.AssessedAt), Role: string(role)}
	if casework.OfTeam(role) {
		b.Version = c.Version // it grows with notes and held mail too
	}
	if c.Clock.Running {
		b.Embargo = span.Optional(c.Clock.Until)
	}
	for _, s := range c.State.Next() {
		b.Next = append(b.Next, s.String())
	}
	for _, a := range c.Affected {
		b.Affected = append(b.Affected, CaseAffectedBody{Product: string(a.Product), Name: a.Name, Branch: a.Branch, Purl: a.Purl, Versions: a.Versions, Fix: a.Fix,
			Status: a.Status.String(), Reason: a.Reason, WaivedBy: string(a.WaivedBy)})
	}
	for _, k := range casework.FactKinds() {
		m := c.Facts.Of(k)
		b.Facts = append(b.Facts, CaseFactBody{Fact: k.String(), Set: m.Set, Evidence: m.Evidence, By: string(m.By), At: span.Optional(m.At)})
	}
	return b
}

func (a CaseAffectedBody) row() (casework.Affected, error) {
	st, err := affected.ParseStatus(a.Status)
	return casework.Affected{Product: product.ID(a.Product), Name: a.Name, Branch: a.Branch, Purl: a.Purl, Versions: a.Versions, Fix: a.Fix, Status: st, Reason: a.Reason}, err
}

func itemBody(i casework.Item, team bool) CaseItemBody {
	b := CaseItemBody{ID: string(i.ID), Kind: i.Kind.String(), Audience: i.Audience.String(), Hold: i.Hold.String(), Trust: i.Trust.String(), At: i.At,
		Author: string(i.Author), From: i.Content.Address, Subject: i.Content.Subject, Text: i.Content.Text}
	if team {
		b.Number = i.Number
	}
	for _, f := range i.Files {
		f.Case = i.Case
		b.Files = append(b.Files, fileBody(f))
	}
	return b
}

func fileBody(f casework.File) CaseFileBody {
	return CaseFileBody{string(f.ID), f.Name, f.Size, "/api/cases/" + string(f.Case) + "/files/" + string(f.ID)}
}
