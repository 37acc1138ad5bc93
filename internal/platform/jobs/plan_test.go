package jobs_test

import (
	"strings"
	"testing"

	"github.com/tocsin-sec/tocsin/internal/platform/sqldb/sqldbtest"
)

// TestTheSearchForDueJobsUsesItsIndex keeps an idle server idle however many dead
// jobs and far-off ends of embargoes there are.
func TestTheSearchForDueJobsUsesItsIndex(t *testing.T) {
	e := sqldbtest.SQLite(t, nil)
	rows, err := e.DB.Reader().QueryContext(t.Context(), `explain query plan select id from jobs_job
		where state in (1, 2) and due_at <= 5 and kind in ('a', 'b') order by due_at, id limit 4`)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	var plan []string
	for rows.Next() {
		var a, b, c int
		var detail string
		if err := rows.Scan(&a, &b, &c, &detail); err != nil {
			t.Fatal(err)
		}
		plan = append(plan, detail)
	}
	if text := strings.Join(plan, "; "); !strings.Contains(text, "jobs_job_due (due_at<?)") || strings.Contains(text, "TEMP B-TREE") {
		t.Errorf("plan: %s", text)
	}
}
