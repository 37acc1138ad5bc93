package ledger

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"io"
	"runtime"
)

// A file is read in blocks of whole lines, which workers parse and hash side by
// side; the blocks' results are then followed in order.
const (
	blockSize = 1 << 20
	maxLine   = 8 << 20 // far above any entry; bounds memory on hostile input
)

// record is one parsed line. For an entry, bad says that it does not hash to
// what it says, badBody that its body does not.
type record struct {
	what       byte // 'e'ntry, 'h'ead, 'l'eaf, 'n'ote, 'z' end, 't'itle, '?'
	bad        bool
	badBody    bool
	erased     bool
	stream     string
	seq, leaf  int64
	prev, hash [32]byte
	extra      any // leaf, or the note's text
}

type block struct {
	lines []byte
	out   chan []record
}

func (v *verifier) read(ctx context.Context, r io.Reader) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	workers := runtime.GOMAXPROCS(0)
	todo := make(chan block, workers)
	order := make(chan block, 2*workers) // bounds what is in flight
	var failed error
	go func() {
		defer close(order)
		defer close(todo)
		failed = blocks(r, func(lines []byte) bool {
			b := block{lines, make(chan []record, 1)}
			select {
			case order <- b:
			case <-ctx.Done():
				return false
			}
			select {
			case todo <- b:
			case <-ctx.Done():
				return false
			}
			return true
		})
	}()
	for range workers {
		go func() {
			for b := range todo {
				b.out <- parseBlock(b.lines)
			}
		}()
	}
	for b := range order {
		select {
		case list := <-b.out:
			for i := range list {
				v.line(&list[i])
			}
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	return errors.Join(failed, ctx.Err()) // order is closed after failed is set
}

// blocks calls f with runs of whole lines until it returns false.
func blocks(r io.Reader, f func([]byte) bool) error {
	var carry []byte
	for {
		buf := make([]byte, len(carry)+blockSize)
		copy(buf, carry)
		n, err := io.ReadFull(r, buf[len(carry):])
		buf = buf[:len(carry)+n]
		last := errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF)
		if err != nil && !last {
			return err
		}
		cut := bytes.LastIndexByte(buf, '\n') + 1
		if last || cut == 0 && len(buf) > maxLine {
			if len(buf) > 0 {
				f(buf)
			}
			return nil
		}
		carry = buf[cut:]
		if cut > 0 && !f(buf[:cut]) {
			return nil
		}
	}
}

func parseBlock(lines []byte) []record {
	out := make([]record, 0, len(lines)/300)
	var e entry
	var body, buf []byte
	stream := ""
	for len(lines) > 0 {
		end := bytes.IndexByte(lines, '\n')
		var line []byte
		whole := end >= 0
		if whole {
			line, lines = lines[:end], lines[end+1:]
		} else {
			line, lines = lines, nil
		}
		var r record
		if whole && bytes.HasPrefix(line, []byte(`{"s":`)) {
			var ok bool
			if body, ok = parseEntry(line, &e, stream, body); ok {
				stream = e.stream
				r = record{what: 'e', stream: stream, seq: e.seq, leaf: e.leaf, prev: e.prev, hash: e.hash, erased: e.body == nil}
				r.badBody = e.body != nil && sha256.Sum256(e.body) != e.sum
				r.bad = !e.holds(&buf)
			}
		} else if whole {
			r = parseOther(line)
		}
		if r.what == 0 {
			r.what = '?'
		}
		out = append(out, r)
	}
	return out
}

// holds recomputes the entry's hash.
func (e *entry) holds(buf *[]byte) bool {
	if cap(*buf) < 256+len(e.stream) {
		*buf = make([]byte, 0, 256+len(e.stream))
	}
	return link(*buf, e.prev[:], e.stream, e.at, e.sum[:]) == e.hash
}

func parseOther(line []byte) record {
	switch {
	case string(line)+"\n" == headerLine:
		return record{what: 't'}
	case bytes.HasPrefix(line, []byte(`{"leaf":`)):
		if l, ok := parseLeaf(line); ok {
			return record{what: 'l', extra: l}
		}
	case bytes.HasPrefix(line, []byte(`{"head":`)):
		if h, ok := parseHead(line); ok {
			return record{what: 'h', stream: h.stream, seq: h.seq, hash: h.hash}
		}
	case bytes.HasPrefix(line, []byte(`{"checkpoint":`)):
		if text, ok := parseNote(line); ok {
			return record{what: 'n', extra: text}
		}
	case bytes.HasPrefix(line, []byte(`{"end":`)):
		if n, ok := parseEnd(line); ok {
			return record{what: 'z', seq: n}
		}
	}
	return record{what: '?'}
}

// line takes one parsed line in the file's order.
func (v *verifier) line(r *record) {
	v.lines++
	ok := !v.ended && (v.lines == 1) == (r.what == 't')
	switch r.what {
	case 'e':
		v.entry(r)
	case 'h':
		_, twice := v.heads[r.stream]
		ok = ok && !twice && v.report.Entries == 0
		v.heads[r.stream] = head{r.stream, r.seq, r.hash}
	case 'l':
		ok = ok && v.report.Entries == 0
		v.leaves = append(v.leaves, r.extra.(leaf))
	case 'n':
		ok = ok && v.note == ""
		v.note = r.extra.(string)
	case 'z':
		v.ended, v.said = true, r.seq
	case 't':
	default:
		ok = false
		v.lost()
	}
	if !ok {
		v.report.add(Malformed, "", v.lines)
	}
}
