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
		given := []any{"x", "x"}[:strings.Count(q, "?")-len(args)]
		if text := e.Plan(t, q, append(given, args...)...); !strings.Contains(text, want) {
			t.Errorf("%s: %s", want, text)
		}
	}
}
