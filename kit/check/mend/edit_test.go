package mend

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/tocsin-sec/tocsin/kit/csaf/rule"
	"github.com/tocsin-sec/tocsin/test/shared"
)

func TestNothingButTheFixChangesInTheLayout(t *testing.T) {
	for fact, x := range map[string]struct {
		in, out string
		fix     rule.Fix
	}{
		"a value":                          {"{ \"a\" :1 ,\n\"b\": 2}\n", "{ \"a\" :3 ,\n\"b\": 2}\n", rule.Replace("/a", 3)},
		"HTML in a value":                  {`{"a":1}`, `{"a":"<b>"}`, rule.Replace("/a", "<b>")},
		"the first member":                 {"{\n  \"a\": 1,\n  \"b\": 2\n}", "{\n  \"b\": 2\n}", rule.Remove("/a")},
		"the last member":                  {"{\n  \"a\": 1,\n  \"b\": 2\n}", "{\n  \"a\": 1\n}", rule.Remove("/b")},
		"the only member":                  {`{"x":{ "a": 1 }}`, `{"x":{}}`, rule.Remove("/x/a")},
		"an item":                          {`[1, 2, 3]`, `[1, 3]`, rule.Remove("/1")},
		"a member more":                    {"{\n\t\"a\": 1\n}", "{\n\t\"a\": 1,\n\t\"b\": 2\n}", rule.Add("/b", 2)},
		"a member more on one line":        {`{"a":1}`, `{"a":1,"b":2}`, rule.Add("/b", 2)},
		"a member of an empty object":      {`{}`, `{"b": 2}`, rule.Add("/b", 2)},
		"a member that is there":           {`{"a" : 1}`, `{"a" : 2}`, rule.Add("/a", 2)},
		"an item more":                     {"[\n 1\n]", "[\n 1,\n 2\n]", rule.Add("/-", 2)},
		"an item before another":           {"[1, 2]", "[3, 1, 2]", rule.Add("/0", 3)},
		"a name with a slash":              {`{"a/b":1,"a~":2}`, `{"a~":2}`, rule.Remove("/a~1b")},
		"a member elsewhere":               {`{"a":{"x":[1 ,2]},"b":{"y":0}}`, `{"a":{},"b":{"y":0,"z":[1 ,2]}}`, rule.Move("/a/x", "/b/z")},
		"quotes and brackets within texts": {`{"a":"}\"],","b":2}`, `{"a":"}\"],","b":3}`, rule.Replace("/b", 3)},
	} {
		root, ok := parse([]byte(x.in))
		if !ok {
			t.Fatalf("%s is not read", x.in)
		}
		edits, ok := root.edits([]byte(x.in), x.fix)
		if got := string(apply([]byte(x.in), edits)); !ok || got != x.out {
			t.Errorf("%s: %q, want %q", fact, got, x.out)
		}
	}
}

func TestWhatDoesNotFitIsNotChanged(t *testing.T) {
	for _, in := range []string{``, `{`, `{"a":1,"a":2}`, `{"a":1,"\u0061":2}`, `[1,]`, `{"a" 1}`, "\xEF\xBB\xBF{}", `"a`, `{} {}`, strings.Repeat("[", 100_000)} {
		if _, ok := parse([]byte(in)); ok {
			t.Errorf("%.40q is read", in)
		}
	}
	in := []byte(`{"a":[1],"b":2}`)
	root, _ := parse(in)
	for _, fix := range []rule.Fix{rule.Remove("/c"), rule.Replace("/a/1", 1), rule.Replace("/a/01", 1), rule.Add("/a/5", 1), rule.Add("/b/c", 1), rule.Remove(""), rule.Add("/x/y", 1),
		rule.Move("/x", "/y"), append(rule.Remove("/a"), rule.Replace("/a/0", 3)...), {{Op: "test", Path: "/a"}}} {
		if edits, ok := root.edits(in, fix); ok {
			t.Errorf("%v makes %q", fix, apply(in, edits))
		}
	}
}

// TestEditsMeanWhatThePatchMeans changes real documents at random places, in the bytes and in
// the decoded values: both say the same afterwards.
func TestEditsMeanWhatThePatchMeans(t *testing.T) {
	list, err := filepath.Glob(filepath.Join(shared.Dir(t), "data/csaf/*/*/*/*/*.json"))
	if err != nil || len(list) == 0 {
		shared.Missing(t, "no documents: %v", err)
	}
	r := rand.New(rand.NewPCG(1, 2))
	for i := 0; i < len(list); i += 7 {
		data, err := os.ReadFile(list[i])
		if err != nil {
			t.Fatal(err)
		}
		root, ok := parse(data)
		if !ok {
			continue
		}
		var all []string
		pointers(root, "", &all)
		for range 30 {
			at := all[r.IntN(len(all))]
			fix := []rule.Fix{rule.Remove(at), rule.Replace(at, "x"), rule.Add(at, 7), rule.Add(at[:strings.LastIndexByte(at, '/')]+"/x", "y")}[r.IntN(4)]
			edits, ok := root.edits(data, fix)
			if !ok {
				continue // an item that is called x
			}
			var got, want any
			if err := json.Unmarshal(apply(data, edits), &got); err != nil {
				t.Fatalf("%s: %v: %v", list[i], fix, err)
			}
			if err := json.Unmarshal(data, &want); err != nil {
				t.Fatal(err)
			}
			want = patched(want, strings.Split(fix[0].Path, "/")[1:], fix[0])
			norm, _ := json.Marshal(want)
			_ = json.Unmarshal(norm, &want)
			if !reflect.DeepEqual(got, want) {
				t.Fatalf("%s: %v means another thing", list[i], fix)
			}
		}
	}
}

func pointers(n *node, at string, out *[]string) {
	for i, kid := range n.kids {
		p := fmt.Sprint(at, "/", i)
		if n.kind == '{' {
			p = at + "/" + strings.NewReplacer("~", "~0", "/", "~1").Replace(n.names[i])
		}
		*out = append(*out, p)
		pointers(kid, p, out)
	}
}

// patched is a decoded value after one operation.
func patched(v any, path []string, op rule.Operation) any {
	name := strings.NewReplacer("~1", "/", "~0", "~").Replace(path[0])
	switch v := v.(type) {
	case map[string]any:
		switch {
		case len(path) > 1:
			v[name] = patched(v[name], path[1:], op)
		case op.Op == "remove":
			delete(v, name)
		default:
			v[name] = op.Value
		}
		return v
	case []any:
		i, _ := strconv.Atoi(name)
		switch {
		case len(path) > 1:
			v[i] = patched(v[i], path[1:], op)
			return v
		case op.Op == "remove":
			return slices.Delete(v, i, i+1)
		case op.Op == "add":
			return slices.Insert(v, i, op.Value)
		}
		v[i] = op.Value
		return v
	}
	return v
}
