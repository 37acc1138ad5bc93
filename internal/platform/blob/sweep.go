package blob

import (
	"context"
	"fmt"
	"time"

	"github.com/tocsin-sec/tocsin/internal/base/unit"
	"github.com/tocsin-sec/tocsin/internal/platform/sqldb"
)

// SweepKind is the kind of the periodic job that Sweep does.
const SweepKind = "blob.sweep"

// unnamedFor is how long a file may lie without an owner (design, section 3).
const unnamedFor = 24 * time.Hour

// Sweep deletes files that nobody named within a day, one transaction each. It
// is the handler of SweepKind, to be run each hour.
func (s *Store) Sweep(ctx context.Context, j unit.Running) error {
	for {
		var some int
		err := s.Work.Do(ctx, func(ctx context.Context, tx unit.Tx) error {
			c := sqldb.Of(tx)
			ids, err := sqldb.All(ctx, tx, sqldb.Value[string], `select id from blob_blob
				where owner = '' and created_at < ? order by created_at, id limit 1`+c.SkipLocked(), tx.Now().Add(-unnamedFor))
			if err != nil {
				return err
			}
			for _, id := range ids {
				if err := s.Delete(ctx, tx, ID(id)); err != nil {
					return err
				}
			}
			some = len(ids)
			return nil
		})
		if err != nil {
			return fmt.Errorf("sweep files: %w", err)
		}
		if some == 0 {
			return nil
		}
	}
}
