package advisorydb

import (
	"context"

	"github.com/tocsin-sec/tocsin/internal/advisory/purge"
	"github.com/tocsin-sec/tocsin/internal/base/unit"
	"github.com/tocsin-sec/tocsin/internal/people"
	"github.com/tocsin-sec/tocsin/internal/platform/sqldb"
)

// Purges implements purge.Store.
type Purges struct{}

// Told implements purge.Store.
func (Purges) Told(ctx context.Context, v unit.View, _ people.Scope) (int64, error) {
	return sqldb.One(ctx, v, sqldb.Value[int64], `select coalesce(max(generation), 0) from advisory_purge`)
}

// Tell implements purge.Store. Of two servers that told at once the later generation stays.
func (Purges) Tell(ctx context.Context, tx unit.Tx, _ people.Scope, generation int64) error {
	_, err := sqldb.Of(tx).Exec(ctx, `insert into advisory_purge (id, generation) values (1, ?)
		on conflict (id) do update set generation = excluded.generation where advisory_purge.generation < excluded.generation`, generation)
	return err
}

var _ purge.Store = Purges{}
