package pgp

import (
	"context"
	"errors"
	"io"
	"time"
)

// Limits bounds what Decrypt spends. A zero field means the default.
type Limits struct {
	Size  int64 // bytes of plain text; default 64 MiB
	Ratio int64 // plain bytes per encrypted byte above the first 8 MiB; default 100
}

// Decrypter decrypts and verifies messages.
type Decrypter struct {
	Keys   []Key // private keys
	Known  []Key // public keys whose signatures count
	Now    time.Time
	Limits Limits
}

// Decrypt reads an OpenPGP message, armored or binary, encrypted or only
// signed, and returns its plain text as a stream. Faults: fault.Invalid with the
// keys pgp.no_key (no private key fits), pgp.not_message, pgp.unauthenticated
// (no integrity protection), pgp.damaged; fault.TooLarge with pgp.too_large or pgp.bomb.
func (d Decrypter) Decrypt(ctx context.Context, r io.Reader) (*Plain, error) {
	return nil, errors.New("pgp: not yet")
}

// Plain is the plain text of a message. Nothing of it is verified before Read
// has returned io.EOF: an error instead of it means that all that was read must be thrown away.
type Plain struct{}

// Read implements io.Reader.
func (p *Plain) Read(b []byte) (int, error) { return 0, errors.New("pgp: not yet") }

// Verdict returns the verdict; ok is false before Read has returned io.EOF.
func (p *Plain) Verdict() (v Verdict, ok bool) { return Verdict{}, false }
