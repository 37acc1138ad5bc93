package pages

import (
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/tocsin-sec/tocsin/test/browser"
	"github.com/tocsin-sec/tocsin/test/program"
)

var update = flag.Bool("update", false, "write the screenshots of docs/img anew")

// TestScreenshots takes the pictures of README and the guides from the worked
// example. Without -update it only holds their sizes to the limits.
func TestScreenshots(t *testing.T) {
	const dir, most, all = "../../docs/img", 300_000, 2_000_000
	if *update {
		takeScreenshots(t, dir)
	}
	files, err := filepath.Glob(filepath.Join(dir, "*.png"))
	if err != nil || len(files) < 5 {
		t.Fatalf("%d screenshots, %v; run go test ./test/pages -run TestScreenshots -update", len(files), err)
	}
	sum := int64(0)
	for _, f := range files {
		info, err := os.Stat(f)
		if err != nil {
			t.Fatal(err)
		}
		sum += info.Size()
		if info.Size() > most {
			t.Errorf("%s has %d bytes, at most %d", f, info.Size(), most)
		}
	}
	if sum > all {
		t.Errorf("the screenshots have %d bytes, at most %d", sum, all)
	}
}

func takeScreenshots(t *testing.T, dir string) {
	b := browser.New(t, false)
	s, link := house{t, b, program.Build(t)}.demo()
	if err := os.MkdirAll(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	p := b.Open(s.URL+"/", browser.View{})
	take := func(name string, width int, dark bool) {
		t.Helper()
		if err := os.WriteFile(filepath.Join(dir, name+".png"), p.Screenshot(name, width, dark), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	p.Go(s.URL + "/advisories/lanterna/lan-2026-0001.html")
	take("advisory", 1280, false)
	p.Go(s.URL + "/reporting/lanterna")
	take("reporting-phone", 390, false)
	signIn(t, p, link)
	p.Go(s.URL + "/desk")
	take("desk", 1280, false)
	p.Go(s.URL + "/cases")
	take("cases-phone", 390, true)
	href := browser.Eval[string](p, `[...document.querySelectorAll("[data-open]")].find(a => a.innerText.includes("Heap overflow")).href`)
	p.Go(href)
	if !strings.Contains(p.Text("h1"), "Heap overflow") {
		t.Fatal(p.Describe())
	}
	take("case", 1280, false)
	take("case-phone", 390, true)
}
