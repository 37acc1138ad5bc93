package pgp

import (
	"bytes"
	"crypto"
	"fmt"
	"hash"
	"io"
	"time"

	"github.com/ProtonMail/go-crypto/openpgp/armor"
	"github.com/ProtonMail/go-crypto/openpgp/packet"
	openpgp "github.com/ProtonMail/go-crypto/openpgp/v2"

	"github.com/tocsin-sec/tocsin/internal/base/fault"
)

// Signer signs with one private key, always with SHA-512. It implements
// mailmsg.Signer.
type Signer struct {
	Key Key
	Now time.Time
	// Text makes signatures over text with canonical line ends (type 0x01)
	// instead of over bytes.
	Text bool
}

// Micalg names the hash that SignTo uses for PGP/MIME (RFC 3156): always pgp-sha512.
func (s Signer) Micalg() string { return "pgp-sha512" }

// private returns the key that signs now.
func (s Signer) private() (*packet.PrivateKey, error) {
	cannot := fault.New(fault.Invalid, "pgp.cannot_sign", "key", s.Key.Fingerprint)
	if !s.Key.Private {
		return nil, cannot
	}
	e, err := s.Key.entity()
	if err != nil {
		return nil, err
	}
	key, ok := e.SigningKey(s.Now, policy(s.Now))
	if !ok || key.PrivateKey == nil || key.PrivateKey.Encrypted || key.PrivateKey.Dummy() {
		return nil, cannot
	}
	return key.PrivateKey, nil
}

// SignTo returns a writer for the signed bytes; the armored detached signature
// goes to w when it is closed. It fails with fault.Invalid (pgp.cannot_sign) for a
// key that cannot sign now.
func (s Signer) SignTo(w io.Writer) (io.WriteCloser, error) {
	private, err := s.private()
	if err != nil {
		return nil, err
	}
	d := &detached{w: w, key: private, cfg: policy(s.Now)}
	d.sig = &packet.Signature{
		Version: private.Version, SigType: packet.SigTypeBinary, PubKeyAlgo: private.PubKeyAlgo, Hash: crypto.SHA512,
		CreationTime: d.cfg.Now(), IssuerKeyId: &private.KeyId, IssuerFingerprint: private.Fingerprint,
	}
	if d.direct, err = d.sig.PrepareSign(d.cfg); err != nil {
		return nil, fmt.Errorf("sign with %s: %w", s.Key, err)
	}
	d.Writer = d.direct
	if s.Text {
		d.sig.SigType = packet.SigTypeText
		d.Writer = openpgp.NewCanonicalTextHash(d.direct)
	}
	return d, nil
}

// detached hashes what is written and signs when it is closed.
type detached struct {
	io.Writer
	w      io.Writer
	key    *packet.PrivateKey
	cfg    *packet.Config
	sig    *packet.Signature
	direct hash.Hash
}

// Close writes the signature.
func (d *detached) Close() error {
	if err := d.sig.Sign(d.direct, d.key, d.cfg); err != nil {
		return fmt.Errorf("sign: %w", err)
	}
	out, err := armor.Encode(d.w, armorSignature, nil)
	if err != nil {
		return err
	}
	if err := d.sig.Serialize(out); err != nil {
		return err
	}
	if err := out.Close(); err != nil {
		return err
	}
	_, err = io.WriteString(d.w, "\n")
	return err
}

// Sign returns the armored detached signature over r. Errors are those of
// SignTo and of r.
func (s Signer) Sign(r io.Reader) ([]byte, error) { return through(s.SignTo, r) }

// Clearsign returns text as a clearsigned message (RFC 9580 section 7) with LF
// line ends; white space at the ends of lines goes. Errors are those of SignTo.
// The library's encoder is not used: it leaves the armor's checksum out, without
// which GnuPG 2.2 does not always find the end.
func (s Signer) Clearsign(text []byte) ([]byte, error) {
	s.Text = true
	return ClearsignWith(text, func(data []byte) ([]byte, error) { return s.Sign(bytes.NewReader(data)) })
}
