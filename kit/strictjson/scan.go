package strictjson

import (
	"encoding/binary"
	"fmt"
	"math/bits"
	"strings"
	"unicode/utf16"
	"unicode/utf8"
)

// reader goes once over the input.
type reader struct {
	data    []byte
	s       string // the same bytes: texts of the result are parts of it
	at      int
	depth   int
	memory  int
	failed  bool // a syntax error ended the reading
	utf8    bool // the whole input is UTF-8
	mixed   bool // members are not in the order of their names
	order   func(pointer string) bool
	limits  Limits
	path    []step
	found   collector
	texts   []string  // items of the arrays that are open
	spans   []span    // places of the items of arrays that must not repeat
	members []int     // offsets of the members of objects that have a check
	keys    []string  // names of the objects that are skipped
	seen    textTable // for arrays of texts that must not repeat
}

// span is the place of a value in the input.
type span struct{ from, to int }

// start checks what concerns the whole input.
func (r *reader) start() bool {
	if len(r.data) > r.limits.Bytes {
		r.fail(0, "larger than %d bytes", r.limits.Bytes)
		return false
	}
	if strings.HasPrefix(r.s, "\xEF\xBB\xBF") {
		r.fail(0, "begins with a byte order mark")
		return false
	}
	r.utf8 = utf8.ValidString(r.s)
	r.space()
	return true
}

// end asks that nothing follows the value.
func (r *reader) end() {
	r.space()
	if !r.failed && r.at < len(r.data) {
		r.fail(r.at, "more after the end of the document")
	}
}

func (r *reader) fail(at int, format string, args ...any) {
	if !r.failed {
		r.failed = true
		if !r.found.full(r.limits.Problems, Syntax) {
			r.found.add(Problem{Code: Syntax, Message: fmt.Sprintf(format, args...)}, at)
		}
	}
}

// problem notes what is wrong with the value that is being read.
func (r *reader) problem(code Code, at int, format string, args ...any) {
	if !r.found.full(r.limits.Problems, code) {
		r.found.add(Problem{Code: code, Pointer: pointer(r.path), Message: fmt.Sprintf(format, args...)}, at)
	}
}

// below notes what is wrong with a member of the object that is being read.
func (r *reader) below(name string, code Code, at int, format string, args ...any) {
	r.path = append(r.path, step{name, -1})
	r.problem(code, at, format, args...)
	r.path = r.path[:len(r.path)-1]
}

const (
	ones   = 0x0101010101010101
	highs  = 0x8080808080808080
	spaces = 0x2020202020202020
)

func (r *reader) space() {
	d, i := r.data, r.at
	for i < len(d) && d[i] <= ' ' {
		switch d[i] {
		case ' ', '\t', '\r', '\n':
			i++
		default:
			r.at = i
			return
		}
		for i+8 <= len(d) && binary.LittleEndian.Uint64(d[i:]) == spaces {
			i += 8
		}
	}
	r.at = i
}

func (r *reader) peek() byte {
	if r.at < len(r.data) {
		return r.data[r.at]
	}
	return 0
}

// special marks the first byte of eight that is a quote, a backslash or a control
// character; those after it may be marked wrongly.
func special(w uint64) uint64 {
	q := w ^ ones*'"'
	b := w ^ ones*'\\'
	return ((q-ones)&^q | (b-ones)&^b | (w-ones*0x20)&^w) & highs
}

// str reads a string; r.at is at its opening quote.
func (r *reader) str() string {
	d, from := r.data, r.at+1
	i := from
	for i+8 <= len(d) {
		if m := special(binary.LittleEndian.Uint64(d[i:])); m != 0 {
			i += bits.TrailingZeros64(m) >> 3
			break
		}
		i += 8
	}
	for i < len(d) {
		switch c := d[i]; {
		case c == '"':
			r.at = i + 1
			if !r.utf8 {
				r.valid(from, i)
			}
			return r.s[from:i]
		case c == '\\':
			return r.escaped(from, i)
		case c < 0x20:
			r.fail(i, "a control character in a string")
			return ""
		}
		i++
	}
	r.fail(from-1, "a string without end")
	return ""
}

// valid names the first byte of a part that is not UTF-8.
func (r *reader) valid(from, to int) {
	for i := from; i < to; {
		c, n := utf8.DecodeRuneInString(r.s[i:to])
		if c == utf8.RuneError && n == 1 {
			r.fail(i, "not UTF-8")
			return
		}
		i += n
	}
}

