package pages

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"

	"github.com/tocsin-sec/tocsin/test/browser"
)

// typist uses nothing but the keyboard.
type typist struct {
	t *testing.T
	p *browser.Page
}

// reach presses Tab until the focus is on what the selector names, as somebody who
// cannot use a mouse must.
func (y typist) reach(selector string) {
	y.t.Helper()
	quoted, _ := json.Marshal(selector)
	on := `!!document.activeElement && document.activeElement.matches(` + string(quoted) + `)`
	for range 120 {
		if browser.Eval[bool](y.p, on) {
			if !browser.Eval[bool](y.p, `(() => { const s = getComputedStyle(document.activeElement); return s.outlineStyle !== "none" || document.activeElement.matches("input, textarea, select") })()`) {
				y.t.Errorf("the focus on %s cannot be seen", selector)
			}
			return
		}
		y.p.PressKeys("Tab")
	}
	y.t.Fatalf("Tab never comes to %s\n%s", selector, y.p.Describe())
}

// follow reaches a link or button and presses Enter.
func (y typist) follow(selector string) {
	y.t.Helper()
	y.reach(selector)
	y.key("Enter")
}

// key presses one key that leads to another page.
func (y typist) key(key string) {
	y.t.Helper()
	if status := y.p.Navigates(func() { y.p.PressKeys(key) }); status >= 400 {
		y.t.Fatalf("%s leads to status %d\n%s", key, status, y.p.Describe())
	}
}

func (y typist) reads(texts ...string) {
	y.t.Helper()
	body := y.p.Text("body")
	for _, want := range texts {
		if !strings.Contains(body, want) {
			y.t.Fatalf("%q is not on the page\n%s", want, y.p.Describe())
		}
	}
}

// row moves the list's mark with j to the row with the title.
func (y typist) row(title string) {
	y.t.Helper()
	y.p.PressKeys("j", "k") // there and back
	for range 50 {
		if strings.Contains(y.p.Text("[data-row].at"), title) {
			return
		}
		y.p.PressKeys("j")
	}
	y.t.Fatalf("j never comes to %q\n%s", title, y.p.Describe())
}

func mainPathByKeyboard(t *testing.T, h house) {
	_, link := h.demo()
	p := h.b.Open(link, browser.View{})
	y := typist{t, p}
	y.follow("main form button.main")

	y.follow(`header a[href="/desk"]`)
	y.row("Request smuggling")
	y.key("Enter")
	y.reads("lanternd takes a chunk size with a leading plus sign")
	y.key("r")
	y.follow(`button[value="case"]`)

	y.reach(`textarea[name="text"]`)
	p.Type("Thank you. We see the same with nginx 1.27.")
	y.follow(`button[value="reply"]`)
	y.reads("We see the same with nginx 1.27.")

	y.follow(`nav a[href$="/assess"]`)
	y.reach(`input[name="vector31"]`)
	p.Type("CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:N")
	y.follow(`main form button.main`)
	y.reads("Critical", "9.1")

	y.follow(`header a[href="/advisory"]`)
	y.row("Heap overflow")
	y.key("Enter")
	y.key("a")
	y.reads("exactly this revision")
	y.follow(`main form button.main`)
	y.reads("Approved")

	p.PressKeys("?")
	p.Wait("#keys-help[open]")
	p.PressKeys("Escape")
	for _, v := range append(p.CSPViolations(), p.Errors()...) {
		t.Error(v)
	}
}

// formsWithoutScripts releases, replies, approves and arms in a browser that runs no
// script.
func formsWithoutScripts(t *testing.T, h house) {
	s, link := h.demo()
	p := h.b.Open(link, browser.View{NoScript: true})
	submit := func(selector string) {
		t.Helper()
		if status := p.Navigates(func() { p.Click(selector) }); status >= 400 {
			t.Fatalf("%s leads to status %d\n%s", selector, status, p.Describe())
		}
	}
	y := typist{t, p}
	submit("main form button.main")
	p.Go(s.URL + "/desk")
	y.reads("Critical!!! Missing SPF record")
	p.Click(`[data-row] input[name="id"]`)
	submit(`button[value="release"]`)
	submit(`button[value="case"]`)
	y.reads("Conversation")
	p.Focus(`textarea[name="text"]`)
	p.Type("Thank you for telling us.")
	submit(`button[value="reply"]`)
	y.reads("Thank you for telling us.")
	p.Go(s.URL + "/advisory")
	submit(`[data-row] a[data-open]`)
	submit(`a[href$="/approve"]`)
	submit("main form button.main")
	y.reads("Approved")
	submit(`a[href$="/arm"]`)
	// Two branches of the example wait for a decision: the form comes back and says so.
	if status := p.Navigates(func() { p.Click("main form button.danger") }); status != http.StatusConflict {
		t.Errorf("arming with open branches gives status %d\n%s", status, p.Describe())
	}
	y.reads("Nobody has decided about lanternd stable-2.4")
	p.Go(s.URL + "/advisory")
	submit(`[data-row] a[data-open]`)
	submit(`a[href$="/hold"]`)
	p.Focus(`textarea[name="reason"]`)
	p.Type("We wait for the second patch.")
	submit("main form button.main")
	y.reads("We wait for the second patch.")
}
