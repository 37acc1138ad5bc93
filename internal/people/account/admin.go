package account

import (
	"context"

	"github.com/tocsin-sec/tocsin/internal/base/fault"
	"github.com/tocsin-sec/tocsin/internal/base/ident"
	"github.com/tocsin-sec/tocsin/internal/base/secret"
	"github.com/tocsin-sec/tocsin/internal/base/unit"
	"github.com/tocsin-sec/tocsin/internal/people"
)

// JobAdmin is the kind of the scope under which the command line runs: whoever can
// open the store and the site key is an administrator.
const JobAdmin = "people.admin"

// Admin runs the site: accounts, projects, links. It gives no right to read a case or a
// report; naming a first chair is possible only while nobody leads the project, and is in
// the project's ledger. Its operations open their own transactions and fail with
// NotFound for who is no administrator: for others these pages do not exist.
type Admin struct {
	*Service
	Projects *people.Projects
	Jobs     JobStore // nil shows none
}

// must lets administrators pass. The account is read again in the transaction, so
// that a session opened before the right was taken has it no more.
func (s *Admin) must(ctx context.Context, v unit.View, sc people.Scope) error {
	if kind, _, ok := sc.Job(); ok && kind == JobAdmin {
		return nil
	}
	me, ok := sc.Person()
	if !ok {
		return fault.Missing()
	}
	p, err := s.Persons.FindPerson(ctx, v, sc, me)
	if err != nil {
		return err
	}
	if !p.Admin || p.State != people.Active || !sc.MayWrite() {
		return fault.Missing()
	}
	return nil
}

// InvitePerson is the command that gives somebody an account.
type InvitePerson struct {
	Address string
	Name    string // may stay empty: he names himself
	Lang    string
	Admin   bool
}

// InvitePerson makes an account and sends its one-time link, which it returns as
// well. An account that was invited before gets a new link; the old one ends.
// It fails with Conflict when the account is active or disabled.
func (s *Admin) InvitePerson(ctx context.Context, sc people.Scope, cmd InvitePerson) (people.Person, secret.String, error) {
	var p people.Person
	var link secret.String
	err := s.Work.Do(ctx, func(ctx context.Context, tx unit.Tx) (err error) {
		if err := s.must(ctx, tx, sc); err != nil {
			return err
		}
		p, link, err = s.invite(ctx, tx, sc, cmd)
		return err
	})
	return p, link, err
}

func (s *Service) invite(ctx context.Context, tx unit.Tx, sc people.Scope, cmd InvitePerson) (people.Person, secret.String, error) {
	address, err := people.Address(cmd.Address)
	if err != nil {
		return people.Person{}, secret.String{}, wrongAddress()
	}
	p, err := s.Persons.FindAddress(ctx, tx, people.AsJob("people.invite"), address)
	switch {
	case fault.Is(err, fault.NotFound):
		p = people.Person{ID: people.PersonID(ident.New()), Name: cmd.Name, Email: address, Lang: cmd.Lang, Admin: cmd.Admin, State: people.Invited, Created: tx.Now()}
		if err := s.Persons.AddPerson(ctx, tx, sc, p); err != nil {
			return p, secret.String{}, err
		}
		tx.Record(people.PersonEntry(sc, p.ID, "people.ledger.invited", nil))
	case err != nil:
		return p, secret.String{}, err
	case p.State != people.Invited:
		return p, secret.String{}, fault.New(fault.Conflict, "people.person.exists")
	}
	link, err := s.sendLink(ctx, tx, sc, LinkInvite, p, "people.letter.invite")
	return p, link, err
}

// sendLink makes a one-time link and puts the letter that carries it.
func (s *Service) sendLink(ctx context.Context, tx unit.Tx, sc people.Scope, kind LinkKind, p people.Person, key string) (secret.String, error) {
	link, err := s.link(ctx, tx, sc, kind, p.ID)
	if err != nil {
		return link, err
	}
	return link, s.Post.Put(ctx, tx, sc, people.Letter{Confidence: "person:" + string(p.ID), To: []people.Recipient{{Person: p.ID, Address: p.Email, Lang: p.Lang}},
		Key: key, Args: map[string]string{"link": link.Reveal(), "name": p.Name}})
}

// Bring returns the person of an address for a domain that brings somebody in (a
// case's invitation, a join by mail): an account that is there, or a new invited one,
// whose link goes out by letter. The caller cannot tell which it was, except by
// what he may know of the person otherwise: the same statements run, and what differs is
// done by a job. The domain has checked that the scope may invite. It fails with Invalid
// beside the field "address".
func (s *Service) Bring(ctx context.Context, tx unit.Tx, sc people.Scope, address, name, lang string) (people.PersonID, error) {
	if !sc.MayWrite() {
		return "", fault.New(fault.Denied, "people.read_only")
	}
	address, err := people.Address(address)
	if err != nil {
		return "", wrongAddress()
	}
	made := people.PersonID(ident.New())
	id, err := s.Persons.BringPerson(ctx, tx, sc, people.Person{ID: made, Name: name, Email: address, Lang: lang, State: people.Invited, Created: tx.Now()})
	if err == nil {
		tx.Enqueue(unit.Job{Kind: KindWelcome, Args: map[string]string{"person": string(id), "made": string(made)}})
	}
	return id, err
}

