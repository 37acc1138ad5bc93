package strictjson

import (
	"encoding/json"
	"fmt"
	"reflect"
	"regexp"
	"sort"
	"strconv"
	"strings"
	"sync"
)

// Policy says what happens with members that a struct does not have.
type Policy uint8

// The policies.
const (
	Warn   Policy = iota // reported as Unknown
	Refuse               // reported as Forbidden
	Ignore               // not reported
)

// Format is a named rule for texts.
type Format struct {
	What  string // for messages: "an absolute URI"
	Match func(string) bool
}

// Pattern returns a Format's Match for a regular expression, which is compiled when it
// is used first: the large ones of some schemas would cost every program that imports a
// reader milliseconds at its start. A function is faster; use it for what occurs often.
func Pattern(expression string) func(string) bool {
	compiled := sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(expression) })
	return func(s string) bool { return compiled().MatchString(s) }
}

// Rules are what a plan needs besides the tags of its types.
type Rules struct {
	// NonEmpty asks for at least one character in texts and one item in arrays
	// where the tags do not say otherwise.
	NonEmpty bool
	// Unknown is the policy for structs whose tags do not say otherwise.
	Unknown Policy
	// Strict names struct types whose policy is Refuse, whatever their tags say.
	Strict []any
	// Formats are the rules that "like" names.
	Formats map[string]Format
	// Checks look at the objects of a type when they have been read.
	Checks []Check
}

// Check is a rule about several members of one object.
type Check struct {
	typ reflect.Type
	run func(v reflect.Value, o *Object)
}

// On makes a Check for the type T. It is called for each object of the type, also when
// members are missing or wrong, which are reported without it.
func On[T any](f func(v *T, o *Object)) Check {
	return Check{reflect.TypeFor[T](), func(v reflect.Value, o *Object) { f(v.Addr().Interface().(*T), o) }}
}

// Plan reads values of type T.
type Plan[T any] struct {
	rules Rules
	once  sync.Once
	root  *node
}

// For returns the plan of a struct type. The tags are compiled at the first Read,
// which panics when one is wrong; For itself costs nothing, so that a plan can be a
// package variable.
func For[T any](rules Rules) *Plan[T] { return &Plan[T]{rules: rules} }

// Reading is what a plan knows of a document after one pass.
type Reading[T any] struct {
	Value    *T
	Problems Problems
	Sorted   bool // members stand in the order of their names everywhere
}

// Read reads one document and reports every problem. The result holds what could be
// read; it fits the format when problems.Fatal() is false. Its texts share one copy of
// the input.
func (p *Plan[T]) Read(data []byte, limits Limits) (*T, Problems) {
	r := p.Inspect(data, limits)
	return r.Value, r.Problems
}

// Inspect reads as Read does and returns what else it saw.
func (p *Plan[T]) Inspect(data []byte, limits Limits) Reading[T] {
	p.once.Do(func() {
		c := compiler{rules: p.rules, objects: map[reflect.Type]*object{}}
		p.root = c.node(reflect.TypeFor[T](), "")
	})
	out := new(T)
	r := &reader{data: data, limits: limits.withDefaults()}
	if len(data) <= r.limits.Bytes {
		r.s = string(data)
	}
	r.path = make([]step, 0, 16)
	if r.start() {
		r.value(p.root, reflect.ValueOf(out).Elem())
		r.end()
	}
	return Reading[T]{out, r.found.place(data), !r.failed && !r.mixed}
}

// node is what is asked of one value.
type node struct {
	typ     reflect.Type
	pointer bool // the field is a pointer to typ
	want    kind
	raw     bool // kept as it is written; want is invalid when every type is allowed
	null    bool // null is allowed
	integer bool
	least   int // characters, items or members
	most    int // -1 for no limit
	min     float64
	max     float64
	bounded bool
	unique  bool
	plain   bool // elements are of type string
	enum    []string
	format  *Format
	elem    *node
	object  *object
}