// escaped goes on with a string that has an escape at i.
func (r *reader) escaped(from, i int) string {
	b := make([]byte, 0, i-from+max(0, strings.IndexByte(r.s[i:], '"'))+16)
	b = append(b, r.data[from:i]...)
	r.at = i
	for r.at < len(r.data) && !r.failed {
		c := r.data[r.at]
		switch {
		case c == '"':
			if !r.utf8 {
				r.valid(from, r.at)
			}
			r.at++
			return string(b)
		case c < 0x20:
			r.fail(r.at, "a control character in a string")
		case c == '\\':
			b = r.escape(b)
		default:
			b = append(b, c)
			r.at++
		}
	}
	r.fail(from-1, "a string without end")
	return ""
}

func (r *reader) escape(b []byte) []byte {
	at := r.at
	r.at++
	c := r.peek()
	r.at++
	if i := strings.IndexByte(`"\/bfnrt`, c); i >= 0 && c != 0 {
		return append(b, "\"\\/\b\f\n\r\t"[i])
	}
	if c != 'u' {
		r.fail(at, "an unknown escape")
		return b
	}
	code := r.hex()
	if utf16.IsSurrogate(code) {
		low := rune(-1)
		if strings.HasPrefix(r.s[min(r.at, len(r.s)):], `\u`) {
			r.at += 2
			low = r.hex()
		}
		if code = utf16.DecodeRune(code, low); code == utf8.RuneError {
			r.fail(at, "half a surrogate pair")
		}
	}
	return utf8.AppendRune(b, code)
}

// hex reads four hexadecimal digits.
func (r *reader) hex() rune {
	var v rune
	for range 4 {
		c := r.peek()
		r.at++
		switch {
		case c >= '0' && c <= '9':
			v = v<<4 | rune(c-'0')
		case c|0x20 >= 'a' && c|0x20 <= 'f':
			v = v<<4 | rune(c|0x20-'a'+10)
		default:
			r.fail(r.at-1, "four hexadecimal digits are expected")
			return utf8.RuneError
		}
	}
	return v
}

// number reads a number as it is written.
func (r *reader) number() string {
	from := r.at
	digits := func() bool {
		first := r.at
		for c := r.peek(); c >= '0' && c <= '9'; c = r.peek() {
			r.at++
		}
		return r.at > first
	}
	if r.peek() == '-' {
		r.at++
	}
	first := r.at
	ok := digits() && (r.data[first] != '0' || r.at == first+1)
	if r.peek() == '.' {
		r.at++
		ok = digits() && ok
	}
	if c := r.peek(); c == 'e' || c == 'E' {
		r.at++
		if c := r.peek(); c == '+' || c == '-' {
			r.at++
		}
		ok = digits() && ok
	}
	if !ok {
		r.fail(from, "not a number")
	}
	return r.s[from:r.at]
}

// literal reads a word and reports whether it is there.
func (r *reader) literal(word string) bool {
	if strings.HasPrefix(r.s[r.at:], word) {
		r.at += len(word)
		return true
	}
	return false
}

// nothing reports that no value begins here.
func (r *reader) nothing() {
	if r.at >= len(r.data) {
		r.fail(r.at, "the document ends too early")
	} else {
		r.fail(r.at, "no JSON value begins here")
	}
}

// open goes into an object or array.
func (r *reader) open() bool {
	if r.depth++; r.depth > r.limits.Depth {
		r.fail(r.at, "nested deeper than %d", r.limits.Depth)
		return false
	}
	r.at++
	r.space()
	return true
}

// key reads a member's name and the colon.
func (r *reader) key() (name string, at int) {
	at = r.at
	if r.peek() != '"' {
		r.fail(r.at, "a member's name is expected")
		return "", at
	}
	name = r.str()
	if r.peek() != ':' {
		r.space()
		if r.peek() != ':' {
			r.fail(r.at, "a colon is expected")
			return name, at
		}
	}
	r.at++
	r.space()
	return name, at
}

// next reads the comma before a further element, or the end, for which it is true.
func (r *reader) next(end byte) bool {
	if r.failed {
		return true
	}
	r.space()
	switch r.peek() {
	case ',':
		r.at++
		r.space()
		return false
	case end:
		r.at++
		return true
	}
	r.fail(r.at, "a comma or %q is expected", string(end))
	return true
}
