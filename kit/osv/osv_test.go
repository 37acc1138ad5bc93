package osv

import (
	"archive/zip"
	"bytes"
	"encoding/json"
	"io"
	"math/rand/v2"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"github.com/tocsin-sec/tocsin/test/schema"
	"github.com/tocsin-sec/tocsin/test/shared"
)

func oracle(t testing.TB) *jsonschema.Schema {
	const id = "https://raw.githubusercontent.com/ossf/osv-schema/main/validation/schema.json"
	return schema.Compile(t, id, map[string]string{id: filepath.Join(shared.Dir(t), "data/osv/schema/schema.json")})
}

// records reads the real records of a data set.
func realRecords(t testing.TB, set string) [][]byte {
	t.Helper()
	z, err := zip.OpenReader(filepath.Join(shared.Dir(t), "data/osv", set, "all.zip"))
	if err != nil {
		shared.Missing(t, "%v", err)
	}
	defer z.Close()
	var all [][]byte
	for _, f := range z.File {
		r, err := f.Open()
		if err != nil {
			t.Fatal(err)
		}
		data, err := io.ReadAll(r)
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, data)
	}
	return all
}

func TestRealRecordsReadAndWrittenStayTheSame(t *testing.T) {
	s := oracle(t)
	for _, set := range []string{"AlmaLinux", "Go"} {
		rules := map[string]int{}
		all := realRecords(t, set)
		for _, data := range all {
			r, problems := Read(data, Limits{})
			if len(problems) > 0 {
				t.Fatalf("%s: %v", r.ID, problems)
			}
			out, err := Write(r)
			if err != nil {
				t.Fatal(err)
			}
			was := schema.Decode(t, data)
			if !reflect.DeepEqual(was, schema.Decode(t, out)) {
				t.Fatalf("%s has changed", r.ID)
			}
			if err := s.Validate(was); err != nil {
				t.Errorf("%s: the schema says %v", r.ID, err)
			}
			for _, f := range Lint(r) {
				rules[f.Test]++
			}
		}
		t.Logf("%s: %d records, findings %v", set, len(all), rules)
	}
}

func TestReaderAgreesWithTheSchema(t *testing.T) {
	s := oracle(t)
	r := rand.New(rand.NewPCG(1, 2))
	all := append(realRecords(t, "AlmaLinux")[:100], realRecords(t, "Go")[:300]...)
	valid := 0
	for range 4000 {
		doc, what := schema.Mutate(r, schema.Decode(t, all[r.IntN(len(all))]))
		data, err := json.Marshal(doc)
		if err != nil {
			t.Fatal(err)
		}
		err = s.Validate(doc)
		v, problems := Read(data, Limits{})
		if (err != nil) != problems.Fatal() {
			t.Fatalf("%s: the schema says %v, the reader %v", what, err, problems)
		}
		if err == nil {
			valid++
		}
		Lint(v)
	}
	t.Logf("4000 mutations, %d valid", valid)
}

