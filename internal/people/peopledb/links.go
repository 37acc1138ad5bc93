package peopledb

import (
	"context"
	"strings"

	"github.com/tocsin-sec/tocsin/internal/base/secret"
	"github.com/tocsin-sec/tocsin/internal/base/unit"
	"github.com/tocsin-sec/tocsin/internal/people"
	"github.com/tocsin-sec/tocsin/internal/people/account"
	"github.com/tocsin-sec/tocsin/internal/platform/seal"
	"github.com/tocsin-sec/tocsin/internal/platform/sqldb"
)

const linkColumns = `select l.id, l.kind, l.person, l.by_actor, l.created_at, l.ends_at from people_link l`

func scanLink(r sqldb.Row) (account.Link, error) {
	var l account.Link
	err := r.Scan(&l.ID, &l.Kind, &l.Person, &l.By, at{&l.Created}, at{&l.Ends})
	return l, err
}

// AddLink implements account.LinkStore.
func (s *Store) AddLink(ctx context.Context, tx unit.Tx, _ people.Scope, l account.Link, token secret.String) error {
	err := exec(ctx, tx, `update people_link set mac = id, spent_at = ? where person = ? and kind = ? and spent_at = 0`, tx.Now(), l.Person, l.Kind)
	if err != nil {
		return err
	}
	return exec(ctx, tx, `insert into people_link (id, mac, kind, person, by_actor, created_at, ends_at, spent_at) values (?, ?, ?, ?, ?, ?, ?, 0)`,
		l.ID, s.mac("link", token), l.Kind, l.Person, l.By, l.Created, l.Ends)
}

// FindLink implements account.LinkStore. A disabled person's link opens nothing.
func (s *Store) FindLink(ctx context.Context, v unit.View, _ people.Scope, token secret.String) (account.Link, error) {
	return sqldb.One(ctx, v, scanLink, linkColumns+` where l.mac = ? and l.spent_at = 0 and l.ends_at > ?
		and not exists (select 1 from people_person p where p.id = l.person and p.state = 'disabled')`, s.mac("link", token), v.Now())
}

// SpendLink implements account.LinkStore.
func (s *Store) SpendLink(ctx context.Context, tx unit.Tx, _ people.Scope, id string) (bool, error) {
	n, err := sqldb.Of(tx).Exec(ctx, `update people_link set mac = id, spent_at = ? where id = ? and spent_at = 0 and ends_at > ?`, tx.Now(), id, tx.Now())
	return n > 0, err
}

// OpenLinks implements account.LinkStore.
func (s *Store) OpenLinks(ctx context.Context, v unit.View, sc people.Scope) ([]account.Link, error) {
	admin, args := administers(sc)
	return sqldb.All(ctx, v, scanLink, linkColumns+` where l.spent_at = 0 and l.ends_at > ? and `+admin+` order by l.created_at desc, l.id`, append([]any{v.Now()}, args...)...)
}

// CodeKeyOf implements account.CodeStore.
func (s *Store) CodeKeyOf(ctx context.Context, v unit.View, sc people.Scope, person people.PersonID) (account.CodeKey, error) {
	mine, args := own(sc, "c.person")
	type code struct {
		body      []byte
		confirmed bool
	}
	rows, err := sqldb.All(ctx, v, func(r sqldb.Row) (code, error) {
		var c code
		err := r.Scan(&c.body, flag{&c.confirmed})
		return c, err
	}, `select c.body, c.confirmed from people_code c where c.person = ? and `+mine, append([]any{person}, args...)...)
	if err != nil || len(rows) == 0 {
		return account.CodeKey{}, err
	}
	plain, err := s.Seal.Open(ctx, v, codeAt(person), rows[0].body)
	return account.CodeKey{Key: secret.New(string(plain)), Confirmed: rows[0].confirmed}, err
}

func codeAt(person people.PersonID) seal.At {
	return seal.At{Table: "people_code", Row: string(person), Column: "body"}
}

// SetCodeKey implements account.CodeStore.
func (s *Store) SetCodeKey(ctx context.Context, tx unit.Tx, _ people.Scope, person people.PersonID, k account.CodeKey) error {
	if err := exec(ctx, tx, `update people_person set totp = ? where id = ?`, k.Confirmed, person); err != nil {
		return err
	}
	if k.Key.Empty() {
		if err := exec(ctx, tx, `delete from people_recovery where person = ?`, person); err != nil {
			return err
		}
		return exec(ctx, tx, `delete from people_code where person = ?`, person)
	}
	body, err := s.Seal.Seal(ctx, tx, personal(person), codeAt(person), []byte(k.Key.Reveal()))
	if err != nil {
		return err
	}
	return exec(ctx, tx, `insert into people_code (person, body, confirmed, step) values (?, ?, ?, 0)
		on conflict (person) do update set body = excluded.body, confirmed = excluded.confirmed`, person, body, k.Confirmed)
}

