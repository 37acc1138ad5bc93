package csaf

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"github.com/tocsin-sec/tocsin/test/schema"
	"github.com/tocsin-sec/tocsin/test/shared"
)

// schemas are the JSON schemas of CSAF 2.0; with strict, those of CVSS are the strict
// ones.
func schemas(t testing.TB, name string, strict bool) *jsonschema.Schema {
	t.Helper()
	dir := filepath.Join(shared.Dir(t), "data/csaf/oasis/2.0")
	const oasis, first = "https://docs.oasis-open.org/csaf/csaf/v2.0/", "https://www.first.org/cvss/"
	files := map[string]string{}
	for _, f := range []string{"csaf", "provider", "aggregator"} {
		files[oasis+f+"_json_schema.json"] = filepath.Join(dir, "json_schema", f+"_json_schema.json")
	}
	for _, v := range []string{"2.0", "3.0", "3.1"} {
		file := "cvss-v" + v + ".json"
		if strict {
			file = "cvss-v" + v + "_strict.json"
		}
		files[first+"cvss-v"+v+".json"] = filepath.Join(dir, "referenced_schema/first", file)
	}
	return schema.Compile(t, oasis+name+"_json_schema.json", files)
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

// FuzzRead asks that what any reader accepts is JSON and can be written and read again.
func FuzzRead(f *testing.F) {
	f.Add([]byte(`{"document":{"category":"csaf_base","title":"\u00e9\ud83d\ude00"}}`))
	f.Add([]byte(`[1.5e3,true,null,"x",{}]`))
	f.Add([]byte(`{"aggregator":{"category":"lister"},"csaf_providers":[{"metadata":{"url":"https://a.example/provider-metadata.json"}}]}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		again(t, data, ReadAdvisory)
		again(t, data, ReadProvider)
		again(t, data, ReadAggregator)
		again(t, data, ReadFeed)
		again(t, data, ReadService)
		again(t, data, ReadCategory)
	})
}

func again[D Document20](t *testing.T, data []byte, read func([]byte, Limits) (D, Problems)) {
	doc, problems := read(data, Limits{Bytes: 1 << 20})
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
	if _, twice := read(out, Limits{}); twice.Fatal() {
		t.Fatalf("what was written is refused: %v", twice)
	}
}
