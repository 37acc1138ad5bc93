package walk

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/tocsin-sec/tocsin/test/browser"
)

// person is somebody at a browser of his own. He finds things by what he reads:
// fields by their labels, buttons and links by their words.
type person struct {
	t        testing.TB
	site     string // https://localhost:PORT
	name     string
	address  string
	password string
	page     *browser.Page
	marks    int
}

// visits opens a path of the site.
func (p *person) visits(path string) {
	p.t.Helper()
	p.page.Go(strings.TrimSuffix(p.site, "/") + path)
}

// fails ends the test with what is on the page.
func (p *person) fails(format string, args ...any) {
	p.t.Helper()
	p.t.Fatalf("%s: %s\n%s", p.name, fmt.Sprintf(format, args...), p.page.Describe())
}

// reads wants every text on the page.
func (p *person) reads(texts ...string) {
	p.t.Helper()
	body := p.page.Text("body")
	for _, want := range texts {
		if !contains(body, want) {
			p.fails("does not read %q", want)
		}
	}
}

// readsNot wants none of the texts on the page.
func (p *person) readsNot(texts ...string) {
	p.t.Helper()
	body := p.page.Text("body")
	for _, not := range texts {
		if contains(body, not) {
			p.fails("reads %q, which should not be there", not)
		}
	}
}

// contains compares as a reader does: blanks and CSS capitals mean nothing.
func contains(body, want string) bool {
	flat := func(s string) string { return strings.ToLower(strings.Join(strings.Fields(s), " ")) }
	return strings.Contains(flat(body), flat(want))
}

// waits reloads the page until it has the text.
func (p *person) waits(path, text string) {
	p.t.Helper()
	until(p.t, patience, func() bool {
		p.visits(path)
		return contains(p.page.Text("body"), text)
	}, func() { p.fails("waits in vain for %q", text) })
}

// until asks again and again, without pausing longer than a person would notice.
func until(t testing.TB, limit time.Duration, done func() bool, fail func()) {
	t.Helper()
	end := time.Now().Add(limit)
	tick := time.NewTicker(50 * time.Millisecond)
	defer tick.Stop()
	for !done() {
		if time.Now().After(end) {
			fail()
			t.FailNow()
		}
		<-tick.C
	}
}

// find marks the one element that js returns and gives its selector, "" for none.
func (p *person) find(js string) string {
	p.t.Helper()
	p.marks++
	mark := fmt.Sprintf("w%d", p.marks)
	if !browser.Eval[bool](p.page, `(() => { const flat = s => (s || "").replace(/\s+/g, " ").trim().toLowerCase();
		const seen = e => e.checkVisibility({visibilityProperty: true});
		const e = (() => {`+js+`})(); if (!e) return false; e.setAttribute("data-walk", "`+mark+`"); return true })()`) {
		return ""
	}
	return `[data-walk="` + mark + `"]`
}

func quote(s string) string { raw, _ := json.Marshal(strings.ToLower(s)); return string(raw) }

// field finds a field by the beginning of its label, within the element near which
// a text stands ("" for the whole page).
func (p *person) field(near, label string) string {
	p.t.Helper()
	sel := p.find(within(near) + `for (const box of boxes) for (const exact of [true, false]) for (const l of box.querySelectorAll("label")) {
		const words = flat(l.textContent).replace(/ \(optional\)$/, "");
		if (!(exact ? words === ` + quote(label) + ` : words.startsWith(` + quote(label) + `))) continue;
		const e = l.control || l.querySelector("input,select,textarea"); if (e && seen(l)) return e }`)
	if sel == "" {
		p.fails("finds no field %q near %q", label, near)
	}
	return sel
}

// within declares boxes: the smallest elements with the text first, then those around.
func within(near string) string {
	if near == "" {
		return `const boxes = [document.body];`
	}
	return `const boxes = []; for (const e of document.querySelectorAll("main tr, main li, main form, main fieldset, main section, main article, main details, main div, main dd"))
		if (flat(e.innerText).includes(` + quote(near) + `)) boxes.push(e);
		boxes.sort((a, b) => a.innerText.length - b.innerText.length);`
}

// writes types text into the field with this label.
func (p *person) writes(label, text string) {
	p.t.Helper()
	p.writesNear("", label, text)
}

func (p *person) writesNear(near, label, text string) {
	p.t.Helper()
	sel := p.field(near, label)
	if p.is(sel, `.with input`) {
		p.page.Fill(sel, text) // the date that is proposed there goes
		return
	}
	p.page.Focus(sel)
	p.page.Type(text)
}

func (p *person) is(sel, what string) bool {
	return browser.Eval[bool](p.page, `document.querySelector('`+sel+`').matches('`+what+`')`)
}

// chooses picks the option with this text or value in a list, or a radio button.
func (p *person) chooses(label, option string) {
	p.t.Helper()
	p.choosesNear("", label, option)
}

func (p *person) choosesNear(near, label, option string) {
	p.t.Helper()
	sel := p.field(near, label)
	if !browser.Eval[bool](p.page, `(() => { const e = document.querySelector('`+sel+`'); const flat = s => s.replace(/\s+/g, " ").trim().toLowerCase();
		const o = [...e.options].find(o => flat(o.text) === `+quote(option)+` || o.value.toLowerCase() === `+quote(option)+`) || [...e.options].find(o => flat(o.text).includes(`+quote(option)+`));
		if (!o) return false; e.value = o.value; e.dispatchEvent(new Event("input", {bubbles: true})); e.dispatchEvent(new Event("change", {bubbles: true})); return true })()`) {
		p.fails("finds no choice %q in %q", option, label)
	}
}

// ticks ticks a box or a radio button by its label.
func (p *person) ticks(label string) {
	p.t.Helper()
	p.ticksNear("", label)
}

func (p *person) ticksNear(near, label string) {
	p.t.Helper()
	p.page.Click(p.field(near, label))
}

// presses clicks the button or link with these words and waits for the next page.
func (p *person) presses(words string) {
	p.t.Helper()
	p.pressesNear("", words)
}

func (p *person) pressesNear(near, words string) {
	p.t.Helper()
	sel := p.find(within(near) + `for (const box of boxes) for (const exact of [true, false]) for (const e of box.querySelectorAll("button, a[href], summary")) {
		const own = flat(e.innerText); if (seen(e) && (exact ? own === ` + quote(words) + ` : own.startsWith(` + quote(words) + `))) return e }`)
	if sel == "" {
		p.fails("finds no button or link %q near %q", words, near)
	}
	if p.is(sel, "summary") {
		p.page.Click(sel)
		return
	}
	status := p.page.Navigates(func() { p.page.Click(sel) })
	if status >= 500 {
		p.fails("%q ends with status %d", words, status)
	}
}

// done wants no complaint of the form on the page.
func (p *person) done() {
	p.t.Helper()
	if text := p.page.Text(".errors"); text != "" {
		p.fails("the form came back: %s", text)
	}
}

// hurts returns what is wrong with the page itself: policy, scripts, width, axe-core.
func (p *person) hurts() []string {
	p.t.Helper()
	var out []string
	for _, v := range p.page.CSPViolations() {
		out = append(out, "policy: "+v)
	}
	for _, v := range p.page.Errors() {
		out = append(out, "script: "+v)
	}
	if n := p.page.Overflow(); n > 0 {
		out = append(out, fmt.Sprintf("%d pixels wider than the window", n))
	}
	findings, _ := p.page.Grave()
	for _, f := range findings {
		out = append(out, f.String())
	}
	return slices.Compact(out)
}
