package convert

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/tocsin-sec/tocsin/kit/csaf"
	"github.com/tocsin-sec/tocsin/kit/csaf/csaf21"
	"github.com/tocsin-sec/tocsin/kit/csaf/rule"
	"github.com/tocsin-sec/tocsin/kit/csaf/test21/mandatory"
)

// TestRealDocumentsPassTheMandatoryTests converts the CISA documents: what fails a
// mandatory test of CSAF 2.1 is listed as an error, or was wrong in the source already.
func TestRealDocumentsPassTheMandatoryTests(t *testing.T) {
	converted, clean, findings := 0, 0, map[string]int{}
	for _, file := range files(t, "cisa/*/*/*/*.json") {
		data, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		r, problems := From(data, csaf.Limits{}, Options{})
		if problems.Fatal() {
			continue
		}
		converted++
		out, err := csaf21.Write(r.Document)
		if err != nil {
			t.Fatal(err)
		}
		doc, problems := csaf21.ReadAdvisory(out, csaf.Limits{})
		found := rule.Findings(mandatory.Tests(), doc, rule.New21(doc, rule.Options{Data: out, Problems: problems}))
		if len(found) == 0 {
			clean++
		}
		for _, f := range found {
			findings[f.Test]++
			if !decided(r.Decisions, f.Pointer) {
				t.Errorf("%s: %s at %s: %s", filepath.Base(file), f.Test, f.Pointer, f.Message)
			}
		}
	}
	t.Logf("%d documents, %d pass all mandatory tests; findings of the others, each with its decision: %v", converted, clean, findings)
}

// decided reports whether an error speaks of the place or of something below or above it.
func decided(list []Decision, pointer string) bool {
	for _, d := range list {
		if d.Level == Error && (strings.HasPrefix(d.Target, pointer) || strings.HasPrefix(pointer, d.Target)) && d.Target != "" {
			return true
		}
	}
	return false
}

// FuzzConvert asks that what the 2.0 reader takes becomes what the 2.1 reader takes.
func FuzzConvert(f *testing.F) {
	f.Add([]byte(advisory(`"distribution":{"text":"TLP v2.0: TLP:RED"}`, branches("vendor unknown > vendor A > product_version_range <2"), `{`+state+`}`)))
	f.Add([]byte(advisory("", helper(`"skus":["*\\a*"],"purl":"pkg:A+/b"`), `{"cwe":{"id":"CWE-1","name":" -"}}`)))
	f.Fuzz(func(t *testing.T, data []byte) {
		if r, problems := From(data, csaf.Limits{Bytes: 1 << 20}, Options{}); !problems.Fatal() {
			valid(t, "input", r)
		}
	})
}

func BenchmarkConvert(b *testing.B) {
	var docs []*csaf.Advisory
	for _, file := range files(b, "cisa/*/*/*/*.json") {
		data, err := os.ReadFile(file)
		if err != nil {
			b.Fatal(err)
		}
		if doc, problems := csaf.ReadAdvisory(data, csaf.Limits{}); !problems.Fatal() {
			docs = append(docs, doc)
		}
	}
	for i := 0; b.Loop(); i++ {
		Convert(docs[i%len(docs)], nil, Options{})
	}
}
