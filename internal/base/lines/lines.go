// Package lines breaks plain text into lines for terminals and mails, Chinese as well
// as English. Texts and their languages are package i18n; the folding of mail headers
// is package mailmsg.
package lines

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// Wrap breaks a paragraph so that no line has more than most columns, each beginning
// with indent: at spaces, and between Chinese characters, which need none (the rules
// of closing and opening marks as in Unicode's UAX #14, classes CL and OP). A single
// word that is longer stays whole. An empty text is an empty text.
func Wrap(text, indent string, most int) string {
	var b strings.Builder
	column := 0
	put := func(unit string, space int) {
		wide := Columns(unit)
		if column > 0 && column+space+wide > most {
			b.WriteByte('\n')
			column, space = 0, 0
		}
		if column == 0 {
			b.WriteString(indent)
			column = Columns(indent)
		}
		b.WriteString(" "[:space])
		b.WriteString(unit)
		column += space + wide
	}
	b.Grow(len(text) + len(text)/8)
	for word := range strings.FieldsSeq(text) {
		if ascii(word) {
			put(word, min(column, 1)) // as units has it, without the rules for each letter
			continue
		}
		for i, unit := range units(word) {
			space := 0
			if i == 0 {
				space = min(column, 1)
			}
			put(unit, space)
		}
	}
	return b.String()
}

func ascii(s string) bool {
	for i := range len(s) {
		if s[i] >= utf8.RuneSelf {
			return false
		}
	}
	return true
}

// Columns is how many columns of a terminal or a plain mail text takes: two for a
// Chinese character or a full-width mark (UAX #11), one for any other.
func Columns(text string) int {
	if ascii(text) {
		return len(text)
	}
	n := 0
	for _, r := range text {
		n++
		if wide(r) {
			n++
		}
	}
	return n
}

func wide(r rune) bool {
	return r >= 0x1100 && (unicode.In(r, unicode.Han, unicode.Hiragana, unicode.Katakana, unicode.Hangul) ||
		r >= 0x3000 && r <= 0x303F || r >= 0xFF01 && r <= 0xFF60)
}

// The marks that may not begin a line, and those that may not end one. The quotation
// marks stand here although they are narrow: in Chinese they touch what they quote.
const (
	closing = "，。：；？！）、》」』】”’…"
	opening = "（《「『【“‘"
)

// units cuts a word where a line may break within it: around Chinese characters.
func units(word string) []string {
	var out []string
	joined := false // the next rune belongs to what stands before it
	before := rune(0)
	for _, r := range word {
		switch {
		case len(out) > 0 && (joined || strings.ContainsRune(closing, r) || !wide(r) && !wide(before) && !strings.ContainsRune(opening, r)):
			out[len(out)-1] += string(r)
		default:
			out = append(out, string(r))
		}
		joined = strings.ContainsRune(opening, r)
		before = r
	}
	return out
}
