package browser

import (
	"context"
	"encoding/json"
	"strconv"
	"strings"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

func itoa(n int) string { return strconv.Itoa(n) }

// Go loads another address in the same tab.
func (p *Page) Go(url string) {
	p.t.Helper()
	p.do("open "+url, chromedp.Navigate(url))
}

// PressKeys presses keys one after the other: letters, or the names Enter, Tab,
// Escape, Space, Up, Down.
func (p *Page) PressKeys(keys ...string) {
	p.t.Helper()
	for _, k := range keys {
		p.do("press "+k, chromedp.KeyEvent(keyOf(k)))
	}
}

func keyOf(name string) string {
	switch name {
	case "Enter":
		return kb.Enter
	case "Tab":
		return kb.Tab
	case "Escape":
		return kb.Escape
	case "Space":
		return " "
	case "Up":
		return kb.ArrowUp
	case "Down":
		return kb.ArrowDown
	}
	return name
}

// Navigates runs f and waits until the page that it leads to has loaded. It
// returns that page's status.
func (p *Page) Navigates(f func()) int {
	p.t.Helper()
	ctx, cancel := context.WithTimeout(p.ctx, limit)
	defer cancel()
	step := chromedp.Func(func(context.Context, *chromedp.Target) error { f(); return nil })
	r, err := chromedp.RunResponse(ctx, step)
	if err != nil {
		p.t.Fatalf("wait for the next page: %v\n%s", err, p.Describe())
	}
	if r == nil {
		return 0
	}
	return int(r.Status)
}

// Wait waits until an element that the CSS selector names is visible.
func (p *Page) Wait(selector string) {
	p.t.Helper()
	p.do("wait for "+selector, chromedp.WaitVisible(selector))
}

// Click clicks an element.
func (p *Page) Click(selector string) {
	p.t.Helper()
	p.do("click "+selector, chromedp.Click(selector))
}

// Fill sets a field's value as if typed, and says so to the page.
func (p *Page) Fill(selector, value string) {
	p.t.Helper()
	quoted, _ := json.Marshal(value)
	sel, _ := json.Marshal(selector)
	Eval[bool](p, `(() => { const e = document.querySelector(`+string(sel)+`); e.value = `+string(quoted)+
		`; e.dispatchEvent(new Event("input", {bubbles: true})); e.dispatchEvent(new Event("change", {bubbles: true})); return true })()`)
}

// Text returns the visible text of an element.
func (p *Page) Text(selector string) string {
	p.t.Helper()
	sel, _ := json.Marshal(selector)
	return strings.TrimSpace(Eval[string](p, `document.querySelector(`+string(sel)+`)?.innerText ?? ""`))
}

// URL returns the present address.
func (p *Page) URL() string {
	p.t.Helper()
	return Eval[string](p, `location.href`)
}

// Eval runs an expression in the page; the policy does not hold for it. A promise
// is awaited.
func Eval[T any](p *Page, js string) T {
	p.t.Helper()
	ctx, cancel := context.WithTimeout(p.ctx, limit)
	defer cancel()
	v, err := chromedp.Run(ctx, chromedp.Evaluate[T](js, chromedp.EvalAwaitPromise))
	if err != nil {
		p.t.Fatalf("evaluate %.80s: %v", js, err)
	}
	return v
}

// Overflow returns how many pixels the page is wider than its window; more than
// 0 means that a reader must scroll sideways.
func (p *Page) Overflow() int {
	p.t.Helper()
	return Eval[int](p, `document.documentElement.scrollWidth - document.documentElement.clientWidth`)
}
