package vex

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"github.com/tocsin-sec/tocsin/kit/csaf"
	"github.com/tocsin-sec/tocsin/kit/csaf/convert"
	"github.com/tocsin-sec/tocsin/kit/csaf/test20/mandatory"
	"github.com/tocsin-sec/tocsin/kit/strictjson"
	"github.com/tocsin-sec/tocsin/test/schema"
	"github.com/tocsin-sec/tocsin/test/shared"
)

func openvex(t testing.TB) *jsonschema.Schema {
	const id = "https://github.com/openvex/spec/openvex_json_schema_0.2.0.json"
	return schema.Compile(t, id, map[string]string{id: filepath.Join(shared.Dir(t), "data/openvex/openvex_json_schema.json")})
}

// generator makes documents that the schema takes; it counts for each optional member
// how often it is there and how often not.
type generator struct {
	*rand.Rand
	seen map[string][2]int
	n    int
}

func (g *generator) optional(name string) bool {
	c, yes := g.seen[name], g.IntN(2)
	c[yes]++
	g.seen[name] = c
	return yes == 1
}

func (g *generator) object(t reflect.Type) map[string]any {
	out := map[string]any{}
	for i := range t.NumField() {
		f := t.Field(i)
		name, options, _ := strings.Cut(f.Tag.Get("json"), ",")
		if options == "" || g.optional(t.Name()+"."+name) {
			out[name] = g.value(f.Type, name, f.Tag.Get("strict"))
		}
	}
	switch t.Name() {
	case "Product", "Component":
		if out["@id"] == nil && out["identifiers"] == nil {
			out["@id"] = g.value(reflect.TypeFor[string](), "@id", "like=iri")
		}
	case "Identifiers":
		if len(out) == 0 {
			out["purl"] = g.value(reflect.TypeFor[string](), "purl", "")
		}
	case "Statement":
		if out["status"] == NotAffected && out["justification"] == nil && out["impact_statement"] == nil {
			out["impact_statement"] = "it is not reachable"
		}
		if out["status"] == Affected && out["action_statement"] == nil {
			out["action_statement"] = "update"
		}
	}
	return out
}

func (g *generator) value(t reflect.Type, name, tag string) any {
	g.n++
	switch t.Kind() {
	case reflect.Pointer:
		return g.object(t.Elem())
	case reflect.Struct:
		return g.object(t)
	case reflect.Slice:
		list := []any{}
		for range 1 + g.IntN(2) {
			list = append(list, g.value(t.Elem(), name, ""))
		}
		if t.Elem().Kind() == reflect.Struct {
			list[0].(map[string]any)["@id"] = fmt.Sprintf("urn:example:%d", g.n) // no two are equal
		}
		return list
	case reflect.Int64:
		return json.Number(fmt.Sprint(1 + g.IntN(9)))
	}
	if _, words, ok := strings.Cut(tag, "enum="); ok {
		list := strings.Split(words, "|")
		return list[g.IntN(len(list))]
	}
	switch {
	case strings.Contains(tag, "like=date"):
		return fmt.Sprintf("2024-%02d-%02dT10:00:00Z", 1+g.IntN(12), 1+g.IntN(28))
	case strings.Contains(tag, "like="):
		return fmt.Sprintf("https://example.com/%d", g.n)
	case name == "purl":
		return fmt.Sprintf("pkg:npm/a%d@1.0.0", g.n)
	}
	return []string{"", "text é \u2028", fmt.Sprint("CVE-2024-", 1000+g.n)}[g.IntN(3)] + fmt.Sprint(g.n)
}

func generated(n int) (docs []any, g *generator) {
	g = &generator{Rand: rand.New(rand.NewPCG(5, 6)), seen: map[string][2]int{}}
	for range n {
		docs = append(docs, g.object(reflect.TypeFor[Document]()))
	}
	return docs, g
}

