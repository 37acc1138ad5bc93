package patch

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
)

// Summary is what a diff comes to, without its text.
type Summary struct {
	Print   Print
	Files   []string    // names after the change; the old name of a file that is deleted
	Renames [][2]string // from, to
	Cut     bool        // the diff was too long: Print is zero, Files a beginning
}

// Stream reads what `git diff-tree --stdin --root --always -p` writes: each commit's name and
// its diff. A line that names no commit stands at the end of its input; git gives it back,
// which tells that the last diff is whole.
type Stream struct {
	s *scanner
	p *printer
}

// NewStream reads from r.
func NewStream(r io.Reader) *Stream { return &Stream{newScanner(r), newPrinter()} }

// Next reads the diff of the commit id, which may have none. It fails for a diff that
// contradicts itself, and with io.ErrUnexpectedEOF when the stream ends with it: it may go
// on then.
func (d *Stream) Next(id string) (Summary, error) {
	d.p.reset()
	if err := d.s.commit(id, d.p); errors.Is(err, io.EOF) {
		return Summary{}, io.ErrUnexpectedEOF
	} else if err != nil {
		return Summary{}, fmt.Errorf("line %d: %w", d.s.n, err)
	}
	return Summary{Print: d.p.print(), Files: d.p.files, Renames: d.p.renames, Cut: d.p.isCut}, nil
}

// ParseUntil reads one diff of such a stream, and keeps all of it. The reader's buffer
// must be MaxLine. It fails as Next does.
func ParseUntil(r *bufio.Reader, end string) (Patch, error) {
	var c collector
	s := &scanner{r: r}
	if err := s.until(end, &c); err != nil {
		return Patch{}, fmt.Errorf("line %d: %w", s.n, err)
	}
	return c.patch, nil
}

// Summarise makes the summary of a patch that was read.
func Summarise(p Patch) Summary {
	to := newPrinter()
	for _, f := range p.Files {
		to.file()
		to.head(f)
		for _, h := range f.Hunks {
			for _, l := range h.Lines {
				to.line(l.Op, []byte(l.Text))
			}
		}
		to.end()
	}
	if p.Cut {
		to.cut()
	}
	return Summary{Print: to.print(), Files: to.files, Renames: to.renames, Cut: to.isCut}
}

// commit reads the commit's name and its diff, and looks whether a line follows.
func (s *scanner) commit(id string, to sink) error {
	s.spent, s.over = 0, false
	line, err := s.next()
	if err != nil {
		return err
	}
	if string(line) != id {
		return fmt.Errorf("a line is not understood: %.80q", line)
	}
	if line, err = s.next(); err != nil {
		return err
	}
	if !bytes.HasPrefix(line, []byte("diff --git ")) {
		s.unread(line)
		return nil
	}
	return s.diff(to) // which has read the line that follows
}

// until reads one diff: the commit's name, the files, the line end.
func (s *scanner) until(end string, to sink) error {
	s.spent, s.over = 0, false
	for first := true; ; first = false {
		line, err := s.next()
		switch {
		case errors.Is(err, io.EOF):
			return io.ErrUnexpectedEOF
		case err != nil:
			return err
		case string(line) == end:
			return nil
		case len(line) == 0, first:
			continue
		case !bytes.HasPrefix(line, []byte("diff --git ")):
			return fmt.Errorf("a line is not understood: %.80q", line)
		}
		if err := s.diff(to); errors.Is(err, io.EOF) {
			return io.ErrUnexpectedEOF
		} else if err != nil {
			return err
		}
	}
}
