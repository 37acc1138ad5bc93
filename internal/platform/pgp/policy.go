package pgp

import (
	"crypto"
	"time"

	"github.com/ProtonMail/go-crypto/openpgp/packet"

	"github.com/tocsin-sec/tocsin/internal/base/fault"
)

// Bounds on foreign input. Real mails stay far below them: GnuPG writes one
// session key for each recipient key and one signature for each signer.
const (
	maxKeyBytes   = 1 << 20   // one file of keys
	maxKeys       = 100       // in one file
	maxSessions   = 64        // session key packets in front of a message
	maxSignatures = 8         // of one message
	maxSmall      = 64 << 10  // bytes of a packet that is held whole
	maxIgnored    = 32        // marker and padding packets in one layer
	maxLayers     = 4         // compression inside of compression
	maxPreface    = 1 << 20   // text in front of armor
	maxSigBytes   = 256 << 10 // a detached signature, armored
	maxClearText  = 8 << 20   // a clearsigned text
	freeBytes     = 8 << 20   // plain text that no ratio is asked of
	skew          = 5 * time.Minute
)

// weakHashes are broken or too short for signatures (RFC 9580 section 9.5).
func weakHashes() map[crypto.Hash]bool {
	return map[crypto.Hash]bool{crypto.MD5: true, crypto.SHA1: true, crypto.RIPEMD160: true}
}

// policy is the library's configuration for every use here: RSA below 2048 bits
// (2047, since a modulus may begin with a zero bit), DSA, ElGamal and secp256k1
// are refused, and weak hashes in messages and in a key's own signatures.
func policy(now time.Time) *packet.Config {
	return &packet.Config{
		Time:                        func() time.Time { return now },
		DefaultHash:                 crypto.SHA512,
		DefaultCipher:               packet.CipherAES256,
		Algorithm:                   packet.PubKeyAlgoEdDSA,
		Curve:                       packet.Curve25519,
		MinRSABits:                  2047,
		RejectPublicKeyAlgorithms:   map[packet.PublicKeyAlgorithm]bool{packet.PubKeyAlgoDSA: true, packet.PubKeyAlgoElGamal: true},
		RejectHashAlgorithms:        weakHashes(),
		RejectMessageHashAlgorithms: weakHashes(),
	}
}

// The faults of this package. damaged is one answer for all that is wrong
// inside of an encrypted message, so that it tells an attacker nothing.
func damaged(cause error) error { return fault.New(fault.Invalid, "pgp.damaged").Because(cause) }

func notMessage(cause error) error {
	return fault.New(fault.Invalid, "pgp.not_message").Because(cause)
}

func noKeys(cause error) error { return fault.New(fault.Invalid, "pgp.key_unreadable").Because(cause) }

// orDamaged lets faults pass and makes everything else damaged.
func orDamaged(err error) error {
	if err == nil || fault.Of(err) != fault.Internal {
		return err
	}
	return damaged(err)
}
