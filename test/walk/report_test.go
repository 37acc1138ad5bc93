package walk

import (
	"encoding/json"
	"io"
	"net/url"
	"path/filepath"
	"strings"

	"github.com/tocsin-sec/tocsin/test/browser"
)

// What must never be found outside of the sealed case.
const (
	canaryReport = "canary-oil-valve-7f3a overflows the lamp parser"
	canaryFile   = "canary-proof-of-concept-91c4"
	canaryReply  = "canary-we-can-reproduce-it-55d0"
	canaryNote   = "canary-only-for-the-team-e2b8"
	canaryBack   = "canary-more-from-the-finder-08aa"
	subject      = "A problem in Lanterna"
)

// products gives Lanterna a product with two stable branches.
func (w *world) products() {
	p := w.ann
	p.visits("/products/new")
	p.chooses("Project", "Lanterna")
	p.writes("Name", "lanternd")
	p.writes("Package URL", "pkg:generic/lanternd")
	p.writes("Branches", "3.x maintained\n2.x maintained until 2028-05-31")
	p.writes("Releases", "3.1.0 3.x 2026-03-01\n2.4.6 2.x 2026-01-10")
	p.presses("Save")
	p.done()
	p.reads("lanternd", "3.x", "2.x", "maintained")
}

// gets fetches a public address without any session, as anybody may.
func (w *world) gets(path string) []byte {
	w.t.Helper()
	answer, err := w.server.Client.Get(w.server.URL + path)
	if err != nil {
		w.t.Fatal(err)
	}
	defer answer.Body.Close()
	raw, err := io.ReadAll(answer.Body)
	if err != nil {
		w.t.Fatal(err)
	}
	if answer.StatusCode != 200 {
		w.t.Fatalf("GET %s: %s\n%s", path, answer.Status, raw)
	}
	return raw
}

// mailReport is a researcher who reads the site without script, takes the key from it
// and mails an encrypted report with two attachments.
func (w *world) mailReport() {
	r := w.newResearcher("Rosa Finder", "rosa@research.example")
	w.researcher = r
	reader := &person{t: w.t, site: w.server.URL, name: r.name, page: w.chromium.Person().Open(w.server.URL+"/reporting", browser.View{NoScript: true})}
	reader.reads("Research in good faith is welcome", roleAddress)
	href := w.keyLink(reader)
	r.gpg.Run(w.gets(href), "--import")
	w.signingKeys(r)

	text := "Hello,\n\n" + canaryReport + ".\nThe two files show it.\n\nRosa\n"
	files := map[string][]byte{"crash.log": []byte("lanternd: " + canaryFile + "\n"), "poc.bin": []byte("\x00\x01\x02" + canaryFile + "\xff")}
	body := r.encrypted(withFiles(text, files, "crash.log", "poc.bin"), "--recipient", roleAddress, "--local-user", r.address)
	heads, id := r.heads(roleAddress, subject)
	r.first = id
	r.sends(roleAddress, heads+body)
}

// signingKeys imports the keys with which the team signs, as provider-metadata.json names them.
func (w *world) signingKeys(r *researcher) {
	w.t.Helper()
	var meta struct {
		Keys []struct {
			URL string `json:"url"`
		} `json:"public_openpgp_keys"`
	}
	if err := json.Unmarshal(w.gets("/csaf/"+slug+"/provider-metadata.json"), &meta); err != nil {
		w.t.Fatal(err)
	}
	if len(meta.Keys) == 0 {
		w.t.Error("provider-metadata.json names no key")
	}
	for _, k := range meta.Keys {
		r.gpg.Run(w.gets(strings.TrimPrefix(k.URL, w.server.URL)), "--import")
	}
}

// keyLink waits until the page of how to report offers the team's key.
func (w *world) keyLink(reader *person) string {
	w.t.Helper()
	var href string
	until(w.t, patience, func() bool {
		reader.visits("/reporting")
		href = browser.Eval[string](reader.page, `document.querySelector('main a[href*="openpgp"]')?.href ?? ""`)
		if href == "" {
			return false
		}
		answer, err := w.server.Client.Get(href)
		if err != nil {
			return false
		}
		answer.Body.Close()
		return answer.StatusCode == 200
	}, func() { reader.fails("the page offers no OpenPGP key that can be fetched (%s)", href) })
	u, err := url.Parse(href)
	if err != nil {
		w.t.Fatal(err)
	}
	return u.Path
}

