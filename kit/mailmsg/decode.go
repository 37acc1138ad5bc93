package mailmsg

import (
	"io"
)

// decoder undoes a Content-Transfer-Encoding. Damage is noted and read over, as
// mail programs do.
type decoder interface {
	io.Reader
	damaged() bool
}

// plain is the identity: 7bit, 8bit and binary.
type plain struct{ io.Reader }

func (plain) damaged() bool { return false }

// base64Reader decodes base64 (RFC 2045 section 6.8). Characters outside of the
// alphabet are skipped; what follows padding is decoded as a further run.
type base64Reader struct {
	src  io.Reader
	in   [4096]byte
	pos  int
	n    int
	acc  uint32
	bits int
	bad  bool
	err  error
}

var base64Value = func() (t [256]byte) {
	for i := range t {
		t[i] = 0xff
	}
	for i, c := range []byte("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/") {
		t[c] = byte(i)
	}
	for _, c := range []byte(" \t\r\n") {
		t[c] = 0xfe
	}
	return t
}()

func (d *base64Reader) damaged() bool { return d.bad }

// Read implements io.Reader.
func (d *base64Reader) Read(p []byte) (int, error) {
	n := 0
	for n < len(p) {
		if d.pos == d.n {
			if d.err != nil {
				break
			}
			d.n, d.err = d.src.Read(d.in[:])
			d.pos = 0
			continue
		}
		c := d.in[d.pos]
		d.pos++
		v := base64Value[c]
		switch {
		case v < 64:
			d.acc = d.acc<<6 | uint32(v)
			if d.bits += 6; d.bits >= 8 {
				d.bits -= 8
				p[n] = byte(d.acc >> d.bits)
				n++
			}
		case v == 0xfe:
		case c == '=':
			d.bits, d.acc = 0, 0
		default:
			d.bad = true
		}
	}
	if n > 0 || len(p) == 0 {
		return n, nil
	}
	d.bad = d.bad || d.bits == 6 // one lonely character
	return 0, d.err
}

// quotedReader decodes quoted-printable (RFC 2045 section 6.7). A malformed
// escape stands as it is; white space at the end of a line goes.
type quotedReader struct {
	src   io.Reader
	in    [4096]byte
	out   []byte
	buf   []byte
	space []byte
	state byte // 0 text, '=' after it, 'h' after one hex digit, 'r' after =CR, 's' white space after =
	hi    byte
	bad   bool
	err   error
}

func (d *quotedReader) damaged() bool { return d.bad }

// Read implements io.Reader.
func (d *quotedReader) Read(p []byte) (int, error) {
	for len(d.out) == 0 {
		if d.err != nil {
			return 0, d.err
		}
		var n int
		n, d.err = d.src.Read(d.in[:])
		d.buf = d.buf[:0]
		for _, c := range d.in[:n] {
			d.step(c)
		}
		if d.err != nil {
			d.finish()
		}
		d.out = d.buf
	}
	n := copy(p, d.out)
	d.out = d.out[n:]
	return n, nil
}

func (d *quotedReader) finish() {
	switch d.state {
	case 'h':
		d.bad = true
		d.buf = append(d.buf, '=', d.hi)
	case '=':
		d.state = 0 // a soft break at the very end
	}
}

func (d *quotedReader) step(c byte) {
	switch d.state {
	case '=':
		switch {
		case c == '\n':
			d.state = 0
		case c == '\r':
			d.state = 'r'
		case c == ' ' || c == '\t':
			d.state = 's'
		case unhex(c) < 16:
			d.state, d.hi = 'h', c
		default:
			d.bad, d.state = true, 0
			d.buf = append(d.buf, '=')
			d.text(c)
		}
	case 'h':
		d.state = 0
		if unhex(c) < 16 {
			d.buf = append(d.buf, unhex(d.hi)<<4|unhex(c))
			return
		}
		d.bad = true
		d.buf = append(d.buf, '=', d.hi)
		d.text(c)
	case 'r':
		d.state = 0
		if c != '\n' {
			d.text(c)
		}
	case 's':
		if c == '\n' {
			d.state = 0
		} else if c != ' ' && c != '\t' && c != '\r' {
			d.bad, d.state = true, 0
			d.buf = append(d.buf, '=')
			d.text(c)
		}
	default:
		d.text(c)
	}
}

func (d *quotedReader) text(c byte) {
	switch c {
	case '=':
		d.flush()
		d.state = '='
	case ' ', '\t':
		if len(d.space) >= 1000 {
			d.flush()
		}
		d.space = append(d.space, c)
	case '\r', '\n':
		d.space = d.space[:0]
		d.buf = append(d.buf, c)
	default:
		d.flush()
		d.buf = append(d.buf, c)
	}
}

func (d *quotedReader) flush() {
	d.buf = append(d.buf, d.space...)
	d.space = d.space[:0]
}

func unhex(c byte) byte {
	switch {
	case c >= '0' && c <= '9':
		return c - '0'
	case c >= 'A' && c <= 'F':
		return c - 'A' + 10
	case c >= 'a' && c <= 'f':
		return c - 'a' + 10
	}
	return 255
}
