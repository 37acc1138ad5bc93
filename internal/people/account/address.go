package account

import (
	"context"
	"strings"

	"github.com/tocsin-sec/tocsin/internal/base/fault"
	"github.com/tocsin-sec/tocsin/internal/base/ident"
	"github.com/tocsin-sec/tocsin/internal/base/secret"
	"github.com/tocsin-sec/tocsin/internal/base/unit"
	"github.com/tocsin-sec/tocsin/internal/people"
)

// AddressStore keeps the addresses that wait for the confirmation by their link.
type AddressStore interface {
	// SetNewAddress replaces what waits for the person.
	SetNewAddress(ctx context.Context, tx unit.Tx, sc people.Scope, person people.PersonID, link, address string) error
	// NewAddress returns the address behind a link, else NotFound.
	NewAddress(ctx context.Context, v unit.View, sc people.Scope, link string) (string, error)
	// EndLinks ends the person's open links of these kinds.
	EndLinks(ctx context.Context, tx unit.Tx, sc people.Scope, person people.PersonID, kinds ...LinkKind) error
}

const perNewAddress = 5 // of one person in a quarter of an hour

// AskAddress sends a link to a new mail address of the scope's person and tells the old
// one. The address changes when the link is used. The face has asked for a fresh
// proof before. An address that another account has gets the same letter: only who
// reads that mailbox learns of it.
//
// It fails with Invalid for what is no address or is the one in use, with TooMany after
// five tries in a quarter of an hour.
func (s *Service) AskAddress(ctx context.Context, sc people.Scope, typed string) error {
	me, err := sc.Writer()
	if err != nil {
		return err
	}
	address, bad := people.Address(typed)
	over := false
	err = s.Work.Do(ctx, func(ctx context.Context, tx unit.Tx) error {
		p, err := s.Persons.FindPerson(ctx, tx, sc, me)
		if err != nil {
			return err
		}
		var c fault.Checks
		c.Require(bad == nil, "address", "people.field.address")
		c.Require(address != p.Email, "address", "people.field.address_same")
		if err := c.Err(); err != nil {
			return err
		}
		if over, err = s.take(ctx, tx, sc, []try{{key: "address:" + string(me), limit: perNewAddress}}); err != nil || over {
			return err
		}
		return s.sendAddress(ctx, tx, sc, p, address)
	})
	if err == nil && over {
		err = tooMany()
	}
	return err
}

func (s *Service) sendAddress(ctx context.Context, tx unit.Tx, sc people.Scope, p people.Person, address string) error {
	l, token := Link{ID: ident.New(), Kind: LinkAddress, Person: p.ID, By: sc.Actor(), Created: tx.Now(), Ends: tx.Now().Add(addressLife)}, newToken()
	if err := s.Links.AddLink(ctx, tx, sc, l, token); err != nil {
		return err
	}
	if err := s.Addresses.SetNewAddress(ctx, tx, sc, p.ID, l.ID, address); err != nil {
		return err
	}
	tx.Record(people.PersonEntry(sc, p.ID, "people.ledger.address_asked", nil))
	args := map[string]string{"name": p.Name, "old": p.Email, "new": address}
	if err := s.write(ctx, tx, sc, p, p.Email, "people.letter.address_asked", args); err != nil {
		return err
	}
	args = map[string]string{"name": p.Name, "link": s.Origin + "/link/" + token.Reveal()}
	return s.write(ctx, tx, sc, p, address, "people.letter.address_new", args)
}

// write puts a letter about a person's account to one of his addresses.
func (s *Service) write(ctx context.Context, tx unit.Tx, sc people.Scope, p people.Person, to, key string, args map[string]string) error {
	return s.Post.Put(ctx, tx, sc, people.Letter{Confidence: "person:" + string(p.ID), To: []people.Recipient{{Address: to, Lang: p.Lang}}, Key: key, Args: args})
}

// UseAddress spends the link of a new address: the account has it from now on. The old
// address is told, and links that wait there open nothing more. Nobody is
// signed in by it. It fails with NotFound as OpenLink does, with Conflict when
// another account has the address meanwhile.
func (s *Service) UseAddress(ctx context.Context, token secret.String, c Client) error {
	seen, err := s.OpenLink(ctx, token, c)
	if err != nil {
		return err
	}
	if seen.Link.Kind != LinkAddress {
		return fault.Missing()
	}
	return s.Work.Do(ctx, func(ctx context.Context, tx unit.Tx) error {
		sc := people.AsPerson(seen.Person.ID)
		p, err := s.Persons.LockPerson(ctx, tx, sc, seen.Person.ID)
		if err != nil {
			return err
		}
		address, err := s.Addresses.NewAddress(ctx, tx, sc, seen.Link.ID)
		if err != nil {
			return err
		}
		spent, err := s.Links.SpendLink(ctx, tx, sc, seen.Link.ID)
		if err != nil || !spent || p.State != people.Active {
			return orGone(err)
		}
		switch _, err := s.Persons.FindAddress(ctx, tx, people.AsJob("people.address"), address); {
		case err == nil:
			return fault.New(fault.Conflict, "people.address.taken")
		case !fault.Is(err, fault.NotFound):
			return err
		}
		was := p.Email
		p.Email = address
		if err := s.Persons.SavePerson(ctx, tx, sc, p); err != nil {
			return err
		}
		if err := s.Addresses.EndLinks(ctx, tx, sc, p.ID, LinkForgot, LinkSignIn); err != nil {
			return err
		}
		tx.Record(people.PersonEntry(sc, p.ID, "people.ledger.address", nil))
		return s.write(ctx, tx, sc, p, was, "people.letter.address_changed", map[string]string{"name": p.Name, "masked": masked(address)})
	})
}

// masked is an address as the one that it replaces may show it: who reads the old
// mailbox later need not learn the new one.
func masked(address string) string {
	local, domain, _ := strings.Cut(address, "@")
	return local[:1] + "…@" + domain
}
