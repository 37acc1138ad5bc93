// Package openpgp gives platform/pgp the shapes that the domains ask for: keys and mails
// for people and desk (PGP), and the signatures of what is published for advisory
// (Signing), made here or by the operator's signer command.
//
// How OpenPGP works is in platform/pgp; which keys a project has, in people.
package openpgp

import (
	"context"
	"errors"
	"io"
	"slices"
	"time"

	"github.com/tocsin-sec/tocsin/internal/base/fault"
	"github.com/tocsin-sec/tocsin/internal/base/secret"
	"github.com/tocsin-sec/tocsin/internal/desk"
	"github.com/tocsin-sec/tocsin/internal/people"
	"github.com/tocsin-sec/tocsin/internal/platform/pgp"
	"github.com/tocsin-sec/tocsin/kit/mailmsg"
)

// keyLife is how long a generated project key lasts; people warns before.
const keyLife = 3 * 365 * 24 * time.Hour

// PGP implements people.PGP and desk.PGP.
type PGP struct{ Clock func() time.Time }

// ParseKeys implements people.PGP and desk.KeyReader.
func (o PGP) ParseKeys(raw []byte) ([]people.KeyInfo, error) {
	keys, err := pgp.ParseKeys(raw, o.Clock())
	if err != nil {
		return nil, err
	}
	var out []people.KeyInfo
	for _, k := range keys {
		switch {
		case k.Private || k.Locked:
			return nil, fault.New(fault.Invalid, "people.key.secret")
		case k.Refused != "":
			return nil, fault.New(fault.Invalid, k.Refused, "key", k.Fingerprint)
		}
		info, err := keyInfo(k)
		if err != nil {
			return nil, err
		}
		out = append(out, info)
	}
	return out, nil
}

func keyInfo(k pgp.Key) (people.KeyInfo, error) {
	armored, err := k.Armored()
	return people.KeyInfo{
		Fingerprint: k.Fingerprint, Handles: k.Handles, UserIDs: k.UserIDs, Created: k.Created, Expires: k.Expires,
		Revoked: k.Revoked, CanEncrypt: k.CanEncrypt, CanSign: k.CanSign, Public: []byte(armored),
	}, err
}

// Generate implements people.PGP.
func (o PGP) Generate(name, address string, now time.Time) (secret.String, people.KeyInfo, error) {
	k, err := pgp.Generate(name, address, now, keyLife)
	if err != nil {
		return secret.String{}, people.KeyInfo{}, err
	}
	private, err := k.PrivateBytes()
	if err != nil {
		return secret.String{}, people.KeyInfo{}, err
	}
	public, err := k.Public(now)
	if err != nil {
		return secret.String{}, people.KeyInfo{}, err
	}
	info, err := keyInfo(public)
	return secret.New(string(private)), info, err
}

// Public implements people.PGP.
func (o PGP) Public(key secret.String) (people.KeyInfo, error) {
	k, err := o.private(key, o.Clock())
	if err != nil {
		return people.KeyInfo{}, err
	}
	public, err := k.Public(o.Clock())
	if err != nil {
		return people.KeyInfo{}, err
	}
	return keyInfo(public)
}

// private reads one secret key.
func (o PGP) private(key secret.String, now time.Time) (pgp.Key, error) {
	keys, err := pgp.ParseKeys([]byte(key.Reveal()), now)
	if err != nil {
		return pgp.Key{}, err
	}
	if len(keys) != 1 || !keys[0].Private {
		return pgp.Key{}, fault.New(fault.Invalid, "pgp.not_private", "key", keys[0].Fingerprint)
	}
	return keys[0], nil
}

// Encrypter implements people.PGP.
func (o PGP) Encrypter(to [][]byte, signer secret.String, now time.Time) (mailmsg.Encrypter, error) {
	e := pgp.Encrypter{Now: now}
	for _, raw := range to {
		keys, err := pgp.ParseKeys(raw, now)
		if err != nil {
			return nil, err
		}
		e.To = append(e.To, keys...)
	}
	if !signer.Empty() {
		k, err := o.private(signer, now)
		if err != nil {
			return nil, err
		}
		e.Signer = &k
	}
	return e, nil
}

// Signer implements people.PGP.
func (o PGP) Signer(key secret.String, now time.Time) (mailmsg.Signer, error) {
	return o.signer(key, now)
}

func (o PGP) signer(key secret.String, now time.Time) (pgp.Signer, error) {
	k, err := o.private(key, now)
	return pgp.Signer{Key: k, Now: now}, err
}

// Decrypt implements desk.PGP.
func (o PGP) Decrypt(ctx context.Context, keys []people.PrivateKey, known []people.Key, now time.Time, r io.Reader, w io.Writer) (desk.Verdict, error) {
	d := pgp.Decrypter{Now: now}
	for _, k := range keys {
		private, err := o.private(k.Secret, now)
		if err != nil {
			return desk.Verdict{}, err
		}
		d.Keys = append(d.Keys, private)
	}
	var err error
	if d.Known, err = publicKeys(known, now); err != nil {
		return desk.Verdict{}, err
	}
	plain, err := d.Decrypt(ctx, r)
	if err != nil {
		return desk.Verdict{}, err
	}
	if _, err := io.Copy(w, plain); err != nil {
		return desk.Verdict{}, err
	}
	v, ok := plain.Verdict()
	if !ok {
		return desk.Verdict{}, errors.New("decrypt: no verdict at the end")
	}
	return verdict(v), nil
}

// VerifyDetached implements desk.PGP.
func (o PGP) VerifyDetached(ctx context.Context, signed io.Reader, signature []byte, known []people.Key, now time.Time) (desk.Verdict, error) {
	keys, err := publicKeys(known, now)
	if err != nil {
		return desk.Verdict{}, err
	}
	v, err := pgp.VerifyDetached(ctx, signed, signature, keys, now)
	return verdict(v), err
}

// VerifyClearsigned implements desk.PGP.
func (o PGP) VerifyClearsigned(ctx context.Context, text []byte, known []people.Key, now time.Time) ([]byte, desk.Verdict, error) {
	keys, err := publicKeys(known, now)
	if err != nil {
		return nil, desk.Verdict{}, err
	}
	signed, v, err := pgp.VerifyClearsigned(ctx, text, keys, now)
	return signed, verdict(v), err
}

func publicKeys(known []people.Key, now time.Time) ([]pgp.Key, error) {
	var out []pgp.Key
	for _, k := range known {
		keys, err := pgp.ParseKeys(k.Public, now)
		if err != nil {
			return nil, err
		}
		// A stored key is one certificate; its fingerprint was checked when it came in.
		out = append(out, slices.DeleteFunc(keys, func(x pgp.Key) bool { return x.Fingerprint != k.Fingerprint })...)
	}
	return out, nil
}

func verdict(v pgp.Verdict) desk.Verdict {
	out := desk.Verdict{Whole: v.WholeBody}
	for _, s := range v.Signatures {
		out.Signatures = append(out.Signatures, desk.VerdictSignature{KeyID: s.KeyID, By: s.By, At: s.At, Result: sigResult(s)})
	}
	return out
}

func sigResult(s pgp.Signature) desk.SigResult {
	switch {
	case s.Valid:
		return desk.SigGood
	case s.Unknown:
		return desk.SigUnknownKey
	case s.Revoked:
		return desk.SigRevoked
	case s.Expired:
		return desk.SigExpired
	default:
		return desk.SigBad
	}
}
