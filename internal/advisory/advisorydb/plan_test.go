package advisorydb_test

import (
	"strings"
	"testing"

	"github.com/tocsin-sec/tocsin/internal/advisory/advisorydb"
	"github.com/tocsin-sec/tocsin/internal/people"
	"github.com/tocsin-sec/tocsin/internal/platform/sqldb/sqldbtest"
)

// TestLookUpsAmongAllAdvisoriesUseTheirIndex keeps the publication of one from walking all
// of its project.
func TestLookUpsAmongAllAdvisoriesUseTheirIndex(t *testing.T) {
	e := sqldbtest.SQLite(t, sources())
	sc := people.AsJob("advisory.rule", "project")
	for want, query := range map[string]func(people.Scope) (string, []any){
		"advisory_advisory_successor (successor=?)":             advisorydb.PredecessorsQuery,
		"advisory_site_replaced (changed_at<?)":                 advisorydb.SweepQuery,
		"advisory_advisory_number (project=? AND number_mac=?)": advisorydb.NumberedQuery,
	} {
		q, args := query(sc)
		rows, err := e.DB.Reader().QueryContext(t.Context(), `explain query plan `+q, append([]any{"x", "x"}[:min(2, strings.Count(q, "?")-len(args))], args...)...)
		if err != nil {
			t.Fatal(err)
		}
		var plan []string
		for rows.Next() {
			var a, b, c int
			var detail string
			if err := rows.Scan(&a, &b, &c, &detail); err != nil {
				t.Fatal(err)
			}
			plan = append(plan, detail)
		}
		rows.Close()
		if text := strings.Join(plan, "; "); !strings.Contains(text, want) {
			t.Errorf("%s: %s", want, text)
		}
	}
}
