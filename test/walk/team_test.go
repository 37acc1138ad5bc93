package walk

import "strings"

const terms = `What is told under embargo stays between those who accepted these terms, until its date.
Nobody tells vendors, customers or the press.`

// firstAdministrator uses the one-time link that the first start prints.
func (w *world) firstAdministrator() {
	link := w.server.Find(w.t, `First administrator \(one-time link\): (\S+)`)
	p := w.someone("Ada Admin", "ada@lanterna.example")
	w.admin = p
	p.visits(strings.TrimPrefix(link, w.server.URL))
	p.writes("Mail address", p.address)
	p.writes("Name", p.name)
	p.writes("New password", p.password)
	p.writes("Time zone", "UTC")
	p.presses("Continue")
	p.done()
	p.reads("Welcome", p.name)
}

// invite makes an account; the link arrives by mail and only there is it used.
func (w *world) invite(name, address string) *person {
	w.t.Helper()
	w.admin.visits("/admin/people")
	w.admin.writes("Mail address", address)
	w.admin.writes("Name", name)
	w.admin.presses("Invite a person")
	w.admin.done()
	return w.accept(name, address)
}

// accept opens the invitation that arrived in the Maildir.
func (w *world) accept(name, address string) *person {
	w.t.Helper()
	p := w.someone(name, address)
	p.visits(w.mail.link(address, "/link/"))
	p.reads("This link is for " + address)
	p.writes("Name", name)
	p.writes("New password", p.password)
	p.writes("Time zone", "UTC")
	p.presses("Continue")
	p.done()
	p.reads("Welcome", name)
	return p
}

// makeProject makes Lanterna with Ann as its chair, who sets lists and texts.
func (w *world) makeProject() {
	w.ann = w.invite("Ann Lamp", "ann@lanterna.example")
	p := w.admin
	p.visits("/admin/projects")
	p.writes("Name", "Lanterna")
	p.writes("Short name", slug)
	p.writes("Prefix of advisory numbers", "LAN")
	p.writes("Role address", roleAddress)
	p.chooses("Chair", w.ann.address)
	p.writes("Embargo terms", terms)
	p.presses("Make the project")
	p.done()
	p.reads("Lanterna", "LAN")
	w.acceptTerms(w.ann)
	w.ann.visits("/teams/" + slug + "/settings")
	w.ann.writes("Development list", devList)
	w.ann.writes("Announcement list", announce)
	w.ann.writes("Web site", "https://lanterna.example/")
	w.ann.writes("How we handle reports", "We answer every report. Good-faith research is welcome.")
	w.ann.writes("Publisher namespace", "https://lanterna.example")
	w.ann.writes("Publisher contact", "Mail "+roleAddress)
	w.ann.ticks("Show a public team page")
	w.ann.presses("Save")
	w.ann.done()
	w.ann.reads("Saved")
}

func (w *world) acceptTerms(p *person) {
	w.t.Helper()
	p.visits("/terms/" + slug)
	p.reads("What is told under embargo")
	p.presses("I accept")
	p.done()
}

// joinTeam brings Ben and Mei into the team. Ann is alone when Ben asks: she gives her
// own reason. For Mei one member vouches and another approves.
func (w *world) joinTeam() {
	w.ben = w.invite("Ben Wick", "ben@lanterna.example")
	w.mei = w.invite("Mei Lin", "mei@lanterna.example")
	w.ask(w.ben)
	w.decide(w.ann, w.ben, "Approve")
	w.acceptTerms(w.ben)
	w.ask(w.mei)
	w.decide(w.ben, w.mei, "Vouch")
	w.decide(w.ann, w.mei, "Approve")
	w.acceptTerms(w.mei)
	w.ann.visits("/teams/" + slug)
	w.ann.reads("Ben Wick", "Mei Lin")
}

func (w *world) ask(p *person) {
	w.t.Helper()
	p.visits("/teams/" + slug)
	p.writes("Who are you", "I maintain a part of Lanterna and stand for myself.")
	p.presses("Ask to join")
	p.done()
}

func (w *world) decide(by, about *person, button string) {
	w.t.Helper()
	by.visits("/teams/" + slug)
	by.writesNear(about.name, "Your word", "I have worked with "+about.name+" for years.")
	by.pressesNear(about.name, button)
	by.done()
}

// onDuty puts Mei on duty as moderator.
func (w *world) onDuty() {
	w.mei.visits("/teams/" + slug)
	w.mei.pressesNear(w.mei.name, "Go on duty")
	w.mei.done()
	w.mei.reads("on duty")
}
