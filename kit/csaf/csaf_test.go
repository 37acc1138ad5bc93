package csaf

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"github.com/dlclark/regexp2"
	"github.com/santhosh-tekuri/jsonschema/v6"

	"github.com/tocsin-sec/tocsin/test/shared"
)

// lookahead lets the JSON schemas use look-around, which Go's regexp has not.
type lookahead regexp2.Regexp

func (re *lookahead) MatchString(s string) bool {
	ok, err := (*regexp2.Regexp)(re).MatchString(s)
	return err == nil && ok
}

func (re *lookahead) String() string { return (*regexp2.Regexp)(re).String() }

// schema compiles a schema of the shared data; the JSON schemas are the oracle.
func schema(t testing.TB, name string) *jsonschema.Schema {
	t.Helper()
	dir := filepath.Join(shared.Dir(t), "data/csaf/oasis/2.0")
	c := jsonschema.NewCompiler()
	c.UseRegexpEngine(func(s string) (jsonschema.Regexp, error) {
		re, err := regexp2.Compile(s, regexp2.ECMAScript)
		return (*lookahead)(re), err
	})
	c.AssertFormat()
	for url, file := range map[string]string{
		Schema20: "json_schema/csaf_json_schema.json",
		"https://docs.oasis-open.org/csaf/csaf/v2.0/provider_json_schema.json": "json_schema/provider_json_schema.json",
		"https://www.first.org/cvss/cvss-v2.0.json":                            "referenced_schema/first/cvss-v2.0.json",
		"https://www.first.org/cvss/cvss-v3.0.json":                            "referenced_schema/first/cvss-v3.0.json",
		"https://www.first.org/cvss/cvss-v3.1.json":                            "referenced_schema/first/cvss-v3.1.json",
	} {
		f, err := os.Open(filepath.Join(dir, file))
		if err != nil {
			t.Fatal(err)
		}
		doc, err := jsonschema.UnmarshalJSON(f)
		f.Close()
		if err != nil {
			t.Fatal(err)
		}
		if err := c.AddResource(url, doc); err != nil {
			t.Fatal(err)
		}
	}
	s, err := c.Compile(name)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func documents(t testing.TB, pattern ...string) []string {
	t.Helper()
	var all []string
	for _, p := range pattern {
		files, err := filepath.Glob(filepath.Join(shared.Dir(t), "data/csaf", p))
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, files...)
	}
	if len(all) == 0 {
		t.Fatalf("no documents in %v", pattern)
	}
	return all
}

func TestRealDocumentsReadAndWrittenStayTheSame(t *testing.T) {
	files := documents(t, "cisa/OT/white/*/*.json", "oasis/2.0/examples/csaf/*.json", "oasis/2.0/examples/csaf/csaf_vex/*.json")
	for _, file := range files {
		data, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		doc, problems := ReadAdvisory(data, Limits{})
		if problems.Fatal() {
			t.Errorf("%s: %v", filepath.Base(file), problems)
			continue
		}
		if len(problems) > 0 {
			continue // an unknown member is reported and lost
		}
		out, err := Write(doc)
		if err != nil {
			t.Fatal(err)
		}
		var before, after any
		if err := json.Unmarshal(data, &before); err != nil {
			t.Fatal(err)
		}
		if err := json.Unmarshal(out, &after); err != nil {
			t.Fatal(err)
		}
		if !reflect.DeepEqual(before, after) {
			t.Errorf("%s: changed by reading and writing", filepath.Base(file))
		}
		again, _ := ReadAdvisory(out, Limits{})
		twice, _ := Write(again)
		if !bytes.Equal(out, twice) {
			t.Errorf("%s: the writer is not canonical", filepath.Base(file))
		}
	}
	t.Logf("%d documents", len(files))
}

// TestReaderAgreesWithTheSchema compares the reader with the JSON schema over all
// documents, valid and broken, of the shared data.
func TestReaderAgreesWithTheSchema(t *testing.T) {
	s := schema(t, Schema20)
	for _, file := range documents(t, "cisa/OT/white/*/*.json", "oasis/2.0/examples/csaf/*.json",
		"oasis/2.0/test/validator/data/*/*.json") {
		data, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		v, err := jsonschema.UnmarshalJSON(bytes.NewReader(data))
		if err != nil {
			t.Fatal(err)
		}
		_, problems := ReadAdvisory(data, Limits{})
		if err := s.Validate(v); (err != nil) != problems.Fatal() {
			t.Errorf("%s: the schema says %v, the reader %v", filepath.Base(file), err, problems)
		}
	}
}

