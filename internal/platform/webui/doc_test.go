package webui

import (
	"os"
	"regexp"
	"testing"
)

// Authors code against doc.go: it must name every function of templates.
func TestManualNamesEveryFunction(t *testing.T) {
	raw, err := os.ReadFile("doc.go")
	if err != nil {
		t.Fatal(err)
	}
	for name := range (&instance{}).funcs() {
		if !regexp.MustCompile(`(?m)^//\t(.*[ ,])?` + name + `\b`).Match(raw) {
			t.Errorf("doc.go does not name %q", name)
		}
	}
}
