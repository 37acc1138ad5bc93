package csaf

import (
	"encoding/json"
	"errors"
	"math/rand/v2"
	"os"
	"path/filepath"
	"reflect"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"github.com/tocsin-sec/tocsin/test/schema"
)

// agree asks that the reader and the schema give one verdict, and that the reader
// names no place that the schema does not.
func agree(t *testing.T, name string, s *jsonschema.Schema, doc any, problems Problems) bool {
	t.Helper()
	err := s.Validate(doc)
	if (err != nil) != problems.Fatal() {
		t.Errorf("%s: the schema says %v, the reader %v", name, err, problems)
		return false
	}
	pointers := schema.Pointers(err)
	for _, p := range problems {
		if p.Code != Unknown && !schema.Above(p.Instance(), pointers) {
			t.Errorf("%s: %v is none of the schema's %v", name, p, pointers)
		}
	}
	return err == nil
}

// oracle compares reader and schema over documents and mutations of them.
func oracle(t *testing.T, s *jsonschema.Schema, read func([]byte) Problems, mutations int, patterns ...string) {
	var docs []any
	for _, file := range documents(t, patterns...) {
		data, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		doc := schema.Decode(t, data)
		docs = append(docs, doc)
		agree(t, filepath.Base(file), s, doc, read(data))
	}
	r := rand.New(rand.NewPCG(1, 2))
	valid := 0
	for range mutations {
		if t.Failed() {
			break
		}
		doc, what := schema.Mutate(r, docs[r.IntN(len(docs))])
		data, err := json.Marshal(doc)
		if err != nil {
			t.Fatal(err)
		}
		if agree(t, what, s, doc, read(data)) {
			valid++
		}
	}
	t.Logf("%d documents, %d mutations, of which %d are valid", len(docs), mutations, valid)
}

var advisoryFiles = [...]string{"cisa/OT/white/*/*.json", "oasis/2.0/examples/csaf/*.json", "oasis/2.0/examples/csaf/csaf_vex/*.json", "oasis/2.0/test/validator/data/*/*.json"}

func TestReaderAgreesWithTheSchema(t *testing.T) {
	oracle(t, schemas(t, "csaf", false), func(data []byte) Problems { _, p := ReadAdvisory(data, Limits{}); return p }, 3000, advisoryFiles[:]...)
}

func TestStrictReaderAgreesWithTheStrictSchema(t *testing.T) {
	oracle(t, schemas(t, "csaf", true), func(data []byte) Problems { _, p := ReadStrict(data, Limits{}); return p }, 500, advisoryFiles[1:]...)
}

func TestProviderMetadataFollowsTheSchema(t *testing.T) {
	oracle(t, schemas(t, "provider", false), func(data []byte) Problems { _, p := ReadProvider(data, Limits{}); return p }, 500, "oasis/2.0/examples/provider-metadata/*.json")
}

func TestAggregatorFollowsTheSchema(t *testing.T) {
	oracle(t, schemas(t, "aggregator", false), func(data []byte) Problems { _, p := ReadAggregator(data, Limits{}); return p }, 500, "oasis/2.0/examples/aggregator/*.json")
}

// TestMetadataReadAndWrittenStaysTheSame holds for every document beside advisories.
func TestMetadataReadAndWrittenStaysTheSame(t *testing.T) {
	same(t, "oasis/2.0/examples/provider-metadata/*.json", ReadProvider)
	same(t, "oasis/2.0/examples/aggregator/*.json", ReadAggregator)
	same(t, "oasis/2.0/examples/ROLIE/*feed*.json", ReadFeed)
	same(t, "oasis/2.0/examples/ROLIE/*service*.json", ReadService)
	same(t, "oasis/2.0/examples/ROLIE/*category*.json", ReadCategory)
}

func same[D Document20](t *testing.T, pattern string, read func([]byte, Limits) (D, Problems)) {
	for _, file := range documents(t, pattern) {
		data, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		doc, problems := read(data, Limits{})
		if len(problems) > 0 {
			t.Errorf("%s: %v", filepath.Base(file), problems)
		}
		out, err := Write(doc)
		if err != nil {
			t.Fatal(err)
		}
		var before, after any
		if err := errors.Join(json.Unmarshal(data, &before), json.Unmarshal(out, &after)); err != nil {
			t.Fatal(err)
		}
		if !reflect.DeepEqual(before, after) {
			t.Errorf("%s: changed by reading and writing", filepath.Base(file))
		}
	}
}
