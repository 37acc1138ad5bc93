package account

import (
	"context"
	"strings"
	"time"

	"github.com/tocsin-sec/tocsin/internal/base/fault"
	"github.com/tocsin-sec/tocsin/internal/base/ident"
	"github.com/tocsin-sec/tocsin/internal/base/secret"
	"github.com/tocsin-sec/tocsin/internal/base/unit"
	"github.com/tocsin-sec/tocsin/internal/people"
)

// LinkKind says what a one-time link opens.
type LinkKind string

// The kinds of one-time links. The zero value is invalid.
const (
	LinkFirst  LinkKind = "first"   // the first administrator names himself
	LinkInvite LinkKind = "invite"  // an invited person sets name and password
	LinkSignIn LinkKind = "sign_in" // a person comes back by an administrator's link
	LinkForgot LinkKind = "forgot"  // a person who forgot his password sets a new one
	// LinkAddress confirms a new mail address; it opens no account.
	LinkAddress LinkKind = "address"
)

// Link is a one-time link. Its token is shown once; the store keeps a MAC.
type Link struct {
	ID      string
	Kind    LinkKind
	Person  people.PersonID // "" for LinkFirst
	By      string
	Created time.Time
	Ends    time.Time
}

// How long links live: an invitation may lie in a mailbox over a holiday, a way
// back into an account and the first administrator's may not.
const (
	inviteLife = 14 * 24 * time.Hour
	signInLife = 48 * time.Hour
	firstLife  = 7 * 24 * time.Hour
	// A forgotten password is asked for by somebody who waits for the mail.
	forgotLife  = time.Hour
	addressLife = 24 * time.Hour
)

// LinkStore keeps one-time links.
type LinkStore interface {
	// AddLink ends earlier links of the same kind and person and stores this one.
	AddLink(ctx context.Context, tx unit.Tx, sc people.Scope, l Link, token secret.String) error
	// FindLink returns the link of a token that is neither spent nor over, else NotFound.
	FindLink(ctx context.Context, v unit.View, sc people.Scope, token secret.String) (Link, error)
	// SpendLink marks it used and answers false when somebody was faster.
	SpendLink(ctx context.Context, tx unit.Tx, sc people.Scope, id string) (bool, error)
	// OpenLinks lists unspent links for administrators.
	OpenLinks(ctx context.Context, v unit.View, sc people.Scope) ([]Link, error)
}

// Opened is what the page behind a one-time link shows.
type Opened struct {
	Link   Link
	Person people.Person  // zero for LinkFirst
	Terms  []people.Terms // to be accepted on the way in: those of approved memberships
	New    string         // LinkAddress: the address that it confirms
}

// OpenLink looks behind a one-time link without spending it: mail scanners fetch
// links. It fails with NotFound, with one text, for a link that never was, is
// spent or is over, and with TooMany for an address that tries too many.
func (s *Service) OpenLink(ctx context.Context, token secret.String, c Client) (Opened, error) {
	var out Opened
	over := false
	if noToken(token) {
		token = secret.String{}
	}
	err := s.Work.Do(ctx, func(ctx context.Context, tx unit.Tx) (err error) {
		out = Opened{}
		if err := s.mayEnter(ctx, tx); err != nil {
			return err
		}
		if over, err = s.take(ctx, tx, people.Anyone(), []try{{key: "link:" + remoteKey(c.Remote), limit: perLinkTries}}); err != nil || over {
			return err
		}
		l, err := s.Links.FindLink(ctx, tx, people.Anyone(), token)
		if fault.Is(err, fault.NotFound) {
			return nil // the count is kept
		}
		if err != nil {
			return err
		}
		out, err = s.behind(ctx, tx, l)
		return err
	})
	switch {
	case err != nil:
		return Opened{}, err
	case over:
		return Opened{}, tooMany()
	case out.Link.ID == "":
		return Opened{}, fault.Missing()
	}
	return out, nil
}

func (s *Service) behind(ctx context.Context, v unit.View, l Link) (Opened, error) {
	out := Opened{Link: l}
	if l.Person == "" {
		return out, nil
	}
	sc := people.AsPerson(l.Person)
	var err error
	if out.Person, err = s.Persons.FindPerson(ctx, v, sc, l.Person); err != nil {
		return out, err
	}
	if l.Kind == LinkAddress {
		out.New, err = s.Addresses.NewAddress(ctx, v, sc, l.ID)
		return out, err
	}
	out.Terms, err = s.Team.TermsToAccept(ctx, v, sc, l.Person)
	return out, err
}

// UseLink is the command behind the form of a one-time link.
type UseLink struct {
	Token    secret.String
	Name     string        // LinkFirst, LinkInvite
	Address  string        // LinkFirst only
	Password secret.String // may stay empty with LinkSignIn: the old one stays
	Lang     string
	Zone     string
	Accept   map[people.ProjectID]int // versions of the terms that were ticked
	Client   Client
}

