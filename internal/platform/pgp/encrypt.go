package pgp

import (
	"bytes"
	"fmt"
	"io"
	"time"

	"github.com/ProtonMail/go-crypto/openpgp/armor"
	openpgp "github.com/ProtonMail/go-crypto/openpgp/v2"

	"github.com/tocsin-sec/tocsin/internal/base/fault"
)

// Encrypter encrypts to all keys of To, hiding none, and signs inside of the
// encryption when Signer is set. It implements mailmsg.Encrypter.
type Encrypter struct {
	To     []Key
	Signer *Key // private; nil: unsigned
	Now    time.Time
}

// EncryptTo returns a writer for the plain text; the armored message goes to w
// and is complete when it is closed. It fails with fault.Invalid: pgp.cannot_encrypt
// with the fingerprint of the first key that cannot be encrypted to now,
// pgp.no_recipient without keys, pgp.cannot_sign for the signer.
func (e Encrypter) EncryptTo(w io.Writer) (io.WriteCloser, error) {
	if len(e.To) == 0 {
		return nil, fault.New(fault.Invalid, "pgp.no_recipient")
	}
	cfg := policy(e.Now)
	var to, signers []*openpgp.Entity
	for _, k := range e.To {
		entity, err := k.entity()
		if err != nil {
			return nil, err
		}
		_, err = entity.EncryptionKeyWithError(e.Now, cfg)
		if err != nil || refused(entity, cfg) != "" {
			return nil, fault.New(fault.Invalid, "pgp.cannot_encrypt", "key", k.Fingerprint)
		}
		to = append(to, entity)
	}
	if e.Signer != nil {
		if _, err := (Signer{Key: *e.Signer, Now: e.Now}).private(); err != nil {
			return nil, err
		}
		entity, err := e.Signer.entity()
		if err != nil {
			return nil, err
		}
		signers = append(signers, entity)
	}
	armored, err := armor.Encode(w, armorMessage, nil)
	if err != nil {
		return nil, err
	}
	plain, err := openpgp.EncryptWithParams(armored, to, nil, &openpgp.EncryptParams{Signers: signers, Config: cfg})
	if err != nil {
		return nil, fmt.Errorf("encrypt to %d keys: %w", len(to), err)
	}
	return &message{WriteCloser: plain, armored: armored, w: w}, nil
}

// message closes the encryption, then its armor.
type message struct {
	io.WriteCloser
	armored io.Closer
	w       io.Writer
}

// Close completes the message.
func (m *message) Close() error {
	if err := m.WriteCloser.Close(); err != nil {
		return err
	}
	if err := m.armored.Close(); err != nil {
		return err
	}
	_, err := io.WriteString(m.w, "\n")
	return err
}

// Encrypt encrypts all of r. Errors are those of EncryptTo and of r.
func (e Encrypter) Encrypt(r io.Reader) ([]byte, error) { return through(e.EncryptTo, r) }

// through writes all of r to what to opens and returns what comes out.
func through(to func(io.Writer) (io.WriteCloser, error), r io.Reader) ([]byte, error) {
	var out bytes.Buffer
	w, err := to(&out)
	if err != nil {
		return nil, err
	}
	if _, err := io.Copy(w, r); err != nil {
		return nil, err
	}
	if err := w.Close(); err != nil {
		return nil, err
	}
	return out.Bytes(), nil
}
