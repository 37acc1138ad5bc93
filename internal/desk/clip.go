package desk

import (
	"strconv"
	"strings"
)

// clip cuts s to at most n bytes without breaking a character.
func clip(s string, n int) string {
	if len(s) <= n {
		return s
	}
	return strings.ToValidUTF8(s[:n], "")
}

// last returns the last n elements.
func last[T any](list []T, n int) []T { return list[max(0, len(list)-n):] }

func firstOf(list []string) string {
	if len(list) == 0 {
		return ""
	}
	return list[0]
}

func itoa(n int) string { return strconv.Itoa(n) }

// maxReferences is how many of the newest references of a thread are repeated; a
// longer list is not how a thread of people looks.
const maxReferences = 20
