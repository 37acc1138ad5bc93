package mend_test

import (
	"bytes"
	"testing"

	"github.com/tocsin-sec/tocsin/kit/check"
	"github.com/tocsin-sec/tocsin/kit/check/mend"
)

// FuzzMend: whatever the bytes are, nothing panics, what is not changed is what came in, and
// what is changed has no more findings than before.
func FuzzMend(f *testing.F) {
	for _, seed := range []string{osvTwice, "", "{", `{"a":1,"a":2}`, "\xEF\xBB\xBF{}", `{"document":{"csaf_version":"2.0","title":"x"}}`, `{"id":"x_1","aliases":["x_1","x_1"],"aliases":[]}`} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		out, err := mend.Mend(t.Context(), &check.Checker{}, data, check.Request{})
		if err != nil {
			t.Fatal(err)
		}
		if !out.Changed() && !bytes.Equal(out.Data, data) {
			t.Error("changed without a word")
		}
		if b, a := out.Before, out.After; a.Errors+a.Warnings+a.Infos > b.Errors+b.Warnings+b.Infos {
			t.Errorf("%d findings, before %d", len(a.Findings), len(b.Findings))
		}
	})
}