func FuzzRead(f *testing.F) {
	f.Add([]byte(`{"id":"x_1","modified":"2024-01-01T00:00:00Z"}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		r, problems := Read(data, Limits{})
		Lint(r)
		if problems.Fatal() {
			return
		}
		out, err := Write(r)
		if err != nil {
			t.Fatal(err)
		}
		if _, again := Read(out, Limits{}); again.Fatal() {
			t.Fatalf("%q is written as %q: %v", data, out, again)
		}
	})
}

func TestLintFinds(t *testing.T) {
	const head = `{"schema_version":"1.9.0","id":"x_1","modified":"2024-01-02T00:00:00Z",`
	affected := func(eco, kind, events string) string {
		return head + `"affected":[{"package":{"ecosystem":"` + eco + `","name":"a"},"ranges":[{"type":"` + kind + `","events":[` + events + `]}]}]}`
	}
	for name, c := range map[string]struct{ doc, want string }{
		"nothing affected":             {head + `"affected":[]}`, "REC:001"},
		"itself as an alias":           {head + `"withdrawn":"2024-01-02T00:00:00Z","aliases":["x_1"]}`, "REC:002"},
		"an upstream twice":            {head + `"withdrawn":"2024-01-02T00:00:00Z","upstream":["a","a"]}`, "REC:003"},
		"a related id twice":           {head + `"withdrawn":"2024-01-02T00:00:00Z","related":["a","a"]}`, "REC:004"},
		"published after modified":     {head + `"withdrawn":"2024-01-02T00:00:00Z","published":"2024-01-03T00:00:00Z"}`, "REC:101 REC:102"},
		"fixed where introduced":       {affected("npm", "SEMVER", `{"introduced":"1.0.0"},{"fixed":"1.0.0"}`), "RNG:002"},
		"fixed before introduced":      {affected("Debian:12", "ECOSYSTEM", `{"introduced":"1.0-1"},{"fixed":"1.0~rc1-1"}`), "RNG:101"},
		"an order that nobody knows":   {affected("Homebrew", "ECOSYSTEM", `{"introduced":"2"},{"fixed":"1"}`), ""},
		"no semantic version":          {affected("npm", "SEMVER", `{"introduced":"0"},{"fixed":"v1"}`), "RNG:102"},
		"no version of the ecosystem":  {affected("Hackage", "ECOSYSTEM", `{"introduced":"0"},{"fixed":"x"}`), "RNG:103"},
		"last affected as introduced":  {affected("npm", "SEMVER", `{"introduced":"1.0.0"},{"last_affected":"1.0.0"}`), ""},
		"a range without a package":    {head + `"affected":[{"ranges":[{"type":"SEMVER","events":[{"introduced":"0"}]}]}]}`, "RNG:002"},
		"a broken package URL":         {head + `"affected":[{"package":{"ecosystem":"npm","name":"a","purl":"npm/a"}}]}`, "PKG:003"},
		"another package's URL":        {head + `"affected":[{"package":{"ecosystem":"npm","name":"a","purl":"pkg:npm/b"}}]}`, "PKG:102"},
		"a package URL with a version": {head + `"affected":[{"package":{"ecosystem":"npm","name":"a","purl":"pkg:npm/a@1"}}]}`, "PKG:103"},
		"a scoped name":                {head + `"affected":[{"package":{"ecosystem":"npm","name":"@s/a","purl":"pkg:npm/%40s/a"}}]}`, ""},
		"an id with a space":           {`{"schema_version":"1.9.0","id":"x_1 2","modified":"2024-01-02T00:00:00Z","withdrawn":"2024-01-02T00:00:00Z"}`, "REC:005"},
		"an id with a colon":           {`{"schema_version":"1.9.0","id":"RHSA-2024:1_a.b","modified":"2024-01-02T00:00:00Z","withdrawn":"2024-01-02T00:00:00Z"}`, ""},
		"the second fix is too early":  {affected("npm", "SEMVER", `{"introduced":"0"},{"fixed":"1.0.0"},{"introduced":"2.0.0"},{"fixed":"1.5.0"}`), "RNG:101"},
		"introduced events come first": {affected("npm", "SEMVER", `{"introduced":"0"},{"introduced":"2.0.0"},{"fixed":"1.0.0"},{"fixed":"2.5.0"}`), ""},
		"events from the newest on":    {affected("npm", "SEMVER", `{"fixed":"2.5.0"},{"introduced":"2.0.0"},{"fixed":"1.0.0"},{"introduced":"0"}`), ""},
		"fixed twice":                  {affected("npm", "SEMVER", `{"introduced":"1.0.0"},{"fixed":"1.5.0"},{"fixed":"1.8.0"}`), ""},
		"fixed as equal as introduced": {affected("PyPI", "ECOSYSTEM", `{"introduced":"1.0"},{"fixed":"1.0.0"}`), "RNG:101"},
		"a limit, and no limit":        {affected("npm", "SEMVER", `{"introduced":"1.0.0"},{"limit":"*"},{"limit":"1.2.0"}`), ""},
		"a package URL of RPM":         {head + `"affected":[{"package":{"ecosystem":"Debian:12","name":"a","purl":"pkg:rpm/redhat/a"}}]}`, "PKG:102"},
		"a package URL of Debian":      {head + `"affected":[{"package":{"ecosystem":"Debian:12","name":"a","purl":"pkg:deb/debian/a?arch=source"}}]}`, ""},
		"a package URL of Alpine":      {head + `"affected":[{"package":{"ecosystem":"Alpine:v3.20","name":"a","purl":"pkg:apk/alpine/b"}}]}`, "PKG:102"},
		"ids of NuGet in any case":     {head + `"affected":[{"package":{"ecosystem":"NuGet","name":"A.b","purl":"pkg:nuget/a.B"}}]}`, ""},
		"an unknown ecosystem":         {head + `"affected":[{"package":{"ecosystem":"Nowhere","name":"a"}}]}`, "PKG:101"},
	} {
		r, _ := Read([]byte(c.doc), Limits{})
		var got []string
		for _, f := range Lint(r) {
			got = append(got, f.Test)
		}
		if strings.Join(got, " ") != c.want {
			t.Errorf("%s: %v, want %q", name, got, c.want)
		}
	}
}

func BenchmarkReadAndWrite(b *testing.B) {
	all := append(realRecords(b, "AlmaLinux"), realRecords(b, "Go")...)
	size := 0
	for _, d := range all {
		size += len(d)
	}
	b.SetBytes(int64(size / len(all)))
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		r, _ := Read(all[i%len(all)], Limits{})
		if out, err := Write(r); err != nil || bytes.Equal(out, nil) {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "records/s")
}
