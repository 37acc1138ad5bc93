package casework

import (
	"context"

	"github.com/tocsin-sec/tocsin/internal/base/fault"
	"github.com/tocsin-sec/tocsin/internal/base/unit"
	"github.com/tocsin-sec/tocsin/internal/desk"
	"github.com/tocsin-sec/tocsin/internal/people"
)

// Service works on cases.
type Service struct {
	Work     unit.Work
	Cases    CaseStore
	Lists    ListStore
	Items    ItemStore
	Files    FileStore
	Bytes    Bytes
	Invites  InviteStore
	Claims   ClaimStore
	Seen     SeenStore
	Timeline Timeline

	Reports  Reports
	Messages Messages
	Threads  Threads
	Letters  desk.Letters
	Links    Links // nil: letters to reporters without an account carry no link

	Grants   Grants
	People   Directory
	Terms    Terms
	Post     Post
	Accounts Accounts

	// Origin is the site's address without a slash at its end, for links in letters.
	Origin string
}

// Reports is what casework needs of *desk.Service.
type Reports interface {
	Release(ctx context.Context, tx unit.Tx, sc people.Scope, id desk.ReportID, why string) (desk.Report, error)
	Opened(ctx context.Context, tx unit.Tx, sc people.Scope, r desk.Report, caseID string) error
	Assessed(ctx context.Context, tx unit.Tx, sc people.Scope, id desk.ReportID) error
	Get(ctx context.Context, v unit.View, sc people.Scope, id desk.ReportID) (desk.Report, error)
}

// Messages is what casework reads of desk's messages.
type Messages interface {
	Message(ctx context.Context, v unit.View, sc people.Scope, id desk.MessageID) (desk.Message, error)
	MessagesOf(ctx context.Context, v unit.View, sc people.Scope, object string, limit int) ([]desk.Message, error)
}

// Threads is what casework needs of *desk.Threads. The Message-IDs of our letters
// are bound to the case by desk, which follows people.LetterQueued.
type Threads interface {
	Tag(ctx context.Context, tx unit.Tx, sc people.Scope, object, who string) (string, error)
}

// Links is what casework needs of desk.Links: the secret of the link of a reporter
// without an account.
type Links interface {
	Token(r desk.ReportID, serial int) string
}

// Grants is what casework needs of *people.Grants.
type Grants interface {
	Grant(ctx context.Context, tx unit.Tx, sc people.Scope, object string, to people.PersonID, r people.Role) error
	GrantUnder(ctx context.Context, tx unit.Tx, sc people.Scope, object string, project people.ProjectID, to people.PersonID, r people.Role) error
	GrantByOffice(ctx context.Context, tx unit.Tx, sc people.Scope, object string, project people.ProjectID, to people.PersonID, r, back people.Role) error
	End(ctx context.Context, tx unit.Tx, sc people.Scope, object string, from people.PersonID, r people.Role, why string) error
	RoleOn(ctx context.Context, v unit.View, sc people.Scope, object string) (people.Role, error)
	Holders(ctx context.Context, v unit.View, sc people.Scope, object string) ([]people.Grant, error)
}

// Directory is what casework needs of *people.Directory.
type Directory interface {
	Project(ctx context.Context, v unit.View, sc people.Scope, id people.ProjectID) (people.Project, error)
	Person(ctx context.Context, v unit.View, sc people.Scope, id people.PersonID) (people.Person, error)
	NamesOn(ctx context.Context, v unit.View, sc people.Scope, object string, ids []people.PersonID) (map[people.PersonID]string, error)
	Team(ctx context.Context, v unit.View, sc people.Scope, project people.ProjectID) ([]people.Teammate, error)
}

// Terms is what casework needs of *people.Agreements.
type Terms interface {
	Current(ctx context.Context, v unit.View, sc people.Scope, project people.ProjectID) (people.Terms, error)
	Accepted(ctx context.Context, v unit.View, sc people.Scope, project people.ProjectID, person people.PersonID) (people.Acceptance, bool, error)
	Accept(ctx context.Context, tx unit.Tx, sc people.Scope, project people.ProjectID, version int) error
}

