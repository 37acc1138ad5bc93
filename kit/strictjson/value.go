package strictjson

import (
	"encoding/json"
	"reflect"
	"strconv"
	"strings"
	"unicode/utf8"
)

// value reads the next value into v.
func (r *reader) value(n *node, v reflect.Value) {
	if n.raw {
		r.raw(n, v)
		return
	}
	if k := r.kind(); k != n.want {
		r.other(n, k)
		return
	}
	if n.pointer {
		if !r.charge(int(n.typ.Size())) {
			return
		}
		p := reflect.New(n.typ)
		v.Set(p)
		v = p.Elem()
	}
	switch n.want {
	case objectKind:
		if n.object != nil {
			r.object(n.object, v)
		} else {
			r.dictionary(n, v)
		}
	case arrayKind:
		r.array(n, v)
	case textKind:
		at := r.at
		s := r.str()
		if !r.failed {
			r.text(n, s, at)
			v.SetString(s)
		}
	case numberKind:
		r.numeric(n, v)
	case booleanKind:
		switch {
		case r.literal("true"):
			v.SetBool(true)
		case !r.literal("false"):
			r.nothing()
		}
	}
}

// charge counts memory of the result beyond its texts: three bytes ({},) may become six
// hundred.
func (r *reader) charge(size int) bool {
	if r.memory += size; r.memory > r.limits.Memory {
		r.fail(r.at, "more values than fit into %d bytes of memory", r.limits.Memory)
	}
	return !r.failed
}

// other reads a value of another type than the format asks for.
func (r *reader) other(n *node, k kind) {
	at := r.at
	r.skip()
	if !r.failed && !(n.null && k == nullKind) {
		r.problem(Type, at, "%s is expected, not %s", n.want, k)
	}
}

// raw keeps a value as it is written.
func (r *reader) raw(n *node, v reflect.Value) {
	at, k := r.at, r.kind()
	size := r.skip()
	if r.failed {
		return
	}
	switch {
	case n.want != invalid && k != n.want:
		if !(n.null && k == nullKind) {
			r.problem(Type, at, "%s is expected, not %s", n.want, k)
			return
		}
	case k == objectKind && size < n.least:
		r.problem(Value, at, "at least %d of its members are needed", n.least)
	case k == arrayKind && size < n.least:
		r.problem(Value, at, "at least %d items are needed", n.least)
	}
	v.SetBytes([]byte(r.s[at:r.at]))
}

// text checks a string.
func (r *reader) text(n *node, s string, at int) {
	if n.enum != nil {
		for _, e := range n.enum {
			if e == s {
				return
			}
		}
	}
	switch {
	case s == "" && n.least >= 1:
		r.problem(Value, at, "an empty string")
	case n.enum != nil:
		r.problem(Value, at, "%q is none of %s", clip(s), strings.Join(n.enum, ", "))
	case n.format != nil && !n.format.Match(s):
		r.problem(Value, at, "%q is not %s", clip(s), n.format.What)
	case n.least > 1 && utf8.RuneCountInString(s) < n.least:
		r.problem(Value, at, "shorter than %d characters", n.least)
	case n.most >= 0 && len(s) > n.most && utf8.RuneCountInString(s) > n.most:
		r.problem(Value, at, "longer than %d characters", n.most)
	}
}

// numeric reads a number.
func (r *reader) numeric(n *node, v reflect.Value) {
	at := r.at
	s := r.number()
	if r.failed {
		return
	}
	f, err := strconv.ParseFloat(s, 64)
	switch {
	case err != nil:
		r.problem(Value, at, "%s is too large", clip(s))
	case n.bounded && (f < n.min || n.max > n.min && f > n.max):
		if n.max > n.min {
			r.problem(Value, at, "%s is not between %g and %g", clip(s), n.min, n.max)
		} else {
			r.problem(Value, at, "%s is less than %g", clip(s), n.min)
		}
	}
	if !n.integer {
		v.SetFloat(f)
		return
	}
	i, err := strconv.ParseInt(s, 10, 64)
	if err != nil {
		// 1.0 and 1e3 are integers for JSON schema.
		if i = int64(f); float64(i) != f {
			r.problem(Value, at, "%s is no integer", clip(s))
			return
		}
	}
	v.SetInt(i)
}

// Object is an object that has been read, as a Check sees it.
type Object struct {
	r     *reader
	o     *object
	seen  uint64
	at    int
	first int // of its members' offsets
}

// Has reports whether the member is there, whatever its value.
func (o *Object) Has(name string) bool {
	i := o.o.find(name)
	return i >= 0 && o.seen&(1<<i) != 0
}

