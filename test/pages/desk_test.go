package pages

import (
	"fmt"
	"net/smtp"
	"strings"
	"testing"
	"time"

	"github.com/tocsin-sec/tocsin/test/browser"
	"github.com/tocsin-sec/tocsin/test/program"
)

// fill mails n reports, every tenth of them a real one, over real SMTP. The first
// words of a subject tell the test's moderator which is which.
func fill(t *testing.T, s *program.Server, n int) {
	t.Helper()
	var c *smtp.Client
	for i := range n {
		if i%80 == 0 { // a connection takes at most 100 mails
			if c != nil {
				c.Quit()
			}
			var err error
			if c, err = smtp.Dial(s.SMTP); err != nil {
				t.Fatal(err)
			}
			if err := c.Hello("mail.example"); err != nil {
				t.Fatal(err)
			}
		}
		subject, text := fmt.Sprintf("Noise %d: your site lacks a header", i), "Dear sir, the header X-Frame-Options is missing. What do you pay?"
		if i%10 == 4 {
			subject, text = fmt.Sprintf("Crash %d of lanternd on a long name", i), "A name of 4097 bytes ends lanternd 2.4.9. The backtrace ends in name_copy()."
		}
		from := fmt.Sprintf("sender%d@mail.example", i)
		mail := fmt.Sprintf("From: <%s>\r\nTo: <security@lanterna.example>\r\nSubject: %s\r\nDate: %s\r\nMessage-ID: <%d.fill@mail.example>\r\n\r\n%s\r\n",
			from, subject, time.Now().Format(time.RFC1123Z), i, text)
		err := c.Mail(from)
		if err == nil {
			err = c.Rcpt("security@lanterna.example")
		}
		if err == nil {
			w, dataErr := c.Data()
			if err = dataErr; err == nil {
				_, err = w.Write([]byte(mail))
				if closeErr := w.Close(); err == nil {
					err = closeErr
				}
			}
		}
		if err != nil {
			t.Fatalf("mail %d: %v", i, err)
		}
	}
	c.Quit()
}

// held waits until so many reports are held. It counts them as a page would, without
// drawing any.
func held(t *testing.T, p *browser.Page, s *program.Server, want int) {
	t.Helper()
	p.Go(s.URL + "/desk")
	n := 0
	tick := time.NewTicker(200 * time.Millisecond)
	defer tick.Stop()
	for end := time.Now().Add(2 * time.Minute); ; <-tick.C {
		n = browser.Eval[int](p, `(async () => { let n = 0;
			for (let at = "/desk"; at; ) {
				const page = new DOMParser().parseFromString(await (await fetch(at)).text(), "text/html");
				n += page.querySelectorAll("[data-row]").length;
				at = page.querySelector("nav.pages a[rel=next]")?.getAttribute("href");
			}
			return n })()`)
		if n >= want {
			return
		}
		if time.Now().After(end) {
			t.Fatalf("only %d reports are held, want %d\n%s", n, want, p.Describe())
		}
	}
}

// moderator is somebody who clears the desk and whose keystrokes are counted.
type moderator struct {
	t     *testing.T
	p     *browser.Page
	keys  int
	loads int
}

func (m *moderator) press(key string) { m.keys++; m.p.PressKeys(key) }

// enter presses a key that leads to another page.
func (m *moderator) enter(key string) {
	m.t.Helper()
	m.loads++
	if status := m.p.Navigates(func() { m.press(key) }); status >= 400 {
		m.t.Fatalf("%s leads to status %d\n%s", key, status, m.p.Describe())
	}
}

// rows are the titles in the list, and which one the mark is at.
func (m *moderator) rows() (titles []string, at int) {
	titles = browser.Eval[[]string](m.p, `[...document.querySelectorAll("[data-row] [data-open]")].map(e => e.innerText)`)
	return titles, browser.Eval[int](m.p, `[...document.querySelectorAll("[data-row]")].findIndex(e => e.classList.contains("at"))`)
}

func noise(title string) bool { return strings.HasPrefix(title, "Noise") }

// oneByOne decides the first n reports, each read as it opens by itself.
func (m *moderator) oneByOne(n int) {
	for range n {
		title := m.p.Text("#report-title")
		if letter := "r"; noise(title) {
			letter = "s"
			m.enter(letter)
		} else {
			m.enter(letter)
		}
		m.enter("Enter") // the page says what happens to whom; its button has the focus
		if m.p.Text("#report-title") == title {
			m.t.Fatalf("%q is still there\n%s", title, m.p.Describe())
		}
	}
}

// sweep ticks the noise of the list from the mark on, at most 50, and decides it.
func (m *moderator) sweep() bool {
	titles, at := m.rows()
	ticked := 0
	for i := max(at, 0); i < len(titles) && ticked < 50; i++ {
		if i > max(at, 0) {
			m.press("j")
		}
		if noise(titles[i]) {
			m.press("x")
			ticked++
		}
	}
	if ticked == 0 {
		return false
	}
	m.enter("s")
	m.enter("Enter")
	return true
}

func moderatorClearsTheDesk(t *testing.T, h house) {
	const reports, most = 200, 3.0
	s, link := h.demo()
	fill(t, s, reports)
	p := h.b.Open(s.URL+"/", browser.View{})
	signIn(t, p, link)
	m := &moderator{t: t, p: p}
	before := 5 // reports of the example
	held(t, p, s, reports+before)
	p.Go(s.URL + "/desk")
	m.oneByOne(10)
	for m.sweep() {
	}
	// What is left by then is worth a case each, or was passed over at the list's top.
	for {
		titles, _ := m.rows()
		if len(titles) == 0 {
			break
		}
		if title := m.p.Text("#report-title"); noise(title) {
			m.enter("s")
		} else {
			m.enter("r")
		}
		m.enter("Enter")
	}
	all := reports + before
	t.Logf("%d keystrokes and %d pages for %d reports: %.2f keystrokes each", m.keys, m.loads, all, float64(m.keys)/float64(all))
	if float64(m.keys) > most*float64(all) {
		t.Errorf("%d keystrokes for %d reports are more than %.0f each", m.keys, all, most)
	}
	p.Go(s.URL + "/cases")
	if n := browser.Eval[int](p, `document.querySelectorAll("[data-row]").length`); n < reports/10 {
		t.Errorf("%d cases are open, want the %d real reports among them\n%s", n, reports/10, p.Describe())
	}
}
