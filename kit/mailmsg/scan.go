package mailmsg

import (
	"bufio"
	"bytes"
	"io"
)

// chunkSize is the longest piece of a line held at once. A boundary line is far
// shorter (RFC 2046 section 5.1.1: 70 characters), so that only whole lines are
// compared.
const chunkSize = 32 << 10

// scanner walks over the input once, line by line. bounds are the boundaries of
// the open multiparts, outermost first, with their two leading hyphens.
type scanner struct {
	br     *bufio.Reader
	off    int64 // bytes consumed
	limit  int64
	bounds []string

	hit     int  // index in bounds of the last boundary met, -1 for none
	closing bool // that boundary was a closing one
	eof     bool
	err     error

	bol     bool // the next chunk begins a line
	lineLen int
	long    bool // a line was over 998 bytes
}

func newScanner(r io.Reader, limit int64) *scanner {
	return &scanner{br: bufio.NewReaderSize(r, chunkSize), limit: limit, hit: -1, bol: true}
}

// next returns the next line with its line end, or a piece of it when it is longer than a
// chunk. It is valid until the next call; nil means the end (eof or err is set).
func (s *scanner) next() (chunk []byte, first bool) {
	if s.eof || s.err != nil {
		return nil, false
	}
	chunk, err := s.br.ReadSlice('\n')
	s.off += int64(len(chunk))
	if s.off > s.limit {
		s.err = &LimitError{What: "size", Limit: s.limit}
		return nil, false
	}
	if err == io.EOF {
		s.eof = len(chunk) == 0
	} else if err != nil && err != bufio.ErrBufferFull {
		s.err = err
		return nil, false
	}
	if len(chunk) == 0 {
		return nil, false
	}
	first = s.bol
	s.bol = chunk[len(chunk)-1] == '\n'
	if first {
		s.lineLen = 0
	}
	s.lineLen += len(chunk)
	s.long = s.long || s.lineLen > 1000 // 998 and CRLF
	return chunk, first
}

// boundary reports whether the line is the delimiter of an open multipart and
// notes which. The innermost is asked first.
func (s *scanner) boundary(line []byte) bool {
	if len(line) < 2 || line[0] != '-' || line[1] != '-' || len(s.bounds) == 0 {
		return false
	}
	line = bytes.TrimRight(line, " \t\r\n")
	for i := len(s.bounds) - 1; i >= 0; i-- {
		b := s.bounds[i]
		if len(line) < len(b) || string(line[:len(b)]) != b {
			continue
		}
		rest := line[len(b):]
		if len(rest) == 0 || string(rest) == "--" {
			s.hit, s.closing = i, len(rest) != 0
			return true
		}
	}
	return false
}

// content is the raw body of a part: it ends before the line break in front of
// the next boundary, which belongs to the boundary (RFC 2046 section 5.1.1).
type content struct {
	s          *scanner
	start, end int64
	hold       [2]byte // a line break that may belong to a boundary
	held       int
	pre        []byte
	preBuf     [2]byte
	out        []byte
	done       bool
}

func (s *scanner) content() *content {
	s.hit = -1
	return &content{s: s, start: s.off, end: s.off}
}

// Read implements io.Reader. It fills b as far as the part goes.
func (c *content) Read(b []byte) (int, error) {
	n := 0
	for n < len(b) {
		if len(c.pre) > 0 {
			m := copy(b[n:], c.pre)
			c.pre = c.pre[m:]
			n += m
			continue
		}
		if len(c.out) > 0 {
			m := copy(b[n:], c.out)
			c.out = c.out[m:]
			n += m
			continue
		}
		if c.done {
			break
		}
		c.fill()
	}
	if n > 0 || len(b) == 0 {
		return n, nil
	}
	if c.s.err != nil {
		return 0, c.s.err
	}
	return 0, io.EOF
}

func (c *content) fill() {
	at := c.s.off
	chunk, first := c.s.next()
	if chunk == nil {
		c.release()
		c.done, c.end = true, at
		return
	}
	if first && c.s.boundary(chunk) {
		c.done, c.end = true, at-int64(c.held)
		return
	}
	if c.held == 1 && c.hold[0] == '\r' && !first && chunk[0] == '\n' && len(chunk) == 1 {
		c.hold[1], c.held = '\n', 2 // a CRLF cut in two by the buffer
		return
	}
	c.release()
	keep := 0
	if n := len(chunk); chunk[n-1] == '\n' {
		keep = 1
		if n > 1 && chunk[n-2] == '\r' {
			keep = 2
		}
	} else if chunk[n-1] == '\r' {
		keep = 1
	}
	c.out = chunk[:len(chunk)-keep]
	c.held = copy(c.hold[:], chunk[len(chunk)-keep:])
}

// release gives the held line break to the content: no boundary followed.
func (c *content) release() {
	c.pre = c.preBuf[:copy(c.preBuf[:], c.hold[:c.held])]
	c.held = 0
}

// skip reads the rest of the content.
func (c *content) skip() {
	for !c.done {
		c.pre, c.out = nil, nil
		c.fill()
	}
	c.pre, c.out = nil, nil
}
