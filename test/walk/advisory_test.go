package walk

import (
	"strings"
	"time"
)

// drafts is Ann writing the advisory of the case: what the case knows is there, what is
// missing stands beside its field.
func (w *world) drafts() {
	p := w.ann
	p.visits(w.caseURL)
	p.presses("Write the advisory")
	w.advisory = strings.TrimSuffix(p.path(), "/edit")
	p.writes("Summary", "A crafted wick file writes past a buffer on the heap of lanternd.")
	p.presses("Save and go on writing")
	p.reads("Enter this")
	p.writes("Impact", "Whoever can send a wick file runs code as lanternd.")
	p.writesNear("lanternd 3.x", "Affected versions", ">= 3.0.0, < 3.1.1")
	p.writesNear("lanternd 2.x", "Affected versions", ">= 2.4.0, < 2.4.7")
	p.writes("Workarounds", "Do not open wick files of strangers.")
	p.writes("CVE id", "CVE-2026-31337")
	p.writes("Assigned by", "Lanterna CNA")
	p.writesNear("Credits", "Name", "Rosa Finder")
	p.writesNear("Credits", "Thanked for", "finding and reporting it")
	p.writesNear("References", "Address", "https://lanterna.example/wick")
	p.writesNear("References", "What it is", "The wick format")
	p.writes("What changed", "First version.")
	w.pictures(p, "advisory-edit")
	p.presses("Save")
	p.done()
	p.readsNot("keeps it from being approved", "keep it from being approved")
	for _, kind := range []string{"csaf", "text", "html"} {
		p.visits(w.advisory + "/preview/" + kind)
		p.reads("Rosa Finder", "CVE-2026-31337")
		p.readsNot("canary")
	}
}

// approves: the author may not; Mei, who has read the previews, does.
func (w *world) approves() {
	w.ann.visits(w.advisory + "/approve")
	w.ann.reads("ask another member")
	w.decides(w.mei, w.advisory, "Approve", "Approved.")
}

// decides takes one decision about an advisory on its own page.
func (w *world) decides(p *person, advisory, button, done string) {
	w.t.Helper()
	p.visits(advisory)
	p.presses(button)
	p.pressesNear("", button)
	p.done()
	p.reads(done)
}

// embargoSoon sets the end of the embargo through the page, about two minutes ahead: a
// person has to arm and confirm within them, on a machine with much else to do.
func (w *world) embargoSoon() {
	p := w.ann
	p.visits(w.caseURL + "/embargo")
	w.pictures(p, "embargo")
	w.until = time.Now().UTC().Add(100 * time.Second).Truncate(time.Minute).Add(time.Minute)
	p.ticks("Shorten")
	p.writes("Until", w.until.Format("2006-01-02T15:04"))
	p.writes("Time zone", "UTC")
	p.writes("Reason", "The fix is ready in both branches.")
	p.presses("Show what this does")
	p.done()
	p.reads("Shorten the embargo?", "may not tell before", w.until.Format("15:04"))
	p.presses("Shorten the embargo")
	p.done()
	p.reads("The embargo is shorter", w.until.Format("15:04"))
}

// arms: armed by one, confirmed by another, held by a third with a reason, and let go.
func (w *world) arms() {
	w.decides(w.ann, w.advisory, "Arm", "Armed.")
	w.decides(w.mei, w.advisory, "Confirm", "Confirmed.")
	p := w.mei
	p.visits(w.advisory + "/hold")
	p.writes("Reason", "One more look at the fix.")
	p.presses("Hold")
	p.done()
	p.reads("Held", "One more look at the fix")
	w.decides(w.ann, w.advisory, "Release the hold", "The hold is released.")
	w.ann.reads("nothing keeps it from being published")
	w.pictures(w.ann, "advisory-armed")
	if _, code := w.asks("/advisories/" + slug + "/lan-" + year() + "-0001.html"); code != 404 {
		w.t.Errorf("the advisory is there before its embargo has ended: status %d", code)
	}
}

func year() string { return time.Now().UTC().Format("2006") }

