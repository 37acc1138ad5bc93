package vers

import (
	"bufio"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/tocsin-sec/tocsin/test/shared"
)

func TestRangesAreReadAndWritten(t *testing.T) {
	for _, s := range []string{"vers:gem/>=2.2.0|!=2.2.1|<2.3.0", "vers:npm/1.2.3|>=2.0.0|<5.0.0", "vers:pypi/0.0.0|2.0pre1", "vers:all/*", "vers:none/*", "vers:deb/>=1%2A2"} {
		if r, err := Parse(s); err != nil || r.String() != s {
			t.Errorf("%s is read as %s, %v", s, r, err)
		}
	}
	for _, s := range []string{"", ">4.2", "vers:", "vers:npm", "vers:npm/", "vers:NPM/1", "vers:npm/1||2", "vers:npm/|1", "vers:npm/=1", "vers:npm/> 1", "vers:all/1", "vers:npm/1%2", "vers:/1", "vers:1/1", "vers:invalid/1", "vers:npm/1\u00e9", "vers:npm/1\t"} {
		if r, err := Parse(s); err == nil {
			t.Errorf("%q is read as %v", s, r)
		}
	}
	for _, s := range []string{"all versions < 4.2.0", "prior to 4.2", "", ">", "1|", "≥4.2", "4.2–4.5"} {
		if r, err := ParseLike(s); err == nil {
			t.Errorf("%q is read as %v", s, r)
		}
	}
}

func TestVersionsInRanges(t *testing.T) {
	for _, c := range []struct {
		r, version string
		want       bool
	}{
		{"vers:intdot/>2.1.0|<4.2.0", "2.4.0", true}, {"vers:intdot/>2.1.0|<4.2.0", "2.1.0", false}, {"vers:intdot/>2.1.0|<4.2.0", "4.2.0", false},
		{"vers:intdot/>2.1.0|!=2.4.0|<4.2.0", "2.4.0", false}, {"vers:intdot/<2|>4", "3", false}, {"vers:intdot/<2|>4", "1", true}, {"vers:intdot/<2|>4", "5", true},
		{"vers:semver/>=1.0.0-rc.1", "1.0.0", true}, {"vers:semver/1.0.0|2.0.0", "1.5.0", false}, {"vers:semver/!=1.0.0", "1.5.0", true}, {"vers:all/*", "x", true}, {"vers:none/*", "x", false},
		{"vers:npm/1.2.3|>=2.0.0|<5.0.0", "1.2.3", true}, {"vers:npm/1.2.3|>=2.0.0|<5.0.0", "1.9.0", false},
	} {
		r, err := Parse(c.r)
		if err != nil {
			t.Fatal(c.r, err)
		}
		if in, known := r.Contains(c.version); in != c.want || !known {
			t.Errorf("%s contains %s: %v, %v", c.r, c.version, in, known)
		}
	}
}

func TestOverlapAndOpenEnd(t *testing.T) {
	for _, c := range []struct {
		a, b string
		want bool
	}{
		{">2.1.0|<4.2.0", ">1.2.0|<2.4.0", true}, {">2.1.0|<4.2.0", ">1.2.0|<=2.1.0", false}, {">2.4.0|<4.2.0", ">1.2.0|<2.1.0", false},
		{">=2", "<=2", true}, {">=2", "<2", false}, {"1|2|3", "2", true}, {"1|2|3", "!=2", true}, {"2", "!=2", false}, {"<1|>5", ">2|<4", false},
	} {
		for _, prefix := range []string{"", "vers:intdot/"} {
			a, b := read(t, prefix+c.a), read(t, prefix+c.b)
			if Overlap(a, b) != c.want || Overlap(b, a) != c.want {
				t.Errorf("%s and %s overlap: %v", a, b, !c.want)
			}
		}
	}
	if Overlap(read(t, "vers:npm/>1"), read(t, "vers:deb/>1")) || !Overlap(read(t, "vers:npm/>1"), read(t, ">2")) {
		t.Error("ranges of two types")
	}
	for s, want := range map[string]bool{"vers:intdot/>=4.2.0": true, "<2.1.0|>4.2.0": true, "<2.1.0|>4.2.0|<=5": false, "<1.2.0|=4.2.0": false, "!=3": true, "vers:all/*": true, ">=1|!=5": true, "5|>1": true} {
		if got := read(t, s).UpperOpen(); got != want {
			t.Errorf("%s is open: %v", s, got)
		}
	}
}

