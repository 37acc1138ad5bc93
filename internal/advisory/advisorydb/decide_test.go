package advisorydb_test

import (
	"strings"
	"testing"
	"time"

	"github.com/tocsin-sec/tocsin/internal/advisory/record"
	"github.com/tocsin-sec/tocsin/internal/platform/sqldb/sqldbtest"
)

func TestWhoDecidesSeesTheTextAndWhatChanged(t *testing.T) {
	w := newWorld(t, sqldbtest.SQLite(t, sources()))
	f := newFace(w)
	ctx := t.Context()
	w.over = true
	id := w.approved()
	at := "/advisory/" + string(id)
	has := func(page string, yes []string, no ...string) {
		t.Helper()
		for _, s := range yes {
			if !strings.Contains(page, s) {
				t.Errorf("the page lacks %q:\n%s", s, page)
			}
		}
		for _, s := range no {
			if strings.Contains(page, s) {
				t.Errorf("the page has %q:\n%s", s, page)
			}
		}
	}
	has(f.get("lead", at+"/publish", 200), []string{"A crafted lamp file writes past a buffer."}, "No revision of this")
	// A changed revision is compared with the one that was approved, though it was never published.
	r := ready()
	r.Summary = "A crafted lamp file writes past the heap."
	w.must(w.svc.Save(ctx, w.lead, id, w.hash(id), r, "First."))
	has(f.get("member", at+"/approve", 200), []string{"<del>- A crafted lamp file writes past a buffer.</del>", "<ins>+ A crafted lamp file writes past the heap.</ins>", "What changed in the CSAF document"}, "No revision of this")
	has(f.get("member", at+"/preview/html", 200), []string{"This is a preview", `href="` + at + `/preview/csaf"`}, ".json.asc", "../")

	// Problems and warnings name the field, and lead to it.
	r.Branches[0].Fixed, r.CWE = "", []record.Weakness{{ID: "CWE-20"}, {ID: "CWE-264"}}
	w.must(w.svc.Save(ctx, w.lead, id, w.hash(id), r, "Second."))
	has(f.get("lead", at, 200), []string{`edit#f-branches.0.fixed">Branch 1: lanternd stable-2, First fixed version</a>: `, "CWE id 2</a>: Enter the id of a weakness", "CWE advises against CWE-20"}, ">branches.0")
	has(f.get("lead", at+"/edit", 200), []string{"<legend>Branch 2: lanternd stable-1</legend>", "<legend>A further branch</legend>", "Improper Input Validation", "CWE advises against CWE-20"})
}

func TestAWithdrawnAdvisoryOffersNoWithdrawal(t *testing.T) {
	w := newWorld(t, sqldbtest.SQLite(t, sources()))
	f := newFace(w)
	id := w.published()
	at := "/advisory/" + string(id)
	if !strings.Contains(f.get("lead", at, 200), at+"/withdraw") {
		t.Error("a published advisory cannot be withdrawn")
	}
	w.must(w.svc.Withdraw(t.Context(), w.lead, id, "No flaw."))
	if strings.Contains(f.get("lead", at, 200), at+"/withdraw") {
		t.Error("a withdrawal in work offers another")
	}
	w.must(w.svc.Approve(t.Context(), w.member, id, w.hash(id), ""))
	w.must(w.svc.PublishNow(t.Context(), w.lead, id, w.hash(id)))
	w.run(20 * time.Second)
	if page := f.get("lead", at, 200); strings.Contains(page, at+"/withdraw") || !strings.Contains(page, "Publish it again") {
		t.Errorf("a withdrawn advisory:\n%s", page)
	}
}
