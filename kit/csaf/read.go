package csaf

import (
	"iter"
	"maps"
	"reflect"
	"slices"
	"strconv"
	"strings"
)

// ReadAdvisory reads a CSAF 2.0 advisory and reports every problem. The document
// is usable when problems.Fatal() is false; otherwise it holds what could be read.
func ReadAdvisory(data []byte, limits Limits) (*Advisory, Problems) {
	return read[Advisory](data, limits)
}

// ReadProvider reads a provider-metadata.json as ReadAdvisory reads an advisory.
func ReadProvider(data []byte, limits Limits) (*Provider, Problems) {
	return read[Provider](data, limits)
}

// ReadFeed reads a ROLIE feed in JSON as ReadAdvisory reads an advisory.
func ReadFeed(data []byte, limits Limits) (*FeedDocument, Problems) {
	return read[FeedDocument](data, limits)
}

func read[T any](data []byte, limits Limits) (*T, Problems) {
	limits = limits.withDefaults()
	list := &collector{limit: limits.Problems}
	out := new(T)
	p := parser{in: data, limits: limits, list: list}
	if root, ok := p.parse(); ok {
		d := decoder{list}
		d.value(root, reflect.ValueOf(out).Elem(), "", rules{})
	}
	return out, list.place(data)
}

// rules are what a field's csaf tag asks of its value.
type rules struct {
	required bool
	unique   bool     // no two equal items
	items    int      // least number of items, -1: not given (then 1)
	min      int      // of the struct: least number of members
	max      float64  // greatest number
	enum     []string // allowed texts
	like     string   // name of a pattern in patterns
}

func parseRules(tag string) rules {
	r := rules{items: -1}
	for part := range strings.SplitSeq(tag, ",") {
		name, arg, _ := strings.Cut(part, "=")
		switch name {
		case "req":
			r.required = true
		case "unique":
			r.unique = true
		case "items":
			r.items, _ = strconv.Atoi(arg)
		case "min":
			r.min, _ = strconv.Atoi(arg)
		case "max":
			r.max, _ = strconv.ParseFloat(arg, 64)
		case "enum":
			r.enum = strings.Split(arg, "|")
		case "like":
			r.like = arg
		}
	}
	return r
}

// decoder fills Go values from nodes and checks the rules of their tags.
type decoder struct{ list *collector }

func (d decoder) problem(n node, code Code, pointer, format string, args ...any) {
	d.list.add(Problem{Code: code, Pointer: pointer, Message: sprintf(format, args...)}, n.at)
}

// value reads n into v.
func (d decoder) value(n node, v reflect.Value, pointer string, r rules) {
	switch v.Kind() {
	case reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
		d.value(n, v.Elem(), pointer, r)
	case reflect.Struct:
		if d.expect(n, object, pointer) {
			d.object(n, v, pointer)
		}
	case reflect.Slice:
		if d.expect(n, array, pointer) {
			d.array(n, v, pointer, r)
		}
	case reflect.String:
		if d.expect(n, text, pointer) {
			d.text(n, pointer, r)
			v.SetString(n.text)
		}
	case reflect.Bool:
		if d.expect(n, boolean, pointer) {
			v.SetBool(n.text == "true")
		}
	case reflect.Float64:
		if d.expect(n, number, pointer) {
			f, err := strconv.ParseFloat(n.text, 64)
			if err != nil || f < 0 || r.max > 0 && f > r.max {
				d.problem(n, Value, pointer, "%s is not between 0 and %g", n.text, r.max)
			}
			v.SetFloat(f)
		}
	}
}

func (d decoder) expect(n node, k kind, pointer string) bool {
	if n.kind != k {
		d.problem(n, Type, pointer, "%s is expected, not %s", k, n.kind)
	}
	return n.kind == k
}

// String names the kind with its article, for messages.
func (k kind) String() string {
	return [...]string{"nothing", "an object", "an array", "a string", "a number", "true or false", "null"}[k]
}

func (d decoder) object(n node, v reflect.Value, pointer string) {
	fields, own := fieldsOf(v.Type())
	seen := make(map[string]bool, len(n.members))
	for _, m := range n.members {
		f, ok := fields[m.key]
		at := join(pointer, m.key)
		if !ok {
			d.list.add(Problem{Code: Unknown, Pointer: at, Message: "the standard does not know this member"}, m.at)
			continue
		}
		seen[m.key] = true
		d.value(m.value, v.Field(f.index), at, f.rules)
	}
	for name, f := range inOrder(fields) {
		if f.rules.required && !seen[name] {
			d.problem(n, Missing, join(pointer, name), "the member %q is missing", name)
		}
	}
	if len(n.members) < own.min {
		d.problem(n, Value, pointer, "at least %d of its members are needed", own.min)
	}
}

// inOrder yields the fields sorted by name, so that the report is always the same.
func inOrder(fields map[string]field) iter.Seq2[string, field] {
	return func(yield func(string, field) bool) {
		for _, name := range slices.Sorted(maps.Keys(fields)) {
			if !yield(name, fields[name]) {
				return
			}
		}
	}
}

type field struct {
	index int
	rules rules
}

// fieldsOf returns the fields of a struct type by JSON name and the struct's own rules.
func fieldsOf(t reflect.Type) (map[string]field, rules) {
	out := make(map[string]field, t.NumField())
	var own rules
	for i := range t.NumField() {
		f := t.Field(i)
		if f.Name == "_" {
			own = parseRules(f.Tag.Get("strict"))
			continue
		}
		name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
		out[name] = field{i, parseRules(f.Tag.Get("strict"))}
	}
	return out, own
}

func (d decoder) array(n node, v reflect.Value, pointer string, r rules) {
	least := r.items
	if least < 0 {
		least = 1
	}
	if len(n.items) < least {
		d.problem(n, Value, pointer, "at least %d items are needed", least)
	}
	v.Set(reflect.MakeSlice(v.Type(), len(n.items), len(n.items)))
	inner := r
	inner.required, inner.unique, inner.items = false, false, -1
	seen := map[string]int{}
	for i, item := range n.items {
		d.value(item, v.Index(i), index(pointer, i), inner)
		if !r.unique {
			continue
		}
		key := item.canonical()
		if first, twice := seen[key]; twice {
			d.problem(item, Value, index(pointer, i), "equal to item %d", first)
		} else {
			seen[key] = i
		}
	}
}

func (d decoder) text(n node, pointer string, r rules) {
	switch {
	case n.text == "":
		d.problem(n, Value, pointer, "an empty string")
	case r.enum != nil:
		for _, e := range r.enum {
			if e == n.text {
				return
			}
		}
		d.problem(n, Value, pointer, "%q is none of %s", clip(n.text), strings.Join(r.enum, ", "))
	case r.like != "" && !matches(r.like, n.text):
		d.problem(n, Value, pointer, "%q is not %s", clip(n.text), described(r.like))
	}
}

// clip shortens foreign text for a message.
func clip(s string) string {
	const longest = 80
	if len(s) <= longest {
		return s
	}
	return strings.ToValidUTF8(s[:longest], "") + "..."
}
