package csaf21

import (
	"encoding/json"
	"errors"
	"math/rand/v2"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"github.com/tocsin-sec/tocsin/kit/csaf"
	"github.com/tocsin-sec/tocsin/test/schema"
	"github.com/tocsin-sec/tocsin/test/shared"
)

// schemas are the JSON schemas of CSAF 2.1; with strict, those of CVSS 2 and 3 are the
// strict ones.
func schemas(t testing.TB, name string, strict bool) *jsonschema.Schema {
	t.Helper()
	dir := filepath.Join(shared.Dir(t), "data/csaf/oasis/2.1")
	const oasis, first = "https://docs.oasis-open.org/csaf/csaf/v2.1/schema/", "https://www.first.org/cvss/"
	files := map[string]string{
		"https://certcc.github.io/SSVC/data/schema/v2/SelectionList_2_0_0.schema.json": filepath.Join(dir, "referenced_schema/certcc/SelectionList_2_0_0.schema.json"),
		first + "cvss-v4.0.json": filepath.Join(dir, "referenced_schema/first/cvss-v4.0.json"),
	}
	for _, f := range []string{"csaf", "provider", "aggregator", "extension-content", "extension-metaschema"} {
		files[oasis+f+".json"] = filepath.Join(dir, "json_schema", f+".json")
	}
	for _, v := range []string{"2.0", "3.0", "3.1"} {
		file := "cvss-v" + v + ".json"
		if strict {
			file = "cvss-v" + v + "_strict.json"
		}
		files[first+"cvss-v"+v+".json"] = filepath.Join(dir, "referenced_schema/first", file)
	}
	return schema.Compile(t, oasis+name+".json", files)
}

func documents(t testing.TB, pattern ...string) []string {
	t.Helper()
	var all []string
	for _, p := range pattern {
		files, err := filepath.Glob(filepath.Join(shared.Dir(t), "data/csaf/oasis/2.1", p))
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range files {
			if !strings.HasSuffix(f, ".result.json") {
				all = append(all, f)
			}
		}
	}
	if len(all) == 0 {
		t.Fatalf("no documents in %v", pattern)
	}
	return all
}

// agree asks that the reader and the schema give one verdict, and that the reader
// names no place that the schema does not.
func agree(t *testing.T, name string, s *jsonschema.Schema, doc any, problems csaf.Problems) bool {
	t.Helper()
	err := s.Validate(doc)
	if (err != nil) != problems.Fatal() {
		t.Errorf("%s: the schema says %v, the reader %v", name, err, problems)
		return false
	}
	pointers := schema.Pointers(err)
	for _, p := range problems {
		if p.Code != csaf.Unknown && !schema.Above(p.Instance(), pointers) {
			t.Errorf("%s: %v is none of the schema's %v", name, p, pointers)
		}
	}
	return err == nil
}

// oracle compares reader and schema over documents and mutations of them.
func oracle(t *testing.T, s *jsonschema.Schema, read func([]byte) csaf.Problems, mutations int, patterns ...string) {
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

var advisoryFiles = [...]string{"examples/csaf/*.json", "examples/csaf/*/*.json", "test/validator/data/*/*.json"}

func TestReaderAgreesWithTheSchema(t *testing.T) {
	oracle(t, schemas(t, "csaf", false), func(data []byte) csaf.Problems { _, p := ReadAdvisory(data, csaf.Limits{}); return p }, 3000, advisoryFiles[:]...)
}

func TestStrictReaderAgreesWithTheStrictSchema(t *testing.T) {
	oracle(t, schemas(t, "csaf", true), func(data []byte) csaf.Problems { _, p := ReadStrict(data, csaf.Limits{}); return p }, 500, advisoryFiles[:]...)
}

func TestProviderMetadataFollowsTheSchema(t *testing.T) {
	oracle(t, schemas(t, "provider", false), func(data []byte) csaf.Problems { _, p := ReadProvider(data, csaf.Limits{}); return p }, 500, "examples/provider-metadata/*.json")
}

func TestAggregatorFollowsTheSchema(t *testing.T) {
	oracle(t, schemas(t, "aggregator", false), func(data []byte) csaf.Problems { _, p := ReadAggregator(data, csaf.Limits{}); return p }, 500, "examples/aggregator/*.json")
}

// TestDocumentsReadAndWrittenStayTheSame holds for everything that has no problem.
func TestDocumentsReadAndWrittenStayTheSame(t *testing.T) {
	for _, p := range advisoryFiles {
		same(t, p, ReadAdvisory)
	}
	same(t, "examples/provider-metadata/*.json", ReadProvider)
	same(t, "examples/aggregator/*.json", ReadAggregator)
	same(t, "examples/ROLIE/*feed*.json", ReadFeed)
	same(t, "examples/ROLIE/*service*.json", ReadService)
	same(t, "examples/ROLIE/*category*.json", ReadCategory)
}

func same[D Document21](t *testing.T, pattern string, read func([]byte, csaf.Limits) (D, csaf.Problems)) {
	t.Helper()
	n := 0
	for _, file := range documents(t, pattern) {
		data, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		doc, problems := read(data, csaf.Limits{})
		if len(problems) > 0 {
			continue
		}
		n++
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
	if n == 0 {
		t.Errorf("%s: no document without problems", pattern)
	}
}
