package browser

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"github.com/chromedp/cdproto/input"
	"github.com/chromedp/chromedp"
)

// Person returns a browser with cookies of its own in the same Chromium: another
// person at another machine.
func (b *Browser) Person() *Browser {
	b.t.Helper()
	return b.For(b.t)
}

// For is Person for another test, which may run beside this one: a Chromium takes longer
// to start than most tests to run.
func (b *Browser) For(t testing.TB) *Browser {
	t.Helper()
	ctx, cancel := chromedp.NewContext(b.ctx, chromedp.WithNewBrowserContext())
	t.Cleanup(cancel)
	if err := chromedp.Do(ctx); err != nil {
		t.Fatalf("a browser for another person: %v", err)
	}
	return &Browser{t: t, ctx: ctx}
}

// Focus puts the cursor into an element and selects what is in it.
func (p *Page) Focus(selector string) {
	p.t.Helper()
	sel, _ := json.Marshal(selector)
	if !Eval[bool](p, `(() => { const e = document.querySelector(`+string(sel)+`); if (!e) return false;
		e.scrollIntoView({block: "center"}); e.focus(); if (e.select) e.select(); return document.activeElement === e })()`) {
		p.t.Fatalf("%s cannot be focused\n%s", selector, p.Describe())
	}
}

// Type puts text where the cursor is, as typed or pasted by hand.
func (p *Page) Type(text string) {
	p.t.Helper()
	if text == "" {
		p.PressKeys("\b")
		return
	}
	p.do("type", command(input.InsertText, input.InsertTextParams{Text: text}))
}

// Upload chooses files in a file field.
func (p *Page) Upload(selector string, files ...string) {
	p.t.Helper()
	p.do("choose files in "+selector, chromedp.SetUploadFiles(selector, files))
}

// Describe says what is on the page, for the report of a failure: its address, its
// visible text, and where a screenshot of it was written.
func (p *Page) Describe() string {
	ctx, cancel := context.WithTimeout(p.ctx, limit)
	defer cancel()
	text, err := chromedp.Run(ctx, chromedp.Evaluate[string](`location.href + "\n" + document.title + "\n" + (document.querySelector("main") || document.body).innerText.slice(0, 6000)`))
	if err != nil {
		return "the page cannot be read: " + err.Error()
	}
	shot := "no screenshot"
	if png, err := chromedp.Run(ctx, chromedp.FullScreenshot(80)); err == nil {
		shot = filepath.Join(os.TempDir(), fmt.Sprintf("tocsin-page-%d.png", os.Getpid()))
		if dir := Shots(); dir != "" {
			shot = filepath.Join(dir, "failure.png")
		}
		if err := os.WriteFile(shot, png, 0o600); err != nil {
			shot = err.Error()
		}
	}
	return "--- what the person saw (" + shot + "):\n" + text + "\n---"
}
