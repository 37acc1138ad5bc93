// Package caseworktest wires casework and embargo on a real store as server does,
// for the tests of both. What the desk does is a small fake here: reports and
// mails that a test puts in; the way from a raw mail to a case is shown by the
// whole-program tests.
package caseworktest

import (
	"context"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/tocsin-sec/tocsin/internal/base/fault"
	"github.com/tocsin-sec/tocsin/internal/base/ident"
	"github.com/tocsin-sec/tocsin/internal/base/unit"
	"github.com/tocsin-sec/tocsin/internal/casework"
	"github.com/tocsin-sec/tocsin/internal/casework/caseworkdb"
	"github.com/tocsin-sec/tocsin/internal/casework/reminder"
	"github.com/tocsin-sec/tocsin/internal/casework/roster"
	"github.com/tocsin-sec/tocsin/internal/desk"
	"github.com/tocsin-sec/tocsin/internal/embargo"
	"github.com/tocsin-sec/tocsin/internal/embargo/embargodb"
	"github.com/tocsin-sec/tocsin/internal/people"
	"github.com/tocsin-sec/tocsin/internal/people/peopledb"
	"github.com/tocsin-sec/tocsin/internal/platform/jobs"
	"github.com/tocsin-sec/tocsin/internal/platform/sqldb"
	"github.com/tocsin-sec/tocsin/internal/platform/sqldb/sqldbtest"
	"github.com/tocsin-sec/tocsin/internal/product"
	"github.com/tocsin-sec/tocsin/internal/product/productdb"
)

// Site is a project "Lanterna" with a team, and the services on a real store.
type Site struct {
	*sqldbtest.Env
	Cases    *casework.Service
	Roster   *roster.Roster
	Reminder *reminder.Reminder
	Embargo  *embargo.Service
	Products *product.Service
	People   *peopledb.Store
	Grants   *people.Grants
	Desk     *Desk
	Facts    []unit.Fact // what was emitted
	Project  people.ProjectID

	Chair, Deputy, Member, Moderator, Stranger people.Scope
}

// Sources are the tables below the tests.
func Sources() []sqldb.Source {
	return []sqldb.Source{peopledb.Migrations(), productdb.Migrations(), caseworkdb.Migrations(), embargodb.Migrations()}
}

// Each runs f on both engines.
func Each(t *testing.T, f func(t *testing.T, s *Site)) {
	t.Helper()
	sqldbtest.Each(t, Sources(), func(t *testing.T, e *sqldbtest.Env) { f(t, New(t, e)) })
}

// SQLite runs f on SQLite alone.
func SQLite(t testing.TB) *Site { return New(t, sqldbtest.SQLite(t, Sources())) }

// New wires the services on an empty store and makes the project with its team.
func New(t testing.TB, e *sqldbtest.Env) *Site {
	t.Helper()
	s := &Site{Env: e, People: &peopledb.Store{Seal: e.Seal, Ring: e.Ring}}
	s.Desk = &Desk{Reports: map[desk.ReportID]desk.Report{}, Mails: map[desk.MessageID]desk.Message{}, project: func() people.ProjectID { return s.Project }}
	s.Grants = &people.Grants{Store: s.People, Terms: s.People}
	dir := &people.Directory{Persons: s.People, Projects: s.People}
	store := &caseworkdb.Store{Seal: e.Seal, Blobs: e.Blobs}
	s.Cases = &casework.Service{Work: e.Work, Cases: store, Lists: store, Items: store, Files: store, Bytes: caseworkdb.Bytes{Blobs: e.Blobs},
		Invites: store, Claims: store, Seen: store, Timeline: caseworkdb.Timeline{Ledger: e.Ledger},
		Reports: s.Desk, Messages: s.Desk, Threads: s.Desk, Letters: s.People, Links: s.Desk, Grants: s.Grants, People: dir,
		Terms: &people.Agreements{Store: s.People}, Post: &people.Post{Store: s.People, Domain: "tocsin.example"}, Accounts: bring{s},
		Origin: "https://tocsin.example"}
	s.Roster = &roster.Roster{Store: store, Cases: store, Invites: store, Seen: store, Grants: s.Grants}
	s.Embargo = &embargo.Service{Work: e.Work, Store: &embargodb.Store{Seal: e.Seal}, Cases: s.Cases, Projects: dir}
	s.Products = &product.Service{Work: e.Work, Store: productdb.Store{}, Roles: s.Grants}
	s.Reminder = &reminder.Reminder{Work: e.Work, Cases: s.Cases, Projects: dir}
	e.Work.Flow = s
	e.Handle(jobs.Handler{Kind: embargo.KindEnd, Run: s.Embargo.AtEnd}, jobs.Handler{Kind: embargo.KindRemind, Run: s.Embargo.Remind},
		jobs.Handler{Kind: reminder.Kind, Run: s.Reminder.Remind})
	s.makeTeam(t)
	return s
}