func read(t *testing.T, s string) Range {
	t.Helper()
	r, err := Parse(s)
	if !strings.HasPrefix(s, "vers:") {
		r, err = ParseLike(s)
	}
	if err != nil {
		t.Fatal(s, err)
	}
	return r
}

func TestCanonicalRanges(t *testing.T) {
	for s, want := range map[string]bool{
		"vers:intdot/>1.2|!=3.2.0|<3.91.1|>4.2.0": true, "vers:intdot/<4.2|>3": false, "vers:intdot/1|1": false, "vers:intdot/>1|>2": false,
		"vers:intdot/<1|<2": false, "vers:intdot/<1|>2": true, "vers:intdot/1|>2|<3": true, "vers:intdot/!=1|<2": true, "vers:intdot/>1|2": false, "vers:intdot/1|<2": false,
		"vers:pypi/1.0|2.0pre1|2.0": true, "vers:pypi/2.0|2.0rc1": false, "vers:pypi/1.0|1.0.0": false, "vers:maven/>=1.0-rc1|<1.0": true, "vers:gem/<2.a|>2": true,
		"vers:maven/>=1.0|<1.0-rc1": false, "vers:nuget/>=1.0.0.1|<1.0.0.10": true, "vers:apk/<1.0_rc1|>1.0": true, "vers:hackage/1.10|1.9": false,
		"vers:deb/>=1:0.1|<2": false, "vers:rpm/>=1.0~rc1|<1.0": true,
		// What is not known of the order does not matter for the rest.
		"vers:unheardof/>2|<1": true, "vers:unheardof/>1|>2": false, "vers:unheardof/1|1": false, "vers:unheardof/>=1|!=1": false, ">1|>2": false, "<4|>3|!=2|<1": true,
	} {
		if err := read(t, s).Check(); (err == nil) != want {
			t.Errorf("%s: %v", s, err)
		}
	}
}

// TestOrders compares with the order files of osv-scalibr.
func TestOrders(t *testing.T) {
	dir := filepath.Join(shared.Dir(t), "data/version")
	for file, kind := range map[string]string{"semver-versions.txt": "semver", "debian-versions.txt": "deb", "redhat-versions.txt": "rpm"} {
		f, err := os.Open(filepath.Join(dir, file))
		if err != nil {
			t.Fatal(err)
		}
		lines := bufio.NewScanner(f)
		for lines.Scan() {
			w := strings.Fields(lines.Text())
			if len(w) != 3 || strings.HasPrefix(w[0], "//") {
				continue
			}
			want := map[string]int{"<": -1, "=": 0, ">": 1}[w[1]]
			if got := Compare(kind, w[0], w[2]); sign(got) != want || sign(Compare(kind, w[2], w[0])) != -want {
				t.Errorf("%s: %s, got %d", file, lines.Text(), got)
			}
		}
		f.Close()
	}
}

func sign(n int) int {
	switch {
	case n < 0:
		return -1
	case n > 0:
		return 1
	}
	return 0
}

func FuzzParse(f *testing.F) {
	f.Add("vers:npm/1.2.3|>=2.0.0|<5.0.0", ">1|<2", "1.5")
	f.Fuzz(func(t *testing.T, a, b, version string) {
		x, errX := Parse(a)
		y, errY := ParseLike(b)
		if errX != nil || errY != nil {
			return
		}
		if again, err := Parse(x.String()); err != nil || again.String() != x.String() {
			t.Errorf("%q is written as %q, %v", a, x, err)
		}
		x.Contains(version)
		if Overlap(x, y) != Overlap(y, x) {
			t.Errorf("%q and %q overlap one way only", a, b)
		}
		_ = x.Check()
		y.UpperOpen()
	})
}
