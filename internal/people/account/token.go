package account

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/tocsin-sec/tocsin/internal/base/fault"
	"github.com/tocsin-sec/tocsin/internal/base/ident"
	"github.com/tocsin-sec/tocsin/internal/base/secret"
	"github.com/tocsin-sec/tocsin/internal/base/unit"
	"github.com/tocsin-sec/tocsin/internal/people"
)

// TokenPrefix marks an API token, so that scanners of public code find leaked ones.
const TokenPrefix = "tcs_"

// Token lets a program act for a person over the API, within areas and for a time.
type Token struct {
	ID      string
	Person  people.PersonID
	Name    string
	Write   bool
	Areas   []string // first path segment below /api/v1/; empty means all
	Created time.Time
	Ends    time.Time
	Used    time.Time // to five minutes, zero for never
	Revoked time.Time
}

// Areas are the parts of the API that a token may be limited to.
func Areas() []string {
	return []string{"reports", "cases", "advisories", "projects", "products", "people", "search"}
}

// TokenStore keeps API tokens as MACs.
type TokenStore interface {
	AddToken(ctx context.Context, tx unit.Tx, sc people.Scope, t Token, token secret.String) error
	// FindToken returns the live token of an active person, else NotFound. A
	// revoked token's MAC is gone, so that it costs what one that never was costs.
	FindToken(ctx context.Context, v unit.View, sc people.Scope, token secret.String) (Token, error)
	UsedToken(ctx context.Context, tx unit.Tx, sc people.Scope, id string) error
	RevokeToken(ctx context.Context, tx unit.Tx, sc people.Scope, id string) (bool, error)
	TokensOf(ctx context.Context, v unit.View, sc people.Scope) ([]Token, error)
}

// NewToken is the command that makes an API token.
type NewToken struct {
	Name  string
	Write bool
	Areas []string
	Days  int // until it ends, 1 to 366
}

// MakeToken makes an API token and returns it, once. The face has asked for a
// fresh proof. It fails with Invalid beside each wrong field.
func (s *Service) MakeToken(ctx context.Context, sc people.Scope, cmd NewToken) (Token, secret.String, error) {
	me, err := sc.Writer()
	if err != nil {
		return Token{}, secret.String{}, err
	}
	var c fault.Checks
	cmd.Name = strings.TrimSpace(cmd.Name)
	people.CheckLine(&c, "name", cmd.Name, 1, people.MaxName)
	c.Require(cmd.Days >= 1 && cmd.Days <= 366, "days", "people.field.days", "min", "1", "max", "366")
	for _, a := range cmd.Areas {
		c.Require(slices.Contains(Areas(), a), "areas", "people.field.area", "area", a)
	}
	if err := c.Err(); err != nil {
		return Token{}, secret.String{}, err
	}
	raw := secret.New(TokenPrefix + newToken().Reveal())
	var t Token
	err = s.Work.Do(ctx, func(ctx context.Context, tx unit.Tx) error {
		t = Token{ID: ident.New(), Person: me, Name: cmd.Name, Write: cmd.Write, Areas: cmd.Areas, Created: tx.Now(), Ends: tx.Now().AddDate(0, 0, cmd.Days)}
		tx.Record(people.PersonEntry(sc, me, "people.ledger.token_made", map[string]string{"token": t.ID, "name": t.Name}))
		return s.Tokens.AddToken(ctx, tx, sc, t, raw)
	})
	return t, raw, err
}

// Bearer returns the scope and visit of an API token. It fails with
// Unauthenticated for a token that is unknown, revoked, over, or of a disabled person,
// and with Unavailable while logins are held back.
func (s *Service) Bearer(ctx context.Context, raw secret.String) (people.Scope, people.Visit, error) {
	if noToken(raw) || !strings.HasPrefix(raw.Reveal(), TokenPrefix) {
		raw = secret.String{}
	}
	var t Token
	var visit people.Visit
	stale := false
	err := s.Work.View(ctx, func(ctx context.Context, v unit.View) (err error) {
		if err = s.mayEnter(ctx, v); err != nil {
			return err
		}
		if t, err = s.Tokens.FindToken(ctx, v, people.Anyone(), raw); err != nil {
			return err
		}
		p, err := s.Persons.FindPerson(ctx, v, people.AsPerson(t.Person), t.Person)
		visit = people.Visit{Token: t.ID, Person: p, Areas: t.Areas}
		stale = v.Now().Sub(t.Used) >= seenEvery
		if err == nil {
			visit.Owed, err = s.Team.Agreements.Store.Owed(ctx, v, people.AsPerson(t.Person), t.Person)
		}
		return err
	})
	if fault.Is(err, fault.NotFound) {
		return people.Anyone(), people.Visit{}, fault.New(fault.Unauthenticated, "people.token.wrong")
	}
	if err != nil {
		return people.Anyone(), people.Visit{}, err
	}
	sc := people.AsPerson(t.Person)
	if stale {
		err = s.Work.Do(ctx, func(ctx context.Context, tx unit.Tx) error { return s.Tokens.UsedToken(ctx, tx, sc, t.ID) })
	}
	if !t.Write {
		sc = sc.ReadOnly()
	}
	return sc, visit, unlessBusy(err)
}

// MyTokens lists the tokens of the scope's person, the newest first.
func (s *Service) MyTokens(ctx context.Context, sc people.Scope) ([]Token, error) {
	var out []Token
	err := s.Work.View(ctx, func(ctx context.Context, v unit.View) (err error) {
		out, err = s.Tokens.TokensOf(ctx, v, sc)
		return err
	})
	return out, err
}

// RevokeToken ends a token of the scope's person; NotFound when there is none such.
func (s *Service) RevokeToken(ctx context.Context, sc people.Scope, id string) error {
	me, err := sc.Writer()
	if err != nil {
		return err
	}
	return s.Work.Do(ctx, func(ctx context.Context, tx unit.Tx) error {
		was, err := s.Tokens.RevokeToken(ctx, tx, sc, id)
		if err != nil {
			return err
		}
		if !was {
			return fault.Missing()
		}
		tx.Record(people.PersonEntry(sc, me, "people.ledger.token_revoked", map[string]string{"token": id}))
		return nil
	})
}
