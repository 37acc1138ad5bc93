package spell

import (
	"bytes"
	"compress/gzip"
	_ "embed"
	"io"
	"strings"
	"sync"
)

//go:generate sh -c "go run ./gen $WORD_LISTS > english.new && mv english.new english.gz"

//go:embed english.gz
var english []byte

//go:embed terms.txt
var terms string

// words is the embedded list with the terms.
var words = unpacked(english, terms)

// list is a table that is made when it is used first.
type list struct {
	once sync.Once
	t    *table
	make func() *table
}

func (l *list) table() *table {
	l.once.Do(func() { l.t = l.make() })
	return l.t
}

// unpacked is the list of a compressed text and another one.
func unpacked(packed []byte, more string) *list {
	return &list{make: func() *table {
		z, err := gzip.NewReader(bytes.NewReader(packed))
		if err != nil {
			panic(err) // the embedded file is broken
		}
		text, err := io.ReadAll(z)
		if err != nil {
			panic(err)
		}
		return newTable(string(text) + more)
	}}
}

// English is the embedded speller: it knows the words of English, American and British
// spelling alike, and the terms of security and computing in terms.txt. For other
// languages it returns nil. It is meant for rule.Options.Speller.
func English(lang string) func(word string) bool {
	if low := strings.ToLower(lang); low != "en" && !strings.HasPrefix(low, "en-") {
		return nil
	}
	t := words.table()
	return func(word string) bool { return knows(t, word) }
}

// knows looks for the word as it is, and with a small first letter.
func knows(t *table, word string) bool {
	if has(t, word) {
		return true
	}
	if word == "" || word[0] < 'A' || word[0] > 'Z' || len(word) > longest {
		return false
	}
	var low [longest]byte
	n := copy(low[:], word)
	low[0] |= 0x20
	return has(t, low[:n])
}
