package patch

import (
	"crypto/sha256"
	"encoding/binary"
	"hash"
)

// Print identifies a change by what it does. Equal changes have equal prints wherever
// they stand; white space does not count, nor line numbers, nor the order of files.
type Print struct {
	// Strict covers names, context, lines that go and lines that come: what git patch-id
	// covers. Zero for an empty or a cut diff.
	Strict Sum
	// Lines covers only the lines that go and that come, file by file and without names:
	// it survives a rename and other surroundings.
	Lines Sum
	// Undo is what Lines would be for the change that takes this one back.
	Undo Sum
	// Weight counts the changed lines that say something: not empty, not a lone brace. A
	// change of little weight is easily equal by chance.
	Weight uint32
}

// Sum is the beginning of a SHA-256.
type Sum [16]byte

// add is order-free: the sum of two sums does not tell which came first.
func (s *Sum) add(o Sum) {
	a, b := binary.LittleEndian.Uint64(s[:8]), binary.LittleEndian.Uint64(s[8:])
	c, d := binary.LittleEndian.Uint64(o[:8]), binary.LittleEndian.Uint64(o[8:])
	low := a + c
	high := b + d
	if low < a {
		high++
	}
	binary.LittleEndian.PutUint64(s[:8], low)
	binary.LittleEndian.PutUint64(s[8:], high)
}

// printer is the sink that makes a Print. It allocates nothing for a line.
type printer struct {
	out                      Print
	files                    []string
	renames                  [][2]string
	isCut                    bool
	before, after, gone, new hash.Hash // the file as it was and becomes, around the change; its changed lines
	here                     FilePatch
	lines                    int
	text                     []byte
}

func newPrinter() *printer {
	return &printer{before: sha256.New(), after: sha256.New(), gone: sha256.New(), new: sha256.New()}
}

// reset makes it ready for another commit.
func (p *printer) reset() {
	p.out, p.files, p.renames, p.isCut = Print{}, nil, nil, false
}

func (p *printer) file() {
	p.before.Reset()
	p.after.Reset()
	p.gone.Reset()
	p.new.Reset()
	p.lines = 0
	p.here = FilePatch{}
}

func (p *printer) head(f FilePatch) {
	p.here = f
	p.files = append(p.files, f.Path())
	if f.Old != "" && f.New != "" && f.Old != f.New {
		p.renames = append(p.renames, [2]string{f.Old, f.New})
	}
}

func (p *printer) hunk(int, int) {}
func (p *printer) cut()          { p.isCut = true }

func (p *printer) line(op byte, text []byte) {
	p.text = Squeeze(p.text[:0], text)
	if op != ' ' && Telling(p.text) {
		p.out.Weight++
	}
	p.text = append(p.text, '\n')
	if op != '+' {
		p.before.Write(p.text)
	}
	if op != '-' {
		p.after.Write(p.text)
	}
	switch op {
	case '-':
		p.gone.Write(p.text)
		p.lines++
	case '+':
		p.new.Write(p.text)
		p.lines++
	}
}

// end adds the file to the sums. A file whose change has no lines (binary, renamed,
// another mode) counts with its blobs, as git patch-id has it.
func (p *printer) end() {
	var a, b [sha256.Size]byte
	if p.lines == 0 {
		p.gone.Write([]byte(p.here.OldBlob))
		p.new.Write([]byte(p.here.NewBlob))
		if p.here.Binary {
			p.out.Weight++
		}
	}
	p.gone.Sum(a[:0])
	p.new.Sum(b[:0])
	p.out.Lines.add(join(a[:], b[:]))
	p.out.Undo.add(join(b[:], a[:]))
	var c, d [sha256.Size]byte
	p.before.Sum(c[:0])
	p.after.Sum(d[:0])
	names := sha256.Sum256([]byte(p.here.Old + "\x00" + p.here.New))
	// The changed lines belong in: a line that goes and one that stays say the same in
	// before, but not in gone.
	p.out.Strict.add(join(names[:], c[:], d[:], a[:], b[:]))
}

// join hashes the parts one after the other; all have one length.
func join(parts ...[]byte) Sum {
	var buf [5 * sha256.Size]byte
	n := 0
	for _, p := range parts {
		n += copy(buf[n:], p)
	}
	full := sha256.Sum256(buf[:n])
	return Sum(full[:len(Sum{})])
}

// print returns the result: a cut diff and one without files have none.
func (p *printer) print() Print {
	if p.isCut || len(p.files) == 0 {
		return Print{}
	}
	return p.out
}

// Squeeze appends the text without its white space.
func Squeeze(to, text []byte) []byte {
	for _, c := range text {
		if c != ' ' && c != '\t' && c != '\r' && c != '\v' && c != '\f' {
			to = append(to, c)
		}
	}
	return to
}

// Telling reports whether a squeezed line says something: three letters or digits in it.
// A lone brace or an empty line is like many others.
func Telling(text []byte) bool {
	n := 0
	for _, c := range text {
		if c >= '0' && c <= '9' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= 0x80 {
			if n++; n >= 3 {
				return true
			}
		}
	}
	return false
}
