package reading_test

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/tocsin-sec/tocsin/internal/advisory/emit"
	"github.com/tocsin-sec/tocsin/internal/advisory/reading"
	"github.com/tocsin-sec/tocsin/internal/advisory/record"
	"github.com/tocsin-sec/tocsin/internal/advisory/refusal"
	"github.com/tocsin-sec/tocsin/internal/base/fault"
	"github.com/tocsin-sec/tocsin/test/shared"
)

// TestWhatACSAFDocumentSaysIsKeptInOtherFormats: of each CISA document, read into the record
// and written as OSV and as CVE, all that docs/formats.md says these hold is read out of them
// again.
func TestWhatACSAFDocumentSaysIsKeptInOtherFormats(t *testing.T) {
	every := 1
	if testing.Short() {
		every = 10
	}
	lost := map[string]int{}
	made, none := map[string]int{}, map[string]int{}
	for i, file := range files(t, filepath.Join(shared.Dir(t), "data/csaf"), "cisa/OT/white/*/*.json") {
		if i%every != 0 {
			continue
		}
		data, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		from, err := reading.FromCSAF(data)
		if err != nil {
			t.Fatalf("%s: %v", file, err)
		}
		for format, read := range map[string]func([]byte) (reading.Result, error){"osv": reading.FromOSV, "cve": reading.FromCVE} {
			f, _ := emit.Find(format)
			raw, err := f.Make(input(from))
			var why *fault.Error
			if refusal.Nothing(err) || errors.As(err, &why) && why.Kind == fault.Invalid {
				none[format]++ // it says so, and no file is made
				continue
			}
			if err != nil {
				t.Fatalf("%s as %s: %v", file, format, err)
			}
			back, err := read(raw)
			if err != nil {
				t.Fatalf("%s as %s is not valid: %v\n%s", file, format, err, raw)
			}
			made[format]++
			// The shared data has no real CVE record: these stand for them, on the way out again.
			if format == "cve" {
				kept(t, file, raw, make1(t, format, back), back.Lost, lost)
			}
			for _, gone := range across(format, from.Content.Record, back.Content.Record) {
				t.Errorf("%s as %s: %s", file, format, gone)
			}
		}
	}
	tell(t, made["cve"], lost)
	t.Logf("made %v, nothing to say or refused %v", made, none)
	if made["osv"] == 0 || made["cve"] == 0 {
		t.Error("a format was made of no document")
	}
}

// across names what one record says and the other does not, of what a format holds.
func across(format string, from, to record.Record) (gone []string) {
	same := func(what, a, b string) {
		if a != b {
			gone = append(gone, what+": "+a+" became "+b)
		}
	}
	same("CVE", from.CVE, to.CVE)
	same("CVSS 3.1", from.CVSS31, to.CVSS31)
	same("CVSS 4.0", from.CVSS40, to.CVSS40)
	for _, w := range from.CWE {
		if !slices.ContainsFunc(to.CWE, func(x record.Weakness) bool { return x.ID == w.ID }) {
			gone = append(gone, "weakness "+w.ID)
		}
	}
	for _, x := range from.References {
		if !slices.ContainsFunc(to.References, func(y record.Reference) bool { return y.URL == x.URL }) {
			gone = append(gone, "link "+x.URL)
		}
	}
	words := to.Title + "\n" + to.Summary + "\n" + to.Impact + "\n" + to.Details
	if !strings.Contains(words, strings.TrimSpace(from.Title)) {
		gone = append(gone, "title "+from.Title)
	}
	for _, c := range from.Credits {
		if !slices.ContainsFunc(to.Credits, func(x record.Credit) bool { return strings.Contains(x.Name+x.Organization, c.Name) }) {
			gone = append(gone, "credit of "+c.Name)
		}
	}
	for _, b := range from.Branches {
		if b.Fixed != "" && !slices.ContainsFunc(to.Branches, func(x record.Branch) bool { return x.Fixed == b.Fixed }) {
			gone = append(gone, "the fixed version "+b.Fixed+" of "+b.Product)
		}
	}
	return gone
}
