package schema

import (
	"encoding/json"
	"maps"
	"math/rand/v2"
	"slices"
	"strconv"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"
)

// Variants calls f with n documents that the schema holds for: the full one without a
// random choice of its optional members. A member is optional when the schema still
// holds without it. It fails when one of them was never absent or never there, and
// logs the coverage.
func Variants(t testing.TB, s *jsonschema.Schema, full []byte, n int, f func(doc any, data []byte)) {
	t.Helper()
	var optional []string
	members(Decode(t, full), "", func(pointer string, o map[string]any, name string) {
		value := o[name]
		delete(o, name)
		doc := Decode(t, full)
		o[name] = value
		remove(doc, map[string]bool{pointer: true})
		if s.Validate(doc) == nil {
			optional = append(optional, pointer)
		}
	})
	there, absent := map[string]int{}, map[string]int{}
	r := rand.New(rand.NewPCG(1, 2))
	made, tries := 0, 0
	for ; made < n && tries < 50*n; tries++ {
		without := map[string]bool{}
		for _, pointer := range optional {
			without[pointer] = r.IntN(10) < 2
		}
		doc := Decode(t, full)
		remove(doc, without)
		if s.Validate(doc) != nil {
			continue // two members may be optional, but not both at once
		}
		data, err := json.Marshal(doc)
		if err != nil {
			t.Fatal(err)
		}
		made++
		has := map[string]bool{}
		members(doc, "", func(pointer string, _ map[string]any, _ string) { has[pointer] = true })
		for _, pointer := range optional {
			if has[pointer] {
				there[pointer]++
			} else {
				absent[pointer]++
			}
		}
		f(doc, data)
	}
	if made < n {
		t.Errorf("only %d of %d documents after %d tries", made, n, tries)
	}
	for _, pointer := range optional {
		if there[pointer] == 0 || absent[pointer] == 0 {
			t.Errorf("%s: there %d times, absent %d times", pointer, there[pointer], absent[pointer])
		}
	}
	t.Logf("%d documents; %d optional members, each there and absent", made, len(optional))
}

// members visits every member of every object, those of an object before those below.
func members(v any, at string, visit func(pointer string, o map[string]any, name string)) {
	switch v := v.(type) {
	case map[string]any:
		for _, name := range slices.Sorted(maps.Keys(v)) {
			visit(at+"/"+name, v, name)
			members(v[name], at+"/"+name, visit)
		}
	case []any:
		for i, item := range v {
			members(item, at+"/"+strconv.Itoa(i), visit)
		}
	}
}

// remove takes members out of a document.
func remove(doc any, without map[string]bool) {
	members(doc, "", func(pointer string, o map[string]any, name string) {
		if without[pointer] {
			delete(o, name)
		}
	})
}
