package strictjson

import (
	"bytes"
	"encoding/json"
	"fmt"
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
