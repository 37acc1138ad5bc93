package cve

import (
	"context"
	"strings"
	"time"

	"github.com/tocsin-sec/tocsin/internal/base/fault"
	"github.com/tocsin-sec/tocsin/internal/base/ident"
	"github.com/tocsin-sec/tocsin/internal/base/unit"
	"github.com/tocsin-sec/tocsin/internal/casework"
	"github.com/tocsin-sec/tocsin/internal/people"
)

// Ask is a request for a number.
type Ask struct {
	Member  people.PersonID // a participant of the case, or
	Outside bool            // the CNA of the project's settings, by mail
	Form    bool            // or by its web form, which a person fills in
	Text    string          // what the CNA or the member is told, and nothing else
	Due     time.Time
	Another bool
}

// Request asks a member or an outside CNA for a number, with a date by which it has to
// be there. The letter to an outside CNA has the text and the project's name, nothing of
// the case. Errors are those of Take, and fault.Invalid with every wrong field.
func (s *Service) Request(ctx context.Context, sc people.Scope, id casework.CaseID, a Ask) (NumberID, error) {
	out := NumberID(ident.New())
	err := s.Work.Do(ctx, func(ctx context.Context, tx unit.Tx) error {
		c, me, err := s.team(ctx, tx, sc, id)
		if err != nil {
			return err
		}
		if err := s.alone(ctx, tx, sc, id, a.Another); err != nil {
			return err
		}
		ways, err := s.Ways(ctx, tx, sc, c)
		if err != nil {
			return err
		}
		if err := s.checkAsk(ctx, tx, sc, id, a, ways); err != nil {
			return err
		}
		n := Number{ID: out, Project: c.Project, Case: c.ID, State: Requested, Origin: OfOutside, AskedOf: a.Member, AskedAt: tx.Now(), Due: a.Due, EnteredBy: me, Changed: tx.Now()}
		switch {
		case a.Member != "":
			n.Origin = OfMember
		case a.Form:
			n.Asked = ways.OutsideForm
		default:
			n.Asked = ways.OutsideMail
		}
		if err := s.Numbers.Insert(ctx, tx, sc, n); err != nil {
			return err
		}
		tx.Record(n.entry(sc, "cve.ledger.requested", map[string]string{"of": n.Origin.String()}))
		tx.Enqueue(n.remindJob(n.Due))
		return s.send(ctx, tx, sc, c, n, a)
	})
	return out, err
}

func (s *Service) checkAsk(ctx context.Context, v unit.View, sc people.Scope, id casework.CaseID, a Ask, w Ways) error {
	var c fault.Checks
	c.Require(a.Due.After(v.Now()) && a.Due.Before(v.Now().AddDate(0, 6, 0)), "due", "cve.field.due")
	c.Require(len([]rune(a.Text)) <= maxText && !strings.ContainsRune(a.Text, 0), "text", "cve.field.text")
	switch {
	case a.Member != "":
		gs, err := s.Grants.Holders(ctx, v, people.AsJob("cve.ask", string(id)), string(id))
		if err != nil {
			return err
		}
		ok := false
		for _, g := range gs {
			ok = ok || g.Holder == a.Member && (g.Role == people.Lead || g.Role == people.Member)
		}
		c.Require(ok, "member", "cve.field.member")
	case a.Form:
		c.Require(w.OutsideForm != "", "to", "cve.field.no_form")
	default:
		c.Require(a.Outside && w.OutsideMail != "", "to", "cve.field.no_mail")
		c.Require(strings.TrimSpace(a.Text) != "", "text", "cve.field.text")
	}
	return c.Err()
}

// send writes to whom is asked.
func (s *Service) send(ctx context.Context, tx unit.Tx, sc people.Scope, c casework.Case, n Number, a Ask) error {
	l := people.Letter{Project: c.Project, About: string(c.ID), Confidence: c.ID.Confidence(), Body: a.Text}
	switch {
	case a.Member != "":
		l.To, l.Key, l.Confidential = []people.Recipient{{Person: a.Member}}, "cve.letter.task", true
		l.Link = s.Origin + "/cases/" + string(c.ID) + "/cve"
		l.Args = map[string]string{"title": c.Title, "due": letterTime(n.Due)}
	case a.Form:
		return nil
	default:
		p, err := s.Projects.Project(ctx, tx, people.AsJob("cve.ask", string(c.Project)), c.Project)
		if err != nil {
			return err
		}
		// Encrypted when a key of the address is known. Nothing of the case is in it but
		// what the person wrote; a copy goes to nobody.
		l.To, l.Key, l.Private, l.Written = []people.Recipient{{Address: n.Asked}}, "cve.letter.request", true, true
		l.Args = map[string]string{"project": p.Name}
	}
	return s.Post.Put(ctx, tx, sc, l)
}

func letterTime(t time.Time) string { return t.UTC().Format("2006-01-02 15:04 MST") }
