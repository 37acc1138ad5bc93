package record

import (
	"strings"
	"testing"
)

func TestVersionsAreReadStrictly(t *testing.T) {
	for in, want := range map[string]string{
		">= 2.4.0, < 2.4.7":              "vers:generic/>=2.4.0|<2.4.7",
		"2.4.0 to 2.4.6":                 "vers:generic/>=2.4.0|<=2.4.6",
		"before 2.4.7":                   "vers:generic/<2.4.7",
		"Before 2.4.7":                   "vers:generic/<2.4.7",
		"up to 2.4.6":                    "vers:generic/<=2.4.6",
		"2.4.0 and later":                "vers:generic/>=2.4.0",
		"from 2.4.0 to 2.5":              "vers:generic/>=2.4.0|<=2.5",
		"3.0.0 to 3.1.0, 3.2.0 to 3.2.4": "vers:generic/>=3.0.0|<=3.1.0|>=3.2.0|<=3.2.4",
		"*":                              "vers:generic/*",
		"all":                            "vers:generic/*",
		"< 1:2.0+deb12u1":                "vers:generic/<1%3A2.0%2Bdeb12u1",
	} {
		list, bounds, ok := ParseVersions(in)
		if !ok || !bounds || inVers(list, "generic") != want {
			t.Errorf("%q: %v %v %v", in, list, bounds, ok)
		}
	}
	if list, bounds, ok := ParseVersions("2.4.0, =2.4.1"); !ok || bounds || len(list) != 2 {
		t.Errorf("two versions: %v %v %v", list, bounds, ok)
	}
	for _, in := range []string{"", ",", "1.0, < 2", "everything old", "<", "1 .0", "<script>", strings.Repeat("1", 200)} {
		if list, _, ok := ParseVersions(in); ok {
			t.Errorf("%q is taken as %v", in, list)
		}
	}
}

func FuzzParseVersions(f *testing.F) {
	for _, s := range []string{">= 2.4.0, < 2.4.7", "1.0, 1.1", "before 3", "*", "a to b", "\u0130\u0130 to x", "from 1 to 2"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		list, bounds, ok := ParseVersions(s)
		if !ok || !bounds {
			return
		}
		if out := inVers(list, "generic"); strings.ContainsAny(out, " \n\"\\") {
			t.Errorf("%q gives %q", s, out)
		}
	})
}

func TestAFixedVersionIsNeverAffected(t *testing.T) {
	for affected, want := range map[string]string{
		">= 2.4.0":                "vers:generic/>=2.4.0|<2.4.7",
		"*":                       "vers:generic/<2.4.7",
		">= 1.0, < 1.4, >= 2.4.0": "vers:generic/>=1.0|<1.4|>=2.4.0|<2.4.7",
		"< 2.4.7, >= 2.4.0":       "vers:generic/>=2.4.0|<2.4.7",
		"<= 2.4.6":                "vers:generic/<=2.4.6",
	} {
		if got := (Branch{Status: Fixed, Affected: affected, Fixed: "2.4.7"}).Vers(affected); got != want {
			t.Errorf("%s fixed in 2.4.7 is %s, want %s", affected, got, want)
		}
	}
}
