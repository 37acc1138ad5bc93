//go:build unix

package csaf

import (
	"encoding/json"
	"os"
	"syscall"
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
	run := func(name string, ours float64, read func([]byte)) (each float64) {
		b.Run(name, func(b *testing.B) {
			b.SetBytes(int64(size / len(all)))
			b.ReportAllocs()
			before := cpu(b)
			for i := 0; b.Loop(); i++ {
				read(all[i%len(all)])
			}
			each = float64(cpu(b)-before) / float64(b.N)
			b.ReportMetric(each, "cpu-ns/op")
			b.ReportMetric(1e9/each, "documents/cpu-s")
			if ours > 0 {
				b.ReportMetric(each/ours, "times-ReadAdvisory")
			}
		})
		return each
	}
	ours := run("ReadAdvisory", 0, func(data []byte) { ReadAdvisory(data, Limits{}) })
	run("encoding-json-any", ours, func(data []byte) {
		var v any
		if err := json.Unmarshal(data, &v); err != nil {
			b.Fatal(err)
		}
	})
}

// cpu is the processor time of this process in nanoseconds: the wall clock says little
// on a machine that others use.
func cpu(b *testing.B) int64 {
	b.Helper()
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		b.Fatal(err)
	}
	return u.Utime.Nano() + u.Stime.Nano()
}
