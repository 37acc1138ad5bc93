package pgp

import "time"

// Verdict is what is known about a message after all of it was read.
type Verdict struct {
	Encrypted bool
	// DecryptedWith is the fingerprint of the private key (its primary key).
	DecryptedWith string

	Signed bool // there is at least one signature, good or bad
	// Valid says that the best signature is good: correct over the whole of the
	// data, by a known key that was and is neither expired nor revoked.
	Valid bool
	// By is the fingerprint of the primary key of the best signature, "" when no
	// known key made one.
	By      string
	At      time.Time // when the best signature says it was made
	Expired bool      // the best signature or its key has expired
	Revoked bool      // the key of the best signature is revoked
	Unknown bool      // no signature is by a known key
	// WholeBody says that the signature covers all that was read: true for
	// messages and detached signatures, false for a clearsigned text with
	// something outside of it. It says nothing about what the caller did not pass in.
	WholeBody bool
	// Problem is a catalogue key ("pgp.problem.…") for why a signed message is
	// not Valid; "" otherwise.
	Problem string
	// Signatures are all of them.
	Signatures []Signature
}

// Signature is one signature of a message.
type Signature struct {
	KeyID   string // of the key that signed, 16 hex digits
	By      string // fingerprint of the primary key, "" when the key is unknown
	At      time.Time
	Valid   bool
	Expired bool
	Revoked bool
	Unknown bool
	Problem string // catalogue key, "" when valid
}