// heldAnswer is the one fixed answer to a new report.
func (w *world) heldAnswer() {
	l := w.mail.waits(w.researcher.address, "the answer that it is held", func(l letter) bool { return strings.Contains(l.subject, "held for moderation") })
	if got := l.head.Get("Auto-Submitted"); got != "auto-replied" {
		w.t.Errorf("the answer has Auto-Submitted %q", got)
	}
	if !strings.Contains(l.head.Get("In-Reply-To"), w.researcher.first) {
		w.t.Errorf("the answer is not in the reporter's thread: In-Reply-To %q, want %s", l.head.Get("In-Reply-To"), w.researcher.first)
	}
	for _, secret := range []string{"canary", subject, "crash.log"} {
		if strings.Contains(l.subject+l.text(), secret) {
			w.t.Errorf("the answer repeats %q of the report:\n%s", secret, l.raw)
		}
	}
}

// moderates is Mei at the list of held reports, by keyboard.
func (w *world) moderates() {
	p := w.mei
	p.waits("/desk", subject)
	p.reads(canaryReport, "crash.log", "poc.bin", "encrypted")
	p.presses("Signatures and origin")
	p.reads("research.example, the sender’s own domain, sent it", "research.example allows this server", "which nobody registered")
	w.pictures(p, "held")
	w.ben.visits("/desk") // he is not on duty
	w.ben.readsNot(subject, "canary")

	keys := func(key string) { p.page.Navigates(func() { p.page.PressKeys(key) }) }
	keys("r")
	p.reads("Release into a case", "A case opens for each report")
	keys("Enter")
	p.done()
	p.reads("Released: a case is open")
	if n := len(w.answers()); n != 1 {
		w.t.Errorf("%d answers that the report is held, want exactly one", n)
	}
}

func (w *world) answers() []letter {
	var out []letter
	for _, l := range w.mail.to(w.researcher.address) {
		if strings.Contains(l.subject, "held for moderation") {
			out = append(out, l)
		}
	}
	return out
}

// formReport is somebody who uses the web form, without script.
func (w *world) formReport() {
	p := &person{t: w.t, site: w.server.URL, name: "Fred Form", page: w.chromium.Person().Open(w.server.URL+"/report/"+slug, browser.View{NoScript: true})}
	p.reads("Good-faith research is welcome", "business days")
	p.presses("Send the report")
	p.reads("Say what you found")
	p.writes("What did you find", "The lamp goes out. canary-form-report-31f7")
	p.writes("In one line", "The lamp goes out")
	p.writes("Your mail address", "fred@form.example")
	p.writes("Do you have a date of your own", "2027-03-01")
	p.writes("Whom shall we credit", "Fred Form")
	file := filepath.Join(w.t.TempDir(), "trace.txt")
	writeFile(w.t, file, "canary-form-file-31f7")
	p.page.Upload("#f-files", file)
	// Whoever is as quick as this test looks like a machine and is asked to send again.
	until(w.t, patience, func() bool {
		p.presses("Send the report")
		return contains(p.page.Text("body"), "Keep this link")
	}, func() { p.fails("the form is not taken") })
	p.reads("waits for a moderator")
	w.mail.waits("fred@form.example", "the answer to the form", func(l letter) bool { return strings.Contains(l.subject, "held for moderation") })

	w.mei.waits("/desk", "The lamp goes out")
	w.mei.pressesNear("", "The lamp goes out")
	w.mei.reads("What the reporter says", "Fred Form", "2027-03-01", "trace.txt", "No")
	w.mei.page.Click(`input[type=checkbox][name=id]`)
	w.mei.presses("Spam")
	w.mei.reads("Nobody gets a letter")
	w.mei.presses("Spam")
	w.mei.done()
	w.mei.reads("Marked as spam", "Nothing waits here")
}
