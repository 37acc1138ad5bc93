package csaf21

import (
	"encoding/json"
	"testing"

	"github.com/tocsin-sec/tocsin/kit/csaf"
)

// FuzzRead asks that what any reader accepts can be written and read again.
func FuzzRead(f *testing.F) {
	f.Add([]byte(`{"$schema":"https://docs.oasis-open.org/csaf/csaf/v2.1/schema/csaf.json","document":{"category":"csaf_base","title":"é😀"}}`))
	f.Add([]byte(`{"vulnerabilities":[{"metrics":[{"content":{"cvss_v4":{"baseScore":9.05,"baseSeverity":"HIGH"}}}],"x_extensions":[{"content":{}}]}]}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		again(t, data, ReadAdvisory)
		again(t, data, ReadProvider)
		again(t, data, ReadAggregator)
		again(t, data, ReadFeed)
		again(t, data, ReadService)
		again(t, data, ReadCategory)
	})
}

func again[D Document21](t *testing.T, data []byte, read func([]byte, csaf.Limits) (D, csaf.Problems)) {
	doc, problems := read(data, csaf.Limits{Bytes: 1 << 20})
	if problems.Fatal() {
		return
	}
	if !json.Valid(data) {
		t.Fatal("accepted what is no JSON")
	}
	out, err := Write(doc)
	if err != nil {
		t.Fatal(err)
	}
	if _, twice := read(out, csaf.Limits{}); twice.Fatal() {
		t.Fatalf("what was written is refused: %v", twice)
	}
}
