// Package typed checks and tidies what people type or send into a case: lines, texts and
// names of files. What a field means is in casework.
package typed

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/tocsin-sec/tocsin/internal/base/fault"
)

// Line notes a problem at path unless s is one non-empty line of at most n
// characters without control characters.
func Line(c *fault.Checks, path, s string, n int) {
	switch {
	case strings.TrimSpace(s) == "":
		c.Add(path, "casework.field.empty")
	case !utf8.ValidString(s) || strings.ContainsFunc(s, unicode.IsControl):
		c.Add(path, "casework.field.characters")
	case utf8.RuneCountInString(s) > n:
		c.Add(path, "casework.field.long", "n", n)
	}
}

// Text is Line for a text of several lines.
func Text(c *fault.Checks, path, s string, n int) {
	bad := func(r rune) bool { return unicode.IsControl(r) && r != '\n' && r != '\t' && r != '\r' }
	switch {
	case strings.TrimSpace(s) == "":
		c.Add(path, "casework.field.empty")
	case !utf8.ValidString(s) || strings.ContainsFunc(s, bad):
		c.Add(path, "casework.field.characters")
	case utf8.RuneCountInString(s) > n:
		c.Add(path, "casework.field.long", "n", n)
	}
}

// Cut shortens foreign text to at most n bytes and a mark, without breaking a character.
func Cut(s string, n int) string {
	if len(s) > n {
		return strings.ToValidUTF8(s[:n], "") + "…"
	}
	return s
}

// FileName keeps the last part of a foreign file name without what could hide its
// end or leave its folder.
func FileName(s string) string {
	s = strings.ToValidUTF8(s[strings.LastIndexAny(s, `/\`)+1:], "")
	s = strings.Map(func(r rune) rune {
		if unicode.IsControl(r) || unicode.Is(unicode.Cf, r) {
			return -1
		}
		return r
	}, s)
	if r := []rune(s); len(r) > 150 {
		s = string(r[len(r)-150:])
	}
	if strings.Trim(s, ". ") == "" {
		return "file"
	}
	return s
}
