package server

import (
	"context"
	"database/sql"
	"fmt"
	"io"
	"os"
	"path/filepath"
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
// returns what would.
func Restore(ctx context.Context, cfg config.Config, r io.Reader, with []age.Identity) (backup.Done, []Revival, error) {
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
	done, err := backup.Read(ctx, db, Sources(), r, with, func(ctx context.Context, tx *sql.Tx) error {
		if err := proveKey(ctx, tx, key.Key); err != nil {
			return err
		}
		return closeGates(ctx, db, tx, now)
	})
	if err != nil {
		return done, nil, err
	}
	if err := declareRestore(ctx, cfg, db, key); err != nil {
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

// proveKey checks that the backup's rows were sealed with the site key, before they
// are committed: a store that nobody can open must not come to be.
func proveKey(ctx context.Context, tx *sql.Tx, key seal.SiteKey) error {
	rows, err := tx.QueryContext(ctx, "select site_key, proof from seal_site")
	if err != nil {
		return fmt.Errorf("read the proof of the site key: %w", err)
	}
	defer rows.Close()
	for rows.Next() {
		var id string
		var proof []byte
		if err := rows.Scan(&id, &proof); err != nil {
			return fmt.Errorf("read the proof of the site key: %w", err)
		}
		if err := key.Proves(id, proof); err != nil {
			return fmt.Errorf("restore with another site key: %w", err)
		}
	}
	return rows.Err()
}

// declareRestore signs the checkpoint that tells a verifier of the restore.
func declareRestore(ctx context.Context, cfg config.Config, db *sqldb.DB, key seal.Loaded) error {
	work := &sqldb.Work{DB: db}
	sealer, err := seal.New(ctx, work, key.Key)
	if err != nil {
		return fmt.Errorf("unlock the restored store: %w", err)
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
