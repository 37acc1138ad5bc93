package walk

import (
	"net/url"
	"regexp"
	"strings"
)

const (
	title    = "lanternd: heap overflow in the wick parser"
	vector31 = "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H"
	vector40 = "CVSS:4.0/AV:N/AC:L/AT:N/PR:N/UI:N/VC:H/VI:H/VA:H/SC:N/SI:N/SA:N"
)

// path is where the person is.
func (p *person) path() string {
	p.t.Helper()
	u, err := url.Parse(p.page.URL())
	if err != nil {
		p.t.Fatal(err)
	}
	return u.Path
}

// assesses is Ann on the case page: severity, weakness, what is affected, and its state.
func (w *world) assesses() {
	p := w.ann
	p.waits("/cases", subject)
	p.presses(subject)
	w.caseURL = p.path()
	p.reads("Received", canaryReport, "Confidential until")
	p.presses("Severity")
	p.writes("Title", title)
	p.writes("CVSS 3.1 vector", "CVSS:3.1/AV:X/AC:L")
	p.presses("Save")
	p.reads("AV")
	p.writes("CVSS 3.1 vector", vector31)
	p.writes("CVSS 4.0 vector", vector40)
	p.writes("Weaknesses", "CWE-122")
	p.presses("Save")
	p.done()
	p.visits(w.caseURL)
	p.reads(title, "Critical", "9.8", "9.3", "CWE-122")
	for _, move := range []struct{ link, state string }{{"It is valid", "Valid"}, {"Accept it", "Accepted"}} {
		p.visits(w.caseURL)
		p.presses(move.link)
		p.writes("Reason", "We have reproduced it.")
		p.pressesNear("Reason", move.link)
		p.done()
		p.reads(move.state)
	}
}

// branch is where one branch of lanternd stands.
type branch struct{ name, affected, fixed string }

// affected says for each branch of the first case where it stands.
func (w *world) affected() {
	w.affects(w.caseURL, branch{"3.x", "3.0.0 to 3.1.0", "3.1.1"}, branch{"2.x", "2.4.0 to 2.4.6", "2.4.7"})
	w.ann.visits(w.caseURL)
	w.ann.reads("lanternd 3.x", "3.1.1", "lanternd 2.x", "2.4.7")
}

func (w *world) affects(caseURL string, branches ...branch) {
	w.t.Helper()
	p := w.ann
	p.visits(caseURL + "/affected")
	for _, b := range branches {
		near := "lanternd " + b.name
		if !contains(p.page.Text("main"), near) {
			p.fails("the product's branch %q is not offered", near)
		}
		p.choosesNear(near, "Status", "Fixed")
		p.writesNear(near, "Affected versions", b.affected)
		p.writesNear(near, "First fixed version", b.fixed)
	}
	p.presses("Save")
	p.done()
}

var statusLink = regexp.MustCompile(`https://localhost:\d+/status/\S+`)

// replies: as long as no key is known the reporter gets a notice with a link; then he
// is invited, accepts the terms, gives his key, and reads the next reply encrypted.
func (w *world) replies() {
	p, r := w.ann, w.researcher
	w.write(canaryReply+" first", "Reply to everyone")
	l := w.mail.waits(r.address, "a notice of the reply", func(l letter) bool {
		return statusLink.MatchString(l.text()) && len(l.head.Get("In-Reply-To")) > 0 && !strings.Contains(l.subject, "held")
	})
	if strings.Contains(string(l.raw), "canary") {
		w.t.Errorf("the notice has content:\n%s", l.raw)
	}
	if !strings.Contains(l.head.Get("In-Reply-To")+l.head.Get("References"), r.first) {
		w.t.Errorf("the notice is not in the reporter's thread:\n%s", l.raw)
	}

	p.visits(w.caseURL + "/people")
	p.writes("Mail address", r.address)
	p.ticks("Reporter")
	p.presses("Send the invitation")
	p.done()
	rosa := w.joinCase(r.name, r.address)
	rosa.reads(title)
	w.rosa = rosa
	rosa.visits("/settings/keys")
	rosa.writes("Public key", string(r.gpg.Export(r.address)))
	rosa.presses("Add the key")
	rosa.done()

	w.write(canaryReply, "Reply to everyone")
	l = w.mail.waits(r.address, "the encrypted reply", func(l letter) bool {
		if !strings.Contains(l.head.Get("Content-Type"), "multipart/encrypted") {
			return false
		}
		text, ok := r.opened(l)
		return ok && strings.Contains(text, canaryReply)
	})
	if strings.Contains(string(l.raw), "canary") {
		w.t.Errorf("the encrypted reply has content in the clear:\n%s", l.raw)
	}
	if !strings.Contains(l.head.Get("In-Reply-To")+l.head.Get("References"), r.first) {
		w.t.Errorf("the reply is not in the reporter's thread:\n%s", l.raw)
	}
	r.reply = l
}

// write writes a message on the case page.
func (w *world) write(text, button string) {
	w.t.Helper()
	w.ann.visits(w.caseURL)
	w.ann.writes("Message", text)
	w.ann.presses(button)
	w.ann.done()
	w.ann.reads(text)
}

// joinCase is somebody invited to the case: account, terms, case.
func (w *world) joinCase(name, address string) *person {
	w.t.Helper()
	p := w.accept(name, address)
	p.visits(w.mail.link(address, "/invitations/"))
	p.reads("What is told under embargo")
	p.readsNot(title, "canary")
	p.ticks("I have read the terms")
	p.presses("Accept and open the case")
	p.done()
	return p
}

// answersBack is the reporter's signed mail, which enters by itself, and an unsigned
// one, which a member lets in.
func (w *world) answersBack() {
	p, r := w.ann, w.researcher
	to := address(r.reply.head.Get("Reply-To"))
	thread := "In-Reply-To: " + r.reply.head.Get("Message-ID")
	heads, _ := r.heads(to, "Re: "+r.reply.subject, thread, "References: "+r.first+" "+r.reply.head.Get("Message-ID"))
	r.sends(to, heads+r.signed(plain(canaryBack+"\n")))
	p.waits(w.caseURL, canaryBack)
	p.reads("Signed by a registered key")
	p.readsNot("Waits to be let in")

	heads, _ = r.heads(to, "Re: "+r.reply.subject, thread)
	r.sends(to, heads+plain("This one is not signed, "+canaryBack+"\n"))
	p.waits(w.caseURL, "Waits to be let in")
	p.reads("Unverified")
	p.presses("Let in")
	p.done()
	p.reads("The mail is part of the conversation", "Unverified")
	p.readsNot("Waits to be let in")
}

// vendor is invited as observer, accepts the terms, and reads no internal note.
func (w *world) vendor() {
	w.write(canaryNote, "Keep as internal note")
	w.ann.visits(w.caseURL + "/people")
	w.ann.writes("Mail address", "vera@vendor.example")
	w.ann.ticks("Observer")
	w.ann.presses("Send the invitation")
	w.ann.done()
	vera := w.joinCase("Vera Vendor", "vera@vendor.example")
	vera.reads(title, canaryReply)
	vera.readsNot(canaryNote)
	w.ann.visits(w.caseURL + "/timeline")
	w.ann.reads("Vera Vendor")
	w.pictures(w.ann, "timeline")
	w.ann.visits(w.caseURL)
	w.pictures(w.ann, "case")
}

func address(field string) string {
	if i := strings.LastIndexByte(field, '<'); i >= 0 {
		field = strings.TrimSuffix(field[i+1:], ">")
	}
	return strings.TrimSpace(field)
}
