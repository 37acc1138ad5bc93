package csaf

import (
	"strconv"
	"strings"
)

// Place is where a value begins in the bytes of a document, from 1; the column counts
// characters.
type Place struct{ Line, Column int }

// Locate returns the places of the values that the JSON pointers (RFC 6901) name: those
// of the findings of a test, which knows pointers alone. A value that is absent has the
// place of the nearest one around it, and a document that is no JSON that of its start.
func Locate(data []byte, pointers []string, limits Limits) []Place {
	limits = limits.withDefaults()
	limits.Problems = len(pointers)
	p := parser{in: data, limits: limits, list: &collector{limit: 1}}
	root, ok := p.parse()
	out := make([]Place, len(pointers))
	// The collector turns offsets into lines in one pass; the message carries the index.
	list := &collector{limit: len(pointers) + 1}
	for i, pointer := range pointers {
		at := 0
		if ok {
			at = root.find(pointer)
		}
		list.add(Problem{Message: strconv.Itoa(i)}, at)
	}
	for _, found := range list.place(data) {
		if i, err := strconv.Atoi(found.Message); err == nil {
			out[i] = Place{found.Line, found.Column}
		}
	}
	return out
}

// find returns the offset of the value at the pointer, or of the last one on the way.
func (n node) find(pointer string) int {
	at := n.at
	for token := range strings.SplitSeq(strings.TrimPrefix(pointer, "/"), "/") {
		token = strings.NewReplacer("~1", "/", "~0", "~").Replace(token)
		next, ok := n.child(token)
		if !ok {
			return at
		}
		n, at = next, next.at
	}
	return at
}

func (n node) child(token string) (node, bool) {
	switch n.kind {
	case object:
		for _, m := range n.members {
			if m.key == token {
				return m.value, true
			}
		}
	case array:
		if i, err := strconv.Atoi(token); err == nil && i >= 0 && i < len(n.items) {
			return n.items[i], true
		}
	}
	return node{}, false
}
