package server

import (
	"context"
	"errors"
	"fmt"
	"strconv"

	"github.com/tocsin-sec/tocsin/internal/base/fault"
	"github.com/tocsin-sec/tocsin/internal/base/unit"
	"github.com/tocsin-sec/tocsin/internal/config"
	"github.com/tocsin-sec/tocsin/internal/platform/jobs"
	"github.com/tocsin-sec/tocsin/internal/platform/ledger"
	"github.com/tocsin-sec/tocsin/internal/platform/seal"
	"github.com/tocsin-sec/tocsin/internal/platform/sqldb"
)

// RetryJob lets a job that was given up start afresh, and tells the site's ledger.
// Faults are those of jobs.Retry.
func RetryJob(ctx context.Context, s *Store, id string) error {
	return s.Work.Do(ctx, func(ctx context.Context, tx unit.Tx) error {
		siteEntry(tx, "site.ledger.job_retried", map[string]string{"job": id})
		return jobs.Retry(ctx, tx, id)
	})
}

// CancelJob stops a waiting or running job, and tells the site's ledger. Faults are
// those of jobs.Cancel.
func CancelJob(ctx context.Context, s *Store, id string) error {
	return s.Work.Do(ctx, func(ctx context.Context, tx unit.Tx) error {
		siteEntry(tx, "site.ledger.job_cancelled", map[string]string{"job": id})
		return jobs.Cancel(ctx, tx, id)
	})
}

// RotateCheckpointKey makes a new key for the ledger's checkpoints; earlier ones stay
// signed by the old, which Keys lists as well.
func RotateCheckpointKey(ctx context.Context, s *Store) error {
	return s.Work.Do(ctx, func(ctx context.Context, tx unit.Tx) error {
		k, err := s.Ledger.RotateKey(ctx, tx)
		if err != nil {
			return err
		}
		siteEntry(tx, "site.ledger.key_rotated", map[string]string{"purpose": k.Purpose, "key": k.ID})
		return nil
	})
}

// RotateSiteKey wraps every data key with the site key in the file, which is made when
// there is none, and forgets the one that the settings name. No server may run
// meanwhile: it knows the old key alone. When it was interrupted, the same call goes
// on. It returns how many keys it moved and the id of the new key.
func RotateSiteKey(ctx context.Context, cfg config.Config, file string) (moved int, id string, err error) {
	old, err := LoadKey(ctx, cfg, false)
	if err != nil {
		return 0, "", err
	}
	fresh, err := seal.LoadOrMake(file)
	if err != nil {
		return 0, "", err
	}
	if fresh.Key.ID() == old.Key.ID() {
		return 0, "", fault.New(fault.Invalid, "seal.same_key")
	}
	db, err := OpenDB(ctx, cfg)
	if err != nil {
		return 0, "", err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	if err := db.Migrate(ctx, Sources()); err != nil {
		return 0, "", err
	}
	work := &sqldb.Work{DB: db}
	sealer, err := seal.New(ctx, work, fresh.Key, old.Key)
	if err != nil {
		return 0, "", fmt.Errorf("unlock the store with both keys: %w", err)
	}
	if moved, err = sealer.Rewrap(ctx); err != nil {
		return moved, "", err
	}
	work.Ledger = &ledger.Ledger{Work: work, Seal: sealer, Origin: origin(cfg)}
	err = work.Do(ctx, func(_ context.Context, tx unit.Tx) error {
		siteEntry(tx, "site.ledger.key_rotated", map[string]string{"purpose": "site", "key": fresh.Key.ID(), "moved": strconv.Itoa(moved)})
		return nil
	})
	return moved, fresh.Key.ID(), err
}
