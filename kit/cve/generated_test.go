package cve

import (
	"reflect"
	"testing"

	"github.com/tocsin-sec/tocsin/test/schema"
)

func TestGeneratedRecordsHoldAgainstTheSchema(t *testing.T) {
	s := oracle(t)
	for _, text := range []string{full, rejected} {
		schema.Variants(t, s, []byte(text), 1000, func(doc any, data []byte) {
			r, problems := Read(data, Limits{})
			if len(problems) > 0 {
				t.Fatalf("%s: %v", data, problems)
			}
			out, err := Write(r)
			if err != nil {
				t.Fatal(err)
			}
			written := schema.Decode(t, out)
			if err := s.Validate(written); err != nil || !reflect.DeepEqual(doc, written) {
				t.Fatalf("%s is written as %s: %v", data, out, err)
			}
		})
	}
}
