package desktest

import (
	"context"
	"io"
	"time"

	"github.com/tocsin-sec/tocsin/internal/desk"
	"github.com/tocsin-sec/tocsin/internal/people"
	"github.com/tocsin-sec/tocsin/internal/platform/pgp"
)

// openpgp implements desk.PGP over platform/pgp, as the server does.
type openpgp struct{ Limits pgp.Limits }

// Decrypt implements desk.PGP.
func (p openpgp) Decrypt(ctx context.Context, keys []people.PrivateKey, known []people.Key, now time.Time, r io.Reader, w io.Writer) (desk.Verdict, error) {
	d := pgp.Decrypter{Known: public(known, now), Now: now, Limits: p.Limits}
	for _, k := range keys {
		// One unreadable key must not keep the others from opening the mail.
		if parsed, err := pgp.ParseKeys([]byte(k.Secret.Reveal()), now); err == nil {
			d.Keys = append(d.Keys, parsed...)
		}
	}
	plain, err := d.Decrypt(ctx, r)
	if err != nil {
		return desk.Verdict{}, err
	}
	if _, err := io.Copy(w, plain); err != nil {
		return desk.Verdict{}, err
	}
	v, _ := plain.Verdict()
	return verdict(v), nil
}

// VerifyDetached implements desk.PGP.
func (openpgp) VerifyDetached(ctx context.Context, signed io.Reader, signature []byte, known []people.Key, now time.Time) (desk.Verdict, error) {
	v, err := pgp.VerifyDetached(ctx, signed, signature, public(known, now), now)
	return verdict(v), err
}

// VerifyClearsigned implements desk.PGP.
func (openpgp) VerifyClearsigned(ctx context.Context, text []byte, known []people.Key, now time.Time) ([]byte, desk.Verdict, error) {
	signed, v, err := pgp.VerifyClearsigned(ctx, text, public(known, now), now)
	return signed, verdict(v), err
}

func public(known []people.Key, now time.Time) []pgp.Key {
	var out []pgp.Key
	for _, k := range known {
		if parsed, err := pgp.ParseKeys(k.Public, now); err == nil {
			out = append(out, parsed...)
		}
	}
	return out
}

func verdict(v pgp.Verdict) desk.Verdict {
	out := desk.Verdict{Whole: v.WholeBody}
	for _, s := range v.Signatures {
		out.Signatures = append(out.Signatures, desk.VerdictSignature{KeyID: s.KeyID, By: s.By, At: s.At, Result: result(s)})
	}
	return out
}

func result(s pgp.Signature) desk.SigResult {
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
