package peopledb

import (
	"context"

	"github.com/tocsin-sec/tocsin/internal/base/unit"
	"github.com/tocsin-sec/tocsin/internal/people"
	"github.com/tocsin-sec/tocsin/internal/people/account"
	"github.com/tocsin-sec/tocsin/internal/platform/sqldb"
)

// Sees returns the SQL condition, and its arguments, that holds for the rows whose
// object (the id in column: a case, a report, a project) the scope may see. It
// stands in the where clause of every query on rows that belong to an object:
//
//	sees, args := peopledb.Sees(sc, "c.id")
//	... where c.state = ? and ` + sees
//
// With roles only grants with one of them count. A person sees what he holds a
// grant on (who is disabled has no session to ask with); the bearer of a link its one object;
// a job what its row names; the public nothing. Column is a constant of the calling
// code, never input.
func Sees(sc people.Scope, column string, roles ...people.Role) (string, []any) {
	if me, ok := sc.Person(); ok {
		q := "exists (select 1 from people_grant g where g.object = " + column + " and g.holder = ? and g.ended_at = 0"
		args := []any{string(me)}
		if len(roles) > 0 {
			q += " and g.role in (" + sqldb.Marks(len(roles)) + ")"
			for _, r := range roles {
				args = append(args, string(r))
			}
		}
		return q + ")", args
	}
	if object, ok := sc.Bearer(); ok {
		return column + " = ?", []any{object}
	}
	if _, subjects, ok := sc.Job(); ok && len(subjects) > 0 {
		args := make([]any, len(subjects))
		for i, s := range subjects {
			args[i] = s
		}
		return column + " in (" + sqldb.Marks(len(subjects)) + ")", args
	}
	return "1 = 0", nil
}

// Among is Sees for a person who holds little (see HoldsLittle): it is true for the
// same rows, and the engine begins with his grants instead of asking for each row.
func Among(sc people.Scope, column string) (string, []any) {
	if me, ok := sc.Person(); ok {
		return column + " in (select g.object from people_grant g where g.holder = ? and g.ended_at = 0)", []any{string(me)}
	}
	return Sees(sc, column)
}

// little is up to how many grants it is cheaper to begin with them than to walk what
// all see in the order that is asked for.
const little = 1000

// HoldsLittle reports whether a query should use Among. That depends on the scope's own
// grants alone, never on what it may not see.
func HoldsLittle(ctx context.Context, v unit.View, sc people.Scope) (bool, error) {
	me, _ := sc.Person() // others hold nothing: what they see is named in the query
	// Of the columns only those of the index of running grants are asked for: else a thousand
	// rows are read beside it.
	n, err := sqldb.One(ctx, v, sqldb.Value[int], `select count(*) from (select g.object from people_grant g
		where g.holder = ? and g.ended_at = 0`+sqldb.Limit(little+1)+`) x`, string(me))
	return n <= little, err
}

// Held is a query for the objects ("object") on which the scope's person holds one of the
// roles, for those who hold little: the first table of a cross join.
func Held(sc people.Scope, roles ...people.Role) (string, []any) {
	me, _ := sc.Person()
	args := []any{string(me)}
	for _, r := range roles {
		args = append(args, string(r))
	}
	return "select g.object from people_grant g where g.holder = ? and g.ended_at = 0 and g.role in (" + sqldb.Marks(len(roles)) + ")", args
}

// Holds reports whether the scope's person, who holds little, holds the role on anything.
func Holds(ctx context.Context, v unit.View, sc people.Scope, role people.Role) (bool, error) {
	me, _ := sc.Person()
	n, err := sqldb.One(ctx, v, sqldb.Value[int], `select count(*) from (select g.object from people_grant g
		where g.holder = ? and g.ended_at = 0 and g.role = ? limit 1) x`, string(me), string(role))
	return n > 0, err
}

// shares is the condition that the scope's person and the one whose id is in column meet
// on one object: a part of knows that costs two look-ups.
func shares(sc people.Scope, object, column string) (string, []any) {
	me, _ := sc.Person() // others hold nothing
	return "exists (select 1 from people_grant m join people_grant h on h.object = m.object" +
		" where m.object = ? and m.holder = ? and m.ended_at = 0 and h.holder = " + column + ")", []any{object, string(me)}
}

// own is the condition that column names the scope's own person. Jobs of people
// act for the person whom their row or the link names.
func own(sc people.Scope, column string) (string, []any) {
	if me, ok := sc.Person(); ok {
		return column + " = ?", []any{string(me)}
	}
	if _, _, ok := sc.Job(); ok {
		return "1 = 1", nil
	}
	return "1 = 0", nil
}

// administers is the condition that the scope runs the site: the command line, or a
// person with the right whose account is active.
func administers(sc people.Scope) (string, []any) {
	if kind, _, ok := sc.Job(); ok && kind == account.JobAdmin {
		return "1 = 1", nil
	}
	if me, ok := sc.Person(); ok {
		return "exists (select 1 from people_person a where a.id = ? and a.admin = 1 and a.state = 'active')", []any{string(me)}
	}
	return "1 = 0", nil
}

// Administers is the condition that the scope runs the site, for the counts that other db
// packages give the operator. It opens no case: what it stands before returns numbers.
func Administers(sc people.Scope) (string, []any) { return administers(sc) }

// knows is the condition that the scope may know the person whose id is in column (see
// people.Directory). A job knows whom it was told of: it cannot list. A team knows who asked
// to join, not whose address one of it typed.
func knows(sc people.Scope, column string) (string, []any) {
	if me, ok := sc.Person(); ok {
		admin, args := administers(sc)
		// It begins with the scope's own grants: a hidden person who holds much must not
		// cost more than one who is not there.
		q := "(" + column + " = ? or " + admin + " or exists (select 1 from people_grant m join people_grant h on h.object = m.object" +
			" where m.holder = ? and m.ended_at = 0 and h.holder = " + column + ")" +
			" or exists (select 1 from people_grant m join people_join j on j.project = m.object" +
			" where m.holder = ? and m.ended_at = 0 and j.person = " + column + " and j.source <> 'mail'))"
		return q, append(append([]any{string(me)}, args...), string(me), string(me))
	}
	if object, ok := sc.Bearer(); ok {
		return "exists (select 1 from people_grant h where h.object = ? and h.holder = " + column + ")", []any{object}
	}
	if _, _, ok := sc.Job(); ok {
		return "1 = 1", nil
	}
	return "exists (select 1 from people_person q join people_grant h on h.holder = q.id join people_project t on t.id = h.object" +
		" where q.id = " + column + " and q.public = 1 and q.state = 'active' and h.ended_at = 0 and t.team_page = 1)", nil
}