// UseStep implements account.CodeStore.
func (s *Store) UseStep(ctx context.Context, tx unit.Tx, _ people.Scope, person people.PersonID, step int64) (bool, error) {
	n, err := sqldb.Of(tx).Exec(ctx, `update people_code set step = ? where person = ? and step < ?`, step, person, step)
	return n > 0, err
}

// SetRecovery implements account.CodeStore.
func (s *Store) SetRecovery(ctx context.Context, tx unit.Tx, _ people.Scope, person people.PersonID, codes []secret.String) error {
	if err := exec(ctx, tx, `delete from people_recovery where person = ?`, person); err != nil {
		return err
	}
	for _, c := range codes {
		if err := exec(ctx, tx, `insert into people_recovery (person, mac) values (?, ?)`, person, s.mac("recovery", c)); err != nil {
			return err
		}
	}
	return nil
}

// UseRecovery implements account.CodeStore.
func (s *Store) UseRecovery(ctx context.Context, tx unit.Tx, _ people.Scope, person people.PersonID, code secret.String) (bool, error) {
	n, err := sqldb.Of(tx).Exec(ctx, `delete from people_recovery where person = ? and mac = ?`, person, s.mac("recovery", code))
	return n > 0, err
}

// RecoveryLeft implements account.CodeStore.
func (s *Store) RecoveryLeft(ctx context.Context, v unit.View, sc people.Scope, person people.PersonID) (int, error) {
	mine, args := own(sc, "r.person")
	return sqldb.One(ctx, v, sqldb.Value[int], `select count(*) from people_recovery r where r.person = ? and `+mine, append([]any{person}, args...)...)
}

// tokenBody is what is sealed of a token.
type tokenBody struct {
	Name string `json:"name"`
}

const tokenColumns = `select t.id, t.person, t.writes, t.areas, t.created_at, t.ends_at, t.used_at, t.revoked_at, t.body from people_token t`

type tokenRow struct {
	account.Token
	body []byte
}

func scanToken(r sqldb.Row) (tokenRow, error) {
	var t tokenRow
	var areas string
	err := r.Scan(&t.ID, &t.Person, flag{&t.Write}, &areas, at{&t.Created}, at{&t.Ends}, at{&t.Used}, at{&t.Revoked}, &t.body)
	if areas != "" {
		t.Areas = strings.Split(areas, " ")
	}
	return t, err
}

// AddToken implements account.TokenStore.
func (s *Store) AddToken(ctx context.Context, tx unit.Tx, _ people.Scope, t account.Token, token secret.String) error {
	body, err := s.sealed(ctx, tx, personal(t.Person), "people_token", t.ID, tokenBody{t.Name})
	if err != nil {
		return err
	}
	return exec(ctx, tx, `insert into people_token (id, mac, person, writes, areas, created_at, ends_at, used_at, revoked_at, body)
		values (?, ?, ?, ?, ?, ?, ?, 0, 0, ?)`, t.ID, s.mac("token", token), t.Person, t.Write, strings.Join(t.Areas, " "), t.Created, t.Ends, body)
}

// FindToken implements account.TokenStore.
func (s *Store) FindToken(ctx context.Context, v unit.View, _ people.Scope, token secret.String) (account.Token, error) {
	t, err := sqldb.One(ctx, v, scanToken, tokenColumns+` join people_person p on p.id = t.person and p.state = 'active'
		where t.mac = ? and t.ends_at > ?`, s.mac("token", token), v.Now())
	return t.Token, err
}

// UsedToken implements account.TokenStore.
func (s *Store) UsedToken(ctx context.Context, tx unit.Tx, sc people.Scope, id string) error {
	mine, args := own(sc, "people_token.person")
	return exec(ctx, tx, `update people_token set used_at = ? where id = ? and `+mine, append([]any{tx.Now(), id}, args...)...)
}

// RevokeToken implements account.TokenStore.
func (s *Store) RevokeToken(ctx context.Context, tx unit.Tx, sc people.Scope, id string) (bool, error) {
	mine, args := own(sc, "people_token.person")
	n, err := sqldb.Of(tx).Exec(ctx, `update people_token set mac = id, revoked_at = ? where id = ? and revoked_at = 0 and `+mine, append([]any{tx.Now(), id}, args...)...)
	return n > 0, err
}

// TokensOf implements account.TokenStore.
func (s *Store) TokensOf(ctx context.Context, v unit.View, sc people.Scope) ([]account.Token, error) {
	me, _ := sc.Person()
	rows, err := sqldb.All(ctx, v, scanToken, tokenColumns+` where t.person = ? order by t.revoked_at <> 0, t.created_at desc, t.id`, me)
	if err != nil {
		return nil, err
	}
	out := make([]account.Token, 0, len(rows))
	for _, r := range rows {
		var b tokenBody
		if err := s.open(ctx, v, "people_token", r.ID, r.body, &b); err != nil {
			return nil, err
		}
		r.Name = b.Name
		out = append(out, r.Token)
	}
	return out, nil
}
