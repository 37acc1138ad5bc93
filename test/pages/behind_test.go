package pages

import (
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/tocsin-sec/tocsin/test/browser"
)

// letters are the paths below prefix in the mails to the address so far, the newest first.
func letters(t *testing.T, inbox, to, prefix string) []string {
	t.Helper()
	link := regexp.MustCompile(`https?://[^/\s]+(` + regexp.QuoteMeta(prefix) + `[^\s"<>]+)`)
	files, err := filepath.Glob(filepath.Join(inbox, "new", "*"))
	if err != nil {
		t.Fatal(err)
	}
	type letter struct {
		path string
		at   time.Time
	}
	var found []letter
	for _, f := range files {
		raw, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		info, err := os.Stat(f)
		if err != nil {
			t.Fatal(err)
		}
		text := strings.ReplaceAll(string(raw), "=\r\n", "")
		if m := link.FindStringSubmatch(text); m != nil && strings.Contains(text, to) {
			found = append(found, letter{m[1], info.ModTime()})
		}
	}
	slices.SortFunc(found, func(a, b letter) int { return b.at.Compare(a.at) })
	var out []string
	for _, l := range found {
		out = append(out, l.path)
	}
	return out
}

// lettered waits for a mail to the address and returns the newest path below prefix.
func lettered(t *testing.T, inbox, to, prefix string) string {
	t.Helper()
	tick := time.NewTicker(100 * time.Millisecond)
	defer tick.Stop()
	for end := time.Now().Add(2 * time.Minute); time.Now().Before(end); <-tick.C {
		if found := letters(t, inbox, to, prefix); len(found) > 0 {
			return found[0]
		}
	}
	t.Fatalf("no mail to %s names %s", to, prefix)
	return ""
}

// visitor looks at the pages that no link leads to: what comes back from a form, and
// what opens by a secret link.
type visitor struct {
	typist
	n int
}

// sends presses a button and examines the page that comes.
func (v *visitor) sends(name, button string, status int) {
	v.t.Helper()
	if got := v.p.Navigates(func() { v.p.Click(button) }); got != status {
		v.t.Fatalf("%s: %s leads to status %d, want %d\n%s", name, button, got, status, v.p.Describe())
	}
	v.examines(name)
}

func (v *visitor) examines(name string) {
	v.t.Helper()
	v.n++
	if n := browser.Eval[int](v.p, `document.querySelectorAll("h1").length`); n != 1 {
		v.t.Errorf("%s has %d h1", name, n)
	}
	examine(v.t, v.p, "behind_", "/"+name, looks[v.n%2*2])
}

func (v *visitor) writes(selector, text string) {
	v.t.Helper()
	v.p.Focus(selector)
	v.p.Type(text)
}

// complains wants an error summary that has the focus and whose first link leads to the field.
func (v *visitor) complains(field string) {
	v.t.Helper()
	if !browser.Eval[bool](v.p, `document.activeElement === document.querySelector(".errors")`) {
		v.t.Errorf("the error summary has not the focus\n%s", v.p.Describe())
	}
	v.p.Click(`.errors a[href="#` + field + `"]`)
	if !browser.Eval[bool](v.p, `document.activeElement && document.activeElement.id === "`+field+`" || location.hash === "#`+field+`"`) {
		v.t.Errorf("the summary does not lead to %s\n%s", field, v.p.Describe())
	}
}

func (v *visitor) keeps(selector, text string) {
	v.t.Helper()
	if got := browser.Eval[string](v.p, `document.querySelector('`+selector+`').value`); got != text {
		v.t.Errorf("%s holds %q after an error, want %q", selector, got, text)
	}
}

// reaches presses a button and wants a text on the page that comes.
func (v *visitor) reaches(button, text string) {
	v.t.Helper()
	if status := v.p.Navigates(func() { v.p.Click(button) }); status >= 400 {
		v.t.Fatalf("%s leads to status %d\n%s", button, status, v.p.Describe())
	}
	v.reads(text)
}

