package ledger

import (
	"context"
	"crypto/ed25519"
	"crypto/rand"
	"fmt"
	"time"

	"golang.org/x/mod/sumdb/note"

	"github.com/tocsin-sec/tocsin/internal/base/fault"
	"github.com/tocsin-sec/tocsin/internal/base/unit"
	"github.com/tocsin-sec/tocsin/internal/platform/seal"
)

// The checkpoint key lies in the ring as an Ed25519 seed with the name of the log
// behind it: a site that moves to another domain goes on under the name that its
// verifiers know, until the key is rotated.
const (
	keyPurpose = "checkpoint"
	keyOwner   = "site"
)

// signer implements note.Signer.
type signer struct {
	note.Verifier
	key ed25519.PrivateKey
}

// Sign implements note.Signer.
func (s signer) Sign(msg []byte) ([]byte, error) { return ed25519.Sign(s.key, msg), nil }

// newSigner reads a key of the ring; origin names one that was made without a name.
func newSigner(origin string, secret []byte) (s signer, public string, err error) {
	if len(secret) < ed25519.SeedSize {
		return signer{}, "", fault.New(fault.Unavailable, "seal.damaged", "seal_ring", "sealed")
	}
	key := ed25519.NewKeyFromSeed(secret[:ed25519.SeedSize])
	if name := secret[ed25519.SeedSize:]; len(name) > 0 {
		origin = string(name)
	}
	public, err = note.NewEd25519VerifierKey(origin, key.Public().(ed25519.PublicKey))
	if err != nil {
		return signer{}, "", err
	}
	v, err := note.NewVerifier(public)
	return signer{v, key}, public, err
}

// signer returns the key in use, made on first use in a transaction of its own.
func (l *Ledger) signer(ctx context.Context) (s signer, err error) {
	ring := seal.Ring{Sealer: l.Seal}
	var k seal.RingKey
	err = l.Work.View(ctx, func(ctx context.Context, v unit.View) (err error) {
		k, err = ring.Current(ctx, v, keyPurpose, keyOwner)
		return err
	})
	if fault.Is(err, fault.NotFound) {
		err = l.Work.Do(ctx, func(ctx context.Context, tx unit.Tx) (err error) {
			k, err = l.RotateKey(ctx, tx)
			return err
		})
	}
	if err != nil {
		return signer{}, fmt.Errorf("checkpoint key: %w", err)
	}
	s, _, err = newSigner(l.Origin, k.Secret)
	return s, err
}

// RotateKey makes a new checkpoint key under the ledger's Origin and retires the one
// before. Keys lists both, since earlier checkpoints stay signed by the old one.
func (l *Ledger) RotateKey(ctx context.Context, tx unit.Tx) (seal.RingKey, error) {
	secret := make([]byte, ed25519.SeedSize, ed25519.SeedSize+len(l.Origin))
	rand.Read(secret)
	return seal.Ring{Sealer: l.Seal}.Put(ctx, tx, keyPurpose, keyOwner, append(secret, l.Origin...), time.Time{})
}

// Keys returns the public keys that verify this ledger's checkpoints, the newest
// first, in the form of x/mod/sumdb/note. They belong in other hands: a key that
// comes with an export proves nothing.
func (l *Ledger) Keys(ctx context.Context, v unit.View) ([]string, error) {
	list, err := seal.Ring{Sealer: l.Seal}.All(ctx, v, keyPurpose, keyOwner)
	if err != nil {
		return nil, fmt.Errorf("checkpoint keys: %w", err)
	}
	var out []string
	for _, k := range list {
		_, public, err := newSigner(l.Origin, k.Secret)
		if err != nil {
			return nil, fmt.Errorf("checkpoint keys: %w", err)
		}
		out = append(out, public)
	}
	return out, nil
}
