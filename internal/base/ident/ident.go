// Package ident makes the ids of the system: 128 random bits as 26 lower-case
// base32 characters (Crockford's alphabet). An id says nothing about when, where or
// beside what it was made, so that a visible id tells nothing of hidden things.
// The typed ids (CaseID, PersonID and so on) live in the domains.
package ident

import "crypto/rand"

const (
	alphabet = "0123456789abcdefghjkmnpqrstvwxyz"
	// Len is the length of an id in characters.
	Len = 26
)

// New returns a fresh random id.
func New() string {
	var raw [16]byte
	rand.Read(raw[:]) // never fails (crypto/rand, since Go 1.24)
	return encode(raw)
}

// encode writes 128 bits as 26 characters of 5 bits; the last holds 3.
func encode(raw [16]byte) string {
	var out [Len]byte
	var acc uint32
	bits, at := 0, 0
	for _, b := range raw {
		acc = acc<<8 | uint32(b)
		bits += 8
		for bits >= 5 {
			bits -= 5
			out[at] = alphabet[acc>>bits&31]
			at++
		}
	}
	out[at] = alphabet[acc<<(5-bits)&31]
	return string(out[:])
}

// Valid reports whether s has the form of an id. It does not say that the
// thing exists.
func Valid(s string) bool {
	if len(s) != Len {
		return false
	}
	for i := range len(s) {
		c := s[i]
		if c < '0' || c > '9' && c < 'a' || c > 'z' || c == 'i' || c == 'l' || c == 'o' || c == 'u' {
			return false
		}
	}
	return true
}
