package pages

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/tocsin-sec/tocsin/test/browser"
)

// checkADocument: somebody pastes a document into the page that is linked from every
// page, goes from a finding to its line, mends it and checks it again; then gives a file.
func checkADocument(t *testing.T, h house) {
	s, _ := h.demo()
	p := h.b.Open(s.URL+"/", browser.View{})
	p.Navigates(func() { p.Click(`footer a[href="/check"]`) })
	examine(t, p, "check_", "/check", looks[0])
	broken := "{\n  \"schema_version\": \"1.7.0\",\n  \"id\": \"x_EX-1\",\n  \"published\": \"2026-02-01T00:00:00Z\",\n  \"modified\": \"2026-01-01T00:00:00Z\",\n  \"affected\": [{\"package\": {\"ecosystem\": \"PyPI\", \"name\": \"lantern\"}, \"versions\": [\"1.0\"]}]\n}\n"
	p.Fill("textarea[name=document]", broken)
	p.Navigates(func() { p.Click("form button.main") })
	if text := p.Text("main"); !strings.Contains(text, "REC:101") || !strings.Contains(text, "not valid") || !strings.Contains(text, "OSV record") {
		t.Fatalf("%s\n%s", text, p.Describe())
	}
	examine(t, p, "check_result_", "/check", looks[2])
	p.Click(`a[href="#L4"]`)
	if at := browser.Eval[string](p, `document.querySelector(":target").textContent`); !strings.Contains(at, `"published": "2026-02-01`) {
		t.Errorf("the link leads to %q", at)
	}
	typed := browser.Eval[string](p, `document.querySelector("textarea[name=document]").value`)
	if typed != broken {
		t.Errorf("the document came back as %q", typed)
	}
	p.Fill("textarea[name=document]", strings.Replace(typed, "2026-02", "2025-02", 1))
	p.Navigates(func() { p.Click("form button.main") })
	if text := p.Text("main"); !strings.Contains(text, "valid, nothing found") {
		t.Errorf("%s", text)
	}
	file := filepath.Join(t.TempDir(), "advisory.json")
	if err := os.WriteFile(file, []byte("<!doctype html><title>404</title>"), 0o600); err != nil {
		t.Fatal(err)
	}
	p.Upload("input[type=file]", file)
	p.Navigates(func() { p.Click("form button.main") })
	if text := p.Text("main"); !strings.Contains(text, "an HTML page") {
		t.Errorf("%s", text)
	}
}
