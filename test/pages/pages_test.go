package pages

import (
	"strings"
	"testing"

	"github.com/tocsin-sec/tocsin/internal/platform/mailer/mailertest"
	"github.com/tocsin-sec/tocsin/test/browser"
	"github.com/tocsin-sec/tocsin/test/program"
)

// TestPages is every test that looks at the worked example: one binary and one Chromium
// for all of them, a server and a profile for each. They run beside one another, the
// longest first.
func TestPages(t *testing.T) {
	if testing.Short() {
		t.Skip("browser tests, skipped by -short")
	}
	b, binary := browser.New(t, false), program.Build(t)
	for _, c := range []struct {
		name string
		run  func(*testing.T, house)
	}{
		{"every page", everyPage},
		{"a moderator clears the desk by keyboard", moderatorClearsTheDesk},
		{"publishing without scripts", publishingWithoutScripts},
		{"confirm pages of the desk", confirmPagesOfTheDesk},
		{"a reporter's pages", reporterPages},
		{"pages behind links in mail", pagesBehindLinksInMail},
		{"the main path by keyboard only", mainPathByKeyboard},
		{"forms work without scripts", formsWithoutScripts},
		{"check a document", checkADocument},
		{"pages of a team", pagesOfATeam},
		{"which branch has the fix", whichBranchHasTheFix},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			c.run(t, house{t, b.For(t), binary})
		})
	}
}

// house is what a test of pages has: a browser of its own and the shipped binary.
type house struct {
	t      *testing.T
	b      *browser.Browser
	binary string
}

// demo starts the worked example and returns it with the chair's sign-in link.
func (h house) demo(flags ...string) (*program.Server, string) {
	h.t.Helper()
	s := program.Start(h.t, program.Options{Binary: h.binary, Flags: append([]string{"--demo"}, flags...), Plain: true})
	return s, s.Find(h.t, `(?m)Sign in as Mira Halonen.*: (http\S+/link/\S+)$`)
}

// mailed is the worked example with a smarthost that delivers into a folder.
func (h house) mailed() (s *program.Server, link, inbox string) {
	h.t.Helper()
	inbox = h.t.TempDir()
	s, link = h.demo("--smarthost", "smtp://"+mailertest.Maildir(h.t, inbox))
	return s, link, inbox
}

// signIn follows the one-time link.
func signIn(t *testing.T, p *browser.Page, link string) {
	t.Helper()
	p.Go(link)
	p.Navigates(func() { p.Click("main form button.main") })
	if !strings.Contains(p.URL(), "/") || p.Text("header form[action='/signout']") == "" {
		t.Fatalf("the link did not sign in\n%s", p.Describe())
	}
}
