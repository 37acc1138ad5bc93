// Package caseworkdb keeps the tables of cases: the cases themselves, the items of
// their conversations, files, invitations, claims, and who has seen how much.
// Words are sealed under "case:ID"; what lists sort by is in clear and says
// nothing in words. The rules are in casework, the grants in peopledb.
package caseworkdb

import (
	"context"
	"embed"
	"encoding/json"
	"fmt"

	"github.com/tocsin-sec/tocsin/internal/base/unit"
	"github.com/tocsin-sec/tocsin/internal/casework"
	"github.com/tocsin-sec/tocsin/internal/casework/roster"
	"github.com/tocsin-sec/tocsin/internal/people"
	"github.com/tocsin-sec/tocsin/internal/people/peopledb"
	"github.com/tocsin-sec/tocsin/internal/platform/blob"
	"github.com/tocsin-sec/tocsin/internal/platform/seal"
	"github.com/tocsin-sec/tocsin/internal/platform/sqldb"
)

//go:embed migrations/*.sql
var migrations embed.FS

// Migrations returns the tables of this package.
func Migrations() sqldb.Source { return sqldb.Embedded("casework", migrations) }

// Store implements every store of package casework.
type Store struct {
	Seal  *seal.Sealer
	Blobs *blob.Store

	digests digests
}

var (
	_ casework.CaseStore   = (*Store)(nil)
	_ casework.ListStore   = (*Store)(nil)
	_ casework.ItemStore   = (*Store)(nil)
	_ casework.FileStore   = (*Store)(nil)
	_ casework.InviteStore = (*Store)(nil)
	_ casework.ClaimStore  = (*Store)(nil)
	_ casework.SeenStore   = (*Store)(nil)
	_ roster.Store         = (*Store)(nil)
)

// sees is the rule of who sees a case c: who holds a role on it, jobs that name it,
// and the bearer of the link to its report.
func sees(sc people.Scope) (string, []any) {
	if _, ok := sc.Bearer(); ok {
		return peopledb.Sees(sc, "c.report_id")
	}
	return peopledb.Sees(sc, "c.id")
}

// among is sees for who holds little.
func among(sc people.Scope) (string, []any) {
	if _, ok := sc.Bearer(); ok {
		return sees(sc)
	}
	return peopledb.Among(sc, "c.id")
}

// team is the rule of who sees what is the team's alone at a case c: leads, members
// and jobs that name the case.
func team(sc people.Scope) (string, []any) {
	return peopledb.Sees(sc, "c.id", people.Lead, people.Member)
}

// seesItem is the rule of who sees an item i of a case c. It comes after sees.
func seesItem(sc people.Scope) (string, []any) {
	ok, args := team(sc)
	return "(i.audience = 1 and i.hold = 1 or " + ok + ")", args
}

// put seals v as JSON.
func (s *Store) put(ctx context.Context, tx unit.Tx, id casework.CaseID, at seal.At, v any) ([]byte, error) {
	plain, err := json.Marshal(v)
	if err != nil {
		return nil, err
	}
	out, err := s.Seal.Seal(ctx, tx, id.Confidence(), at, plain)
	if err != nil {
		return nil, fmt.Errorf("seal %s.%s: %w", at.Table, at.Column, err)
	}
	return out, nil
}

// get opens what put sealed.
func (s *Store) get(ctx context.Context, v unit.View, at seal.At, sealed []byte, to any) error {
	plain, err := s.Seal.Open(ctx, v, at, sealed)
	if err != nil {
		return fmt.Errorf("open %s.%s: %w", at.Table, at.Column, err)
	}
	if err := json.Unmarshal(plain, to); err != nil {
		return fmt.Errorf("read %s.%s: %w", at.Table, at.Column, err)
	}
	return nil
}

func flag(b bool) int {
	if b {
		return 1
	}
	return 0
}

// join appends argument lists in the order of their fragments.
func join(lists ...[]any) []any {
	var out []any
	for _, l := range lists {
		out = append(out, l...)
	}
	return out
}
