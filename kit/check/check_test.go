package check_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"unicode/utf16"

	"github.com/tocsin-sec/tocsin/kit/check"
	"github.com/tocsin-sec/tocsin/test/schema"
	"github.com/tocsin-sec/tocsin/test/shared"
)

func run(t testing.TB, data []byte, q check.Request) *check.Report {
	t.Helper()
	r, err := (&check.Checker{}).Check(t.Context(), data, q)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

const osvRecord = `{"schema_version":"1.7.0","id":"x_EX-1","modified":"2026-01-01T00:00:00Z","affected":[{"package":{"ecosystem":"PyPI","name":"x"},"versions":["1"]}]}`

func utf16le(s string) string {
	b := []byte{}
	for _, u := range utf16.Encode([]rune(s)) {
		b = append(b, byte(u), byte(u>>8))
	}
	return string(b)
}

func TestWhatIsNoneOfTheFormatsIsNamed(t *testing.T) {
	deep := strings.Repeat("[", 100_000)
	for name, c := range map[string]struct {
		data, rule, says string
		format           check.Format
	}{
		"nothing":                              {"", "format", "an empty file", ""},
		"white space":                          {" \n\t", "format", "white space", ""},
		"an HTML page":                         {"\n<!DOCTYPE HTML><p>", "format", "an HTML page", ""},
		"an HTML page behind a comment":        {"<!-- x --><HTML>", "format", "an HTML page", ""},
		"XML":                                  {"<?xml version='1.0'?><a/>", "format", "an XML document", ""},
		"CVRF":                                 {"<?xml version='1.0'?><cvrf:cvrfdoc/>", "format", "CVRF", ""},
		"gzip":                                 {"\x1f\x8b\x08\x00", "format", "gzip", ""},
		"a ZIP archive":                        {"PK\x03\x04\x14", "format", "ZIP archive", ""},
		"bzip2":                                {"BZh91AY", "format", "bzip2", ""},
		"a PDF":                                {"%PDF-1.7", "format", "PDF", ""},
		"a signature":                          {"-----BEGIN PGP SIGNATURE-----", "format", "OpenPGP signature", ""},
		"a hash":                               {strings.Repeat("ab", 32) + "  esa-1.json\n", "format", "a hash", ""},
		"YAML":                                 {"---\nid: x\n", "format", "YAML", ""},
		"comments":                             {"// x\n{}", "format", "comments", ""},
		"words":                                {"hello", "format", "no JSON object", ""},
		"a number":                             {"12", "format", "no JSON object", ""},
		"zeros":                                {"\x00\x00\x00\x00\x00", "format", "binary", ""},
		"a list":                               {"[1]", "format", "a JSON list", ""},
		"a list of records":                    {"[" + osvRecord + "]", "format", "a list of documents (the first is of the format OSV record)", ""},
		"an empty object":                      {"{}", "format", "without members", ""},
		"an object of something":               {`{"a":1,"b":2}`, "format", `members "a", "b"`, ""},
		"CycloneDX":                            {`{"bomFormat":"CycloneDX"}`, "format", "CycloneDX", ""},
		"SPDX":                                 {`{"spdxVersion":"SPDX-2.3"}`, "format", "SPDX", ""},
		"SARIF":                                {`{"version":"2.1.0","runs":[]}`, "format", "SARIF", ""},
		"CVE 4":                                {`{"CVE_data_meta":{}}`, "format", "format 4", ""},
		"a byte order mark":                    {"\xEF\xBB\xBF" + osvRecord, "encoding", "byte order mark", check.OSV},
		"UTF-16 with a byte order mark":        {"\xFF\xFE" + utf16le(osvRecord), "encoding", "UTF-16 (little-endian)", check.OSV},
		"UTF-16 without":                       {utf16le(osvRecord), "encoding", "UTF-16 (little-endian)", check.OSV},
		"UTF-32":                               {"\xFF\xFE\x00\x00{\x00\x00\x00", "encoding", "UTF-32", ""},
		"a record that ends too early":         {osvRecord[:len(osvRecord)-10], "json", "", check.OSV},
		"a record that ends within a text":     {`{"id":"x_EX-1","modified":"2026-01-01T00:00:00Z","summary":"cut o`, "json", "a string without end", check.OSV},
		"two records":                          {osvRecord + osvRecord, "json", "after the end", check.OSV},
		"a record with a member twice":         {osvRecord[:1] + `"id":"x_EX-1",` + osvRecord[1:], "SCH:001", "id", check.OSV},
		"a record that is not UTF-8":           {strings.Replace(osvRecord, "x_EX-1", "x_EX-\xff", 1), "json", "UTF-8", check.OSV},
		"half of a surrogate pair":             {strings.Replace(osvRecord, "EX-1", `EX-\ud800`, 1), "json", "", check.OSV},
		"a wrong type":                         {strings.Replace(osvRecord, `"x_EX-1"`, `["x_EX-1"]`, 1), "SCH:001", "", check.OSV},
		"a control character":                  {strings.Replace(osvRecord, "EX-1", "EX-\x01", 1), "json", "control", check.OSV},
		"deep nesting":                         {`{"document":{"notes":` + deep, "json", "deeper", check.CSAF20},
		"deep nesting of nothing known":        {deep, "format", "", ""},
		"an advisory of nothing":               {`{"document":{}}`, "csaf_2_0", "missing", check.CSAF20},
		"provider metadata of nothing":         {`{"metadata_version":"2.0"}`, "provider_schema", "", check.Provider20},
		"an aggregator of 2.1 without members": {`{"aggregator_version":"2.1"}`, "aggregator_schema", "", check.Aggregator21},
		"a feed of nothing":                    {`{"feed":{}}`, "rolie_schema", "", check.Feed20},
		"an OpenVEX document of nothing":       {`{"@context":"https://openvex.dev/ns/v0.2.0"}`, "openvex_schema", "", check.OpenVEX},
		"a CVE record of nothing":              {`{"dataType":"CVE_RECORD"}`, "cve_schema", "", check.CVE},
		"a CNA container of nothing":           {`{"cnaContainer":{}}`, "cna_schema", "descriptions", check.CNA},
		"a rejecting container that publishes": {`{"rejectedReasons":[{"lang":"en","value":"no flaw"}],"affected":[]}`, "cna_schema", "only rejectedReasons", check.CNA},
	} {
		t.Run(name, func(t *testing.T) {
			r := run(t, []byte(c.data), check.Request{Without: []string{"6.3.8"}})
			if r.Valid() || r.Format != c.format {
				t.Errorf("valid %v, format %q", r.Valid(), r.Format)
			}
			if !slices.ContainsFunc(r.Findings, func(f check.Finding) bool {
				return f.Rule == c.rule && strings.Contains(f.Message, c.says) && f.Line > 0 && f.Column > 0
			}) {
				t.Errorf("%+v", r.Findings)
			}
		})
	}
}

func TestABadEncodingDoesNotHideWhatElseIsWrong(t *testing.T) {
	r := run(t, []byte("\xEF\xBB\xBF"+strings.Replace(osvRecord, "1.7.0", "x", 1)), check.Request{})
	if len(r.Findings) != 2 || r.Findings[1].Rule != "REC:103" {
		t.Errorf("%+v", r.Findings)
	}
}

func TestRealDocumentsAreWhatTheyAre(t *testing.T) {
	root := filepath.Join(shared.Dir(t), "data")
	for _, c := range []struct {
		glob   string
		format check.Format
		valid  bool
	}{
		{"csaf/cisa/OT/white/2024/*.json", check.CSAF20, true},
		{"csaf/oasis/2.0/examples/csaf/*.json", check.CSAF20, true},
		{"csaf/oasis/2.0/examples/provider-metadata/*.json", check.Provider20, true},
		{"csaf/oasis/2.0/examples/aggregator/*.json", check.Aggregator20, true},
		{"csaf/oasis/2.0/examples/ROLIE/*feed*.json", check.Feed20, true},
		{"csaf/oasis/2.0/examples/ROLIE/*service*.json", check.Service, true},
		{"csaf/oasis/2.0/examples/ROLIE/*category*.json", check.Category, true},
		{"csaf/oasis/2.1/examples/csaf/*.json", check.CSAF21, false},
		{"cve/schemas/cve/published-cve-example.json", check.CVE, false},
	} {
		files, err := filepath.Glob(filepath.Join(root, c.glob))
		if err != nil || len(files) == 0 {
			t.Logf("no files %s", c.glob)
			continue
		}
		for _, f := range files {
			data, err := os.ReadFile(f)
			if err != nil {
				t.Fatal(err)
			}
			r := run(t, data, check.Request{Presets: []string{"schema"}})
			if r.Format != c.format || c.valid && !r.Valid() {
				t.Errorf("%s: %s %+v", f, r.Format, r.Findings)
			}
			if r.Format == check.CSAF20 && r.ID == "" {
				t.Errorf("%s: no id", f)
			}
		}
	}
}

func TestRequests(t *testing.T) {
	broken := []byte(`{"document":{"csaf_version":"2.0","x":1}}`)
	for name, c := range map[string]struct {
		q     check.Request
		rules []string // those that find something
	}{
		"a test by its number":                {check.Request{Tests: []string{"6.2.12"}}, []string{"6.2.12"}},
		"a test by its name":                  {check.Request{Tests: []string{"optionalTest_6_2_12"}}, []string{"6.2.12"}},
		"a test that another format has":      {check.Request{Tests: []string{"REC:001"}}, nil},
		"a test that another version has":     {check.Request{Tests: []string{"6.2.40"}}, nil},
		"the schema":                          {check.Request{Tests: []string{"csaf_2_0"}}, []string{"csaf_2_0"}},
		"the strict schema, for one member":   {check.Request{Tests: []string{"csaf_2_0_strict"}}, []string{"csaf_2_0"}},
		"a preset without some of its tests":  {check.Request{Presets: []string{"schema"}, Without: []string{"csaf_2_0"}}, nil},
		"a format that somebody knows better": {check.Request{Format: check.OSV, Presets: []string{"schema"}}, []string{"SCH:001"}},
	} {
		t.Run(name, func(t *testing.T) {
			r := run(t, broken, c.q)
			var got []string
			for _, f := range r.Findings {
				if !slices.Contains(got, f.Rule) {
					got = append(got, f.Rule)
				}
			}
			if !slices.Equal(got, c.rules) {
				t.Errorf("%v: %+v", got, r.Findings)
			}
		})
	}
	for _, q := range []check.Request{{Presets: []string{"everything"}}, {Tests: []string{"6.9.9"}}, {Without: []string{"x"}}, {Format: "pdf"}} {
		if _, err := (&check.Checker{}).Check(t.Context(), broken, q); err == nil {
			t.Errorf("%+v is taken", q)
		}
	}
}

func TestARuleSaysNothingOfAValueThatTheReaderRefused(t *testing.T) {
	r := run(t, []byte(strings.Replace(osvRecord, `"affected":[{`, `"affected":{"a":[{`, 1)+"}"), check.Request{})
	for _, f := range r.Findings {
		if f.Rule == "REC:001" {
			t.Errorf("%+v", f)
		}
	}
}

func TestEveryRuleHasATitleAndAFormat(t *testing.T) {
	seen := map[string]bool{}
	for _, r := range check.Rules() {
		if r.ID == "" || r.Title == "" || len(r.Formats) == 0 || seen[r.ID] || r.Severity.String() == "unrated" {
			t.Errorf("%+v", r)
		}
		seen[r.ID] = true
	}
	if len(seen) < 200 {
		t.Errorf("%d rules", len(seen))
	}
}

func TestAReportIsBounded(t *testing.T) {
	var b strings.Builder
	b.WriteString(`{"document":{"csaf_version":"2.0"},"vulnerabilities":[{"cve":"CVE-2020-0001"}`)
	for range 20_000 {
		b.WriteString(`,{"cve":"CVE-2020-0001"}`)
	}
	b.WriteString(`]}`)
	r := run(t, []byte(b.String()), check.Request{})
	if len(r.Findings) > 5000 || r.Errors == 0 {
		t.Errorf("%d findings of %d, %d, %d", len(r.Findings), r.Errors, r.Warnings, r.Infos)
	}
	small, err := (&check.Checker{Limits: check.Limits{Bytes: 100}}).Check(t.Context(), []byte(b.String()), check.Request{})
	if err != nil || small.Valid() || !strings.Contains(small.Findings[0].Message, "larger than") {
		t.Errorf("%v %+v", err, small)
	}
}

func TestMutationsOfAllFormatsComeToAnEnd(t *testing.T) {
	var files []string
	for _, glob := range []string{"csaf/cisa/OT/white/2024/*.json", "csaf/oasis/2.1/examples/csaf/*.json", "csaf/oasis/2.0/examples/*/*.json", "cve/schemas/cve/*example.json"} {
		more, err := filepath.Glob(filepath.Join(shared.Dir(t), "data", glob))
		if err != nil {
			t.Fatal(err)
		}
		files = append(files, more...)
	}
	schema.Each(t, 400, files, func(data []byte, what string) {
		r := run(t, data, check.Request{})
		for _, f := range r.Findings {
			if f.Line < 1 || f.Column < 1 || f.Message == "" || f.Rule == "" || f.Title == "" || f.Severity.String() == "unrated" {
				t.Errorf("%s: %+v", what, f)
			}
		}
		if _, err := json.Marshal(r); err != nil {
			t.Error(what, err)
		}
	})
}

func FuzzCheck(f *testing.F) {
	f.Add([]byte(osvRecord))
	f.Add([]byte(`{"document":{"csaf_version":"2.1"},"vulnerabilities":[{}]}`))
	f.Add([]byte(`{"cnaContainer":{"affected":[{"packageURL":"pkg:a/b@1"}],"metrics":[{"cvssV3_1":{}}]}}`))
	f.Add([]byte(`{"@context":"openvex","statements":[{"vulnerability":{},"status":"fixed","products":[{"hashes":{"md5":"x"}}]}]}`))
	f.Add([]byte(`{"dataType":"CVE_RECORD","containers":{"cna":{"descriptions":[{"lang":"en","value":" x"}]}}}`))
	f.Add([]byte("\xff\xfe{\x00"))
	f.Fuzz(func(t *testing.T, data []byte) {
		r := run(t, data, check.Request{})
		for _, x := range r.Findings {
			if x.Line < 1 || x.Column < 1 {
				t.Errorf("%+v", x)
			}
		}
	})
}

// TestDetectNamesWhatIsNoJSON: those who only ask for the format are told as well.
func TestDetectNamesWhatIsNoJSON(t *testing.T) {
	for data, want := range map[string]string{
		"":                       "an empty file",
		"\x1f\x8b\x08":           "a file compressed with gzip",
		"\xff\xfe{\x00":          "in UTF-16",
		"\xef\xbb\xbf{}":         "a byte order mark",
		"<!DOCTYPE html>":        "an HTML page",
		"\x00\x01\x02\x03binary": "a binary file",
		"words":                  "no JSON object",
		"{":                      "",
	} {
		if f, what := check.Detect([]byte(data)); f != "" || !strings.Contains(what, want) {
			t.Errorf("%q: %s, %s", data, f, what)
		}
	}
}
