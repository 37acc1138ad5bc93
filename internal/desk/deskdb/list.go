package deskdb

import (
	"context"
	"fmt"
	"strings"

	"github.com/tocsin-sec/tocsin/internal/base/fault"
	"github.com/tocsin-sec/tocsin/internal/base/unit"
	"github.com/tocsin-sec/tocsin/internal/desk"
	"github.com/tocsin-sec/tocsin/internal/people"
	"github.com/tocsin-sec/tocsin/internal/people/peopledb"
	"github.com/tocsin-sec/tocsin/internal/platform/sqldb"
)

// List implements desk.ReportStore. The page's ids are found first; only its reports are
// read and opened, so that a flood of held mail makes no page slow.
func (s *Store) List(ctx context.Context, v unit.View, sc people.Scope, q desk.Query) ([]desk.Report, error) {
	if len(q.States) == 0 {
		q.States = []desk.State{desk.Held}
	}
	if q.Limit <= 0 {
		q.Limit = 100
	}
	q.Limit = min(q.Limit, 500)
	p, err := s.below(ctx, v, sc, q)
	if err != nil {
		return nil, err
	}
	little, err := holdsLittle(ctx, v, sc)
	if err != nil {
		return nil, fmt.Errorf("list reports: %w", err)
	}
	ids, args := p.walk(sc)
	if little {
		ids, args = p.held(sc)
	}
	rows, err := sqldb.All(ctx, v, scanReport, `select `+reportColumns+` from (select u.id from (`+ids+`) u order by `+p.order("u")+sqldb.Limit(q.Limit)+`) p
		cross join desk_report r where r.id = p.id order by `+p.order("r"), args...)
	if err != nil {
		return nil, fmt.Errorf("list reports: %w", err)
	}
	out := make([]desk.Report, len(rows))
	for i, r := range rows {
		if out[i], err = s.open(ctx, v, r); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// holdsLittle reports whether the scope's person sees reports by few grants alone. Who
// moderates sees all that is held in a project: he walks the list's order.
func holdsLittle(ctx context.Context, v unit.View, sc people.Scope) (bool, error) {
	if _, ok := sc.Person(); !ok {
		return false, nil
	}
	little, err := peopledb.HoldsLittle(ctx, v, sc)
	if err != nil || !little {
		return false, err
	}
	duty, err := peopledb.Holds(ctx, v, sc, people.Moderator)
	return !duty, err
}

// part is the part of the list that a query asks for.
type part struct {
	desk.Query
	newest bool // first
	where  string
	args   []any
}

// below reads the query's cursor: one that the scope does not see is the beginning.
func (s *Store) below(ctx context.Context, v unit.View, sc people.Scope, q desk.Query) (part, error) {
	p := part{Query: q, newest: q.States[0] != desk.Held}
	if q.Project != "" {
		p.where, p.args = " and r.project_id = ?", []any{q.Project}
	}
	if q.After == "" {
		return p, nil
	}
	at, err := s.Get(ctx, v, sc, q.After)
	if fault.Is(err, fault.NotFound) {
		return p, nil
	}
	than := ">"
	if p.newest {
		than = "<"
	}
	p.where += " and (r.received_at, r.id) " + than + " (?, ?)"
	p.args = append(p.args, at.ReceivedAt, at.ID)
	return p, err
}

func (p part) order(table string) string {
	if p.newest {
		return table + ".received_at desc, " + table + ".id desc"
	}
	return table + ".received_at, " + table + ".id"
}

// walk takes each state's ids in order from its index, until there are enough.
func (p part) walk(sc people.Scope) (string, []any) {
	sees, sa := seesReport(sc)
	var each []string
	var args []any
	for _, st := range p.States {
		each = append(each, `select * from (select r.id, r.received_at from desk_report r where r.state = ? and `+sees+p.where+` order by `+p.order("r")+sqldb.Limit(p.Limit)+`) x`)
		args = append(append(append(args, st.String()), sa...), p.args...)
	}
	return strings.Join(each, " union all "), args
}

// held begins with the person's grants: on reports, and on the cases that they became. It
// is true for what seesReport is, for who does not moderate.
func (p part) held(sc people.Scope) (string, []any) {
	mine, ma := peopledb.Held(sc, people.Lead, people.Member)
	states := "r.state in (" + sqldb.Marks(len(p.States)) + ")"
	var args []any
	arm := func(on string) string {
		args = append(args, ma...)
		for _, st := range p.States {
			args = append(args, st.String())
		}
		args = append(args, p.args...)
		return `select r.id, r.received_at from (` + mine + `) h cross join desk_report r where ` + on + ` and ` + states + p.where
	}
	return arm("r.id = h.object") + " union " + arm("r.case_id = h.object and r.case_id <> '' and r.state = 'released'"), args
}