// Accounts is what casework needs of *account.Service (people).
type Accounts interface {
	// Bring returns the person of an address, invited to the site when new.
	Bring(ctx context.Context, tx unit.Tx, sc people.Scope, address, name, lang string) (people.PersonID, error)
}

// Post is what casework needs of *people.Post.
type Post interface {
	NewMessageID() string
	Put(ctx context.Context, tx unit.Tx, sc people.Scope, l people.Letter) error
}

// Get returns a case that the scope may see and the scope's role on it, else
// fault.NotFound. A job that names the case acts as a lead.
func (s *Service) Get(ctx context.Context, v unit.View, sc people.Scope, id CaseID) (Case, people.Role, error) {
	c, err := s.Cases.Get(ctx, v, sc, id)
	if err != nil {
		return Case{}, "", err
	}
	r, err := s.role(ctx, v, sc, c)
	return c, r, err
}

// Lock is Get for a change in this transaction.
func (s *Service) Lock(ctx context.Context, tx unit.Tx, sc people.Scope, id CaseID) (Case, people.Role, error) {
	c, err := s.Cases.Lock(ctx, tx, sc, id)
	if err != nil {
		return Case{}, "", err
	}
	r, err := s.role(ctx, tx, sc, c)
	return c, r, err
}

// SetClock keeps the copy of the embargo's date that lists show. Only embargo
// calls it.
func (s *Service) SetClock(ctx context.Context, tx unit.Tx, sc people.Scope, id CaseID, c Clock) error {
	return s.Cases.SetClock(ctx, tx, sc, id, c)
}

// role is the scope's role on a case that it sees.
func (s *Service) role(ctx context.Context, v unit.View, sc people.Scope, c Case) (people.Role, error) {
	if _, _, ok := sc.Job(); ok {
		return people.Lead, nil
	}
	if _, ok := sc.Bearer(); ok {
		return people.Reporter, nil
	}
	return s.Grants.RoleOn(ctx, v, sc, string(c.ID))
}

// lockFor is Lock for those roles only: fault.Denied for another role and for a
// scope that may only read.
func (s *Service) lockFor(ctx context.Context, tx unit.Tx, sc people.Scope, id CaseID, roles ...people.Role) (Case, people.Role, error) {
	c, r, err := s.Lock(ctx, tx, sc, id)
	if err != nil {
		return Case{}, "", err
	}
	if !sc.MayWrite() {
		return Case{}, "", fault.New(fault.Denied, "people.read_only")
	}
	for _, ok := range roles {
		if r == ok {
			return c, r, nil
		}
	}
	return Case{}, "", fault.New(fault.Denied, "casework.fault.denied")
}

// lockTeam is lockFor for leads and members.
func (s *Service) lockTeam(ctx context.Context, tx unit.Tx, sc people.Scope, id CaseID) (Case, error) {
	c, _, err := s.lockFor(ctx, tx, sc, id, people.Lead, people.Member)
	return c, err
}

// change runs f on a case that its team may change and saves it. version is the one that
// the person saw; 0 asks for no check.
func (s *Service) change(ctx context.Context, sc people.Scope, id CaseID, version int64, f func(context.Context, unit.Tx, *Case) error) error {
	return s.Work.Do(ctx, func(ctx context.Context, tx unit.Tx) error {
		c, err := s.lockTeam(ctx, tx, sc, id)
		if err != nil {
			return err
		}
		if version != 0 && version != c.Version {
			return fault.New(fault.Conflict, "casework.fault.changed")
		}
		if err := f(ctx, tx, &c); err != nil {
			return err
		}
		c.ChangedAt = tx.Now()
		return s.Cases.Save(ctx, tx, sc, c)
	})
}
