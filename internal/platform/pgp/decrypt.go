package pgp

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"time"

	"github.com/ProtonMail/go-crypto/openpgp/packet"

	"github.com/tocsin-sec/tocsin/internal/base/fault"
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
// (no integrity protection), pgp.passphrase_only, pgp.damaged; fault.TooLarge
// with pgp.too_large or pgp.bomb. An error of ctx comes as it is.
func (d Decrypter) Decrypt(ctx context.Context, r io.Reader) (plain *Plain, err error) {
	defer func() {
		if r := recover(); r != nil { // see layer.read; callers run this in goroutines of their own
			plain, err = nil, damaged(fmt.Errorf("panic: %v", r))
		}
	}()
	if d.Limits.Size <= 0 {
		d.Limits.Size = 64 << 20
	}
	if d.Limits.Ratio <= 0 {
		d.Limits.Ratio = 100
	}
	p := &Plain{d: d, in: &counter{ctx: ctx, r: r}}
	body, err := dearmor(bufio.NewReaderSize(p.in, 16<<10), armorMessage)
	if err != nil {
		return nil, p.fault(notMessage(err))
	}
	if err := p.open(newLayer(body)); err != nil {
		return nil, p.fault(err)
	}
	return p, nil
}

// counter counts the encrypted bytes and ends the work with its context.
type counter struct {
	ctx context.Context
	r   io.Reader
	n   int64
	err error // what r or ctx failed with
}

// Read implements io.Reader.
func (c *counter) Read(b []byte) (int, error) {
	if err := c.ctx.Err(); err != nil {
		c.err = err
		return 0, err
	}
	n, err := c.r.Read(b)
	c.n += int64(n)
	if err != nil && err != io.EOF {
		c.err = err
	}
	return n, err
}

// fault prefers the reader's own error over what it looked like to the packets.
func (p *Plain) fault(err error) error {
	if p.in.err != nil {
		return p.in.err
	}
	return orDamaged(err)
}

// open reads the session keys and opens the encrypted packet with the first that
// fits, or takes the message as one that is not encrypted.
func (p *Plain) open(outer *layer) error {
	var sessions []*packet.EncryptedKey
	passphrases := 0
	for {
		tag, err := outer.peek()
		if err != nil {
			return notMessage(err)
		}
		switch tag {
		case tagOnePass, tagSignature, tagCompressed, tagLiteral:
			if len(sessions)+passphrases > 0 {
				return notMessage(errPacket)
			}
			return p.enter(outer)
		case tagPlainSym:
			return fault.New(fault.Invalid, "pgp.unauthenticated")
		}
		if len(sessions)+passphrases >= maxSessions {
			return notMessage(errMany)
		}
		next, err := outer.next()
		switch next := next.(type) {
		case *packet.EncryptedKey:
			if err == nil { // an unknown algorithm is somebody else's key
				sessions = append(sessions, next)
			} else {
				passphrases++
			}
		case *packet.SymmetricKeyEncrypted:
			passphrases++
		case *packet.SymmetricallyEncrypted:
			return p.unlock(outer, sessions, next, err)
		case *packet.AEADEncrypted:
			return p.unlock(outer, sessions, next, err)
		default:
			return notMessage(orPacket(err))
		}
	}
}

func orPacket(err error) error {
	if err == nil {
		return errPacket
	}
	return err
}

// unlock tries the session keys on our keys and enters the decrypted layer.
func (p *Plain) unlock(outer *layer, sessions []*packet.EncryptedKey, sealed packet.EncryptedDataPacket, err error) error {
	if err != nil {
		return notMessage(err)
	}
	p.verdict.Encrypted = true
	if len(sessions) == 0 {
		return fault.New(fault.Invalid, "pgp.passphrase_only")
	}
	for _, k := range p.d.Keys {
		if !k.Private {
			continue
		}
		e, err := k.entity()
		if err != nil {
			return err
		}
		for _, s := range sessions {
			if s.KeyId != 0 && !k.hasID(s.KeyId) {
				continue
			}
			// No date: old mail to an expired key is still to be read.
			for _, candidate := range e.DecryptionKeys(s.KeyId, time.Time{}, policy(p.d.Now)) {
				if candidate.PrivateKey == nil || candidate.PrivateKey.Encrypted || !sessionKey(s, candidate.PrivateKey, p.d.Now) {
					continue
				}
				plain, err := sealed.Decrypt(s.CipherFunc, s.Key)
				if err != nil {
					return damaged(err)
				}
				p.closer, p.recipient = plain, e.PrimaryKey.Fingerprint
				p.verdict.DecryptedWith = k.Fingerprint
				p.layers = append(p.layers, outer)
				return p.enter(newLayer(plain))
			}
		}
	}
	return fault.New(fault.Invalid, "pgp.no_key")
}

// sessionKey decrypts the session key; false when the key does not fit.
func sessionKey(s *packet.EncryptedKey, private *packet.PrivateKey, now time.Time) (ok bool) {
	defer func() {
		if recover() != nil { // see layer.read
			ok = false
		}
	}()
	return s.Decrypt(private, policy(now)) == nil && len(s.Key) > 0
}

// enter reads a layer up to its literal data: signatures in front of it, or
// compression around all of it.
func (p *Plain) enter(l *layer) error {
	p.layers = append(p.layers, l)
	for {
		next, err := l.next()
		switch next := next.(type) {
		case *packet.OnePassSignature:
			if err == nil || isUnsupported(err) {
				p.sigs, err = append(p.sigs, fromOnePass(next, err, p.d.Known)), nil
			}
		case *packet.Signature:
			if err == nil || isUnsupported(err) {
				p.sigs, err = append(p.sigs, fromSignature(next, err, p.d.Known)), nil
			}
		case *packet.Compressed:
			if err != nil || len(p.sigs) > 0 || p.depth >= maxLayers {
				return damaged(orPacket(err))
			}
			p.depth++
			return p.enter(newLayer(&expander{r: next.Body, p: p}))
		case *packet.LiteralData:
			p.body = &expander{r: next.Body, p: p}
			return err
		default:
			return damaged(orPacket(err))
		}
		if err != nil || len(p.sigs) > maxSignatures {
			return damaged(orPacket(err))
		}
	}
}

// expander bounds what comes out of a layer, against what went in.
type expander struct {
	r io.Reader
	p *Plain
	n int64
}

// Read implements io.Reader.
func (e *expander) Read(b []byte) (int, error) {
	if err := e.p.in.ctx.Err(); err != nil {
		e.p.in.err = err
		return 0, err
	}
	n, err := e.r.Read(b)
	e.n += int64(n)
	// A layer around the literal data has packet headers and signatures besides.
	if e.n > e.p.d.Limits.Size+1<<20 || e.p.body == e && e.n > e.p.d.Limits.Size {
		return 0, fault.New(fault.TooLarge, "pgp.too_large")
	}
	if e.n > freeBytes && e.n/e.p.d.Limits.Ratio > e.p.in.n {
		return 0, fault.New(fault.TooLarge, "pgp.bomb")
	}
	return n, err
}
