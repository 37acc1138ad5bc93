//go:build unix

package mandatory

import (
	"os"
	"path/filepath"
	"syscall"
	"testing"

	"github.com/tocsin-sec/tocsin/kit/csaf"
	"github.com/tocsin-sec/tocsin/kit/csaf/rule"
	"github.com/tocsin-sec/tocsin/test/shared"
)

// BenchmarkCheck runs every test over the real documents of the shared data; one
// operation is one document.
func BenchmarkCheck(b *testing.B) {
	files, err := filepath.Glob(filepath.Join(shared.Dir(b), "data/csaf/cisa/OT/white/*/*.json"))
	if err != nil || len(files) == 0 {
		b.Fatal("no documents", err)
	}
	var docs []*csaf.Advisory
	for _, f := range files {
		data, err := os.ReadFile(f)
		if err != nil {
			b.Fatal(err)
		}
		doc, _ := csaf.ReadAdvisory(data, csaf.Limits{})
		docs = append(docs, doc)
	}
	measure := func(name string, run func(*csaf.Advisory)) {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			before := cpu(b)
			for i := 0; b.Loop(); i++ {
				run(docs[i%len(docs)])
			}
			b.ReportMetric(float64(cpu(b)-before)/float64(b.N), "cpu-ns/op")
		})
	}
	measure("all", func(doc *csaf.Advisory) { Check(doc) })
	for _, t := range Tests() {
		measure(t.ID, func(doc *csaf.Advisory) {
			rule.Findings(rule.Set[csaf.Advisory]{t}, doc, rule.New20(doc, rule.Options{}))
		})
	}
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
