package openpgp

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/tocsin-sec/tocsin/internal/advisory"
	"github.com/tocsin-sec/tocsin/internal/base/fault"
	"github.com/tocsin-sec/tocsin/internal/base/unit"
	"github.com/tocsin-sec/tocsin/internal/people"
	"github.com/tocsin-sec/tocsin/internal/platform/pgp"
)

// Signing gives advisory the keys with which a project signs; it implements
// advisory.Keys.
type Signing struct {
	Ring people.Keyring
	PGP  PGP
	// Command signs for keys whose secret part is elsewhere (--signer-command), "" when
	// the site has none.
	Command string
	// Since says when the last run that signed everything anew began: keys that were
	// retired before sign nothing any more. nil knows of none.
	Since func(ctx context.Context, v unit.View, sc people.Scope, project people.ProjectID) (time.Time, error)
}

// Signing implements advisory.Keys.
func (s Signing) Signing(ctx context.Context, v unit.View, project people.ProjectID) (advisory.SigningKey, error) {
	all, err := s.Ring.All(ctx, v, people.PurposeSign, project)
	if err != nil {
		return nil, err
	}
	out := signingKeys{}
	var ended people.PrivateKey
	for _, k := range all {
		public, err := publicKeys([]people.Key{{KeyInfo: k.KeyInfo}}, v.Now())
		if err != nil {
			return nil, err
		}
		for i := range public {
			// Many files are signed and checked at once: the key is read for the first.
			if public[i], err = public[i].Ready(); err != nil {
				return nil, err
			}
		}
		out.known = append(out.known, public...)
		switch {
		case k.Signs(v.Now()):
			one, err := s.one(k, public, v.Now())
			if err != nil {
				return nil, err
			}
			out.keys = append(out.keys, one)
		case k.Retired.IsZero():
			ended = k
		}
	}
	switch {
	case len(out.keys) > 0:
		return out, nil
	case ended.ID != "":
		return nil, fault.New(fault.Invalid, "advisory.fault.key_expired", "key", ended.Fingerprint)
	}
	return nil, fault.Missing()
}

// one is the signer of a key, here or elsewhere.
func (s Signing) one(k people.PrivateKey, public []pgp.Key, now time.Time) (oneKey, error) {
	if k.External {
		if len(public) != 1 {
			return oneKey{}, fault.New(fault.Invalid, "pgp.cannot_sign", "key", k.Fingerprint)
		}
		return oneKey{fingerprint: k.Fingerprint, outside: &outsideKey{line: s.Command, key: public[0]}}, nil
	}
	signer, err := s.PGP.signer(k.Secret, now)
	if err == nil {
		signer.Key, err = signer.Key.Ready()
	}
	return oneKey{fingerprint: k.Fingerprint, signer: signer}, err
}

// Public implements advisory.Keys. A revoked key stays in the tree with its revocation,
// and signs nothing that counts.
func (s Signing) Public(ctx context.Context, v unit.View, project people.ProjectID) ([]advisory.PublicKey, error) {
	all, err := s.Ring.Public(ctx, v, project)
	if err != nil {
		return nil, err
	}
	var since time.Time
	if s.Since != nil {
		if since, err = s.Since(ctx, v, people.Anyone(), project); err != nil {
			return nil, err
		}
	}
	var out []advisory.PublicKey
	for _, purpose := range []string{people.PurposeSign, people.PurposeDecrypt} {
		for _, k := range all {
			if k.Purpose != purpose || slices.ContainsFunc(out, func(p advisory.PublicKey) bool { return p.Fingerprint == k.Fingerprint }) {
				continue
			}
			encrypts := slices.ContainsFunc(all, func(o people.PrivateKey) bool {
				return o.Purpose == people.PurposeDecrypt && o.Fingerprint == k.Fingerprint && o.Retired.IsZero()
			})
			signs := purpose == people.PurposeSign && !k.Revoked && (k.Retired.IsZero() || !k.Retired.Before(since))
			out = append(out, advisory.PublicKey{Fingerprint: k.Fingerprint, Armored: k.Public, Signs: signs,
				InUse: signs && k.Retired.IsZero(), Encrypts: encrypts, Expires: k.Expires})
		}
	}
	return out, nil
}

// signingKeys are the keys of a project outside of any transaction, for one goroutine; it
// implements advisory.SigningKey.
type signingKeys struct {
	keys  []oneKey  // in use, the newest first
	known []pgp.Key // public parts, those from before too
}

// oneKey signs with one key: here, or by the signer command.
type oneKey struct {
	fingerprint string
	signer      pgp.Signer
	outside     *outsideKey
}

func (k oneKey) sign(ctx context.Context, data []byte) ([]byte, error) {
	if k.outside != nil {
		return k.outside.sign(ctx, data)
	}
	return k.signer.Sign(bytes.NewReader(data))
}

// Fingerprints implements advisory.SigningKey.
func (s signingKeys) Fingerprints() []string {
	out := make([]string, len(s.keys))
	for i, k := range s.keys {
		out[i] = k.fingerprint
	}
	return out
}

// Sign implements advisory.SigningKey.
func (s signingKeys) Sign(ctx context.Context, data []byte) ([]byte, error) {
	parts := make([][]byte, len(s.keys))
	for i, k := range s.keys {
		var err error
		if parts[i], err = k.sign(ctx, data); err != nil {
			return nil, err
		}
	}
	if len(parts) == 1 {
		return parts[0], nil
	}
	return pgp.JoinSignatures(parts...)
}

// Clearsign implements advisory.SigningKey: by the newest key.
func (s signingKeys) Clearsign(ctx context.Context, text []byte) ([]byte, error) {
	if k := s.keys[0]; k.outside != nil {
		return pgp.ClearsignWith(text, func(data []byte) ([]byte, error) { return k.sign(ctx, data) })
	}
	return s.keys[0].signer.Clearsign(text)
}

// Verify implements advisory.SigningKey.
func (s signingKeys) Verify(data, signature []byte) error {
	v, err := pgp.VerifyDetached(context.Background(), bytes.NewReader(data), signature, s.known, time.Now())
	if err != nil {
		return err
	}
	if !v.Valid {
		return fault.New(fault.Conflict, v.Problem)
	}
	for _, one := range v.Signatures {
		// By a key that has been revoked or has ended since is no proof, but no forgery either.
		if !one.Valid && !one.Unknown && !one.Revoked && !one.Expired {
			return fault.New(fault.Conflict, one.Problem)
		}
	}
	return nil
}

// errOtherKey is the answer of a signer that used another key than the one it was asked for.
var errOtherKey = errors.New("the signature is not by the key that was asked for")

func signerFault(fingerprint string, cause error) error {
	return fault.New(fault.Unavailable, "advisory.fault.signer", "key", fingerprint).Because(fmt.Errorf("signer command: %w", cause))
}