// object is a struct type.
type object struct {
	fields   []field
	required uint64
	table    []uint8 // hash of the name to index of the field + 1
	seed     uint32
	shift    uint32
	clash    bool // two names have the same sample: compare all
	unknown  Policy
	least    int
	most     int
	rest     int    // index of the map that takes unknown members, -1
	prefix   string // of their names
	checks   []func(reflect.Value, *Object)
}

type field struct {
	name  string
	index int
	node  *node
}

// compiler makes nodes of types.
type compiler struct {
	rules   Rules
	objects map[reflect.Type]*object
}

func (c *compiler) fault(t reflect.Type, format string, args ...any) {
	panic(fmt.Sprintf("strictjson: %s: %s", t, fmt.Sprintf(format, args...)))
}

// node compiles a type with the tag of the field that has it.
func (c *compiler) node(t reflect.Type, tag string) *node {
	n := &node{typ: t, least: -1, most: -1}
	if t.Kind() == reflect.Pointer {
		n.pointer, t = true, t.Elem()
		n.typ = t
	}
	empty := c.tag(n, tag)
	switch {
	case t == reflect.TypeFor[json.RawMessage]():
		n.raw = true
	case t.Kind() == reflect.Struct:
		n.want, n.object = objectKind, c.object(t)
	case t.Kind() == reflect.Map:
		n.want = objectKind
		n.elem = c.node(t.Elem(), inner(tag))
	case t.Kind() == reflect.Slice:
		n.want = arrayKind
		n.elem = c.node(t.Elem(), inner(tag))
		n.plain = t == reflect.TypeFor[[]string]()
		n.elem.least, n.elem.most = -1, -1
		if c.rules.NonEmpty && !empty {
			n.elem.least = 1
		}
		if n.least < 0 && c.rules.NonEmpty {
			n.least = 1
		}
	case t.Kind() == reflect.String:
		n.want = textKind
		if n.least < 0 && c.rules.NonEmpty && !empty {
			n.least = 1
		}
	case t.Kind() == reflect.Bool:
		n.want = booleanKind
	case t.Kind() == reflect.Float64, t.Kind() == reflect.Int, t.Kind() == reflect.Int64:
		n.want = numberKind
		n.integer = t.Kind() != reflect.Float64
	default:
		c.fault(t, "a type that cannot be read")
	}
	return n
}

// inner is the part of a tag that concerns the items of an array.
func inner(tag string) string {
	var out []string
	for part := range strings.SplitSeq(tag, ",") {
		switch name, _, _ := strings.Cut(part, "="); name {
		case "req", "unique", "items", "len", "null", "":
		default:
			out = append(out, part)
		}
	}
	return strings.Join(out, ",")
}

// tag reads the words of a tag into n and reports whether texts may be empty.
func (c *compiler) tag(n *node, tag string) (empty bool) {
	for part := range strings.SplitSeq(tag, ",") {
		name, arg, _ := strings.Cut(part, "=")
		switch name {
		case "", "req":
		case "unique":
			n.unique = true
		case "empty":
			empty = true
		case "null":
			n.null = true
		case "object":
			n.want = objectKind
		case "array":
			n.want = arrayKind
		case "items", "len":
			n.least, n.most = c.span(n.typ, arg)
		case "min":
			n.min, n.least = c.number(n.typ, arg), int(c.number(n.typ, arg))
			n.bounded = true
		case "max":
			n.max, n.bounded = c.number(n.typ, arg), true
		case "enum":
			n.enum = strings.Split(arg, "|")
		case "like":
			f, ok := c.rules.Formats[arg]
			if !ok {
				c.fault(n.typ, "no format %q", arg)
			}
			n.format = &f
		default:
			c.fault(n.typ, "%q in the tag %q is not known", part, tag)
		}
	}
	return empty
}

func (c *compiler) number(t reflect.Type, s string) float64 {
	f, err := strconv.ParseFloat(s, 64)
	if err != nil {
		c.fault(t, "%q is no number", s)
	}
	return f
}

// span reads "2" (at least) or "2-10".
func (c *compiler) span(t reflect.Type, s string) (least, most int) {
	low, high, both := strings.Cut(s, "-")
	least, most = int(c.number(t, low)), -1
	if both {
		most = int(c.number(t, high))
	}
	return least, most
}