// Emit calls the Within-followers as server/flow.go does, and keeps the fact.
func (s *Site) Emit(ctx context.Context, tx unit.Tx, f unit.Fact) error {
	s.Facts = append(s.Facts, f)
	switch f := f.(type) {
	case casework.Opened:
		if err := s.Embargo.Follow(ctx, tx, f); err != nil {
			return err
		}
		return s.Reminder.Follow(ctx, tx, f)
	case people.TeamLeft:
		return s.Roster.Left(ctx, tx, f)
	case people.TeamLed:
		return s.Roster.Led(ctx, tx, f)
	case people.TeamUnled:
		return s.Roster.Unled(ctx, tx, f)
	case casework.FactSet:
		return s.Embargo.FollowFact(ctx, tx, f)
	}
	return nil
}

func (s *Site) makeTeam(t testing.TB) {
	t.Helper()
	s.Project = s.AddProject(t, "lanterna")
	s.Chair = s.AddPerson(t, "chair", people.Chair, people.TeamMember)
	s.Deputy = s.AddPerson(t, "deputy", people.Deputy, people.TeamMember)
	s.Member = s.AddPerson(t, "member", people.TeamMember)
	s.Moderator = s.AddPerson(t, "moderator", people.TeamMember, people.Moderator)
	s.Stranger = s.AddPerson(t, "stranger")
}

// AddProject makes a project in Berlin's zone with the usual policy.
func (s *Site) AddProject(t testing.TB, slug string) people.ProjectID {
	t.Helper()
	policy := people.DefaultPolicy()
	policy.Zone = "Europe/Berlin"
	p := people.Project{ID: people.ProjectID(ident.New()), Slug: slug, Name: "Lanterna", Addresses: []string{slug + "-security@lanterna.example"},
		Series: strings.ToUpper(slug[:3]), Policy: policy, Version: 1, Publisher: people.Publisher{Category: "vendor"}}
	s.Do(t, func(ctx context.Context, tx unit.Tx) error {
		p.Created = tx.Now()
		return s.People.AddProject(ctx, tx, people.AsJob("test"), p)
	})
	return p.ID
}

// AddPerson makes a person with an account and roles on the project.
func (s *Site) AddPerson(t testing.TB, name string, roles ...people.Role) people.Scope {
	t.Helper()
	id := people.PersonID(ident.New())
	s.Do(t, func(ctx context.Context, tx unit.Tx) error {
		p := people.Person{ID: id, Name: name, Email: name + "@team.example", State: people.Active, Created: tx.Now()}
		if err := s.People.AddPerson(ctx, tx, people.AsJob("test"), p); err != nil {
			return err
		}
		for _, r := range roles {
			g := people.Grant{Object: string(s.Project), Holder: id, Role: r, By: "test", Since: tx.Now()}
			if err := s.People.AddGrant(ctx, tx, people.AsJob("test"), g); err != nil {
				return err
			}
		}
		return nil
	})
	return people.AsPerson(id)
}

// Terms puts embargo terms in force, which nobody has accepted yet.
func (s *Site) Terms(t testing.TB, version int) {
	t.Helper()
	s.Do(t, func(ctx context.Context, tx unit.Tx) error {
		return s.People.AddTerms(ctx, tx, people.AsJob("test"), people.Terms{Project: s.Project, Version: version, Text: "Keep it.", Since: tx.Now()})
	})
}

// Open opens a case of the team's own by the chair.
func (s *Site) Open(t testing.TB, title string) casework.CaseID {
	t.Helper()
	id, err := s.Cases.Open(t.Context(), s.Chair, casework.Open{Project: s.Project, Title: title, Text: "What we found in " + title + ".", Reason: "found in review", Team: true})
	if err != nil {
		t.Fatalf("open a case: %v", err)
	}
	return id
}

// Case reads a case as the scope sees it.
func (s *Site) Case(t testing.TB, sc people.Scope, id casework.CaseID) casework.Case {
	t.Helper()
	var c casework.Case
	s.View(t, func(ctx context.Context, v unit.View) (err error) {
		c, _, err = s.Cases.Get(ctx, v, sc, id)
		return err
	})
	return c
}

// Talk reads a case's conversation as the scope sees it.
func (s *Site) Talk(t testing.TB, sc people.Scope, id casework.CaseID) []casework.Item {
	t.Helper()
	var out []casework.Item
	s.View(t, func(ctx context.Context, v unit.View) (err error) {
		out, err = s.Cases.Conversation(ctx, v, sc, id, 0, 0)
		return err
	})
	return out
}

// EmbargoOf reads a case's embargo.
func (s *Site) EmbargoOf(t testing.TB, id casework.CaseID) embargo.Embargo {
	t.Helper()
	var e embargo.Embargo
	s.View(t, func(ctx context.Context, v unit.View) (err error) {
		e, err = s.Embargo.Of(ctx, v, s.Chair, id)
		return err
	})
	return e
}

// Deliver hands a mail for a case to casework, as the desk does.
func (s *Site) Deliver(t testing.TB, id casework.CaseID, m desk.Message, f desk.MailForCase) {
	t.Helper()
	m.ID, m.Object, m.Inbound = desk.MessageID(ident.New()), string(id), true
	s.Desk.Mails[m.ID] = m
	f.Message, f.Object, f.From = m.ID, string(id), m.From.Mail
	s.Do(t, func(ctx context.Context, tx unit.Tx) error { return s.Cases.Follow(ctx, tx, f) })
}

