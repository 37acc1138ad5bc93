package outside_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/tocsin-sec/tocsin/test/shared"
)

const (
	record  = `{"schema_version":"1.7.0","id":"GHSA-aaaa-bbbb-cccc","modified":"2026-01-02T00:00:00Z","affected":[{"package":{"ecosystem":"PyPI","name":"x"},"versions":["1"]}]}`
	openvex = `{"@context":"https://openvex.dev/ns/v0.2.0","@id":"https://example.com/vex/1","author":"Example","timestamp":"2026-01-02T00:00:00Z","version":1,
		"statements":[{"vulnerability":{"name":"CVE-2026-0001"},"products":[{"@id":"pkg:npm/x@1"}],"status":"fixed"}]}`
	rejected = `{"dataType":"CVE_RECORD","dataVersion":"5.1","cveMetadata":{"cveId":"CVE-2026-0001","assignerOrgId":"8254265b-2729-46b6-b9e3-3dfca2d5bfca","state":"REJECTED"},
		"containers":{"cna":{"providerMetadata":{"orgId":"8254265b-2729-46b6-b9e3-3dfca2d5bfca"},"rejectedReasons":[{"lang":"en","value":"This number was not used."}]}}}`
)

// TestAStrangersModule builds the program in a folder far from here and runs it over a
// document of each format.
func TestAStrangersModule(t *testing.T) {
	root, err := filepath.Abs("../..")
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	write := func(name, text string) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	copied := func(from, to string) {
		raw, err := os.ReadFile(from)
		if err != nil {
			t.Fatal(err)
		}
		write(to, string(raw))
	}
	copied("testdata/newcomer/main.go", "main.go")
	copied(filepath.Join(root, "go.sum"), "go.sum")
	write("go.mod", "module example.com/newcomer\n\ngo 1.26.0\n\nrequire github.com/tocsin-sec/tocsin v0.0.0\n\nreplace github.com/tocsin-sec/tocsin => "+root+"\n")
	program := filepath.Join(dir, "newcomer")
	run := func(name string, args ...string) string {
		cmd := exec.CommandContext(t.Context(), name, args...)
		cmd.Dir = dir
		cmd.Env = append(os.Environ(), "CGO_ENABLED=0", "GOFLAGS=-mod=mod", "GOPROXY=off", "GOWORK=off")
		out, err := cmd.CombinedOutput()
		if err != nil {
			t.Fatalf("%s: %v\n%s", name, err, out)
		}
		return string(out)
	}
	run("go", "build", "-o", program, ".")
	advisory := filepath.Join(shared.Dir(t), "data/csaf/oasis/2.0/examples/csaf/csaf_vex/2022-evd-uc-01-a-001.json")
	for _, c := range []struct{ file, says string }{
		{advisory, "csaf-2.0 valid: true"},
		{advisory, "mandatoryTest_6_1_1 passed 0"},
		{advisory, "full 75 results, valid: true"},
		{write("osv.json", record), "osv valid: true\n  written: true"},
		{write("vex.json", openvex), "openvex valid: true\n  written: true"},
		{write("cve.json", rejected), "cve valid: true\n  written: true"},
	} {
		if got := run(program, c.file); !strings.Contains(got, c.says) {
			t.Errorf("%s: got\n%s\nwant %q in it", filepath.Base(c.file), got, c.says)
		}
	}
}
