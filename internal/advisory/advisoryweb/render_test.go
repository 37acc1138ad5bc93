package advisoryweb

import (
	"bytes"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/tocsin-sec/tocsin/internal/advisory"
	"github.com/tocsin-sec/tocsin/internal/advisory/pubtree"
	"github.com/tocsin-sec/tocsin/internal/advisory/record"
	"github.com/tocsin-sec/tocsin/internal/people"
	"github.com/tocsin-sec/tocsin/internal/platform/i18n"
)

var update = flag.Bool("update", false, "write the golden files")

// example is a record with every field.
func example() record.Record {
	return record.Record{
		Title: "Heap overflow in the lamp parser <b>", Impact: "Whoever can send a lamp file runs code as lanternd.",
		Summary: "A crafted lamp file writes past a buffer on the heap. The parser trusts the length of the wick chunk, which the file gives, and copies that many bytes.",
		Details: "First paragraph.\n\n  code stays\n    as it is",
		Branches: []record.Branch{
			{Product: "lanternd", Purl: "pkg:generic/lanternd", Name: "stable-2", Status: record.Fixed, Affected: ">= 2.0.0, < 2.4.7", Fixed: "2.4.7", FixURL: "https://git.lanterna.example/c/1"},
			{Product: "lanternd", Purl: "pkg:generic/lanternd", Name: "stable-1", Status: record.NotAffected, Justification: "vulnerable_code_not_present"},
			{Product: "lanternd", Name: "old", Status: record.Affected, Affected: "0.9.0, 0.9.1", Waiver: "end of life", WaivedBy: "x"},
			{Product: "wick", Status: record.Investigating, Waiver: "told later", WaivedBy: "x"},
		},
		Workarounds: "Do not open lamp files of strangers.", CWE: []record.Weakness{{ID: "CWE-787"}, {ID: "CWE-190"}},
		CVSS31: "CVSS:3.1/AV:N/AC:L/PR:N/UI:R/S:U/C:H/I:H/A:H", CVSS40: "CVSS:4.0/AV:N/AC:L/AT:N/PR:N/UI:A/VC:H/VI:H/VA:H/SC:N/SI:N/SA:N",
		CVE: "CVE-2026-31337", AssignedBy: "Example CNA", Credits: []record.Credit{{Name: "Mira Okafor", Organization: "Nightwatch", For: "reporting it"}},
		References: []record.Reference{{URL: "https://lanterna.example/lamps", Text: "The lamp format"}},
		Timeline:   []record.Moment{{At: time.Date(2026, 3, 1, 8, 0, 0, 0, time.UTC), Text: "Reported"}}, TLP: "WHITE", Lang: "en",
	}
}

func input(t *testing.T, c record.Content) record.Input {
	t.Helper()
	at := time.Date(2026, 3, 16, 14, 0, 0, 0, time.UTC)
	return record.Input{Content: c, Number: "LAN-2026-0001", Site: "https://security.lanterna.example", Initial: at, Current: at,
		Texts: Renderer{i18n.Default()}.Texts("en"),
		Project: people.Project{Slug: "lanterna", Name: "Lanterna", Series: "LAN", Addresses: []string{"security@lanterna.example"},
			Publisher: people.Publisher{Namespace: "https://lanterna.example", Category: "vendor"}}}
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

func TestOutputsOfARecord(t *testing.T) {
	r := Renderer{i18n.Default()}
	for name, c := range map[string]record.Content{
		"full":      {Record: example(), Change: "Initial version."},
		"withdrawn": {Record: example(), Change: "Withdrawn.", Withdrawn: "It is no flaw: the buffer is never reached."},
	} {
		in := input(t, c)
		doc, raw, err := record.Document(in)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		golden(t, name+".json", raw)
		out := advisory.Output{Document: doc, Project: in.Project, Site: in.Site, Name: pubtree.Name(in.Number), Year: 2026, Level: pubtree.White, Texts: in.Texts, Withdrawn: c.Withdrawn != ""}
		page, err := r.Page(out)
		if err != nil {
			t.Fatal(err)
		}
		golden(t, name+".html", page)
		subject, mail, err := r.Mail(out)
		if err != nil {
			t.Fatal(err)
		}
		golden(t, name+".txt", append([]byte("Subject: "+subject+"\n\n"), mail...))
	}
}

func TestPageQuotesForeignText(t *testing.T) {
	c := record.Content{Record: example(), Change: "x"}
	c.Record.Summary = `<script>alert(1)</script>`
	doc, _, err := record.Document(input(t, c))
	if err != nil {
		t.Fatal(err)
	}
	in := input(t, c)
	page, err := Renderer{i18n.Default()}.Page(advisory.Output{Document: doc, Project: in.Project, Name: "x", Year: 2026, Level: pubtree.White, Texts: in.Texts})
	if err != nil {
		t.Fatal(err)
	}
	if bytes.Contains(page, []byte("<script")) {
		t.Error("a script of the record's text is in the page")
	}
}

func TestStylesheetIsSmallAndHasPrint(t *testing.T) {
	css := string(Renderer{}.Style())
	if len(css) > 25_000 || !strings.Contains(css, "@media print") || !strings.Contains(css, "prefers-color-scheme:dark") {
		t.Errorf("%d bytes", len(css))
	}
}