// PersonOf returns the person of a scope.
func PersonOf(sc people.Scope) people.PersonID { p, _ := sc.Person(); return p }

// Lines reads the kinds of the case's ledger entries.
func (s *Site) Lines(t testing.TB, sc people.Scope, id casework.CaseID) []string {
	t.Helper()
	var out []string
	s.View(t, func(ctx context.Context, v unit.View) error {
		ls, err := s.Cases.History(ctx, v, sc, id, 0, 500)
		for _, l := range ls {
			out = append(out, l.Kind)
		}
		return err
	})
	return out
}

// Letters counts the letters waiting in the queue by catalogue key.
func (s *Site) Letters(t testing.TB) int {
	t.Helper()
	n := 0
	s.View(t, func(ctx context.Context, v unit.View) error {
		return sqldb.Of(v).QueryRow(ctx, "select count(*) from people_delivery").Scan(&n)
	})
	return n
}

// bring makes an account for an address.
type bring struct{ s *Site }

func (b bring) Bring(ctx context.Context, tx unit.Tx, sc people.Scope, address, name, _ string) (people.PersonID, error) {
	p, err := b.s.People.FindAddress(ctx, tx, people.AsJob("test"), address)
	if fault.Is(err, fault.NotFound) {
		p = people.Person{ID: people.PersonID(ident.New()), Name: name, Email: address, State: people.Invited, Created: tx.Now()}
		err = b.s.People.AddPerson(ctx, tx, people.AsJob("test"), p)
	}
	return p.ID, err
}

// Desk is the fake front desk.
type Desk struct {
	Reports map[desk.ReportID]desk.Report
	Mails   map[desk.MessageID]desk.Message
	project func() people.ProjectID
}

// Hold puts a held report with one mail.
func (d *Desk) Hold(now time.Time, m desk.Message, c desk.Claims) desk.ReportID {
	id := desk.ReportID(ident.New())
	d.Reports[id] = desk.Report{ID: id, Project: d.project(), State: desk.Held, Title: m.Subject, From: m.From, Claims: c, ReceivedAt: now,
		DueAssess: now.Add(10 * 24 * time.Hour), Version: 1}
	m.ID, m.Object, m.At, m.Inbound = desk.MessageID(ident.New()), string(id), now, true
	d.Mails[m.ID] = m
	return id
}

// Release implements casework.Reports.
func (d *Desk) Release(_ context.Context, _ unit.Tx, sc people.Scope, id desk.ReportID, why string) (desk.Report, error) {
	r, ok := d.Reports[id]
	if _, person := sc.Person(); !ok || !person {
		return desk.Report{}, fault.Missing()
	}
	if r.State != desk.Held {
		return desk.Report{}, fault.New(fault.Conflict, "desk.fault.not_held")
	}
	r.State, r.Reason = desk.Released, why
	return r, nil
}

// Opened implements casework.Reports.
func (d *Desk) Opened(_ context.Context, _ unit.Tx, _ people.Scope, r desk.Report, caseID string) error {
	r.Case = caseID
	d.Reports[r.ID] = r
	return nil
}

// Assessed implements casework.Reports.
func (d *Desk) Assessed(_ context.Context, tx unit.Tx, _ people.Scope, id desk.ReportID) error {
	r := d.Reports[id]
	r.AssessedAt = tx.Now()
	d.Reports[id] = r
	return nil
}

// Get implements casework.Reports.
func (d *Desk) Get(_ context.Context, _ unit.View, _ people.Scope, id desk.ReportID) (desk.Report, error) {
	r, ok := d.Reports[id]
	if !ok {
		return r, fault.Missing()
	}
	return r, nil
}

// Message implements casework.Messages.
func (d *Desk) Message(_ context.Context, _ unit.View, _ people.Scope, id desk.MessageID) (desk.Message, error) {
	m, ok := d.Mails[id]
	if !ok {
		return m, fault.Missing()
	}
	return m, nil
}

// MessagesOf implements casework.Messages.
func (d *Desk) MessagesOf(_ context.Context, _ unit.View, _ people.Scope, object string, _ int) ([]desk.Message, error) {
	var out []desk.Message
	for _, m := range d.Mails {
		if m.Object == object {
			out = append(out, m)
		}
	}
	slices.SortFunc(out, func(a, b desk.Message) int { return a.At.Compare(b.At) })
	return out, nil
}

// Tag implements casework.Threads.
func (d *Desk) Tag(_ context.Context, _ unit.Tx, _ people.Scope, object, _ string) (string, error) {
	return object[:8], nil
}

// Token implements casework.Links.
func (d *Desk) Token(r desk.ReportID, _ int) string { return "token-" + string(r) }

// OpenLink is what the pages need of *desk.Service.
func (d *Desk) OpenLink(_ context.Context, token string) (people.Scope, error) {
	id, ok := strings.CutPrefix(token, "token-")
	if _, known := d.Reports[desk.ReportID(id)]; !ok || !known {
		return people.Scope{}, fault.Missing()
	}
	return people.AsBearer(id), nil
}
