package emit_test

import (
	"context"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"github.com/tocsin-sec/tocsin/internal/advisory/emit"
	"github.com/tocsin-sec/tocsin/internal/advisory/record"
	"github.com/tocsin-sec/tocsin/internal/base/fault"
	"github.com/tocsin-sec/tocsin/kit/csaf"
	"github.com/tocsin-sec/tocsin/kit/csaf/validate"
	"github.com/tocsin-sec/tocsin/kit/cve"
	"github.com/tocsin-sec/tocsin/kit/osv"
	"github.com/tocsin-sec/tocsin/kit/strictjson"
	"github.com/tocsin-sec/tocsin/kit/vex"
	"github.com/tocsin-sec/tocsin/test/schema"
	"github.com/tocsin-sec/tocsin/test/shared"
)

// coverage counts how often each optional field was there and absent.
type coverage struct{ there, absent map[string]int }

// optional visits the fields that JSON leaves out when they are empty, lists too, and drops
// each by the choice of drop.
func optional(v reflect.Value, at string, drop func(path string) bool, seen func(path string, there bool)) {
	switch v.Kind() {
	case reflect.Struct:
		if v.Type() == reflect.TypeFor[time.Time]() {
			return
		}
		for i := range v.NumField() {
			tag := v.Type().Field(i).Tag.Get("json")
			name, rest, _ := strings.Cut(tag, ",")
			path := at + "/" + name
			if strings.Contains(rest, "omitempty") {
				if drop != nil && drop(path) {
					v.Field(i).SetZero()
				}
				if seen != nil {
					seen(path, !v.Field(i).IsZero())
				}
			}
			optional(v.Field(i), path, drop, seen)
		}
	case reflect.Slice:
		for i := range v.Len() {
			optional(v.Index(i), at+"/*", drop, seen)
		}
	}
}

// generated is the i-th record that could be approved, as a first release, a correction or
// a withdrawal.
func generated(r *rand.Rand, c *coverage) record.Input {
	for {
		raw, _ := json.Marshal(full())
		var made record.Record
		if err := json.Unmarshal(raw, &made); err != nil {
			panic(err)
		}
		rate := r.IntN(5)
		optional(reflect.ValueOf(&made).Elem(), "", func(string) bool { return r.IntN(10) < rate }, nil)
		r.Shuffle(len(made.Branches), func(i, j int) { made.Branches[i], made.Branches[j] = made.Branches[j], made.Branches[i] })
		if n := 1 + r.IntN(len(made.Branches)); r.IntN(3) == 0 {
			made.Branches = made.Branches[:n]
		}
		if made.CVE == "" {
			made.AssignedBy, made.NoCVE = "", "the CNA is slow"
		}
		if len(made.Problems()) > 0 {
			continue
		}
		in := input(record.Content{Record: made, Change: "Initial version."})
		switch r.IntN(8) {
		case 0:
			in.Project.Register, in.Project.Series, in.Number = true, "CURL", "CURL-2026-0001"
		case 1:
			in.Project.Register = true // with a prefix that the schema does not know yet
		}
		if r.IntN(2) == 0 {
			in.Current = in.Initial.Add(time.Hour)
			in.History = []csaf.Revision{{Date: csaf.At(in.Initial), Number: "1", Summary: "Initial version."}}
			in.Content.Change = "Corrected."
			switch r.IntN(6) {
			case 0:
				in.Content.Withdrawn = "It is no flaw."
			case 1:
				in.Content.Superseded = &record.Supersession{ID: "EX-2026-0002", URL: "https://psirt.example.org/ex-2026-0002.json", Reason: "Its maintainer tells it."}
				if r.IntN(2) == 0 {
					in.Content.Superseded = &record.Supersession{Advisory: "x", Reason: "All of it is told there."}
					in.Successor = &record.Successor{ID: "LAN-2026-0009", Ours: true, URL: in.Site + "/csaf/lanterna/white/2026/lan-2026-0009.json", Page: in.Site + "/pub/lanterna/lan-2026-0009.html"}
				}
			}
		}
		optional(reflect.ValueOf(&made).Elem(), "", nil, func(path string, there bool) {
			if there {
				c.there[path]++
			} else {
				c.absent[path]++
			}
		})
		return in
	}
}

// judges are the schemas of the shared data.
func judges(t *testing.T) map[string]*jsonschema.Schema {
	t.Helper()
	const osvID = "https://raw.githubusercontent.com/ossf/osv-schema/main/validation/schema.json"
	const vexID = "https://github.com/openvex/spec/openvex_json_schema_0.2.0.json"
	data := filepath.Join(shared.Dir(t), "data")
	raw, err := os.ReadFile(filepath.Join(data, "cve/record/CVE_JSON_5.1_bundled.json"))
	if err != nil {
		shared.Missing(t, "%v", err)
	}
	doc := schema.Decode(t, raw).(map[string]any)
	definitions := doc["definitions"].(map[string]any)
	// The text of the schema says that a zone may be missing, its format does not; and
	// packageURL came with 5.2, whose schema is not in the shared data.
	delete(definitions["timestamp"].(map[string]any), "format")
	definitions["product"].(map[string]any)["properties"].(map[string]any)["packageURL"] = map[string]any{"$ref": "#/definitions/uriType"}
	if raw, err = json.Marshal(doc); err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), "cve.json")
	if err := os.WriteFile(file, raw, 0o600); err != nil {
		t.Fatal(err)
	}
	id := doc["$id"].(string)
	return map[string]*jsonschema.Schema{
		"osv":     schema.Compile(t, osvID, map[string]string{osvID: filepath.Join(data, "osv/schema/schema.json")}),
		"openvex": schema.Compile(t, vexID, map[string]string{vexID: filepath.Join(data, "openvex/openvex_json_schema.json")}),
		"cve":     schema.Compile(t, id, map[string]string{id: file}),
	}
}

