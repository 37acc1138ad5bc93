package language

import (
	"strings"
	"testing"
)

func TestParse(t *testing.T) {
	for _, tc := range []struct {
		tag            string
		valid, private bool
		preferred      string
	}{
		{"en", true, false, ""}, {"EN-us", true, false, ""}, {"de-CH-1996", true, false, ""}, {"zh-Hant-TW", true, false, ""},
		{"zh-cmn-Hans-CN", true, false, ""}, {"zh-yue", true, false, "yue"}, {"de-yue", false, false, ""},
		{"EZ", false, false, ""}, {"zz", false, false, ""}, {"en-EZ", true, false, ""}, {"en-XY", true, true, ""},
		{"en-Abcd", false, false, ""}, {"qtx", true, true, ""}, {"qua", true, false, ""}, {"en-QM", true, true, ""},
		{"en-Qabc", true, true, ""}, {"en-Qaby", false, false, ""}, {"en-AA", true, true, ""}, {"fr-ZZ", true, true, ""},
		{"i-default", true, false, ""}, {"i-mingo", true, false, ""}, {"art-lojban", true, false, "jbo"}, {"x-mine", true, true, ""},
		{"en-x-mine", true, true, ""}, {"en-x", false, false, ""}, {"iw", true, false, "he"}, {"iw-DD", true, false, "he-DE"},
		{"de-1996-1996", false, false, ""}, {"de-u-co-phonebk", true, false, ""}, {"de-u-co-u-co", false, false, ""},
		{"de-u", false, false, ""}, {"de-b-foo", false, false, ""}, {"sr-Latn-RS-ekavsk", true, false, ""}, {"en-001", true, false, ""},
		{"en--US", false, false, ""}, {"", false, false, ""}, {"US", false, false, ""}, {"en-US-US", false, false, ""},
	} {
		got, err := Parse(tc.tag)
		if (err == nil) != tc.valid || got.UsesPrivate() != tc.private || got.Preferred != tc.preferred {
			t.Errorf("%q: %+v, private %v, %v", tc.tag, got, got.UsesPrivate(), err)
		}
	}
}

func TestEveryLineOfATableIsFound(t *testing.T) {
	for _, table := range []string{languageTable, extlangTable, scriptTable, regionTable, variantTable, grandfatheredTable, redundantTable} {
		for line := range strings.Lines(table) {
			name, _, _ := strings.Cut(strings.TrimSuffix(line, "\n"), "\t")
			if _, ok := find(table, name); !ok {
				t.Fatalf("%q is not found", name)
			}
			if _, ok := find(table, name+"0"); ok {
				t.Fatalf("%q is found", name+"0")
			}
		}
	}
}

func FuzzParse(f *testing.F) {
	f.Add("de-CH-1996-u-co-x-y")
	f.Fuzz(func(t *testing.T, tag string) {
		if got, err := Parse(tag); err == nil && got.Preferred != "" {
			if _, err := Parse(got.Preferred); err != nil {
				t.Errorf("%q: preferred %q: %v", tag, got.Preferred, err)
			}
		}
	})
}
