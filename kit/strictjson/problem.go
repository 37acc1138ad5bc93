package strictjson

import (
	"bytes"
	"fmt"
	"sort"
	"strconv"
	"strings"
	"unicode/utf8"
)

// Limits bound what a reader takes. Zero values mean the defaults.
type Limits struct {
	Bytes    int // of the input, default 64 MiB
	Depth    int // nesting of objects and arrays, default 128
	Problems int // problems reported, default 1000
	Memory   int // of the result without its texts, default 512 MiB
}

// The defaults of Limits. The depth leaves room for branches of CSAF 50 deep; CSAF
// 2.1 allows 30.
const (
	maxBytes    = 64 << 20
	maxDepth    = 128
	maxProblems = 1000
	maxMemory   = 512 << 20
	// maxReport bounds the bytes of all pointers and messages together: a name of a
	// megabyte with a thousand problems below it would give a gigabyte of pointers.
	maxReport = 4 << 20
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
	if l.Memory <= 0 {
		l.Memory = maxMemory
	}
	return l
}

// Code is the kind of a problem.
type Code string

// The kinds of problems. Unknown is a warning, all others are errors.
const (
	Syntax    Code = "syntax"    // not JSON, too large or too deep: nothing after it was read
	Duplicate Code = "duplicate" // a member occurs twice; the first counts
	Type      Code = "type"      // another JSON type is expected
	Missing   Code = "missing"   // a required member is absent
	Unknown   Code = "unknown"   // a member that the format does not know, and allows
	Forbidden Code = "forbidden" // a member that the format does not know, and forbids
	Repeated  Code = "repeated"  // an item of a set that equals an earlier one
	Value     Code = "value"     // the value breaks another rule of the format
)

// Problem is one thing that is wrong with a document and where it is.
type Problem struct {
	Code    Code
	Pointer string // JSON pointer (RFC 6901), "" for the whole document; of Missing: where it would be
	Line    int    // from 1
	Column  int    // from 1, in characters
	Message string // English, for people; it quotes what is foreign
}

// String is "12:7 /document/title: ...".
func (p Problem) String() string {
	return fmt.Sprintf("%d:%d %s: %s", p.Line, p.Column, p.Pointer, p.Message)
}

// Instance is the pointer that a validator of JSON schemas gives for the problem: for
// members that are missing, unknown or there twice it is the object's, for repeated items
// the array's.
func (p Problem) Instance() string {
	switch p.Code {
	case Missing, Unknown, Forbidden, Duplicate, Repeated:
		return p.Pointer[:max(0, strings.LastIndexByte(p.Pointer, '/'))]
	}
	return p.Pointer
}

// Problems is what a reader found, in the order of the document.
type Problems []Problem

// Fatal reports whether there is any problem but warnings: the document does not
// fit its format.
func (ps Problems) Fatal() bool {
	for i := range ps {
		if ps[i].Code != Unknown {
			return true
		}
	}
	return false
}

// Error lists the problems, one on each line, so that Problems can be an error.
func (ps Problems) Error() string {
	lines := make([]string, len(ps))
	for i, p := range ps {
		lines[i] = p.String()
	}
	return strings.Join(lines, "\n")
}

// collector gathers problems by offset and turns offsets into lines at the end.
type collector struct {
	found []Problem
	at    []int
	bytes int  // of pointers and messages
	more  int  // problems over the limits
	fatal bool // one of those is no warning
}

// full reports whether a further problem would only be counted.
func (c *collector) full(limit int, code Code) bool {
	if len(c.found) < limit && c.bytes < maxReport {
		return false
	}
	c.more++
	c.fatal = c.fatal || code != Unknown
	return true
}

func (c *collector) add(p Problem, at int) {
	c.bytes += len(p.Pointer) + len(p.Message)
	c.found, c.at = append(c.found, p), append(c.at, at)
}

// place sorts the problems by their place and counts lines and columns in one
// pass over the input.
func (c *collector) place(in []byte) Problems {
	if len(c.found) == 0 && c.more == 0 {
		return nil
	}
	order := make([]int, len(c.found))
	for i := range order {
		order[i] = i
	}
	sort.SliceStable(order, func(i, j int) bool { return c.at[order[i]] < c.at[order[j]] })
	out := make(Problems, 0, len(order)+1)
	var to ruler
	for _, i := range order {
		p := c.found[i]
		p.Line, p.Column = to.place(in, c.at[i])
		out = append(out, p)
	}
	if c.more > 0 {
		p := Problem{Code: Unknown, Line: to.line + 1, Column: 1, Message: "and " + strconv.Itoa(c.more) + " more problems"}
		if c.fatal {
			p.Code = Value
		}
		out = append(out, p)
	}
	return out
}

// ruler counts lines and columns for growing offsets.
type ruler struct{ done, line, column int }

// place returns line and column of an offset, which is not less than the one before.
func (r *ruler) place(in []byte, at int) (line, column int) {
	at = min(at, len(in))
	part := in[r.done:at]
	if n := bytes.Count(part, []byte{'\n'}); n > 0 {
		r.line += n
		r.column = 0
		part = part[bytes.LastIndexByte(part, '\n')+1:]
	}
	r.column += utf8.RuneCount(part)
	r.done = at
	return r.line + 1, r.column + 1
}

// step is one step of the way to the value that is being read.
type step struct {
	name  string
	index int // of an array, -1 for a member
}

// pointer writes a path as JSON pointer (RFC 6901, section 3).
func pointer(path []step) string {
	if len(path) == 0 {
		return ""
	}
	var b []byte
	for _, s := range path {
		b = append(b, '/')
		if s.index >= 0 {
			b = strconv.AppendInt(b, int64(s.index), 10)
			continue
		}
		for i := range len(s.name) {
			switch c := s.name[i]; c {
			case '~':
				b = append(b, '~', '0')
			case '/':
				b = append(b, '~', '1')
			default:
				b = append(b, c)
			}
		}
	}
	return string(b)
}

// clip shortens foreign text for a message.
func clip(s string) string {
	const longest = 80
	if len(s) <= longest {
		return s
	}
	return strings.ToValidUTF8(s[:longest], "") + "..."
}
