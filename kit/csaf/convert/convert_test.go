package convert

import (
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/tocsin-sec/tocsin/kit/csaf"
	"github.com/tocsin-sec/tocsin/kit/csaf/csaf21"
	"github.com/tocsin-sec/tocsin/test/schema"
	"github.com/tocsin-sec/tocsin/test/shared"
)

// files are all CSAF 2.0 documents of the shared data that match.
func files(t testing.TB, patterns ...string) []string {
	t.Helper()
	var all []string
	for _, p := range patterns {
		list, err := filepath.Glob(filepath.Join(shared.Dir(t), "data/csaf", p))
		if err != nil || len(list) == 0 {
			t.Fatalf("no documents in %s: %v", p, err)
		}
		all = append(all, list...)
	}
	return all
}

var every = [...]string{"oasis/2.0/test/validator/data/*/*.json", "oasis/2.0/examples/*/*.json", "cisa/*/*/*/*.json"}

// valid asks that a result is a document for the 2.1 reader, also when it was written
// and read, and that the targets of its decisions exist.
func valid(t *testing.T, name string, r *Result) {
	t.Helper()
	out, err := csaf21.Write(r.Document)
	if err != nil {
		t.Fatal(err)
	}
	if _, problems := csaf21.ReadAdvisory(out, csaf.Limits{}); problems.Fatal() {
		t.Errorf("%s: %v", name, problems)
	}
	var pointers []string
	for _, d := range r.Decisions {
		if d.Target != "" && d.Level == Error {
			pointers = append(pointers, d.Target)
		}
		if d.Reason == "" || d.Level == NoLevel || d.Rule == "" {
			t.Errorf("%s: %+v", name, d)
		}
	}
	var doc any
	if err := json.Unmarshal(out, &doc); err != nil {
		t.Fatal(err)
	}
	for _, p := range pointers {
		if !exists(doc, p) {
			t.Errorf("%s: nothing is at the target %s", name, p)
		}
	}
}

func exists(doc any, pointer string) bool {
	for step := range strings.SplitSeq(strings.TrimPrefix(pointer, "/"), "/") {
		switch v := doc.(type) {
		case map[string]any:
			doc = v[step]
		case []any:
			i := slices.IndexFunc(make([]struct{}, len(v)), func(struct{}) bool { return false })
			for n := range v {
				if at("%", n) == step {
					i = n
				}
			}
			if i < 0 {
				return false
			}
			doc = v[i]
		default:
			return false
		}
	}
	return doc != nil
}

// TestEveryDocumentGivesAValidOne converts every valid CSAF 2.0 document there is.
func TestEveryDocumentGivesAValidOne(t *testing.T) {
	n, errors := 0, 0
	for _, file := range files(t, every[:]...) {
		data, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		r, problems := From(data, csaf.Limits{}, Options{})
		if problems.Fatal() {
			continue
		}
		n++
		valid(t, filepath.Base(file), r)
		if r.Errors() {
			errors++
		}
	}
	t.Logf("%d documents, %d with errors to decide", n, errors)
	if n < 300 {
		t.Errorf("only %d documents", n)
	}
}

// TestMutationsGiveValidDocuments does so for mutations that the 2.0 reader takes.
func TestMutationsGiveValidDocuments(t *testing.T) {
	n := 0
	schema.Each(t, 3000, files(t, every[:]...), func(data []byte, what string) {
		if r, problems := From(data, csaf.Limits{}, Options{}); !problems.Fatal() {
			n++
			valid(t, what, r)
		}
	})
	t.Logf("%d mutations that are valid CSAF 2.0", n)
}
