package peopledb

import (
	"context"

	"github.com/tocsin-sec/tocsin/internal/base/unit"
	"github.com/tocsin-sec/tocsin/internal/people"
	"github.com/tocsin-sec/tocsin/internal/people/account"
	"github.com/tocsin-sec/tocsin/internal/platform/sqldb"
)

// SetNewAddress implements account.AddressStore.
func (s *Store) SetNewAddress(ctx context.Context, tx unit.Tx, _ people.Scope, person people.PersonID, link, address string) error {
	body, err := s.sealed(ctx, tx, personal(person), "people_newaddress", link, address)
	if err != nil {
		return err
	}
	if err := exec(ctx, tx, `delete from people_newaddress where person = ?`, person); err != nil {
		return err
	}
	return exec(ctx, tx, `insert into people_newaddress (link, person, body) values (?, ?, ?)`, link, person, body)
}

// NewAddress implements account.AddressStore.
func (s *Store) NewAddress(ctx context.Context, v unit.View, sc people.Scope, link string) (string, error) {
	mine, args := own(sc, "n.person")
	body, err := sqldb.One(ctx, v, sqldb.Value[[]byte], `select n.body from people_newaddress n where n.link = ? and `+mine, append([]any{link}, args...)...)
	if err != nil {
		return "", err
	}
	var address string
	err = s.open(ctx, v, "people_newaddress", link, body, &address)
	return address, err
}

// EndLinks implements account.AddressStore.
func (s *Store) EndLinks(ctx context.Context, tx unit.Tx, sc people.Scope, person people.PersonID, kinds ...account.LinkKind) error {
	mine, margs := own(sc, "people_link.person")
	args := []any{tx.Now(), person}
	for _, k := range kinds {
		args = append(args, string(k))
	}
	return exec(ctx, tx, `update people_link set mac = id, spent_at = ? where person = ? and spent_at = 0 and kind in (`+sqldb.Marks(len(kinds))+`) and `+mine,
		append(args, margs...)...)
}

var _ account.AddressStore = (*Store)(nil)
