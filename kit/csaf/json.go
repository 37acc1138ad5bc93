package csaf

import (
	"strings"
	"unicode/utf16"
	"unicode/utf8"
)

// Limits bound what a reader takes. Zero values mean the defaults.
type Limits struct {
	Bytes    int // default 64 MiB
	Depth    int // nesting of objects and arrays, default 128
	Problems int // problems reported, default 1000
}

// The defaults of Limits. The depth leaves room for branches 50 deep; CSAF
// 2.1 allows 30.
const (
	maxBytes    = 64 << 20
	maxDepth    = 128
	maxProblems = 1000
)

func (l Limits) withDefaults() Limits {
	if l.Bytes <= 0 {
		l.Bytes = maxBytes
	}
	if l.Depth <= 0 {
		l.Depth = maxDepth
	}
	if l.Problems <= 0 {
		l.Problems = maxProblems
	}
	return l
}

// kind is the JSON type of a node.
type kind byte

const (
	invalid kind = iota
	object
	array
	text
	number
	boolean
	null
)

// node is a JSON value with its place in the input.
type node struct {
	kind    kind
	at      int    // offset of its first byte
	text    string // text: the decoded string; number: as written; boolean: "true" or "false"
	members []member
	items   []node
}

// member is one member of an object.
type member struct {
	key   string
	at    int // offset of the key
	value node
}

// parser reads JSON (RFC 8259) into nodes. The first syntax error ends it.
type parser struct {
	in     []byte
	at     int
	limits Limits
	list   *collector
	failed bool
}

// parse reads the whole input as one value.
func (p *parser) parse() (node, bool) {
	if len(p.in) > p.limits.Bytes {
		p.fail(0, "larger than %d bytes", p.limits.Bytes)
		return node{}, false
	}
	if len(p.in) >= 3 && p.in[0] == 0xEF && p.in[1] == 0xBB && p.in[2] == 0xBF {
		p.fail(0, "begins with a byte order mark")
		return node{}, false
	}
	p.space()
	n := p.value("", 0)
	p.space()
	if !p.failed && p.at < len(p.in) {
		p.fail(p.at, "more after the end of the document")
	}
	return n, !p.failed
}

func (p *parser) fail(at int, format string, args ...any) {
	if !p.failed {
		p.failed = true
		p.list.add(Problem{Code: Syntax, Message: sprintf(format, args...)}, at)
	}
}

func (p *parser) space() {
	for p.at < len(p.in) {
		switch p.in[p.at] {
		case ' ', '\t', '\r', '\n':
			p.at++
		default:
			return
		}
	}
}

func (p *parser) peek() byte {
	if p.at < len(p.in) {
		return p.in[p.at]
	}
	return 0
}

func (p *parser) value(pointer string, depth int) node {
	if depth > p.limits.Depth {
		p.fail(p.at, "nested deeper than %d", p.limits.Depth)
		return node{}
	}
	start := p.at
	switch c := p.peek(); {
	case c == '{':
		return p.object(pointer, depth)
	case c == '[':
		return p.array(pointer, depth)
	case c == '"':
		return node{kind: text, at: start, text: p.str()}
	case c == '-' || c >= '0' && c <= '9':
		return p.number()
	}
	for word, k := range map[string]kind{"true": boolean, "false": boolean, "null": null} {
		if strings.HasPrefix(string(p.in[p.at:min(len(p.in), p.at+len(word))]), word) {
			p.at += len(word)
			return node{kind: k, at: start, text: word}
		}
	}
	if p.at >= len(p.in) {
		p.fail(p.at, "the document ends too early")
	} else {
		p.fail(p.at, "no JSON value begins here")
	}
	return node{}
}

func (p *parser) object(pointer string, depth int) node {
	n := node{kind: object, at: p.at}
	seen := map[string]bool{}
	p.at++
	for first := true; ; first = false {
		p.space()
		if p.peek() == '}' && first {
			p.at++
			return n
		}
		at := p.at
		if p.peek() != '"' {
			p.fail(p.at, "a member's name is expected")
			return n
		}
		key := p.str()
		if seen[key] && !p.failed {
			p.list.add(Problem{Code: Duplicate, Pointer: join(pointer, key), Message: sprintf("the member %q occurs twice", key)}, at)
		}
		p.space()
		if !p.failed && p.peek() != ':' {
			p.fail(p.at, "a colon is expected")
		}
		p.at++
		p.space()
		if p.failed {
			return n
		}
		v := p.value(join(pointer, key), depth+1)
		if !seen[key] {
			n.members = append(n.members, member{key, at, v})
		}
		seen[key] = true
		if done := p.next('}'); done || p.failed {
			return n
		}
	}
}

