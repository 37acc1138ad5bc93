// Package ofcase reads what an advisory begins with and waits for from the domains before
// it: the case, its products, its report and its embargo. It implements advisory.Cases
// and advisory.Embargoes; the rules are in advisory.
package ofcase

import (
	"context"
	"slices"
	"time"

	"github.com/tocsin-sec/tocsin/internal/advisory"
	"github.com/tocsin-sec/tocsin/internal/advisory/record"
	"github.com/tocsin-sec/tocsin/internal/base/fault"
	"github.com/tocsin-sec/tocsin/internal/base/span"
	"github.com/tocsin-sec/tocsin/internal/base/unit"
	"github.com/tocsin-sec/tocsin/internal/casework"
	"github.com/tocsin-sec/tocsin/internal/desk"
	"github.com/tocsin-sec/tocsin/internal/embargo"
	"github.com/tocsin-sec/tocsin/internal/people"
	"github.com/tocsin-sec/tocsin/internal/product"
	"github.com/tocsin-sec/tocsin/internal/remedy"
)

// CaseReader is the part of *casework.Service that Cases reads.
type CaseReader interface {
	Get(ctx context.Context, v unit.View, sc people.Scope, id casework.CaseID) (casework.Case, people.Role, error)
	Lock(ctx context.Context, tx unit.Tx, sc people.Scope, id casework.CaseID) (casework.Case, people.Role, error)
}

// ProductReader is the part of *product.Service that Cases reads.
type ProductReader interface {
	Get(ctx context.Context, v unit.View, sc people.Scope, id product.ID) (product.Product, error)
}

// EmbargoReader is the part of *embargo.Service that Embargoes reads.
type EmbargoReader interface {
	Of(ctx context.Context, v unit.View, sc people.Scope, id casework.CaseID) (embargo.Embargo, error)
}

// ReportReader is the part of *desk.Service that Cases reads.
type ReportReader interface {
	Get(ctx context.Context, v unit.View, sc people.Scope, id desk.ReportID) (desk.Report, error)
}

// NumberReader is the part of *cve.Service that Cases reads.
type NumberReader interface {
	Standing(ctx context.Context, v unit.View, sc people.Scope, id casework.CaseID) (cve, assignedBy string, err error)
}

// FixReader is the part of *remedy.Service that Cases reads.
type FixReader interface {
	Unsettled(ctx context.Context, v unit.View, sc people.Scope, id casework.CaseID) ([]remedy.Standing, error)
	Commits(ctx context.Context, v unit.View, sc people.Scope, id casework.CaseID) ([]remedy.Commits, error)
}

// Cases reads what an advisory needs from casework, product and desk; it implements
// advisory.Cases.
type Cases struct {
	Cases    CaseReader
	Products ProductReader
	Reports  ReportReader
	Numbers  NumberReader // nil: no number is taken over
	Fixes    FixReader    // nil: nobody looks into repositories
}

