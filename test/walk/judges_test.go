package walk

import (
	"crypto/sha256"
	"crypto/sha512"
	"encoding/hex"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/tocsin-sec/tocsin/test/browser"
	"github.com/tocsin-sec/tocsin/test/program"
)

const total = 20

// csafTool finds a program of gocsaf: on the path or in the folder of tools.
func csafTool(t testing.TB, name string) string {
	t.Helper()
	if path, err := exec.LookPath(name); err == nil {
		return path
	}
	cache, _ := os.UserCacheDir()
	for _, dir := range []string{os.Getenv("TOCSIN_TOOLS"), filepath.Join(cache, "tocsin-tools")} {
		if path := filepath.Join(dir, "bin", name); dir != "" && exists(path) {
			return path
		}
	}
	program.Need(t, name)
	return ""
}

func exists(path string) bool { _, err := os.Stat(path); return err == nil }

func (w *world) tool(name string, args ...string) string {
	w.t.Helper()
	cmd := exec.Command(csafTool(w.t, name), args...)
	cmd.Dir = w.t.TempDir()
	cmd.Env = append(os.Environ(), "SSL_CERT_FILE="+w.server.CACert, "NO_PROXY=localhost")
	out, err := cmd.CombinedOutput()
	if err != nil {
		w.t.Errorf("%s: %v\n%s", name, err, out)
	}
	return string(out)
}

// checker is csaf_checker's verdict over https: passed, as csaf_trusted_provider.
func (w *world) checker() {
	file := filepath.Join(w.t.TempDir(), "report.json")
	w.tool("csaf_checker", "-f", "json", "-o", file, strings.TrimPrefix(w.server.URL, "https://"))
	raw, err := os.ReadFile(file)
	if err != nil {
		w.t.Fatal(err)
	}
	var report struct {
		Domains []struct {
			Passed bool   `json:"passed"`
			Role   string `json:"role"`
		} `json:"domains"`
	}
	if err := json.Unmarshal(raw, &report); err != nil {
		w.t.Fatal(err)
	}
	if len(report.Domains) != 1 || !report.Domains[0].Passed || report.Domains[0].Role != "csaf_trusted_provider" {
		w.t.Errorf("csaf_checker did not pass the site as csaf_trusted_provider:\n%s", raw)
	}
}

// downloader fetches everything with csaf_downloader, which refuses bad signatures.
func (w *world) downloader() {
	dir := w.t.TempDir()
	out := w.tool("csaf_downloader", "-d", dir, strings.TrimPrefix(w.server.URL, "https://"))
	got, _ := filepath.Glob(filepath.Join(dir, "white", "*", "*.json"))
	signed, _ := filepath.Glob(filepath.Join(dir, "white", "*", "*.json.asc"))
	if len(got) != total || len(signed) != total {
		w.t.Errorf("csaf_downloader fetched %d documents and %d signatures, want %d\n%s", len(got), len(signed), total, out)
	}
	years := map[string]bool{}
	for _, f := range got {
		years[filepath.Base(filepath.Dir(f))] = true
	}
	if len(years) < 2 {
		w.t.Errorf("the advisories are of %d years, want at least 2", len(years))
	}
}

// signatures verifies every .asc of the site with gpg, and every hash.
func (w *world) signatures() {
	index := strings.Fields(string(w.gets("/csaf/" + slug + "/white/index.txt")))
	if len(index) != total {
		w.t.Errorf("index.txt has %d lines, want %d:\n%s", len(index), total, index)
	}
	states := map[string]int{}
	for _, line := range index {
		document := "/csaf/" + slug + "/white/" + line
		raw := w.gets(document)
		w.verifies(document, raw)
		s256, s512 := sha256.Sum256(raw), sha512.Sum512(raw)
		for ext, sum := range map[string][]byte{".sha256": s256[:], ".sha512": s512[:]} {
			if !strings.HasPrefix(string(w.gets(document+ext)), hex.EncodeToString(sum)) {
				w.t.Errorf("%s%s is wrong", document, ext)
			}
		}
		name := strings.TrimSuffix(filepath.Base(line), ".json")
		for _, ext := range []string{".html", ".txt"} {
			page := "/advisories/" + slug + "/" + name + ext
			w.verifies(page, w.gets(page))
		}
		if strings.Contains(string(raw), "It was no flaw after all") {
			states["withdrawn"]++
		}
		if strings.Contains(string(raw), "Details about old versions") {
			states["revised"]++
		}
	}
	if states["withdrawn"] != 1 || states["revised"] != 1 {
		w.t.Errorf("withdrawn and revised: %v, want one each", states)
	}
	if out, errText, err := w.researcher.gpg.Try(w.gets("/.well-known/security.txt"), "--verify"); err != nil {
		w.t.Errorf("security.txt does not verify: %v %s%s", err, out, errText)
	}
}

func (w *world) verifies(path string, raw []byte) {
	w.t.Helper()
	dir := w.t.TempDir()
	file, sig := filepath.Join(dir, "file"), filepath.Join(dir, "file.asc")
	writeFile(w.t, file, string(raw))
	writeFile(w.t, sig, string(w.gets(path+".asc")))
	if _, errText, err := w.researcher.gpg.Try(nil, "--verify", sig, file); err != nil {
		w.t.Errorf("the signature of %s is not good: %v\n%s", path, err, errText)
	}
}

// reads the public site without script, as anybody may.
func (w *world) publicSite() {
	p := &person{t: w.t, site: w.server.URL, name: "a reader", page: w.chromium.Person().Open(w.server.URL+"/", browser.View{NoScript: true})}
	p.reads(w.number, "Critical")
	p.visits("/advisories/" + slug)
	p.reads(w.number, title, "Withdrawn")
	p.presses(title)
	p.reads("CVE-2026-31337", "3.1.1", "2.4.7", "Rosa Finder", "Do not open wick files")
	p.visits("/policy/" + slug)
	p.reads("We answer every report", "14 days", "What is told under embargo")
	p.visits("/team/" + slug)
	p.reads("Lanterna")
	if atom := string(w.gets("/advisories/" + slug + "/atom.xml")); !strings.Contains(atom, w.number) {
		w.t.Errorf("the Atom feed does not name %s", w.number)
	}
	look := &person{t: w.t, site: w.server.URL, name: "a reader", page: w.chromium.Person().Open(w.server.URL+"/", browser.View{})}
	w.pictures(look, "site")
	for name, path := range map[string]string{"reporting": "/reporting", "report-form": "/report/" + slug, "policy": "/policy/" + slug, "advisories": "/advisories/" + slug,
		"advisory": "/advisories/" + slug + "/" + strings.ToLower(w.number) + ".html"} {
		look.visits(path)
		w.pictures(look, name)
	}
}
