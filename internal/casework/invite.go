package casework

import (
	"context"
	"crypto/rand"
	"encoding/base64"
	"slices"
	"strings"
	"time"

	"github.com/tocsin-sec/tocsin/internal/base/fault"
	"github.com/tocsin-sec/tocsin/internal/base/ident"
	"github.com/tocsin-sec/tocsin/internal/base/unit"
	"github.com/tocsin-sec/tocsin/internal/people"
)

// Invitation asks a person to join a case. Before the terms are accepted the
// invited person sees the project's name, the role and the terms, and nothing of the case.
type Invitation struct {
	ID      string
	Case    CaseID
	Project people.ProjectID
	Person  people.PersonID
	Role    people.Role
	Back    people.Role // of people.Grant: the role comes with an office
	By      string      // actor
	At      time.Time
	Expires time.Time
	Closed  string // "": open; "accepted", "declined", "withdrawn"
	Token   string // only when it is made; the store keeps a keyed hash
}

// inviteLife is how long the link of an invitation works.
const inviteLife = 14 * 24 * time.Hour

// Invite is the command.
type Invite struct {
	Case    CaseID
	Address string
	Person  people.PersonID // instead of the address
	Role    people.Role
}

// Invite sends an invitation. A lead invites for every role, a member brings in
// reporters and observers (fault.Denied). Who is on the case already in that
// role is fault.Conflict.
func (s *Service) Invite(ctx context.Context, sc people.Scope, cmd Invite) error {
	var checks fault.Checks
	checks.Require(cmd.Role.OnCase(), "role", "casework.field.role")
	if cmd.Person == "" {
		a, err := people.Address(cmd.Address)
		checks.Require(err == nil, "address", "people.field.address")
		cmd.Address = a
	}
	if err := checks.Err(); err != nil {
		return err
	}
	return s.Work.Do(ctx, func(ctx context.Context, tx unit.Tx) error {
		c, role, err := s.lockFor(ctx, tx, sc, cmd.Case, people.Lead, people.Member)
		if err != nil {
			return err
		}
		if role == people.Member && cmd.Role != people.Reporter && cmd.Role != people.Observer {
			return fault.New(fault.Denied, "casework.fault.denied")
		}
		if cmd.Person == "" {
			if cmd.Person, err = s.Accounts.Bring(ctx, tx, sc, cmd.Address, "", ""); err != nil {
				return err
			}
		}
		gs, err := s.Grants.Holders(ctx, tx, sc, string(c.ID))
		if err != nil {
			return err
		}
		if slices.ContainsFunc(gs, func(g people.Grant) bool { return g.Holder == cmd.Person && g.Role == cmd.Role }) {
			return fault.New(fault.Conflict, "casework.fault.joined")
		}
		return s.invite(ctx, tx, sc, c, Invitation{Person: cmd.Person, Role: cmd.Role})
	})
}

// invite stores the invitation and sends its link. The letter says nothing of the case.
func (s *Service) invite(ctx context.Context, tx unit.Tx, sc people.Scope, c Case, i Invitation) error {
	i.ID, i.Case, i.Project = ident.New(), c.ID, c.Project
	i.By, i.At, i.Expires, i.Token = sc.Actor(), tx.Now(), tx.Now().Add(inviteLife), newToken()
	if err := s.Invites.AddInvite(ctx, tx, sc, i); err != nil {
		return err
	}
	tx.Record(c.entry(sc, "casework.ledger.invited", map[string]string{"role": string(i.Role), "person": string(i.Person)}))
	p, err := s.People.Project(ctx, tx, sc, c.Project)
	if err != nil {
		return err
	}
	// About is left out on purpose: a bounce of this letter must not be tied to the
	// case for whoever sees the mail's envelope.
	return s.Post.Put(ctx, tx, sc, people.Letter{Project: c.Project, To: []people.Recipient{{Person: i.Person}},
		Key: "casework.letter.invited", Args: map[string]string{"project": p.Name}, Link: s.Origin + "/invitations/" + i.Token})
}

// newToken is 192 random bits for a link.
func newToken() string {
	var b [24]byte
	rand.Read(b[:])
	return base64.RawURLEncoding.EncodeToString(b[:])
}

// Invited is what an invited person sees: nothing of the case.
type Invited struct {
	ID      string
	Project people.Project
	Role    people.Role
	Expires time.Time
	Terms   people.Terms
	Agreed  bool // has accepted the terms in force before
}

