package strictjson

// kind is the JSON type of a value.
type kind byte

const (
	invalid kind = iota
	objectKind
	arrayKind
	textKind
	numberKind
	booleanKind
	nullKind
)

// String names the kind with its article, for messages.
func (k kind) String() string {
	return [...]string{"nothing", "an object", "an array", "a string", "a number", "true or false", "null"}[k]
}

// kind tells by the first byte what the next value is.
func (r *reader) kind() kind {
	switch c := r.peek(); c {
	case '{':
		return objectKind
	case '[':
		return arrayKind
	case '"':
		return textKind
	case 't', 'f':
		return booleanKind
	case 'n':
		return nullKind
	case '-', '0', '1', '2', '3', '4', '5', '6', '7', '8', '9':
		return numberKind
	}
	return invalid
}

// skip reads a value of which only the syntax and duplicate members matter, and
// returns the number of its members or items.
func (r *reader) skip() int {
	switch r.kind() {
	case objectKind:
		return r.skipObject()
	case arrayKind:
		return r.skipArray()
	case textKind:
		r.str()
	case numberKind:
		r.number()
	case booleanKind:
		if !r.literal("true") && !r.literal("false") {
			r.nothing()
		}
	case nullKind:
		if !r.literal("null") {
			r.nothing()
		}
	default:
		r.nothing()
	}
	return 0
}

func (r *reader) skipObject() int {
	defer func() { r.depth-- }()
	if !r.open() {
		return 0
	}
	if r.peek() == '}' {
		r.at++
		return 0
	}
	names := nameSet{first: len(r.keys)}
	last := ""
	for n := 0; ; {
		name, at := r.key()
		if r.failed {
			return n
		}
		r.path = append(r.path, step{name, -1})
		before := last
		if last = name; name < before {
			r.mixed = true
		}
		if r.order != nil {
			if name < before && !r.order(pointer(r.path)) {
				r.failed = true
			}
			n++
		} else if names.add(r, name) {
			n++
		} else {
			r.problem(Duplicate, at, "the member %q occurs twice", clip(name))
		}
		r.skip()
		r.path = r.path[:len(r.path)-1]
		if r.next('}') {
			r.keys = r.keys[:names.first]
			return n
		}
	}
}

func (r *reader) skipArray() int {
	defer func() { r.depth-- }()
	if !r.open() {
		return 0
	}
	if r.peek() == ']' {
		r.at++
		return 0
	}
	r.path = append(r.path, step{"", 0})
	for n := 1; ; n++ {
		r.skip()
		if r.next(']') {
			r.path = r.path[:len(r.path)-1]
			return n
		}
		r.path[len(r.path)-1].index = n
	}
}

// nameSet holds the names of one object: few of them in the reader's stack, many in a
// map, so that an object of a million members is not quadratic.
type nameSet struct {
	first int
	many  map[string]struct{}
}

// few is the size up to which comparing names is faster than a map.
const few = 16

// add adds a name and reports whether it is new.
func (s *nameSet) add(r *reader, name string) bool {
	if s.many != nil {
		if _, ok := s.many[name]; ok {
			return false
		}
		s.many[name] = struct{}{}
		return true
	}
	for _, k := range r.keys[s.first:] {
		if k == name {
			return false
		}
	}
	r.keys = append(r.keys, name)
	if len(r.keys)-s.first > few {
		s.many = make(map[string]struct{}, 4*few)
		for _, k := range r.keys[s.first:] {
			s.many[k] = struct{}{}
		}
		r.keys = r.keys[:s.first]
	}
	return true
}
