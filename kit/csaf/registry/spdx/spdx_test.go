package spdx

import (
	"errors"
	"testing"
)

func TestExpressions(t *testing.T) {
	for s, want := range map[string]bool{
		"MIT":            true,
		"MIT OR any-OSI": true,
		"mit and (GPL-2.0-or-later with Classpath-exception-2.0 or CC-BY-4.0)": true,
		"GPL-2.0+":                             true,
		"LicenseRef-www.example.org-A-1.0":     true,
		"MIT WITH AdditionRef-example.org-x":   true,
		"((MIT))":                              true,
		"":                                     false,
		" ":                                    false,
		"MIT And Apache-2.0":                   false,
		"MIT Apache-2.0":                       false,
		"MIT OR":                               false,
		"OR MIT":                               false,
		"(MIT":                                 false,
		"MIT)":                                 false,
		"MIT WITH":                             false,
		"MIT +":                                false,
		"MIT++":                                false,
		"+":                                    false,
		"MIT WITH LicenseRef-x":                false,
		"AdditionRef-x":                        false,
		"LicenseRef-":                          false,
		"LicenseRef-x+":                        false,
		"LicenseRef-x_y":                       false,
		"licenseref-x":                         false,
		"DocumentRef-d:LicenseRef-x":           false,
		"MIT WITH DocumentRef-d:AdditionRef-x": false,
		"MIT\tOR Apache-2.0":                   false,
	} {
		if err := Parse(s, nil); (err == nil) != want || err != nil && !errors.Is(err, ErrExpression) {
			t.Errorf("%q: %v", s, err)
		}
	}
}

func TestIdentifiers(t *testing.T) {
	for id, want := range map[string]State{"MIT": Listed, "mit": Listed, "0BSD": Listed, "GPL-2.0": Deprecated, "GPL": Unlisted, "": Unlisted, "\n": Unlisted, "ZPL-2.1": Listed} {
		if got := License(id); got != want {
			t.Errorf("%q: %d, want %d", id, got, want)
		}
	}
	if Exception("Classpath-exception-2.0") != Listed || Exception("MIT") != Unlisted {
		t.Error("exceptions are not those of the list")
	}
}

func FuzzParse(f *testing.F) {
	f.Add("MIT OR (Apache-2.0 WITH x)")
	f.Fuzz(func(t *testing.T, s string) {
		_ = Parse(s, func(_ Kind, id string) {
			if id == "" || len(id) > len(s) {
				t.Errorf("%q has the part %q", s, id)
			}
		})
	})
}