// NewLink makes a new one-time link for a person who cannot sign in and sends it; with
// dropCodes his second factor goes too. An account that was never entered gets a
// new invitation. It fails with Conflict for a disabled account.
//
// A link into an account that is in use goes to its holder alone: an administrator who
// signed in as somebody else would read his cases. Only the command line gets it too, for
// whoever can open the store and the site key holds everything anyway.
func (s *Admin) NewLink(ctx context.Context, sc people.Scope, id people.PersonID, dropCodes bool) (secret.String, error) {
	var link secret.String
	err := s.Work.Do(ctx, func(ctx context.Context, tx unit.Tx) error {
		if err := s.must(ctx, tx, sc); err != nil {
			return err
		}
		p, err := s.Persons.FindPerson(ctx, tx, sc, id)
		if err != nil {
			return err
		}
		kind, key := LinkSignIn, "people.letter.sign_in"
		switch p.State {
		case people.Active:
		case people.Invited:
			kind, key = LinkInvite, "people.letter.invite"
		case people.Disabled:
			return fault.New(fault.Conflict, "people.person.disabled")
		}
		if dropCodes {
			if err := s.Codes.SetCodeKey(ctx, tx, sc, id, CodeKey{}); err != nil {
				return err
			}
			tx.Record(people.PersonEntry(sc, id, "people.ledger.codes_off", nil))
		}
		tx.Record(people.PersonEntry(sc, id, "people.ledger.link_made", map[string]string{"kind": string(kind)}))
		link, err = s.sendLink(ctx, tx, sc, kind, p, key)
		if _, _, command := sc.Job(); kind == LinkSignIn && !command {
			link = secret.String{}
		}
		return err
	})
	return link, err
}

// SetAdmin gives or takes the administrator's right. The last administrator keeps it (Conflict).
func (s *Admin) SetAdmin(ctx context.Context, sc people.Scope, id people.PersonID, on bool) error {
	return s.change(ctx, sc, id, "people.ledger.admin_set", func(p *people.Person) { p.Admin = on })
}

// SetDisabled shuts an account or opens it again. Shutting ends its sessions; its
// tokens and its grants count for nothing while it is shut, and stay on record.
func (s *Admin) SetDisabled(ctx context.Context, sc people.Scope, id people.PersonID, off bool) error {
	return s.change(ctx, sc, id, "people.ledger.state_set", func(p *people.Person) {
		if off {
			p.State = people.Disabled
		} else if p.State == people.Disabled {
			p.State = people.Active
		}
	})
}

func (s *Admin) change(ctx context.Context, sc people.Scope, id people.PersonID, kind string, f func(*people.Person)) error {
	return s.Work.Do(ctx, func(ctx context.Context, tx unit.Tx) error {
		if err := s.must(ctx, tx, sc); err != nil {
			return err
		}
		p, err := s.Persons.LockPerson(ctx, tx, sc, id)
		if err != nil {
			return err
		}
		f(&p)
		if err := s.Persons.SavePerson(ctx, tx, sc, p); err != nil {
			return err
		}
		// Asked after the change: the command line may make an administrator where none is.
		if there, err := s.Persons.AnyAdmin(ctx, tx, sc); err != nil || !there {
			if err == nil {
				err = fault.New(fault.Conflict, "people.admin.last")
			}
			return err
		}
		if _, err := s.Sessions.EndSessions(ctx, tx, sc, id, "", people.VisitOf(ctx).Session); err != nil {
			return err
		}
		tx.Record(people.PersonEntry(sc, id, kind, map[string]string{"admin": boolText(p.Admin), "state": string(p.State)}))
		return nil
	})
}

func boolText(b bool) string {
	if b {
		return "yes"
	}
	return "no"
}

// List returns every account.
func (s *Admin) List(ctx context.Context, sc people.Scope) ([]people.Person, error) {
	var out []people.Person
	err := s.Work.View(ctx, func(ctx context.Context, v unit.View) (err error) {
		if err = s.must(ctx, v, sc); err != nil {
			return err
		}
		out, err = s.Persons.AllPersons(ctx, v, sc)
		return err
	})
	return out, err
}

// FirstLink returns a one-time link for the first administrator while there is none who
// can sign in, else an empty one. Each call ends the link before.
func (s *Admin) FirstLink(ctx context.Context) (secret.String, error) {
	var link secret.String
	err := s.Work.Do(ctx, func(ctx context.Context, tx unit.Tx) error {
		link = secret.String{}
		sc := people.AsJob(JobAdmin)
		there, err := s.Persons.AnyAdmin(ctx, tx, sc)
		if err != nil || there {
			return err
		}
		link, err = s.link(ctx, tx, sc, LinkFirst, "")
		return err
	})
	return link, err
}

// CreateProject is the command that makes a project.
type CreateProject struct {
	Project people.Project
	Terms   string
	Chair   people.PersonID // leads the team once he accepts the terms; may be empty
}

// CreateProject makes a project with generated keys and names its chair. It fails with
// Invalid or Conflict beside the field that is wrong or taken.
func (s *Admin) CreateProject(ctx context.Context, sc people.Scope, cmd CreateProject) (people.Project, error) {
	var p people.Project
	err := s.Work.Do(ctx, func(ctx context.Context, tx unit.Tx) (err error) {
		if err := s.must(ctx, tx, sc); err != nil {
			return err
		}
		p, err = s.Projects.Create(ctx, tx, sc, cmd.Project, cmd.Terms, cmd.Chair)
		return err
	})
	if err != nil {
		return p, err
	}
	return p, s.Projects.FirstKeys(ctx, sc, p)
}

// NameChair names a chair of a project that nobody leads; Conflict when somebody does.
func (s *Admin) NameChair(ctx context.Context, sc people.Scope, project people.ProjectID, who people.PersonID) error {
	return s.Work.Do(ctx, func(ctx context.Context, tx unit.Tx) error {
		if err := s.must(ctx, tx, sc); err != nil {
			return err
		}
		return s.Projects.NameChair(ctx, tx, sc, project, who)
	})
}
