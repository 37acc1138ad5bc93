package seal

import (
	"context"
	"fmt"
	"time"

	"github.com/tocsin-sec/tocsin/internal/base/ident"
	"github.com/tocsin-sec/tocsin/internal/base/unit"
	"github.com/tocsin-sec/tocsin/internal/platform/sqldb"
)

// Ring keeps the program's own keys by purpose ("signing", "decrypt",
// "checkpoint", "session") and owner (a project's id, or "site"), sealed, with
// rotation: a new key retires the one before, which stays for reading.
type Ring struct{ Sealer *Sealer }

// RingKey is one key of the ring. Secret is whatever the purpose needs; it must
// not be logged.
type RingKey struct {
	ID, Purpose, Owner string
	Secret             []byte
	Created            time.Time
	Retired            time.Time // zero: in use
	Expires            time.Time // zero: never
}

// String names the key without its secret.
func (k RingKey) String() string { return "key " + k.ID + " for " + k.Purpose + " of " + k.Owner }

// GoString names the key without its secret.
func (k RingKey) GoString() string { return k.String() }

// Put adds a key and retires the current ones of the same purpose and owner. A
// zero expires means never.
func (r Ring) Put(ctx context.Context, tx unit.Tx, purpose, owner string, secret []byte, expires time.Time) (RingKey, error) {
	if err := r.Retire(ctx, tx, purpose, owner); err != nil {
		return RingKey{}, fmt.Errorf("retire the key for %s: %w", purpose, err)
	}
	return r.Add(ctx, tx, purpose, owner, secret, expires)
}

// Add adds a key beside those in use.
func (r Ring) Add(ctx context.Context, tx unit.Tx, purpose, owner string, secret []byte, expires time.Time) (RingKey, error) {
	k := RingKey{ID: ident.New(), Purpose: purpose, Owner: owner, Secret: secret, Created: tx.Now(), Expires: expires}
	sealed, err := r.Sealer.Seal(ctx, tx, "ring:"+purpose+":"+owner, k.at(), secret)
	if err != nil {
		return RingKey{}, fmt.Errorf("put a key for %s: %w", purpose, err)
	}
	_, err = sqldb.Of(tx).Exec(ctx, `insert into seal_ring (id, purpose, owner, sealed, created_at, retired_at, expires_at)
		values (?, ?, ?, ?, ?, 0, ?)`, k.ID, purpose, owner, sealed, k.Created, expires)
	if err != nil {
		return RingKey{}, fmt.Errorf("put a key for %s: %w", purpose, err)
	}
	return k, nil
}

// RetireKey takes one key out of use; one that is not in use is left as it is.
func (r Ring) RetireKey(ctx context.Context, tx unit.Tx, id string) error {
	_, err := sqldb.Of(tx).Exec(ctx, `update seal_ring set retired_at = ? where id = ? and retired_at = 0`, tx.Now(), id)
	return err
}

func (k RingKey) at() At { return At{"seal_ring", k.ID, "sealed"} }

// Current returns the key in use, or fault.NotFound. An expired key is returned
// all the same: whether it may still be used is the purpose's rule.
func (r Ring) Current(ctx context.Context, v unit.View, purpose, owner string) (RingKey, error) {
	k, err := sqldb.One(ctx, v, scanRing, ringColumns+` where purpose = ? and owner = ? and retired_at = 0
		order by created_at desc, id limit 1`, purpose, owner)
	if err != nil {
		return RingKey{}, err
	}
	return r.open(ctx, v, k)
}

// All returns every key of the purpose and owner, the newest first, retired ones
// included.
func (r Ring) All(ctx context.Context, v unit.View, purpose, owner string) ([]RingKey, error) {
	list, err := sqldb.All(ctx, v, scanRing, ringColumns+` where purpose = ? and owner = ?
		order by retired_at <> 0, created_at desc, id`, purpose, owner)
	if err != nil {
		return nil, err
	}
	out := make([]RingKey, len(list))
	for i, k := range list {
		if out[i], err = r.open(ctx, v, k); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// Retire takes the current keys out of use without a new one.
func (r Ring) Retire(ctx context.Context, tx unit.Tx, purpose, owner string) error {
	_, err := sqldb.Of(tx).Exec(ctx, `update seal_ring set retired_at = ? where purpose = ? and owner = ? and retired_at = 0`,
		tx.Now(), purpose, owner)
	return err
}

const ringColumns = `select id, purpose, owner, sealed, created_at, retired_at, expires_at from seal_ring`

// scanRing leaves the sealed bytes in Secret; open decrypts them.
func scanRing(row sqldb.Row) (RingKey, error) {
	var k RingKey
	var created, retired, expires int64
	err := row.Scan(&k.ID, &k.Purpose, &k.Owner, &k.Secret, &created, &retired, &expires)
	k.Created, k.Retired, k.Expires = sqldb.Time(created), sqldb.Time(retired), sqldb.Time(expires)
	return k, err
}

func (r Ring) open(ctx context.Context, v unit.View, k RingKey) (RingKey, error) {
	secret, err := r.Sealer.Open(ctx, v, k.at(), k.Secret)
	if err != nil {
		return RingKey{}, fmt.Errorf("%s: %w", k, err)
	}
	k.Secret = secret
	return k, nil
}
