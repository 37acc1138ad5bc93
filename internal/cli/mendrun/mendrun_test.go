package mendrun

import (
	"bytes"
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/tocsin-sec/tocsin/internal/cli/checkrun"
	"github.com/tocsin-sec/tocsin/kit/check"
	"github.com/tocsin-sec/tocsin/test/shared"
)

const twice = `{"schema_version":"1.7.0","id":"x_EX-1","modified":"2026-01-01T00:00:00Z","aliases":["CVE-2026-1000","CVE-2026-1000"],"affected":[{"package":{"ecosystem":"PyPI","name":"x"},"versions":["1"]}]}`

// mended reads a file through a run with --fix, after meanwhile.
func mended(t *testing.T, name string, meanwhile func()) ([]byte, string, error) {
	t.Helper()
	var out, errs bytes.Buffer
	r := &Run{Flags: Flags{Fix: true}, Checker: &check.Checker{}, Out: &out, Err: &errs}
	d := r.Wrap(checkrun.Document{Name: name, Read: func(context.Context) ([]byte, error) {
		if meanwhile != nil {
			defer meanwhile()
		}
		return []byte(twice), nil
	}})
	data, err := d.Read(t.Context())
	if err := r.Tell(name); err != nil {
		t.Fatal(err)
	}
	return data, errs.String(), err
}

func TestAFileIsReplacedWholeWithItsMode(t *testing.T) {
	dir := t.TempDir()
	name, link := filepath.Join(dir, "a.json"), filepath.Join(dir, "link.json")
	if err := os.WriteFile(name, []byte(twice), 0o640); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink("a.json", link); err != nil {
		t.Fatal(err)
	}
	want := strings.Replace(twice, `,"CVE-2026-1000"]`, `]`, 1)
	data, said, err := mended(t, link, nil)
	got, _ := os.ReadFile(name)
	info, _ := os.Stat(name)
	way, _ := os.Lstat(link)
	if err != nil || string(data) != want || string(got) != want || info.Mode().Perm() != 0o640 || way.Mode()&os.ModeSymlink == 0 || !strings.Contains(said, "fixed 1") {
		t.Errorf("%v: %s, mode %v, link %v, %s", err, got, info.Mode(), way.Mode(), said)
	}
	if all, _ := os.ReadDir(dir); len(all) != 2 {
		t.Errorf("something is left behind: %v", all)
	}
}

func TestWhatCannotBeReplacedIsToldAndLeft(t *testing.T) {
	dir := t.TempDir()
	name := filepath.Join(dir, "a.json")
	if _, _, err := mended(t, "all.zip/a.json", nil); err == nil || !strings.Contains(err.Error(), "archive") {
		t.Errorf("a member of an archive: %v", err)
	}
	if err := os.WriteFile(name, []byte(twice), 0o600); err != nil {
		t.Fatal(err)
	}
	_, _, err := mended(t, name, func() { _ = os.WriteFile(name, []byte("new"), 0o600) })
	got, _ := os.ReadFile(name)
	if err == nil || string(got) != "new" {
		t.Errorf("what changed meanwhile is %q: %v", got, err)
	}
	if all, _ := os.ReadDir(dir); len(all) != 1 {
		t.Errorf("something is left behind: %v", all)
	}
}

// TestPatchTakesTheDiff changes texts at random and lets patch(1) make the one of the other.
func TestPatchTakesTheDiff(t *testing.T) {
	tool, err := exec.LookPath("patch")
	if err != nil {
		shared.Missing(t, "patch(1)")
	}
	r := rand.New(rand.NewPCG(5, 6))
	for i := range 60 {
		var a, b []string
		for n := range 5 + r.IntN(60) {
			line := fmt.Sprintf("line %d of %d\n", n, r.IntN(3))
			a = append(a, line)
			switch r.IntN(12) {
			case 0:
			case 1:
				b = append(b, "other\n")
			case 2:
				b = append(b, line, "more\n")
			default:
				b = append(b, line)
			}
		}
		before, after := strings.Join(a, ""), strings.Join(b, "")
		if i%5 == 0 {
			before, after = strings.TrimSuffix(before, "\n"), strings.TrimSuffix(after, "\n")
		}
		text := diff("a.json", []byte(before), []byte(after))
		if before == after {
			if text != "" {
				t.Errorf("equal texts differ: %s", text)
			}
			continue
		}
		name := filepath.Join(t.TempDir(), "a.json")
		if err := os.WriteFile(name, []byte(before), 0o600); err != nil {
			t.Fatal(err)
		}
		c := exec.CommandContext(t.Context(), tool, "--fuzz=0", name)
		c.Stdin = strings.NewReader(text)
		if out, err := c.CombinedOutput(); err != nil {
			t.Fatalf("%v: %s\n%s", err, out, text)
		}
		if got, _ := os.ReadFile(name); string(got) != after {
			t.Fatalf("patch makes %q, want %q of\n%s", got, after, text)
		}
	}
}
