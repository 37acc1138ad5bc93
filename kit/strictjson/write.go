package strictjson

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
)

// Write returns the canonical bytes of a value: members in the order of the struct
// fields, two spaces, no escapes that JSON does not ask for, one line feed at the
// end. Equal values give equal bytes. It fails on numbers that JSON cannot hold and on
// a json.RawMessage that is no JSON.
func Write(v any) ([]byte, error) {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	if err := e.Encode(v); err != nil {
		return nil, fmt.Errorf("write JSON: %w", err)
	}
	return b.Bytes(), nil
}

// WithRest encodes a struct and adds the members that a rest= field took, sorted by
// name. It is for the MarshalJSON of such a struct, which calls it with a type of the
// same fields and no methods:
//
//	func (c CNA) MarshalJSON() ([]byte, error) {
//		type plain CNA
//		return strictjson.WithRest(plain(c), c.Rest)
//	}
//
// It fails as Write does.
func WithRest(v any, rest map[string]json.RawMessage) ([]byte, error) {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(v); err != nil {
		return nil, fmt.Errorf("write JSON: %w", err)
	}
	out := bytes.TrimRight(b.Bytes(), "\n")
	if len(rest) == 0 {
		return out, nil
	}
	out = out[:len(out)-1] // the closing brace
	for _, name := range slices.Sorted(maps.Keys(rest)) {
		if out[len(out)-1] != '{' {
			out = append(out, ',')
		}
		quoted, err := json.Marshal(name)
		if err != nil {
			return nil, fmt.Errorf("write JSON: %w", err)
		}
		out = append(append(append(out, quoted...), ':'), rest[name]...)
	}
	return append(out, '}'), nil
}
