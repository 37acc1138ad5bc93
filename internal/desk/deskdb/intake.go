package deskdb

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/tocsin-sec/tocsin/internal/base/fault"
	"github.com/tocsin-sec/tocsin/internal/base/unit"
	"github.com/tocsin-sec/tocsin/internal/desk"
	"github.com/tocsin-sec/tocsin/internal/people"
	"github.com/tocsin-sec/tocsin/internal/platform/blob"
	"github.com/tocsin-sec/tocsin/internal/platform/seal"
	"github.com/tocsin-sec/tocsin/internal/platform/sqldb"
)

func intakeAt(id desk.IntakeID) seal.At {
	return seal.At{Table: "desk_intake", Row: string(id), Column: "envelope"}
}

// AddIntake implements desk.IntakeStore. The original is stored or named within
// the same transaction.
func (s *Store) AddIntake(ctx context.Context, tx unit.Tx, _ people.Scope, in desk.Intake) (desk.IntakeID, bool, error) {
	plain, err := json.Marshal(in.Envelope)
	if err != nil {
		return "", false, err
	}
	envelope, err := s.Seal.Seal(ctx, tx, in.Confidence(), intakeAt(in.ID), plain)
	if err != nil {
		return "", false, fmt.Errorf("seal envelope: %w", err)
	}
	dedupe := s.Seal.MAC("desk.intake", in.Source+"\x00"+in.Key)
	n, err := sqldb.Of(tx).Exec(ctx, `insert into desk_intake (id, source, dedupe, envelope, raw, size, received_at, read_at)
		values (?, ?, ?, ?, '', ?, ?, 0) on conflict do nothing`,
		in.ID, in.Source, dedupe, envelope, in.Size, sqldb.Micros(in.ReceivedAt))
	if err != nil {
		return "", false, fmt.Errorf("insert intake: %w", err)
	}
	if n == 0 {
		had, err := sqldb.One(ctx, tx, sqldb.Value[desk.IntakeID], `select id from desk_intake where source = ? and dedupe = ?`, in.Source, dedupe)
		if fault.Is(err, fault.NotFound) {
			// The id is taken: a form that was sent already came with other words.
			return "", false, fault.New(fault.Conflict, "desk.fault.form_used")
		}
		return had, false, err
	}
	return in.ID, true, s.keepRaw(ctx, tx, in)
}

func (s *Store) keepRaw(ctx context.Context, tx unit.Tx, in desk.Intake) error {
	raw := blob.ID(in.Raw)
	if in.Source != desk.SourceMail {
		return nil // a form: its words are in the message
	}
	var err error
	if raw == "" {
		if raw, err = s.Blobs.Put(ctx, tx, in.Confidence(), in.Small); err != nil {
			return fmt.Errorf("store original: %w", err)
		}
	}
	if err := s.Blobs.Name(ctx, tx, raw, "desk_intake:"+string(in.ID)); err != nil {
		return fmt.Errorf("name original: %w", err)
	}
	if _, err := sqldb.Of(tx).Exec(ctx, `update desk_intake set raw = ? where id = ?`, raw, in.ID); err != nil {
		return fmt.Errorf("note original: %w", err)
	}
	return nil
}

// Intake implements desk.IntakeStore.
func (s *Store) Intake(ctx context.Context, v unit.View, sc people.Scope, id desk.IntakeID) (desk.Intake, error) {
	if !named(sc, string(id)) {
		return desk.Intake{}, fault.Missing()
	}
	type row struct {
		desk.Intake
		envelope []byte
	}
	r, err := sqldb.One(ctx, v, func(r sqldb.Row) (row, error) {
		var out row
		var at int64
		err := r.Scan(&out.ID, &out.Source, &out.envelope, &out.Raw, &out.Size, &at)
		out.ReceivedAt = sqldb.Time(at)
		return out, err
	}, `select id, source, envelope, raw, size, received_at from desk_intake where id = ?`, id)
	if err != nil {
		return desk.Intake{}, err
	}
	plain, err := s.Seal.Open(ctx, v, intakeAt(id), r.envelope)
	if err != nil {
		return desk.Intake{}, fmt.Errorf("open envelope: %w", err)
	}
	if err := json.Unmarshal(plain, &r.Envelope); err != nil {
		return desk.Intake{}, fmt.Errorf("open envelope: %w", err)
	}
	return r.Intake, nil
}

// FinishIntake implements desk.IntakeStore.
func (s *Store) FinishIntake(ctx context.Context, tx unit.Tx, sc people.Scope, id desk.IntakeID) error {
	if !named(sc, string(id)) {
		return fault.Missing()
	}
	n, err := sqldb.Of(tx).Exec(ctx, `update desk_intake set read_at = ? where id = ? and read_at = 0`, sqldb.Micros(tx.Now()), id)
	if err != nil {
		return fmt.Errorf("finish intake: %w", err)
	}
	if n == 0 {
		return fault.New(fault.Conflict, "desk.fault.read_before")
	}
	return nil
}

// Waiting implements desk.IntakeStore.
func (s *Store) Waiting(ctx context.Context, v unit.View, _ people.Scope) (int, error) {
	return sqldb.One(ctx, v, sqldb.Value[int], `select count(*) from desk_intake where read_at = 0`)
}

// Count implements desk.IntakeStore.
func (s *Store) Count(ctx context.Context, tx unit.Tx, _ people.Scope, purpose, who string) (int, error) {
	mac, day := s.Seal.MAC("desk.count", purpose+"\x00"+who), tx.Now().UTC().Unix()/86400
	_, err := sqldb.Of(tx).Exec(ctx, `insert into desk_count (mac, day, n) values (?, ?, 1)
		on conflict (mac, day) do update set n = desk_count.n + 1`, mac, day)
	if err != nil {
		return 0, fmt.Errorf("count: %w", err)
	}
	return sqldb.One(ctx, tx, sqldb.Value[int], `select n from desk_count where mac = ? and day = ?`, mac, day)
}

// Tidy removes counters of days gone by; the job desk.tidy calls it.
func (s *Store) Tidy(ctx context.Context, tx unit.Tx, _ people.Scope) error {
	_, err := sqldb.Of(tx).Exec(ctx, `delete from desk_count where day < ?`, tx.Now().UTC().Unix()/86400-1)
	if err != nil {
		return fmt.Errorf("remove old counters: %w", err)
	}
	return nil
}