func agree(t *testing.T, s *jsonschema.Schema, doc any, what string) bool {
	t.Helper()
	data, err := json.Marshal(doc)
	if err != nil {
		t.Fatal(err)
	}
	d, problems := Read(data, strictjson.Limits{})
	err = s.Validate(doc)
	if (err != nil) != problems.Fatal() {
		t.Fatalf("%s: the schema says %v, the reader %v\n%s", what, err, problems, data)
	}
	if err != nil {
		return false
	}
	Lint(d)
	out, err := Write(d)
	if err != nil {
		t.Fatal(err)
	}
	if back := schema.Decode(t, out); s.Validate(back) != nil {
		t.Fatalf("%s: what was written does not fit the schema: %s", what, out)
	}
	return true
}

// TestGeneratedDocuments asks that the reader agrees with the schema over 1,000
// documents in which every optional member is there and is not, that nothing is lost, and
// over 5,000 mutations of them.
func TestGeneratedDocuments(t *testing.T) {
	s := openvex(t)
	docs, g := generated(1000)
	for i, doc := range docs {
		if !agree(t, s, doc, fmt.Sprint("document ", i)) {
			t.Fatalf("document %d does not fit: %v", i, s.Validate(doc))
		}
		data, _ := json.Marshal(doc)
		d, _ := Read(data, strictjson.Limits{})
		out, _ := Write(d)
		if !reflect.DeepEqual(schema.Decode(t, out), doc) {
			t.Fatalf("changed by reading and writing:\n%s\n%s", data, out)
		}
	}
	for name, c := range g.seen {
		if c[0] == 0 || c[1] == 0 {
			t.Errorf("%s: absent %d times, there %d times", name, c[0], c[1])
		}
	}
	t.Logf("%d optional members, each there and absent in 1,000 documents: %v", len(g.seen), g.seen)
	r := rand.New(rand.NewPCG(7, 8))
	valid := 0
	for range 5000 {
		doc, what := schema.Mutate(r, docs[r.IntN(len(docs))])
		if agree(t, s, doc, what) {
			valid++
		}
	}
	t.Logf("5,000 mutations, %d valid", valid)
}

const minimal = `{"@context":"https://openvex.dev/ns/v0.2.0","@id":"https://example.com/vex/1","author":"Example","timestamp":"2024-05-01T10:00:00Z","version":1,"statements":[%s]}`

