package seal

import (
	"context"
	"crypto/rand"
	"database/sql"
	"errors"
	"fmt"

	"golang.org/x/crypto/chacha20poly1305"

	"github.com/tocsin-sec/tocsin/internal/base/fault"
	"github.com/tocsin-sec/tocsin/internal/base/ident"
	"github.com/tocsin-sec/tocsin/internal/base/unit"
	"github.com/tocsin-sec/tocsin/internal/platform/sqldb"
)

type localKey struct{}

// local holds the boxes that a transaction has used. A key that the transaction
// itself made enters the shared cache only after the commit: were it undone, a
// cached key without a row would seal what nobody can ever open.
func (s *Sealer) local(v unit.View) map[string]*Box {
	return sqldb.Local(v, localKey{}, func() map[string]*Box { return map[string]*Box{} })
}

// Box returns the data key of a confidence, made on first use, for callers that
// seal many values (platform/blob, platform/ledger). That the key still exists
// is checked once in each transaction.
func (s *Sealer) Box(ctx context.Context, tx unit.Tx, confidence string) (*Box, error) {
	local := s.local(tx)
	if b := local["confidence "+confidence]; b != nil {
		return b, nil
	}
	c := sqldb.Of(tx)
	b, err := s.byConfidence(ctx, tx, confidence)
	if errors.Is(err, sql.ErrNoRows) {
		raw := make([]byte, chacha20poly1305.KeySize)
		rand.Read(raw)
		id := ident.New()
		// Another transaction may make it at the same time: then ours does nothing
		// and the next read, a new snapshot on PostgreSQL, finds theirs.
		_, err = c.Exec(ctx, `insert into seal_key (id, confidence, site_key, wrapped, created_at, destroyed_at)
			values (?, ?, ?, ?, ?, 0) on conflict do nothing`,
			id, confidence, s.site.id, s.site.wrap(id, confidence, raw), tx.Now())
		if err != nil {
			return nil, fmt.Errorf("make a data key: %w", err)
		}
		b, err = s.byConfidence(ctx, tx, confidence)
	}
	if err != nil {
		return nil, fmt.Errorf("read a data key: %w", err)
	}
	local["confidence "+confidence], local[b.id] = b, b
	return b, nil
}

func (s *Sealer) byConfidence(ctx context.Context, v unit.View, confidence string) (*Box, error) {
	var id, site string
	var wrapped []byte
	err := sqldb.Of(v).QueryRow(ctx, `select id, site_key, wrapped from seal_key where confidence = ? and destroyed_at = 0`,
		confidence).Scan(&id, &site, &wrapped)
	if err != nil {
		return nil, err
	}
	if b := s.cache.get(id); b != nil {
		return b, nil
	}
	return s.unwrap(v, id, confidence, site, wrapped)
}

func (s *Sealer) boxByID(ctx context.Context, v unit.View, id string) (*Box, error) {
	if b := s.cache.get(id); b != nil {
		return b, nil
	}
	if b := s.local(v)[id]; b != nil {
		return b, nil
	}
	var confidence, site string
	var wrapped []byte
	var destroyed int64
	err := sqldb.Of(v).QueryRow(ctx, `select confidence, site_key, wrapped, destroyed_at from seal_key where id = ?`,
		id).Scan(&confidence, &site, &wrapped, &destroyed)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, fault.New(fault.Unavailable, "seal.no_key", id)
	}
	if err != nil {
		return nil, err
	}
	if destroyed != 0 {
		return nil, fault.New(fault.NotFound, "seal.destroyed")
	}
	return s.unwrap(v, id, confidence, site, wrapped)
}

// unwrap opens a data key and keeps it for this transaction, and for all once
// the transaction has ended well.
func (s *Sealer) unwrap(v unit.View, id, confidence, site string, wrapped []byte) (*Box, error) {
	key, err := s.siteKey(site)
	if err != nil {
		return nil, err
	}
	raw, err := key.unwrap(id, confidence, wrapped)
	if err != nil {
		return nil, err
	}
	aead, err := chacha20poly1305.NewX(raw)
	clear(raw)
	if err != nil {
		return nil, fmt.Errorf("data key %s: %w", id, err)
	}
	b := &Box{id: id, aead: aead}
	s.local(v)[id] = b
	sqldb.AfterCommit(v, func() { s.cache.put(b) })
	return b, nil
}

func (s *Sealer) siteKey(id string) (SiteKey, error) {
	if id == s.site.id {
		return s.site, nil
	}
	for _, k := range s.old {
		if id == k.id {
			return k, nil
		}
	}
	return SiteKey{}, fault.New(fault.Unavailable, "seal.wrong_site_key", s.site.id, id)
}

// Destroy makes everything sealed under the confidence unreadable for ever
// (lawful erasure); a later Seal for it begins a new key. Another server, or a view
// that began before, may hold the old key in memory for up to CacheFor. Backups made before still hold
// the wrapped key.
func (s *Sealer) Destroy(ctx context.Context, tx unit.Tx, confidence string) error {
	c := sqldb.Of(tx)
	ids, err := sqldb.All(ctx, tx, sqldb.Value[string],
		`select id from seal_key where confidence = ? and destroyed_at = 0`+c.Lock(), confidence)
	if err != nil {
		return fmt.Errorf("destroy a data key: %w", err)
	}
	local := s.local(tx)
	delete(local, "confidence "+confidence)
	for _, id := range ids {
		// The same length, so that SQLite overwrites the cell in place.
		zero := make([]byte, wrappedLen)
		if _, err := c.Exec(ctx, `update seal_key set wrapped = ?, destroyed_at = ? where id = ?`, zero, tx.Now(), id); err != nil {
			return fmt.Errorf("destroy a data key: %w", err)
		}
		delete(local, id)
		s.cache.drop(id)
		sqldb.AfterCommit(tx, func() { s.cache.drop(id) })
	}
	return nil
}
