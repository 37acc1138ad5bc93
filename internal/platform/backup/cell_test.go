package backup

import (
	"bytes"
	"testing"
)

func TestEmptyBytesOfAnEarlierBackupAreRead(t *testing.T) {
	for name, c := range map[string]struct {
		in   map[string]any
		want []byte
	}{
		"null, as it was written for SQLite": {map[string]any{"b": nil}, []byte{}},
		"no bytes":                           {map[string]any{"b": ""}, []byte{}},
		"two bytes":                          {map[string]any{"b": "AAE="}, []byte{0, 1}},
		"another key":                        {map[string]any{"c": ""}, nil},
		"a number":                           {map[string]any{"b": 1}, nil},
		"no base64":                          {map[string]any{"b": "!"}, nil},
		"two keys":                           {map[string]any{"b": "", "c": ""}, nil},
	} {
		got, err := cell(c.in)
		raw, _ := got.([]byte)
		if (err == nil) != (c.want != nil) || err == nil && (raw == nil || !bytes.Equal(raw, c.want)) {
			t.Errorf("%s: %v, %v", name, got, err)
		}
	}
}
