package csaf

import (
	"sort"
	"strconv"
	"strings"
)

// canonical writes n so that equal JSON values give equal texts: members sorted,
// numbers by value.
func (n node) canonical() string {
	var b strings.Builder
	n.canonicalTo(&b)
	return b.String()
}

func (n node) canonicalTo(b *strings.Builder) {
	switch n.kind {
	case object:
		members := append([]member(nil), n.members...)
		sort.Slice(members, func(i, j int) bool { return members[i].key < members[j].key })
		b.WriteByte('{')
		for _, m := range members {
			b.WriteString(strconv.Quote(m.key))
			b.WriteByte(':')
			m.value.canonicalTo(b)
			b.WriteByte(',')
		}
		b.WriteByte('}')
	case array:
		b.WriteByte('[')
		for _, item := range n.items {
			item.canonicalTo(b)
			b.WriteByte(',')
		}
		b.WriteByte(']')
	case text:
		b.WriteString(strconv.Quote(n.text))
	case number:
		f, err := strconv.ParseFloat(n.text, 64)
		if err != nil {
			b.WriteString(n.text)
			return
		}
		b.WriteString(strconv.FormatFloat(f, 'g', -1, 64))
	default:
		b.WriteString(n.text)
	}
}
