package caseworkdb

import (
	"context"
	"fmt"

	"github.com/tocsin-sec/tocsin/internal/base/unit"
	"github.com/tocsin-sec/tocsin/internal/casework"
	"github.com/tocsin-sec/tocsin/internal/people"
	"github.com/tocsin-sec/tocsin/internal/people/peopledb"
	"github.com/tocsin-sec/tocsin/internal/platform/sqldb"
)

// news is the rest of a query on the items of a case c that the actor has not seen, of
// those that the scope sees: what is hidden moves no number.
func news(sc people.Scope) (string, []any) {
	mine, args := seesItem(sc)
	return `from casework_item i where i.case_id = c.id and i.number >
		coalesce((select s.through from casework_seen s where s.case_id = c.id and s.actor = ?), 0) and ` + mine + ")",
		append([]any{sc.Actor()}, args...)
}

// waits is the rest of a query on the mails that wait at a case c, for its team.
func waits(sc people.Scope) (string, []any) {
	mine, args := team(sc)
	return `from casework_item i where i.case_id = c.id and i.hold = 2 and ` + mine + ")", args
}

// highest is the scope's best role on a case c; a number for sorting.
func highest(sc people.Scope) (string, []any) {
	out, args := "case", []any{}
	for _, r := range []people.Role{people.Lead, people.Member, people.Reporter} {
		ok, a := peopledb.Sees(sc, "c.id", r)
		out += " when " + ok + " then '" + string(r) + "'"
		args = append(args, a...)
	}
	return out + " else '" + string(people.Observer) + "' end", args
}

// order is the end of the statement for each order. Each has the id last, so that
// pages never overlap, and none sorts by what the viewer may not see.
func order(o casework.Order) string {
	switch o {
	case casework.ByOpened:
		return "c.opened_at desc, c.id desc"
	case casework.ByEmbargo:
		return "c.embargo_running desc, c.embargo_until, c.id"
	case casework.BySeverity:
		return "c.score desc, c.id"
	case casework.ByDue:
		return "case when c.assessed_at = 0 and c.due_assess > 0 then 0 else 1 end, c.due_assess, c.id"
	default: // casework.ByChange
		return "c.changed_at desc, c.id desc"
	}
}

type sealedRow struct {
	casework.Row
	title []byte
}

// List implements casework.ListStore. The page's ids are found first, by grants or by
// the order's index; rows, counts and titles are read for them alone.
func (s *Store) List(ctx context.Context, v unit.View, sc people.Scope, q casework.Query) (casework.Page, error) {
	news, na := news(sc)
	held, ha := waits(sc)
	role, ra := highest(sc)
	where, wa, err := filter(ctx, v, sc, q)
	if err != nil {
		return casework.Page{}, err
	}
	text := `select c.id, c.project_id, c.state, c.rating, c.score, c.embargo_until, c.embargo_running, c.is_public, c.is_exploited,
		c.is_attacked, c.opened_at, c.changed_at, c.due_assess, c.assessed_at, c.title, (select count(*) ` + news + `, (select count(*) ` + held + `, ` + role + `
		from (select c.id from casework_case c where ` + where + ` order by ` + order(q.Order) + sqldb.Limit(q.Limit+1) + ` offset ?) p
		cross join casework_case c where c.id = p.id order by ` + order(q.Order)
	rows, err := sqldb.All(ctx, v, scanRow, text, join(na, ha, ra, wa, []any{q.Offset})...)
	if err != nil {
		return casework.Page{}, fmt.Errorf("list cases: %w", err)
	}
	var out casework.Page
	if len(rows) > q.Limit {
		out.More, rows = true, rows[:q.Limit]
	}
	for _, r := range rows {
		if err := s.get(ctx, v, titleAt(r.ID), r.title, &r.Title); err != nil {
			return casework.Page{}, err
		}
		out.Rows = append(out.Rows, r.Row)
	}
	return out, nil
}

// OfProject implements roster.Store.
func (s *Store) OfProject(ctx context.Context, v unit.View, sc people.Scope, project people.ProjectID) ([]casework.CaseID, error) {
	ok, args := sees(sc)
	if _, _, job := sc.Job(); job {
		ok, args = peopledb.Sees(sc, "c.project_id")
		ok, args = ok+" and c.state <> ?", append(args, int(casework.Closed))
	}
	return sqldb.All(ctx, v, sqldb.Value[casework.CaseID], `select c.id from casework_case c where c.project_id = ? and `+ok+` order by c.id`,
		append([]any{project}, args...)...)
}

func filter(ctx context.Context, v unit.View, sc people.Scope, q casework.Query) (string, []any, error) {
	where, args := sees(sc)
	few, err := peopledb.HoldsLittle(ctx, v, sc)
	if err != nil {
		return "", nil, err
	}
	if few {
		where, args = among(sc)
	}
	where += " and c.state in (" + sqldb.Marks(len(q.States)) + ")"
	for _, st := range q.States {
		args = append(args, int(st))
	}
	if q.Project != "" {
		where += " and c.project_id = ?"
		args = append(args, q.Project)
	}
	if q.Overdue {
		where += " and c.assessed_at = 0 and c.due_assess > 0 and c.due_assess < ?"
		args = append(args, v.Now())
	}
	if q.Unread {
		n, a := news(sc)
		where += " and exists (select 1 " + n
		args = append(args, a...)
	}
	if q.Waiting {
		n, a := waits(sc)
		where += " and exists (select 1 " + n
		args = append(args, a...)
	}
	return where, args, nil
}

func scanRow(row sqldb.Row) (sealedRow, error) {
	var r sealedRow
	var until, opened, changed, due, assessed int64
	var running, pub, exp, att, score int
	err := row.Scan(&r.ID, &r.Project, &r.State, &r.Rating, &score, &until, &running, &pub, &exp, &att, &opened, &changed, &due, &assessed,
		&r.title, &r.Unread, &r.Waiting, &r.Role)
	r.Score = float64(max(score, 0)) / 10
	r.Clock = casework.Clock{Until: sqldb.Time(until), Running: running == 1}
	r.Facts = [3]bool{pub == 1, exp == 1, att == 1}
	r.OpenedAt, r.ChangedAt = sqldb.Time(opened), sqldb.Time(changed)
	if assessed == 0 {
		r.DueAssess = sqldb.Time(due)
	}
	return r, err
}