func TestReaderNamesThePlace(t *testing.T) {
	cases := map[string]struct {
		in   string
		want string // in the list of problems
	}{
		"a duplicate key":          {"{\"a\": {\n \"b\": 1,\"b\": 2}}", "2:9 /a/b: the member \"b\" occurs twice"},
		"not JSON":                 {"{\"document\": }", "1:14 : no JSON value"},
		"a byte order mark":        {"\uFEFF{}", "1:1 : begins with a byte order mark"},
		"more after the end":       {"{} {}", "1:4 : more after the end"},
		"not UTF-8":                {"{\"\xff\": 1}", "1:3 : not UTF-8"},
		"half a surrogate":         {`{"a": "\ud800"}`, "1:8 : half a surrogate pair"},
		"a control character":      {"{\"a\": \"\x01\"}", "1:8 : a control character"},
		"a number with zeros":      {`{"a": 01}`, "1:7 : not a number"},
		"an unknown member":        {`{"x": 1}`, "1:1 /document: the member"},
		"a wrong type":             {`{"document": []}`, "1:14 /document: an object is expected"},
		"an empty file":            {"", "1:1 : the document ends too early"},
		"another format (XML)":     {"<a/>", "1:1 : no JSON value begins here"},
		"deep nesting":             {strings.Repeat("[", 500), ": nested deeper than 128"},
		"columns count characters": {"{\"\u00e9\u00e9\": 1, \"a\" 2}", "1:15 : a colon is expected"},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			_, problems := ReadAdvisory([]byte(c.in), Limits{})
			if !problems.Fatal() {
				t.Fatal("nothing is wrong")
			}
			if got := problems.Error(); !strings.Contains(got, c.want) {
				t.Errorf("got %q, want %q", got, c.want)
			}
		})
	}
}

func TestFilenameFollowsTheStandard(t *testing.T) {
	for id, want := range map[string]string{
		"2022_#01-A":                    "2022_01-a.json",
		"Example Company - 2019-YH3234": "example_company_-_2019-yh3234.json",
		"RHBA-2019:0024":                "rhba-2019_0024.json",
	} {
		if got := Filename(id); got != want {
			t.Errorf("%q gives %q, want %q", id, got, want)
		}
	}
}

func TestBuilderGivesEqualProductsTheSameID(t *testing.T) {
	var b Builder
	one := b.Add(TreeProduct{Vendor: "Lanterna", Product: "lanternd", Branch: "stable-2", Version: "2.4.7", PURL: "pkg:generic/lanternd@2.4.7"})
	two := b.Add(TreeProduct{Vendor: "Lanterna", Product: "lanternd", Branch: "stable-1", Version: "1.9.3"})
	if again := b.Add(TreeProduct{Vendor: "Lanterna", Product: "lanternd", Branch: "stable-1", Version: "1.9.3"}); again != two || one == two {
		t.Errorf("ids %q, %q, %q", one, two, again)
	}
	n := 0
	b.Tree().Products(func(string, *FullProductName) { n++ })
	if n != 2 || len(b.Tree().Branches) != 1 {
		t.Errorf("%d products below %d vendors", n, len(b.Tree().Branches))
	}
}

func FuzzReadAdvisory(f *testing.F) {
	f.Add([]byte(`{"document":{"category":"csaf_base","title":"\u00e9\ud83d\ude00"}}`))
	f.Add([]byte(`[1.5e3,true,null,"x",{}]`))
	f.Fuzz(func(t *testing.T, data []byte) {
		doc, problems := ReadAdvisory(data, Limits{Bytes: 1 << 20})
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
		if _, again := ReadAdvisory(out, Limits{}); again.Fatal() {
			t.Fatalf("what was written is refused: %v", again)
		}
	})
}

func TestProviderMetadataFollowsTheSchema(t *testing.T) {
	s := schema(t, "https://docs.oasis-open.org/csaf/csaf/v2.0/provider_json_schema.json")
	for _, file := range documents(t, "oasis/2.0/examples/provider-metadata/*.json") {
		data, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		doc, problems := ReadProvider(data, Limits{})
		if len(problems) > 0 {
			t.Errorf("%s: %v", filepath.Base(file), problems)
		}
		out, err := Write(doc)
		if err != nil {
			t.Fatal(err)
		}
		v, err := jsonschema.UnmarshalJSON(bytes.NewReader(out))
		if err != nil {
			t.Fatal(err)
		}
		if err := s.Validate(v); err != nil {
			t.Errorf("%s written again: %v", filepath.Base(file), err)
		}
	}
	for _, file := range documents(t, "oasis/2.0/examples/ROLIE/example-01-feed-tlp-white.json") {
		data, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if _, problems := ReadFeed(data, Limits{}); len(problems) > 0 {
			t.Errorf("%s: %v", filepath.Base(file), problems)
		}
	}
}
