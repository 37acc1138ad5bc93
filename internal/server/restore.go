package server

import (
	"context"
	"database/sql"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"time"

	"filippo.io/age"

	"github.com/tocsin-sec/tocsin/internal/base/fault"
	"github.com/tocsin-sec/tocsin/internal/base/unit"
	"github.com/tocsin-sec/tocsin/internal/config"
	"github.com/tocsin-sec/tocsin/internal/platform/backup"
	"github.com/tocsin-sec/tocsin/internal/platform/gate"
	"github.com/tocsin-sec/tocsin/internal/platform/ledger"
	"github.com/tocsin-sec/tocsin/internal/platform/seal"
	"github.com/tocsin-sec/tocsin/internal/platform/sqldb"
)

// Backup writes the store into one encrypted file while the server may run. It
// needs no site key and reads no content. Where there is no store, or an empty one, it
// fails with Unavailable "store.nothing": a wrong --data must not pass for a backup.
func Backup(ctx context.Context, cfg config.Config, w io.Writer, to []age.Recipient, tell func(table string, rows int64)) (backup.Done, error) {
	if cfg.Database.Empty() {
		if _, err := os.Stat(filepath.Join(cfg.Data, DatabaseFile)); err != nil {
			return backup.Done{}, fault.New(fault.Unavailable, "store.nothing").Because(err)
		}
	}
	db, err := OpenDB(ctx, cfg)
	if err != nil {
		return backup.Done{}, err
	}
	defer db.Close()
	done, err := backup.Write(ctx, db, Sources(), w, time.Now().UTC(), to, tell)
	if err == nil && done.Rows == 0 {
		err = fault.New(fault.Unavailable, "store.nothing")
	}
	return done, err
}

// Restore fills the empty store from a backup and closes every gate in the same
// transaction, so that nothing repeats or revives before a person has decided. It
// returns what would. A backup that was made within a rotation of the site key needs both
// keys: others are files with those that the settings do not name. The rotation ends with
// the restore, on the key of the settings.
func Restore(ctx context.Context, cfg config.Config, r io.Reader, with []age.Identity, others ...string) (backup.Done, []Revival, error) {
	db, err := OpenDB(ctx, cfg)
	if err != nil {
		return backup.Done{}, nil, err
	}
	defer db.Close()
	now := time.Now().UTC()
	key, err := LoadKey(ctx, cfg, false)
	if err != nil {
		return backup.Done{}, nil, err
	}
	var more []seal.SiteKey
	for _, file := range others {
		k, err := seal.LoadSiteKey(ctx, seal.Source{File: file})
		if err != nil {
			return backup.Done{}, nil, err
		}
		more = append(more, k.Key)
	}
	done, err := backup.Read(ctx, db, Sources(), r, with, func(ctx context.Context, tx *sql.Tx) error {
		if err := proveKeys(ctx, tx, append(more, key.Key)...); err != nil {
			return err
		}
		return closeGates(ctx, db, tx, now)
	})
	if err != nil {
		return done, nil, err
	}
	if err := declareRestore(ctx, cfg, db, key, more); err != nil {
		return done, nil, err
	}
	var list []Revival
	work := &sqldb.Work{DB: db, Clock: func() time.Time { return now }}
	err = work.View(ctx, func(ctx context.Context, v unit.View) (err error) {
		list, err = Revivals(ctx, v)
		return err
	})
	return done, list, err
}

// proveKeys checks that the backup's rows were sealed with the site keys, before they
// are committed: a store that nobody can open must not come to be. Within a rotation there
// are two, and one that is missing is named (seal.rotation_key).
func proveKeys(ctx context.Context, tx *sql.Tx, keys ...seal.SiteKey) error {
	rows, err := tx.QueryContext(ctx, "select site_key, proof from seal_site")
	if err != nil {
		return fmt.Errorf("read the proof of the site key: %w", err)
	}
	defer rows.Close()
	var missing error
	proven, unproven := 0, ""
	for rows.Next() {
		var id string
		var proof []byte
		if err := rows.Scan(&id, &proof); err != nil {
			return fmt.Errorf("read the proof of the site key: %w", err)
		}
		fits := func(k seal.SiteKey) bool { return k.Proves(id, proof) == nil }
		if slices.ContainsFunc(keys, fits) {
			proven++
			continue
		}
		unproven, missing = id, keys[len(keys)-1].Proves(id, proof)
	}
	if missing != nil && proven > 0 {
		missing = fault.New(fault.Unavailable, "seal.rotation_key", unproven)
	}
	if missing != nil {
		return fmt.Errorf("restore with another site key: %w", missing)
	}
	return rows.Err()
}

// declareRestore ends a rotation of the site key within which the backup was made, and signs
// the checkpoint that tells a verifier of the restore.
func declareRestore(ctx context.Context, cfg config.Config, db *sqldb.DB, key seal.Loaded, others []seal.SiteKey) error {
	work := &sqldb.Work{DB: db}
	sealer, err := seal.New(ctx, work, key.Key, others...)
	if err != nil {
		return fmt.Errorf("unlock the restored store: %w", err)
	}
	if len(others) > 0 {
		if _, err := sealer.Rewrap(ctx); err != nil {
			return fmt.Errorf("end the rotation of the site key: %w", err)
		}
	}
	record := &ledger.Ledger{Work: work, Seal: sealer, Origin: origin(cfg)}
	_, err = record.Restored(ctx)
	return err
}

func closeGates(ctx context.Context, db *sqldb.DB, tx *sql.Tx, now time.Time) error {
	insert := "insert into gate_gate (name, closed_at, why) values (?, ?, ?) on conflict (name) do nothing"
	if db.Dialect() == sqldb.Postgres {
		insert = "insert into gate_gate (name, closed_at, why) values ($1, $2, $3) on conflict (name) do nothing"
	}
	for _, name := range gate.Names() {
		if _, err := tx.ExecContext(ctx, insert, name, sqldb.Micros(now), "gate.restored"); err != nil {
			return fmt.Errorf("close gate %s: %w", name, err)
		}
	}
	return nil
}
