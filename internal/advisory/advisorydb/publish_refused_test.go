package advisorydb_test

import (
	"errors"
	"testing"

	"github.com/tocsin-sec/tocsin/internal/base/fault"
	"github.com/tocsin-sec/tocsin/internal/platform/sqldb/sqldbtest"
)

// TestWhatNoFileCanBeMadeOfIsNotApproved: the second person hears of it, with the reason, and
// not the site at the end of the embargo.
func TestWhatNoFileCanBeMadeOfIsNotApproved(t *testing.T) {
	w := newWorld(t, sqldbtest.SQLite(t, sources()))
	ctx := t.Context()
	id, err := w.svc.Draft(ctx, w.lead, w.caseID)
	w.must(err)
	r := ready()
	r.Branches = r.Branches[:1]
	r.Branches[0].Purl, r.Branches[0].Affected, r.Branches[0].Fixed = "pkg:npm/lantern", ">= 2.0.0", "1.0.0" // OSV refuses a fix before the flaw
	if problems := r.Problems(); len(problems) > 0 {
		t.Fatalf("the form refuses it already: %v", problems)
	}
	w.must(w.svc.Save(ctx, w.lead, id, w.hash(id), r, ""))
	refused := func(err error, what string) {
		t.Helper()
		var f, why *fault.Error
		if !errors.As(err, &f) || f.Kind != fault.Conflict || f.Key != "advisory.fault.blocked" {
			t.Fatalf("%s: %v", what, err)
		}
		if !errors.As(errors.Unwrap(f), &why) || len(why.Args) < 2 || why.Args[1] != "OSV" {
			t.Errorf("%s says why: %v", what, why)
		}
	}
	refused(w.svc.Approve(ctx, w.member, id, w.hash(id), ""), "the approval")
	if a := w.a(id); a.Approval != nil {
		t.Errorf("it is approved: %+v", a.Approval)
	}
	w.over = true
	w.refused(w.svc.PublishNow(ctx, w.member, id, w.hash(id)), fault.Conflict, "what is not approved is published")
	w.Drain(t)
	if a := w.a(id); len(a.Published) > 0 || a.Arming != nil {
		t.Errorf("it is %s: %+v", a.State(), a.Published)
	}
	// Mended, it is approved.
	r.Branches[0].Fixed = "2.4.7"
	w.must(w.svc.Save(ctx, w.lead, id, w.hash(id), r, ""))
	w.must(w.svc.Approve(ctx, w.member, id, w.hash(id), ""))
}
