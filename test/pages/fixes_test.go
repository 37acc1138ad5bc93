package pages

import (
	"net/http"
	"path/filepath"
	"strings"
	"testing"

	"github.com/tocsin-sec/tocsin/internal/platform/git/gittest"
	"github.com/tocsin-sec/tocsin/test/browser"
)

// whichBranchHasTheFix enters a fix at a case, whose product lies in a repository on this
// machine, and reads from the matrix which branch has it: main does, stable-2.4 has it
// picked and released, stable-2.2 has the flaw still.
func whichBranchHasTheFix(t *testing.T, h house) {
	r := gittest.New(t)
	r.Write("frame.c", "int frame(int n)\n{\n\tint head = n;\n\tint body = 2 * n;\n\treturn head + body;\n}\n")
	base := r.Commit("frame: read the body")
	r.Branch("stable-2.4", base)
	r.Branch("stable-2.2", base)
	r.On("main")
	r.Edit("frame.c", "\tint body = 2 * n;\n", "\tif (n < 0)\n\t\treturn -1;\n\tint body = 2 * n;\n")
	fix := r.Commit("frame: refuse negative lengths")
	r.On("stable-2.4")
	r.Pick(fix, "-x")
	r.Git("tag", "v2.4.9")
	r.On("main")

	s, link := h.demo("--git-protocols", "file", "--git-folders", filepath.Dir(r.Dir))
	v := &visitor{typist: typist{t, h.b.Open(s.URL+"/", browser.View{})}}
	signIn(t, v.p, link)
	v.p.Go(s.URL + "/products")
	v.p.Go(browser.Eval[string](v.p, `[...document.querySelectorAll('main a[href^="/products/"]')].find(a => a.textContent.includes("lanternd")).href`))
	v.clears("f-repository")
	v.writes("#f-repository", "file://"+r.Dir)
	v.reaches("main form button.main", "lanternd")

	v.p.Go(s.URL + "/cases")
	work := browser.Eval[string](v.p, `[...document.querySelectorAll('main a[href^="/cases/"]')].find(a => a.textContent.includes("frame parser")).href`)
	v.p.Go(work)
	v.reads("No fix is entered yet.")
	v.reaches(`main a[href$="/fixes"]`, "lanternd")
	fixes := browser.Eval[string](v.p, `(document.querySelector('main a[href*="/fixes?product="]') ?? location).href`)
	v.p.Go(fixes)
	v.examines("fixes_none")
	v.writes("#f-fixes", "no such commit!")
	v.sends("fixes_refused", `main form[action$="/fixes"] button.main`, http.StatusUnprocessableEntity)
	v.complains("f-fixes")
	v.keeps("#f-fixes", "no such commit!")
	v.clears("f-fixes")
	v.writes("#f-fixes", string(fix))
	v.sends("fixes_entered", `main form[action$="/fixes"] button.main`, http.StatusOK)
	v.until(fixes, "released")
	v.examines("fixes_matrix")
	rows := browser.Eval[string](v.p, `[...document.querySelectorAll("main table.list tbody tr")].map(r => r.innerText.replace(/\s+/g, " ")).join("\n")`)
	for branch, state := range map[string]string{"main": "fixed", "stable-2.4": "released", "stable-2.2": "to do, applies"} {
		found := false
		for line := range strings.Lines(rows) {
			found = found || strings.HasPrefix(line, branch+" ") && strings.Contains(line, state)
		}
		if !found {
			t.Errorf("%s is not shown as %q:\n%s", branch, state, rows)
		}
	}
	v.p.Click("main details:has(img) summary")
	v.waits(func() bool {
		return browser.Eval[bool](v.p, `(() => { const i = document.querySelector('main img[src*="matrix.svg"]'); return i.complete && i.naturalWidth > 0 && i.alt !== "" })()`)
	})
	v.p.Go(work)
	v.reads("to do, applies")
	aSecretPatchIsWatched(v, fixes, r)
}

// aSecretPatchIsWatched gives the case a patch whose lines are public already.
func aSecretPatchIsWatched(v *visitor, fixes string, r *gittest.Repo) {
	v.p.Go(fixes)
	v.writes("#f-text", "no patch")
	v.sends("fixes_no_patch", `main form[action$="/fixes/patches"] button.main`, http.StatusUnprocessableEntity)
	v.complains("f-patches")
	v.keeps("#f-text", "no patch")
	v.clears("f-text")
	v.writes("#f-text", r.Git("format-patch", "--stdout", "-1", "main")+"\n")
	v.sends("fixes_patch", `main form[action$="/fixes/patches"] button.main`, http.StatusOK)
	v.until(fixes, "is public")
	v.examines("fixes_leak")
	v.sends("fixes_leak_unsaid", `main form[action$="/fixes/leaks"] button[value="dismiss"]`, http.StatusUnprocessableEntity)
	v.complains("f-reason")
	v.writes("#f-reason", "It is our own test of the same lines.")
	v.sends("fixes_leak_dismissed", `main form[action$="/fixes/leaks"] button[value="dismiss"]`, http.StatusOK)
	v.reads("is none of them", "It is our own test of the same lines.")
	// The same lines are on stable-2.4; what is left to be looked at is offered first.
	v.writes("#f-reason", "Picked from it.")
	v.sends("fixes_leaks_dismissed", `main form[action$="/fixes/leaks"] button[value="dismiss"]`, http.StatusOK)
	v.reads("Picked from it.")
	v.p.Go(strings.Split(fixes, "/fixes")[0])
	if browser.Eval[bool](v.p, `document.querySelector("main").innerText.includes("a secret patch is public")`) {
		v.t.Error("a dismissed commit alarms on the case page still")
	}
}
