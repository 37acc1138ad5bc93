package strictjson

import (
	"sort"
	"strconv"
	"strings"
)

// canonical writes a JSON value, whose syntax has been checked, so that equal values
// give equal texts: members sorted, numbers by value.
func canonical(s string) string {
	r := reader{data: []byte(s), s: s, utf8: true, limits: Limits{Depth: len(s) + 1, Problems: 1}}
	var b strings.Builder
	r.canonical(&b)
	return b.String()
}

func (r *reader) canonical(b *strings.Builder) {
	r.space()
	switch r.kind() {
	case objectKind:
		r.canonicalObject(b)
	case arrayKind:
		b.WriteByte('[')
		if r.open(); r.peek() == ']' {
			r.at++
		} else {
			for {
				r.canonical(b)
				b.WriteByte(',')
				if r.next(']') {
					break
				}
			}
		}
		b.WriteByte(']')
	case textKind:
		b.WriteString(strconv.Quote(r.str()))
	case numberKind:
		s := r.number()
		if f, err := strconv.ParseFloat(s, 64); err == nil {
			s = strconv.FormatFloat(f, 'g', -1, 64)
		}
		b.WriteString(s)
	default:
		at := r.at
		r.skip()
		b.WriteString(r.s[at:r.at])
	}
}

func (r *reader) canonicalObject(b *strings.Builder) {
	type member struct{ name, value string }
	var list []member
	if r.open(); r.peek() == '}' {
		r.at++
	} else {
		for {
			name, _ := r.key()
			var value strings.Builder
			r.canonical(&value)
			list = append(list, member{name, value.String()})
			if r.next('}') {
				break
			}
		}
	}
	sort.SliceStable(list, func(i, j int) bool { return list[i].name < list[j].name })
	b.WriteByte('{')
	for _, m := range list {
		b.WriteString(strconv.Quote(m.name))
		b.WriteByte(':')
		b.WriteString(m.value)
		b.WriteByte(',')
	}
	b.WriteByte('}')
}
