package mandatory

import (
	"bytes"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/tocsin-sec/tocsin/kit/csaf"
	"github.com/tocsin-sec/tocsin/kit/csaf/csaf21"
	"github.com/tocsin-sec/tocsin/kit/csaf/rule"
	"github.com/tocsin-sec/tocsin/test/shared"
)

// run reads a document and runs every test.
func run(data []byte) []rule.Finding {
	doc, problems := csaf21.ReadAdvisory(data, csaf.Limits{})
	if doc == nil {
		return nil
	}
	return rule.Findings(Tests(), doc, rule.New21(doc, rule.Options{Data: data, Problems: problems}))
}

func caseFiles(t testing.TB) []string {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(shared.Dir(t), cases, "mandatory", "*[0-9].json"))
	if err != nil || len(files) == 0 {
		t.Fatal("no cases", err)
	}
	return files
}

// TestNoMutationIsTooMuch damages every case in ways that the schema refuses: members
// renamed, values of another type, nothing at all. No test may panic.
func TestNoMutationIsTooMuch(t *testing.T) {
	for _, file := range caseFiles(t) {
		data, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for _, change := range [][2]string{
			{`"`, `"x`}, {`: "`, `: 1,"`}, {`[`, `[null,`}, {`{`, `{"":0,`}, {`[`, `[]`}, {`"CSAFPID-9080700"`, `""`}, {`"CSAFPID-9080700"`, `null`},
			{`"date"`, `"data"`}, {`"2024`, `"`}, {`"product_id"`, `"product"`}, {`"tlp"`, `"lpt"`}, {`"number"`, `"n"`}, {`"content"`, `"contents"`},
			{`true`, `"true"`}, {`"1`, `"99999999999999999999`}, {`"document"`, `"d"`}, {`"product_tree"`, `"p"`}, {`"CVSS:3.1/`, `"`}, {`"vers:`, `"`},
		} {
			run(bytes.ReplaceAll(data, []byte(change[0]), []byte(change[1])))
			for n := 1; n < 6; n++ {
				run(bytes.Replace(data, []byte(change[0]), []byte(change[1]), n))
			}
		}
		for cut := 0; cut < len(data); cut += 97 {
			run(data[:cut])
		}
	}
}

func FuzzTests(f *testing.F) {
	for i, file := range caseFiles(f) {
		if data, err := os.ReadFile(file); err == nil && i%10 == 0 {
			f.Add(data)
		}
	}
	f.Fuzz(func(_ *testing.T, data []byte) { run(data) })
}

// TestLargeDocumentsTakeLinearTime runs the tests over documents with very many items
// of the kinds that are compared with each other.
func TestLargeDocumentsTakeLinearTime(t *testing.T) {
	const n = 20000
	list := func(item string) string { return strings.TrimSuffix(strings.Repeat(item+",", n), ",") }
	for name, data := range map[string]string{
		"revisions":    `{"document":{"tracking":{"status":"final","revision_history":[` + list(`{"date":"2024-01-01T00:00:00Z","number":"9"}`) + `,{"date":"2023-01-01T00:00:00Z","number":"999999999"}]}}}`,
		"cves":         `{"vulnerabilities":[` + list(`{"cve":"CVE-2024-0001"}`) + `]}`,
		"metrics":      `{"vulnerabilities":[{"metrics":[` + list(`{"content":{"qualitative_severity_rating":"low"},"products":["a"],"source":"b"}`) + `]}]}`,
		"fixed":        `{"document":{"category":"csaf_security_advisory"},"vulnerabilities":[{"product_status":{"known_affected":["b"],"fixed":[` + list(`"a"`) + `]}}]}`,
		"involvements": `{"vulnerabilities":[{"involvements":[` + list(`{"party":"vendor","date":"2024-01-01T00:00:00Z"}`) + `]}]}`,
		"groups":       `{"document":{"category":"csaf_vex"},"product_tree":{"product_groups":[{"group_id":"G","product_ids":[` + list(`"a"`) + `]}]},"vulnerabilities":[{"product_status":{"known_affected":["b"],"known_not_affected":["b"]},"remediations":[` + list(`{"category":"workaround","group_ids":["G"]}`) + `],"flags":[` + list(`{"label":"component_not_present","group_ids":["G"]}`) + `],"ids":[` + list(`{"group_ids":["G"]}`) + `]}]}`,
		"expression":   `{"document":{"license_expression":"` + strings.Repeat("(", n) + `"}}`,
	} {
		start := time.Now()
		found := run([]byte(data))
		t.Logf("%s: %v", name, time.Since(start))
		if name == "groups" && !slices.ContainsFunc(found, func(f rule.Finding) bool { return f.Pointer == "/product_tree/product_groups" }) {
			t.Error("nobody says that the groups are too large")
		}
	}
}

// BenchmarkValid runs every test over the committee's valid documents; one operation is
// one document.
func BenchmarkValid(b *testing.B) {
	var docs []*csaf21.Advisory
	for _, file := range caseFiles(b) {
		data, err := os.ReadFile(file)
		if err != nil {
			b.Fatal(err)
		}
		if doc, problems := csaf21.ReadAdvisory(data, csaf.Limits{}); !problems.Fatal() && len(run(data)) == 0 {
			docs = append(docs, doc)
		}
	}
	set := Tests()
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		doc := docs[i%len(docs)]
		rule.Findings(set, doc, rule.New21(doc, rule.Options{}))
	}
}
