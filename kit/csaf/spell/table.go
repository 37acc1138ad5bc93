package spell

// table is a set of words in one text: a look-up copies nothing.
type table struct {
	text  string   // the words, each with a line feed behind it
	slots []uint32 // offset+1 of a word in text, 0 when empty
}

// newTable makes the set of the words of a text, one a line.
func newTable(text string) *table {
	if text == "" || text[len(text)-1] != '\n' {
		text += "\n"
	}
	n := 0
	for i := range len(text) {
		if text[i] == '\n' {
			n++
		}
	}
	size := 16
	for size < 3*n {
		size *= 2
	}
	t := &table{text: text, slots: make([]uint32, size)}
	for from := 0; from < len(text); {
		end := from
		for text[end] != '\n' {
			end++
		}
		if at, there := lookup(t, text[from:end]); !there && end > from {
			t.slots[at] = uint32(from) + 1
		}
		from = end + 1
	}
	return t
}

// lookup returns the slot of a word, or the free one where it would be.
func lookup[W string | []byte](t *table, word W) (slot uint32, there bool) {
	h := uint32(2166136261) // FNV-1a
	for i := range len(word) {
		h = (h ^ uint32(word[i])) * 16777619
	}
	mask := uint32(len(t.slots) - 1)
	h ^= h >> 15
	for at := h & mask; ; at = (at + 1) & mask {
		offset := t.slots[at]
		if offset == 0 {
			return at, false
		}
		rest := t.text[offset-1:]
		if len(rest) > len(word) && rest[len(word)] == '\n' && rest[:len(word)] == string(word) {
			return at, true
		}
	}
}

// has reports whether the word is in the set.
func has[W string | []byte](t *table, word W) bool {
	_, there := lookup(t, word)
	return there
}
