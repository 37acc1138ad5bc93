package schema

import (
	"encoding/json"
	"fmt"
	"maps"
	"math/rand/v2"
	"os"
	"slices"
	"strings"
	"testing"
)

// Mutate changes one or two places of a decoded document: a member removed, added or
// of another type, values swapped, texts and numbers bent, items repeated or in
// another order. It says what it did. The document given is not changed.
func Mutate(r *rand.Rand, doc any) (changed any, what string) {
	doc = clone(doc)
	var did []string
	for range 1 + r.IntN(2) {
		all := places(doc, nil)
		if len(all) == 0 {
			break
		}
		at := all[r.IntN(len(all))]
		other := all[r.IntN(len(all))]
		did = append(did, change(r, at, other))
	}
	return doc, strings.Join(did, "; ")
}

// place is a value within an object or array.
type place struct {
	object map[string]any
	key    string
	array  []any
	index  int
	path   []string
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

// places lists every value below v, in an order that is always the same.
func places(v any, path []string) []place {
	var out []place
	switch v := v.(type) {
	case map[string]any:
		for _, k := range slices.Sorted(maps.Keys(v)) {
			here := append(slices.Clip(path), k)
			out = append(out, place{object: v, key: k, path: here})
			out = append(out, places(v[k], here)...)
		}
	case []any:
		for i := range v {
			here := append(slices.Clip(path), fmt.Sprint(i))
			out = append(out, place{array: v, index: i, path: here})
			out = append(out, places(v[i], here)...)
		}
	}
	return out
}

func change(r *rand.Rand, p, other place) string {
	at := "/" + strings.Join(p.path, "/")
	switch r.IntN(8) {
	case 0:
		if p.object != nil {
			delete(p.object, p.key)
			return "removed " + at
		}
	case 1:
		p.set(strange(r))
		return "another value at " + at
	case 2:
		a, b := clone(p.get()), clone(other.get())
		p.set(b)
		other.set(a)
		return "swapped " + at + " and /" + strings.Join(other.path, "/")
	case 3:
		if p.object != nil {
			name := []string{"extra", "x_extra", other.key, strings.ToUpper(p.key)}[r.IntN(4)]
			p.object[name] = clone(other.get())
			return "added " + name + " beside " + at
		}
	}
	switch v := p.get().(type) {
	case string:
		p.set(bend(r, v))
		return "bent " + at
	case json.Number:
		p.set(json.Number([]string{"0", "-1", "10", "10.1", "9.05", "7.25", "1e1", "1e3", "3.0", "8.95"}[r.IntN(10)]))
		return "another number at " + at
	case []any:
		return items(r, p, v, at)
	case map[string]any:
		p.set(map[string]any{})
		return "emptied " + at
	}
	p.set(strange(r))
	return "another value at " + at
}

// items repeats, removes, reorders or empties the items of an array.
func items(r *rand.Rand, p place, v []any, at string) string {
	switch {
	case len(v) == 0 || r.IntN(5) == 0:
		p.set([]any{})
		return "emptied " + at
	case r.IntN(3) == 0:
		p.set(append(slices.Clone(v), clone(v[r.IntN(len(v))])))
		return "an item twice in " + at
	case r.IntN(2) == 0:
		p.set(slices.Clone(v[:len(v)-1]))
		return "the last item removed of " + at
	}
	out := slices.Clone(v)
	r.Shuffle(len(out), func(i, j int) { out[i], out[j] = out[j], out[i] })
	p.set(out)
	return "reordered " + at
}

// strange is a value of any type.
func strange(r *rand.Rand) any {
	return []any{nil, true, json.Number("0"), json.Number("5.5"), "", "x", " x", "x ", "https://example.com/a.json",
		"2024-02-30T00:00:00Z", "2016-12-31T23:59:60Z", "2024-01-01t00:00:00z", "1.0.0", []any{}, map[string]any{}, []any{"x"}, []any{json.Number("1")}}[r.IntN(17)]
}

// bend changes a text a little.
func bend(r *rand.Rand, s string) string {
	if s == "" {
		return "x"
	}
	i := r.IntN(len(s))
	for i > 0 && s[i]&0xC0 == 0x80 {
		i--
	}
	switch r.IntN(9) {
	case 0:
		return s[:i]
	case 1:
		return s + []string{" ", "x", "0", "/", "-", ".", "\n", "Z"}[r.IntN(8)]
	case 2:
		return s[:i] + []string{" ", "/", ":", "0", "-", "%", "#", "[", "\"", "é", "\\"}[r.IntN(11)] + s[i:]
	case 3:
		return strings.ToUpper(s)
	case 4:
		return strings.ToLower(s)
	case 5:
		return " " + s
	case 6:
		return strings.Replace(s, ":", "", 1)
	case 7:
		return strings.Replace(s, "/", "//", 1)
	}
	return s + s
}

func clone(v any) any {
	switch v := v.(type) {
	case map[string]any:
		out := make(map[string]any, len(v))
		for k, x := range v {
			out[k] = clone(x)
		}
		return out
	case []any:
		out := make([]any, len(v))
		for i, x := range v {
			out[i] = clone(x)
		}
		return out
	}
	return v
}

// Each calls f with the bytes of n mutations of the documents in the files; the same
// ones each time. It is for tests of functions that must stand whatever a document
// holds.
func Each(t testing.TB, n int, files []string, f func(data []byte, what string)) {
	t.Helper()
	var docs []any
	for _, file := range files {
		data, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		docs = append(docs, Decode(t, data))
	}
	r := rand.New(rand.NewPCG(3, 4))
	for range n {
		doc, what := Mutate(r, docs[r.IntN(len(docs))])
		data, err := json.Marshal(doc)
		if err != nil {
			t.Fatal(err)
		}
		f(data, what)
	}
}
