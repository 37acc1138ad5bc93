package cve

import (
	"encoding/json"
	"math/rand/v2"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"github.com/tocsin-sec/tocsin/test/schema"
	"github.com/tocsin-sec/tocsin/test/shared"
)

// oracle is the schema of 5.1 without the format of times, which the schema's own
// text contradicts.
func oracle(t testing.TB) *jsonschema.Schema {
	t.Helper()
	data, err := os.ReadFile(filepath.Join(shared.Dir(t), "data/cve/record/CVE_JSON_5.1_bundled.json"))
	if err != nil {
		shared.Missing(t, "%v", err)
	}
	doc := schema.Decode(t, data).(map[string]any)
	delete(doc["definitions"].(map[string]any)["timestamp"].(map[string]any), "format")
	if data, err = json.Marshal(doc); err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), "cve.json")
	if err := os.WriteFile(file, data, 0o600); err != nil {
		t.Fatal(err)
	}
	id := doc["$id"].(string)
	return schema.Compile(t, id, map[string]string{id: file})
}

const full = `{"dataType":"CVE_RECORD","dataVersion":"5.1.1","cveMetadata":{"cveId":"CVE-2024-12345","assignerOrgId":"a0819718-46f1-4df5-94e2-005712e83aaa","assignerShortName":"example","requesterUserId":"a0819718-46f1-4df5-94e2-005712e83aaa","dateUpdated":"2024-05-02T10:00:00.000Z","serial":1,"dateReserved":"2024-05-01T10:00:00","datePublished":"2024-05-02T10:00:00Z","state":"PUBLISHED"},
"containers":{"cna":{"providerMetadata":{"orgId":"a0819718-46f1-4df5-94e2-005712e83aaa","shortName":"example","dateUpdated":"2024-05-02T10:00:00Z"},"dateAssigned":"2024-05-01T10:00:00Z","datePublic":"2024-05-02T10:00:00Z","title":"A flaw","descriptions":[{"lang":"en","value":"A flaw in the parser of Example.","supportingMedia":[{"type":"text/html","base64":false,"value":"<p>A flaw</p>"}]}],
"affected":[{"vendor":"Example","product":"Parser","collectionURL":"https://pypi.org","packageName":"parser","cpes":["cpe:2.3:a:example:parser:*:*:*:*:*:*:*:*"],"modules":["m"],"programFiles":["a.c"],"programRoutines":[{"name":"f"}],"platforms":["Linux"],"repo":"https://example.org/r","defaultStatus":"unaffected","versions":[{"version":"1.0.0","status":"affected","versionType":"semver","lessThan":"1.2.0","changes":[{"at":"1.1.0","status":"unaffected"}]},{"version":"2.0.0","status":"affected"}]}],
"problemTypes":[{"descriptions":[{"lang":"en","description":"CWE-79","cweId":"CWE-79","type":"CWE","references":[{"url":"https://example.org/cwe"}]}]}],"references":[{"url":"https://example.org/a","name":"A","tags":["vendor-advisory","x_mine"]}],"impacts":[{"capecId":"CAPEC-10","descriptions":[{"lang":"en","value":"impact"}]}],
"metrics":[{"format":"CVSS","scenarios":[{"lang":"en","value":"GENERAL"}],"cvssV3_1":{"version":"3.1","vectorString":"CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H","baseScore":9.8,"baseSeverity":"CRITICAL","attackVector":"NETWORK","temporalScore":5}},{"cvssV4_0":{"version":"4.0","vectorString":"CVSS:4.0/AV:N/AC:L/AT:N/PR:N/UI:N/VC:H/VI:H/VA:H/SC:N/SI:N/SA:N","baseScore":9.3,"baseSeverity":"CRITICAL","Safety":"PRESENT"}},{"cvssV2_0":{"version":"2.0","vectorString":"AV:N/AC:L/Au:N/C:P/I:P/A:P","baseScore":7.5}},{"cvssV3_0":{"version":"3.0","vectorString":"CVSS:3.0/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H","baseScore":9.8,"baseSeverity":"CRITICAL"}},{"other":{"type":"x","content":{"a":1}}}],
"configurations":[{"lang":"en","value":"c"}],"workarounds":[{"lang":"en","value":"w"}],"solutions":[{"lang":"en","value":"s"}],"exploits":[{"lang":"en","value":"e"}],"timeline":[{"time":"2024-05-01T10:00:00Z","lang":"en","value":"found"}],"credits":[{"lang":"en","value":"Ann","user":"a0819718-46f1-4df5-94e2-005712e83aaa","type":"finder"}],"source":{"discovery":"UNKNOWN"},"tags":["disputed"],"taxonomyMappings":[{"taxonomyName":"t","taxonomyVersion":"1","taxonomyRelations":[{"taxonomyId":"1","relationshipName":"n","relationshipValue":"v"}]}],"x_generator":{"engine":"Tocsin"}},
"adp":[{"providerMetadata":{"orgId":"a0819718-46f1-4df5-94e2-005712e83aaa"},"title":"ADP"}]}}`

