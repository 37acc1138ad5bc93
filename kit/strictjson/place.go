package strictjson

import (
	"sort"
	"strconv"
	"strings"
)

// Position is the place of a value in the bytes of a document.
type Position struct {
	Line   int  // from 1
	Column int  // from 1, in characters
	Exact  bool // false: the value is not there, this is the nearest one above it
}

// Place returns the place of the value at a JSON pointer (RFC 6901), as Places does
// for several.
func Place(data []byte, pointer string) Position {
	return Places(data, []string{pointer})[0]
}

// Places returns the places of the values at JSON pointers: those of findings, which
// know pointers alone. It goes once over the document, which Read has read without
// Syntax problems; otherwise the places are the nearest before the fault. Of members
// that occur twice it takes the first, as Read does.
func Places(data []byte, pointers []string) []Position {
	root := &wanted{}
	nodes := make([]*wanted, len(pointers))
	for i, p := range pointers {
		nodes[i] = root.at(p)
	}
	r := &reader{data: data, s: string(data), utf8: true, limits: Limits{}.withDefaults()}
	r.order = func(string) bool { return true } // duplicates do not matter here
	r.space()
	r.locate(root)

	order := make([]int, len(pointers))
	for i := range order {
		order[i] = i
	}
	sort.Slice(order, func(i, j int) bool { return nodes[order[i]].nearest() < nodes[order[j]].nearest() })
	out := make([]Position, len(pointers))
	var to ruler
	for _, i := range order {
		out[i].Line, out[i].Column = to.place(data, nodes[i].nearest())
		out[i].Exact = nodes[i].found
	}
	return out
}

// wanted is a tree of the pointers that somebody asks for.
type wanted struct {
	above  *wanted
	below  map[string]*wanted
	items  map[int]*wanted // those of below whose names are numbers
	offset int
	found  bool
}

// at returns the node of a pointer, making those on the way.
func (w *wanted) at(pointer string) *wanted {
	if pointer == "" {
		return w
	}
	for step := range strings.SplitSeq(strings.TrimPrefix(pointer, "/"), "/") {
		step = strings.ReplaceAll(strings.ReplaceAll(step, "~1", "/"), "~0", "~")
		next := w.below[step]
		if next == nil {
			next = &wanted{above: w}
			if w.below == nil {
				w.below, w.items = map[string]*wanted{}, map[int]*wanted{}
			}
			w.below[step] = next
			if i, err := strconv.Atoi(step); err == nil && i >= 0 {
				w.items[i] = next
			}
		}
		w = next
	}
	return w
}

// nearest is the offset of the value, or of the nearest one above it.
func (w *wanted) nearest() int {
	for !w.found && w.above != nil {
		w = w.above
	}
	return w.offset
}

// locate notes the offsets of what is wanted in the next value.
func (r *reader) locate(w *wanted) {
	if w == nil || w.found || w.below == nil {
		if w != nil && !w.found {
			w.offset, w.found = r.at, true
		}
		r.skip()
		return
	}
	w.offset, w.found = r.at, true
	switch r.kind() {
	case objectKind:
		defer func() { r.depth-- }()
		if !r.open() {
			return
		}
		if r.peek() == '}' {
			r.at++
			return
		}
		for {
			name, _ := r.key()
			if r.failed {
				return
			}
			r.locate(w.below[name])
			if r.next('}') {
				return
			}
		}
	case arrayKind:
		defer func() { r.depth-- }()
		if !r.open() {
			return
		}
		if r.peek() == ']' {
			r.at++
			return
		}
		for i := 0; ; i++ {
			r.locate(w.items[i])
			if r.next(']') {
				return
			}
		}
	default:
		r.skip()
	}
}

// Unsorted calls report with the pointer of each member that should stand before the
// member it follows, when members are sorted by the bytes of their names. It stops
// when report returns false. The bytes must be a document that Read has read without
// Syntax problems.
func Unsorted(data []byte, report func(pointer string) bool) {
	r := &reader{data: data, s: string(data), utf8: true, order: report, limits: Limits{}.withDefaults()}
	r.path = make([]step, 0, 16)
	r.space()
	r.skip()
}
