package strictjson

import (
	"hash/maphash"
	"reflect"
)

// array reads a slice.
func (r *reader) array(n *node, v reflect.Value) {
	start := r.at
	defer func() { r.depth-- }()
	if !r.open() {
		return
	}
	if r.peek() == ']' {
		r.at++
		v.Set(reflect.MakeSlice(n.typ, 0, 0))
		r.count(n, 0, start)
		return
	}
	r.path = append(r.path, step{"", 0})
	count := 0
	if n.plain {
		count = r.strings(n, v)
	} else {
		count = r.items(n, v)
	}
	r.path = r.path[:len(r.path)-1]
	if !r.failed {
		r.count(n, count, start)
	}
}

func (r *reader) count(n *node, count, start int) {
	if count < n.least {
		r.problem(Value, start, "at least %d items are needed", n.least)
	}
	if n.most >= 0 && count > n.most {
		r.problem(Value, start, "more than %d items", n.most)
	}
}

// strings reads the items of a []string.
func (r *reader) strings(n *node, v reflect.Value) int {
	first, firstSpan := len(r.texts), len(r.spans)
	last := len(r.path) - 1
	for i := 0; ; i++ {
		r.path[last].index = i
		at, s := r.at, ""
		if r.peek() == '"' {
			s = r.str()
			if !r.failed {
				r.text(n.elem, s, at)
			}
		} else {
			r.other(n.elem, r.kind())
		}
		r.texts = append(r.texts, s)
		if n.unique {
			r.spans = append(r.spans, span{at, r.at})
		}
		if r.next(']') {
			break
		}
	}
	if r.failed {
		return 0
	}
	items := r.texts[first:]
	out := make([]string, len(items))
	copy(out, items)
	*(v.Addr().Interface().(*[]string)) = out
	r.texts = r.texts[:first]
	if n.unique && len(out) > 1 {
		r.uniqueTexts(out, r.spans[firstSpan:])
	}
	r.spans = r.spans[:firstSpan]
	return len(out)
}

// items reads the items of any other slice.
func (r *reader) items(n *node, v reflect.Value) int {
	size := int(n.typ.Elem().Size())
	firstSpan, last := len(r.spans), len(r.path)-1
	for i := 0; ; i++ {
		r.path[last].index = i
		at := r.at
		if i == v.Cap() {
			if !r.charge(size * max(1, i)) {
				return i
			}
			v.Grow(1)
		}
		v.SetLen(i + 1)
		r.value(n.elem, v.Index(i))
		if n.unique {
			r.spans = append(r.spans, span{at, r.at})
		}
		if r.next(']') {
			break
		}
	}
	if n.unique && !r.failed && v.Len() > 1 {
		r.uniqueItems(n.elem, v, r.spans[firstSpan:])
	}
	r.spans = r.spans[:firstSpan]
	return v.Len()
}

// uniqueTexts reports texts that occur twice. Items that are no texts are "" here;
// those have a problem already, and two of them are compared as they are written.
func (r *reader) uniqueTexts(items []string, spans []span) {
	last := len(r.path)
	if len(items) > few {
		r.seen.reset(len(items))
	}
	for i, s := range items {
		first := -1
		if len(items) > few {
			first = r.seen.put(items, i)
		} else {
			for j := range i {
				if items[j] == s {
					first = j
					break
				}
			}
		}
		if first < 0 || s == "" && r.s[spans[first].from:spans[first].to] != r.s[spans[i].from:spans[i].to] {
			continue
		}
		r.twice(spans[i].from, first, i)
	}
	r.path = r.path[:last]
}

// twice reports that an item is equal to an earlier one.
func (r *reader) twice(at, first, i int) {
	last := len(r.path) - 1
	r.path[last].index = i
	r.problem(Repeated, at, "equal to item %d", first)
}

// uniqueItems reports items that are equal JSON values. Items that were read into
// different values are different, which is cheap to see; only others are compared by
// their canonical texts.
func (r *reader) uniqueItems(n *node, v reflect.Value, spans []span) {
	if len(spans) > few {
		seen := make(map[string]int, len(spans))
		for i, s := range spans {
			key := canonical(r.s[s.from:s.to])
			if first, ok := seen[key]; ok {
				r.twice(s.from, first, i)
			} else {
				seen[key] = i
			}
		}
		return
	}
	var texts [few]string
	text := func(i int) string {
		if texts[i] == "" {
			texts[i] = canonical(r.s[spans[i].from:spans[i].to])
		}
		return texts[i]
	}
	for i := range spans {
		for j := range i {
			if !different(n, v.Index(i), v.Index(j)) && text(i) == text(j) {
				r.twice(spans[i].from, j, i)
				break
			}
		}
	}
}

// different reports whether two values were certainly read from different texts.
func different(n *node, a, b reflect.Value) bool {
	if n.pointer {
		if a.IsNil() || b.IsNil() {
			return a.IsNil() != b.IsNil()
		}
		a, b = a.Elem(), b.Elem()
	}
	switch {
	case n.raw:
		return false
	case n.want == textKind:
		return a.String() != b.String()
	case n.want == arrayKind:
		if a.Len() != b.Len() {
			return true
		}
		for i := range a.Len() {
			if different(n.elem, a.Index(i), b.Index(i)) {
				return true
			}
		}
	case n.object != nil:
		for i := range n.object.fields {
			f := &n.object.fields[i]
			if different(f.node, a.Field(f.index), b.Field(f.index)) {
				return true
			}
		}
	}
	return false
}

// textTable finds equal texts in long lists: a hash table that is used again, since
// an advisory has many lists of the same products.
type textTable struct {
	slots []slot
	round uint32
	hash  maphash.Seed
}

type slot struct {
	round uint32
	index int32
}

func (t *textTable) reset(n int) {
	size := 64
	for size < 2*n {
		size *= 2
	}
	if len(t.slots) < size {
		t.slots, t.round = make([]slot, size), 0
	}
	if t.round++; t.round == 1 {
		t.hash = maphash.MakeSeed()
	}
}

// put adds items[i] and returns the index of an equal one before it, or -1.
func (t *textTable) put(items []string, i int) int {
	mask := uint64(len(t.slots) - 1)
	for at := maphash.String(t.hash, items[i]) & mask; ; at = (at + 1) & mask {
		s := &t.slots[at]
		if s.round != t.round {
			*s = slot{t.round, int32(i)}
			return -1
		}
		if items[s.index] == items[i] {
			return int(s.index)
		}
	}
}
