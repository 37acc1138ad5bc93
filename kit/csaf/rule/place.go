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
