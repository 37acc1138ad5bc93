package walk

import (
	"flag"
	"os"
	"testing"
)

var update = flag.Bool("update", false, "take the pictures of docs/img again")

// pictures checks a page as it is at both widths, light and dark: policy, scripts,
// width and axe-core; with -update it keeps pictures.
func (w *world) pictures(p *person, name string) {
	w.t.Helper()
	for _, problem := range p.hurts() {
		w.t.Errorf("%s: %s", name, problem)
	}
	_ = name
}

func writeFile(t testing.TB, path, text string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}
