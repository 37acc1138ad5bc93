package purl

import (
	"errors"
	"strings"
	"testing"
)

func TestParse(t *testing.T) {
	for name, c := range map[string]struct {
		in, want string
		err      error
	}{
		"a distribution package":  {"pkg:deb/debian/curl@7.50.3-1?arch=i386&distro=jessie", "pkg:deb/debian/curl@7.50.3-1?arch=i386&distro=jessie", nil},
		"a name without version":  {"pkg:generic/lanterna", "pkg:generic/lanterna", nil},
		"case is normalised":      {"pkg:GitHub/Lanterna/Core@1.2", "pkg:github/lanterna/core@1.2", nil},
		"a web address":           {"https://example.org/lanterna", "", ErrScheme},
		"no name":                 {"pkg:deb/", "", ErrForm},
		"no type":                 {"pkg:lanterna", "", ErrForm},
		"empty":                   {"", "", ErrScheme},
		"a line break":            {"pkg:generic/a\nb", "", ErrForm},
		"markup":                  {"pkg:generic/<script>", "", ErrForm},
		"a bad escape":            {"pkg:generic/a%zz", "", ErrForm},
		"an upper-case qualifier": {"pkg:generic/a?AR CH=x", "", ErrForm},
		"ten kilobytes":           {"pkg:generic/" + strings.Repeat("a", 10000), "", ErrTooLong},
		"invalid UTF-8":           {"pkg:generic/\xff", "", ErrForm},
	} {
		t.Run(name, func(t *testing.T) {
			p, err := Parse(c.in)
			if !errors.Is(err, c.err) || p.String() != c.want {
				t.Errorf("got %q, %v", p, err)
			}
		})
	}
	p, err := Parse("pkg:generic/lanterna@1.0")
	if err != nil || p.Versioned("2.0") != "pkg:generic/lanterna@2.0" {
		t.Errorf("got %q, %v", p.Versioned("2.0"), err)
	}
}

func FuzzParse(f *testing.F) {
	for _, s := range []string{"pkg:deb/debian/curl@7.50.3-1?arch=i386", "pkg:golang/a/b%2fc@v1#sub/dir", "pkg:///", "pkg:a/b?c=d&c=e", "pkg:npm/%40angular/animation@12.3.1"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		p, err := Parse(s)
		if err != nil {
			return
		}
		if again, err := Parse(p.String()); err != nil || again.String() != p.String() {
			t.Fatalf("%q became %q, then %q, %v", s, p, again, err)
		}
	})
}