// Case implements Cases. The branches that have to be decided about are those of the
// case and every maintained branch of its products (requirement row LV-5).
func (f Cases) Case(ctx context.Context, v unit.View, sc people.Scope, id string) (advisory.CaseView, error) {
	c, _, err := f.Cases.Get(ctx, v, sc, casework.CaseID(id))
	if err != nil {
		return advisory.CaseView{}, err
	}
	out := advisory.CaseView{Project: c.Project, Done: !c.State.Open(), Record: advisory.Record{Title: c.Title, CVSS31: c.Severity.Vector31, CVSS40: c.Severity.Vector40}}
	for _, w := range c.Weaknesses {
		out.Record.CWE = append(out.Record.CWE, record.Weakness{ID: w})
	}
	if out.Record.Credits, err = f.credits(ctx, v, sc, c.Report); err != nil {
		return advisory.CaseView{}, err
	}
	if f.Numbers != nil {
		if out.Record.CVE, out.Record.AssignedBy, err = f.Numbers.Standing(ctx, v, sc, c.ID); err != nil {
			return advisory.CaseView{}, err
		}
	}
	if f.Fixes != nil {
		open, err := f.Fixes.Unsettled(ctx, v, sc, c.ID)
		if err != nil {
			return advisory.CaseView{}, err
		}
		for _, b := range open {
			out.Unsettled = append(out.Unsettled, record.Branch{Product: b.Product, Name: b.Branch}.Label())
		}
	}
	need := func(b record.Branch) {
		if !slices.ContainsFunc(out.Needed, func(o record.Branch) bool { return o.Label() == b.Label() }) {
			out.Needed = append(out.Needed, b)
		}
	}
	seen := map[product.ID]bool{}
	commits, err := f.commits(ctx, v, sc, c.ID)
	if err != nil {
		return advisory.CaseView{}, err
	}
	for _, a := range c.Affected {
		b := fromAffected(a)
		b.Commits = commitsOf(commits, a)
		out.Record.Branches = append(out.Record.Branches, b)
		need(record.Branch{Product: b.Product, Purl: b.Purl, Name: b.Name})
		if a.Product == "" || seen[a.Product] {
			continue
		}
		seen[a.Product] = true
		p, err := f.Products.Get(ctx, v, sc, a.Product)
		if fault.Is(err, fault.NotFound) {
			continue // who is not of the team does not see it; the job that publishes does
		}
		if err != nil {
			return advisory.CaseView{}, err
		}
		for _, m := range p.Maintained(span.DateOf(v.Now(), time.UTC)) {
			need(record.Branch{Product: a.Name, Purl: a.Purl, Name: m.Name})
		}
	}
	return out, nil
}

// commits are those that the repositories show; none without remedy.
func (f Cases) commits(ctx context.Context, v unit.View, sc people.Scope, id casework.CaseID) ([]remedy.Commits, error) {
	if f.Fixes == nil {
		return nil, nil
	}
	return f.Fixes.Commits(ctx, v, sc, id)
}

// commitsOf are the commits of a row, where the repository shows what the row says.
func commitsOf(all []remedy.Commits, a casework.Affected) *record.Commits {
	i := slices.IndexFunc(all, func(c remedy.Commits) bool { return c.Product == a.Product && c.Branch == a.Branch })
	told := a.Status == casework.Fixed || a.Status == casework.IsAffected || a.Status == casework.Waived
	if i < 0 || !told || all[i].Fixed != (a.Status == casework.Fixed) {
		return nil
	}
	out := &record.Commits{Repo: all[i].Repository}
	for _, id := range all[i].Introduced {
		out.Introduced = append(out.Introduced, string(id))
	}
	for _, id := range all[i].By {
		if id == "" {
			id = record.NoCommit
		}
		out.Fixed = append(out.Fixed, string(id))
	}
	if len(out.Introduced) == 0 && len(out.Fixed) == 0 {
		return nil
	}
	return out
}

// Lock implements Cases.
func (f Cases) Lock(ctx context.Context, tx unit.Tx, sc people.Scope, id string) error {
	_, _, err := f.Cases.Lock(ctx, tx, sc, casework.CaseID(id))
	return err
}

// credits is whom the reporter wants to be thanked, as the form asked; nobody for a
// scope that does not see the report.
func (f Cases) credits(ctx context.Context, v unit.View, sc people.Scope, id desk.ReportID) ([]record.Credit, error) {
	if id == "" || f.Reports == nil {
		return nil, nil
	}
	r, err := f.Reports.Get(ctx, v, sc, id)
	if fault.Is(err, fault.NotFound) || err == nil && r.Claims.Credit == "" {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	return []record.Credit{{Name: r.Claims.Credit}}, nil
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

// Embargoes reads the end of an embargo; it implements advisory.Embargoes.
type Embargoes struct{ Embargoes EmbargoReader }

// Until implements Embargoes. A case that never had an embargo is public.
func (f Embargoes) Until(ctx context.Context, v unit.View, sc people.Scope, caseID string) (time.Time, bool, error) {
	e, err := f.Embargoes.Of(ctx, v, sc, casework.CaseID(caseID))
	if err != nil {
		return time.Time{}, false, err
	}
	return e.Until, e.State != embargo.Running, nil
}
