package cli_test

import (
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

// A refused import said that there was a problem, not where; and what came before it in the
// list was taken.
func TestARefusedImportNamesTestLineAndPointerAndTakesNothing(t *testing.T) {
	s := newRealSite(t)
	raw, err := os.ReadFile(filepath.Join("testdata", "lan-2024-0001.json"))
	must(t, err)
	dir := t.TempDir()
	write := func(name, text string) string {
		path := filepath.Join(dir, name)
		must(t, os.WriteFile(path, []byte(text), 0o600))
		return path
	}
	good := write("good.json", string(raw))
	text := string(raw)
	edit := func(old, new string) {
		t.Helper()
		if !strings.Contains(text, old) {
			t.Fatalf("the document has no %q", old)
		}
		text = strings.Replace(text, old, new, 1)
	}
	edit(`"LAN-2024-0001"`, `"LAN-2024-0002"`)
	edit(`      "cve": "CVE-2024-12345",`, `      "cve": "CVE-2024-12345",`+"\n"+`      "cwe": {"id": "CWE-99990", "name": "None"},`)
	line := 1 + strings.Count(strings.SplitN(text, `"CWE-9999`, 2)[0], "\n")
	bad := write("bad.json", text)
	taken := func() string { return s.ok("chair", "advisory", "list", "--json") }

	code, _, errs := s.run("chair", "", "advisory", "import", "--project", "lanterna", good, bad)
	if code == 0 {
		t.Fatal("it is taken")
	}
	for fact, want := range map[string]string{
		"the file":             `bad\.json`,
		"test, line, pointer":  `(?m)^.*\b` + regexp.QuoteMeta(strconv.Itoa(line)) + `\b.*$`,
		"the test's number":    `6\.1\.11`,
		"the pointer":          `/vulnerabilities/0/cwe`,
		"that nothing is done": `nothing was taken`,
	} {
		if !regexp.MustCompile(want).MatchString(errs) {
			t.Errorf("%s is not said (%s):\n%s", fact, want, errs)
		}
	}
	if got := taken(); strings.Contains(got, "LAN-2024") {
		t.Errorf("something was written: %s", got)
	}
	if code, _, _ := s.run("chair", "", "advisory", "import", "--project", "lanterna", "--partial", good, bad); code == 0 {
		t.Error("a part that is taken counts as all")
	}
	if got := taken(); !strings.Contains(got, "LAN-2024-0001") || strings.Contains(got, "LAN-2024-0002") {
		t.Errorf("taken with --partial: %s", got)
	}
}
