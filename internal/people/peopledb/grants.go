package peopledb

import (
	"context"

	"github.com/tocsin-sec/tocsin/internal/base/ident"
	"github.com/tocsin-sec/tocsin/internal/base/unit"
	"github.com/tocsin-sec/tocsin/internal/people"
	"github.com/tocsin-sec/tocsin/internal/platform/sqldb"
)

const grantColumns = `select g.object, g.holder, g.role, g.terms, g.project, g.back, g.by_actor, g.since_at, g.ended_at, g.why from people_grant g`

func scanGrant(r sqldb.Row) (people.Grant, error) {
	var g people.Grant
	err := r.Scan(&g.Object, &g.Holder, &g.Role, &g.Terms, &g.Project, &g.Back, &g.By, at{&g.Since}, at{&g.Ended}, &g.Why)
	return g, err
}

// Held implements people.GrantStore.
func (s *Store) Held(ctx context.Context, v unit.View, sc people.Scope, object string) ([]people.Role, error) {
	me, _ := sc.Person() // nobody holds "" anything
	return sqldb.All(ctx, v, sqldb.Value[people.Role], `select g.role from people_grant g
		where g.object = ? and g.holder = ? and g.ended_at = 0 order by g.role`, object, string(me))
}

// Holders implements people.GrantStore.
func (s *Store) Holders(ctx context.Context, v unit.View, sc people.Scope, object string, history bool) ([]people.Grant, error) {
	sees, args := Sees(sc, "x.object")
	return sqldb.All(ctx, v, scanGrant, grantColumns+` where g.object = ? and (g.ended_at = 0 or ? = 1)
		and exists (select 1 from (select ? as object) x where `+sees+`) order by g.since_at, g.id`,
		append([]any{object, history, object}, args...)...)
}

// LockHolders implements people.GrantStore. The order of the ids keeps two transactions
// from waiting for each other.
func (s *Store) LockHolders(ctx context.Context, tx unit.Tx, sc people.Scope, object string) error {
	sees, args := Sees(sc, "x.object")
	_, err := sqldb.All(ctx, tx, sqldb.Value[string], `select g.id from people_grant g where g.object = ? and g.ended_at = 0
		and exists (select 1 from (select ? as object) x where `+sees+`) order by g.id`+sqldb.Of(tx).Lock(),
		append([]any{object, object}, args...)...)
	return err
}

// Untouched implements people.GrantStore.
func (s *Store) Untouched(ctx context.Context, v unit.View, _ people.Scope, object string) (bool, error) {
	n, err := sqldb.One(ctx, v, sqldb.Value[int], `select count(*) from (select 1 from people_grant g where g.object = ? limit 1) x`, object)
	return n == 0, err
}

// AddGrant implements people.GrantStore.
func (s *Store) AddGrant(ctx context.Context, tx unit.Tx, _ people.Scope, g people.Grant) error {
	return exec(ctx, tx, `insert into people_grant (id, object, holder, role, terms, project, back, by_actor, since_at, ended_at, ended_by, why)
		values (?, ?, ?, ?, ?, ?, ?, ?, ?, 0, '', '') on conflict (object, holder, role) where ended_at = 0
		do update set back = '' where excluded.back = '' and people_grant.back <> ''`,
		ident.New(), g.Object, g.Holder, g.Role, g.Terms, g.Project, g.Back, g.By, g.Since)
}

// EndGrant implements people.GrantStore.
func (s *Store) EndGrant(ctx context.Context, tx unit.Tx, _ people.Scope, g people.Grant) (bool, error) {
	n, err := sqldb.Of(tx).Exec(ctx, `update people_grant set ended_at = ?, ended_by = ?, why = ?
		where object = ? and holder = ? and role = ? and ended_at = 0`, g.Ended, g.By, g.Why, g.Object, g.Holder, g.Role)
	return n > 0, err
}
