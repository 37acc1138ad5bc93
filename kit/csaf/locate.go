package csaf

import "github.com/tocsin-sec/tocsin/kit/strictjson"

// Place is where a value begins in the bytes of a document, from 1; the column counts
// characters.
type Place struct{ Line, Column int }

// Locate returns the places of the values that the JSON pointers (RFC 6901) name: those
// of the findings of a test, which knows pointers alone. A value that is absent has the
// place of the nearest one around it, and a document that is no JSON, or is larger
// than the limits, that of its start.
func Locate(data []byte, pointers []string, limits Limits) []Place {
	out := make([]Place, len(pointers))
	if limits.Bytes > 0 && len(data) > limits.Bytes {
		data = nil
	}
	for i, p := range strictjson.Places(data, pointers) {
		out[i] = Place{p.Line, p.Column}
	}
	return out
}