// UseLink spends a one-time link: the account becomes active with its name and
// password, ticked terms are accepted, approved memberships begin, and the
// browser is signed in (a confirmed second factor is still asked for). It fails with
// NotFound as OpenLink does, with Invalid beside each wrong field.
func (s *Service) UseLink(ctx context.Context, cmd UseLink) (SignedIn, error) {
	seen, err := s.OpenLink(ctx, cmd.Token, cmd.Client)
	if err != nil {
		return SignedIn{}, err
	}
	if seen.Link.Kind == LinkAddress {
		return SignedIn{}, fault.Missing()
	}
	p, err := cmd.apply(seen)
	if err != nil {
		return SignedIn{}, err
	}
	phc := ""
	if !cmd.Password.Empty() {
		if phc, err = s.hash(ctx, cmd.Password); err != nil {
			return SignedIn{}, err
		}
	}
	var out SignedIn
	err = s.Work.Do(ctx, func(ctx context.Context, tx unit.Tx) error {
		// The account may have changed while the password was hashed: an administrator
		// may have shut it or taken its right, its address may be another.
		if seen.Link.Kind != LinkFirst {
			now, err := s.Persons.LockPerson(ctx, tx, people.AsPerson(p.ID), p.ID)
			if err != nil {
				return err
			}
			if now.State == people.Disabled {
				return fault.Missing()
			}
			now.Name, now.Lang, now.Zone, now.State = p.Name, p.Lang, p.Zone, p.State
			p = now
		}
		spent, err := s.Links.SpendLink(ctx, tx, people.Anyone(), seen.Link.ID)
		if err != nil {
			return err
		}
		if !spent {
			return fault.Missing()
		}
		if err := s.enter(ctx, tx, seen.Link.Kind, p, phc); err != nil {
			return err
		}
		sc := people.AsPerson(p.ID)
		for _, t := range seen.Terms {
			if cmd.Accept[t.Project] != t.Version {
				continue
			}
			if err := s.Team.Accept(ctx, tx, sc, t.Project, t.Version); err != nil {
				return err
			}
		}
		if _, err := s.Sessions.EndSessions(ctx, tx, sc, p.ID, "", ""); err != nil {
			return err
		}
		k, err := s.Codes.CodeKeyOf(ctx, tx, sc, p.ID)
		if err != nil {
			return err
		}
		out, err = s.open(ctx, tx, p.ID, cmd.Client, k.Confirmed)
		return err
	})
	return out, err
}

// apply checks the form and returns the person as he will be.
func (cmd UseLink) apply(seen Opened) (people.Person, error) {
	p := seen.Person
	var c fault.Checks
	switch seen.Link.Kind {
	case LinkFirst:
		address, err := people.Address(cmd.Address)
		c.Require(err == nil, "address", "people.field.address")
		p = people.Person{ID: people.PersonID(ident.New()), Email: address, Admin: true}
		fallthrough
	case LinkInvite:
		p.Name, p.Lang, p.Zone = strings.TrimSpace(cmd.Name), cmd.Lang, cmd.Zone
		checkPassword(&c, cmd.Password, p)
	case LinkSignIn:
		if !cmd.Password.Empty() {
			checkPassword(&c, cmd.Password, p)
		}
	case LinkForgot:
		checkPassword(&c, cmd.Password, p)
	case LinkAddress:
	}
	p.State = people.Active
	p.Check(&c)
	return p, c.Err()
}

// enter stores the person behind a link.
func (s *Service) enter(ctx context.Context, tx unit.Tx, kind LinkKind, p people.Person, phc string) error {
	sc := people.AsPerson(p.ID)
	if kind == LinkFirst {
		// Two links of the first start cannot make two first administrators.
		if there, err := s.Persons.AnyAdmin(ctx, tx, sc); err != nil || there {
			return orGone(err)
		}
		p.Created = tx.Now()
		if err := s.Persons.AddPerson(ctx, tx, sc, p); err != nil {
			return err
		}
		tx.Record(people.PersonEntry(sc, p.ID, "people.ledger.first_admin", nil))
	} else if err := s.Persons.SavePerson(ctx, tx, sc, p); err != nil {
		return err
	}
	tx.Record(people.PersonEntry(sc, p.ID, "people.ledger.link_used", map[string]string{"kind": string(kind)}))
	if phc == "" {
		return nil
	}
	if err := s.Persons.SetHash(ctx, tx, sc, p.ID, phc); err != nil || kind == LinkFirst || kind == LinkInvite {
		return err
	}
	return s.tellPassword(ctx, tx, sc, p)
}

func orGone(err error) error {
	if err != nil {
		return err
	}
	return fault.Missing()
}

// link makes a one-time link within the transaction and returns its URL.
func (s *Service) link(ctx context.Context, tx unit.Tx, sc people.Scope, kind LinkKind, to people.PersonID) (secret.String, error) {
	life := inviteLife
	switch kind {
	case LinkFirst:
		life = firstLife
	case LinkSignIn:
		life = signInLife
	case LinkForgot:
		life = forgotLife
	case LinkAddress:
		life = addressLife
	case LinkInvite:
	}
	token := newToken()
	l := Link{ID: ident.New(), Kind: kind, Person: to, By: sc.Actor(), Created: tx.Now(), Ends: tx.Now().Add(life)}
	if err := s.Links.AddLink(ctx, tx, sc, l, token); err != nil {
		return secret.String{}, err
	}
	return secret.New(s.Origin + "/link/" + token.Reveal()), nil
}