// Invitation returns what the holder of a link sees, else fault.NotFound: a link that is
// wrong, used, expired or meant for another account does not exist.
func (s *Service) Invitation(ctx context.Context, v unit.View, sc people.Scope, token string) (Invited, error) {
	i, err := s.invitation(ctx, v, sc, token)
	if err != nil {
		return Invited{}, err
	}
	p, err := s.People.Project(ctx, v, sc, i.Project)
	if err != nil {
		return Invited{}, err
	}
	t, err := s.Terms.Current(ctx, v, sc, i.Project)
	if err != nil {
		return Invited{}, err
	}
	me, _ := sc.Person()
	_, agreed, err := s.Terms.Accepted(ctx, v, sc, i.Project, me)
	return Invited{ID: i.ID, Project: p, Role: i.Role, Expires: i.Expires, Terms: t, Agreed: agreed}, err
}

// invitation finds an open invitation that is meant for the scope's person.
func (s *Service) invitation(ctx context.Context, v unit.View, sc people.Scope, token string) (Invitation, error) {
	me, ok := sc.Person()
	if !ok {
		return Invitation{}, fault.New(fault.Unauthenticated, "fault.unauthenticated")
	}
	i, err := s.Invites.InviteByToken(ctx, v, sc, token)
	if err != nil {
		return Invitation{}, err
	}
	if i.Person != me || i.Closed != "" || !i.Expires.After(v.Now()) {
		return Invitation{}, fault.Missing()
	}
	return i, nil
}

// Accept accepts the terms (the version that the person has read) and joins the
// case. It fails with fault.Conflict when other terms are in force meanwhile.
func (s *Service) Accept(ctx context.Context, sc people.Scope, token string, version int) (CaseID, error) {
	var id CaseID
	err := s.Work.Do(ctx, func(ctx context.Context, tx unit.Tx) error {
		i, err := s.invitation(ctx, tx, sc, token)
		if err != nil {
			return err
		}
		if err := s.Terms.Accept(ctx, tx, sc, i.Project, version); err != nil {
			return err
		}
		me, _ := sc.Person()
		job := people.AsJob("casework.join", string(i.Case))
		if err := s.reporterJoins(ctx, tx, job, i, me); err != nil {
			return err
		}
		if err := s.Grants.GrantByOffice(ctx, tx, job, string(i.Case), i.Project, me, i.Role, i.Back); err != nil {
			return err
		}
		if err := s.seesMore(ctx, tx, job, i.Case, me, "", i.Role); err != nil {
			return err
		}
		if err := s.Invites.CloseInvite(ctx, tx, job, i.ID, "accepted", tx.Now()); err != nil {
			return err
		}
		id = i.Case
		tx.Record(Case{ID: i.Case}.entry(sc, "casework.ledger.joined", map[string]string{"person": string(me), "role": string(i.Role)}))
		return nil
	})
	return id, err
}

// reporterJoins notes that the reporter, known by his address so far, is the person who
// joins: a reply goes to him once, not to the address and to the account.
func (s *Service) reporterJoins(ctx context.Context, tx unit.Tx, job people.Scope, i Invitation, me people.PersonID) error {
	if i.Role != people.Reporter {
		return nil
	}
	c, err := s.Cases.Lock(ctx, tx, job, i.Case)
	if err != nil || c.Reporter.Person != "" || c.Reporter.Mail == "" {
		return err
	}
	p, err := s.People.Person(ctx, tx, job, me)
	if err != nil || !strings.EqualFold(p.Email, c.Reporter.Mail) {
		return err
	}
	c.Reporter.Person = me
	return s.Cases.Save(ctx, tx, job, c)
}

// Decline refuses an invitation; fault.Denied for a token that only reads.
func (s *Service) Decline(ctx context.Context, sc people.Scope, token string) error {
	if !sc.MayWrite() {
		return fault.New(fault.Denied, "people.read_only")
	}
	return s.Work.Do(ctx, func(ctx context.Context, tx unit.Tx) error {
		i, err := s.invitation(ctx, tx, sc, token)
		if err != nil {
			return err
		}
		tx.Record(Case{ID: i.Case}.entry(sc, "casework.ledger.declined", map[string]string{"role": string(i.Role)}))
		return s.Invites.CloseInvite(ctx, tx, people.AsJob("casework.join", string(i.Case)), i.ID, "declined", tx.Now())
	})
}

// WithdrawInvite takes back an open invitation of the case.
func (s *Service) WithdrawInvite(ctx context.Context, sc people.Scope, id CaseID, invite string) error {
	return s.Work.Do(ctx, func(ctx context.Context, tx unit.Tx) error {
		c, err := s.lockTeam(ctx, tx, sc, id)
		if err != nil {
			return err
		}
		all, err := s.Invites.Invites(ctx, tx, sc, id)
		if err != nil {
			return err
		}
		if !slices.ContainsFunc(all, func(i Invitation) bool { return i.ID == invite }) {
			return fault.Missing()
		}
		tx.Record(c.entry(sc, "casework.ledger.uninvited", nil))
		return s.Invites.CloseInvite(ctx, tx, sc, invite, "withdrawn", tx.Now())
	})
}
