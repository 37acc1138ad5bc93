package cwe_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/tocsin-sec/tocsin/kit/cwe"
)

func TestFindKnowsEveryWeaknessAndNothingElse(t *testing.T) {
	n := 0
	for id := 0; id < 3000; id++ {
		w, ok := cwe.Find(fmt.Sprintf("CWE-%d", id))
		if !ok {
			continue
		}
		n++
		if w.ID != id || w.Name == "" || w.Status == "" || w.Usage == "" {
			t.Errorf("CWE-%d: %+v", id, w)
		}
	}
	if n < 960 || n > 1000 {
		t.Errorf("%d weaknesses in %s", n, cwe.Newest())
	}
	for _, id := range []string{"", "79", "CWE-", "CWE-079", "CWE-0", "CWE--79", "cwe-79", "CWE-79 ", "CWE-99999", "CWE-264", "CWE-1000"} {
		if w, ok := cwe.Find(id); ok {
			t.Errorf("%q is %+v", id, w)
		}
	}
}

func TestVersionsDiffer(t *testing.T) {
	for _, c := range []struct {
		version, id, name string
		status            cwe.Status
		usage             cwe.Usage
	}{
		{"1.0", "CWE-79", "Failure to Sanitize Directives in a Web Page (aka 'Cross-site scripting' (XSS))", "Draft", ""},
		{"4.17", "CWE-79", "Improper Neutralization of Input During Web Page Generation ('Cross-site Scripting')", "Stable", cwe.Allowed},
		{"4.17", "CWE-20", "Improper Input Validation", "Stable", cwe.Discouraged},
		{"4.17", "CWE-132", "DEPRECATED: Miscalculated Null Termination", cwe.Deprecated, cwe.Prohibited},
		{"4.17", "CWE-5", "J2EE Misconfiguration: Data Transmission Without Encryption", "Draft", cwe.Allowed},
	} {
		w, ok := cwe.FindIn(c.version, c.id)
		if !ok || w.Name != c.name || w.Status != c.status || w.Usage != c.usage {
			t.Errorf("%s of %s: got %+v, %v", c.id, c.version, w, ok)
		}
	}
	if _, ok := cwe.FindIn("1.0", "CWE-1321"); ok {
		t.Error("a weakness is older than it is")
	}
	if _, ok := cwe.FindIn("5.0", "CWE-79"); ok {
		t.Error("a version that there is not")
	}
	if !cwe.Named("CWE-79", "Failure to Preserve Web Page Structure ('Cross-site Scripting')") || cwe.Named("CWE-79", "XSS") {
		t.Error("names of earlier versions are not told from others")
	}
}

func TestReleasesAreInOrder(t *testing.T) {
	all := cwe.Releases()
	if len(all) < 53 || all[0].Version != "1.0" || cwe.Newest() != "4.17" {
		t.Errorf("%d releases, the newest %s", len(all), cwe.Newest())
	}
	for i, r := range all[1:] {
		if r.Date.Before(all[i].Date) {
			t.Errorf("%s is older than %s", r.Version, all[i].Version)
		}
	}
}

func ExampleFind() {
	w, ok := cwe.Find("CWE-787")
	fmt.Println(w, w.Name, w.Usage, ok)
	// Output: CWE-787 Out-of-bounds Write Allowed true
}

func BenchmarkFind(b *testing.B) {
	for b.Loop() {
		cwe.Find("CWE-787")
	}
}

func TestTheNewestVersionOfADay(t *testing.T) {
	for day, want := range map[string]string{"2024-01-21": "4.13", "2008-09-08": "", "2008-09-09": "1.0", "9999-12-31": cwe.Newest()} {
		d, err := time.Parse(time.DateOnly, day)
		if err != nil {
			t.Fatal(err)
		}
		if got := cwe.NewestOn(d); got != want {
			t.Errorf("on %s it was %q, not %q", day, got, want)
		}
	}
}
