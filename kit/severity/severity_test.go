package severity

import (
	"errors"
	"strings"
	"testing"
)

func TestScores(t *testing.T) {
	for name, c := range map[string]struct {
		vector string
		base   float64
		score  float64
		rating Rating
	}{
		"the worst of 3.1":                {"CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:C/C:H/I:H/A:H", 10, 10, Critical},
		"a usual critical":                {"CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H", 9.8, 9.8, Critical},
		"no impact is none":               {"CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:N/I:N/A:N", 0, 0, None},
		"a local high":                    {"CVSS:3.1/AV:L/AC:L/PR:L/UI:N/S:U/C:H/I:H/A:H", 7.8, 7.8, High},
		"a medium":                        {"CVSS:3.1/AV:N/AC:L/PR:N/UI:R/S:C/C:L/I:L/A:N", 6.1, 6.1, Medium},
		"temporal metrics lower it":       {"CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H/E:U/RL:O/RC:C", 9.8, 8.5, High},
		"environmental ones count":        {"CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H/MAV:P", 9.8, 6.8, Medium},
		"the worst of 4.0":                {"CVSS:4.0/AV:N/AC:L/AT:N/PR:N/UI:N/VC:H/VI:H/VA:H/SC:H/SI:H/SA:H", 10, 10, Critical},
		"a usual critical of 4.0":         {"CVSS:4.0/AV:N/AC:L/AT:N/PR:N/UI:N/VC:H/VI:H/VA:H/SC:N/SI:N/SA:N", 9.3, 9.3, Critical},
		"4.0 without impact is none":      {"CVSS:4.0/AV:N/AC:L/AT:N/PR:N/UI:N/VC:N/VI:N/VA:N/SC:N/SI:N/SA:N", 0, 0, None},
		"an unreported exploit lowers":    {"CVSS:4.0/AV:N/AC:L/AT:N/PR:N/UI:N/VC:H/VI:H/VA:H/SC:N/SI:N/SA:N/E:U", 9.3, 8.1, High},
		"supplemental ones change none":   {"CVSS:4.0/AV:N/AC:L/AT:N/PR:N/UI:N/VC:H/VI:H/VA:H/SC:N/SI:N/SA:N/U:Red", 9.3, 9.3, Critical},
		"3.1 may come in any order":       {"CVSS:3.1/A:H/I:H/C:H/S:U/UI:N/PR:N/AC:L/AV:N", 9.8, 9.8, Critical},
		"an undefined metric is left out": {"CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H/E:X", 9.8, 9.8, Critical},
	} {
		t.Run(name, func(t *testing.T) {
			s, err := Parse(c.vector)
			if err != nil {
				t.Fatal(err)
			}
			if s.Base != c.base || s.Score != c.score || s.Rating != c.rating {
				t.Errorf("got base %v, score %v, %s", s.Base, s.Score, s.Rating)
			}
			if again, err := Parse(s.Vector); err != nil || again != s {
				t.Errorf("%s does not read back: %v", s.Vector, err)
			}
		})
	}
}

func TestProblemsNameTheMetric(t *testing.T) {
	base := "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H"
	for name, c := range map[string]struct {
		vector  string
		problem Problem
		metric  string
	}{
		"an old version":          {"CVSS:3.0/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H", UnknownPrefix, ""},
		"no prefix":               {"AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H", UnknownPrefix, ""},
		"empty":                   {"", UnknownPrefix, ""},
		"a value out of range":    {strings.Replace(base, "PR:N", "PR:X", 1), BadValue, "PR"},
		"a lower-case value":      {strings.Replace(base, "AV:N", "AV:n", 1), BadValue, "AV"},
		"an empty value":          {strings.Replace(base, "AV:N", "AV:", 1), BadValue, "AV"},
		"a missing base metric":   {strings.Replace(base, "/UI:N", "", 1), Missing, "UI"},
		"a metric given twice":    {base + "/AV:L", Twice, "AV"},
		"a metric of 4.0":         {base + "/AT:N", UnknownMetric, "AT"},
		"a trailing slash":        {base + "/", Malformed, ""},
		"4.0 in the wrong order":  {"CVSS:4.0/AC:L/AV:N/AT:N/PR:N/UI:N/VC:H/VI:H/VA:H/SC:N/SI:N/SA:N", Order, "AV"},
		"a megabyte":              {base + strings.Repeat("/E:X", 1<<18), TooLong, ""},
		"a space is no separator": {strings.Replace(base, "/AC", " /AC", 1), BadValue, "AV"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := Parse(c.vector)
			var e *Error
			if !errors.As(err, &e) {
				t.Fatalf("got %v", err)
			}
			if e.Problem != c.problem || e.Metric != c.metric {
				t.Errorf("got %v, want %s at %q", e, c.problem, c.metric)
			}
		})
	}
}

func FuzzParse(f *testing.F) {
	f.Add("CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H/E:U/RL:O/RC:C/MAV:P")
	f.Add("CVSS:4.0/AV:N/AC:L/AT:N/PR:N/UI:N/VC:H/VI:H/VA:H/SC:H/SI:H/SA:H/E:P/MSI:S/U:Clear")
	f.Add("CVSS:4.0/")
	f.Add("CVSS:3.1/:/:")
	f.Fuzz(func(t *testing.T, v string) {
		s, err := Parse(v)
		var e *Error
		if err != nil {
			if !errors.As(err, &e) {
				t.Fatalf("%q failed with %T", v, err)
			}
			return
		}
		if s.Score < 0 || s.Score > 10 || s.Base < 0 || s.Base > 10 {
			t.Fatalf("%q scores %v, %v", v, s.Base, s.Score)
		}
		if again, err := Parse(s.Vector); err != nil || again != s {
			t.Fatalf("%q became %q, which reads as %v, %v", v, s.Vector, again, err)
		}
	})
}
