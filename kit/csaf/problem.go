package csaf

import (
	"bytes"
	"fmt"
	"sort"
	"strconv"
	"strings"
	"unicode/utf8"
)

// Code is the kind of a problem.
type Code string

// The kinds of problems. Unknown is a warning, all others are errors.
const (
	Syntax    Code = "syntax"    // not JSON, too large or too deep: nothing after it was read
	Duplicate Code = "duplicate" // a member occurs twice; the first counts
	Type      Code = "type"      // another JSON type is expected
	Missing   Code = "missing"   // a required member is absent
	Unknown   Code = "unknown"   // a member that the schema does not know
	Value     Code = "value"     // the value breaks a rule of the schema
)

// Problem is one thing that is wrong with a document and where it is.
type Problem struct {
	Code    Code
	Pointer string // JSON pointer (RFC 6901), "" for the whole document
	Line    int    // from 1
	Column  int    // from 1, in characters
	Message string // English, for people; it quotes what is foreign
}

// String is "12:7 /document/title: ...".
func (p Problem) String() string {
	return fmt.Sprintf("%d:%d %s: %s", p.Line, p.Column, p.Pointer, p.Message)
}

// Problems is what a reader found, in the order of the document.
type Problems []Problem

// Fatal reports whether there is any problem but warnings: the document does not
// fit the schema.
func (ps Problems) Fatal() bool {
	for _, p := range ps {
		if p.Code != Unknown {
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
	limit int
	more  int
}

func (c *collector) add(p Problem, at int) {
	if len(c.found) >= c.limit {
		c.more++
		return
	}
	c.found, c.at = append(c.found, p), append(c.at, at)
}

// place sorts the problems by their place and counts lines and columns in one
// pass over the input.
func (c *collector) place(in []byte) Problems {
	order := make([]int, len(c.found))
	for i := range order {
		order[i] = i
	}
	sort.SliceStable(order, func(i, j int) bool { return c.at[order[i]] < c.at[order[j]] })
	out := make(Problems, 0, len(order)+1)
	line, start, done := 1, 0, 0
	for _, i := range order {
		at := min(c.at[i], len(in))
		line += bytes.Count(in[done:at], []byte{'\n'})
		if nl := bytes.LastIndexByte(in[done:at], '\n'); nl >= 0 {
			start = done + nl + 1
		}
		done = at
		p := c.found[i]
		p.Line, p.Column = line, utf8.RuneCount(in[start:at])+1
		out = append(out, p)
	}
	if c.more > 0 {
		out = append(out, Problem{Code: Value, Line: line, Column: 1, Message: sprintf("and %d more problems", c.more)})
	}
	return out
}

func sprintf(format string, args ...any) string { return fmt.Sprintf(format, args...) }

// join appends a member's name to a JSON pointer (RFC 6901, section 3).
func join(pointer, key string) string {
	if strings.ContainsAny(key, "~/") {
		key = strings.NewReplacer("~", "~0", "/", "~1").Replace(key)
	}
	return pointer + "/" + key
}

func index(pointer string, i int) string { return pointer + "/" + strconv.Itoa(i) }
