// Package deskdb keeps the front desk's tables: what arrived, reports, messages,
// threads, canned texts. Every text that came from outside is sealed: a report
// under "report:ID", a message with its original and files under
// "message:INTAKE", so that one of them can be erased alone. Exact look-ups
// (Message-ID, tag, link, payload) go by keyed hashes.
//
// Not here: the rules (desk), files (platform/blob), who holds which role (peopledb).
package deskdb

import (
	"embed"
	"slices"

	"github.com/tocsin-sec/tocsin/internal/desk"
	"github.com/tocsin-sec/tocsin/internal/desk/spool"
	"github.com/tocsin-sec/tocsin/internal/people"
	"github.com/tocsin-sec/tocsin/internal/people/peopledb"
	"github.com/tocsin-sec/tocsin/internal/platform/blob"
	"github.com/tocsin-sec/tocsin/internal/platform/seal"
	"github.com/tocsin-sec/tocsin/internal/platform/sqldb"
)

//go:embed migrations/*.sql
var migrations embed.FS

// Migrations returns the tables of this package.
func Migrations() sqldb.Source { return sqldb.Embedded("desk", migrations) }

// Store implements every store and port of package desk that needs SQL.
type Store struct {
	Seal  *seal.Sealer
	Blobs *blob.Store
}

var (
	_ desk.ReportStore  = (*Store)(nil)
	_ desk.MessageStore = (*Store)(nil)
	_ desk.IntakeStore  = (*Store)(nil)
	_ desk.ThreadStore  = (*Store)(nil)
	_ desk.TextStore    = (*Store)(nil)
	_ desk.Links        = (*Links)(nil)
	_ spool.Files       = (*Files)(nil)
)

// seesReport is the rule of who sees a report r: its own bearer and jobs; while
// it is not released, the project's moderators on duty; afterwards those who
// work on its case.
func seesReport(sc people.Scope) (string, []any) {
	own, duty, work, args := parts(sc, "r.id", "r.project_id", "r.case_id")
	return "(" + own + " or r.state <> 'released' and " + duty + " or r.state = 'released' and r.case_id <> '' and " + work + ")", args
}

// parts are the three ways to a report, each with the column of what a grant must be on.
func parts(sc people.Scope, ownOn, dutyOn, workOn string) (own, duty, work string, args []any) {
	own, args = peopledb.Sees(sc, ownOn, people.Lead, people.Member)
	duty, a := peopledb.Sees(sc, dutyOn, people.Moderator)
	args = append(args, a...)
	work, a = peopledb.Sees(sc, workOn, people.Lead, people.Member)
	return own, duty, work, append(args, a...)
}

// ways is seesReport for a row w of which the columns own, duty and work say what a grant
// must be on. All three are always looked up, where "or" would end at the first: how long
// it takes does not tell what kind of row it was.
func ways(sc people.Scope) (string, []any) {
	own, duty, work, args := parts(sc, "w.own", "w.duty", "w.work")
	return "case when " + own + " then 1 else 0 end + case when " + duty + " then 1 else 0 end + case when " + work + " then 1 else 0 end > 0", args
}

// decides is the rule, for a row as in ways, of who decides about a report: a person who
// moderates its project now. Once it is released, it does not exist here.
func decides(sc people.Scope) (string, []any) {
	if _, ok := sc.Person(); !ok {
		sc = people.Scope{} // the same statement finds nothing
	}
	return peopledb.Sees(sc, "w.duty", people.Moderator)
}

// seesMessage is the rule of who sees a message m, left-joined with its report r.
func seesMessage(sc people.Scope) (string, []any) {
	rep, args := seesReport(sc)
	work, a := peopledb.Sees(sc, "m.object", people.Lead, people.Member)
	return "(r.id is not null and " + rep + " or r.id is null and " + work + ")", append(args, a...)
}

// named reports whether the scope is a job whose row names the object, so that no
// statement is needed to know that it sees it.
func named(sc people.Scope, object string) bool {
	_, subjects, ok := sc.Job()
	return ok && slices.Contains(subjects, object)
}

func flag(b bool) int {
	if b {
		return 1
	}
	return 0
}
