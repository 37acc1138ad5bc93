package webui_test

import (
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/tocsin-sec/tocsin/test/browser"
)

func TestKeyboardList(t *testing.T) {
	b := browser.New(t, false)
	srv := httptest.NewServer(exampleApp(t).Handler())
	defer srv.Close()
	p := b.Open(srv.URL+"/list", browser.View{})

	p.PressKeys("j", "j")
	if got := browser.Eval[string](p, `document.querySelector("tr.at [data-open]").innerText`); !strings.HasPrefix(got, "Report 1 ") {
		t.Errorf("after j j the row is %q", got)
	}
	// htmx takes the form in a timer of its own, which may come after the page has loaded.
	browser.Eval[bool](p, `new Promise((done) => setTimeout(() => done(window.sameDocument = true)))`)
	p.PressKeys("x", "j", "x", "s")
	p.Wait(".flash")
	if !browser.Eval[bool](p, `window.sameDocument === true`) {
		t.Error("the page was loaded anew although htmx could spare it")
	}
	if got := p.Text(".flash"); got != "spam: 2 rows" {
		t.Errorf("ticked rows: %q", got)
	}
	p.Wait("tr.at") // the script marks it when htmx has said that the swap is done, which is after the flash shows
	if got := browser.Eval[string](p, `document.querySelector("tr.at [data-open]")?.innerText ?? "none"`); !strings.HasPrefix(got, "Report 2 ") {
		t.Errorf("after the action the row is %q, want the one at the same place", got)
	}
	p.Go(srv.URL + "/list")
	p.PressKeys("k", "r")
	p.Wait(".flash")
	if got := p.Text(".flash"); got != "release: 1 rows" {
		t.Errorf("one letter for the present row: %q", got)
	}
	p.PressKeys("?")
	p.Wait("#keys-help[open]")
	p.Screenshot("keys", 1280, false)
	if help := p.Text("#keys-help"); !strings.Contains(help, "Release") || !strings.Contains(help, "Next and previous row") {
		t.Errorf("help: %q", help)
	}
	p.PressKeys("s") // must do nothing while the help is open
	p.Click("#keys-on")
	p.PressKeys("Escape", "j", "s")
	if u := p.URL(); u != srv.URL+"/list" {
		t.Errorf("a shortcut fired although they are off: %s", u)
	}
	p.PressKeys("?")
	p.Click("#keys-on")
	p.PressKeys("Escape")
	if status := p.Navigates(func() { p.PressKeys("k", "Enter") }); status != 200 || !strings.Contains(p.URL(), "/case?from=") {
		t.Errorf("Enter led to %d %s", status, p.URL())
	}
	for _, v := range append(p.CSPViolations(), p.Errors()...) {
		t.Error(v)
	}
}

func TestShortcutsDoNotFireWhileTyping(t *testing.T) {
	b := browser.New(t, false)
	srv := httptest.NewServer(exampleApp(t).Handler())
	defer srv.Close()
	p := b.Open(srv.URL+"/case", browser.View{})
	p.Click("textarea")
	p.PressKeys("n", "e", "?")
	if got := browser.Eval[string](p, `document.querySelector("textarea").value`); got != "ne?" {
		t.Errorf("typed %q", got)
	}
}

func TestFormWithProblemsInABrowser(t *testing.T) {
	b := browser.New(t, false)
	srv := httptest.NewServer(exampleApp(t).Handler())
	defer srv.Close()
	for _, v := range []browser.View{{}, {NoScript: true}} {
		p := b.Open(srv.URL+"/form", v)
		p.Click("textarea")
		p.PressKeys("k", "e", "p", "t")
		p.Click("#f-deadline")
		p.PressKeys("2", "0", "2", "6", "-", "1", "2")
		p.Click("#f-told")
		if status := p.Navigates(func() { p.Click("button.main") }); status != 422 {
			t.Errorf("status %d", status)
		}
		// A browser's own field for dates sent nothing of half a date, or kept the form back with
		// a word of its own; and the boxes of the other form came back without their ticks.
		if got := p.Text("main"); !strings.Contains(got, "Enter a date and an hour, such as 2026-12-04 14:00.") {
			t.Errorf("half a date: %s", got)
		}
		const ticked = `[document.querySelector("#f-deadline").value, ...[...document.querySelectorAll("input:checked")].map(e => e.name + e.value)].join(" ")`
		if got := browser.Eval[string](p, ticked); got != "2026-12 tolda loudon heardb" {
			t.Errorf("what was typed and ticked came back as %q", got)
		}
		if v.NoScript {
			continue
		}
		if got := browser.Eval[string](p, `document.activeElement.className`); got != "errors" {
			t.Errorf("the focus is on %q, not on the summary", got)
		}
		if got := browser.Eval[string](p, `document.querySelector("textarea").value`); got != "kept" {
			t.Errorf("the typed text came back as %q", got)
		}
		p.Screenshot("problems", 1280, false)
		p.Screenshot("problems", 390, true)
		if f, _ := p.Axe(); len(f) > 0 {
			t.Error(f)
		}
		p.Click(".errors a")
		if got := browser.Eval[string](p, `document.activeElement.id`); got != "f-title" {
			t.Errorf("the summary's link leads to %q", got)
		}
		for _, v := range append(p.CSPViolations(), p.Errors()...) {
			t.Error(v)
		}
	}
}
