package emit_test

import (
	"bytes"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/tocsin-sec/tocsin/internal/advisory/emit"
	"github.com/tocsin-sec/tocsin/internal/advisory/record"
	"github.com/tocsin-sec/tocsin/internal/base/fault"
	"github.com/tocsin-sec/tocsin/internal/people"
	"github.com/tocsin-sec/tocsin/internal/platform/i18n"
	"github.com/tocsin-sec/tocsin/kit/csaf"
)

var update = flag.Bool("update", false, "write the golden files")

// full is a record with every field.
func full() record.Record {
	return record.Record{
		Title: "Heap overflow in the lamp parser", Impact: "Whoever can send a lamp file runs code as lanternd.",
		Summary: "A crafted lamp file writes past a buffer on the heap.",
		Details: "First paragraph.\n\n  code stays\n    as it is",
		Branches: []record.Branch{
			{Product: "lanternd", Purl: "pkg:golang/lanterna.example/lanternd", CPE: "cpe:2.3:a:lanterna:lanternd:*:*:*:*:*:*:*:*", Name: "stable-2", Status: record.Fixed, Affected: ">= 2.0.0, < 2.4.7", Fixed: "2.4.7", FixURL: "https://git.lanterna.example/c/1",
				Commits: &record.Commits{Repo: "https://git.lanterna.example/lanternd", Introduced: []string{strings.Repeat("1", 40)}, Fixed: []string{strings.Repeat("2", 40), strings.Repeat("4", 40)}}},
			{Product: "lanternd", Purl: "pkg:golang/lanterna.example/lanternd", Name: "stable-3", Status: record.Fixed, Affected: "> 3.0.0, <= 3.1.0", Fixed: "3.1.1",
				Commits: &record.Commits{Repo: "https://git.lanterna.example/lanternd", Introduced: []string{strings.Repeat("1", 40)}, Fixed: []string{strings.Repeat("3", 40), record.NoCommit}}},
			{Product: "lanternd", Purl: "pkg:golang/lanterna.example/lanternd", Name: "main", Status: record.NotAffected, Covers: ">= 4.0.0", Justification: "vulnerable_code_not_present"},
			{Product: "lanternd", Name: "old", Status: record.Affected, Affected: "0.9.0, 0.9.1", Waiver: "end of life", WaivedBy: "x"},
			{Product: "wick", Name: "1", Status: record.Fixed, Affected: "before 1.2", Fixed: "1.2", FixURL: "https://forge.lanterna.example/lanterna/wick/commit/0123456789012345678901234567890123456789"},
			{Product: "wick", Name: "2", Status: record.Investigating, Waiver: "told later", WaivedBy: "x"},
			{Product: "lanternd", Purl: "pkg:rpm/almalinux/lanternd?distro=almalinux-9", Name: "el9", Platform: "AlmaLinux 9", Status: record.Fixed, Affected: "< 2.4.7-1.el9", Fixed: "2.4.7-1.el9",
				Packages: []record.Package{{NEVRA: "lanternd-0:2.4.7-1.el9.x86_64", Source: "lanternd-2.4.7-1.el9.src.rpm", Sum: "sha256:" + strings.Repeat("ab", 32)}, {NEVRA: "lanternd-doc-2.4.7-1.el9.noarch"}}},
		},
		Workarounds: "Do not open lamp files of strangers.", CWE: []record.Weakness{{ID: "CWE-787", Name: "Out-of-bounds Write"}, {ID: "CWE-190"}},
		CVSS31: "CVSS:3.1/AV:N/AC:L/PR:N/UI:R/S:U/C:H/I:H/A:H", CVSS40: "CVSS:4.0/AV:N/AC:L/AT:N/PR:N/UI:A/VC:H/VI:H/VA:H/SC:N/SI:N/SA:N",
		CVE: "CVE-2026-31337", AssignedBy: "Example CNA", Aliases: []string{"GHSA-aaaa-bbbb-cccc"}, Related: []string{"CVE-2026-31338"},
		Credits:    []record.Credit{{Name: "Mira Okafor", Organization: "Nightwatch", For: "reporting it", Role: "reporter"}},
		References: []record.Reference{{URL: "https://lanterna.example/lamps", Text: "The lamp format", Kind: "article"}},
		Timeline:   []record.Moment{{At: time.Date(2026, 3, 1, 8, 0, 0, 0, time.UTC), Text: "Reported"}}, TLP: "WHITE", Lang: "en",
	}
}

func input(c record.Content) record.Input {
	at := time.Date(2026, 3, 16, 14, 0, 0, 0, time.UTC)
	return record.Input{Content: c, Number: "LAN-2026-0001", Site: "https://security.lanterna.example", Initial: at, Current: at,
		Texts: i18n.Default().Printer("en"), CNA: record.CNA{OrgID: "8254265b-2729-46b6-b9e3-3dfca2d5bfca", ShortName: "lanterna"},
		Project: people.Project{Slug: "lanterna", Name: "Lanterna", Series: "LAN", Addresses: []string{"security@lanterna.example"},
			Publisher: people.Publisher{Namespace: "https://lanterna.example", Category: "vendor"}}}
}

func TestEveryOutputOfARecord(t *testing.T) {
	for name, c := range map[string]record.Content{
		"full":       {Record: full(), Change: "Initial version."},
		"withdrawn":  {Record: full(), Change: "Withdrawn.", Withdrawn: "It is no flaw: the buffer is never reached."},
		"superseded": {Record: full(), Change: "Superseded.", Superseded: &record.Supersession{Advisory: "x", Reason: "Two flaws were found to be one: all of it is told there."}},
	} {
		for _, f := range emit.Formats() {
			in := input(c)
			if c.Superseded != nil {
				in.Successor = &record.Successor{ID: "LAN-2026-0009", Ours: true, URL: in.Site + "/csaf/lanterna/white/2026/lan-2026-0009.json", Page: in.Site + "/pub/lanterna/lan-2026-0009.html"}
				in.Current, in.History = in.Initial.Add(time.Hour), []csaf.Revision{{Date: csaf.At(in.Initial), Number: "1", Summary: "Initial version."}}
			}
			raw, err := f.Make(in)
			if vex := strings.Contains(f.Name, "vex"); vex && c.Retired() {
				if !fault.Is(err, fault.Invalid) {
					t.Errorf("a withdrawn advisory makes a VEX statement: %v", err)
				}
				continue
			}
			if err != nil {
				t.Errorf("%s as %s: %v", name, f.Name, err)
				continue
			}
			golden(t, name+"."+f.Name+f.Ext, raw)
		}
	}
}

// golden compares with testdata/NAME; -update writes it.
func golden(t *testing.T, name string, got []byte) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *update {
		if err := os.MkdirAll("testdata", 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, got, 0o600); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got, want) {
		t.Errorf("%s differs from the golden file; run with -update and read the difference:\n%s", name, got)
	}
}
