package people

import (
	"strings"
	"testing"
	"time"

	"github.com/tocsin-sec/tocsin/internal/base/fault"
)

func TestAddresses(t *testing.T) {
	for in, want := range map[string]string{
		" Ann@Example.ORG ":                      "ann@example.org",
		"a.b+c@d.example":                        "a.b+c@d.example",
		"":                                       "",
		"ann":                                    "",
		"ann@":                                   "",
		"@example.org":                           "",
		"a@b@c.example":                          "",
		"ann@exa mple.org":                       "",
		"ann@example.org\r\nX: ":                 "",
		"\"ann\"@example.org":                    "",
		"ann@[192.0.2.1]":                        "",
		"änn@example.org":                        "",
		"ann..b@example.org":                     "",
		".ann@example.org":                       "",
		"ann@.example.org":                       "",
		"Ann <ann@example.org>":                  "",
		strings.Repeat("a", 65) + "@example.org": "",
		"a@" + strings.Repeat("b", 260):          "",
	} {
		got, err := Address(in)
		if got != want || (err == nil) != (want != "") {
			t.Errorf("Address(%q) is %q, %v; want %q", in, got, err, want)
		}
	}
}

func FuzzAddress(f *testing.F) {
	for _, s := range []string{"ann@example.org", "a+b@c.d", "\"x\"@y", "a@b\n", "ÿ@x"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		a, err := Address(s)
		if err != nil {
			return
		}
		if strings.ContainsAny(a, "\r\n\x00 <>,;\"") || len(a) > maxEmail || strings.Count(a, "@") != 1 {
			t.Errorf("%q became %q", s, a)
		}
		if b, err := Address(a); err != nil || b != a {
			t.Errorf("%q is not stable: %q, %v", a, b, err)
		}
		if w := WithoutTag(a); strings.Contains(strings.Split(w, "@")[0], "+") {
			t.Errorf("a tag remains in %q", w)
		}
	})
}

func TestNobodyGivesMoreThanHeHas(t *testing.T) {
	all := append(caseRoles(), projectRoles()...)
	for _, h := range all {
		for _, r := range all {
			for _, self := range []bool{true, false} {
				if !mayGive([]Role{h}, r, self) {
					continue
				}
				switch {
				case h.OnCase() != r.OnCase():
					t.Errorf("%s gives %s, which is of the other kind", h, r)
				case h == Reporter || h == Observer || h == Moderator:
					t.Errorf("%s gives %s", h, r)
				case r == Lead && h != Lead || (r == Chair || r == Deputy) && h != Chair:
					t.Errorf("%s gives %s", h, r)
				case h == TeamMember && !self:
					t.Errorf("a member gives another %s", r)
				}
			}
		}
	}
	if highest([]Role{Moderator, Deputy}) != Deputy || highest(nil) != "" {
		t.Error("the highest role comes first")
	}
}

func TestEmbargoLimits(t *testing.T) {
	at := func(s string) time.Time {
		x, err := time.Parse(time.RFC3339, s)
		if err != nil {
			t.Fatal(err)
		}
		return x
	}
	for _, c := range []struct {
		fact, from, want string
		policy           Policy
	}{
		{"a calendar month", "2026-03-02T09:00:00Z", "2026-04-02T09:00:00Z", Policy{}},
		{"the last day where there is no such day", "2027-01-31T09:00:00Z", "2027-02-28T09:00:00Z", Policy{}},
		{"the leap day", "2028-01-31T09:00:00Z", "2028-02-29T09:00:00Z", Policy{}},
		{"days keep the hour on the wall over the change of clocks", "2026-03-28T08:00:00Z", "2026-03-30T07:00:00Z", Policy{EmbargoMost: 2, Zone: "Europe/Berlin"}},
	} {
		if got := c.policy.Latest(at(c.from)); !got.Equal(at(c.want)) {
			t.Errorf("%s: %s, want %s", c.fact, got, c.want)
		}
	}
}

func TestProjectSettings(t *testing.T) {
	good := Project{Slug: "lanterna", Name: "Lanterna", Series: "LAN-SA", Addresses: []string{"Security@Lanterna.example"}, Policy: DefaultPolicy(), Publisher: Publisher{Category: "vendor"}}
	if p := good; p.tidy() != nil || p.Addresses[0] != "security@lanterna.example" {
		t.Errorf("good settings: %v", p.tidy())
	}
	for path, f := range map[string]func(*Project){
		"slug":         func(p *Project) { p.Slug = "Lanterna" },
		"name":         func(p *Project) { p.Name = "a\nb" },
		"series":       func(p *Project) { p.Series = "lan/../x" },
		"addresses":    func(p *Project) { p.Addresses = []string{"security+x@lanterna.example"} },
		"embargo_aim":  func(p *Project) { p.Policy.EmbargoAim = 0 },
		"embargo_most": func(p *Project) { p.Policy.EmbargoMost = 3 },
		"assess":       func(p *Project) { p.Policy.Assess = 1 },
		"zone":         func(p *Project) { p.Policy.Zone = "Local" },
		"holidays":     func(p *Project) { p.Policy.Holidays = []string{"2026-02-30"} },
		"dev":          func(p *Project) { p.Lists.Dev = "list" },
		"website":      func(p *Project) { p.Public.Website = "javascript:alert(1)" },
		"category":     func(p *Project) { p.Publisher.Category = "boss" },
		"policy":       func(p *Project) { p.Public.Policy = strings.Repeat("x", maxText+1) },
	} {
		p := good
		f(&p)
		err := p.tidy()
		if e, ok := err.(*fault.Error); !ok || len(e.Fields) != 1 || e.Fields[0].Path != path {
			t.Errorf("a wrong %s: %v", path, err)
		}
	}
}

func TestKeyWarnings(t *testing.T) {
	end := time.Date(2026, 6, 30, 0, 0, 0, 0, time.UTC)
	before := func(days int) time.Time { return end.AddDate(0, 0, -days) }
	for _, c := range []struct {
		fact        string
		now, warned time.Time
		want        bool
	}{
		{"31 days are early", before(31), time.Time{}, false},
		{"30 days", before(30), time.Time{}, true},
		{"once in the last month", before(20), before(29), false},
		{"again in the last week", before(7), before(29), true},
		{"once in the last week", before(3), before(6), false},
		{"a key added late", before(2), time.Time{}, true},
		{"over", end, time.Time{}, false},
		{"the holder extended it after a warning long ago", before(30), before(400), true},
	} {
		if got := warnDue(Key{KeyInfo: KeyInfo{Expires: end}, Warned: c.warned}, c.now, warnFirst, warnLast); got != c.want {
			t.Errorf("%s: %v", c.fact, got)
		}
	}
}