// object compiles a struct type, once, since types may hold themselves.
func (c *compiler) object(t reflect.Type) *object {
	if o := c.objects[t]; o != nil {
		return o
	}
	o := &object{unknown: c.rules.Unknown, most: -1, rest: -1}
	c.objects[t] = o
	for i := range t.NumField() {
		c.field(o, t, t.Field(i))
	}
	if len(o.fields) > 64 {
		c.fault(t, "more than 64 members")
	}
	for _, s := range c.rules.Strict {
		if reflect.TypeOf(s) == t {
			o.unknown = Refuse
		}
	}
	for _, check := range c.rules.Checks {
		if check.typ == t {
			o.checks = append(o.checks, check.run)
		}
	}
	sort.Slice(o.fields, func(i, j int) bool { return o.fields[i].name < o.fields[j].name })
	for i, f := range o.fields {
		tag, _, _ := strings.Cut(t.Field(f.index).Tag.Get("strict"), ",")
		if tag == "req" {
			o.required |= 1 << i
		}
	}
	o.hash()
	return o
}

// field compiles one field; that named _ holds the rules of the struct itself.
func (c *compiler) field(o *object, t reflect.Type, f reflect.StructField) {
	tag := f.Tag.Get("strict")
	name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
	switch {
	case f.Name == "_":
		for part := range strings.SplitSeq(tag, ",") {
			switch word, arg, _ := strings.Cut(part, "="); word {
			case "min":
				o.least = int(c.number(t, arg))
			case "max":
				o.most = int(c.number(t, arg))
			case "unknown":
				o.unknown = map[string]Policy{"warn": Warn, "refuse": Refuse, "ignore": Ignore}[arg]
			default:
				c.fault(t, "%q is not known", part)
			}
		}
	case tag == "rest" || strings.HasPrefix(tag, "rest="):
		if f.Type != reflect.TypeFor[map[string]json.RawMessage]() {
			c.fault(t, "rest has to be a map of json.RawMessage")
		}
		o.rest, o.prefix = f.Index[0], strings.TrimPrefix(strings.TrimPrefix(tag, "rest"), "=")
	case name == "" || name == "-":
		c.fault(t, "the field %s has no name", f.Name)
	case strings.Contains(tag, "req") && !strings.HasPrefix(tag, "req"):
		c.fault(t, "req has to be the first word of %q", tag)
	default:
		o.fields = append(o.fields, field{name, f.Index[0], c.node(f.Type, tag)})
	}
}

// sample is four bytes that tell names of one struct apart, nearly always.
func sample(name string) uint32 {
	n := len(name)
	return uint32(n) | uint32(name[0])<<8 | uint32(name[n-1])<<16 | uint32(name[n/2])<<24
}

// hash finds a multiplier that gives every name a place of its own.
func (o *object) hash() {
	bits := uint32(2)
	for 1<<bits < 2*len(o.fields) {
		bits++
	}
	for ; bits <= 11; bits++ {
		for seed := uint32(0x9E3779B1); seed != 0x9E3779B1+2*200; seed += 2 {
			if o.try(seed, bits) {
				return
			}
		}
	}
	o.clash = true
}

func (o *object) try(seed, bits uint32) bool {
	table := make([]uint8, 1<<bits)
	for i, f := range o.fields {
		at := sample(f.name) * seed >> (32 - bits)
		if table[at] != 0 {
			return false
		}
		table[at] = uint8(i + 1)
	}
	o.table, o.seed, o.shift = table, seed, 32-bits
	return true
}

// find returns the index of the field with that name, -1 when there is none.
func (o *object) find(name string) int {
	if len(name) == 0 {
		return -1
	}
	if !o.clash {
		if i := int(o.table[sample(name)*o.seed>>o.shift]) - 1; i >= 0 && o.fields[i].name == name {
			return i
		}
		return -1
	}
	for i := range o.fields {
		if o.fields[i].name == name {
			return i
		}
	}
	return -1
}
