package pgp

import (
	"fmt"
	"io"

	"github.com/ProtonMail/go-crypto/openpgp/packet"
)

// Plain is the plain text of a message. Nothing of it is verified before Read
// has returned io.EOF: an error instead of it means that all that was read must
// be thrown away.
type Plain struct {
	d         Decrypter
	in        *counter
	layers    []*layer // outermost first
	closer    io.Closer
	recipient []byte
	depth     int
	sigs      []*candidate
	body      *expander
	err       error
	verdict   Verdict
}

// Read implements io.Reader. Its errors are those of Decrypter.Decrypt; io.EOF
// comes only when integrity protection and structure of the message are sound.
func (p *Plain) Read(b []byte) (n int, err error) {
	if p.err != nil {
		return 0, p.err
	}
	defer func() {
		if r := recover(); r != nil { // see layer.read
			err = damaged(fmt.Errorf("panic: %v", r))
			n, p.err = 0, err
		}
	}()
	n, err = p.body.Read(b)
	for _, c := range p.sigs {
		c.write(b[:n])
	}
	if err == io.EOF {
		if err = p.finish(); err == nil {
			err = io.EOF
		}
	}
	if err != nil && err != io.EOF {
		err = p.fault(err)
	}
	p.err = err
	return n, err
}

// finish reads what follows the literal data in each layer, checks the
// integrity of the encryption and then the signatures.
func (p *Plain) finish() error {
	inner := p.layers[len(p.layers)-1]
	var trailing []*packet.Signature
	for {
		next, err := inner.next()
		if err == io.EOF {
			break
		}
		sig, ok := next.(*packet.Signature)
		if err != nil && !isUnsupported(err) || !ok || len(trailing) == maxSignatures {
			return damaged(orPacket(err))
		}
		if err != nil {
			sig = nil // it stands for its one-pass packet and verifies nothing
		}
		trailing = append(trailing, sig)
	}
	last := len(p.layers) - 1
	for i := last - 1; i >= 0; i-- {
		if i == 0 && p.closer != nil {
			if err := p.closer.Close(); err != nil {
				return damaged(err)
			}
		}
		if err := p.layers[i].end(); err != nil {
			return damaged(err)
		}
	}
	if !p.pair(trailing) {
		return damaged(errPacket)
	}
	var sigs []Signature
	for _, c := range p.sigs {
		sigs = append(sigs, c.judge(p.d.Now, p.recipient))
	}
	v := verdict(sigs)
	v.Encrypted, v.DecryptedWith = p.verdict.Encrypted, p.verdict.DecryptedWith
	p.verdict = v
	return nil
}

// pair gives each one-pass signature its signature packet: they stand around
// the data like brackets (RFC 9580 section 5.4).
func (p *Plain) pair(trailing []*packet.Signature) bool {
	for i := len(p.sigs) - 1; i >= 0; i-- {
		if p.sigs[i].onePass == nil {
			continue
		}
		if len(trailing) == 0 {
			return false
		}
		p.sigs[i].sig, trailing = trailing[0], trailing[1:]
	}
	return len(trailing) == 0
}

// Verdict returns the verdict; ok is false before Read has returned io.EOF.
func (p *Plain) Verdict() (v Verdict, ok bool) {
	if p.err != io.EOF {
		return Verdict{}, false
	}
	return p.verdict, true
}
