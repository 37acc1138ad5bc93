package advisory

import (
	"context"
	"slices"
	"time"

	"github.com/tocsin-sec/tocsin/internal/advisory/record"
	"github.com/tocsin-sec/tocsin/internal/base/fault"
	"github.com/tocsin-sec/tocsin/internal/base/span"
	"github.com/tocsin-sec/tocsin/internal/base/unit"
	"github.com/tocsin-sec/tocsin/internal/casework"
	"github.com/tocsin-sec/tocsin/internal/embargo"
	"github.com/tocsin-sec/tocsin/internal/people"
	"github.com/tocsin-sec/tocsin/internal/product"
)

// CaseReader is the part of *casework.Service that FromCase reads.
type CaseReader interface {
	Get(ctx context.Context, v unit.View, sc people.Scope, id casework.CaseID) (casework.Case, people.Role, error)
}

// ProductReader is the part of *product.Service that FromCase reads.
type ProductReader interface {
	Get(ctx context.Context, v unit.View, sc people.Scope, id product.ID) (product.Product, error)
}

// EmbargoReader is the part of *embargo.Service that FromEmbargo reads.
type EmbargoReader interface {
	Of(ctx context.Context, v unit.View, sc people.Scope, id casework.CaseID) (embargo.Embargo, error)
}

// FromCase reads what an advisory needs from casework and product; it is Cases.
type FromCase struct {
	Cases    CaseReader
	Products ProductReader
}

// Case implements Cases. The branches that have to be decided about are those of the
// case and every maintained branch of its products (requirement row LV-5).
func (f FromCase) Case(ctx context.Context, v unit.View, sc people.Scope, id string) (CaseView, error) {
	c, _, err := f.Cases.Get(ctx, v, sc, casework.CaseID(id))
	if err != nil {
		return CaseView{}, err
	}
	out := CaseView{Project: c.Project, Record: Record{Title: c.Title, CVSS31: c.Severity.Vector31, CVSS40: c.Severity.Vector40}}
	for _, w := range c.Weaknesses {
		out.Record.CWE = append(out.Record.CWE, record.Weakness{ID: w})
	}
	need := func(name string) {
		if !slices.Contains(out.Needed, name) {
			out.Needed = append(out.Needed, name)
		}
	}
	seen := map[product.ID]bool{}
	for _, a := range c.Affected {
		b := fromAffected(a)
		out.Record.Branches = append(out.Record.Branches, b)
		need(b.Label())
		if a.Product == "" || seen[a.Product] {
			continue
		}
		seen[a.Product] = true
		p, err := f.Products.Get(ctx, v, sc, a.Product)
		if fault.Is(err, fault.NotFound) {
			continue // who is not of the team does not see it; the job that publishes does
		}
		if err != nil {
			return CaseView{}, err
		}
		for _, m := range p.Maintained(span.DateOf(v.Now(), time.UTC)) {
			need(record.Branch{Product: a.Name, Name: m.Name}.Label())
		}
	}
	return out, nil
}

// fromAffected begins a branch of the record with what the case says of it.
func fromAffected(a casework.Affected) record.Branch {
	b := record.Branch{Product: a.Name, Purl: a.Purl, Name: a.Branch, Affected: a.Versions, Status: record.Investigating}
	switch a.Status {
	case casework.IsAffected:
		b.Status = record.Affected
	case casework.Fixed:
		b.Status, b.Fixed = record.Fixed, a.Fix
	case casework.NotAffected:
		b.Status = record.NotAffected
	case casework.Waived:
		b.Status, b.Waiver, b.WaivedBy = record.Affected, a.Reason, string(a.WaivedBy)
	case casework.Unknown:
	}
	return b
}

// FromEmbargo reads the end of an embargo; it is Embargoes.
type FromEmbargo struct{ Embargoes EmbargoReader }

// Until implements Embargoes. A case that never had an embargo is public.
func (f FromEmbargo) Until(ctx context.Context, v unit.View, sc people.Scope, caseID string) (time.Time, bool, error) {
	e, err := f.Embargoes.Of(ctx, v, sc, casework.CaseID(caseID))
	if err != nil {
		return time.Time{}, false, err
	}
	return e.Until, e.State != embargo.Running, nil
}
