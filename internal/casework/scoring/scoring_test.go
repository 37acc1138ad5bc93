package scoring

import (
	"errors"
	"strings"
	"testing"

	"github.com/tocsin-sec/tocsin/internal/base/fault"
)

func TestSeverityNamesTheMetric(t *testing.T) {
	for name, c := range map[string]struct {
		v31, v40   string
		path, want string
		metric     string
	}{
		"a wrong value of 3.1":           {"CVSS:3.1/AV:X/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H", "", "vector31", "casework.vector.value", "AV"},
		"a vector in the wrong field":    {"CVSS:4.0/AV:N/AC:L/AT:N/PR:N/UI:N/VC:H/VI:H/VA:H/SC:N/SI:N/SA:N", "", "vector31", "casework.vector.prefix", ""},
		"a missing metric of 4.0":        {"", "CVSS:4.0/AV:N/AC:L/AT:N/PR:N/UI:N/VC:H/VI:H/VA:H/SC:N/SI:N", "vector40", "casework.vector.missing", "SA"},
		"an unknown metric":              {"CVSS:3.1/AV:N/ZZ:L/PR:N/UI:N/S:U/C:H/I:H/A:H", "", "vector31", "casework.vector.metric", "ZZ"},
		"both are right":                 {"CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H", "CVSS:4.0/AV:N/AC:L/AT:N/PR:N/UI:N/VC:H/VI:H/VA:H/SC:N/SI:N/SA:N", "", "", ""},
		"none is not assessed, no fault": {"", " ", "", "", ""},
	} {
		t.Run(name, func(t *testing.T) {
			var checks fault.Checks
			s := Check(&checks, c.v31, c.v40)
			var e *fault.Error
			if errors.As(checks.Err(), &e) {
				f := e.Fields[0]
				if f.Path != c.path || f.Key != c.want || f.Args[1] != c.metric {
					t.Errorf("got %+v", f)
				}
			} else if c.want != "" {
				t.Errorf("no problem found, %+v", s)
			}
		})
	}
}

func TestWeaknesses(t *testing.T) {
	for in, want := range map[string]string{
		"CWE-79": "CWE-79", "cwe-787": "CWE-787", "20": "CWE-20", " CWE-1333 ": "CWE-1333", "": "",
		"CWE-0": "!", "CWE-079": "!", "CWE-99999": "!", "CWE--1": "!", "79; drop": "!", "CWE-７９": "!",
	} {
		var c fault.Checks
		got := strings.Join(Weaknesses(&c, []string{in, in}), " ")
		if c.Err() != nil {
			got = "!"
		}
		if got != want {
			t.Errorf("%q: got %q, want %q", in, got, want)
		}
	}
}

func FuzzVectors(f *testing.F) {
	f.Add("CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H", "CVSS:4.0/AV:N")
	f.Fuzz(func(t *testing.T, a, b string) {
		var checks fault.Checks
		s := Check(&checks, a, b)
		if checks.Err() == nil && (s.Score() < 0 || s.Score() > 10) {
			t.Fatalf("%q, %q score %v", a, b, s.Score())
		}
	})
}
