package ssvc

import (
	"slices"
	"strings"
	"testing"
)

func TestDecisionPoints(t *testing.T) {
	p, ok := Find("ssvc", "MI", "1.0.0")
	if !ok || !slices.Equal(p.Values(), []string{"N", "NED", "MSC", "MEF", "MF"}) || p.Index("MEF") != 3 || p.Index("D") != -1 || p.Index("") != -1 {
		t.Errorf("mission impact is %v", p)
	}
	for _, none := range [][3]string{{"ssvc", "MI", "1.0.1"}, {"cvss", "E", "3.0.1"}, {"ssvc", "SIs", "2.0.0"}, {"nist", "P_5X", "1.0.0"}, {"", "", ""}} {
		if p, ok := Find(none[0], none[1], none[2]); ok {
			t.Errorf("%v is %v", none, p)
		}
	}
	for key, want := range map[string]string{"SI": "2.0.1", "E": "1.1.0", "HI": "2.0.2", "TI": "1.0.0"} {
		if p, ok := Latest("ssvc", key); !ok || p.Version != want {
			t.Errorf("the latest %s is %v", key, p)
		}
	}
	if !newer("10.0.0", "9.0.0") || newer("1.0.0", "1.0.0") || newer("1.0.9", "1.1.0") {
		t.Error("versions are not ordered by number")
	}
}

func TestEveryLineIsAPoint(t *testing.T) {
	for line := range strings.Lines(strings.Trim(points, "\n")) {
		f := strings.Split(strings.TrimSpace(line), "\t")
		if len(f) != 4 || !Tabled(f[0]) || !Registered(f[0]) || len(strings.Fields(f[3])) < 2 {
			t.Errorf("%q is no decision point", line)
		}
		if values := strings.Fields(f[3]); len(slices.Compact(slices.Sorted(slices.Values(values)))) != len(values) {
			t.Errorf("%q has a value twice", line)
		}
	}
}

func TestNamespaces(t *testing.T) {
	for ns, want := range map[string][3]string{
		"ssvc":                            {"ssvc", "", ""},
		"ssvc/de-DE":                      {"ssvc", "de-DE", ""},
		"ssvc//.example.test#refined":     {"ssvc", "", ".example.test#refined"},
		"x_example.test#abc/en/.a.b#c/fr": {"x_example.test#abc", "en", ".a.b#c/fr"},
	} {
		if b, l, e := Split(ns); [3]string{b, l, e} != want {
			t.Errorf("%s is %q %q %q", ns, b, l, e)
		}
	}
	for base, want := range map[string]Purpose{"ssvc": General, "test": ForTests, "example": ForExamples, "invalid": Invalid, "x_invalid#a": Invalid, "x_example.test#a": General, "test#x": ForTests} {
		if got := Reserved(base); got != want {
			t.Errorf("%s is for %d, want %d", base, got, want)
		}
	}
}
