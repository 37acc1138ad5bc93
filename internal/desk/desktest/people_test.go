package desktest

import (
	"context"

	"github.com/tocsin-sec/tocsin/internal/base/unit"
	"github.com/tocsin-sec/tocsin/internal/desk/deskdb"
	"github.com/tocsin-sec/tocsin/internal/people"
	"github.com/tocsin-sec/tocsin/internal/people/peopledb"
	"github.com/tocsin-sec/tocsin/internal/platform/sqldb"
)

func sources() []sqldb.Source { return []sqldb.Source{peopledb.Migrations(), deskdb.Migrations()} }

func (r *rig) grant(p people.PersonID, object string, role people.Role) {
	r.Helper()
	store := &peopledb.Store{Seal: r.Seal, Ring: r.Ring}
	r.Do(r.TB, func(ctx context.Context, tx unit.Tx) error {
		return store.AddGrant(ctx, tx, people.AsJob("test", object), people.Grant{Object: object, Holder: p, Role: role, By: "test", Since: tx.Now()})
	})
}
