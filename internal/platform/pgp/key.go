package pgp

import (
	"errors"
	"time"
)

// Key is one OpenPGP key (certificate), public or with its private part. Its
// fields describe it at the time given to ParseKeys. It prints as its fingerprint.
type Key struct {
	Fingerprint string   // of the primary key, upper-case hex
	UserIDs     []string // valid ones, the primary one first
	Emails      []string // addresses of UserIDs in lower case
	Created     time.Time
	Expires     time.Time // zero: never
	Expired     bool
	Revoked     bool
	CanEncrypt  bool   // now
	CanSign     bool   // now
	Private     bool   // has usable private parts
	Algorithm   string // "Ed25519", "RSA-4096", ...
	// Refused is a catalogue key ("pgp.refused.…") that says why the key must not
	// be used: too short, DSA, SHA-1 or MD5 in its own signatures. "" when fine.
	Refused string
}

// ParseKeys reads one or more keys, armored or binary, up to 1 MiB. Refused,
// expired and revoked keys are returned too and say so. It fails with
// fault.Invalid when there is no readable key, with fault.TooLarge above the limits.
func ParseKeys(data []byte, now time.Time) ([]Key, error) { return nil, errors.New("pgp: not yet") }

// Generate makes an Ed25519/X25519 version 4 key, which GnuPG 2.2 understands,
// with the user id "name <email>". It expires after life, never when that is zero.
func Generate(name, email string, now time.Time, life time.Duration) (Key, error) {
	return Key{}, errors.New("pgp: not yet")
}

// Armored returns the public key as armored text.
func (k Key) Armored() (string, error) { return "", errors.New("pgp: not yet") }

// PublicBytes returns the public key in binary.
func (k Key) PublicBytes() ([]byte, error) { return nil, errors.New("pgp: not yet") }

// PrivateBytes returns the key with its private parts, unencrypted: to be sealed
// at once. ParseKeys reads it again.
func (k Key) PrivateBytes() ([]byte, error) { return nil, errors.New("pgp: not yet") }

// String returns the fingerprint.
func (k Key) String() string { return k.Fingerprint }
