package catalogtest

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/tocsin-sec/tocsin/internal/platform/i18n"
)

// stock are the prefixes of common words that pages may take; they need no user.
func stock(key string) bool {
	for _, p := range []string{"action.", "word.", "state.", "fault.", "nav.back"} {
		if strings.HasPrefix(key, p) {
			return true
		}
	}
	return false
}

func moduleRoot(t *testing.T) string {
	t.Helper()
	dir, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	for {
		if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil {
			return dir
		}
		if dir == filepath.Dir(dir) {
			t.Fatal("no go.mod above the test")
		}
		dir = filepath.Dir(dir)
	}
}

// strict makes unknown and unused keys of the domains fail; those of the platform
// always do. It turns true when the pages of the walk have landed (issue 2).
const strict = true

func TestEveryKeyIsKnownAndUsed(t *testing.T) {
	complain := t.Errorf
	if !strict {
		complain = t.Logf
	}
	use, err := Scan(moduleRoot(t))
	if err != nil {
		t.Fatal(err)
	}
	c := i18n.Default()
	for _, key := range use.Sorted() {
		if !c.Has(key) {
			if strings.HasPrefix(use.Asserted[key], filepath.Join("internal", "platform", "webui")) {
				t.Errorf("%s: the catalogue has no %q", use.Asserted[key], key)
				continue
			}
			complain("%s: the catalogue has no %q", use.Asserted[key], key)
		}
	}
	for _, key := range c.Keys(i18n.Base) {
		if !stock(key) && !use.Uses(key) {
			complain("nothing uses %q", key)
		}
	}
}

func TestScannerFindsPlantedFaults(t *testing.T) {
	dir := t.TempDir()
	write := func(name, text string) {
		t.Helper()
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write("a.go", `package a
func f() {
	c.T("a.called", "n", 1)
	fault.New(fault.Invalid, "a.fault")
	checks.Require(true, "field", "a.check")
	_ = webui.NavItem{Key: "a.nav"}
	_ = unit.Entry{Kind: "a.entry"}
	_ = unit.Job{Key: "a.job"}
	_ = people.Letter{Key: "a.letter"}
	_ = "a.state." + x
}`)
	write("p.html", `{{head (t "a.head" "n" 1)}}{{text "title" "a.label" .V "required" "hint=a.other_hint"}}{{state "ok" "a.word"}}{{act "do" "spam" "a.act" "s" ""}}{{t (print "a.kind." .Kind)}}{{/* "a.comment" */}}`)
	use, err := Scan(dir)
	if err != nil {
		t.Fatal(err)
	}
	want := []string{"a.act", "a.called", "a.check", "a.entry", "a.fault", "a.head", "a.label", "a.letter.body", "a.letter.subject", "a.nav", "a.other_hint", "a.word"}
	if got := use.Sorted(); !slices.Equal(got, want) {
		t.Errorf("asserted\n%v, want\n%v", got, want)
	}
	for key, want := range map[string]bool{"a.state.open": true, "a.kind.x": true, "a.label.hint": true, "a.called.one": true, "a.comment": false, "a.unused": false} {
		if use.Uses(key) != want {
			t.Errorf("Uses(%q) is %v", key, !want)
		}
	}
}
