package version

import (
	"bufio"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/tocsin-sec/tocsin/test/shared"
)

// files are the orders of the files of shared data.
func files() map[string]Order {
	return map[string]Order{"alpine": Alpine, "cran": CRAN, "debian": Debian, "hackage": Hackage, "maven": Maven, "nuget": NuGet, "packagist": Packagist, "pub": Pub, "pypi": PyPI, "redhat": RPM, "rubygems": RubyGems, "semver": Semver}
}

func TestSharedLinesHold(t *testing.T) {
	names, err := filepath.Glob(filepath.Join(shared.Dir(t), "data", "version", "*.txt"))
	if err != nil || len(names) == 0 {
		shared.Missing(t, "no files of versions: %v", err)
	}
	for _, name := range names {
		kind, _, _ := strings.Cut(filepath.Base(name), "-")
		order, ok := files()[kind]
		if !ok {
			t.Errorf("%s: no order", name)
			continue
		}
		t.Run(filepath.Base(name), func(t *testing.T) { holds(t, order, name) })
	}
}

func holds(t *testing.T, order Order, name string) {
	f, err := os.Open(name)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	lines, wrong := 0, 0
	for scan := bufio.NewScanner(f); scan.Scan(); {
		line := strings.TrimSpace(scan.Text())
		if line == "" || strings.HasPrefix(line, "//") {
			continue
		}
		fields := strings.Fields(line)
		if len(fields) != 3 {
			t.Errorf("%q is no comparison", line)
			continue
		}
		want := map[string]int{"<": -1, "=": 0, ">": 1}[fields[1]]
		lines++
		got, ok := order.Compare(fields[0], fields[2])
		back, _ := order.Compare(fields[2], fields[0])
		if !ok || got != want || back != -want {
			if wrong++; wrong < 30 {
				t.Errorf("%s: %d and back %d, %v", line, got, back, ok)
			}
		}
	}
	t.Logf("%d lines, %d wrong", lines, wrong)
}

// TestPartsWithoutNumbers are versions of PEP 440 whose words follow each other, with
// separators at odd places; the order is that of packaging 26.
func TestPartsWithoutNumbers(t *testing.T) {
	for _, line := range [][3]string{
		{"1.dev", "<", "1.alphadev"},
		{"1alphar", "=", "1a0.post0"},
		{"1rcpost", "<", "1"},
		{"1prerev2", "=", "1rc0.post2"},
		{"1previewdev", "=", "1rc0.dev0"},
		{"1betar", ">", "1beta"},
		{"1pre..postdev", "=", "1rc0.post0.dev0"},
		{"1a--1", "=", "1a0.post1"},
		{"1a.", "=", "1a0"},
		{"1postdev.+l", ">", "1postdev"},
		{"0", "<", "0revdev"},
		{"1arc", "<", "0"}, // no version of PEP 440
		{"1a..", "<", "0"},
	} {
		want := map[string]int{"<": -1, "=": 0, ">": 1}[line[1]]
		if got, ok := PyPI.Compare(line[0], line[2]); !ok || got != want {
			t.Errorf("%v: %d", line, got)
		}
	}
}
