package server

import (
	"bytes"
	"context"
	"slices"
	"time"

	"github.com/tocsin-sec/tocsin/internal/advisory"
	"github.com/tocsin-sec/tocsin/internal/base/fault"
	"github.com/tocsin-sec/tocsin/internal/base/unit"
	"github.com/tocsin-sec/tocsin/internal/people"
	"github.com/tocsin-sec/tocsin/internal/people/peopledb"
	"github.com/tocsin-sec/tocsin/internal/platform/pgp"
)

// signing gives advisory the keys with which a project signs; it implements
// advisory.Keys.
type signing struct {
	ring peopledb.Keyring
	pgp  openpgp
}

// Signing implements advisory.Keys.
func (s signing) Signing(ctx context.Context, v unit.View, project people.ProjectID) (advisory.SigningKey, error) {
	k, err := s.ring.Current(ctx, v, people.PurposeSign, project)
	if err != nil {
		return nil, err
	}
	signer, err := s.pgp.signer(k.Secret, v.Now())
	if err != nil {
		return nil, err
	}
	return signingKey{signer}, nil
}

// Public implements advisory.Keys.
func (s signing) Public(ctx context.Context, v unit.View, project people.ProjectID) ([]advisory.PublicKey, error) {
	signs, err := s.ring.All(ctx, v, people.PurposeSign, project)
	if err != nil {
		return nil, err
	}
	opens, err := s.ring.All(ctx, v, people.PurposeDecrypt, project)
	if err != nil {
		return nil, err
	}
	var out []advisory.PublicKey
	for _, k := range slices.Concat(signs, opens) {
		if slices.ContainsFunc(out, func(p advisory.PublicKey) bool { return p.Fingerprint == k.Fingerprint }) {
			continue
		}
		encrypts := slices.ContainsFunc(opens, func(o people.PrivateKey) bool { return o.Fingerprint == k.Fingerprint && o.Retired.IsZero() })
		out = append(out, advisory.PublicKey{Fingerprint: k.Fingerprint, Armored: k.Public, Signs: k.Purpose == people.PurposeSign, Encrypts: encrypts, Expires: k.Expires})
	}
	return out, nil
}

// signingKey is one private key outside of any transaction; it implements
// advisory.SigningKey.
type signingKey struct{ signer pgp.Signer }

func (k signingKey) Fingerprint() string { return k.signer.Key.Fingerprint }

func (k signingKey) Sign(data []byte) ([]byte, error) { return k.signer.Sign(bytes.NewReader(data)) }

func (k signingKey) Clearsign(text []byte) ([]byte, error) { return k.signer.Clearsign(text) }

func (k signingKey) Verify(data, signature []byte) error {
	now := time.Now()
	public, err := k.signer.Key.Public(now)
	if err != nil {
		return err
	}
	v, err := pgp.VerifyDetached(context.Background(), bytes.NewReader(data), signature, []pgp.Key{public}, now)
	if err != nil {
		return err
	}
	if !v.Valid {
		return fault.New(fault.Conflict, v.Problem)
	}
	return nil
}
