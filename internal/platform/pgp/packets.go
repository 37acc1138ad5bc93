package pgp

import (
	"bufio"
	"errors"
	"fmt"
	"io"

	"github.com/ProtonMail/go-crypto/openpgp/packet"
)

// The packet types that a message may have (RFC 9580 section 5).
const (
	tagSession    = 1
	tagSignature  = 2
	tagPassphrase = 3
	tagOnePass    = 4
	tagCompressed = 8
	tagPlainSym   = 9 // encrypted without integrity protection
	tagMarker     = 10
	tagLiteral    = 11
	tagSealed     = 18 // encrypted with integrity protection
	tagAEAD       = 20 // GnuPG's own form of it
	tagPadding    = 21
)

var (
	errPacket = errors.New("a packet that does not belong here")
	errLong   = errors.New("a packet is too long")
	errMany   = errors.New("too many packets")
)

// layer reads the packets of one layer of a message.
type layer struct {
	br      *bufio.Reader
	ignored int
}

func newLayer(r io.Reader) *layer { return &layer{br: bufio.NewReaderSize(r, 16<<10)} }

// peek returns the type of the next packet; io.EOF at the end of the layer.
func (l *layer) peek() (tag int, err error) {
	b, err := l.br.Peek(1)
	if err != nil {
		return 0, err
	}
	switch {
	case b[0]&0x80 == 0:
		return 0, errPacket
	case b[0]&0x40 != 0:
		return int(b[0] & 0x3f), nil
	}
	return int(b[0]&0x3f) >> 2, nil
}

// next reads the next packet, over markers and padding. Packets that are held
// whole must say how long they are and be small; all types that a message does
// not have are refused before they are read.
func (l *layer) next() (packet.Packet, error) {
	for {
		tag, err := l.peek()
		if err != nil {
			return nil, err
		}
		switch tag {
		case tagSession, tagSignature, tagPassphrase, tagOnePass, tagMarker, tagPadding:
			if err := l.small(); err != nil {
				return nil, err
			}
		case tagCompressed, tagLiteral, tagPlainSym, tagSealed, tagAEAD:
		default:
			return nil, errPacket
		}
		p, err := l.read()
		if tag != tagMarker && tag != tagPadding {
			return p, err
		}
		if err != nil {
			return nil, err
		}
		if l.ignored++; l.ignored > maxIgnored {
			return nil, errMany
		}
	}
}

// small checks the length in the header of the next packet without reading it.
func (l *layer) small() error {
	b, _ := l.br.Peek(6)
	n := int64(-1)
	if b[0]&0x40 == 0 { // old format
		switch kind := b[0] & 3; {
		case kind == 0 && len(b) >= 2:
			n = int64(b[1])
		case kind == 1 && len(b) >= 3:
			n = int64(b[1])<<8 | int64(b[2])
		case kind == 2 && len(b) >= 5:
			n = int64(b[1])<<24 | int64(b[2])<<16 | int64(b[3])<<8 | int64(b[4])
		}
	} else if len(b) >= 2 {
		switch {
		case b[1] < 192:
			n = int64(b[1])
		case b[1] < 224 && len(b) >= 3:
			n = int64(b[1]-192)<<8 + int64(b[2]) + 192
		case b[1] == 255 && len(b) >= 6:
			n = int64(b[2])<<24 | int64(b[3])<<16 | int64(b[4])<<8 | int64(b[5])
		}
	}
	if n < 0 || n > maxSmall {
		return errLong
	}
	return nil
}

func (l *layer) read() (p packet.Packet, err error) {
	defer func() {
		if r := recover(); r != nil { // the library has had panics on malformed packets
			p, err = nil, fmt.Errorf("panic: %v", r)
		}
	}()
	return packet.Read(l.br)
}

// end checks that nothing but padding follows in the layer.
func (l *layer) end() error {
	for {
		tag, err := l.peek()
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return err
		}
		if tag != tagMarker && tag != tagPadding {
			return errPacket
		}
		if err := l.small(); err != nil {
			return err
		}
		if _, err := l.read(); err != nil {
			return err
		}
		if l.ignored++; l.ignored > maxIgnored {
			return errMany
		}
	}
}