// Wrong reports a problem of the object, or of one member that it has.
func (o *Object) Wrong(member, format string, args ...any) {
	if !o.Has(member) {
		o.r.problem(Value, o.at, format, args...)
		return
	}
	i := o.o.find(member)
	for p := o.first; p < len(o.r.members); p += 2 {
		if o.r.members[p] == i {
			o.r.below(member, Value, o.r.members[p+1], format, args...)
			return
		}
	}
}

// object reads a struct.
func (r *reader) object(o *object, v reflect.Value) {
	start, firstMember := r.at, len(r.members)
	defer func() { r.depth-- }()
	if !r.open() {
		return
	}
	var seen uint64
	n := 0
	last := ""
	names := nameSet{first: len(r.keys)}
	if r.peek() == '}' {
		r.at++
	} else {
		for {
			name, at := r.key()
			if r.failed {
				return
			}
			if name < last {
				r.mixed = true
			}
			last = name
			r.path = append(r.path, step{name, -1})
			if i := o.find(name); i < 0 {
				if r.unknown(o, v, &names, name, at) {
					n++
				}
			} else if seen&(1<<i) != 0 {
				r.problem(Duplicate, at, "the member %q occurs twice", clip(name))
				r.skip()
			} else {
				seen |= 1 << i
				n++
				if o.checks != nil {
					r.members = append(r.members, i, r.at)
				}
				f := &o.fields[i]
				r.value(f.node, v.Field(f.index))
			}
			r.path = r.path[:len(r.path)-1]
			if r.next('}') {
				break
			}
		}
	}
	if r.failed {
		return
	}
	r.keys = r.keys[:names.first]
	r.whole(o, v, seen, n, start, firstMember)
}

// whole checks an object whose members have been read.
func (r *reader) whole(o *object, v reflect.Value, seen uint64, n, start, firstMember int) {
	if missing := o.required &^ seen; missing != 0 {
		for i := range o.fields {
			if missing&(1<<i) != 0 {
				r.below(o.fields[i].name, Missing, start, "the member %q is missing", o.fields[i].name)
			}
		}
	}
	if n < o.least {
		r.problem(Value, start, "at least %d of its members are needed", o.least)
	}
	if o.most >= 0 && n > o.most {
		r.problem(Value, start, "at most %d members are allowed", o.most)
	}
	for _, check := range o.checks {
		check(v, &Object{r, o, seen, start, firstMember})
	}
	r.members = r.members[:firstMember]
}

// unknown reads a member that the struct does not have, and reports whether it is
// there for the first time.
func (r *reader) unknown(o *object, v reflect.Value, names *nameSet, name string, at int) bool {
	fresh := names.add(r, name)
	from := r.at
	switch {
	case !fresh:
		r.problem(Duplicate, at, "the member %q occurs twice", clip(name))
		r.skip()
	case o.rest >= 0 && strings.HasPrefix(name, o.prefix):
		r.skip()
		if !r.failed {
			rest := v.Field(o.rest).Addr().Interface().(*map[string]json.RawMessage)
			if *rest == nil {
				*rest = map[string]json.RawMessage{}
			}
			(*rest)[name] = []byte(r.s[from:r.at])
		}
	case o.unknown == Warn:
		r.problem(Unknown, at, "the standard does not know this member")
		r.skip()
	case o.unknown == Refuse:
		r.problem(Forbidden, at, "the standard does not know this member and forbids it")
		r.skip()
	default:
		r.skip()
	}
	return fresh
}

// perEntry is about what an entry of a map takes beside its value.
const perEntry = 64

// dictionary reads a map.
func (r *reader) dictionary(n *node, v reflect.Value) {
	start := r.at
	defer func() { r.depth-- }()
	if !r.open() {
		return
	}
	out := reflect.MakeMap(n.typ)
	v.Set(out)
	last := ""
	if r.peek() == '}' {
		r.at++
	} else {
		for {
			name, at := r.key()
			if r.failed {
				return
			}
			if name < last {
				r.mixed = true
			}
			last = name
			r.path = append(r.path, step{name, -1})
			key := reflect.ValueOf(name).Convert(n.typ.Key())
			if out.MapIndex(key).IsValid() {
				r.problem(Duplicate, at, "the member %q occurs twice", clip(name))
				r.skip()
			} else {
				if !r.charge(int(n.typ.Elem().Size()) + perEntry) {
					return
				}
				item := reflect.New(n.typ.Elem()).Elem()
				r.value(n.elem, item)
				out.SetMapIndex(key, item)
			}
			r.path = r.path[:len(r.path)-1]
			if r.next('}') {
				break
			}
		}
	}
	if !r.failed && out.Len() < n.least {
		r.problem(Value, start, "at least %d of its members are needed", n.least)
	}
}
