package pgp

import (
	"errors"
	"io"
	"time"
)

// Signer signs with one private key. It implements mailmsg.Signer.
type Signer struct {
	Key Key
	Now time.Time
	// Text makes signatures over text with canonical line ends (type 0x01)
	// instead of over bytes.
	Text bool
}

// Micalg names the hash that SignTo uses for PGP/MIME (RFC 3156): always pgp-sha512.
func (s Signer) Micalg() string { return "pgp-sha512" }

// SignTo returns a writer for the signed bytes; the armored detached signature
// goes to w when it is closed. It fails with fault.Invalid (pgp.cannot_sign) for a key
// that cannot sign now.
func (s Signer) SignTo(w io.Writer) (io.WriteCloser, error) { return nil, errors.New("pgp: not yet") }

// Sign returns the armored detached signature over r.
func (s Signer) Sign(r io.Reader) ([]byte, error) { return nil, errors.New("pgp: not yet") }

// Clearsign returns text as a clearsigned message with LF line ends.
func (s Signer) Clearsign(text []byte) ([]byte, error) { return nil, errors.New("pgp: not yet") }

// Encrypter encrypts to all keys of To, hiding none, and signs inside of the
// encryption when Signer is set. It implements mailmsg.Encrypter.
type Encrypter struct {
	To     []Key
	Signer *Key // private; nil: unsigned
	Now    time.Time
}

// EncryptTo returns a writer for the plain text; the armored message goes to w
// and is complete when it is closed. It fails with fault.Invalid
// (pgp.cannot_encrypt FINGERPRINT) when a key cannot be encrypted to now.
func (e Encrypter) EncryptTo(w io.Writer) (io.WriteCloser, error) {
	return nil, errors.New("pgp: not yet")
}

// Encrypt encrypts all of r.
func (e Encrypter) Encrypt(r io.Reader) ([]byte, error) { return nil, errors.New("pgp: not yet") }
