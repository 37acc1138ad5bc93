package walk

import (
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/tocsin-sec/tocsin/test/browser"
)

// imports takes 18 documents that were published elsewhere over two years, by the
// command line; a second person approves each on its page, and it is published.
func (w *world) imports() {
	files := w.oldDocuments(18)
	token := w.token()
	cmd := exec.Command(w.server.Binary, append([]string{"advisory", "import", "--project", slug, "--url", w.server.URL, "--ca-file", w.server.CACert}, files...)...)
	cmd.Env = append(os.Environ(), "TOCSIN_TOKEN="+token)
	out, err := cmd.CombinedOutput()
	if err != nil {
		w.t.Fatalf("tocsin advisory import: %v\n%s", err, out)
	}
	w.ben.visits("/advisory")
	ids := browser.Eval[[]string](w.ben.page, `[...document.querySelectorAll("tr")].filter(r => r.innerText.includes("LAN-OLD-")).map(r => r.querySelector("a").getAttribute("href"))`)
	if len(ids) != len(files) {
		w.ben.fails("sees %d imported advisories, want %d\n%s", len(ids), len(files), out)
	}
	w.imported = ids
	for _, id := range ids {
		w.decides(w.ben, id, "Approve", "Approved.")
		w.decides(w.ben, id, "Publish now", "It is being published.")
	}
	until(w.t, patience, func() bool {
		w.ben.visits("/advisories/" + slug)
		return strings.Count(w.ben.page.Text("main"), "LAN-OLD-") == len(files)
	}, func() { w.ben.fails("the imported advisories are not all public") })
}

// token makes an API token as Ann on her page.
func (w *world) token() string {
	w.t.Helper()
	p := w.ann
	p.visits("/settings/tokens")
	p.writes("What is it for", "import")
	p.writes("Ends after", "7")
	p.ticks("It may change things")
	p.ticks("Projects")
	p.ticks("Advisories")
	p.presses("Make the token")
	p.done()
	return p.page.Text("#token")
}

// withdraws takes back one of the imported advisories.
func (w *world) withdraws() {
	p := w.ann
	id := w.imported[0]
	p.visits(id)
	p.presses("Withdraw")
	p.writes("Reason", "It was no flaw after all.")
	p.presses("Withdraw")
	p.done()
	p.reads("The withdrawal waits for approval")
	w.decides(w.ben, id, "Approve", "Approved.")
	w.decides(p, id, "Publish now", "It is being published.")
	p.waits(id, "This advisory is withdrawn")
	until(w.t, patience, func() bool {
		w.ben.visits("/advisories/" + slug)
		return contains(w.ben.page.Text("main"), "Withdrawn")
	}, func() { w.ben.fails("no advisory is shown as withdrawn") })
}

// oldDocuments writes n CSAF documents with ids and dates of their own, spread over
// the two years before today.
func (w *world) oldDocuments(n int) []string {
	w.t.Helper()
	dir := w.t.TempDir()
	var files []string
	for i := range n {
		at := time.Now().UTC().AddDate(0, 0, -730+i*38).Truncate(time.Hour)
		id := fmt.Sprintf("LAN-OLD-%d-%02d", at.Year(), i+1)
		raw, err := json.MarshalIndent(oldDocument(id, at, i), "", "  ")
		if err != nil {
			w.t.Fatal(err)
		}
		file := filepath.Join(dir, strings.ToLower(id)+".json")
		writeFile(w.t, file, string(raw))
		files = append(files, file)
	}
	return files
}

type object = map[string]any

func oldDocument(id string, at time.Time, i int) object {
	date := at.Format(time.RFC3339)
	fixed := fmt.Sprintf("1.%d.0", i+1)
	version := func(name, product string) object {
		return object{"category": "product_version", "name": name, "product": object{"name": "lanternd " + name, "product_id": product}}
	}
	return object{
		"document": object{
			"category": "csaf_security_advisory", "csaf_version": "2.0", "lang": "en", "title": fmt.Sprintf("lanternd: an old flaw (%d)", i+1),
			"distribution": object{"tlp": object{"label": "WHITE"}},
			"publisher":    object{"category": "vendor", "name": "Lanterna", "namespace": "https://lanterna.example"},
			"notes":        []object{{"category": "summary", "title": "Summary", "text": "An old flaw in lanternd, found and mended long ago."}},
			"references":   []object{{"category": "self", "summary": "The first publication", "url": "https://old.lanterna.example/" + strings.ToLower(id) + ".json"}},
			"tracking": object{"id": id, "version": "1", "status": "final", "initial_release_date": date, "current_release_date": date,
				"revision_history": []object{{"date": date, "number": "1", "summary": "First version."}}},
		},
		"product_tree": object{"branches": []object{{"category": "vendor", "name": "Lanterna", "branches": []object{
			{"category": "product_name", "name": "lanternd", "branches": []object{version(fmt.Sprintf("1.%d.0", i), "P1"), version(fixed, "P2")}}}}}},
		"vulnerabilities": []object{{
			"title": "An old flaw", "cve": fmt.Sprintf("CVE-%d-%05d", at.Year(), 20000+i),
			"notes":          []object{{"category": "description", "title": "What it is", "text": "A read past the end of a buffer."}},
			"cwe":            object{"id": "CWE-125", "name": "Out-of-bounds Read"},
			"product_status": object{"known_affected": []string{"P1"}, "fixed": []string{"P2"}},
			"scores": []object{{"products": []string{"P1"}, "cvss_v3": object{"version": "3.1", "vectorString": "CVSS:3.1/AV:L/AC:L/PR:L/UI:N/S:U/C:L/I:N/A:N",
				"baseScore": 3.3, "baseSeverity": "LOW"}}},
			"remediations": []object{{"category": "vendor_fix", "details": "Update to " + fixed + ".", "product_ids": []string{"P1"}}},
		}},
	}
}

func read(t testing.TB, r io.Reader) string {
	t.Helper()
	raw, err := io.ReadAll(r)
	if err != nil {
		t.Fatal(err)
	}
	return string(raw)
}
