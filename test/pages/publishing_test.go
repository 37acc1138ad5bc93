package pages

import (
	"net/http"
	"strconv"
	"testing"
	"time"

	"github.com/tocsin-sec/tocsin/test/browser"
)

// plain is somebody whose browser runs no script.
func (h house) plain(url string) *visitor {
	return &visitor{typist: typist{h.t, h.b.Person().Open(url, browser.View{NoScript: true})}}
}

// publishingWithoutScripts takes the example's draft from a decision in the case to the
// public site, and a correction after it, in browsers that run no script, and looks at
// each page on the way.
func publishingWithoutScripts(t *testing.T, h house) {
	s, link, inbox := h.mailed()
	mira := h.plain(link)
	mira.reaches("main form button.main", "Mira Halonen")
	jonas := h.plain(s.URL + "/signin/forgot")
	jonas.writes(`input[type="email"]`, "jonas@lanterna.example")
	jonas.reaches("main form button.main", "")
	// The example has sent him a link before, which is over.
	jonas.waits(func() bool {
		for _, link := range letters(t, inbox, "jonas@lanterna.example", "/link/") {
			if jonas.p.Go(s.URL + link); browser.Eval[bool](jonas.p, `!!document.getElementById("f-password")`) {
				return true
			}
		}
		return false
	})
	jonas.writes("#f-password", "nine lamps in a cold hall")
	jonas.reaches("main form button.main", "")

	p := mira.p
	p.Go(s.URL + "/advisory")
	p.Navigates(func() { p.Click(`[data-row] a[data-open]`) })
	advisory := p.URL()
	dossier := browser.Eval[string](p, `document.querySelector('main a[href^="/cases/"]').href`)

	// Somebody waives in the case what nobody fixes: the draft does not change by itself.
	p.Go(dossier + "/affected")
	for i := range browser.Eval[int](p, `document.querySelectorAll("main select[name$='.status']").length`) {
		browser.Eval[bool](p, `(() => { const box = document.querySelectorAll("main select[name$='.status']")[`+strconv.Itoa(i)+`];
			const set = box.closest("fieldset"); if (!set.querySelector("input[name$='.name']").value || box.value === "fixed" || box.value === "not_affected") return false;
			box.value = "waived"; set.querySelector("input[name$='.reason']").value = "End of life this month."; return true })()`)
	}
	mira.reaches("main form button.main", "")
	jonas.p.Go(advisory + "/arm")
	jonas.examines("arm_blocked")
	jonas.sends("arm_refused", "main form button.danger", http.StatusConflict)
	jonas.reads("The case has decided about")
	p.Go(advisory)
	mira.reads("The case says something else", "End of life this month.")
	p.Navigates(func() { p.Click(`main a[href$="/adopt"]`) })
	mira.examines("adopt")
	mira.reaches("main form button.main", "Taken over")
	mira.examines("adopted")

	jonas.p.Go(advisory + "/approve")
	jonas.examines("approve")
	jonas.reaches("main form button.main", "Approved")
	p.Go(advisory + "/arm")
	mira.examines("arm")
	mira.reaches("main form button.danger", "Armed")
	p.Go(advisory + "/confirm")
	mira.examines("confirm")
	mira.reaches("main form button.main", "Confirmed")
	mira.examines("ready")

	// It is public elsewhere: the embargo ends, and what was armed is published.
	p.Go(dossier + "/embargo")
	p.Click(`input[name="kind"][value="end"]`)
	mira.writes("#f-reason", "Somebody posted it.")
	mira.sends("embargo_end", "main form button.main", http.StatusOK)
	mira.reaches("main form button.danger, main form button.main", "")
	public := mira.published(advisory)
	p.Go(public)
	mira.reads("Heap overflow")
	mira.examines("published")

	// A correction is asked for by hand.
	p.Go(advisory + "/edit")
	mira.writes("#f-workarounds", "Turn the frame parser off.")
	mira.reaches(`main form button.main`, "Saved")
	jonas.p.Go(advisory + "/approve")
	jonas.examines("approve_correction")
	jonas.reaches("main form button.main", "Approved")
	p.Go(advisory + "/publish")
	mira.reads("What changed since revision", "Turn the frame parser off.")
	mira.examines("publish")
	mira.reaches("main form button.danger", "It is being published")
	mira.until(public, "Turn the frame parser off.")
}

// published waits for the address of the public page.
func (v *visitor) published(advisory string) string {
	v.t.Helper()
	page := ""
	v.waits(func() bool {
		v.p.Go(advisory)
		page = browser.Eval[string](v.p, `document.querySelector('main a[href^="/advisories/"]')?.href ?? ""`)
		return page != ""
	})
	return page
}

// until loads a page again until it has the text.
func (v *visitor) until(url, text string) {
	v.t.Helper()
	v.waits(func() bool {
		v.p.Go(url)
		return browser.Eval[bool](v.p, `document.body.innerText.includes(`+strconv.Quote(text)+`)`)
	})
}

func (v *visitor) waits(done func() bool) {
	v.t.Helper()
	tick := time.NewTicker(200 * time.Millisecond)
	defer tick.Stop()
	for end := time.Now().Add(2 * time.Minute); !done(); <-tick.C {
		if time.Now().After(end) {
			v.t.Fatalf("waits in vain\n%s", v.p.Describe())
		}
	}
}
