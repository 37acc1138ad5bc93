//go:build peers

package csaf_test

import (
	"bytes"
	"encoding/json"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
)

// place is a member or an item of a decoded document.
type place struct {
	object map[string]any
	array  []any
	key    string // of a member; of an item: that of the array
	index  int
}

func (p place) get() any {
	if p.object != nil {
		return p.object[p.key]
	}
	return p.array[p.index]
}

func (p place) set(v any) {
	if p.object != nil {
		p.object[p.key] = v
	} else {
		p.array[p.index] = v
	}
}

func places(v any, key string, out []place) []place {
	switch v := v.(type) {
	case map[string]any:
		for _, k := range slices.Sorted(maps.Keys(v)) {
			out = places(v[k], k, append(out, place{object: v, key: k}))
		}
	case []any:
		for i := range v {
			out = places(v[i], key, append(out, place{array: v, key: key, index: i}))
		}
	}
	return out
}

// mutate changes a document in one of five ways and returns its bytes.
func mutate(r *rand.Rand, doc any) (data []byte, what string) {
	var reversed map[string]any
	all := places(doc, "", nil)
	p := all[r.IntN(len(all))]
	switch r.IntN(5) {
	case 0:
		for p.object == nil {
			p = all[r.IntN(len(all))]
		}
		delete(p.object, p.key)
		what = "removed " + p.key
	case 1: // the values of two members of one name, else of any two
		what = "swapped " + p.key
		same := slices.DeleteFunc(slices.Clone(all), func(q place) bool { return q.key != p.key })
		q := same[r.IntN(len(same))]
		a, b := copied(p.get()), copied(q.get())
		p.set(b)
		q.set(a)
	case 2: // an id or a reference to one
		ids := slices.DeleteFunc(slices.Clone(all), func(q place) bool {
			_, text := q.get().(string)
			return !text || !strings.Contains(" product_id product_ids products product_reference relates_to_product_reference group_ids group_id known_affected fixed known_not_affected number version date cve ", " "+q.key+" ")
		})
		if len(ids) == 0 {
			break
		}
		q, other := ids[r.IntN(len(ids))], ids[r.IntN(len(ids))]
		what = "broke " + q.key
		if q.key == other.key {
			q.set(other.get())
		} else {
			q.set(q.get().(string) + "9")
		}
	case 3: // the order of items
		for _, i := range r.Perm(len(all)) {
			if list, ok := all[i].get().([]any); ok && len(list) > 1 {
				r.Shuffle(len(list), func(i, j int) { list[i], list[j] = list[j], list[i] })
				what = "reordered " + all[i].key
				break
			}
		}
	case 4: // the order of members, or a value of another kind
		if o, ok := p.get().(map[string]any); ok {
			reversed, what = o, "reversed "+p.key
			break
		}
		p.set([]any{"x", "", "2020-01-01T00:00:00Z", "2.0.0", "CVE-2020-0001", json.Number("7.5"), "3", "self", "draft", "csaf_vex"}[r.IntN(10)])
		what = "another " + p.key
	}
	var b bytes.Buffer
	write(&b, doc, reversed)
	return b.Bytes(), what
}

func copied(v any) any {
	raw, err := json.Marshal(v)
	if err != nil {
		panic(err)
	}
	return decode(raw)
}

func decode(raw []byte) any {
	var v any
	d := json.NewDecoder(bytes.NewReader(raw))
	d.UseNumber()
	if err := d.Decode(&v); err != nil {
		panic(err)
	}
	return v
}

// write encodes with sorted members, but for those of one object, which go backwards.
func write(b *bytes.Buffer, v any, reversed map[string]any) {
	switch v := v.(type) {
	case map[string]any:
		keys := slices.Sorted(maps.Keys(v))
		if reversed != nil && len(v) > 0 && same(v, reversed) {
			slices.Reverse(keys)
		}
		b.WriteByte('{')
		for i, k := range keys {
			if i > 0 {
				b.WriteByte(',')
			}
			name, _ := json.Marshal(k)
			b.Write(name)
			b.WriteByte(':')
			write(b, v[k], reversed)
		}
		b.WriteByte('}')
	case []any:
		b.WriteByte('[')
		for i := range v {
			if i > 0 {
				b.WriteByte(',')
			}
			write(b, v[i], reversed)
		}
		b.WriteByte(']')
	default:
		raw, _ := json.Marshal(v)
		b.Write(raw)
	}
}

// same reports whether two maps are one.
func same(a, b map[string]any) bool {
	const mark = "\x00mark"
	a[mark] = nil
	_, is := b[mark]
	delete(a, mark)
	return is
}
