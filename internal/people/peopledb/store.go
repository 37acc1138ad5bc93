// Package peopledb keeps the tables of people: grants, persons, projects, accounts,
// keys and letters, and offers Sees, the one fragment by which every other db
// package filters rows by what a scope may see.
//
// Names, addresses and texts are sealed under a confidence per person
// ("person:ID"), per letter or as the letter says; addresses, tokens and key
// handles are found by MACs. What a project says of itself is public and lies open. The
// rules of who may do what are in people and people/account.
package peopledb

import (
	"context"
	"embed"
	"encoding/json"
	"fmt"
	"time"

	"github.com/tocsin-sec/tocsin/internal/base/secret"
	"github.com/tocsin-sec/tocsin/internal/base/unit"
	"github.com/tocsin-sec/tocsin/internal/people"
	"github.com/tocsin-sec/tocsin/internal/platform/seal"
	"github.com/tocsin-sec/tocsin/internal/platform/sqldb"
)

//go:embed migrations
var files embed.FS

// Migrations returns the tables of this package.
func Migrations() sqldb.Source { return sqldb.Embedded("people", files) }

// Store implements the store interfaces of people, people/account and
// people/mailroom.
type Store struct {
	Seal *seal.Sealer
	Ring seal.Ring
}

// sealed writes value as JSON, sealed for its place.
func (s *Store) sealed(ctx context.Context, tx unit.Tx, confidence, table, row string, value any) ([]byte, error) {
	plain, err := json.Marshal(value)
	if err != nil {
		return nil, fmt.Errorf("write %s: %w", table, err)
	}
	return s.Seal.Seal(ctx, tx, confidence, seal.At{Table: table, Row: row, Column: "body"}, plain)
}

// open reads what sealed wrote.
func (s *Store) open(ctx context.Context, v unit.View, table, row string, body []byte, value any) error {
	plain, err := s.Seal.Open(ctx, v, seal.At{Table: table, Row: row, Column: "body"}, body)
	if err != nil {
		return err
	}
	if err := json.Unmarshal(plain, value); err != nil {
		return fmt.Errorf("read %s: %w", table, err)
	}
	return nil
}

func personal(id people.PersonID) string { return "person:" + string(id) }

// mac is the look-up form of a secret token of one purpose.
func (s *Store) mac(purpose string, token secret.String) string {
	return s.Seal.MAC("people."+purpose, token.Reveal())
}

// addressMAC is the look-up form of a mail address.
func (s *Store) addressMAC(address string) string { return s.Seal.MAC("people.address", address) }

// exec runs a statement for its effect.
func exec(ctx context.Context, tx unit.Tx, q string, args ...any) error {
	_, err := sqldb.Of(tx).Exec(ctx, q, args...)
	return err
}

// at reads a time column into its place.
type at struct{ t *time.Time }

// Scan implements sql.Scanner.
func (a at) Scan(src any) error {
	us, ok := src.(int64)
	if !ok {
		return fmt.Errorf("a time is %T, not microseconds", src)
	}
	*a.t = sqldb.Time(us)
	return nil
}

// flag reads a truth value into its place.
type flag struct{ b *bool }

// Scan implements sql.Scanner.
func (f flag) Scan(src any) error {
	n, ok := src.(int64)
	if !ok {
		return fmt.Errorf("a truth value is %T, not 0 or 1", src)
	}
	*f.b = n != 0
	return nil
}
