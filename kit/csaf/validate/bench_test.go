//go:build unix

package validate_test

import (
	"os"
	"path/filepath"
	"syscall"
	"testing"

	"github.com/tocsin-sec/tocsin/kit/csaf/validate"
	"github.com/tocsin-sec/tocsin/test/shared"
)

// BenchmarkCheck reads the CISA documents and runs presets over them; one operation is
// one document of the mean size. "full" is everything but the two tests that need a
// network; "peer" leaves the spell check out as well, for comparison with the
// reference library.
func BenchmarkCheck(b *testing.B) {
	all := cisa(b)
	size := 0
	for _, data := range all {
		size += len(data)
	}
	v := validate.Validator{}
	for _, bench := range []struct {
		name    string
		request validate.Request
	}{
		{"full", validate.Request{Presets: []string{"full"}}},
		{"peer", validate.Request{Presets: []string{"full"}, Without: []string{"6.3.8"}}},
		{"schema", validate.Request{Presets: []string{"schema"}}},
		{"basic", validate.Request{Presets: []string{"basic"}}},
	} {
		b.Run(bench.name, func(b *testing.B) {
			b.SetBytes(int64(size / len(all)))
			b.ReportAllocs()
			before := cpu(b)
			for i := 0; b.Loop(); i++ {
				if _, err := v.Check(b.Context(), all[i%len(all)], bench.request); err != nil {
					b.Fatal(err)
				}
			}
			each := float64(cpu(b)-before) / float64(b.N)
			b.ReportMetric(each, "cpu-ns/op")
			b.ReportMetric(1e9/each, "documents/cpu-s")
			b.ReportMetric(float64(size)/float64(len(all))/each*1e3, "MB/cpu-s")
		})
	}
}

// cisa returns the documents of CISA.
func cisa(t testing.TB) [][]byte {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(shared.Dir(t), "data/csaf/cisa/OT/white/*/*.json"))
	if err != nil || len(files) < 100 {
		t.Fatal("no documents", err)
	}
	var all [][]byte
	for _, f := range files {
		data, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, data)
	}
	return all
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
