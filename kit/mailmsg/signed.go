package mailmsg

import (
	"bufio"
	"io"
)

// SignedBytes returns the bytes of the range rg of raw with CRLF line ends, as
// the verifier of a PGP/MIME signature needs them (RFC 3156 section 5). raw is
// the same input again from its start; an io.Seeker is not read up to the range.
func SignedBytes(raw io.Reader, rg Range) io.Reader {
	return &signedBytes{src: raw, rg: rg}
}

type signedBytes struct {
	src  io.Reader
	rg   Range
	br   *bufio.Reader
	last byte
	lf   bool // an LF is owed after the CR that was put in
	err  error
}

func (s *signedBytes) open() error {
	if seeker, ok := s.src.(io.Seeker); ok {
		if _, err := seeker.Seek(s.rg.Start, io.SeekStart); err != nil {
			return err
		}
	} else if _, err := io.CopyN(io.Discard, s.src, s.rg.Start); err != nil {
		return err
	}
	s.br = bufio.NewReaderSize(io.LimitReader(s.src, s.rg.End-s.rg.Start), 32<<10)
	return nil
}

// Read implements io.Reader.
func (s *signedBytes) Read(b []byte) (int, error) {
	if s.br == nil && s.err == nil {
		s.err = s.open()
	}
	n := 0
	for n < len(b) && s.err == nil {
		if s.lf {
			b[n], s.lf, s.last = '\n', false, '\n'
			n++
			continue
		}
		c, err := s.br.ReadByte()
		if err != nil {
			s.err = err
			break
		}
		if c == '\n' && s.last != '\r' {
			s.lf, c = true, '\r'
		}
		b[n], s.last = c, c
		n++
	}
	if n > 0 || len(b) == 0 {
		return n, nil
	}
	return 0, s.err
}
