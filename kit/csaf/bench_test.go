package csaf

import (
	"encoding/json"
	"os"
	"testing"
)

// BenchmarkReader reads the real documents of the shared data, beside encoding/json
// into any; one operation is one document of the mean size.
func BenchmarkReader(b *testing.B) {
	var all [][]byte
	size := 0
	for _, file := range documents(b, "cisa/OT/white/*/*.json") {
		data, err := os.ReadFile(file)
		if err != nil {
			b.Fatal(err)
		}
		all, size = append(all, data), size+len(data)
	}
	run := func(name string, read func([]byte)) {
		b.Run(name, func(b *testing.B) {
			b.SetBytes(int64(size / len(all)))
			b.ReportAllocs()
			for i := 0; b.Loop(); i++ {
				read(all[i%len(all)])
			}
		})
	}
	run("ReadAdvisory", func(data []byte) { ReadAdvisory(data, Limits{}) })
	run("encoding-json-any", func(data []byte) {
		var v any
		if err := json.Unmarshal(data, &v); err != nil {
			b.Fatal(err)
		}
	})
}
