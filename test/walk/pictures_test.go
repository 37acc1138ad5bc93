package walk

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"github.com/tocsin-sec/tocsin/test/browser"
)

var update = flag.Bool("update", false, "take the pictures of docs/img again")

// kept are the pictures that -update keeps, with their widths and schemes.
func kept(name string) []browser.View {
	if name == "embargo" || name == "advisory-armed" {
		return []browser.View{{Width: 1280}}
	}
	return nil // test/pages takes the others, of the worked example
}

// pictures checks a page as it is, wide and light, narrow and dark: policy, scripts,
// width and axe-core. With -update it keeps pictures.
func (w *world) pictures(p *person, name string) {
	w.t.Helper()
	for _, v := range []browser.View{{Width: 390, Dark: true}, {Width: 1280}} {
		p.page.Look(v)
		for _, problem := range p.hurts() {
			w.t.Errorf("%s at %d pixels: %s", name, v.Width, problem)
		}
	}
	if !*update {
		return
	}
	for _, v := range kept(name) {
		png := p.page.Screenshot(name, v.Width, v.Dark)
		scheme := map[bool]string{true: "dark", false: "light"}[v.Dark]
		file := filepath.Join("..", "..", "docs", "img", fmt.Sprintf("%s-%d-%s.png", name, v.Width, scheme))
		if err := os.WriteFile(file, png, 0o644); err != nil {
			w.t.Error(err)
		}
	}
}

func writeFile(t testing.TB, path, text string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}
