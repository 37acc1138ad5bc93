package spell_test

import (
	"fmt"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/tocsin-sec/tocsin/kit/csaf/spell"
)

func ExampleChecker() {
	c := spell.Checker{Known: spell.English("en-GB"), Names: func(w string) bool { return w == "lanternd" }}
	fmt.Println(c.Mistakes("Secruity researchers found an undisclused flaw in lanternd 2.4.6 (CVE-2024-0001).", false))
	// Output: [Secruity undisclused]
}

func TestMistakes(t *testing.T) {
	c := spell.Checker{Known: spell.English("en"), Names: func(w string) bool { return w == "lanternd" }}
	for _, tc := range []struct {
		fact, text string
		name       bool
		want       string
	}{
		{"both spellings are right", "The colour of the catalogue, the color of the catalog.", false, ""},
		{"a small word that is unknown is wrong", "A vulnerapility exists.", false, "vulnerapility"},
		{"letters swapped behind a capital", "Secruity researchers", false, "Secruity"},
		{"names are in no dictionary", "Advantech and Yokogawa have released patches.", false, ""},
		{"names of the document are right", "All versions of lanternd are affected.", false, ""},
		{"possessives and hyphens", "The vendor\u2019s out-of-band updates, the vendors' well-known users", false, ""},
		{"what is no prose is left out", "Run /usr/bin/foo --xyzzy=1, see https://exmaple.com/abcd or a1b2c3d4, CVE-2024-0001, 2.4.6rc1, foo_bar, x@exmaple.org, PLCs, iOS", false, ""},
		{"a name with a slip", "Example Company Pruduct A 17.4", true, "Pruduct"},
		{"a name without", "Siemens SIMATIC WinCC lanternd Moxa", true, ""},
		{"other scripts are names of nothing we know", "\u4e16\u754c", false, "\u4e16\u754c"},
		{"a compound is checked by its parts", "a well-definned buffer", false, "definned"},
	} {
		if got := strings.Join(c.Mistakes(tc.text, tc.name), " "); got != tc.want {
			t.Errorf("%s: %q, want %q", tc.fact, got, tc.want)
		}
	}
}

func TestEnglishKnowsEnglishAlone(t *testing.T) {
	for lang, want := range map[string]bool{"en": true, "EN-us": true, "en-GB": true, "de": false, "enm": false, "": false, "i-default": false} {
		if got := spell.English(lang) != nil; got != want {
			t.Errorf("%q: %v", lang, got)
		}
	}
}

// folder is a small dictionary: one rule of each kind.
func folder() fstest.MapFS {
	return fstest.MapFS{
		"en_US.aff": {Data: []byte("SET UTF-8\nFORBIDDENWORD !\nPFX U Y 1\nPFX U 0 un .\nSFX S Y 3\nSFX S y ies [^aeiou]y\nSFX S 0 s [aeiou]y\nSFX S 0 s [^sxzhy]\nSFX D Y 1\nSFX D 0 ed [^ey]\n")},
		"en_US.dic": {Data: []byte("5\nlock/USD\nvulnerability/S\nkey/S\nWord\nwrongly/!\n")},
		"de.aff":    {Data: []byte("SET ISO8859-1\n")},
		"de.dic":    {Data: []byte("1\nSchwachstelle\nM\xfcll\n")},
		"xx.aff":    {Data: []byte("SET KOI8-R\n")},
		"xx.dic":    {Data: []byte("0\n")},
	}
}

func TestHunspell(t *testing.T) {
	h, err := spell.Folder(folder())
	if err != nil {
		t.Fatal(err)
	}
	for lang, words := range map[string]map[string]bool{
		"en": {"lock": true, "locks": true, "unlock": true, "unlocked": true, "Unlocks": true, "locky": false, "vulnerabilities": true,
			"vulnerabilitys": false, "keys": true, "keies": false, "Word": true, "word": false, "wrongly": false, "unkey": false},
		"de-CH": {"Schwachstelle": true, "Müll": true, "Mull": false},
	} {
		known, err := h.Read(lang)
		if err != nil || known == nil {
			t.Fatal(lang, err)
		}
		for word, want := range words {
			if known(word) != want {
				t.Errorf("%s: %q is %v", lang, word, !want)
			}
		}
	}
	if known, err := h.Read("fr"); known != nil || err != nil {
		t.Error("a language without a dictionary is known", err)
	}
	if _, err := h.Read("xx"); err == nil {
		t.Error("a character set that is not supported is taken")
	}
	if h.Speller("xx") != nil || h.Speller("fr") != nil || h.Speller("de") == nil || !h.Speller("de")("Müll") {
		t.Error("Speller knows other languages than Read")
	}
	if _, err := spell.Folder(fstest.MapFS{}); err == nil {
		t.Error("an empty folder has dictionaries")
	}
}

func FuzzHunspell(f *testing.F) {
	files := folder()
	f.Add(files["en_US.aff"].Data, files["en_US.dic"].Data, "unlocked")
	f.Fuzz(func(t *testing.T, aff, dic []byte, word string) {
		h, err := spell.Folder(fstest.MapFS{"en.aff": {Data: aff}, "en.dic": {Data: dic}})
		if err != nil {
			t.Fatal(err)
		}
		if known, err := h.Read("en"); err == nil {
			known(word)
		}
	})
}

func FuzzMistakes(f *testing.F) {
	c := spell.Checker{Known: spell.English("en")}
	f.Add("Secruity re\u2019s- \xff X\u00fc")
	f.Fuzz(func(t *testing.T, text string) {
		for _, word := range c.Mistakes(text, false) {
			if !strings.Contains(text, word) {
				t.Errorf("%q is not in %q", word, text)
			}
		}
	})
}
