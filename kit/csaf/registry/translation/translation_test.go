package translation

import "testing"

func TestTermsOfLanguages(t *testing.T) {
	for _, c := range []struct {
		lang, want string
		ok         bool
	}{
		{"", "License", true}, {"en", "License", true}, {"EN-us", "License", true}, {"de", "Lizenz", true}, {"De-CH", "Lizenz", true},
		{"den", "", false}, {"eng", "", false}, {"fr", "", false},
	} {
		if got, ok := Of(c.lang, License); got != c.want || ok != c.ok {
			t.Errorf("%q: %q, %v", c.lang, got, ok)
		}
	}
	for term := License; term < terms; term++ {
		if s, ok := Of("de", term); !ok || s == "" || term.English() == "" {
			t.Errorf("term %d has no German: %q", term, s)
		}
	}
}