// asks fetches a public address and returns its bytes and status.
func (w *world) asks(path string) (string, int) {
	w.t.Helper()
	answer, err := w.server.Client.Get(w.server.URL + path)
	if err != nil {
		w.t.Fatal(err)
	}
	defer answer.Body.Close()
	return read(w.t, answer.Body), answer.StatusCode
}

// published waits for the end of the embargo: the number, the files, the list mails.
func (w *world) published() {
	p := w.ann
	w.number = "LAN-" + year() + "-0001"
	until(w.t, time.Until(w.until)+patience, func() bool {
		_, code := w.asks("/advisories/" + slug + "/" + strings.ToLower(w.number) + ".html")
		return code == 200
	}, func() { p.visits(w.advisory); p.fails("the embargo has ended, and %s is not published", w.number) })
	if early := time.Until(w.until); early > 0 {
		w.t.Errorf("published %s before the embargo's end", early)
	}
	w.logf("published %.1fs after the embargo's end", time.Since(w.until).Seconds())
	w.stepsDone(w.advisory)
	p.reads(w.number, "Published")
	w.listMails(w.number)
	p.visits(w.caseURL)
	p.reads(w.number)
}

// stepsDone waits until the tree was checked and both lists were told.
func (w *world) stepsDone(advisory string) {
	w.t.Helper()
	until(w.t, patience, func() bool {
		w.ann.visits(advisory)
		return strings.Count(w.ann.page.Text("main"), "Done") >= 3
	}, func() { w.ann.fails("the steps after the publication are not done") })
}

// listMails wants one mail about the number in the Maildir of each list, first to those who develop.
func (w *world) listMails(number string) {
	w.t.Helper()
	for _, list := range []string{devList, announce} {
		l := w.mail.waits(list, "the mail about "+number, func(l letter) bool { return strings.Contains(l.subject, number) })
		if strings.Contains(string(l.raw), "canary") || !strings.Contains(l.text(), "wick") {
			w.t.Errorf("the mail to %s is not the approved text:\n%s", list, l.raw)
		}
	}
}

// secondAdvisory is about what is public already: no embargo, published at once.
func (w *world) secondAdvisory() {
	p := w.ann
	p.visits("/cases/new")
	p.chooses("Project", "Lanterna")
	p.writes("Title", "lanternd: wick files crash the viewer")
	p.writes("What was found", "A posting on the list shows it.")
	p.writes("Why the case is opened", "Somebody posted it.")
	p.ticks("The problem is already public")
	p.writes("Where it is public", "https://lists.lanterna.example/1")
	p.presses("Open the case")
	p.done()
	p.reads("The case is open")
	at := p.path()
	w.affects(at, branch{"3.x", "< 3.1.2", "3.1.2"}, branch{"2.x", "< 2.4.8", "2.4.8"})
	p.visits(at)
	p.presses("Write the advisory")
	w.second = strings.TrimSuffix(p.path(), "/edit")
	p.writes("Summary", "A wick file without a wick crashes the viewer.")
	p.writes("Impact", "The viewer ends.")
	p.writes("CVSS 3.1 vector", "CVSS:3.1/AV:L/AC:L/PR:N/UI:R/S:U/C:N/I:N/A:L")
	p.writes("Without a CVE id, because", "A crash without further effect.")
	p.writes("What changed", "First version.")
	p.presses("Save")
	p.done()
	w.decides(w.mei, w.second, "Approve", "Approved.")
	w.decides(p, w.second, "Publish now", "It is being published.")
}

// revises corrects the second advisory after its publication.
func (w *world) revises() {
	p := w.ann
	w.stepsDone(w.second)
	p.presses("Correct")
	p.writes("Details", "Versions before 2.0 are not affected.")
	p.writes("What changed", "Details about old versions.")
	p.presses("Save")
	p.done()
	p.reads("Correction in work")
	w.decides(w.mei, w.second, "Approve", "Approved.")
	w.decides(p, w.second, "Publish now", "It is being published.")
	p.waits(w.second, "Details about old versions")
	until(w.t, patience, func() bool {
		p.visits(w.second)
		return !contains(p.page.Text("main"), "Correction in work") && strings.Count(p.page.Text("main"), "Done") >= 3
	}, func() { p.fails("the correction is not published") })
}
