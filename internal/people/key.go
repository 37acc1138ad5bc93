package people

import (
	"context"
	"time"

	"github.com/tocsin-sec/tocsin/internal/base/secret"
	"github.com/tocsin-sec/tocsin/internal/base/unit"
	"github.com/tocsin-sec/tocsin/kit/mailmsg"
)

// KeyInfo is what a parsed OpenPGP certificate says of itself.
type KeyInfo struct {
	Fingerprint string   // hex, upper case, of the primary key
	Handles     []string // fingerprints and key ids of the primary and all subkeys, hex upper case
	UserIDs     []string
	Created     time.Time
	Expires     time.Time // zero for never; the earliest instant at which it cannot be encrypted to
	Revoked     bool
	CanEncrypt  bool
	CanSign     bool
	Public      []byte // armored certificate without any secret part
}

// Usable reports whether mail may be encrypted to the key at t.
func (k KeyInfo) Usable(t time.Time) bool {
	return !k.Revoked && k.CanEncrypt && (k.Expires.IsZero() || t.Before(k.Expires))
}

// PGP is what people needs of OpenPGP (RFC 9580); server adapts platform/pgp.
type PGP interface {
	// ParseKeys reads certificates, armored or binary, within limits. It fails
	// with Invalid for anything else, and for a file that holds a secret key.
	ParseKeys(raw []byte) ([]KeyInfo, error)
	// Generate makes a key pair and returns its secret part, not locked.
	Generate(name, address string, now time.Time) (secret.String, KeyInfo, error)
	// Public describes a secret key; one that is locked is refused with Invalid.
	Public(key secret.String) (KeyInfo, error)
	// Encrypter encrypts to public keys and signs inside unless signer is empty.
	Encrypter(to [][]byte, signer secret.String, now time.Time) (mailmsg.Encrypter, error)
	// Signer makes detached signatures.
	Signer(key secret.String, now time.Time) (mailmsg.Signer, error)
}

// Key is a person's or a bare address's public key.
type Key struct {
	ID      string
	Person  PersonID // "" for the key of an address without account
	Address string
	// Project registered the key of an address without account: it counts there alone.
	// "" for a person's, which counts everywhere.
	Project ProjectID
	KeyInfo
	Added  time.Time
	Warned time.Time // when the last expiry warning went out
}

// KeyStore keeps public keys. A person sees his own; those who may know the
// person may see that there is one and fetch it; jobs find any by exact handle
// or address.
type KeyStore interface {
	AddKey(ctx context.Context, tx unit.Tx, sc Scope, k Key) error
	// RemoveKey removes a key of the scope's person, or one that the project registered.
	RemoveKey(ctx context.Context, tx unit.Tx, sc Scope, project ProjectID, id string) error
	// KeysOf returns the keys of a person or of an address, newest first: those of
	// accounts, and those that the project registered for the address.
	KeysOf(ctx context.Context, v unit.View, sc Scope, project ProjectID, person PersonID, address string) ([]Key, error)
	// KeysByHandle returns the keys that have one of the fingerprints or key ids: those of
	// accounts, and those that one of the projects registered.
	KeysByHandle(ctx context.Context, v unit.View, sc Scope, projects []ProjectID, handles []string) ([]Key, error)
	// ExpiringKeys returns keys of people that end before the given time, the first to end first.
	ExpiringKeys(ctx context.Context, v unit.View, sc Scope, before time.Time, limit int) ([]Key, error)
	MarkWarned(ctx context.Context, tx unit.Tx, sc Scope, id string) error
	// ExpiringProjectKeys is the same for the keys that projects have in use, and
	// MarkProjectKeyWarned notes the warning.
	ExpiringProjectKeys(ctx context.Context, v unit.View, sc Scope, before time.Time, limit int) ([]EndingKey, error)
	MarkProjectKeyWarned(ctx context.Context, tx unit.Tx, sc Scope, id string) error
}

// EndingKey is a key in use of a project that ends soon, and who leads the project: chairs and deputies.
type EndingKey struct {
	PrivateKey // without its secret
	Warned     time.Time
	Leaders    []PersonID // chairs, then deputies
}

// The purposes of a project's private keys.
const (
	PurposeDecrypt = "pgp.decrypt" // opens what is sent to the role address
	PurposeSign    = "pgp.sign"    // signs letters and advisories
)

// PrivateKey is one key of a project with its secret part.
type PrivateKey struct {
	ID      string
	Project ProjectID
	Purpose string
	KeyInfo
	Secret secret.String
	// External says that the secret part is elsewhere, such as on a smart card: the
	// site's signer command asks it.
	External bool
	Added    time.Time
	Retired  time.Time // zero while it is in use; retired ones still decrypt
}

// MaxSigning is how many keys a project may sign with at once: two while one follows
// another, and two custodians.
const MaxSigning = 4

// Signs reports whether the key may sign what is published at t: in use, neither
// expired nor revoked.
func (k PrivateKey) Signs(t time.Time) bool {
	return k.Purpose == PurposeSign && k.Retired.IsZero() && !k.Revoked && (k.Expires.IsZero() || t.Before(k.Expires))
}

// Keyring holds the private keys of projects, over seal.Ring. What it returns must not
// leave the job that asked.
type Keyring interface {
	// Current returns the newest key in use whose secret part is here, NotFound when
	// there is none.
	Current(ctx context.Context, v unit.View, purpose string, project ProjectID) (PrivateKey, error)
	// All returns the keys of a purpose, retired ones too, newest first.
	All(ctx context.Context, v unit.View, purpose string, project ProjectID) ([]PrivateKey, error)
	// Add puts a key in. Those in use before are retired in the same transaction,
	// unless the new one is to serve beside them; an earlier row of the same
	// certificate is retired always.
	Add(ctx context.Context, tx unit.Tx, k PrivateKey, beside bool) error
	// Recertify puts a newer certificate in the place of a key's one.
	Recertify(ctx context.Context, tx unit.Tx, project ProjectID, id string, info KeyInfo) error
	// Retire ends the use of a key; it stays for opening old mail.
	Retire(ctx context.Context, tx unit.Tx, project ProjectID, id string) error
	// Public lists a project's keys without their secret parts.
	Public(ctx context.Context, v unit.View, project ProjectID) ([]PrivateKey, error)
}
