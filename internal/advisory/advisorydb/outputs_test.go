package advisorydb_test

import (
	"context"
	"net/url"
	"strings"
	"testing"

	"github.com/tocsin-sec/tocsin/internal/advisory"
	"github.com/tocsin-sec/tocsin/internal/advisory/emit"
	"github.com/tocsin-sec/tocsin/internal/advisory/record"
	"github.com/tocsin-sec/tocsin/internal/base/unit"
	"github.com/tocsin-sec/tocsin/internal/platform/sqldb/sqldbtest"
)

// drafted begins an advisory and saves a form, and returns its id and its page.
func drafted(t *testing.T, w *world, f *face, form url.Values) (advisory.ID, string) {
	t.Helper()
	f.post("lead", "/advisory/"+w.caseID+"/draft", nil, 303)
	var id advisory.ID
	w.View(t, func(ctx context.Context, v unit.View) error {
		all, err := w.svc.OfCase(ctx, v, w.lead, w.caseID)
		id = all[0].ID
		return err
	})
	form.Set("base", w.hash(id))
	f.post("lead", "/advisory/"+string(id)+"/edit", form, 303)
	return id, "/advisory/" + string(id)
}

func outputForm() url.Values {
	return url.Values{"title": {"Lamp overflow"}, "summary": {"A crafted lamp file overflows."}, "impact": {"Code runs."}, "tlp": {"WHITE"}, "lang": {"en"},
		"branches.0.product": {"lanternd"}, "branches.0.name": {"el9"}, "branches.0.status": {"fixed"}, "branches.0.affected": {"before 2.4.7-1.el9"}, "branches.0.fixed": {"2.4.7-1.el9"},
		"branches.0.purl": {"pkg:rpm/almalinux/lanternd?distro=almalinux-9"}, "branches.0.cpe": {"cpe:2.3:a:lanterna:lanternd:*:*:*:*:*:*:*:*"}, "branches.0.platform": {"AlmaLinux 9"},
		"branches.0.packages": {"lanternd-0:2.4.7-1.el9.x86_64 lanternd-2.4.7-1.el9.src.rpm sha256:" + strings.Repeat("ab", 32) + "\r\nlanternd-doc-2.4.7-1.el9.noarch\r\n"},
		"branches.1.product":  {"wick"}, "branches.1.status": {"not_affected"}, "branches.1.justification": {"component_not_present"}, "branches.1.covers": {">= 2.0"},
		"cvss31": {"CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H"}, "cve": {"CVE-2026-31337"}, "assigned_by": {"Example CNA"},
		"aliases": {"GHSA-2222-3333-4444, EUVD-2026-1"}, "related": {"CVE-2026-31338"},
		"credits.0.name": {"Mira"}, "credits.0.role": {"finder"}, "references.0.url": {"https://lanterna.example/lamps"}, "references.0.text": {"Lamps"}, "references.0.kind": {"article"}}
}

func TestTheEditorKeepsWhatTheFormatsNeed(t *testing.T) {
	w := newWorld(t, sqldbtest.SQLite(t, sources()))
	f := newFace(w)
	id, at := drafted(t, w, f, outputForm())
	var r record.Record
	w.View(t, func(ctx context.Context, v unit.View) error {
		a, err := w.svc.Get(ctx, v, w.lead, id)
		w.must(err)
		r, err = w.svc.Current(ctx, v, w.lead, a)
		return err
	})
	if problems := r.Problems(); len(problems) > 0 {
		t.Fatalf("the record has problems: %v", problems)
	}
	b := r.Branches[0]
	if len(b.Packages) != 2 || b.Packages[0].Source != "lanternd-2.4.7-1.el9.src.rpm" || b.Platform != "AlmaLinux 9" || r.Branches[1].Covers != ">= 2.0" ||
		len(r.Aliases) != 2 || r.Credits[0].Role != "finder" || r.References[0].Kind != "article" {
		t.Errorf("the record has not what was typed: %+v", r)
	}
	page := f.get("lead", at+"/edit", 200)
	for _, want := range []string{"lanternd-0:2.4.7-1.el9.x86_64 lanternd-2.4.7-1.el9.src.rpm sha256:ab", "GHSA-2222-3333-4444, EUVD-2026-1", `value="AlmaLinux 9"`, "cpe:2.3:a:lanterna"} {
		if !strings.Contains(page, want) {
			t.Errorf("the editor does not show %q again\n%s", want, page)
		}
	}
	form := outputForm()
	form.Set("base", w.hash(id))
	form.Set("branches.0.packages", "lanternd")
	form.Set("branches.0.cpe", "cpe:2.3:a:lanterna:lanternd:2.4.7:*:*:*:*:*:*:*")
	f.post("lead", at+"/edit", form, 303) // a draft is saved with problems
	page = f.get("lead", at+"/edit", 200)
	for _, want := range []string{"lanternd: enter name-epoch:version-release.arch", "Enter a CPE 2.3 name with * as its version", `href="#f-branches.0.packages"`, `href="#f-branches.0.cpe"`} {
		if !strings.Contains(page, want) {
			t.Errorf("the editor has no problem %q", want)
		}
	}
}

func TestEveryOutputIsOffered(t *testing.T) {
	w := newWorld(t, sqldbtest.SQLite(t, sources()))
	f := newFace(w)
	_, at := drafted(t, w, f, outputForm())
	page := f.get("lead", at+"/preview/osv", 200)
	for _, x := range emit.Formats() {
		if x.Name != "osv" && !strings.Contains(page, `href="`+at+"/preview/"+x.Name+`"`) {
			t.Errorf("the page of an output does not lead to %s", x.Name)
		}
		body := f.get("member", at+"/preview/"+x.Name, 200)
		if x.Name == "cve" {
			if !strings.Contains(body, "The CVE organisation of") {
				t.Errorf("a CVE record is made without an organisation:\n%s", body)
			}
		} else if !strings.Contains(strings.ToLower(body), "lamp") {
			t.Errorf("the output %s does not show:\n%s", x.Name, body)
		}
		f.get("stranger", at+"/preview/"+x.Name, 404)
		want := 200
		if x.Name == "cve" {
			want = 422
		}
		code, out := f.do("GET", "member", "/api"+strings.Replace(at, "advisory", "advisories", 1)+"/preview/"+x.Name, "", "")
		if code != want {
			t.Errorf("the API answers %d for %s:\n%s", code, x.Name, out)
		}
	}
	f.get("lead", at+"/preview/nothing", 404)
	if _, out := f.do("GET", "", "/openapi.json", "", ""); !strings.Contains(out, "updateinfo") {
		t.Error("the API does not describe the outputs")
	}
}
