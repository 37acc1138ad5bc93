package jobs_test

import (
	"strings"
	"testing"

	"github.com/tocsin-sec/tocsin/internal/platform/jobs"
	"github.com/tocsin-sec/tocsin/internal/platform/sqldb/sqldbtest"
)

// TestTheSearchForDueJobsUsesItsIndex keeps an idle server idle however many dead
// jobs and far-off ends of embargoes there are.
func TestTheSearchForDueJobsUsesItsIndex(t *testing.T) {
	e := sqldbtest.SQLite(t, nil)
	for what, query := range map[string]string{
		"lease": strings.ReplaceAll(jobs.DueOfKind, "?", "5"),
		"look":  `select id from jobs_job where state in (1, 2) and due_at <= 5 and kind in ('a', 'b') limit 1`,
	} {
		rows, err := e.DB.Reader().QueryContext(t.Context(), `explain query plan `+query)
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
		if text := strings.Join(plan, "; "); !strings.Contains(text, "jobs_job_kind (kind=? AND due_at<?)") || strings.Contains(text, "TEMP B-TREE") {
			t.Errorf("%s: %s", what, text)
		}
	}
}
