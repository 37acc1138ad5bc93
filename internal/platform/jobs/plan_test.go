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
		if text := e.Plan(t, query); !strings.Contains(text, "jobs_job_kind (kind=? AND due_at<?)") || strings.Contains(text, "TEMP B-TREE") {
			t.Errorf("%s: %s", what, text)
		}
	}
}
