package pages

import (
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/tocsin-sec/tocsin/internal/platform/mailer/mailertest"
	"github.com/tocsin-sec/tocsin/test/browser"
	"github.com/tocsin-sec/tocsin/test/program"
)

// mailed is the worked example with a smarthost that delivers into a folder.
func mailed(t *testing.T) (s *program.Server, link, inbox string) {
	t.Helper()
	if testing.Short() {
		t.Skip("a browser test, skipped by -short")
	}
	inbox = t.TempDir()
	s = program.Start(t, program.Options{Binary: program.Build(t), Plain: true,
		Flags: []string{"--demo", "--smarthost", "smtp://" + mailertest.Maildir(t, inbox)}})
	return s, s.Find(t, `(?m)Sign in as Mira Halonen.*: (http\S+/link/\S+)$`), inbox
}

// lettered waits for a mail to the address and returns the newest path below prefix in one.
func lettered(t *testing.T, inbox, to, prefix string) string {
	t.Helper()
	link := regexp.MustCompile(`https?://[^/\s]+(` + regexp.QuoteMeta(prefix) + `[^\s"<>]+)`)
	tick := time.NewTicker(100 * time.Millisecond)
	defer tick.Stop()
	for end := time.Now().Add(2 * time.Minute); time.Now().Before(end); <-tick.C {
		files, err := filepath.Glob(filepath.Join(inbox, "new", "*"))
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range files {
			raw, err := os.ReadFile(f)
			if err != nil {
				t.Fatal(err)
			}
			text := strings.ReplaceAll(string(raw), "=\r\n", "")
			if m := link.FindStringSubmatch(text); m != nil && strings.Contains(text, to) {
				return m[1]
			}
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

func TestPagesBehindLinksInMail(t *testing.T) {
	s, link, inbox := mailed(t)
	b := browser.New(t, false)
	p := b.Open(s.URL+"/signin/forgot", browser.View{})
	v := &visitor{typist: typist{t, p}}
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
	p.Go(p.URL() + "/people")
	v.writes("#f-address", "visitor@mail.example")
	v.sends("invited", `form[action$="/invite"] button.main`, http.StatusOK)
	other := b.Person().Open(s.URL+lettered(t, inbox, "visitor@mail.example", "/link/"), browser.View{})
	w := &visitor{typist: typist{t, other}}
	w.examines("account_link")
}

func TestConfirmPagesOfTheDesk(t *testing.T) {
	s, link := demo(t)
	fill(t, s, 55)
	p := browser.New(t, false).Open(s.URL+"/", browser.View{})
	signIn(t, p, link)
	v := &visitor{typist: typist{t, p}}
	tick := time.NewTicker(200 * time.Millisecond)
	defer tick.Stop()
	rows := 0
	for end := time.Now().Add(time.Minute); rows < 50; <-tick.C {
		p.Go(s.URL + "/desk")
		if rows = browser.Eval[int](p, `document.querySelectorAll("[data-row]").length`); time.Now().After(end) {
			t.Fatalf("%d rows\n%s", rows, p.Describe())
		}
	}
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
