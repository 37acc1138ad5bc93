package pgp

import (
	"bytes"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/ProtonMail/go-crypto/openpgp/armor"
	openpgp "github.com/ProtonMail/go-crypto/openpgp/v2"

	"github.com/tocsin-sec/tocsin/internal/base/fault"
)

// Key is one OpenPGP key (certificate), public or with its private part. Its
// fields describe it at the time given to ParseKeys. It prints as its fingerprint.
type Key struct {
	Fingerprint string   // of the primary key, upper-case hex
	Handles     []string // fingerprints and key ids of primary key and subkeys, upper-case hex
	UserIDs     []string // valid ones, the primary one first
	Emails      []string // addresses of UserIDs in lower case
	Created     time.Time
	Expires     time.Time // zero: never
	Expired     bool
	Revoked     bool
	CanEncrypt  bool   // now
	CanSign     bool   // now
	Private     bool   // has usable private parts
	Locked      bool   // has private parts behind a passphrase: see Unlock
	Algorithm   string // "Ed25519", "RSA-4096", ...
	// Refused is a catalogue key ("pgp.refused.…") that says why the key must not
	// be used: too short, DSA, SHA-1 or MD5 in its own signatures. "" when fine.
	Refused string

	ids  []uint64        // of the primary key and all subkeys
	raw  []byte          // its packets, with private ones when it has them
	read *openpgp.Entity // the packets as Ready has read them, nil before
}

// Ready returns the key with its packets read and its own signatures verified once, and
// not for each signature that it makes or checks. Unlike other keys it is for one goroutine
// at a time.
func (k Key) Ready() (Key, error) {
	e, err := k.fresh()
	k.read = e
	return k, err
}

// Generate makes an Ed25519/X25519 version 4 key, which GnuPG 2.2 understands,
// with the user id "name <email>". It expires after life, never when that is
// zero. It fails with fault.Invalid (pgp.user_id) for a name or address that
// cannot stand in a user id.
func Generate(name, email string, now time.Time, life time.Duration) (Key, error) {
	cfg := policy(now)
	if life > 0 {
		cfg.KeyLifetimeSecs = uint32(min(life/time.Second, 1<<32-1))
	}
	if strings.ContainsAny(name+email, "()<>\x00\r\n") || !strings.Contains(email, "@") {
		return Key{}, fault.New(fault.Invalid, "pgp.user_id", "name", name, "email", email)
	}
	e, err := openpgp.NewEntity(name, "", email, cfg)
	if err != nil {
		return Key{}, fmt.Errorf("make an OpenPGP key: %w", err)
	}
	return describe(e, now)
}

// Armored returns the public key as armored text.
func (k Key) Armored() (string, error) {
	public, err := k.PublicBytes()
	if err != nil {
		return "", err
	}
	var out bytes.Buffer
	w, err := armor.Encode(&out, armorPublic, nil)
	if err != nil {
		return "", err
	}
	if _, err := w.Write(public); err != nil {
		return "", err
	}
	if err := w.Close(); err != nil {
		return "", err
	}
	out.WriteByte('\n')
	return out.String(), nil
}

// PublicBytes returns the public key in binary.
func (k Key) PublicBytes() ([]byte, error) {
	e, err := k.entity()
	if err != nil {
		return nil, err
	}
	var out bytes.Buffer
	if err := e.Serialize(&out); err != nil {
		return nil, fmt.Errorf("write the public key %s: %w", k, err)
	}
	return out.Bytes(), nil
}

// PrivateBytes returns the key with its private parts, unencrypted: to be sealed
// at once. ParseKeys reads it again. It fails with fault.Invalid
// (pgp.not_private) for a public or locked key.
func (k Key) PrivateBytes() ([]byte, error) {
	if !k.Private {
		return nil, fault.New(fault.Invalid, "pgp.not_private", "key", k.Fingerprint)
	}
	return slices.Clone(k.raw), nil
}

// Unlock returns the key with its private parts opened by the passphrase. It
// fails with fault.Invalid (pgp.passphrase) when that is wrong.
func (k Key) Unlock(passphrase []byte, now time.Time) (Key, error) {
	e, err := k.fresh()
	if err != nil {
		return Key{}, err
	}
	if err := e.DecryptPrivateKeys(passphrase); err != nil {
		return Key{}, fault.New(fault.Invalid, "pgp.passphrase", "key", k.Fingerprint)
	}
	return describe(e, now)
}

// Public returns the key without its private parts.
func (k Key) Public(now time.Time) (Key, error) {
	b, err := k.PublicBytes()
	if err != nil {
		return Key{}, err
	}
	keys, err := ParseKeys(b, now)
	if err != nil {
		return Key{}, err
	}
	return keys[0], nil
}

// String returns the fingerprint.
func (k Key) String() string { return k.Fingerprint }

// GoString returns the fingerprint, so that no formatting shows private parts.
func (k Key) GoString() string { return "pgp.Key(" + k.Fingerprint + ")" }

// Format implements fmt.Formatter for the same reason.
func (k Key) Format(s fmt.State, _ rune) { fmt.Fprint(s, k.Fingerprint) }

// hasID reports whether the key or one of its subkeys has the id.
func (k Key) hasID(id uint64) bool { return slices.Contains(k.ids, id) }