func (p *parser) array(pointer string, depth int) node {
	n := node{kind: array, at: p.at}
	p.at++
	p.space()
	if p.peek() == ']' {
		p.at++
		return n
	}
	for i := 0; ; i++ {
		p.space()
		n.items = append(n.items, p.value(index(pointer, i), depth+1))
		if done := p.next(']'); done || p.failed {
			return n
		}
	}
}

// next reads the comma before a further element, or the end.
func (p *parser) next(end byte) bool {
	if p.failed {
		return true
	}
	p.space()
	switch p.peek() {
	case ',':
		p.at++
		return false
	case end:
		p.at++
		return true
	}
	p.fail(p.at, "a comma or %q is expected", string(end))
	return true
}

func (p *parser) number() node {
	n := node{kind: number, at: p.at}
	digits := func() bool {
		from := p.at
		for c := p.peek(); c >= '0' && c <= '9'; c = p.peek() {
			p.at++
		}
		return p.at > from
	}
	if p.peek() == '-' {
		p.at++
	}
	first := p.at
	ok := digits() && (p.in[first] != '0' || p.at == first+1)
	if p.peek() == '.' {
		p.at++
		ok = digits() && ok
	}
	if c := p.peek(); c == 'e' || c == 'E' {
		p.at++
		if c := p.peek(); c == '+' || c == '-' {
			p.at++
		}
		ok = digits() && ok
	}
	if !ok {
		p.fail(n.at, "not a number")
	}
	n.text = string(p.in[n.at:p.at])
	return n
}

// str reads a string; p.at is at its opening quote.
func (p *parser) str() string {
	start := p.at
	p.at++
	from := p.at
	for p.at < len(p.in) {
		switch c := p.in[p.at]; {
		case c == '"':
			raw := p.in[from:p.at]
			p.at++
			if !utf8.Valid(raw) {
				p.fail(start, "not UTF-8")
			}
			return string(raw)
		case c == '\\':
			return p.escaped(start, from)
		case c < 0x20:
			p.fail(p.at, "a control character in a string")
			return ""
		default:
			p.at++
		}
	}
	p.fail(start, "a string without end")
	return ""
}

// escaped goes on with a string that has escapes.
func (p *parser) escaped(start, from int) string {
	var b strings.Builder
	b.Write(p.in[from:p.at])
	for p.at < len(p.in) && !p.failed {
		c := p.in[p.at]
		switch {
		case c == '"':
			p.at++
			if !utf8.ValidString(b.String()) {
				p.fail(start, "not UTF-8")
			}
			return b.String()
		case c < 0x20:
			p.fail(p.at, "a control character in a string")
		case c == '\\':
			p.escape(&b)
		default:
			b.WriteByte(c)
			p.at++
		}
	}
	p.fail(start, "a string without end")
	return ""
}

func (p *parser) escape(b *strings.Builder) {
	at := p.at
	p.at++
	c := p.peek()
	p.at++
	if i := strings.IndexByte(`"\/bfnrt`, c); i >= 0 && c != 0 {
		b.WriteByte("\"\\/\b\f\n\r\t"[i])
		return
	}
	if c != 'u' {
		p.fail(at, "an unknown escape")
		return
	}
	r := p.hex()
	if utf16.IsSurrogate(r) {
		low := rune(-1)
		if p.at+1 < len(p.in) && p.in[p.at] == '\\' && p.in[p.at+1] == 'u' {
			p.at += 2
			low = p.hex()
		}
		if r = utf16.DecodeRune(r, low); r == utf8.RuneError {
			p.fail(at, "half a surrogate pair")
		}
	}
	b.WriteRune(r)
}

// hex reads four hexadecimal digits.
func (p *parser) hex() rune {
	var r rune
	for range 4 {
		c := p.peek()
		p.at++
		switch {
		case c >= '0' && c <= '9':
			r = r<<4 | rune(c-'0')
		case c|0x20 >= 'a' && c|0x20 <= 'f':
			r = r<<4 | rune(c|0x20-'a'+10)
		default:
			p.fail(p.at-1, "four hexadecimal digits are expected")
			return utf8.RuneError
		}
	}
	return r
}
