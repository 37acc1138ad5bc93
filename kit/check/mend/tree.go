package mend

import (
	"encoding/json"
	"strconv"
	"strings"
)

// node is a value and where it lies in the bytes of a document.
type node struct {
	kind       byte // { [ or anything else
	begin, end int  // of the value
	kids       []*node
	names      []string // of the members of an object
	keys       []int    // where the name of each member begins
}

// maxDepth is deeper than any reader of kit goes.
const maxDepth = 1000

// parse returns the tree of a document whose syntax a reader has found right. It is not ok
// for what is none, and for one with a member twice.
func parse(data []byte) (*node, bool) {
	p := parser{data: data}
	root := p.value(0)
	p.space()
	return root, root != nil && p.at == len(data)
}

type parser struct {
	data []byte
	at   int
}

func (p *parser) space() {
	for p.at < len(p.data) && strings.IndexByte(" \t\r\n", p.data[p.at]) >= 0 {
		p.at++
	}
}

// next takes a character behind white space.
func (p *parser) next(c byte) bool {
	p.space()
	if p.at < len(p.data) && p.data[p.at] == c {
		p.at++
		return true
	}
	return false
}

// value is nil for what is no JSON.
func (p *parser) value(depth int) *node {
	p.space()
	if p.at >= len(p.data) || depth > maxDepth {
		return nil
	}
	n := &node{kind: p.data[p.at], begin: p.at}
	ok := true
	switch n.kind {
	case '{':
		ok = p.members(n, depth)
	case '[':
		ok = p.items(n, depth)
	case '"':
		_, ok = p.text()
	default:
		for p.at < len(p.data) && strings.IndexByte(" \t\r\n,]}:{[\"", p.data[p.at]) < 0 {
			p.at++
		}
		ok = p.at > n.begin
	}
	if n.end = p.at; !ok {
		return nil
	}
	return n
}

func (p *parser) members(n *node, depth int) bool {
	p.at++
	if p.next('}') {
		return true
	}
	seen := map[string]bool{}
	for {
		p.space()
		key := p.at
		name, ok := p.text()
		if !ok || seen[name] || !p.next(':') {
			return false
		}
		seen[name] = true
		kid := p.value(depth + 1)
		if kid == nil {
			return false
		}
		n.names, n.keys, n.kids = append(n.names, name), append(n.keys, key), append(n.kids, kid)
		if p.next('}') {
			return true
		}
		if !p.next(',') {
			return false
		}
	}
}

func (p *parser) items(n *node, depth int) bool {
	p.at++
	if p.next(']') {
		return true
	}
	for {
		kid := p.value(depth + 1)
		if kid == nil {
			return false
		}
		n.keys, n.kids = append(n.keys, kid.begin), append(n.kids, kid)
		if p.next(']') {
			return true
		}
		if !p.next(',') {
			return false
		}
	}
}

// text takes a string.
func (p *parser) text() (string, bool) {
	begin := p.at
	if p.at >= len(p.data) || p.data[p.at] != '"' {
		return "", false
	}
	for p.at++; p.at < len(p.data) && p.data[p.at] != '"'; p.at++ {
		if p.data[p.at] == '\\' {
			p.at++
		}
	}
	if p.at >= len(p.data) {
		return "", false
	}
	p.at++
	var s string
	err := json.Unmarshal(p.data[begin:p.at], &s)
	return s, err == nil
}

// find follows a JSON pointer (RFC 6901) down to the parent of what it names: the place of
// that in the parent is -1 when it is not there.
func (n *node) find(pointer string) (parent *node, place int, last string) {
	if !strings.HasPrefix(pointer, "/") {
		return nil, 0, "" // the whole document
	}
	parts := strings.Split(pointer[1:], "/")
	for i, part := range parts {
		part = strings.NewReplacer("~1", "/", "~0", "~").Replace(part)
		at := n.place(part)
		if i == len(parts)-1 {
			return n, at, part
		}
		if at < 0 {
			return nil, 0, ""
		}
		n = n.kids[at]
	}
	return nil, 0, ""
}

// place is that of a member or an item, -1 when it is not there.
func (n *node) place(name string) int {
	switch n.kind {
	case '{':
		for i, x := range n.names {
			if x == name {
				return i
			}
		}
	case '[':
		if i, err := strconv.Atoi(name); err == nil && i >= 0 && i < len(n.kids) && strconv.Itoa(i) == name {
			return i
		}
	}
	return -1
}