func TestLint(t *testing.T) {
	const product = `"products":[{"@id":"pkg:npm/a@1.0.0"}]`
	for _, tc := range []struct {
		name, statement string
		want            []string
	}{
		{"a good statement has no finding", `{"vulnerability":{"name":"CVE-2024-1234"},` + product + `,"status":"fixed"}`, nil},
		{"a justification stands at not_affected only", `{"vulnerability":{"name":"CVE-2024-1234"},` + product + `,"status":"fixed","justification":"component_not_present"}`, []string{"VEX-03 /statements/0/justification"}},
		{"an impact statement stands at not_affected only", `{"vulnerability":{"name":"CVE-2024-1234"},` + product + `,"status":"under_investigation","impact_statement":"x"}`, []string{"VEX-03 /statements/0/impact_statement"}},
		{"an action stands at affected only", `{"vulnerability":{"name":"CVE-2024-1234"},` + product + `,"status":"fixed","action_statement":"x"}`, []string{"VEX-03 /statements/0/action_statement"}},
		{"prose alone is a warning", `{"vulnerability":{"name":"CVE-2024-1234"},` + product + `,"status":"not_affected","impact_statement":"x"}`, []string{"VEX-04 /statements/0"}},
		{"an empty action is none", `{"vulnerability":{"name":"CVE-2024-1234"},` + product + `,"status":"affected","action_statement":" "}`, []string{"VEX-02 /statements/0/action_statement"}},
		{"a statement is not newer than its document", `{"vulnerability":{"name":"CVE-2024-1234"},` + product + `,"status":"fixed","timestamp":"2024-06-01T00:00:00Z"}`, []string{"VEX-05 /statements/0/timestamp"}},
		{"an update does not come before the statement", `{"vulnerability":{"name":"CVE-2024-1234"},` + product + `,"status":"fixed","last_updated":"2024-04-01T00:00:00Z"}`, []string{"VEX-05 /statements/0/last_updated"}},
		{"no update after the document", `{"vulnerability":{"name":"CVE-2024-1234"},` + product + `,"status":"fixed","last_updated":"2030-04-01T00:00:00Z"}`, []string{"VEX-05 /statements/0/last_updated"}},
		{"one instant in two zones is one time", `{"vulnerability":{"name":"V"},` + product + `,"timestamp":"2024-04-01T00:00:00Z","status":"fixed"},{"vulnerability":{"name":"V"},"timestamp":"2024-04-01T02:00:00+02:00",` + product + `,"status":"under_investigation"}`, []string{"VEX-09 /statements/1/products/0"}},
		{"an action's time needs an action", `{"vulnerability":{"name":"CVE-2024-1234"},` + product + `,"status":"fixed","action_statement_timestamp":"2024-04-01T00:00:00Z"}`, []string{"VEX-06 /statements/0/action_statement_timestamp"}},
		{"a statement has products", `{"vulnerability":{"name":"CVE-2024-1234"},"status":"fixed"}`, []string{"VEX-07 /statements/0"}},
		{"ids differ", `{"@id":"https://example.com/vex/1","vulnerability":{"name":"CVE-2024-1234"},` + product + `,"status":"fixed"}`, []string{"VEX-08 /statements/0/@id"}},
		{"one product has one status", `{"vulnerability":{"name":"V"},` + product + `,"status":"fixed"},{"vulnerability":{"name":"V"},` + product + `,"status":"under_investigation"}`, []string{"VEX-09 /statements/1/products/0"}},
		{"a later statement may say something else", `{"vulnerability":{"name":"V"},` + product + `,"status":"fixed"},{"vulnerability":{"name":"V"},"timestamp":"2024-04-01T00:00:00Z",` + product + `,"status":"under_investigation"}`, nil},
		{"a purl is one", `{"vulnerability":{"name":"V"},"products":[{"identifiers":{"purl":"npm/a"},"hashes":{"sha1":"abc"}}],"status":"fixed"}`, []string{"VEX-10 /statements/0/products/0/identifiers/purl", "VEX-10 /statements/0/products/0/hashes/sha1"}},
		{"an alias is another name", `{"vulnerability":{"name":"V","aliases":["V"]},` + product + `,"status":"fixed"}`, []string{"VEX-11 /statements/0/vulnerability/aliases/0"}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			doc, problems := Read(fmt.Appendf(nil, minimal, tc.statement), strictjson.Limits{})
			if problems.Fatal() {
				t.Fatal(problems)
			}
			var got []string
			for _, f := range Lint(doc) {
				got = append(got, f.Rule+" "+f.Pointer)
			}
			if !reflect.DeepEqual(got, tc.want) {
				t.Errorf("got %q, want %q", got, tc.want)
			}
		})
	}
	doc := &Document{Context: "https://openvex.dev/ns", Author: " ", Timestamp: "2024-05-01T10:00:00Z", LastUpdated: "2024-04-01T10:00:00Z", Version: 1}
	if got := fmt.Sprint(Lint(doc)); !strings.Contains(got, "VEX-01") || !strings.Contains(got, "VEX-02") || !strings.Contains(got, "VEX-05") || !strings.Contains(got, "VEX-12") {
		t.Error(got)
	}
}

// TestGeneratedDocumentsBecomeCSAF asks that statements written as CSAF pass every
// mandatory test of 2.0, can be read back with the same statuses, and convert to 2.1.
func TestGeneratedDocumentsBecomeCSAF(t *testing.T) {
	docs, _ := generated(300)
	n := 0
	for _, generated := range docs {
		data, _ := json.Marshal(generated)
		doc, _ := Read(data, strictjson.Limits{})
		doc.LastUpdated = "" // the generated times are in no order
		for i := range doc.Statements {
			s := &doc.Statements[i]
			s.Vulnerability.Name = fmt.Sprint("X-", i)
			s.Vulnerability.Aliases = nil
		}
		a, err := ToCSAF(doc, Envelope{ID: "EX-1", Title: "Example", Publisher: csaf.Publisher{Category: "vendor", Name: "Example", Namespace: "https://example.com"}})
		if err != nil {
			continue
		}
		n++
		checked(t, a, len(doc.Statements))
	}
	if n < 50 {
		t.Errorf("only %d documents were written", n)
	}
}

