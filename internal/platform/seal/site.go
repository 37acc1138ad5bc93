package seal

import (
	"context"
	"crypto/rand"
	"database/sql"
	"errors"
	"fmt"

	"github.com/tocsin-sec/tocsin/internal/base/fault"
	"github.com/tocsin-sec/tocsin/internal/base/unit"
	"github.com/tocsin-sec/tocsin/internal/platform/sqldb"
)

const (
	proofText = "tocsin site"
	rootID    = "root" // of the MAC keys; no ident, so that no data key has it
)

// New opens the seal of a site: it checks that the site key is the one that the
// store was sealed with and makes the first keys on an empty store. previous are
// site keys of a rotation that has not ended (see Rewrap). A wrong key is
// fault.Unavailable "seal.wrong_site_key" with the ids of both keys.
func New(ctx context.Context, work unit.Work, site SiteKey, previous ...SiteKey) (*Sealer, error) {
	s := &Sealer{work: work, site: site, old: previous, cache: newCache()}
	err := work.Do(ctx, s.start)
	if err != nil {
		return nil, fmt.Errorf("open the seal: %w", err)
	}
	return s, nil
}

// Look opens the seal of a site as New does and writes nothing, for who examines a store. A
// store that was never opened with a site key has none yet, which is fault.NotFound
// "seal.unused".
func Look(ctx context.Context, work unit.Work, site SiteKey) (*Sealer, error) {
	s := &Sealer{work: work, site: site, cache: newCache()}
	err := work.View(ctx, func(ctx context.Context, v unit.View) error {
		known, err := s.proveAll(ctx, v)
		if err == nil && known == 0 {
			err = fault.New(fault.NotFound, "seal.unused")
		}
		if err != nil {
			return err
		}
		return s.readRoot(ctx, v)
	})
	if err != nil {
		return nil, fmt.Errorf("look at the seal: %w", err)
	}
	return s, nil
}

// proveAll holds the given keys against every site key that the store knows.
func (s *Sealer) proveAll(ctx context.Context, v unit.View) (int, error) {
	known, err := sqldb.All(ctx, v, sqldb.Value[string], `select site_key from seal_site order by created_at, site_key`)
	if err != nil {
		return 0, err
	}
	for _, id := range known {
		if err := s.prove(ctx, v, id); err != nil {
			return 0, err
		}
	}
	return len(known), nil
}

func (s *Sealer) start(ctx context.Context, tx unit.Tx) error {
	c := sqldb.Of(tx)
	if _, err := s.proveAll(ctx, tx); err != nil {
		return err
	}
	// On a store that knows other site keys, all of which were given, this is the
	// beginning of a rotation.
	_, err := c.Exec(ctx, `insert into seal_site (site_key, proof, created_at) values (?, ?, ?) on conflict do nothing`,
		s.site.id, s.site.wrap("proof", proofText, []byte(proofText)), tx.Now())
	if err != nil {
		return err
	}
	return s.loadRoot(ctx, tx)
}

func (s *Sealer) prove(ctx context.Context, v unit.View, id string) error {
	key, err := s.siteKey(id)
	if err != nil {
		return err
	}
	proof, err := sqldb.One(ctx, v, sqldb.Value[[]byte], `select proof from seal_site where site_key = ?`, id)
	if err != nil {
		return err
	}
	return key.Proves(id, proof)
}

// Proves checks k against a row of seal_site: the id of a site key and the text that it
// sealed. Another key is fault.Unavailable "seal.wrong_site_key" with both ids.
func (k SiteKey) Proves(id string, proof []byte) error {
	if k.id != id {
		return fault.New(fault.Unavailable, "seal.wrong_site_key", k.id, id)
	}
	text, err := k.unwrap("proof", proofText, proof)
	if err != nil {
		return err
	}
	if string(text) != proofText {
		return fault.New(fault.Unavailable, "seal.wrong_site_key", k.id, id)
	}
	return nil
}

func (s *Sealer) loadRoot(ctx context.Context, tx unit.Tx) error {
	err := s.readRoot(ctx, tx)
	if !errors.Is(err, sql.ErrNoRows) {
		return err
	}
	raw := make([]byte, 32)
	rand.Read(raw)
	_, err = sqldb.Of(tx).Exec(ctx, `insert into seal_key (id, confidence, site_key, wrapped, created_at, destroyed_at)
		values (?, ?, ?, ?, ?, 0) on conflict do nothing`,
		rootID, rootID, s.site.id, s.site.wrap(rootID, rootID, raw), tx.Now())
	if err != nil {
		return err
	}
	return s.readRoot(ctx, tx)
}

func (s *Sealer) readRoot(ctx context.Context, v unit.View) error {
	var site string
	var wrapped []byte
	err := sqldb.Of(v).QueryRow(ctx, `select site_key, wrapped from seal_key where id = ?`, rootID).Scan(&site, &wrapped)
	if err != nil {
		return err
	}
	key, err := s.siteKey(site)
	if err != nil {
		return err
	}
	s.root, err = key.unwrap(rootID, rootID, wrapped)
	return err
}

// Rewrap moves every data key from the previous site keys to the current one, in
// short transactions, and then forgets the previous ones. Sealed values stay as
// they are. It returns how many keys it moved. While it runs, other servers need
// both keys.
func (s *Sealer) Rewrap(ctx context.Context) (int, error) {
	moved := 0
	for {
		n := 0
		err := s.work.Do(ctx, func(ctx context.Context, tx unit.Tx) (err error) {
			n, err = s.rewrapSome(ctx, tx)
			return err
		})
		if err != nil {
			return moved, fmt.Errorf("rewrap: %w", err)
		}
		moved += n
		if n == 0 {
			return moved, nil
		}
	}
}

type wrappedKey struct {
	id, confidence, site string
	wrapped              []byte
}

func (s *Sealer) rewrapSome(ctx context.Context, tx unit.Tx) (int, error) {
	c := sqldb.Of(tx)
	rows, err := sqldb.All(ctx, tx, func(r sqldb.Row) (k wrappedKey, err error) {
		return k, r.Scan(&k.id, &k.confidence, &k.site, &k.wrapped)
	}, `select id, confidence, site_key, wrapped from seal_key where site_key <> ? and destroyed_at = 0
		order by id limit 200`+c.Lock(), s.site.id)
	if err != nil {
		return 0, err
	}
	for _, k := range rows {
		old, err := s.siteKey(k.site)
		if err != nil {
			return 0, err
		}
		raw, err := old.unwrap(k.id, k.confidence, k.wrapped)
		if err != nil {
			return 0, fmt.Errorf("data key %s: %w", k.id, err)
		}
		_, err = c.Exec(ctx, `update seal_key set site_key = ?, wrapped = ? where id = ?`,
			s.site.id, s.site.wrap(k.id, k.confidence, raw), k.id)
		clear(raw)
		if err != nil {
			return 0, err
		}
	}
	if len(rows) == 0 {
		_, err = c.Exec(ctx, `delete from seal_site where site_key <> ?`, s.site.id)
	}
	return len(rows), err
}
