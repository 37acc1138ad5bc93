package remedy

import (
	"context"
	"strings"

	"github.com/tocsin-sec/tocsin/internal/base/fault"
	"github.com/tocsin-sec/tocsin/internal/base/unit"
	"github.com/tocsin-sec/tocsin/internal/casework"
	"github.com/tocsin-sec/tocsin/internal/people"
	"github.com/tocsin-sec/tocsin/internal/product"
	"github.com/tocsin-sec/tocsin/kit/branchfix"
)

// Commits are those of a branch that an advisory may name: what brought the flaws of the
// case, and for each of its fixes the branch's own commit that completes it.
type Commits struct {
	Product    product.ID
	Branch     string
	Repository string // its public address
	Fixed      bool   // the branch has every fix; else it has none of them whole
	Introduced []branchfix.ID
	By         []branchfix.ID // empty where the branch never had the flaw; none unless Fixed
}

// Commits lists them for the branches that are fixed, or affected, beyond doubt, in
// repositories whose address the public can open. Commits that were named by the beginning
// of their names are not told: nobody has said which they are.
func (s *Service) Commits(ctx context.Context, v unit.View, sc people.Scope, id casework.CaseID) ([]Commits, error) {
	all, err := s.Store.OfCase(ctx, v, sc, id)
	if err != nil {
		return nil, err
	}
	var out []Commits
	for _, w := range all {
		p, err := s.Products.Get(ctx, v, sc, w.Product)
		if fault.Is(err, fault.NotFound) || err == nil && !public(p.Repository) {
			continue
		}
		if err != nil {
			return nil, err
		}
		brought := w.brought()
		for _, b := range w.Found.Branches {
			if b.Asks() || b.Absent {
				continue
			}
			c := Commits{Product: w.Product, Branch: b.Name, Repository: p.Repository, Introduced: brought}
			switch b.State {
			case branchfix.Fixed, branchfix.Released:
				c.Fixed, c.By = true, by(b)
			case branchfix.Affected, branchfix.Applies, branchfix.Conflicts, branchfix.WontFix:
			default:
				continue
			}
			out = append(out, c)
		}
	}
	return out, nil
}

func public(url string) bool {
	return strings.HasPrefix(url, "https://") || strings.HasPrefix(url, "http://")
}

// by is the commit of each fix on a branch that has all of them. Where only its code shows
// it, or a person says so, its head is a commit that surely has the fix.
func by(b Branch) []branchfix.ID {
	var out []branchfix.ID
	for _, f := range b.Fixes {
		switch {
		case f.State == branchfix.NotAffected:
			out = append(out, "")
		case len(f.By) > 0:
			out = append(out, f.By[len(f.By)-1])
		default:
			out = append(out, b.Head)
		}
	}
	return out
}

// brought are the commits that brought the flaws, under whole names.
func (w Work) brought() []branchfix.ID {
	var out []branchfix.ID
	for _, series := range w.Introduced {
		for id := range strings.SplitSeq(series, ",") {
			if len(id) == 40 || len(id) == 64 {
				out = append(out, branchfix.ID(id))
			}
		}
	}
	return out
}
