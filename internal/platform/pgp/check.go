package pgp

import (
	"bytes"
	"crypto"
	"errors"
	"fmt"
	"hash"
	"time"

	pgperrors "github.com/ProtonMail/go-crypto/openpgp/errors"
	"github.com/ProtonMail/go-crypto/openpgp/packet"
	openpgp "github.com/ProtonMail/go-crypto/openpgp/v2"
)

type weakAlgorithm = pgperrors.WeakAlgorithmError

// candidate is one signature being checked: hashed while the data goes by,
// verified at the end.
type candidate struct {
	keyID   uint64
	hash    crypto.Hash
	kind    packet.SignatureType
	signers []Key // known keys with that id
	direct  hash.Hash
	data    hash.Hash         // direct, or canonical text into direct
	sig     *packet.Signature // nil until the one-pass signature's end has come
	onePass *packet.OnePassSignature
	problem string
}

func keyID(id uint64) string { return fmt.Sprintf("%016X", id) }

// begin makes a candidate ready to hash. A signature by nobody known is not
// hashed at all.
func (c *candidate) begin(known []Key, salt []byte) {
	for _, k := range known {
		if k.hasID(c.keyID) {
			c.signers = append(c.signers, k)
		}
	}
	switch {
	case weakHashes()[c.hash] || !c.hash.Available():
		c.problem = "pgp.problem.weak_hash"
	case c.kind != packet.SigTypeBinary && c.kind != packet.SigTypeText:
		c.problem = "pgp.problem.kind"
	case len(c.signers) > 0:
		c.direct = c.hash.New()
		c.direct.Write(salt)
		c.data = c.direct
		if c.kind == packet.SigTypeText {
			c.data = openpgp.NewCanonicalTextHash(c.direct)
		}
	}
}

// isUnsupported reports a packet of a version or algorithm that the library does
// not know: such a signature counts for nothing, but its message can be read.
func isUnsupported(err error) bool {
	return errors.As(err, new(pgperrors.UnsupportedError))
}

func fromOnePass(o *packet.OnePassSignature, err error, known []Key) *candidate {
	if err != nil {
		return &candidate{keyID: o.KeyId, onePass: o, problem: "pgp.problem.kind"}
	}
	c := &candidate{keyID: o.KeyId, hash: o.Hash, kind: o.SigType, onePass: o}
	c.begin(known, o.Salt)
	return c
}

func fromSignature(s *packet.Signature, err error, known []Key) *candidate {
	if err != nil {
		return &candidate{problem: "pgp.problem.kind"}
	}
	c := &candidate{hash: s.Hash, kind: s.SigType, sig: s}
	if s.IssuerKeyId != nil {
		c.keyID = *s.IssuerKeyId
	}
	c.begin(known, s.Salt())
	return c
}

func (c *candidate) write(b []byte) {
	if c.data != nil {
		c.data.Write(b)
	}
}

// digest returns the hash of the data. Verifying writes into it, and there may be
// a second key to try.
func (c *candidate) digest() hash.Hash {
	if cl, ok := c.direct.(hash.Cloner); ok {
		if h, err := cl.Clone(); err == nil {
			return h
		}
	}
	return c.direct
}

// matches checks the signature at the end against the one-pass packet in front.
func (c *candidate) matches() bool {
	if c.sig == nil || c.sig.IssuerKeyId == nil {
		return false
	}
	o, s := c.onePass, c.sig
	if o == nil {
		return true
	}
	return s.SigType == o.SigType && s.Hash == o.Hash && s.PubKeyAlgo == o.PubKeyAlgo && *s.IssuerKeyId == o.KeyId &&
		(s.Version == 6) == (o.Version == 6) && bytes.Equal(s.Salt(), o.Salt)
}

// judge verifies the candidate. recipient is the fingerprint of the key that
// decrypted the message, nil for a message that was not encrypted.
func (c *candidate) judge(now time.Time, recipient []byte) Signature {
	out := Signature{KeyID: keyID(c.keyID), Problem: c.problem}
	if c.sig != nil {
		out.At = c.sig.CreationTime.UTC()
	}
	if len(c.signers) == 0 {
		out.Unknown = true
	}
	switch {
	case out.Problem != "":
	case !c.matches():
		out.Problem = "pgp.problem.structure"
	case out.Unknown:
		out.Problem = "pgp.problem.unknown_key"
	default:
		// Two keys may share a subkey or an id: the last judgement stands
		// unless one is valid.
		for _, k := range c.signers {
			if c.by(k, now, recipient, &out); out.Valid {
				break
			}
		}
	}
	return out
}

