package advisorydb

import (
	"bytes"
	"encoding/json"

	"github.com/tocsin-sec/tocsin/internal/advisory"
)

// pack writes a body: its JSON and, behind a zero byte, which no JSON has, the document that
// was imported, as it is. Each step on the way to publication reads the body, and within the
// JSON the document was most of the time that it took.
func pack(value any) ([]byte, error) {
	var source json.RawMessage
	switch x := value.(type) {
	case advisory.Advisory:
		if x.Working != nil {
			w := *x.Working
			source, w.Content.Source = w.Content.Source, nil
			x.Working = &w
			value = x
		}
	case advisory.Revision:
		source, x.Content.Source = x.Content.Source, nil
		value = x
	}
	plain, err := json.Marshal(value)
	if err != nil || source == nil {
		return plain, err
	}
	return append(append(plain, 0), source...), nil
}

// unpack reads what pack wrote, now or before there was a zero byte.
func unpack(plain []byte, into any) error {
	plain, source, there := bytes.Cut(plain, []byte{0})
	if err := json.Unmarshal(plain, into); err != nil || !there {
		return err
	}
	switch x := into.(type) {
	case *advisory.Advisory:
		if x.Working != nil {
			x.Working.Content.Source = source
		}
	case *advisory.Revision:
		x.Content.Source = source
	}
	return nil
}