func checked(t *testing.T, a *csaf.Advisory, statements int) {
	t.Helper()
	out, err := csaf.Write(a)
	if err != nil {
		t.Fatal(err)
	}
	back, problems := csaf.ReadAdvisory(out, csaf.Limits{})
	if problems.Fatal() {
		t.Fatalf("%v\n%s", problems, out)
	}
	if found := mandatory.Check(back); len(found) > 0 {
		t.Fatalf("%v\n%s", found, out)
	}
	vex := FromCSAF(back)
	if len(vex.Statements) < statements {
		t.Errorf("%d statements became %d", statements, len(vex.Statements))
	}
	readable(t, vex)
	r := convert.Convert(back, nil, convert.Options{})
	if r.Errors() {
		t.Errorf("%v", r.Decisions)
	}
	readable(t, FromCSAF21(r.Document))
}

func readable(t *testing.T, doc *Document) {
	t.Helper()
	out, err := Write(doc)
	if err != nil {
		t.Fatal(err)
	}
	if _, problems := Read(out, strictjson.Limits{}); problems.Fatal() && len(doc.Statements) > 0 {
		t.Errorf("%v\n%s", problems, out)
	}
}

// TestRealDocumentsGiveStatements reads the CISA documents, 2.0 and converted, which say
// the same.
func TestRealDocumentsGiveStatements(t *testing.T) {
	files, err := filepath.Glob(filepath.Join(shared.Dir(t), "data/csaf/cisa/*/*/*/*.json"))
	if err != nil || len(files) == 0 {
		t.Fatal("no documents", err)
	}
	n := 0
	for _, file := range files {
		data, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		doc, problems := csaf.ReadAdvisory(data, csaf.Limits{})
		if problems.Fatal() {
			continue
		}
		vex := FromCSAF(doc)
		n += len(vex.Statements)
		readable(t, vex)
		// Without the fixed products that a conversion adds; they are further statements.
		r := convert.Convert(doc, problems, convert.Options{NoFixed: true})
		if got := FromCSAF21(r.Document); len(got.Statements) != len(vex.Statements) {
			t.Errorf("%s: %d statements in 2.0, %d in 2.1", filepath.Base(file), len(vex.Statements), len(got.Statements))
		}
	}
	t.Logf("%d documents, %d statements", len(files), n)
}

func FuzzRead(f *testing.F) {
	f.Add(fmt.Appendf(nil, minimal, `{"vulnerability":{"name":"V"},"products":[{"@id":"pkg:npm/a@1.0.0","subcomponents":[{"identifiers":{"cpe22":"cpe:/a:b"}}]}],"status":"affected","action_statement":"x"}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		doc, problems := Read(data, strictjson.Limits{Bytes: 1 << 20})
		Lint(doc)
		if problems.Fatal() {
			return
		}
		out, err := Write(doc)
		if err != nil {
			t.Fatal(err)
		}
		if _, twice := Read(out, strictjson.Limits{}); twice.Fatal() {
			t.Fatalf("what was written is refused: %v", twice)
		}
		if a, err := ToCSAF(doc, Envelope{}); err == nil {
			FromCSAF(a)
		}
	})
}

func BenchmarkRead(b *testing.B) {
	docs, _ := generated(100)
	var all [][]byte
	size := 0
	for _, d := range docs {
		data, _ := json.Marshal(d)
		all = append(all, data)
		size += len(data)
	}
	b.SetBytes(int64(size / len(all)))
	for i := 0; b.Loop(); i++ {
		doc, _ := Read(all[i%len(all)], strictjson.Limits{})
		Lint(doc)
	}
}