// by verifies the signature as one made by k.
func (c *candidate) by(k Key, now time.Time, recipient []byte, out *Signature) {
	defer func() {
		if r := recover(); r != nil { // see layer.read
			out.Valid, out.Problem = false, "pgp.problem.bad"
		}
	}()
	out.By, out.Expired, out.Revoked, out.Problem = k.Fingerprint, false, false, "pgp.problem.bad"
	e, err := k.entity()
	if err != nil {
		return
	}
	cfg := policy(now)
	if refused(e, cfg) != "" {
		out.Problem = "pgp.problem.weak_key"
		return
	}
	pub := publicKey(e, c.keyID)
	if pub == nil || !bytes.HasSuffix(pub.Fingerprint, c.sig.IssuerFingerprint) && len(c.sig.IssuerFingerprint) > 0 {
		return
	}
	// The mathematics first: what does not verify says nothing of its key.
	if err := pub.VerifySignature(c.digest(), c.sig); err != nil {
		if isWeak(c.sig.Hash, err) {
			out.Problem = "pgp.problem.weak_hash"
		}
		return
	}
	c.validity(e, now, out)
	if out.Problem == "" && !c.intended(recipient) {
		out.Problem = "pgp.problem.other_recipient"
	}
	out.Valid = out.Problem == ""
}

// validity checks signature and key at the time of the signature and now: a
// date in a signature is the signer's claim, and whoever stole an expired key can
// claim any.
func (c *candidate) validity(e *openpgp.Entity, now time.Time, out *Signature) {
	cfg := policy(now)
	at := c.sig.CreationTime
	out.Problem = ""
	switch {
	case at.After(now.Add(skew)):
		out.Problem = "pgp.problem.future"
	case c.sig.SigLifetimeSecs != nil && *c.sig.SigLifetimeSecs != 0 && now.After(at.Add(time.Duration(*c.sig.SigLifetimeSecs)*time.Second)):
		out.Expired, out.Problem = true, "pgp.problem.signature_expired"
	}
	for _, n := range c.sig.Notations {
		if n.IsCritical && out.Problem == "" {
			out.Problem = "pgp.problem.kind"
		}
	}
	if out.Problem != "" {
		return
	}
	for _, when := range []time.Time{at, later(now, at)} {
		if when.Before(e.PrimaryKey.CreationTime) {
			out.Problem = "pgp.problem.older_than_key"
			return
		}
		if _, ok := e.SigningKeyById(when, c.keyID, cfg); ok {
			continue
		}
		switch err := reason(e, c.keyID, when, cfg); {
		case errors.Is(err, pgperrors.ErrKeyRevoked):
			out.Revoked, out.Problem = true, "pgp.problem.key_revoked"
		case errors.Is(err, pgperrors.ErrKeyExpired):
			out.Expired, out.Problem = true, "pgp.problem.key_expired"
		default:
			out.Problem = "pgp.problem.not_a_signing_key"
		}
		return
	}
}

// later returns the later time: a signature within the allowed skew of the
// clock is checked at its own time.
func later(a, b time.Time) time.Time {
	if b.After(a) {
		return b
	}
	return a
}

// reason says why the key with that id cannot sign.
func reason(e *openpgp.Entity, id uint64, when time.Time, cfg *packet.Config) error {
	if _, err := e.VerifyPrimaryKey(when, cfg); err != nil {
		return err
	}
	for i := range e.Subkeys {
		if e.Subkeys[i].PublicKey.KeyId == id {
			_, err := e.Subkeys[i].Verify(when, cfg)
			return err
		}
	}
	return nil
}

// intended checks the Intended Recipient subpackets (RFC 9580 section 5.2.3.36):
// a signed text that was encrypted to somebody else was not written to us.
func (c *candidate) intended(recipient []byte) bool {
	if recipient == nil || len(c.sig.IntendedRecipients) == 0 {
		return true
	}
	for _, r := range c.sig.IntendedRecipients {
		if bytes.Equal(r.Fingerprint, recipient) {
			return true
		}
	}
	return false
}

func publicKey(e *openpgp.Entity, id uint64) *packet.PublicKey {
	if e.PrimaryKey.KeyId == id {
		return e.PrimaryKey
	}
	for _, s := range e.Subkeys {
		if s.PublicKey.KeyId == id {
			return s.PublicKey
		}
	}
	return nil
}

// verdict sums the signatures up: the first valid one speaks, else the first by
// a known key, else the first.
func verdict(sigs []Signature) Verdict {
	v := Verdict{Signed: len(sigs) > 0, Signatures: sigs, WholeBody: len(sigs) > 0}
	best := -1
	for i, s := range sigs {
		switch {
		case best < 0, s.Valid && !sigs[best].Valid, !s.Unknown && sigs[best].Unknown && !sigs[best].Valid:
			best = i
		}
	}
	if best < 0 {
		return v
	}
	s := sigs[best]
	v.Valid, v.By, v.At, v.Problem = s.Valid, s.By, s.At, s.Problem
	v.Expired, v.Revoked, v.Unknown = s.Expired, s.Revoked, s.Unknown
	return v
}