const rejected = `{"dataType":"CVE_RECORD","dataVersion":"5.1","cveMetadata":{"cveId":"CVE-2024-12345","assignerOrgId":"a0819718-46f1-4df5-94e2-005712e83aaa","state":"REJECTED","dateRejected":"2024-05-02T10:00:00Z"},"containers":{"cna":{"providerMetadata":{"orgId":"a0819718-46f1-4df5-94e2-005712e83aaa"},"rejectedReasons":[{"lang":"en","value":"not a flaw"}],"replacedBy":["CVE-2024-12346"],"x_a":1}}}`

// documents are the two records above and the examples of the shared data.
func documents(t testing.TB) []any {
	all := []any{schema.Decode(t, []byte(full)), schema.Decode(t, []byte(rejected))}
	for _, name := range []string{"published-cve-example.json", "rejected-cve-example.json"} {
		data, err := os.ReadFile(filepath.Join(shared.Dir(t), "data/cve/schemas/cve", name))
		if err != nil {
			shared.Missing(t, "%v", err)
		}
		all = append(all, schema.Decode(t, data))
	}
	return all
}

func TestReaderAgreesWithTheSchema(t *testing.T) {
	s, all := oracle(t), documents(t)
	r := rand.New(rand.NewPCG(1, 2))
	valid := 0
	for i := range 4000 {
		doc, what := all[i%len(all)], "as it is"
		if i >= len(all) {
			doc, what = schema.Mutate(r, doc)
		}
		data, err := json.Marshal(doc)
		if err != nil {
			t.Fatal(err)
		}
		err = s.Validate(doc)
		record, problems := Read(data, Limits{})
		Lint(record)
		if (err != nil) != problems.Fatal() {
			t.Fatalf("%s: the schema says %v, the reader %v", what, err, problems)
		}
		if err != nil {
			continue
		}
		valid++
		out, err := Write(record)
		if err != nil {
			t.Fatal(err)
		}
		if len(problems) == 0 && !reflect.DeepEqual(doc, schema.Decode(t, out)) {
			t.Fatalf("%s has changed: %s", what, out)
		}
	}
	t.Logf("4000 documents, %d valid", valid)
}

func TestFullRecordHasNoFindings(t *testing.T) {
	r, problems := Read([]byte(full), Limits{})
	if len(problems) > 0 {
		t.Fatal(problems)
	}
	if found := Lint(r); len(found) > 0 {
		t.Error(found)
	}
}

func TestLintFinds(t *testing.T) {
	for rule, change := range map[string]func(*Record){
		"E001": func(r *Record) { r.Containers.CNA.References[0].URL = "gopher://a" },
		"E002": func(r *Record) { c := &r.Containers.CNA; c.References = append(c.References, c.References[0]) },
		"E003": func(r *Record) { r.Containers.CNA.Descriptions[0].Value = "short" },
		"E004": func(r *Record) { r.Containers.CNA.Descriptions[0].Value += "\n" },
		"E005": func(r *Record) { r.Containers.CNA.Metrics[0].V31.BaseSeverity = "LOW" },
		"E006": func(r *Record) { r.Containers.CNA.Affected[0].Versions = nil },
		"E007": func(r *Record) { r.Containers.CNA.Affected[0].Versions[1].Version = "2 and earlier" },
		"E008": func(r *Record) { r.Containers.CNA.Affected[0].Vendor = "n/a" },
		"E009": func(r *Record) { r.Containers.CNA.Affected[0].Product = "https://example.org/parser" },
		"E010": func(r *Record) {
			r.Containers.CNA.References[0].URL = "https://www.cve.org/CVERecord?id=CVE-2024-12345"
		},
		"E011": func(r *Record) { r.Containers.CNA.Affected[0].Versions[0].VersionType = "custom" },
		"E013": func(r *Record) { r.Containers.CNA.Affected[0].PackageURL = "pkg:pypi/other" },
		"E014": func(r *Record) { r.Metadata.ID = "CVE-1" },
		"E015": func(r *Record) { r.Containers.CNA.Descriptions[0].Lang = "de" },
		"E016": func(r *Record) { r.Containers.CNA.References = nil },
		"E017": func(r *Record) { r.Containers.CNA.Metrics[0].V31.BaseScore = 11 },
		"E018": func(r *Record) { r.Containers.CNA.Timeline[0].Value = " " },
		"E019": func(r *Record) { r.Containers.CNA.Credits[0].Value = " " },
		"E020": func(r *Record) { r.Containers.CNA.Descriptions[0].Value += ` \u00e9` },
	} {
		r, _ := Read([]byte(full), Limits{})
		change(r)
		if found := Lint(r); !slices.ContainsFunc(found, func(f Finding) bool { return f.Test == rule }) {
			t.Errorf("%s is not found: %v", rule, found)
		}
	}
	if len(Rules()) != 19 {
		t.Error("E001 to E020 without E012 are 19 rules")
	}
}

func FuzzRead(f *testing.F) {
	f.Add([]byte(full))
	f.Add([]byte(rejected))
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
