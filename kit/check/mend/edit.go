package mend

import (
	"bytes"
	"cmp"
	"encoding/json"
	"slices"

	"github.com/tocsin-sec/tocsin/kit/csaf/rule"
)

// edit puts other bytes in the place of some.
type edit struct {
	from, to int
	text     []byte
}

// apply makes edits that are apart.
func apply(data []byte, edits []edit) []byte {
	edits = slices.SortedFunc(slices.Values(edits), func(a, b edit) int { return cmp.Compare(a.from, b.from) })
	var out []byte
	at := 0
	for _, e := range edits {
		out = append(append(out, data[at:e.from]...), e.text...)
		at = e.to
	}
	return append(out, data[at:]...)
}

// apart reports whether no edit of the one list touches one of the other, or another one of
// its own. What begins where another one ends may depend on it, but for two that remove.
func apart(old, mine []edit) bool {
	for i, a := range mine {
		for _, b := range slices.Concat(old, mine[:i]) {
			if a.from <= b.to && b.from <= a.to && !(len(a.text)+len(b.text) == 0 && (a.from == b.to || b.from == a.to)) {
				return false
			}
		}
	}
	return true
}

// edits are those that make a fix, whose pointers are all of the document as it is. It is
// not ok for a fix that does not fit the document.
func (n *node) edits(data []byte, fix rule.Fix) ([]edit, bool) {
	var out []edit
	for _, op := range fix {
		value, err := encoded(op.Value)
		if err != nil {
			return nil, false
		}
		if op.Op == opMove {
			e, ok := n.remove(op.From)
			parent, at, _ := n.find(op.From)
			if !ok || parent == nil || at < 0 {
				return nil, false
			}
			out, value = append(out, e), data[parent.kids[at].begin:parent.kids[at].end]
		}
		var e edit
		ok := false
		switch op.Op {
		case opRemove:
			e, ok = n.remove(op.Path)
		case opReplace:
			e, ok = n.replace(op.Path, value)
		case opAdd, opMove:
			e, ok = n.add(data, op.Path, value)
		}
		if !ok {
			return nil, false
		}
		out = append(out, e)
	}
	return out, apart(nil, out)
}

// encoded is a value as JSON on one line; characters that HTML would not have stay.
func encoded(v any) ([]byte, error) {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	err := e.Encode(v)
	return bytes.TrimSuffix(b.Bytes(), []byte("\n")), err
}

func (n *node) replace(pointer string, value []byte) (edit, bool) {
	parent, at, _ := n.find(pointer)
	if parent == nil || at < 0 {
		return edit{}, false
	}
	return edit{parent.kids[at].begin, parent.kids[at].end, value}, true
}

// remove takes a member or an item out, with the comma and the white space that go with it.
func (n *node) remove(pointer string) (edit, bool) {
	p, at, _ := n.find(pointer)
	switch {
	case p == nil || at < 0:
		return edit{}, false
	case at > 0:
		return edit{from: p.kids[at-1].end, to: p.kids[at].end}, true
	case len(p.kids) > 1:
		return edit{from: p.keys[0], to: p.keys[1]}, true
	}
	return edit{from: p.begin + 1, to: p.end - 1}, true // {} or []
}

// add puts a member or an item in (RFC 6902, 4.1), laid out as those beside it are.
func (n *node) add(data []byte, pointer string, value []byte) (edit, bool) {
	p, at, last := n.find(pointer)
	if p == nil || p.kind != '{' && p.kind != '[' {
		return edit{}, false
	}
	if p.kind == '{' {
		if at >= 0 {
			return edit{p.kids[at].begin, p.kids[at].end, value}, true
		}
		name, err := encoded(last)
		if err != nil {
			return edit{}, false
		}
		value = slices.Concat(name, p.colon(data), value)
	} else if at < 0 && last != "-" && last != "0" {
		return edit{}, false
	}
	count := len(p.kids)
	switch {
	case count == 0:
		return edit{p.begin + 1, p.end - 1, value}, true
	case at >= 0: // before an item
		return edit{p.keys[at], p.keys[at], slices.Concat(value, []byte(","), p.gap(data))}, true
	}
	end := p.kids[count-1].end
	return edit{end, end, slices.Concat([]byte(","), p.gap(data), value)}, true
}

// gap is the white space before each member or item: that before the last one.
func (n *node) gap(data []byte) []byte {
	last := n.keys[len(n.keys)-1]
	begin := last
	for begin > 0 && (data[begin-1] == ' ' || data[begin-1] == '\t' || data[begin-1] == '\r' || data[begin-1] == '\n') {
		begin--
	}
	return slices.Clone(data[begin:last])
}

// colon is what stands between the name of a member and its value.
func (n *node) colon(data []byte) []byte {
	if len(n.kids) == 0 {
		return []byte(": ")
	}
	i := len(n.kids) - 1
	between := data[n.keys[i]:n.kids[i].begin]
	at := len(between) - len(bytes.TrimRight(between, " \t\r\n:"))
	return slices.Clone(between[len(between)-at:])
}
