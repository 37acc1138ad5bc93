package peopledb_test

import (
	"bytes"
	"io"
	"time"

	"github.com/tocsin-sec/tocsin/internal/base/fault"
	"github.com/tocsin-sec/tocsin/internal/base/secret"
	"github.com/tocsin-sec/tocsin/internal/people"
	"github.com/tocsin-sec/tocsin/kit/mailmsg"
)

// fakePGP reads keys of the form "KEY fingerprint expires" and turns mail around
// instead of encrypting it: what is tested here is who gets what, not the cipher.
type fakePGP struct{}

func (fakePGP) ParseKeys(raw []byte) ([]people.KeyInfo, error) {
	parts := bytes.Fields(raw)
	if len(parts) != 3 || string(parts[0]) != "KEY" {
		return nil, fault.New(fault.Invalid, "pgp.unreadable")
	}
	k := people.KeyInfo{Fingerprint: string(parts[1]), Handles: []string{string(parts[1]), "SUB" + string(parts[1])}, CanEncrypt: true, CanSign: true, Public: raw}
	if string(parts[2]) == "revoked" {
		k.Revoked = true
		return []people.KeyInfo{k}, nil
	}
	if string(parts[2]) != "never" {
		at, err := time.Parse(time.DateOnly, string(parts[2]))
		if err != nil {
			return nil, err
		}
		k.Expires = at
	}
	return []people.KeyInfo{k}, nil
}

func (fakePGP) Generate(_, address string, now time.Time) (secret.String, people.KeyInfo, error) {
	return secret.New("SECRET " + address), people.KeyInfo{Fingerprint: "F" + address, Created: now, CanEncrypt: true, CanSign: true, Public: []byte("KEY")}, nil
}

func (fakePGP) Public(secret.String) (people.KeyInfo, error) {
	return people.KeyInfo{Fingerprint: "UP", CanEncrypt: true, CanSign: true}, nil
}

func (fakePGP) Encrypter([][]byte, secret.String, time.Time) (mailmsg.Encrypter, error) {
	return backwards{}, nil
}

func (fakePGP) Signer(secret.String, time.Time) (mailmsg.Signer, error) { return stamp{}, nil }

type backwards struct{}

func (backwards) EncryptTo(w io.Writer) (io.WriteCloser, error) { return &turned{w: w}, nil }

type turned struct {
	w io.Writer
	b bytes.Buffer
}

func (t *turned) Write(b []byte) (int, error) { return t.b.Write(b) }

func (t *turned) Close() error {
	if _, err := io.WriteString(t.w, "-----BEGIN PGP MESSAGE-----\n"); err != nil {
		return err
	}
	for i := len(t.b.Bytes()) - 1; i >= 0; i-- {
		if c := t.b.Bytes()[i]; c > ' ' {
			if _, err := t.w.Write([]byte{c}); err != nil {
				return err
			}
		}
	}
	_, err := io.WriteString(t.w, "\n-----END PGP MESSAGE-----\n")
	return err
}

type stamp struct{}

func (stamp) Micalg() string { return "pgp-sha512" }

func (stamp) SignTo(w io.Writer) (io.WriteCloser, error) { return signed{w}, nil }

type signed struct{ w io.Writer }

func (signed) Write(b []byte) (int, error) { return len(b), nil }

func (s signed) Close() error {
	_, err := io.WriteString(s.w, "-----BEGIN PGP SIGNATURE-----\nfake\n-----END PGP SIGNATURE-----\n")
	return err
}
