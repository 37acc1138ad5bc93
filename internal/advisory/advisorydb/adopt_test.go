package advisorydb_test

import (
	"net/url"
	"strings"
	"testing"

	"github.com/tocsin-sec/tocsin/internal/advisory/record"
	"github.com/tocsin-sec/tocsin/internal/base/fault"
	"github.com/tocsin-sec/tocsin/internal/people"
	"github.com/tocsin-sec/tocsin/internal/platform/sqldb/sqldbtest"
)

// The bug: somebody waived a branch in the case after the draft was begun. Arming said
// "nobody has decided", and no page said where to decide.
func TestAWaiverOfTheCaseReachesADraftByAPersonsHand(t *testing.T) {
	w := newWorld(t, sqldbtest.SQLite(t, sources()))
	f, ctx := newFace(w), t.Context()
	branch := record.Branch{Product: "lanternd", Name: "stable-0", Status: record.Affected, Affected: "< 1.0.0"}
	w.says = []record.Branch{branch}
	w.needed = []record.Branch{{Product: "lanternd", Name: "stable-0"}, {Product: "lanternd", Name: "stable-3"}}
	id, err := w.svc.Draft(ctx, w.lead, w.caseID)
	w.must(err)
	r := ready()
	r.Branches = append(r.Branches, branch)
	w.must(w.svc.Save(ctx, w.lead, id, w.hash(id), r, ""))
	w.must(w.svc.Approve(ctx, w.member, id, w.hash(id), ""))
	at, approved := "/advisory/"+string(id), w.hash(id)

	page := f.get("lead", at, 200)
	if !strings.Contains(page, `href="`+at+`/edit?add=1#f-branches.3.status"`) || !strings.Contains(page, `#f-branches.4.status"`) {
		t.Errorf("the blockers do not lead to the fields:\n%s", page)
	}
	if edit := f.get("lead", at+"/edit?add=1", 200); !strings.Contains(edit, `name="branches.4.name" value="stable-3"`) {
		t.Errorf("the editor has no row for the branch that the text does not mention:\n%s", edit)
	}
	waived := branch
	waiver, _ := w.member.Person()
	waived.Waiver, waived.WaivedBy = "End of life this month.", string(waiver)
	w.says = []record.Branch{waived}
	if got := w.a(id); got.Working.Hash != approved || got.Approval == nil {
		t.Fatal("the case changed what is approved")
	}
	for _, p := range []string{"", "/edit", "/arm"} {
		if page := f.get("lead", at+p, 200); !strings.Contains(page, at+"/adopt") {
			t.Errorf("%s does not lead to taking over", p)
		}
	}
	w.refused(w.svc.Arm(ctx, w.lead, id, approved), fault.Conflict, "arm what lacks the decision")
	if page := f.get("lead", at+"/adopt", 200); !strings.Contains(page, "End of life this month.") || !strings.Contains(page, "P member") || !strings.Contains(page, "approval that it has is void") {
		t.Errorf("the page does not show what is taken over:\n%s", page)
	}
	f.post("stranger", at+"/adopt", url.Values{"hash": {approved}, "branch": {"lanternd stable-0"}}, 404)
	f.post("observer", at+"/adopt", url.Values{"hash": {approved}, "branch": {"lanternd stable-0"}}, 404)
	f.post("lead", at+"/adopt", url.Values{"hash": {approved}}, 422)
	f.post("lead", at+"/adopt", url.Values{"hash": {"old"}, "branch": {"lanternd stable-0"}}, 409)
	f.post("lead", at+"/adopt", url.Values{"hash": {approved}, "branch": {"lanternd stable-1"}}, 409)
	w.must(w.svc.Adopt(ctx, w.lead, id, approved, []string{"lanternd stable-0"}))
	a := w.a(id)
	if b := a.Working.Content.Record.Branches[3]; b.Waiver != waived.Waiver || b.WaivedBy != string(waiver) || a.Approval != nil || a.Working.Author == "" {
		t.Errorf("taken over it is %+v, approval %+v", b, a.Approval)
	}
	if w.hash(id) == approved {
		t.Error("the revision has the hash of the approved one")
	}
	w.refused(w.svc.Approve(ctx, w.lead, id, w.hash(id), ""), fault.Denied, "who took over approves")
	w.needed = nil
	w.must(w.svc.Approve(ctx, w.member, id, w.hash(id), ""))
	w.must(w.svc.Arm(ctx, w.lead, id, w.hash(id)))
	if page := f.get("lead", at+"/adopt", 200); strings.Contains(page, "<table") {
		t.Error("the same on both sides is still offered")
	}
}

// A waiver typed by hand with the words of the case keeps the name of who stands for it.
func TestTheWordsOfTheCaseKeepTheirName(t *testing.T) {
	w := newWorld(t, sqldbtest.SQLite(t, sources()))
	waiver, _ := w.deputy.Person()
	w.says = []record.Branch{{Product: "lanternd", Name: "old", Status: record.Affected, Waiver: "end of life", WaivedBy: string(waiver)}}
	id, err := w.svc.Draft(t.Context(), w.lead, w.caseID)
	w.must(err)
	w.must(w.svc.Save(t.Context(), w.lead, id, w.hash(id), ready(), ""))
	if b := w.a(id).Working.Content.Record.Branches[2]; people.PersonID(b.WaivedBy) != waiver {
		t.Errorf("waived by %q", b.WaivedBy)
	}
}

// A form that comes back has every row that was typed, however many there were.
func TestAFormThatComesBackHasAllItsRows(t *testing.T) {
	w := newWorld(t, sqldbtest.SQLite(t, sources()))
	f := newFace(w)
	id := w.approved()
	form := url.Values{"title": {"x"}, "base": {"old"}}
	for i := range 9 {
		n := string(rune('0' + i))
		form.Set("branches."+n+".product", "product "+n)
		form.Set("references."+n+".url", "https://lanterna.example/"+n)
	}
	page := f.post("lead", "/advisory/"+string(id)+"/edit", form, 409)
	if !strings.Contains(page, `value="product 8"`) || !strings.Contains(page, `value="https://lanterna.example/8"`) {
		t.Error("rows were lost")
	}
}