// reporterPages: the form comes back with everything and says what is wrong, the status
// page opens by the link in the letter, takes more, and is in the language of the form.
func reporterPages(t *testing.T, h house) {
	s, _, inbox := h.mailed()
	p := h.b.Open(s.URL+"/report/lanterna", browser.View{Lang: "zh-CN"})
	v := &visitor{typist: typist{t, p}}
	v.examines("report_form_zh")
	if lang := browser.Eval[string](p, `document.documentElement.lang`); lang != "zh-Hans" {
		t.Errorf("the Chinese form says %q", lang)
	}
	v.writes("#f-steps", "one\ntwo <three>")
	v.writes("#f-address", "lin@mail.example@x")
	v.writes("#f-deadline", "next spring")
	p.Click(`input[name="exploited"][value="unsure"]`)
	v.sends("report_form_error", "main form button.main", http.StatusUnprocessableEntity)
	v.keeps("#f-steps", "one\ntwo <three>")
	v.keeps("#f-address", "lin@mail.example@x")
	v.keeps("#f-deadline", "next spring")
	v.keeps(`input[name="exploited"]:checked`, "unsure")
	for _, field := range []string{"f-address", "f-deadline", "f-what"} {
		if !browser.Eval[bool](p, `!!document.querySelector('.errors a[href="#`+field+`"]') && document.getElementById("`+field+`").getAttribute("aria-invalid") === "true"`) {
			t.Errorf("the summary does not name %s\n%s", field, p.Describe())
		}
	}
	v.complains("f-what")
	v.writes("#f-what", "名称过长时 lanternd 崩溃。")
	v.writes("#f-address", "lin@mail.example")
	v.writes("#f-deadline", "2027-04-01")
	v.sends("status", "main form button.main", http.StatusOK)
	v.reads("名称过长时 lanternd 崩溃。")
	// The letter has the language of the page that the form was filled in.
	status := lettered(t, inbox, "lin@mail.example", "/status/")
	p.Go(s.URL + status)
	v.sends("status_error", "main form button.main", http.StatusUnprocessableEntity)
	v.complains("f-text")
	v.writes("#f-text", "还有 2.4.9。")
	v.sends("status_added", "main form button.main", http.StatusOK)
	v.reads("还有 2.4.9。")
	p.Go(s.URL + "/status/nobodyhasthis")
	v.examines("status_unknown")
}

// pagesBehindLinksInMail: a forgotten password, a new address, and an invitation from
// the letter to the case.
func pagesBehindLinksInMail(t *testing.T, h house) {
	s, link, inbox := h.mailed()
	p := h.b.Open(s.URL+"/signin/forgot", browser.View{})
	v := &visitor{typist: typist{t, p}}
	v.writes(`input[type="email"]`, "no address")
	v.sends("forgot_error", "main form button.main", http.StatusUnprocessableEntity)
	v.keeps(`input[type="email"]`, "no address")
	v.writes(`input[type="email"]`, "mira@lanterna.example")
	v.sends("forgot_sent", "main form button.main", http.StatusOK)
	p.Go(s.URL + lettered(t, inbox, "mira@lanterna.example", "/link/"))
	v.examines("forgot_link")

	signIn(t, p, link)
	p.Go(s.URL + "/settings/address")
	v.writes(`input[type="email"]`, "mira.h@lanterna.example")
	v.sends("address_sent", "main form button.main", http.StatusOK)
	p.Go(s.URL + lettered(t, inbox, "mira.h@lanterna.example", "/link/"))
	v.examines("address_link")

	p.Go(s.URL + "/cases")
	p.Navigates(func() { p.Click(`[data-row] a[data-open]`) })
	title := p.Text("h1")
	p.Go(p.URL() + "/people")
	v.writes("#f-address", "visitor@mail.example")
	v.sends("invited", `form[action$="/invite"] button.main`, http.StatusOK)

	other := h.b.Person().Open(s.URL+lettered(t, inbox, "visitor@mail.example", "/link/"), browser.View{})
	w := &visitor{typist: typist{t, other}}
	w.examines("account_link")
	w.writes("#f-name", "Vera Visitor")
	w.writes("#f-password", "short")
	w.sends("account_link_error", "main form button.main", http.StatusUnprocessableEntity)
	w.keeps("#f-name", "Vera Visitor")
	w.complains("f-password")
	w.writes("#f-password", "nine lamps in a cold hall")
	w.sends("account_made", "main form button.main", http.StatusOK)
	other.Go(s.URL + lettered(t, inbox, "visitor@mail.example", "/invitations/"))
	w.examines("invitation")
	w.sends("invitation_error", `button[value="accept"]`, http.StatusUnprocessableEntity)
	w.complains("f-agree")
	if !browser.Eval[bool](other, `document.getElementById("f-agree").checked`) {
		other.Click("#f-agree")
	}
	w.sends("invitation_accepted", `button[value="accept"]`, http.StatusOK)
	if got := other.Text("h1"); got != title {
		t.Errorf("the invitation leads to %q, want the case %q\n%s", got, title, other.Describe())
	}
}

func confirmPagesOfTheDesk(t *testing.T, h house) {
	s, link := h.demo()
	fill(t, s, 55)
	p := h.b.Open(s.URL+"/", browser.View{})
	signIn(t, p, link)
	v := &visitor{typist: typist{t, p}}
	held(t, p, s, 50)
	for _, do := range []string{"release", "reject", "not_ours", "duplicate", "ask", "spam"} {
		p.Go(s.URL + "/desk")
		browser.Eval[bool](p, `(document.querySelectorAll('[data-row] input[name="id"]').forEach(e => e.checked = true), true)`)
		v.sends("confirm_"+do, `button[value="`+do+`"]`, http.StatusOK)
	}
	// A reason is asked for, and what was typed stays.
	v.writes("#f-reason", "")
	v.sends("confirm_error", "main form button.main", http.StatusUnprocessableEntity)
	v.complains("f-reason")
	v.writes("#f-reason", "noise")
	v.sends("confirmed", "main form button.main", http.StatusOK)
}