// lints returns what our own rules find.
func lints(format string, raw []byte, at time.Time) []string {
	var out []string
	switch format {
	case "osv":
		r, problems := osv.Read(raw, osv.Limits{})
		for _, p := range problems {
			out = append(out, p.String())
		}
		for _, f := range osv.Lint(r) {
			out = append(out, f.Test+" "+f.Pointer+" "+f.Message)
		}
	case "cve":
		r, problems := cve.Read(raw, cve.Limits{})
		for _, p := range problems {
			out = append(out, p.String())
		}
		for _, f := range cve.Lint(r) {
			out = append(out, f.Test+" "+f.Pointer+" "+f.Message)
		}
	case "openvex":
		d, problems := vex.Read(raw, strictjson.Limits{})
		for _, p := range problems {
			out = append(out, p.String())
		}
		for _, f := range vex.Lint(d) {
			out = append(out, f.String())
		}
	case "csaf-2.0", "csaf-2.1", "csaf-vex":
		v := validate.Validator{Now: at}
		report, err := v.Check(context.Background(), raw, validate.Request{Presets: []string{"basic"}})
		if err != nil {
			return []string{err.Error()}
		}
		for _, f := range report.Findings() {
			out = append(out, fmt.Sprint(f.Test, " ", f.Pointer, " ", f.Message))
		}
	}
	return out
}

// refusals are what an output may refuse, by what it says.
var refusals = map[string][]string{
	"osv": {"advisory.emit.nothing_affected"}, "cve": {"advisory.emit.no_cve", "advisory.emit.nothing_affected"}, "updateinfo": {"advisory.emit.no_packages"},
	"csaf-vex": {"advisory.emit.no_products"}, "openvex": {"advisory.emit.no_products"},
}

func TestAThousandGeneratedRecordsHold(t *testing.T) {
	schemas := judges(t)
	r := rand.New(rand.NewPCG(1, 2))
	c := &coverage{map[string]int{}, map[string]int{}}
	made, refused, members := map[string]int{}, map[string]int{}, map[string]map[string]int{}
	for i := range 1000 {
		in := generated(r, c)
		for _, f := range emit.Formats() {
			raw, err := f.Make(in)
			if f2 := new(fault.Error); err != nil {
				if !asFault(err, &f2) || !slices.Contains(refusals[f.Name], f2.Key) {
					t.Fatalf("record %d as %s: %v\n%+v", i, f.Name, err, in.Content)
				}
				refused[f.Name]++
				continue
			}
			made[f.Name]++
			if found := lints(f.Name, raw, in.Current); len(found) > 0 {
				t.Fatalf("record %d as %s: %s\n%s", i, f.Name, strings.Join(found, "\n"), raw)
			}
			if s := schemas[f.Name]; s != nil {
				doc := schema.Decode(t, raw)
				if err := s.Validate(doc); err != nil {
					t.Fatalf("record %d as %s: %v\n%s", i, f.Name, err, raw)
				}
				if members[f.Name] == nil {
					members[f.Name] = map[string]int{}
				}
				seen := map[string]bool{}
				paths(doc, "", seen)
				for p := range seen {
					members[f.Name][p]++
				}
			}
		}
	}
	both := 0
	for path := range c.there {
		if c.absent[path] == 0 {
			t.Errorf("%s was never absent", path)
		} else {
			both++
		}
	}
	for path := range c.absent {
		if c.there[path] == 0 && path != "/no_cve" {
			t.Errorf("%s was never there", path)
		}
	}
	t.Logf("1,000 records; %d optional fields, each there and absent", both)
	for _, f := range emit.Formats() {
		always := 0
		for _, n := range members[f.Name] {
			if n == made[f.Name] {
				always++
			}
		}
		t.Logf("%-10s made %4d, had nothing to say %4d; members always %d, sometimes %d", f.Name, made[f.Name], refused[f.Name], always, len(members[f.Name])-always)
		if made[f.Name] < 200 {
			t.Errorf("only %d outputs %s", made[f.Name], f.Name)
		}
	}
}

func asFault(err error, to **fault.Error) bool {
	f, ok := err.(*fault.Error)
	*to = f
	return ok
}

// paths collects the members of a document, those of items of a list under one name.
func paths(v any, at string, out map[string]bool) {
	switch v := v.(type) {
	case map[string]any:
		for name, x := range v {
			out[at+"/"+name] = true
			paths(x, at+"/"+name, out)
		}
	case []any:
		for _, x := range v {
			paths(x, at+"/*", out)
		}
	}
}
