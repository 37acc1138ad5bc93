// Package spell checks the spelling of the texts of advisories (test 6.3.8 of CSAF 2.0
// and 2.1). A speller tells which words it knows: English is embedded, Hunspell reads
// the dictionaries of a folder. A Checker finds the mistakes of a text: it leaves out
// what is no prose (versions, ids, paths, addresses, acronyms, source code) and takes
// words with a capital for names unless they are a slip away from a known word.
//
//	known := spell.English("en-GB")
//	c := spell.Checker{Known: known, Names: func(w string) bool { return w == "lanternd" }}
//	c.Mistakes("Secruity researchers found a flaw in lanternd.", false) // "Secruity"
//
// The embedded list is SCOWL's (COPYING.SCOWL) as Debian's wamerican and wbritish have
// it. Grammar (6.3.16 of CSAF 2.1) is not here.
package spell

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// longest is the length in bytes of the longest word that is looked at.
const longest = 64

// Checker finds mistakes in texts.
type Checker struct {
	Known func(word string) bool
	Names func(word string) bool // words that are right because they are names; may be nil
}

// Mistakes returns the words of a text that are wrong. With name set the text is a name
// (of a product, a person): then only words that are a slip away from a known one
// count, since names are in no dictionary.
func (c *Checker) Mistakes(text string, name bool) []string {
	var out []string
	for chunk := range strings.FieldsSeq(text) {
		if word := plain(chunk); word != "" && (len(word) < 3 || len(word) <= longest && c.Known(word)) {
			continue
		}
		chunk = strings.TrimFunc(chunk, outer)
		if !prose(chunk) {
			continue
		}
		for part := range strings.FieldsFuncSeq(chunk, joint) {
			if word := bare(part); c.wrong(word, name) {
				out = append(out, word)
			}
		}
	}
	return out
}

// plain returns the word of a chunk that is one in small letters of ASCII, perhaps with
// a capital in front and punctuation around it, as nearly all are; "" for others.
func plain(chunk string) string {
	from, end := 0, len(chunk)
	for from < end && mark(chunk[from]) {
		from++
	}
	for from < end && mark(chunk[end-1]) {
		end--
	}
	word := chunk[from:end]
	for i := range len(word) {
		c := word[i]
		if i == 0 {
			c |= 0x20
		}
		if c < 'a' || c > 'z' {
			return ""
		}
	}
	return word
}

// mark reports whether a byte is punctuation of ASCII.
func mark(c byte) bool {
	return c > ' ' && c < '0' || c > '9' && c < 'A' || c > 'Z' && c < 'a' || c > 'z' && c < 0x7F
}

// outer are characters that stand around words.
func outer(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) }

// joint are characters between the words of a compound.
func joint(r rune) bool {
	return r == '-' || r == '\u2010' || r == '\u2011' || r == '\u2013' || r == '\u2014'
}

// prose reports whether a chunk without spaces is made of words: letters, apostrophes
// and hyphens alone. What has digits, slashes, full stops, colons or the like within
// is an id, a version, a path, an address or code.
func prose(chunk string) bool {
	for i, r := range chunk {
		switch {
		case r < utf8.RuneSelf && ('a' <= r|0x20 && r|0x20 <= 'z'), r == '\'', r == '\u2019', joint(r):
		case r >= utf8.RuneSelf && unicode.IsLetter(r):
		case r == ',' || r == ';': // a space is missing behind it
			return prose(chunk[:i])
		default:
			return false
		}
	}
	return true
}

// bare takes the possessive 's and apostrophes at the ends away.
func bare(word string) string {
	word = strings.TrimFunc(word, outer)
	for _, s := range [...]string{"'s", "\u2019s"} {
		word = strings.TrimSuffix(word, s)
	}
	return word
}

// wrong judges one word.
func (c *Checker) wrong(word string, name bool) bool {
	if len(word) < 3 || len(word) > longest || acronym(word) || c.Known(word) {
		return false
	}
	if strings.Contains(word, "\u2019") && c.Known(strings.ReplaceAll(word, "\u2019", "'")) {
		return false
	}
	first, _ := utf8.DecodeRuneInString(word)
	if name || unicode.IsUpper(first) {
		return c.slip(strings.ToLower(word)) && !(!name && c.named(word))
	}
	return !c.named(word)
}

func (c *Checker) named(word string) bool { return c.Names != nil && c.Names(word) }

// acronym reports whether the word has a capital behind its first letter: XYZ, PLCs,
// JavaScript, iOS.
func acronym(word string) bool {
	for i, r := range word {
		if i > 0 && unicode.IsUpper(r) {
			return true
		}
	}
	return false
}

// slip reports whether a word in small letters is one slip of the pen away from a
// known one: two letters swapped, one too many, one that should be double, another
// vowel. Short words are too near to each other for that.
func (c *Checker) slip(word string) bool {
	if len(word) < 6 {
		return false
	}
	buf := make([]byte, 0, len(word)+1)
	for i := range len(word) {
		buf = append(append(buf[:0], word[:i]...), word[i+1:]...)
		if c.Known(string(buf)) && i < len(word)-1 { // a last letter too many is another form
			return true
		}
		buf = append(append(append(buf[:0], word[:i]...), word[i]), word[i:]...)
		if c.Known(string(buf)) {
			return true
		}
		buf = append(buf[:0], word...)
		if i > 0 && buf[i] != buf[i-1] {
			buf[i], buf[i-1] = buf[i-1], buf[i]
			if c.Known(string(buf)) {
				return true
			}
		}
		if strings.IndexByte("aeiou", word[i]) < 0 {
			continue
		}
		buf = append(buf[:0], word...)
		for _, v := range []byte("aeiou") {
			if buf[i] = v; v != word[i] && c.Known(string(buf)) {
				return true
			}
		}
	}
	return false
}
