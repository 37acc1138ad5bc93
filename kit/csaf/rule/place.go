package rule

import (
	"strconv"
	"strings"
)

// At fills numbers into a pattern of a JSON pointer: each % takes the next number.
// At("/vulnerabilities/%/flags/%", 2, 0) is "/vulnerabilities/2/flags/0".
func At(pattern string, numbers ...int) string {
	var b strings.Builder
	b.Grow(len(pattern) + 8)
	for i := 0; i < len(pattern); i++ {
		if pattern[i] == '%' && len(numbers) > 0 {
			var buf [20]byte
			b.Write(strconv.AppendInt(buf[:0], int64(numbers[0]), 10))
			numbers = numbers[1:]
			continue
		}
		b.WriteByte(pattern[i])
	}
	return b.String()
}

// Place is a JSON pointer that is not written out yet: a pattern as At takes it and
// its numbers.
type Place struct {
	pattern string
	a, b, c int32
}

// place makes a Place; numbers that the pattern does not have are 0.
func place(pattern string, a, b, c int) Place {
	return Place{pattern, int32(a), int32(b), int32(c)}
}

// Pointer writes the JSON pointer out.
func (p Place) Pointer() string { return At(p.pattern, int(p.a), int(p.b), int(p.c)) }

// Below reports whether a JSON pointer is at or below a pattern in which * stands for
// any one step: Below("/vulnerabilities/0/scores/1/cvss_v3/version",
// "/vulnerabilities/*/scores/*/cvss_v3") is true. Tests of the structure look so for
// problems of the reader.
func Below(pointer, pattern string) bool {
	for pattern != "" {
		if pointer == "" {
			return false
		}
		var want, step string
		want, pattern = first(pattern)
		step, pointer = first(pointer)
		if want != "*" && want != step {
			return false
		}
	}
	return true
}

// first takes the first step off a pointer; the rest begins with its slash.
func first(pointer string) (step, rest string) {
	pointer = pointer[1:]
	if i := strings.IndexByte(pointer, '/'); i >= 0 {
		return pointer[:i], pointer[i:]
	}
	return pointer, ""
}
