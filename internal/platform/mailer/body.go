package mailer

import (
	"bufio"
	"bytes"
	"errors"
	"io"
)

// reply is an SMTP answer: code, enhanced code (RFC 3463) and a fixed text.
type reply struct {
	code     int
	enhanced string
	text     string
	hangup   bool // close the connection after it
}

// Error implements error, so that a body can fail with the answer it will get.
func (r *reply) Error() string { return r.text }

func refuse(code int, enhanced, text string) *reply {
	return &reply{code: code, enhanced: enhanced, text: text}
}

// The ways in which a mail's bytes are wrong. After those that put the peer's
// idea of lines in doubt we hang up, so that nothing it sent behind the mail runs
// as a command.
func errBareLF() *reply {
	return &reply{550, "5.5.2", "Mail refused: bare LF, a line ends with CR LF (RFC 5321 2.3.8)", true}
}
func errBareCR() *reply {
	return &reply{550, "5.5.2", "Mail refused: bare CR, a line ends with CR LF (RFC 5321 2.3.8)", true}
}
func errNUL() *reply { return &reply{550, "5.6.0", "Mail refused: it contains NUL", true} }
func errLongLine() *reply {
	return &reply{550, "5.6.0", "Mail refused: a line is too long (RFC 5321 4.5.3.1.6)", true}
}
func errTooLarge() *reply {
	return refuse(552, "5.3.4", "Mail refused: it is larger than the SIZE we announced")
}

var errAborted = errors.New("smtp: the sender broke off")

// checker holds the rules for the bytes of a mail, however they were framed.
type checker struct {
	limits Limits
	size   int64
	line   int
	cr     bool // the last byte was CR
}

// check looks at the next bytes and returns what is wrong with them.
func (c *checker) check(p []byte) *reply {
	if c.size += int64(len(p)); c.size > c.limits.MaxBytes {
		return errTooLarge()
	}
	for _, b := range p {
		switch {
		case b == '\n':
			if !c.cr {
				return errBareLF()
			}
			c.cr, c.line = false, 0
			continue
		case c.cr:
			return errBareCR()
		case b == 0:
			return errNUL()
		}
		if c.cr = b == '\r'; c.cr {
			continue
		}
		if c.line++; c.line > c.limits.MaxLine {
			return errLongLine()
		}
	}
	return nil
}

// frame yields the raw pieces of one mail: io.EOF after the last, any other
// error when the connection fails. After refused it may end as soon as the
// protocol has a place to answer.
type frame interface {
	next() ([]byte, error)
	refused()
	waiting() bool // some of the next piece is here already
}

// body is what Accept reads: checked bytes only. After the first problem it
// yields that and nothing more, whatever follows on the wire.
type body struct {
	frame   frame
	check   checker
	rest    []byte // checked, not yet read
	problem error  // *reply or the connection's error
	ended   bool   // the frame is at its end
	atEnd   func() // called once when the frame ends in good order
}

// Read implements io.Reader. It fills p with what has come and waits only when it
// has nothing to return.
func (b *body) Read(p []byte) (int, error) {
	n := 0
	for n < len(p) {
		if len(b.rest) > 0 {
			c := copy(p[n:], b.rest)
			b.rest, n = b.rest[c:], n+c
			continue
		}
		switch {
		case n > 0 && (b.problem != nil || b.ended || !b.frame.waiting()):
			return n, nil
		case b.problem != nil:
			return 0, b.problem
		case b.ended:
			return 0, io.EOF
		}
		b.pull()
	}
	return n, nil
}

// pull takes the next piece from the frame.
func (b *body) pull() {
	piece, err := b.frame.next()
	switch {
	case err == io.EOF:
		b.ended = true
		if b.check.cr && b.problem == nil {
			b.problem = errBareCR()
		}
		if b.problem == nil && b.atEnd != nil {
			b.atEnd()
		}
	case err != nil:
		b.ended, b.problem = true, err
	case b.problem != nil: // draining; only the end matters
	default:
		if wrong := b.check.check(piece); wrong != nil {
			b.problem = wrong
			return
		}
		b.rest = piece
	}
}

// drain reads on to the end of a mail that is refused, so that the sender gets to
// hear why. It gives up after another whole mail's worth of bytes.
func (b *body) drain() {
	b.rest = nil
	b.frame.refused()
	for left := b.check.limits.MaxBytes; !b.ended; {
		piece, err := b.frame.next()
		left -= int64(len(piece))
		switch {
		case err == io.EOF:
			b.ended = true
		case err != nil:
			b.ended, b.problem = true, err
		case left < 0:
			b.ended = true
			b.problem = &reply{552, "5.3.4", "Mail refused: it is larger than the SIZE we announced", true}
		}
	}
}

// dotFrame is the framing of DATA: CR LF "." CR LF ends it and nothing else
// does, and a dot at the begin of a line is taken off (RFC 5321 4.5.2).
type dotFrame struct {
	r       *bufio.Reader
	midLine bool // the last piece did not end with CR LF
	last    byte
}

func (*dotFrame) refused() {} // only the dot ends DATA

func (f *dotFrame) waiting() bool { return f.r.Buffered() > 0 }

func (f *dotFrame) next() ([]byte, error) {
	p, err := f.r.ReadSlice('\n')
	if errors.Is(err, io.EOF) {
		return nil, errAborted
	}
	if err != nil && err != bufio.ErrBufferFull {
		return nil, err
	}
	begins := !f.midLine
	crlf := bytes.HasSuffix(p, []byte("\r\n")) || f.last == '\r' && len(p) == 1 && p[0] == '\n'
	f.midLine, f.last = !crlf, p[len(p)-1]
	if begins && p[0] == '.' {
		if len(p) == 3 && crlf {
			return nil, io.EOF
		}
		p = p[1:]
	}
	return p, nil
}
