//go:build scopemutants

package scope

import (
	"strings"
	"sync/atomic"
	"testing"

	"github.com/tocsin-sec/tocsin/internal/platform/sqldb"
)

// mutant takes one scope check out: in statements that have all of in, old becomes new.
type mutant struct {
	name     string
	in       []string
	old, new string
	near     string // part of the routes that are asked first, to be quick
}

// mutants are scope checks that are in the SQL, each taken out alone. Arguments stay as
// many as they were.
func mutants() []mutant {
	const (
		posted = "(i.audience = 1 and i.hold = 1 or "
		all    = "(1 = 1 or "
	)
	return []mutant{
		// First, while nobody has looked at anything.
		{"notes are counted as unread", []string{"coalesce((select s.through"}, posted, all, "/api/cases"},
		{"an ended grant still counts", nil, "g.ended_at = 0", "1 = 1", "/cases"},
		{"anybody's grant counts", nil, "g.holder = ?", "(g.holder = ? or 1 = 1)", "/api/cases/{id}"},
		{"a grant on one case counts on all", nil, "g.object = c.id and", "1 = 1 and", "/cases"},
		{"a role is anybody's role", []string{"select g.role from people_grant g"}, "g.holder = ?", "(g.holder = ? or 1 = 1)", "/cases/{id}/assess"},
		{"the list of cases has all", []string{"from (select c.id from casework_case c where "}, "casework_case c where c.id in (", "casework_case c where 1 = 1 or c.id in (", "/cases"},
		{"a link opens any case", []string{"c.report_id <> ''"}, "c.report_id = ?", "(c.report_id = ? or 1 = 1)", "/status/"},
		{"notes are for everyone", nil, posted, "(i.hold = 1 or ", "/cases/{id}"},
		{"waiting mail is for everyone", nil, posted, "(i.audience = 1 or ", "/cases/{id}"},
		{"notes are found by search", []string{"casework_item i"}, posted, all, "/search"},
		{"files of notes are for everyone", []string{"from casework_file f"}, posted, all, "/cases/{id}/files"},
		{"one item by id needs no role on it", []string{"select count(*) from s where"}, posted, all, "/api/cases/{id}/items"},
		{"waiting mail is counted for everyone", []string{"i.hold = 2 and "}, "i.hold = 2 and ", "i.hold = 2 or i.case_id = c.id and i.hold = 2 and ", "/api/cases"},
		{"held reports are for the whole team", []string{"as seen from w)"}, "g.object = w.duty and g.holder = ? and g.ended_at = 0 and g.role in (?)",
			"g.object = w.duty and g.holder = ? and g.ended_at = 0 and (1 = 1 or g.role in (?))", "/api/reports"},
		{"moderators keep what they released", []string{"desk_report r"}, "r.state <> 'released' and ", "1 = 1 and ", "/api/reports"},
		{"moderators read by id what they released", []string{"as seen from w)"}, "r.id = r.asked and r.state <> 'released' then", "r.id = r.asked then", "/api/reports"},
		{"everyone on the case has its report in his list", []string{"h cross join desk_report r"}, "g.role in (?,?)", "(1 = 1 or g.role in (?,?))", "/api/reports"},
		{"everyone on the case reads its report", []string{"as seen from w)"}, "g.object = w.work and g.holder = ? and g.ended_at = 0 and ",
			"g.object = w.work and g.holder = ? and g.ended_at = 0 or 0 = 1 and ", "/api/reports"},
		{"a report by id needs no duty", []string{"(select r.asked, r.id, r.asked as own"}, " and s.seen = 1", "", "/api/reports"},
		{"the list of reports has all", []string{"order by r.received_at"}, "from desk_report r where ", "from desk_report r where (1 = 1 or 1 = 1) and 1 = 1 or ", "/api/reports"},
		{"everybody decides about reports", []string{"w.id, case when exists"}, "g.object = w.duty and", "1 = 1 and", "/decide"},
		{"an original needs no duty", []string{"from desk_message nearest", "as seen from w)"}, " and s.seen = 1", "", "/desk/messages"},
		{"an advisory in work by id needs no role", []string{"select count(*) from a where "}, "from a where ", "from a where 1 = 1 or ", "/advisory/{id}"},
		{"the list of advisories in work has all", []string{"from advisory_advisory a where", "limit ?"}, "advisory_advisory a where ", "advisory_advisory a where 1 = 1 or ", "/api/advisories"},
		{"reporters and observers read the draft", []string{"advisory_advisory a"}, "g.object = a.object and g.holder = ? and g.ended_at = 0 and ",
			"g.object = a.object and g.holder = ? and g.ended_at = 0 or 0 = 1 and ", "/api/advisories"},
		{"products are for all", []string{"from product_product p"}, "g.object = p.project_id and", "1 = 1 and", "/products"},
		{"the team is named to all", []string{"then 1 else 0 end as inside"}, "where m.inside = 1 or ", "where 1 = 1 or ", "/team"},
		{"tokens of all are listed", []string{"from people_token t where t.person = ?"}, "t.person = ?", "(t.person = ? or 1 = 1)", "/settings/tokens"},
	}
}

// TestEachMissingCheckIsSeen takes one check out at a time. A mutant that the model does
// not see is a hole in the model; one that changes no statement has lost its place.
func TestEachMissingCheckIsSeen(t *testing.T) {
	defer sqldb.Watch(nil)
	fresh := func() *world {
		w := newWorld(t)
		w.populate()
		for _, o := range script() {
			w.apply(o)
		}
		return w
	}
	w := fresh()
	for _, m := range mutants() {
		if w == nil {
			w = fresh()
		}
		t.Run(m.name, func(t *testing.T) {
			w.t = t
			var changed atomic.Int64
			sqldb.Watch(m.rewrite(&changed))
			found, wrote := w.hunt(m.near)
			sqldb.Watch(nil)
			switch {
			case found != nil:
				t.Log(found)
			case changed.Load() == 0:
				t.Error("no statement has this check any more")
			default:
				t.Error("the model test does not see it")
			}
			if wrote {
				// It may have changed what it should not have seen.
				w.close()
				w = nil
			}
		})
	}
}

func (m mutant) rewrite(changed *atomic.Int64) func(string) string {
	return func(q string) string {
		for _, part := range m.in {
			if !strings.Contains(q, part) {
				return q
			}
		}
		out := strings.ReplaceAll(q, m.old, m.new)
		if out != q {
			changed.Add(1)
		}
		return out
	}
}

// hunt is a sweep that asks the likely routes first, and what only reads before what
// writes. wrote says that it came to the latter.
func (w *world) hunt(near string) (found *mismatch, wrote bool) {
	table := comparators()
	for _, pass := range []struct{ near, reads bool }{{true, true}, {true, false}, {false, true}, {false, false}} {
		for _, r := range w.app.Routes() {
			if strings.Contains(r.Path, near) != pass.near || (r.Method == "GET") != pass.reads {
				continue
			}
			wrote = wrote || !pass.reads
			for _, a := range w.actors {
				if m := w.compare(a, r, table[key(r)]); m != nil {
					return m, wrote
				}
			}
		}
	}
	return nil, wrote
}
