package productdb_test

import (
	"context"
	"strings"
	"testing"

	"github.com/tocsin-sec/tocsin/internal/base/fault"
	"github.com/tocsin-sec/tocsin/internal/base/span"
	"github.com/tocsin-sec/tocsin/internal/base/unit"
	"github.com/tocsin-sec/tocsin/internal/casework/caseworktest"
	"github.com/tocsin-sec/tocsin/internal/people"
	"github.com/tocsin-sec/tocsin/internal/product"
)

func lanterna(s *caseworktest.Site) product.Product {
	return product.Product{Project: s.Project, Name: "Lanterna", Purl: "pkg:generic/lanterna", Repository: "https://git.lanterna.example/lanterna",
		Branches: []product.Branch{{Name: "main", Maintained: true}, {Name: "9.x", Maintained: true, EOL: span.Date{Year: 2027, Month: 5, Day: 31}}, {Name: "8.x"}},
		Releases: []product.Release{{Version: "9.4.1", Branch: "9.x"}}}
}

func TestProductsBelongToTheTeam(t *testing.T) {
	caseworktest.Each(t, func(t *testing.T, s *caseworktest.Site) {
		id, err := s.Products.Add(t.Context(), s.Member, lanterna(s))
		if err != nil {
			t.Fatal(err)
		}
		if _, err := s.Products.Add(t.Context(), s.Chair, lanterna(s)); !fault.Is(err, fault.Conflict) {
			t.Errorf("the same name twice: %v", err)
		}
		if _, err := s.Products.Add(t.Context(), s.Stranger, lanterna(s)); !fault.Is(err, fault.NotFound) {
			t.Errorf("a stranger adds: %v", err)
		}
		var p product.Product
		s.View(t, func(ctx context.Context, v unit.View) (err error) {
			p, err = s.Products.Get(ctx, v, s.Chair, id)
			if _, err := s.Products.Get(ctx, v, s.Stranger, id); !fault.Is(err, fault.NotFound) {
				t.Errorf("a stranger reads: %v", err)
			}
			for want, who := range []people.Scope{s.Stranger, s.Member} {
				if all, err := s.Products.List(ctx, v, who, s.Project); err != nil || len(all) != want {
					t.Errorf("%d products, %v", len(all), err)
				}
			}
			return err
		})
		if got := p.Maintained(span.Date{Year: 2027, Month: 6, Day: 1}); len(got) != 1 || got[0].Name != "main" {
			t.Errorf("maintained after the end of life: %+v", got)
		}
		p.Name = "Lanterna Server"
		if err := s.Products.Update(t.Context(), s.Chair, p); err != nil {
			t.Fatal(err)
		}
		if err := s.Products.Update(t.Context(), s.Member, p); !fault.Is(err, fault.Conflict) {
			t.Errorf("an older page wins: %v", err)
		}
	})
}

func TestProblemsStandBesideTheirField(t *testing.T) {
	s := caseworktest.SQLite(t)
	for name, c := range map[string]struct {
		change func(*product.Product)
		path   string
	}{
		"no name":                {func(p *product.Product) { p.Name = " " }, "name"},
		"a long name":            {func(p *product.Product) { p.Name = strings.Repeat("a", 500) }, "name"},
		"no purl":                {func(p *product.Product) { p.Purl = "https://x" }, "purl"},
		"a purl with a version":  {func(p *product.Product) { p.Purl = "pkg:generic/x@1" }, "purl"},
		"a script as repository": {func(p *product.Product) { p.Repository = "javascript:alert(1)" }, "repository"},
		"credentials in it":      {func(p *product.Product) { p.Repository = "https://u:p@x.example/" }, "repository"},
		"a branch twice":         {func(p *product.Product) { p.Branches = append(p.Branches, p.Branches[0]) }, "branches"},
		"a release of no branch": {func(p *product.Product) { p.Releases[0].Branch = "7.x" }, "releases"},
		"a version in two lines": {func(p *product.Product) { p.Releases[0].Version = "1\n2" }, "releases"},
		"a thousand branches":    {func(p *product.Product) { p.Branches = make([]product.Branch, 1000) }, "branches"},
	} {
		p := lanterna(s)
		c.change(&p)
		_, err := s.Products.Add(t.Context(), s.Chair, p)
		f, ok := err.(*fault.Error)
		if !ok || f.Kind != fault.Invalid || f.Fields[0].Path != c.path {
			t.Errorf("%s: %v", name, err)
		}
	}
}
