package branchfix

import (
	"bufio"
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"io"

	"github.com/tocsin-sec/tocsin/kit/patch"
)

// storeMagic begins a stored index. The number changes with everything that changes what
// is kept, so that an older index is made anew.
const storeMagic = "tocsin branchfix index 2\n"

// ErrStored says that a stored index is damaged, or of another version: make it anew.
var ErrStored = errors.New("the stored index is damaged or of another version")

// maxStored bounds one text and one list of a stored index.
const maxStored = 1 << 20

// WriteTo stores the index. It implements io.WriterTo.
func (x *Index) WriteTo(w io.Writer) (int64, error) {
	sum := sha256.New()
	buf := bufio.NewWriterSize(io.MultiWriter(w, sum), 256<<10)
	e := &encoder{w: buf, texts: map[string]uint64{}}
	e.raw([]byte(storeMagic))
	e.number(uint64(len(x.commits)))
	for _, c := range x.commits {
		e.commit(c)
	}
	if err := errors.Join(e.err, buf.Flush()); err != nil {
		return e.n, fmt.Errorf("store the index: %w", err)
	}
	n, err := w.Write(sum.Sum(nil))
	return e.n + int64(n), err
}

// ReadIndex reads what WriteTo wrote. It fails with ErrStored.
func ReadIndex(data []byte) (*Index, error) {
	body := data[:max(0, len(data)-sha256.Size)]
	sum := sha256.Sum256(body)
	if !bytes.HasPrefix(body, []byte(storeMagic)) || !bytes.Equal(sum[:], data[len(body):]) {
		return nil, ErrStored
	}
	d := &decoder{data: body[len(storeMagic):]}
	x := NewIndex()
	for range d.number() {
		c := d.commit()
		if d.bad {
			return nil, ErrStored
		}
		x.Add(c)
	}
	return x, nil
}

type encoder struct {
	w     io.Writer
	n     int64
	err   error
	texts map[string]uint64 // texts that were written, by their place
	buf   [binary.MaxVarintLen64]byte
}

func (e *encoder) raw(p []byte) {
	if e.err == nil {
		_, e.err = e.w.Write(p)
		e.n += int64(len(p))
	}
}

func (e *encoder) number(n uint64) { e.raw(e.buf[:binary.PutUvarint(e.buf[:], n)]) }

// text writes a text once, and its place after that.
func (e *encoder) text(s string) {
	s = s[:min(len(s), maxStored)]
	if at, ok := e.texts[s]; ok {
		e.number(at + 1)
		return
	}
	e.texts[s] = uint64(len(e.texts))
	e.number(0)
	e.number(uint64(len(s)))
	e.raw([]byte(s))
}

func list[T any](e *encoder, l []T, each func(T)) {
	l = l[:min(len(l), maxStored)]
	e.number(uint64(len(l)))
	for _, v := range l {
		each(v)
	}
}

func (e *encoder) commit(c *Indexed) {
	e.text(string(c.ID))
	list(e, c.Parents, func(p ID) { e.text(string(p)) })
	e.text(c.Author)
	e.number(uint64(c.When))
	e.text(c.Subject)
	e.text(c.Same)
	list(e, c.Links, func(l Link) { e.number(uint64(l.Kind)); e.text(string(l.To)) })
	list(e, c.CVEs, e.text)
	e.raw(c.Print.Strict[:])
	e.raw(c.Print.Lines[:])
	e.raw(c.Print.Undo[:])
	e.number(uint64(c.Print.Weight))
	list(e, c.Files, e.text)
	list(e, c.Renames, func(r [2]string) { e.text(r[0]); e.text(r[1]) })
	cut := uint64(0)
	if c.Cut {
		cut = 1
	}
	e.number(cut)
}

type decoder struct {
	data  []byte
	texts []string
	bad   bool
}

func (d *decoder) number() uint64 {
	n, size := binary.Uvarint(d.data)
	if size <= 0 {
		d.bad, d.data = true, nil
		return 0
	}
	d.data = d.data[size:]
	return n
}

func (d *decoder) raw(n uint64) []byte {
	if n > uint64(len(d.data)) {
		d.bad, d.data = true, nil
		return nil
	}
	p := d.data[:n]
	d.data = d.data[n:]
	return p
}

func (d *decoder) text() string {
	at := d.number()
	if at > 0 {
		if at > uint64(len(d.texts)) {
			d.bad = true
			return ""
		}
		return d.texts[at-1]
	}
	s := string(d.raw(d.number()))
	d.texts = append(d.texts, s)
	return s
}

// lists reads a list; every entry has at least one byte.
func lists[T any](d *decoder, one func() T) []T {
	n := d.number()
	if n > uint64(len(d.data)) || n > maxStored {
		d.bad = true
		return nil
	}
	if n == 0 {
		return nil
	}
	out := make([]T, 0, n)
	for range n {
		out = append(out, one())
	}
	return out
}

func (d *decoder) sum() (s patch.Sum) {
	copy(s[:], d.raw(uint64(len(s))))
	return s
}

func (d *decoder) commit() *Indexed {
	c := &Indexed{ID: ID(d.text())}
	c.Parents = lists(d, func() ID { return ID(d.text()) })
	c.Author = d.text()
	c.When = int64(d.number())
	c.Subject, c.Same = d.text(), d.text()
	c.Links = lists(d, func() Link { return Link{LinkKind(d.number()), ID(d.text())} })
	c.CVEs = lists(d, d.text)
	c.Print.Strict, c.Print.Lines, c.Print.Undo = d.sum(), d.sum(), d.sum()
	c.Print.Weight = uint32(d.number())
	c.Files = lists(d, d.text)
	c.Renames = lists(d, func() [2]string { return [2]string{d.text(), d.text()} })
	c.Cut = d.number() == 1
	for _, l := range c.Links {
		d.bad = d.bad || len(l.To) < 7
	}
	d.bad = d.bad || len(c.ID) < 7
	return c
}
